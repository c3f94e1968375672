//! No route: makes the key that signs access tokens, once, when `CloudFormation` creates the stack.
//! The public keys are the resource's output, which every function that checks tokens gets.
//!
//! The payload is `events/deployment-signing-key.json`.

use edges::Fatal;
use edges::auth::SigningKeys;
use edges::config::Config;
use events::Resource;
use serde::Deserialize;
use serde_json::json;

/// The properties of the custom resource in template.yaml.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    /// The name of the SSM parameter of the private key, and the id of the resource.
    key_name: String,
    /// The JWKS document of keys that are accepted besides it, as during a rotation.
    verify_keys: String,
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    events::serve_resource(&config, SigningKeys::open(&config)?, make).await
}

async fn make(keys: &SigningKeys, Properties { key_name, verify_keys }: Properties) -> Result<Resource, Fatal> {
    let key = keys.made_once(&key_name).await?;
    let all = key.jwks_with(&verify_keys).map_err(|error| format!("TokenVerifyKeys: {error}"))?;
    Ok(Resource { id: key_name, attributes: [("VerifyKeys".to_owned(), json!(all))].into_iter().collect() })
}
