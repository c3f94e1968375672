//! `POST /v1/auth/login`: signs a user in on a device.

use api::{Reply, Request, TokensView};
use desk::sign_in::SignIns;
use domain::user::Credentials;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, SignIns::open(&config).await?, login).await
}

async fn login(sign_ins: &SignIns, request: Request) -> api::Result<Reply> {
    let credentials = Credentials::from_body(request.json()?)?;
    let signed_in = sign_ins.sign_in(&credentials, request.network(), request.received_at()).await;
    let tokens = signed_in.map_err(|refused| request.refused(refused))?;
    Reply::ok(&TokensView::from(tokens))
}
