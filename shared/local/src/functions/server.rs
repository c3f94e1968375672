//! The `cargo lambda watch` process: routes, the invoke endpoint and the runtime interface.

use super::guard::{Guard, kill_group};
use super::logs::Logs;
use crate::error::during;
use crate::{Error, Result};
use rustix::process::Signal;
use std::net::{Ipv4Addr, SocketAddr};
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

#[derive(Debug)]
pub(crate) struct LambdaServer {
    pub(crate) address: SocketAddr,
    child: Child,
    pid: u32,
    guard: Arc<Guard>,
    _port: Option<TcpSocket>,
}

impl LambdaServer {
    /// Starts `command` on the port that `socket` is bound to, and waits until it listens.
    pub(crate) async fn start(
        mut command: Command,
        socket: TcpSocket,
        guard: &Arc<Guard>,
        logs: &Logs,
    ) -> Result<Self> {
        let address = socket.local_addr().map_err(during("Asking for a free port"))?;
        // On Linux, a bound socket that does not listen keeps other processes off the port and lets
        // the server's own bind succeed.
        let port = cfg!(target_os = "linux").then_some(socket);
        add_arguments(&mut command, address.port());
        let mut child = guard.spawn(&mut command).map_err(during("Starting cargo-lambda"))?;
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

fn add_arguments(command: &mut Command, port: u16) {
    // Started without --timeout, which would also end an idle function's wait for its next
    // invocation, and the function with it. A request whose function never responds therefore gets
    // no response, so callers need a deadline. The server's own CORS headers would allow every
    // page. The functions say which pages may call (the parameter CorsOrigins).
    command
        .args(["--disable-cors", "--invoke-address", "127.0.0.1", "--invoke-port", &port.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
}
