//! `POST /v1/tickets/{number}/comments`: adds a comment to a ticket. A requester's comment reopens
//! a resolved ticket.

use api::{CommentView, Problem, Reply, Request, as_stored, reply_or_replay};
use desk::Changed;
use desk::Desk;
use domain::field::Fields;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), create).await
}

async fn create((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor(tokens)?;
    let body = Fields::read(request.json()?, |fields| fields.required("body"))?;
    let reply = |commented: &Changed<()>| {
        let comment = commented.entries.first().cloned();
        let comment = comment.ok_or_else(|| Problem::Internal("a comment wrote no log entry".into()))?;
        Reply::created_without_location(&CommentView::from(comment))
    };
    let preconditions = request.preconditions(&actor)?;
    let done = desk.comment(request.ticket_number()?, body, &actor, &preconditions, &as_stored(&reply)).await?;
    reply_or_replay(done, reply)
}
