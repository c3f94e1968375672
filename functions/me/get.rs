//! `GET /v1/me` — one's own account.

use domain::permission::DeskAction;
use platform::Fatal;
use platform::auth::AccessTokens;
use platform::http::{self, Problem, Reply, Request, UserView};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), me).await
}

async fn me((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::SeeOwnAccount, tokens)?;
    let user = store.user(actor.id).await?.ok_or(Problem::NotFound)?;
    Reply::ok(&UserView::from(user))
}
