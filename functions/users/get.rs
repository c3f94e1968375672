//! `GET /v1/users/{id}` — anybody's account, for staff.

use api::{Problem, Reply, Request, UserView};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), get).await
}

async fn get((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    request.actor_who_may(DeskAction::SeeUser, tokens)?;
    let user = store.user(request.path_parameter("id")?).await?;
    Reply::ok(&UserView::from(user.ok_or(Problem::NotFound)?))
}
