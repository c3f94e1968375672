//! `DELETE /v1/me/sessions/{id}`: signs a device of the caller out. The device gets no more access
//! tokens.

use api::{Reply, Request};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, end).await
}

async fn end((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::ManageOwnAccount, callers).await?;
    desk.end_session(&caller.person, request.path_parameter("id")?, request.received_at()).await?;
    Ok(Reply::no_content())
}
