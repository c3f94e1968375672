//! `GET /v1/tickets/{number}/events`: lists a ticket's events, oldest first.

use api::{EventView, Paging, Reply, Request};
use desk::Desk;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::LogKind;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), list).await
}

async fn list((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor(tokens)?;
    let (paging, _) = Paging::read(&request, &actor, &[])?;
    let page = desk.log(request.ticket_number()?, LogKind::Events, &actor, paging.page_request()).await?;
    paging.reply(page, EventView::from)
}
