//! `POST /v1/unsubscribe/{token}` — a mail program ends somebody's mails, as the mail's `List-Unsubscribe` says (RFC 8058). Public: the token is the
//! right, and the answer does not tell whether it was one.

use platform::Fatal;
use platform::auth::UnsubscribeToken;
use platform::http::{self, Reply, Request};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve(Store::open().await?, unsubscribe).await
}

async fn unsubscribe(store: &Store, request: Request) -> http::Result<Reply> {
    let UnsubscribeToken { user_id, key } = request.path_parameter("token")?;
    store.unsubscribe(user_id, &key).await?;
    Ok(Reply::no_content())
}
