//! `GET /v1/tickets/{number}/comments` — what was said on a ticket, oldest first.

use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, CommentView, Paging, Reply, Request, visible_head};
use platform::store::{LogKind, LogOrder, Store};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), list).await
}

async fn list((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor(tokens)?;
    let (paging, _) = Paging::read(&request, &actor, &[])?;
    let ticket = visible_head(store, request.ticket_number()?, &actor).await?.number;
    let (after, limit) = (paging.after(), paging.limit);
    let page = store.log(ticket, LogKind::Comments, LogOrder::OldestFirst, after, limit).await?;
    paging.reply(page, CommentView::from)
}
