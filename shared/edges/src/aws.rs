//! One HTTP client and one configuration for every SDK client, built by hand because start-up time
//! matters.
//!
//! The SDK's own configuration chain reads files and some three hundred certificates of the
//! operating system before the first request. Lambda provides region and credentials in the
//! environment, and the certificates of AWS's endpoints are signed by Amazon Trust Services, so
//! neither is needed. `docs/PERFORMANCE.md` shows what that saves.

mod presigned;

use std::pin::Pin;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::user_agent::UserAgentInterceptor;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, Intercept, Region, SharedCredentialsProvider, StalledStreamProtectionConfig,
};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{disable_interceptor, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::shared::IntoShared as _;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use tokio::task::JoinHandle;

pub use presigned::{UploadError, upload};

use crate::Fatal;
use crate::config::Config;

/// The five roots of Amazon Trust Services (<https://www.amazontrust.com/repository/>).
const AMAZON_ROOTS: &[u8] = include_bytes!("aws/amazon-trust-services.pem");

/// The timeout for establishing a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// The timeout for the first byte of a response.
const READ_TIMEOUT: Duration = Duration::from_secs(2);
/// The timeout of one call with all its tries: half of that of an HTTP function (template.yaml,
/// `Timeout`).
const OPERATION_TIMEOUT: Duration = Duration::from_secs(5);
/// The timeout of one call to SES. If a call is abandoned too early, a mail that SES sends anyway
/// is sent twice.
const MAIL_TIMEOUT: Duration = Duration::from_secs(8);
/// The maximum number of tries of a call, including the first. With three of ten tries failing, one
/// call in 170,000 fails, as long as the SDK's retry allowance lasts, which every success refills.
const ATTEMPTS_MAX: u32 = 10;
/// The longest wait before the second try. It doubles with each further try, and each wait has a
/// random length up to it. DynamoDB recommends 50 ms at first (developer guide, "Error retries and
/// exponential backoff"). Half of that is long enough for an ordinary short failure.
const BACKOFF_INITIAL: Duration = Duration::from_millis(25);
/// The longest wait before any try. All waits together fit into [`OPERATION_TIMEOUT`].
const BACKOFF_MAX: Duration = Duration::from_secs(1);
/// How long opening a connection in advance may delay the start.
const WARM_TIMEOUT: Duration = Duration::from_millis(500);

/// A call of a service. Boxed where it is made, so that the SDK's part of it is compiled once, in
/// this crate. A future that is only awaited is compiled again in each function.
pub(crate) type Call<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A service that functions call.
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
    /// Returns the endpoint named in the environment (locally). Uses AWS's names of these
    /// variables: the service's own, or that of all services (AWS SDKs reference guide,
    /// "Service-specific endpoints").
    fn endpoint_override(self, config: &Config) -> Option<String> {
        let own = config.optional(match self {
            Self::DynamoDb => "AWS_ENDPOINT_URL_DYNAMODB",
            Self::Sqs => "AWS_ENDPOINT_URL_SQS",
            Self::Ssm => "AWS_ENDPOINT_URL_SSM",
            Self::Ses => "AWS_ENDPOINT_URL_SESV2",
        });
        own.or_else(|| config.optional("AWS_ENDPOINT_URL")).map(str::to_owned)
    }

    /// Returns the maximum number of tries of a call. SES has no token by which it would recognise
    /// a mail that it already has. If the outcome is uncertain, the mail request returns to the
    /// queue and is received again later.
    const fn attempts_max(self) -> u32 {
        match self {
            Self::DynamoDb | Self::Sqs | Self::Ssm => ATTEMPTS_MAX,
            Self::Ses => 1,
        }
    }

    /// Returns the timeout of one call with all its tries.
    const fn operation_timeout(self) -> Duration {
        match self {
            Self::DynamoDb | Self::Sqs | Self::Ssm => OPERATION_TIMEOUT,
            Self::Ses => MAIL_TIMEOUT,
        }
    }

    /// Returns the timeout for the first byte of a response.
    const fn read_timeout(self) -> Duration {
        match self {
            Self::DynamoDb | Self::Sqs | Self::Ssm => READ_TIMEOUT,
            Self::Ses => MAIL_TIMEOUT,
        }
    }

    /// Returns the SDK's protection against a body that arrives too slowly, or `None` for its
    /// default. It acts after five seconds and wraps every body for that, so it is only worth
    /// having where a call may last longer.
    fn stalled_stream_protection(self) -> Option<StalledStreamProtectionConfig> {
        (self.operation_timeout() <= OPERATION_TIMEOUT).then(StalledStreamProtectionConfig::disabled)
    }

    /// Returns the endpoint of the service in a region, as the SDK determines it (AWS General
    /// Reference, "Service endpoints").
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

/// Returns the configuration of a client of `service`, from the environment that Lambda provides.
///
/// # Errors
/// Fails if variables are missing or TLS cannot be set up.
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
    config.set_stalled_stream_protection(service.stalled_stream_protection());
    Ok(config.build())
}

/// Leaves out the headers in which the SDK describes itself and the call. No service needs them,
/// and composing them takes some 48 allocations a call.
#[derive(Debug)]
pub(crate) struct WithoutSelfDescription;

#[dyn_dispatch_hint]
impl Intercept for WithoutSelfDescription {
    fn name(&self) -> &'static str {
        "WithoutSelfDescription"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        const CAUSE: &str = "no service needs it";
        config
            .interceptor_state()
            .store_put(disable_interceptor::<UserAgentInterceptor>(CAUSE))
            .store_put(disable_interceptor::<InvocationIdInterceptor>(CAUSE))
            .store_put(disable_interceptor::<RequestInfoInterceptor>(CAUSE));
        Ok(())
    }
}

/// The connections that are being opened.
static OPENING: Mutex<Vec<JoinHandle<()>>> = Mutex::new(Vec::new());

/// Begins to open a connection to the service before the first request needs it. While the service
/// responds, the caller can set up the rest of the function. Ignores failures, because a start
/// without a connection is slower but not wrong.
///
/// # Errors
/// Fails if the region is missing from the environment or TLS cannot be set up.
pub async fn warm(service: Service, config: &Config) -> Result<(), Fatal> {
    let [region] = config.required(["AWS_REGION"])?;
    if let Ok(request) = HttpRequest::get(service.endpoint(&region, config)) {
        let opening = open(connector(service)?, request);
        OPENING.lock().unwrap_or_else(PoisonError::into_inner).push(opening);
        // Lets the task send its first packet.
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// Sends a request in the background, for its connection.
fn open(connector: SharedHttpConnector, request: HttpRequest) -> JoinHandle<()> {
    // The response is read to its end, because only then does its connection return to the pool.
    let exchange = async move { ByteStream::new(connector.call(request).await.ok()?.into_body()).collect().await.ok() };
    tokio::spawn(async {
        let _cold = tokio::time::timeout(WARM_TIMEOUT, exchange).await;
    })
}

/// Waits until the connections that [`warm`] began to open are open, or cannot be opened.
pub async fn warmed() {
    let opening = std::mem::take(&mut *OPENING.lock().unwrap_or_else(PoisonError::into_inner));
    for connection in opening {
        let _cold = connection.await;
    }
}

/// Returns the process's connector for the timeouts of a service. All clients of a connector share
/// its connection pool.
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
