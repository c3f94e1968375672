//! `GET /v1/users/{id}` — anybody's account, for staff.

use domain::permission::DeskAction;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Problem, Reply, Request, UserView};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), get).await
}

async fn get((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    request.actor_who_may(DeskAction::SeeUser, tokens)?;
    let user = store.user(request.path_parameter("id")?).await?;
    Reply::ok(&UserView::from(user.ok_or(Problem::NotFound)?))
}
