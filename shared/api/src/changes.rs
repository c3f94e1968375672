//! What endpoints that change or look into a ticket share.

use std::future::Future;

use desk::change::{Changed, Done, Terms, change_ticket};
use domain::field::Violations;
use domain::id::TicketNumber;
use domain::ticket::{CommandRequest, Head, Outcome, Refusal, Ticket};
use domain::user::Person;
use edges::auth::AccessTokens;
use edges::clock;
use edges::store::{CommitError, Store};
use serde_json::Value;

use super::{Problem, Reply, Request};

/// Gives the ticket that the request's path names the command that its body holds, as `read` reads it.
///
/// # Errors
/// As [`changed`], and what the request itself is refused with.
pub async fn command(
    store: &Store,
    tokens: &AccessTokens,
    request: &Request,
    read: impl FnOnce(Value) -> Result<CommandRequest, Violations>,
) -> Result<Reply, Problem> {
    let actor = request.actor(tokens)?;
    let command = read(request.json_or_empty()?)?;
    changed(store, request, &actor, |ticket| {
        let change = ticket.execute(command.clone(), &actor, clock::stamp())?;
        Ok(Outcome::Changed(Box::new(change)))
    })
    .await
}

/// Changes the ticket that the request's path names, on the terms the request has, and answers with it.
///
/// # Errors
/// What `decide` refuses with; [`Problem::NotFound`]; [`Problem::PreconditionFailed`]; [`Problem::IdempotencyKeyReused`];
/// [`Problem::Conflict`] if others never let it through.
pub async fn changed(
    store: &Store,
    request: &Request,
    actor: &Person,
    decide: impl Fn(Ticket) -> Result<Outcome, Refusal>,
) -> Result<Reply, Problem> {
    answered(store, request, actor, decide, |changed| Reply::ticket(changed.ticket.clone(), actor)).await
}

/// As [`changed`], with another answer.
///
/// # Errors
/// As [`changed`].
pub async fn answered(
    store: &Store,
    request: &Request,
    actor: &Person,
    decide: impl Fn(Ticket) -> Result<Outcome, Refusal>,
    answer: impl Fn(&Changed) -> Result<Reply, Problem>,
) -> Result<Reply, Problem> {
    let (number, terms) = (request.ticket_number()?, request.terms(actor)?);
    let kept =
        |changed: &Changed| answer(changed).map(|reply| reply.to_answer()).map_err(|problem| problem.slug().into());
    match change_ticket(store, number, actor, &terms, decide, kept).await? {
        Done::Now(changed) => answer(&changed),
        Done::Before(answer) => Ok(Reply::replayed(answer)),
    }
}

/// The reply, once what it answers is committed; or the answer of the same request, if that was faster under the same key.
///
/// # Errors
/// Why it was not committed.
pub async fn committed(
    store: &Store,
    terms: &Terms,
    reply: Reply,
    commit: impl Future<Output = Result<(), CommitError>>,
) -> Result<Reply, Problem> {
    match commit.await {
        Ok(()) => Ok(reply),
        Err(CommitError::Replayed) => terms.replay(store).await?.map(Reply::replayed).ok_or(Problem::Conflict),
        Err(error) => Err(error.into()),
    }
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
