//! `POST /v1/users/{id}/invitation`: invites a person again who did not accept an invitation yet.

use api::{InvitedView, Reply, Request};
use desk::invitations::Invitations;
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    let (desk, callers) = Desk::with_callers(&config).await?;
    api::serve(&config, (Invitations::configured(desk, &config)?, callers), invite_again).await
}

async fn invite_again((invitations, callers): &(Invitations, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::InviteUser, callers).await?;
    request.require_no_fields()?;
    let id = request.path_parameter("id")?;
    let invited = invitations.invite_again(id, caller.actor(), request.received_at()).await?;
    Reply::accepted_with(&InvitedView::from(invited))
}
