//! The function binaries on the real Lambda runtime interface.
//!
//! `cargo lambda watch` serves the routes and the interface. In one mode it also starts the
//! functions on demand, which brings hot reload ([`FunctionsMode::Watch`]). In the other mode it
//! serves only the interface, and this process starts every binary, each with exactly its own
//! environment ([`FunctionsMode::Binaries`]), which tests need. Only this process restarts a killed
//! instance. Under `cargo lambda watch` a killed instance keeps its slot. A function is therefore
//! down after as many kills as it has slots, until a source changes or the stack is restarted.

mod environment;
mod fleet;
pub(crate) mod guard;
pub(crate) mod logs;
mod proxy;
pub(crate) mod server;

pub use environment::Endpoints;
pub use fleet::{Instances, Start};
pub use proxy::Proxy;

use crate::http::{Answer, Client};
use crate::template::ResolvedFunction;
use crate::{Error, Result};
use environment::{instance_environment, shared_environment};
use fleet::Launch;
use guard::Guard;
use http::Method;
use logs::Logs;
use serde_json::Value;
use server::LambdaServer;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpSocket;
use tokio::process::Command;

/// The function that handles requests that match no route. It therefore also polls the runtime
/// interface's nameless queue.
const DEFAULT_ROUTE_FUNCTION: &str = "routes-refuse";

/// How long a manual invocation may take: the longest timeout of a function behind API Gateway.
pub(crate) const INVOKE_WITHIN: Duration = Duration::from_secs(30);

/// How long a response may still come after an instance died, because another instance may hold the
/// invocation.
const AFTER_A_DEATH: Duration = Duration::from_millis(500);

/// The process that starts the functions.
#[derive(Debug, Clone)]
pub enum FunctionsMode {
    /// `cargo lambda watch` starts them on demand, after everything is built once. Changed sources
    /// are rebuilt.
    Watch {
        /// The largest number of instances of one function. It is at least 2, because a killed
        /// instance keeps its slot.
        concurrency: usize,
    },
    /// This process starts them, from built binaries.
    Binaries {
        /// The directory of the binaries, such as `target/debug`.
        dir: PathBuf,
        instances: usize,
        /// The functions to start, if not all are needed.
        only: Option<Vec<String>>,
        /// The moment at which they start.
        start: Start,
        /// The proxy between the functions and the services they call.
        proxy: Option<Arc<dyn Proxy>>,
    },
}

#[derive(Debug)]
pub(crate) struct Functions {
    pub(crate) server: LambdaServer,
    pub(crate) invoker: Invoker,
    pub(crate) instances: Option<Instances>,
}

#[derive(Debug)]
pub(crate) struct FunctionsOptions<'a> {
    pub(crate) mode: FunctionsMode,
    pub(crate) functions: &'a [ResolvedFunction],
    pub(crate) endpoints: Endpoints,
    pub(crate) program: PathBuf,
    pub(crate) workspace: PathBuf,
    /// A socket that is bound to the port of the HTTP API.
    pub(crate) socket: TcpSocket,
}

impl Functions {
    /// Starts the interface and, in [`FunctionsMode::Binaries`], the functions.
    pub(crate) async fn start(options: FunctionsOptions<'_>, guard: &Arc<Guard>, logs: &Logs) -> Result<Self> {
        let mut command = Command::new(options.program);
        command.args(["lambda", "watch"]).current_dir(options.workspace);
        match &options.mode {
            FunctionsMode::Watch { concurrency } => command
                .args(["--concurrency", &(*concurrency).max(2).to_string()])
                .envs(shared_environment(options.functions, &options.endpoints)?),
            FunctionsMode::Binaries { .. } => command.arg("--only-lambda-apis"),
        };
        let server = LambdaServer::start(command, options.socket, guard, logs).await?;
        let instances = match options.mode {
            FunctionsMode::Watch { .. } => None,
            FunctionsMode::Binaries { dir, instances, only, start, proxy } => {
                let address = server.address.to_string();
                let launch = |function: &ResolvedFunction| {
                    let proxied = proxy.as_ref().map(|proxy| proxy.endpoints_of(&function.binary));
                    launch(function, proxied.as_ref().unwrap_or(&options.endpoints), &dir, instances, &address)
                };
                let wanted =
                    |function: &&ResolvedFunction| only.as_ref().is_none_or(|only| only.contains(&function.binary));
                let launches = options.functions.iter().filter(wanted).map(launch).collect();
                let instances = Instances::start(launches, start, guard, logs)?;
                if let Some(proxy) = proxy {
                    proxy.started(&instances);
                }
                Some(instances)
            }
        };
        let invoker = Invoker::new(format!("http://{}", server.address), instances.clone().unwrap_or_default());
        Ok(Self { server, invoker, instances })
    }

    /// Ends every process, and returns when they are gone.
    pub(crate) async fn stop(&mut self) {
        if let Some(instances) = &self.instances {
            instances.hold_all().await;
        }
        self.server.stop().await;
    }
}

fn launch(
    function: &ResolvedFunction,
    endpoints: &Endpoints,
    dir: &std::path::Path,
    instances: usize,
    address: &str,
) -> Launch {
    let own = instance_environment(function, endpoints, &format!("http://{address}/.rt/{}", function.binary));
    let mut environments = vec![own; instances.max(1)];
    if function.binary == DEFAULT_ROUTE_FUNCTION {
        environments.push(instance_environment(function, endpoints, &format!("http://{address}/.rt")));
    }
    let program = dir.join(&function.binary);
    Launch { name: function.binary.clone(), program, instances: environments }
}

/// The reason why an invocation did not succeed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum InvokeError {
    /// The text of the error that the function returned.
    #[error("{0}")]
    Function(String),
    /// No response, because the deadline passed, the instance died, or nothing listens.
    #[error("{0}")]
    NoAnswer(String),
}

/// Invokes functions as AWS's own services do.
#[derive(Debug, Clone)]
pub(crate) struct Invoker {
    client: Client,
    pub(crate) base_url: String,
    /// The instances that this process started, which are watched.
    pub(crate) instances: Instances,
}

impl Invoker {
    pub(crate) fn new(base_url: String, instances: Instances) -> Self {
        Self { client: Client::default(), base_url, instances }
    }

    /// Invokes `function` and waits for its response until `deadline`, or until shortly after an
    /// instance of it dies.
    pub(crate) async fn invoke(
        &self,
        function: &str,
        payload: &Value,
        deadline: Duration,
    ) -> std::result::Result<Value, InvokeError> {
        self.instances.want(function);
        let url = format!("{}/2015-03-31/functions/{function}/invocations", self.base_url);
        let headers = [("content-type", "application/json")];
        let sent = self.client.send(Method::POST, &url, &headers, payload.to_string().into_bytes(), deadline);
        let death = async {
            self.instances.next_exit(function).await;
            tokio::time::sleep(AFTER_A_DEATH).await;
        };
        let answer = tokio::select! {
            answer = sent => answer.map_err(|error| InvokeError::NoAnswer(error.to_string()))?,
            () = death => {
                return Err(InvokeError::NoAnswer(format!("{function} ended before it responded.")));
            }
        };
        read(function, &answer)
    }
}

fn read(function: &str, answer: &Answer) -> std::result::Result<Value, InvokeError> {
    if answer.status.is_success() {
        return answer.json().map_err(|error| InvokeError::Function(error.to_string()));
    }
    let text = String::from_utf8_lossy(&answer.body);
    // A function reports {"errorType", "errorMessage"}. The interface's own errors have another
    // form.
    let message = serde_json::from_str::<Value>(&text)
        .ok()
        .and_then(|report| report.get("errorMessage").and_then(Value::as_str).map(str::to_owned));
    Err(InvokeError::Function(message.unwrap_or_else(|| format!("{function} returned {}: {text}", answer.status))))
}

/// Invokes a function of the stack that runs at `url`, as a user with AWS permissions could.
pub async fn invoke(url: &str, function: &str, payload: &Value) -> Result<Value> {
    let invoked = Invoker::new(url.to_owned(), Instances::default()).invoke(function, payload, INVOKE_WITHIN).await;
    invoked.map_err(|error| match error {
        InvokeError::Function(text) => Error::new(format!("{function} failed: {text}.")),
        InvokeError::NoAnswer(text) => Error::new(format!(
            "No help desk runs at {url} ({text}). Start `cargo local`, or give its address with --url."
        )),
    })
}
