//! `POST /v1/tickets/{number}/comments` — somebody says something on a ticket. A requester's comment reopens a resolved one.

use domain::field::Fields;
use domain::text::CommentBody;
use domain::ticket::Outcome;
use platform::auth::AccessTokens;
use platform::change::change_ticket;
use platform::http::{self, CommentView, Problem, Reply, Request};
use platform::store::Store;
use platform::{Fatal, clock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), create).await
}

async fn create((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor(tokens)?;
    let number = request.ticket_number()?;
    let body: CommentBody = Fields::read(request.json()?, |fields| fields.required("body"))?;
    let changed = change_ticket(store, number, &actor, |ticket| {
        let stamps = [clock::stamp(), clock::stamp()];
        let change = ticket.comment(body.clone(), &actor, stamps)?;
        Ok(Outcome::Changed(Box::new(change)))
    })
    .await?;
    let comment =
        changed.entries.into_iter().next().ok_or_else(|| Problem::Internal("a comment left no entry".into()))?;
    Reply::created_within(&CommentView::from(comment))
}
