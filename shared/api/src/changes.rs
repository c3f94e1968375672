//! Helpers shared by the endpoints that change a ticket.

use desk::{Callers, Changed, Desk, Done};
use domain::field::Violations;
use domain::lifecycle::Command;
use domain::permission::Actor;
use domain::permission::TicketAction;
use domain::ticket::CommandRequest;
use edges::Fatal;
use edges::store::StoredResponse;
use serde_json::Value;

use super::{Problem, Reply, Request};

/// Executes the command in the request's body, as parsed by `read`, on the ticket that the path
/// names.
pub async fn execute_command(
    (desk, callers): &(Desk, Callers),
    request: &Request,
    command: Command,
    read: impl FnOnce(Value) -> Result<CommandRequest, Violations>,
) -> Result<Reply, Problem> {
    let caller = request.authorize_ticket(TicketAction::Command(command), callers).await?;
    let actor = caller.actor();
    let command = read(request.json_or_empty()?)?;
    let (preconditions, reply) = (request.preconditions(actor)?, ticket_reply(actor));
    let done = desk.execute(request.ticket_number()?, command, actor, &preconditions, &as_stored(&reply)).await?;
    reply_or_replay(done, reply)
}

/// Replies with the changed ticket as this actor sees it.
pub fn ticket_reply(actor: Actor<'_>) -> impl Fn(&Changed) -> Result<Reply, Problem> + Sync {
    move |changed| Reply::ticket(changed.ticket.clone(), actor)
}

/// Returns a function that builds the response to store for replays, as `reply` writes it.
pub fn as_stored<T>(
    reply: &(impl Fn(&T) -> Result<Reply, Problem> + Sync),
) -> impl Fn(&T) -> Result<StoredResponse, Fatal> + Sync {
    |done| reply(done).map(|reply| reply.to_stored_response()).map_err(|problem| problem.slug().into())
}

/// Returns `reply` if the request was executed now, or replays the stored response.
pub fn reply_or_replay<T>(done: Done<T>, reply: impl Fn(&T) -> Result<Reply, Problem>) -> Result<Reply, Problem> {
    match done {
        Done::Executed(done) => reply(&done),
        Done::Replayed(response) => Ok(Reply::replayed(response)),
    }
}
