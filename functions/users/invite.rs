//! `POST /v1/users`: invites a person. Their account stays inactive until they choose a password.

use api::{InvitedView, Reply, Request};
use desk::invitations::Invitations;
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use domain::user::NewUser;
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    let (desk, callers) = Desk::with_callers(&config).await?;
    api::serve(&config, (Invitations::configured(desk, &config)?, callers), invite).await
}

async fn invite((invitations, callers): &(Invitations, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize(DeskAction::InviteUser, callers).await?;
    let new = NewUser::from_body(request.json()?)?;
    let invited = invitations.invite(new, caller.actor(), request.received_at()).await?;
    Reply::created(format!("/v1/users/{}", invited.user.id), &InvitedView::from(invited))
}
