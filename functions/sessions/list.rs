//! `GET /v1/me/sessions`: lists the devices that the caller is signed in on.

use api::{Paging, Reply, Request, SessionView};
use desk::Desk;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), list).await
}

async fn list((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let bearer = request.authorize_bearer(DeskAction::SeeOwnAccount, tokens)?;
    let (paging, _) = Paging::read(&request, &bearer.person, &[])?;
    let page = desk.sessions(bearer.person.id, request.received_at(), paging.page_request()).await?;
    paging.reply(page, |session| SessionView::of(&session, bearer.session_id))
}
