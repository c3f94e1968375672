//! `GET /.well-known/jwks.json` — the keys that access tokens are verified with (RFC 7517), for whoever else accepts them.

use platform::Fatal;
use platform::config::{self, name};
use platform::http::{self, Reply, Request};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let [keys] = config::required([name::TOKEN_VERIFY_KEYS])?;
    http::serve(serde_json::from_str::<Value>(&keys)?, show).await
}

async fn show(keys: &Value, _: Request) -> http::Result<Reply> {
    Reply::ok(keys)
}
