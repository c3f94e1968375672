//! `POST /v1/auth/register`: creates an account for a new user.

use api::{Reply, Request, UserView};
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
    let registered = registrations.register(registration, request.network(), request.received_at()).await;
    let user = registered.map_err(|refused| request.refused(refused))?;
    Reply::created(format!("/v1/users/{}", user.id), &UserView::from(user))
}
