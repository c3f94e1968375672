//! `PUT /v1/users/{id}/role` — an admin changes what somebody is to the help desk.

use domain::field::Fields;
use domain::permission::DeskAction;
use domain::user::Role;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Problem, Reply, Request, UserView};
use platform::store::{Store, UserChange};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), set_role).await
}

async fn set_role((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::ChangeRole, tokens)?;
    let id = request.path_parameter("id")?;
    let role: Role = Fields::read(request.json()?, |fields| fields.required("role"))?;
    if id == actor.id {
        return Err(Problem::NotOnYourself);
    }
    let user = store.change_user(id, &UserChange::Role(role), request.received_at()).await?;
    let user = user.ok_or(Problem::NotFound)?;
    // Tokens with the old role are good for ten minutes at most; the devices sign in again and get the new one.
    store.end_sessions(id, None).await?;
    Reply::ok(&UserView::from(user))
}
