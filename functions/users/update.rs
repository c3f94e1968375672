//! `PATCH /v1/users/{id}`: changes a user's name or address, or reactivates a deactivated user.

use api::{Reply, Request, UserView};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use domain::user::UserPatch;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Desk::with_callers(&config).await?, update).await
}

async fn update((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::UpdateUser, callers).await?;
    let (id, patch) = (request.path_parameter("id")?, UserPatch::from_body(request.json()?)?);
    if id == caller.person.id {
        // As at `/v1/me`, which no API token changes.
        caller.actor().check(DeskAction::ManageOwnAccount)?;
    }
    Reply::ok(&UserView::from(desk.update_user(id, &patch, caller.actor(), request.received_at()).await?))
}
