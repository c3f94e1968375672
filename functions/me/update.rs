//! `PATCH /v1/me` — somebody changes what they are called.

use api::{Problem, Reply, Request, UserView};
use domain::permission::DeskAction;
use domain::user::{User, UserPatch};
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::{Author, Store};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), update).await
}

async fn update((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::ManageOwnAccount, tokens)?;
    let patch = UserPatch::of_oneself(request.json()?)?;
    let change = |user: &User| user.patched(&patch, request.received_at());
    let changed = store.change_user(actor.id, Author::Owner, change, |_, _| None).await?;
    Reply::ok(&UserView::from(changed.ok_or(Problem::NotFound)?.user))
}
