//! `GET /v1/me/sessions`: lists the devices that the caller is signed in on.

use api::{Paging, Reply, Request, SessionView};
use desk::{Callers, Desk};
use domain::permission::{Actor, DeskAction};
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, Desk::with_callers(&config).await?, list).await
}

async fn list((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let bearer = request.authorize_session(DeskAction::ManageOwnAccount, callers).await?;
    let (paging, _) = Paging::read(&request, Actor::of(&bearer.person), &[])?;
    let page = desk.sessions(bearer.person.id, request.received_at(), paging.page_request()).await?;
    paging.reply(page, |session| SessionView::of(&session, bearer.session_id))
}
