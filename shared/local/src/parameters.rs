//! SSM: the crate `rustack-ssm` with the signing key, as a `SecureString` that functions must ask
//! to be decrypted.

use crate::error::during;
use crate::{ACCOUNT, REGION, Result, serve};
use rustack_ssm_core::config::SsmConfig;
use rustack_ssm_core::handler::RustackSsmHandler;
use rustack_ssm_core::provider::RustackSsm;
use rustack_ssm_http::{SsmHttpConfig, SsmHttpService};
use rustack_ssm_model::input::PutParameterInput;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Stores `secret` under `name` and serves the SSM API on `listener` until `tasks` is dropped.
pub(crate) fn start(name: &str, secret: &str, listener: TcpListener, tasks: &mut JoinSet<()>) -> Result<()> {
    let config = SsmConfig {
        skip_signature_validation: true,
        default_region: REGION.to_owned(),
        default_account_id: ACCOUNT.to_owned(),
    };
    let ssm = Arc::new(RustackSsm::new(config));
    let input = PutParameterInput {
        name: name.to_owned(),
        value: secret.to_owned(),
        parameter_type: Some("SecureString".to_owned()),
        ..PutParameterInput::default()
    };
    ssm.handle_put_parameter(input).map_err(during(format!("Storing the parameter {name}")))?;
    let handler = Arc::new(RustackSsmHandler::new(ssm));
    serve::spawn(listener, SsmHttpService::new(handler, SsmHttpConfig::default()), tasks);
    Ok(())
}
