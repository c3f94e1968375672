//! `GET /v1/me/sessions`: lists the devices that the caller is signed in on.

use api::{Paging, Reply, Request, SessionView};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, Desk::with_callers(&config).await?, list).await
}

async fn list((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::SeeOwnAccount, callers).await?;
    let (paging, _) = Paging::read(&request, caller.actor(), &[])?;
    let page = desk.sessions(caller.person.id, request.received_at(), paging.page_request()).await?;
    paging.reply(page, |session| SessionView::of(&session, caller.session_id()))
}
