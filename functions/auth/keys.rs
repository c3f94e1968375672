//! `GET /.well-known/jwks.json`: returns the keys that verify access tokens (RFC 7517), for other
//! services that accept the tokens.

use api::{Reply, Request};
use edges::Fatal;
use edges::config::{Config, name};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    let [keys] = config.required([name::TOKEN_VERIFY_KEYS])?;
    api::serve(&config, serde_json::from_str::<Value>(&keys)?, show).await
}

async fn show(keys: &Value, _: Request) -> api::Result<Reply> {
    Reply::ok(keys)
}
