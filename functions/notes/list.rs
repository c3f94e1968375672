//! `GET /v1/tickets/{number}/notes`: lists a ticket's staff notes, oldest first.

use api::{NoteView, Paging, Reply, Request};
use desk::Desk;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), list).await
}

async fn list((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor(tokens)?;
    let (paging, _) = Paging::read(&request, &actor, &[])?;
    let page = desk.notes(request.ticket_number()?, &actor, paging.page_request()).await?;
    paging.reply(page, NoteView::from)
}
