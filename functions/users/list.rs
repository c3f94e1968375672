//! `GET /v1/users`: lists all accounts, those with one role, or the one with an address.

use api::{Paging, Reply, Request, UserView};
use desk::{Callers, Desk};
use domain::permission::DeskAction;
use domain::user::{EmailAddress, Role};
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, Desk::with_callers(&config).await?, list).await
}

async fn list((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authenticate(callers).await?;
    // Whatever the query asks for needs the same scope.
    caller.actor().check_grant(DeskAction::SeeUser.permitted_by())?;
    let (paging, query) = Paging::read(&request, caller.actor(), &["role", "email"])?;
    let role = query.parse("role", "one of user, technician, admin", Role::named)?;
    let email = query.parse("email", "an e-mail address such as ana@example.org", |text| {
        EmailAddress::parse_for_lookup(text).ok()
    })?;
    paging.reply(desk.list_users(role, email, caller.actor(), paging.page_request()).await?, UserView::from)
}
