//! `GET` and `POST /v1/unsubscribe/{token}` — the address in a mail's `List-Unsubscribe`. A mail program ends somebody's mails with a POST (RFC
//! 8058); who opens it gets a page with a button that does the same, and a GET changes nothing. Public: the token is the
//! right, and no answer tells whether it was one.

use api::{Reply, Request};
use edges::Fatal;
use edges::auth::UnsubscribeToken;
use edges::config::Config;
use edges::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Store::open(&config).await?, unsubscribe).await
}

async fn unsubscribe(store: &Store, request: Request) -> api::Result<Reply> {
    let UnsubscribeToken { user_id, key } = request.path_parameter("token")?;
    if request.method() != "POST" {
        return api::unsubscribe_page(&request);
    }
    store.unsubscribe(user_id, &key).await?;
    api::unsubscribed(&request)
}
