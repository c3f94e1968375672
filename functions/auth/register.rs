//! `POST /v1/auth/register`: mails the link with which a new user chooses a password. Every address
//! gets the same response.

use api::{Reply, Request};
use desk::register::Registrations;
use domain::user::Registration;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Registrations::open(&config).await?, register).await
}

async fn register(registrations: &Registrations, request: Request) -> api::Result<Reply> {
    let registration = Registration::from_body(request.json()?)?;
    let language = api::language_of(&request);
    let registered = registrations.register(registration, language, request.network(), request.received_at()).await;
    registered.map_err(|refused| request.refused(refused))?;
    Ok(Reply::accepted())
}
