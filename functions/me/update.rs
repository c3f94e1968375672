//! `PATCH /v1/me` — somebody changes what they are called.

use domain::field::Fields;
use domain::permission::DeskAction;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Problem, Reply, Request, UserView};
use platform::store::{Store, UserChange};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), update).await
}

async fn update((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::ManageOwnAccount, tokens)?;
    let name = Fields::read(request.json()?, |fields| fields.required("name"))?;
    let user = store.change_user(actor.id, &UserChange::Name(name), request.received_at()).await?;
    Reply::ok(&UserView::from(user.ok_or(Problem::NotFound)?))
}
