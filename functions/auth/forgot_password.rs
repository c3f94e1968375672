//! `POST /v1/auth/password/forgot`: mails a password reset link, if the address has an account.
//! Every address gets the same response.

use api::{Reply, Request};
use desk::passwords::PasswordResets;
use domain::user::PasswordResetRequest;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, PasswordResets::open(&config).await?, forgot_password).await
}

async fn forgot_password(resets: &PasswordResets, request: Request) -> api::Result<Reply> {
    let PasswordResetRequest { email } = PasswordResetRequest::from_body(request.json()?)?;
    let requested = resets.request(&email, request.network(), request.received_at()).await;
    requested.map_err(|refused| request.refused(refused))?;
    Ok(Reply::accepted())
}
