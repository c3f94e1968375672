//! `PATCH /v1/users/{id}` — an admin changes what somebody is called or where they get mail.

use domain::permission::DeskAction;
use domain::user::UserPatch;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Problem, Reply, Request, UserView};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), update).await
}

async fn update((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::UpdateUser, tokens)?;
    let id = request.another_user(&actor)?;
    let patch = UserPatch::from_body(request.json()?)?;
    let now = request.received_at();
    let changed = store.change_user(id, |user| user.patched(&patch, now), Some(actor.id), None).await?;
    Reply::ok(&UserView::from(changed.ok_or(Problem::NotFound)?.user))
}
