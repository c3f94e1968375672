//! One HTTP client and one configuration for every SDK client, made by hand because start-up counts.
//!
//! The SDK's own configuration chain reads files and some three hundred certificates of the operating system before the first
//! request. Lambda gives region and credentials in the environment, and AWS's endpoints are signed by Amazon Trust Services, so
//! neither is needed: `docs/PERFORMANCE.md` has what that saves.

use std::sync::OnceLock;
use std::time::Duration;

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::shared::IntoShared as _;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use crate::Fatal;
use crate::config;

/// The five roots of Amazon Trust Services (<https://www.amazontrust.com/repository/>).
const AMAZON_ROOTS: &[u8] = include_bytes!("aws/amazon-trust-services.pem");

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long the first byte of an answer may take.
const READ_TIMEOUT: Duration = Duration::from_secs(2);
/// How long one call may take with all its attempts: half of what an HTTP function has (template.yaml, `Timeout`).
const OPERATION_TIMEOUT: Duration = Duration::from_secs(5);
/// How often a call is tried, the first time included; the SDK waits between attempts, with jitter.
const ATTEMPTS_MAX: u32 = 3;
/// How long opening a connection ahead of time may hold up the start.
const WARM_TIMEOUT: Duration = Duration::from_millis(500);

/// A service that functions talk to.
#[derive(Clone, Copy, Debug)]
pub enum Service {
    /// The table.
    DynamoDb,
    /// The queues.
    Sqs,
    /// The signing key's parameter.
    Ssm,
}

impl Service {
    /// The endpoint named in the environment (locally), by the names AWS gives these variables.
    fn endpoint_override(self) -> Option<String> {
        config::optional(match self {
            Self::DynamoDb => "AWS_ENDPOINT_URL_DYNAMODB",
            Self::Sqs => "AWS_ENDPOINT_URL_SQS",
            Self::Ssm => "AWS_ENDPOINT_URL_SSM",
        })
    }

    /// Where the SDK finds the service in a region (AWS General Reference, "Service endpoints").
    fn endpoint(self, region: &str) -> String {
        let host = match self {
            Self::DynamoDb => "dynamodb",
            Self::Sqs => "sqs",
            Self::Ssm => "ssm",
        };
        self.endpoint_override().unwrap_or_else(|| format!("https://{host}.{region}.amazonaws.com"))
    }
}

/// What every SDK client is made of.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The region the function runs in.
    pub region: Region,
    /// The rights the function runs with.
    pub credentials: Credentials,
    /// Where the service is, if not at its public address.
    pub endpoint: Option<String>,
    /// The one client, with its one pool of connections.
    pub http_client: SharedHttpClient,
    /// When to give up.
    pub timeouts: TimeoutConfig,
    /// When to try again.
    pub retries: RetryConfig,
    /// The SDK behaviour this code was tested with.
    pub behavior: BehaviorVersion,
}

/// The settings of a client of that service, from the environment Lambda gives.
///
/// # Errors
/// The variables that are missing, or TLS that cannot be set up.
pub fn settings(service: Service) -> Result<Settings, Fatal> {
    let [region, key_id, secret] = config::required(["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])?;
    let session = config::optional("AWS_SESSION_TOKEN");
    let connector = connector()?;
    Ok(Settings {
        region: Region::new(region),
        credentials: Credentials::new(key_id, secret, session, None, "environment"),
        endpoint: service.endpoint_override(),
        http_client: http_client_fn(move |_, _| connector.clone()),
        timeouts: TimeoutConfig::builder().operation_timeout(OPERATION_TIMEOUT).build(),
        retries: RetryConfig::standard().with_max_attempts(ATTEMPTS_MAX),
        behavior: BehaviorVersion::v2026_01_12(),
    })
}

/// Opens a connection to the service before the first request needs it. A start without one is slower, not wrong, so a failure
/// is left alone.
///
/// # Errors
/// The region is missing from the environment.
pub async fn warm(service: Service) -> Result<(), Fatal> {
    let [region] = config::required(["AWS_REGION"])?;
    if let Ok(request) = HttpRequest::get(service.endpoint(&region)) {
        let answer = connector()?.call(request);
        let _cold = tokio::time::timeout(WARM_TIMEOUT, answer).await;
    }
    Ok(())
}

/// The process's one connector: every client shares its pool of connections.
fn connector() -> Result<SharedHttpConnector, Fatal> {
    static CONNECTOR: OnceLock<SharedHttpConnector> = OnceLock::new();
    if let Some(connector) = CONNECTOR.get() {
        return Ok(connector.clone());
    }
    let roots = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    let tls = TlsContext::builder().with_trust_store(roots).build()?;
    let timeouts = HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(READ_TIMEOUT).build();
    let connector = Connector::builder()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .tls_context(tls)
        .connector_settings(timeouts)
        .build();
    Ok(CONNECTOR.get_or_init(|| connector.into_shared()).clone())
}
