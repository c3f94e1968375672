//! The `cargo lambda watch` process: routes, the invoke endpoint and the runtime interface.

use super::guard::{Guard, kill_group};
use super::logs::Logs;
use crate::error::during;
use crate::{Error, Result};
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// The name of its output in the logs.
pub(crate) const LOG_NAME: &str = "cargo-lambda";

/// How long it may take until it is ready. It reads the workspace with `cargo metadata` first.
const READY_WITHIN: Duration = Duration::from_mins(1);
const READY_POLL: Duration = Duration::from_millis(20);

/// How long it may take to stop after a SIGTERM.
const STOP_WITHIN: Duration = Duration::from_millis(1_500);

#[derive(Debug, Clone)]
pub(crate) struct ServerOptions {
    pub(crate) program: PathBuf,
    pub(crate) workspace: PathBuf,
    /// The largest number of instances of each function that are started on demand. If it is not
    /// set, only the interfaces are served.
    pub(crate) concurrency: Option<usize>,
    /// The variables that every function started on demand inherits.
    pub(crate) environment: BTreeMap<String, String>,
}

#[derive(Debug)]
pub(crate) struct LambdaServer {
    pub(crate) address: SocketAddr,
    child: Child,
    pid: u32,
    guard: Arc<Guard>,
    _port: Option<TcpSocket>,
}

impl LambdaServer {
    /// Starts the process on the port that `socket` is bound to, and waits until it listens.
    pub(crate) async fn start(
        options: &ServerOptions,
        socket: TcpSocket,
        guard: &Arc<Guard>,
        logs: &Logs,
    ) -> Result<Self> {
        let address = socket.local_addr().map_err(during("Asking for a free port"))?;
        // On Linux, a bound socket that does not listen keeps other processes off the port and lets
        // the server's own bind succeed.
        let port = cfg!(target_os = "linux").then_some(socket);
        let mut child = guard.spawn(&mut command(options, address)).map_err(during("Starting cargo-lambda"))?;
        let pid = child.id().ok_or_else(|| Error::new("cargo-lambda ended as soon as it started."))?;
        logs.follow(LOG_NAME, &mut child);
        let mut server = Self { address, child, pid, guard: Arc::clone(guard), _port: port };
        match timeout(READY_WITHIN, server.wait_until_listening()).await {
            Ok(Ok(())) => Ok(server),
            Ok(Err(status)) => Err(Error::new(format!(
                "cargo-lambda ended while it started ({status}). Its last output:\n{}",
                logs.tail(LOG_NAME, 10)
            ))),
            Err(_) => Err(Error::new(format!("cargo-lambda did not listen within {} s.", READY_WITHIN.as_secs()))),
        }
    }

    /// Waits until the port accepts connections. The error is the exit status of a process that
    /// ended instead.
    async fn wait_until_listening(&mut self) -> std::result::Result<(), String> {
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(status.to_string());
            }
            if TcpStream::connect(self.address).await.is_ok() {
                return Ok(());
            }
            sleep(READY_POLL).await;
        }
    }

    /// Waits until the process ends by itself.
    pub(crate) async fn ended(&mut self) -> String {
        match self.child.wait().await {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        }
    }

    /// Asks the process to stop, and kills it after a while.
    pub(crate) async fn stop(&mut self) {
        kill_group(self.pid, Signal::TERM);
        if timeout(STOP_WITHIN, self.child.wait()).await.is_err() {
            kill_group(self.pid, Signal::KILL);
            drop(self.child.wait().await);
        }
        self.guard.remove(self.pid);
    }
}

/// Binds the port without listening.
pub(crate) fn reserve(port: Option<u16>) -> Result<TcpSocket> {
    let socket = TcpSocket::new_v4().map_err(during("Opening a socket"))?;
    socket.set_reuseaddr(true).map_err(during("Opening a socket"))?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.unwrap_or(0)));
    socket.bind(address).map_err(|error| port_error(address.port(), &error))?;
    Ok(socket)
}

/// Explains why a port cannot be bound.
pub(crate) fn port_error(port: u16, error: &std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::AddrInUse {
        return Error::new(format!(
            "Port {port} of 127.0.0.1 is in use. Stop the program that listens there, or choose another port with --port."
        ));
    }
    Error::new(format!("Cannot listen on port {port} of 127.0.0.1: {error}."))
}

fn command(options: &ServerOptions, address: SocketAddr) -> Command {
    let mut command = Command::new(&options.program);
    command.args(["lambda", "watch", "--invoke-address", "127.0.0.1", "--invoke-port"]).arg(address.port().to_string());
    // Started without --timeout, which would also end an idle function's wait for its next
    // invocation, and the function with it. A request whose function never responds therefore gets
    // no response, so callers need a deadline. The server's own CORS headers would allow every
    // page. The functions say which pages may call (the parameter CorsOrigins).
    command.arg("--disable-cors");
    match options.concurrency {
        Some(concurrency) => command.arg("--concurrency").arg(concurrency.to_string()),
        None => command.arg("--only-lambda-apis"),
    };
    command
        .current_dir(&options.workspace)
        .envs(&options.environment)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}
