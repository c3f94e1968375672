//! What endpoints that change or look into a ticket share.

use domain::field::Violations;
use domain::id::TicketNumber;
use domain::ticket::{CommandRequest, Head, Outcome};
use domain::user::Person;
use serde_json::Value;

use super::{Problem, Reply, Request};
use crate::auth::AccessTokens;
use crate::change::change_ticket;
use crate::clock;
use crate::store::Store;

/// Gives the ticket that the request's path names the command that its body holds, as `read` reads it.
///
/// # Errors
/// What the domain refuses; [`Problem::Conflict`] if others never let it through; what the request itself is refused with.
pub async fn command(
    store: &Store,
    tokens: &AccessTokens,
    request: &Request,
    read: impl FnOnce(Value) -> Result<CommandRequest, Violations>,
) -> Result<Reply, Problem> {
    let actor = request.actor(tokens)?;
    let number = request.ticket_number()?;
    let command = read(request.json_or_empty()?)?;
    let changed = change_ticket(store, number, &actor, |ticket| {
        let change = ticket.execute(command.clone(), &actor, clock::stamp())?;
        Ok(Outcome::Changed(Box::new(change)))
    })
    .await?;
    Reply::ticket(changed.ticket, &actor)
}

/// The head of a ticket that this person may know of.
///
/// # Errors
/// [`Problem::NotFound`] if there is none, or they may not.
pub async fn visible_head(store: &Store, number: TicketNumber, actor: &Person) -> Result<Head, Problem> {
    let head = store.head(number).await?.ok_or(Problem::NotFound)?;
    head.check_seen_by(actor)?;
    Ok(head)
}
