//! The whole local stack.

use self::directory::DirectoryLock;
use crate::engine;
use crate::error::during;
use crate::functions::guard::Guard;
use crate::functions::logs::Logs;
use crate::functions::server::{port_error, reserve};
use crate::functions::{Endpoints, Functions, FunctionsMode, FunctionsOptions, INVOKE_WITHIN, Instances};
use crate::keys::{KeyRing, SigningKey};
use crate::mails::Mails;
use crate::mappings::{self, Parts};
use crate::records::{Embedded, Records};
use crate::stack_runtime::StackRuntime;
use crate::template::{Resolved, ResolvedTable, Template};
use crate::{Error, Result, parameters, queues, tools};
use dynoxide::{Database, ImportOptions};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

mod directory;
mod options;

pub use options::{DatabaseLocation, StackOptions};

/// The sender domain of local mails. It is reserved and belongs to no one (RFC 2606 §3).
const MAIL_DOMAIN: &str = "example.org";
/// The name of the SSM parameter with the signing key.
const SIGNING_KEY_NAME: &str = "/helpdesk/signing-key";

/// The running stack.
///
/// It has a runtime of its own, so it outlives the runtime of the test that started it and is not
/// slowed by it. Dropping the stack kills every process at once. [`Stack::stop`] ends them in
/// order.
pub struct Stack {
    // The first field, because it is dropped first.
    stack_runtime: StackRuntime,
    parts: Running,
}

struct Running {
    resolved: Resolved,
    database: Option<Database>,
    endpoints: Endpoints,
    keys: KeyRing,
    mails: Mails,
    functions: Functions,
    /// The tasks that move work between the functions.
    mappings: JoinSet<()>,
    /// The services that the functions use: DynamoDB, SQS, SSM and SES.
    services: JoinSet<()>,
    logs: Logs,
    /// Held as long as the stack lives, so that no second stack uses the same directory.
    _lock: Option<DirectoryLock>,
}

impl fmt::Debug for Stack {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Stack")
    }
}

impl Stack {
    /// Starts everything and waits until it is ready. Dropping the future ends what was started.
    ///
    /// # Errors
    /// Fails if a port or the directory is in use, if there is no Python, pip or network to install
    /// the one tool with, if the local stack does not support the template, or if binaries are not
    /// built. The error is one sentence.
    pub async fn start(options: StackOptions) -> Result<Self> {
        let stack_runtime = StackRuntime::begin()?;
        let started = stack_runtime.handle.spawn(start(options, Arc::clone(&stack_runtime.guard))).await;
        let parts = started.map_err(during("Starting the stack"))??;
        Ok(Self { stack_runtime, parts })
    }

    /// Checks that the parameters exist in the template, and that the data directory and the HTTP
    /// port are free at this moment. This is worth checking before a long build.
    pub fn check(options: &StackOptions) -> Result<()> {
        Template::read(&options.workspace.join("template.yaml"))?.check_parameters(&given_parameters(options))?;
        if let DatabaseLocation::Directory { path, .. } = &options.database {
            DirectoryLock::take(path)?;
        }
        // The socket needs a runtime, which every caller of this crate has.
        options.port.map_or(Ok(()), |port| reserve(Some(port)).map(drop))
    }

    /// Puts a new signing key into a data directory that no stack is using. The next start signs
    /// with it.
    pub fn rotate_keys(directory: &Path) -> Result<KeyRing> {
        let _lock = DirectoryLock::take(directory)?;
        KeyRing::rotate(directory)
    }

    /// Returns the address of the HTTP API, `http://127.0.0.1:<port>`, without a trailing slash.
    pub fn base_url(&self) -> &str {
        &self.parts.functions.invoker.base_url
    }

    pub fn dynamodb_url(&self) -> &str {
        &self.parts.endpoints.dynamodb
    }

    pub fn ssm_url(&self) -> &str {
        &self.parts.endpoints.ssm
    }

    pub fn sqs_url(&self) -> &str {
        &self.parts.endpoints.sqs
    }

    /// Returns the address of the queue with this id in the template.
    pub fn queue_url(&self, id: &str) -> Option<&str> {
        self.parts.resolved.queue(id).ok().map(|queue| queue.url.as_str())
    }

    /// Returns the address at which a browser can read the mails that were sent.
    pub fn mails_url(&self) -> &str {
        &self.parts.endpoints.ses
    }

    pub fn mails(&self) -> &Mails {
        &self.parts.mails
    }

    /// Returns the last lines that a function printed, oldest first.
    pub fn printed_by(&self, function: &str) -> Vec<String> {
        self.parts.logs.of(function)
    }

    pub fn table_name(&self) -> &str {
        &self.parts.resolved.table.name
    }

    /// Imports items in DynamoDB's JSON into the table, many thousands a second. They bypass the
    /// table's stream, so they trigger nothing.
    ///
    /// # Errors
    /// Fails if the items are not in DynamoDB's JSON, or if the table is in a DynamoDB of another
    /// process.
    pub fn import(&self, items: Value) -> Result<()> {
        let items = serde_json::from_value(items).map_err(during("Reading the items"))?;
        let database = self.parts.database.as_ref();
        let database = database.ok_or_else(|| Error::new("Items can only be imported into the embedded engine."))?;
        let imported = database.import_items(self.table_name(), items, ImportOptions::default());
        imported.map(drop).map_err(during("Importing the items"))
    }

    pub fn signing_key(&self) -> &SigningKey {
        &self.parts.keys.signing
    }

    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parts.resolved.parameters.get(name).map(String::as_str)
    }

    /// Returns the handles on the function processes, which exist only with
    /// [`FunctionsMode::Binaries`].
    pub fn instances(&self) -> Result<&Instances> {
        self.parts.functions.instances.as_ref().ok_or_else(|| {
            Error::new(
                "cargo-lambda starts the functions of this stack, so that there are no handles on their processes.",
            )
        })
    }

    /// Invokes a function by the name of its binary, as a user with AWS permissions could.
    ///
    /// # Errors
    /// Fails with the function's own error message, or with the reason why there is no response
    /// within 30 s.
    pub async fn invoke(&self, function: &str, payload: &Value) -> Result<Value> {
        let invoker = self.parts.functions.invoker.clone();
        let (function, payload) = (function.to_owned(), payload.clone());
        let sent =
            self.stack_runtime.handle.spawn(async move { invoker.invoke(&function, &payload, INVOKE_WITHIN).await });
        sent.await.map_err(during("Invoking the function"))?.map_err(|error| Error::new(error.to_string()))
    }

    /// Waits until a part that should run forever ends, and returns an error that describes it.
    pub async fn broken(&mut self) -> Error {
        let status = self.parts.functions.server.ended().await;
        let tail = self.parts.logs.tail(crate::functions::server::LOG_NAME, 10);
        Error::new(format!("cargo-lambda ended ({status}). Its last output:\n{tail}"))
    }

    /// Stops everything: first the tasks that move work, then the functions, then the services they
    /// use. This takes two to three seconds at most.
    pub async fn stop(mut self) {
        self.parts.mappings.shutdown().await;
        self.parts.functions.stop().await;
        self.parts.services.shutdown().await;
        self.stack_runtime.end().await;
    }
}

/// Returns the laptop's values for the template's parameters, except for keys, overridden by the
/// given parameters.
fn given_parameters(options: &StackOptions) -> BTreeMap<String, String> {
    let own = [
        // A laptop has few people, and they try things in a loop. The limits of networks are those of
        // the template, which tests need. `cargo local` sets them too (cli/run.rs).
        ("CommentsPerHour", "1000000"),
        ("ServiceCommentsPerHour", "1000000"),
        ("ServiceTicketsPerHour", "1000000"),
        ("MailsPerHour", "1000000"),
        ("RegistrationMailsPerHour", "1000000"),
        ("TicketsPerHour", "1000000"),
        ("MailDomain", MAIL_DOMAIN),
        ("Registration", "open"),
        ("TokenSigningKeyName", SIGNING_KEY_NAME),
        ("WebhookReach", "loopback"),
        ("SessionCookie", "loopback"),
    ];
    let own = own.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    own.chain(options.parameters.clone()).collect()
}

async fn start(options: StackOptions, guard: Arc<Guard>) -> Result<Running> {
    let mut template = Template::read(&options.workspace.join("template.yaml"))?;
    if let Some(engine) = &options.engine {
        template.table.set_name(engine.table_name());
    }
    let (lock, keys) = directory::prepare(&options.database)?;
    let (table_listener, dynamodb) = listen().await?;
    let (queue_listener, sqs) = listen().await?;
    let (key_listener, ssm) = listen().await?;
    let (mail_listener, ses) = listen().await?;
    let dynamodb = options.engine.as_ref().map_or(dynamodb, |engine| engine.url());
    let endpoints = Endpoints { dynamodb, sqs, ssm, ses };
    let mut given = given_parameters(&options);
    given.entry("TokenVerifyKeys".to_owned()).or_insert_with(|| keys.verify_keys.clone());
    let socket = reserve(options.port)?;
    let api = socket.local_addr().map_err(during("Asking for a free port"))?;
    let mut resolved = template.resolve(&given, &endpoints.sqs, &format!("http://{api}"))?;
    if let Some(hidden) = options.visibility_timeout {
        for queue in &mut resolved.queues {
            queue.attributes.insert("VisibilityTimeout".to_owned(), hidden.as_secs().to_string());
        }
    }

    let (mut services, mut mappings) = (JoinSet::new(), JoinSet::new());
    let (database, records) = match &options.engine {
        None => embedded(&options.database, &resolved.table, table_listener, &mut services).await?,
        Some(engine) => (None, engine.open(&resolved.table).await?),
    };
    let queues = queues::start(&resolved.queues, options.foreign_characters, queue_listener, &mut services).await?;
    let key_name = resolved.parameters.get("TokenSigningKeyName");
    let key_name = key_name.ok_or_else(|| Error::new("template.yaml has no parameter TokenSigningKeyName."))?;
    parameters::start(key_name, &keys.signing.pem, key_listener, &mut services)?;
    let mails = Mails::serve(mail_listener, &mut services);

    if let FunctionsMode::Binaries { proxy: Some(proxy), .. } = &options.functions {
        proxy.serve(&endpoints, &template, &resolved, &mut services)?;
    }
    let logs = directory::open_logs(options.log_file.as_deref())?;
    let functions = FunctionsOptions {
        mode: options.functions,
        functions: &resolved.functions,
        endpoints: endpoints.clone(),
        program: tools::cargo_lambda(&options.workspace).await?,
        workspace: options.workspace,
        socket,
    };
    let functions = Functions::start(functions, &guard, &logs).await?;
    let parts = Parts { sqs: queues, invoker: functions.invoker.clone() };
    mappings::start(&template, &resolved, &*records, &parts, &mut mappings)?;
    Ok(Running { resolved, database, endpoints, keys, mails, functions, mappings, services, logs, _lock: lock })
}

/// Opens the engine in this process, and its stream.
async fn embedded(
    location: &DatabaseLocation,
    table: &ResolvedTable,
    listener: TcpListener,
    tasks: &mut JoinSet<()>,
) -> Result<(Option<Database>, Box<dyn Records>)> {
    let database = match location {
        DatabaseLocation::Memory => engine::open(None)?,
        DatabaseLocation::Directory { path, .. } => engine::open(Some(&path.join("helpdesk.db")))?,
    };
    engine::prepare(&database, table)?;
    engine::serve(&database, listener, tasks).await?;
    let records = Embedded::open(database.clone(), &table.name)?;
    Ok((Some(database), Box::new(records)))
}

/// Listens on a free port, and returns its URL too.
async fn listen() -> Result<(TcpListener, String)> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = bound.map_err(|error| port_error(0, &error))?;
    let address = listener.local_addr().map_err(during("Asking for a free port"))?;
    Ok((listener, format!("http://{address}")))
}

#[cfg(test)]
mod tests;
