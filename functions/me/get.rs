//! `GET /v1/me` — one's own account.

use api::{Problem, Reply, Request, UserView};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), me).await
}

async fn me((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::SeeOwnAccount, tokens)?;
    let user = store.user(actor.id).await?.ok_or(Problem::NotFound)?;
    Reply::ok(&UserView::from(user))
}
