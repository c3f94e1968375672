//! The private key for signing access tokens: an SSM `SecureString` that only the functions which
//! issue tokens, and the one that makes it, may read.

use std::error::Error;
use std::time::Duration;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};
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
        let client = Client::new(&aws::config(Service::Ssm, config)?);
        read_parameter(&client, &key_name).await.map_err(|failure| failure.error)
    })
}

async fn read_parameter(client: &Client, key_name: &str) -> Result<String, Failure> {
    let request = client.get_parameter().name(key_name).with_decryption(true);
    let parameter = request.send().await.map_err(Failure::of)?.parameter;
    parameter
        .and_then(|parameter| parameter.value)
        .ok_or_else(|| Failure::last(format!("the SSM parameter {key_name} has no value")))
}

/// Why a parameter was not read or written.
struct Failure {
    /// Whether IAM denied it, which it may also do shortly after it was permitted.
    denied: bool,
    error: Fatal,
}

impl Failure {
    fn of<E>(error: SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        Self { denied: error.code() == Some("AccessDeniedException"), error: error.into() }
    }

    fn last(reason: String) -> Self {
        Self { denied: false, error: reason.into() }
    }
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
                match self.store_or_read(key_name, &new).await {
                    Ok(key) => return Ok(key),
                    Err(failure) if failure.denied && denials < DENIALS_MAX => denials += 1,
                    Err(failure) => return Err(failure.error),
                }
                tokio::time::sleep(AFTER_DENIAL).await;
            }
        })
    }

    /// Stores the key. Returns the one that is stored already, if there is one.
    async fn store_or_read(&self, key_name: &str, new: &SigningKey) -> Result<SigningKey, Failure> {
        let put = self.client.put_parameter().name(key_name).value(&new.pem).r#type(ParameterType::SecureString);
        match put.overwrite(false).send().await {
            Ok(_) => return Ok(new.clone()),
            Err(error) if error.code() == Some("ParameterAlreadyExists") => {}
            Err(error) => return Err(Failure::of(error)),
        }
        let kept = SigningKey::from_pem(&read_parameter(&self.client, key_name).await?);
        kept.map_err(|error| Failure::last(format!("the SSM parameter {key_name} holds no signing key: {error}")))
    }
}
