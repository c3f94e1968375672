//! `GET` and `POST /v1/unsubscribe/{token}`: serves the address in a mail's `List-Unsubscribe`
//! header.
//!
//! A mail program ends the recipient's mails with a POST (RFC 8058). A person who opens the address
//! gets a page with a button that does the same. A GET changes nothing. The route is public because
//! the token is the permission. No response reveals whether the token was valid.

use api::{Reply, Request};
use desk::Desk;
use edges::Fatal;
use edges::auth::UnsubscribeToken;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::open(&config).await?, unsubscribe).await
}

async fn unsubscribe(desk: &Desk, request: Request) -> api::Result<Reply> {
    let token: UnsubscribeToken = request.path_parameter("token")?;
    if request.method() != "POST" {
        return api::unsubscribe_page(&request);
    }
    desk.unsubscribe(&token).await?;
    api::unsubscribed(&request)
}
