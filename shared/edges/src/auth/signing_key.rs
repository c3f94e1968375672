//! The private key for signing access tokens: an SSM `SecureString` that only the functions which
//! issue tokens, and the one that makes it, may read.

use std::time::Duration;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::error::ProvideErrorMetadata as _;
use aws_sdk_ssm::types::ParameterType;
use token_key::SigningKey;

use crate::Fatal;
use crate::aws::{self, Call, Service};
use crate::config::{Config, name};

/// Reads the key as PKCS#8 PEM (RFC 5958), once while the function starts.
///
/// # Errors
/// Fails if variables are missing or the parameter cannot be read.
pub(super) fn read(config: &Config) -> Call<'_, Result<String, Fatal>> {
    Box::pin(async {
        let [key_name] = config.required([name::TOKEN_SIGNING_KEY_NAME])?;
        read_parameter(&Client::new(&aws::config(Service::Ssm, config)?), &key_name).await
    })
}

async fn read_parameter(client: &Client, key_name: &str) -> Result<String, Fatal> {
    let request = client.get_parameter().name(key_name).with_decryption(true);
    let parameter = request.send().await?.parameter;
    parameter
        .and_then(|parameter| parameter.value)
        .ok_or_else(|| format!("the SSM parameter {key_name} has no value").into())
}

/// How often an access that is denied is tried again, and how long after. The role of the function
/// was created with the stack, and changes to IAM take some seconds until they are seen everywhere
/// (IAM user guide, "Changes that I make are not always immediately visible").
const DENIALS_MAX: u32 = 10;
const AFTER_DENIAL: Duration = Duration::from_secs(1);

/// The SSM parameters in which deployments keep their signing keys.
#[derive(Debug)]
pub struct SigningKeys {
    client: Client,
}

impl SigningKeys {
    /// # Errors
    /// Fails if variables are missing.
    pub fn open(config: &Config) -> Result<Self, Fatal> {
        Ok(Self { client: Client::new(&aws::config(Service::Ssm, config)?) })
    }

    /// Returns the key in this parameter. Makes one if there is no such parameter yet, and never
    /// overwrites one: a deployment already signs with it, or another makes it at the same time.
    ///
    /// # Errors
    /// Fails if the parameter can be neither written nor read, or holds something else.
    pub fn made_once<'a>(&'a self, key_name: &'a str) -> Call<'a, Result<SigningKey, Fatal>> {
        Box::pin(async move {
            let new = SigningKey::generate()?;
            let mut denials = 0;
            loop {
                let put =
                    self.client.put_parameter().name(key_name).value(&new.pem).r#type(ParameterType::SecureString);
                let Err(error) = put.overwrite(false).send().await else { return Ok(new) };
                match error.code() {
                    Some("ParameterAlreadyExists") => break,
                    Some("AccessDeniedException") if denials < DENIALS_MAX => denials += 1,
                    _ => return Err(error.into()),
                }
                tokio::time::sleep(AFTER_DENIAL).await;
            }
            let kept = SigningKey::from_pem(&read_parameter(&self.client, key_name).await?);
            kept.map_err(|error| format!("the SSM parameter {key_name} holds no signing key: {error}").into())
        })
    }
}
