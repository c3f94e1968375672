//! `PATCH /v1/users/{id}`: changes a user's name or address, or reactivates a deactivated user.

use api::{ChangedUserView, Reply, Request};
use desk::account_changes::AccountChanges;
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use domain::user::UserPatch;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    let (desk, callers) = Desk::with_callers(&config).await?;
    api::serve(&config, (AccountChanges::configured(desk, &config)?, callers), update).await
}

async fn update((changes, callers): &(AccountChanges, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::UpdateUser, callers).await?;
    let (id, patch) = (request.path_parameter("id")?, UserPatch::from_body(request.json()?)?);
    if id == caller.person.id {
        // As at `/v1/me`, which no API token changes.
        caller.actor().check(DeskAction::ManageOwnAccount)?;
    }
    let updated = changes.update(id, &patch, caller.actor(), request.received_at()).await?;
    Reply::ok(&ChangedUserView::from(updated))
}
