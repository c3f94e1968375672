//! `PUT /v1/users/{id}/role` — an admin changes what somebody is to the help desk. Their devices sign in again to get the new
//! rights; tokens with the old role are good for ten minutes at most.

use api::{Problem, Reply, Request, UserView};
use domain::field::Fields;
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::{AccountChange, Store};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), set_role).await
}

async fn set_role((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::ChangeRole, tokens)?;
    let role = Fields::read(request.json()?, |fields| fields.required("role"))?;
    let id = request.another_user(&actor)?;
    let change = AccountChange::Role { role, actor };
    let user = store.end_rights(id, change, request.received_at()).await?;
    Reply::ok(&UserView::from(user.ok_or(Problem::NotFound)?))
}
