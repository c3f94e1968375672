//! `GET /v1/tickets/{number}/timeline` — what happened to a ticket and what was said on it, in order.

use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Paging, Reply, Request, TimelineItem, visible_head};
use platform::store::{LogKind, LogOrder, Store};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), get).await
}

async fn get((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor(tokens)?;
    let (paging, query) = Paging::read(&request, &actor, &["order"])?;
    let order = query.parse("order", "asc or desc", |order| match order {
        "asc" => Some(LogOrder::OldestFirst),
        "desc" => Some(LogOrder::NewestFirst),
        _ => None,
    })?;
    let ticket = visible_head(store, request.ticket_number()?, &actor).await?.number;
    let order = order.unwrap_or(LogOrder::OldestFirst);
    let page = store.log(ticket, LogKind::All, order, paging.after(), paging.limit).await?;
    paging.reply(page, TimelineItem::from)
}
