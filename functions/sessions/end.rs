//! `DELETE /v1/me/sessions/{id}`: signs a device of the caller out. The device gets no more access
//! tokens.

use api::{Reply, Request};
use desk::Desk;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Desk::open(&config).await?, AccessTokens::open(&config)?), end).await
}

async fn end((desk, tokens): &(Desk, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.authorize(DeskAction::ManageOwnAccount, tokens)?;
    desk.end_session(&actor, request.path_parameter("id")?, request.received_at()).await?;
    Ok(Reply::no_content())
}
