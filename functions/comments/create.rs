//! `POST /v1/tickets/{number}/comments` — somebody says something on a ticket. A requester's comment reopens a resolved one.

use domain::field::Fields;
use domain::text::CommentBody;
use domain::ticket::{Outcome, Ticket};
use platform::auth::AccessTokens;
use platform::http::{self, CommentView, Problem, Reply, Request, answered};
use platform::store::Store;
use platform::{Fatal, clock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), create).await
}

async fn create((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor(tokens)?;
    let body: CommentBody = Fields::read(request.json()?, |fields| fields.required("body"))?;
    let comment = |ticket: Ticket| {
        let stamps = [clock::stamp(), clock::stamp()];
        let change = ticket.comment(body.clone(), &actor, stamps)?;
        Ok(Outcome::Changed(Box::new(change)))
    };
    answered(store, &request, &actor, comment, |changed| {
        let comment = changed.entries.first().cloned();
        let comment = comment.ok_or_else(|| Problem::Internal("a comment left no entry".into()))?;
        Reply::created_within(&CommentView::from(comment))
    })
    .await
}
