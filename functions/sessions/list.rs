//! `GET /v1/me/sessions` — the devices somebody is signed in on.

use api::{Paging, Reply, Request, SessionView};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), list).await
}

async fn list((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    let bearer = request.bearer_who_may(DeskAction::SeeOwnAccount, tokens)?;
    let (paging, _) = Paging::read(&request, &bearer.person, &[])?;
    let (now, after) = (request.received_at(), paging.after());
    let page = store.sessions(bearer.person.id, now, after, paging.limit).await?;
    paging.reply(page, |session| SessionView::of(&session, bearer.session_id))
}
