//! `POST /v1/tickets/{number}/comments`: adds a comment to a ticket. A requester's comment reopens
//! a resolved ticket.

use api::{CommentView, Problem, Reply, Request, as_stored, reply_or_replay};
use desk::{Callers, Changed, Desk};
use domain::field::Fields;
use domain::limit::Limits;
use domain::permission::TicketAction;
use edges::Fatal;
use edges::config::Config;
use edges::limits;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    let per_hour = limits::comments_per_hour(&config)?;
    let (desk, callers) = Desk::with_callers(&config).await?;
    api::serve(&config, (desk, callers, per_hour), create).await
}

async fn create((desk, callers, limits): &(Desk, Callers, Limits), request: Request) -> api::Result<Reply> {
    let caller = request.authorize_ticket(TicketAction::Comment, callers).await?;
    let body = Fields::read(request.json()?, |fields| fields.required("body"))?;
    let reply = |commented: &Changed<()>| {
        let comment = commented.entries.first().cloned();
        let comment = comment.ok_or_else(|| Problem::Internal("a comment wrote no log entry".into()))?;
        Reply::created_without_location(&CommentView::from(comment))
    };
    let preconditions = request.preconditions(caller.actor())?.with_limit(caller.limit(*limits));
    let done = desk.comment(request.ticket_number()?, body, caller.actor(), &preconditions, &as_stored(&reply)).await?;
    reply_or_replay(done, reply)
}
