//! `GET /v1/users` — the accounts, those of one role, or the one of an address.

use api::{Paging, Problem, Reply, Request, UserView};
use domain::permission::DeskAction;
use domain::user::{EmailAddress, Role, User};
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::{Page, Store};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), list).await
}

async fn list((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor(tokens)?;
    let (paging, query) = Paging::read(&request, &actor, &["role", "email"])?;
    let role = query.parse("role", "one of user, technician, admin", Role::named)?;
    let email =
        query.parse("email", "an e-mail address such as ana@example.org", |text| EmailAddress::parse(text).ok())?;
    let (action, roles) = match role {
        _ if email.is_some() => (DeskAction::SeeUser, role.map_or_else(|| Role::ALL.to_vec(), |role| vec![role])),
        Some(Role::Technician) => (DeskAction::ListTechnicians, vec![Role::Technician]),
        Some(role) => (DeskAction::ListUsers, vec![role]),
        None => (DeskAction::ListUsers, Role::ALL.to_vec()),
    };
    if !actor.may(action) {
        return Err(Problem::forbidden(action, &actor));
    }
    let page = match email {
        Some(email) => page_of(store.user_of(&email.normalised()).await?, &roles),
        None => store.list_users(&roles, paging.after(), paging.limit).await?,
    };
    paging.reply(page, UserView::from)
}

/// The page with that account, if it is of one of these roles.
fn page_of(user: Option<User>, roles: &[Role]) -> Page<User> {
    Page::of_one(user.filter(|user| roles.contains(&user.role)))
}
