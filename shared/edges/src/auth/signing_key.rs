//! The private key for signing access tokens: an SSM SecureString that only the functions which
//! issue tokens may read.

use aws_sdk_ssm::Client;

use crate::Fatal;
use crate::aws::{self, Call, Service};
use crate::config::{Config, name};

/// Reads the key as PKCS#8 PEM (RFC 5958), once while the function starts.
///
/// # Errors
/// Fails if variables are missing or the parameter cannot be read.
pub(super) fn read(config: &Config) -> Call<'_, Result<String, Fatal>> {
    Box::pin(read_parameter(config))
}

async fn read_parameter(config: &Config) -> Result<String, Fatal> {
    let [key_name] = config.required([name::TOKEN_SIGNING_KEY_NAME])?;
    let client = Client::new(&aws::config(Service::Ssm, config)?);
    let request = client.get_parameter().name(&key_name).with_decryption(true);
    let parameter = request.send().await?.parameter;
    parameter
        .and_then(|parameter| parameter.value)
        .ok_or_else(|| format!("the SSM parameter {key_name} has no value").into())
}
