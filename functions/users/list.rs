//! `GET /v1/users` — the accounts, or those of one role.

use domain::permission::DeskAction;
use domain::user::Role;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Paging, Problem, Reply, Request, UserView};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve_queries((Store::open().await?, AccessTokens::from_env()?), list).await
}

async fn list((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor(tokens)?;
    let (paging, query) = Paging::read(&request, &actor, &["role"])?;
    let role = query.parse("role", "one of user, technician, admin", Role::named)?;
    let (action, roles) = match role {
        Some(Role::Technician) => (DeskAction::ListTechnicians, vec![Role::Technician]),
        Some(role) => (DeskAction::ListUsers, vec![role]),
        None => (DeskAction::ListUsers, Role::ALL.to_vec()),
    };
    if !actor.may(action) {
        return Err(Problem::Forbidden);
    }
    let page = store.list_users(&roles, paging.after(), paging.limit).await?;
    paging.reply(page, UserView::from)
}
