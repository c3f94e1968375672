//! `POST /v1/auth/login`: signs a user in on a device.

use api::{Reply, Request, SessionCookie};
use desk::sign_in::SignIns;
use domain::user::Credentials;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    let state = (SignIns::open(&config).await?, SessionCookie::configured(&config)?);
    api::serve(&config, state, login).await
}

async fn login((sign_ins, cookie): &(SignIns, SessionCookie), request: Request) -> api::Result<Reply> {
    let transport = cookie.transport(&request)?;
    let credentials = Credentials::from_body(request.json()?)?;
    let signed_in = sign_ins.sign_in(&credentials, request.network(), request.received_at()).await;
    let tokens = signed_in.map_err(|refused| request.refused(refused))?;
    transport.reply(tokens, None, request.received_at())
}
