//! No route: creates an admin, including the first one, for a caller with the permission to invoke
//! this function.
//!
//! The payload is `events/users-create-admin.json`. Invoke it with `cargo lambda invoke` locally,
//! or with `aws lambda invoke` once deployed.

use api::UserView;
use desk::AccountError;
use desk::Desk;
use domain::user::NewAccount;
use edges::Fatal;
use edges::clock::{self, Deadline};
use edges::config::Config;
use edges::json::Payload;
use edges::store::ChangeUserError;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    events::serve(&config, Desk::open(&config).await?, create_admin).await
}

async fn create_admin(desk: &Desk, Payload(body): Payload, _: Deadline) -> Result<UserView, Fatal> {
    match desk.create_admin(NewAccount::from_body(body)?, clock::now()).await {
        Ok(user) => Ok(UserView::from(user)),
        Err(AccountError::Refused(error @ ChangeUserError::EmailTaken)) => Err(format!("email-taken: {error}").into()),
        Err(error) => Err(error.into()),
    }
}
