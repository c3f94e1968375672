//! `PATCH /v1/users/{id}`: changes a user's name or address, or reactivates a deactivated user.

use api::{ChangedUserView, Reply, Request};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use domain::user::UserPatch;
use edges::Fatal;
use edges::config::{Config, name};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    let (desk, callers) = Desk::with_callers(&config).await?;
    let sends_mails = config.optional(name::SENDS_MAILS).is_some();
    api::serve(&config, (desk, callers, sends_mails), update).await
}

async fn update((desk, callers, sends_mails): &(Desk, Callers, bool), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::UpdateUser, callers).await?;
    let (id, patch) = (request.path_parameter("id")?, UserPatch::from_body(request.json()?)?);
    if id == caller.person.id {
        // As at `/v1/me`, which no API token changes.
        caller.actor().check(DeskAction::ManageOwnAccount)?;
    }
    let user = desk.update_user(id, &patch, caller.actor(), request.received_at()).await?;
    // Where no mail is sent, the admin hands on the link.
    let by_hand = match patch.email {
        Some(_) if !sends_mails => desk.begin_verification(&user, request.received_at()).await?,
        _ => None,
    };
    Reply::ok(&ChangedUserView::from((user, by_hand)))
}
