//! `GET` and `POST /v1/auth/email/verify/{token}`: serves the link in the mail to the new address of
//! an account.
//!
//! The page has a button that sends the POST, which gives the account the address. A GET changes
//! nothing, because programs that look for malware open the links of a mail. The route is public
//! because the token is the permission.

use api::{Reply, Request};
use desk::Desk;
use edges::Fatal;
use edges::auth::EmailToken;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::open(&config).await?, verify_email).await
}

async fn verify_email(desk: &Desk, request: Request) -> api::Result<Reply> {
    let token: EmailToken = request.path_parameter("token")?;
    if request.method() != "POST" {
        return api::verification_page(&request);
    }
    let verified = desk.verify_email(&token, request.received_at()).await;
    api::verified(&request, verified.map_err(Into::into))
}
