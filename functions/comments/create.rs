//! `POST /v1/tickets/{number}/comments` — somebody says something on a ticket. A requester's comment reopens a resolved one.

use api::{CommentView, Problem, Reply, Request, answered};
use domain::field::Fields;
use domain::text::CommentBody;
use domain::ticket::{Outcome, Ticket};
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Store;
use edges::{Fatal, clock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), create).await
}

async fn create((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
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
