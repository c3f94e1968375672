//! What endpoints that change a ticket share.

use desk::{Changed, Desk, Done};
use domain::field::Violations;
use domain::ticket::CommandRequest;
use domain::user::Person;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::store::Answer;
use serde_json::Value;

use super::{Problem, Reply, Request};

/// Gives the ticket that the request's path names the command that its body holds, as `read` reads it.
pub async fn command(
    (desk, tokens): &(Desk, AccessTokens),
    request: &Request,
    read: impl FnOnce(Value) -> Result<CommandRequest, Violations>,
) -> Result<Reply, Problem> {
    let actor = request.actor(tokens)?;
    let command = read(request.json_or_empty()?)?;
    let (terms, reply) = (request.terms(&actor)?, ticket_as(&actor));
    let done = desk.execute(request.ticket_number()?, command, &actor, &terms, &kept(&reply)).await?;
    answered(done, reply)
}

/// Shows this person the ticket that was changed.
pub fn ticket_as(actor: &Person) -> impl Fn(&Changed) -> Result<Reply, Problem> + Sync {
    |changed| Reply::ticket(changed.ticket.clone(), actor)
}

/// Has a use case keep what `reply` says, for the same request again.
pub fn kept<T>(reply: &(impl Fn(&T) -> Result<Reply, Problem> + Sync)) -> impl Fn(&T) -> Result<Answer, Fatal> + Sync {
    |done| reply(done).map(|reply| reply.to_answer()).map_err(|problem| problem.slug().into())
}

/// Answers what `reply` says of what was done, or as the same request was answered before.
pub fn answered<T>(done: Done<T>, reply: impl Fn(&T) -> Result<Reply, Problem>) -> Result<Reply, Problem> {
    match done {
        Done::Now(done) => reply(&done),
        Done::Before(answer) => Ok(Reply::replayed(answer)),
    }
}
