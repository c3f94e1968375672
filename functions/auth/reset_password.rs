//! `POST /v1/auth/password/reset`: sets a password with a mailed token. A reset signs out all of the
//! user's devices, and a registration creates the account.

use api::{Reply, Request};
use desk::Desk;
use domain::user::PasswordReset;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::open(&config).await?, reset_password).await
}

async fn reset_password(desk: &Desk, request: Request) -> api::Result<Reply> {
    let reset = PasswordReset::from_body(request.json()?)?;
    desk.reset_password(&reset, request.network(), request.received_at()).await?;
    Ok(Reply::no_content())
}
