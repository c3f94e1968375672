//! One HTTP client and one configuration for every SDK client, made by hand because start-up counts.
//!
//! The SDK's own configuration chain reads files and some three hundred certificates of the operating system before the first
//! request. Lambda gives region and credentials in the environment, and AWS's endpoints are signed by Amazon Trust Services, so
//! neither is needed: `docs/PERFORMANCE.md` has what that saves.

use std::sync::OnceLock;
use std::time::Duration;

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::shared::IntoShared as _;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;

use crate::Fatal;
use crate::config::Config;

/// The five roots of Amazon Trust Services (<https://www.amazontrust.com/repository/>).
const AMAZON_ROOTS: &[u8] = include_bytes!("aws/amazon-trust-services.pem");

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long the first byte of an answer may take.
const READ_TIMEOUT: Duration = Duration::from_secs(2);
/// How long one call may take with all its attempts: half of what an HTTP function has (template.yaml, `Timeout`).
const OPERATION_TIMEOUT: Duration = Duration::from_secs(5);
/// How long SES may take for a mail. Given up too early, one that it sends all the same is sent again.
const MAIL_TIMEOUT: Duration = Duration::from_secs(8);
/// How often a call is tried, the first time included: with three of ten attempts failing, one call in 170,000 fails, as long as the SDK's
/// allowance for retries lasts, which every success fills up again.
const ATTEMPTS_MAX: u32 = 10;
/// The longest wait before the second attempt; it doubles from one to the next, and each wait is of random length up to it. DynamoDB
/// advises 50 ms at first (developer guide, "Error retries and exponential backoff"); half of it lets an ordinary hiccup pass unnoticed.
const BACKOFF_INITIAL: Duration = Duration::from_millis(25);
/// The longest wait before any attempt: together they fit into [`OPERATION_TIMEOUT`].
const BACKOFF_MAX: Duration = Duration::from_secs(1);
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
    /// Mail.
    Ses,
}

impl Service {
    /// The endpoint named in the environment (locally), by the names AWS gives these variables: the service's own, or that of all (AWS SDKs
    /// reference guide, "Service-specific endpoints").
    fn endpoint_override(self, config: &Config) -> Option<String> {
        let own = config.optional(match self {
            Self::DynamoDb => "AWS_ENDPOINT_URL_DYNAMODB",
            Self::Sqs => "AWS_ENDPOINT_URL_SQS",
            Self::Ssm => "AWS_ENDPOINT_URL_SSM",
            Self::Ses => "AWS_ENDPOINT_URL_SESV2",
        });
        own.or_else(|| config.optional("AWS_ENDPOINT_URL")).map(str::to_owned)
    }

    /// How often a call is tried. SES has no token by which it would know a mail it has: what is not certain is left to the queue,
    /// which brings the mail again later.
    const fn attempts_max(self) -> u32 {
        match self {
            Self::DynamoDb | Self::Sqs | Self::Ssm => ATTEMPTS_MAX,
            Self::Ses => 1,
        }
    }

    /// How long one call may take with all its attempts.
    const fn operation_timeout(self) -> Duration {
        match self {
            Self::DynamoDb | Self::Sqs | Self::Ssm => OPERATION_TIMEOUT,
            Self::Ses => MAIL_TIMEOUT,
        }
    }

    /// How long the first byte of an answer may take.
    const fn read_timeout(self) -> Duration {
        match self {
            Self::DynamoDb | Self::Sqs | Self::Ssm => READ_TIMEOUT,
            Self::Ses => MAIL_TIMEOUT,
        }
    }

    /// Where the SDK finds the service in a region (AWS General Reference, "Service endpoints").
    fn endpoint(self, region: &str, config: &Config) -> String {
        let host = match self {
            Self::DynamoDb => "dynamodb",
            Self::Sqs => "sqs",
            Self::Ssm => "ssm",
            Self::Ses => "email",
        };
        self.endpoint_override(config).unwrap_or_else(|| format!("https://{host}.{region}.amazonaws.com"))
    }
}

/// The configuration of a client of that service, from the environment Lambda gives.
///
/// # Errors
/// The variables that are missing, or TLS that cannot be set up.
pub fn config(service: Service, variables: &Config) -> Result<SdkConfig, Fatal> {
    let [region, key_id, secret] = variables.required(["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])?;
    let session = variables.optional("AWS_SESSION_TOKEN").map(str::to_owned);
    let credentials = Credentials::new(key_id, secret, session, None, "environment");
    let connector = connector(service)?;
    let timeouts = TimeoutConfig::builder().operation_timeout(service.operation_timeout()).build();
    let retries = RetryConfig::standard()
        .with_max_attempts(service.attempts_max())
        .with_initial_backoff(BACKOFF_INITIAL)
        .with_max_backoff(BACKOFF_MAX);
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(region))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http_client_fn(move |_, _| connector.clone()))
        .timeout_config(timeouts)
        .retry_config(retries)
        .sleep_impl(TokioSleep::new());
    config.set_endpoint_url(service.endpoint_override(variables));
    Ok(config.build())
}

/// Opens a connection to the service before the first request needs it. A start without one is slower, not wrong, so a failure
/// is left alone.
///
/// # Errors
/// The region is missing from the environment.
pub async fn warm(service: Service, config: &Config) -> Result<(), Fatal> {
    let [region] = config.required(["AWS_REGION"])?;
    if let Ok(request) = HttpRequest::get(service.endpoint(&region, config)) {
        let connector = connector(service)?;
        // The answer is read to its end: only then does its connection go back into the pool.
        let exchange = async { ByteStream::new(connector.call(request).await.ok()?.into_body()).collect().await.ok() };
        let _cold = tokio::time::timeout(WARM_TIMEOUT, exchange).await;
    }
    Ok(())
}

/// The process's connectors, one for each patience: every client of it shares its pool of connections.
fn connector(service: Service) -> Result<SharedHttpConnector, Fatal> {
    static CONNECTORS: [OnceLock<SharedHttpConnector>; 2] = [const { OnceLock::new() }; 2];
    let kept = &CONNECTORS[usize::from(matches!(service, Service::Ses))];
    if let Some(connector) = kept.get() {
        return Ok(connector.clone());
    }
    let roots = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    let tls = TlsContext::builder().with_trust_store(roots).build()?;
    let timeouts =
        HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(service.read_timeout()).build();
    let connector = Connector::builder()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .tls_context(tls)
        .connector_settings(timeouts)
        .build();
    Ok(kept.get_or_init(|| connector.into_shared()).clone())
}
