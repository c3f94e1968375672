//! One function in a process of its own, and the Runtime API that drives it (Lambda developer
//! guide, "Using the Lambda runtime API for custom runtimes").

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, SystemTime};

use rustix::process::{Pid, Signal, kill_process};

/// How long a function has for one invocation. Under valgrind they take a hundred times as long.
const INVOKE_WITHIN: Duration = Duration::from_mins(1);

/// The processor time of a process.
#[derive(Clone, Copy)]
pub(crate) struct Cpu {
    /// All of it, exactly.
    pub(crate) total: Duration,
    /// The clock ticks at which the process was in its own code and in the kernel's.
    ticks: [u64; 2],
}

impl Cpu {
    pub(crate) fn since(self, before: Self) -> Self {
        let [user, system] = [0, 1].map(|place| self.ticks[place] - before.ticks[place]);
        Self { total: self.total.saturating_sub(before.total), ticks: [user, system] }
    }

    /// Returns the time of one of `count` invocations. The ticks are too coarse to divide.
    pub(crate) fn divided_by(self, count: usize) -> Self {
        Self { total: self.total / u32::try_from(count).unwrap(), ..self }
    }

    /// Returns the share of the kernel.
    pub(crate) fn system_share(&self) -> f64 {
        let [user, system] = self.ticks;
        system as f64 / (user + system).max(1) as f64
    }
}

/// A request of the function to the Runtime API.
struct Call {
    line: String,
    body: String,
    connection: TcpStream,
}

/// A function that waits for its next invocation.
pub(crate) struct Function {
    process: Child,
    calls: Receiver<Call>,
    /// The connection on which the function waits.
    waiting: TcpStream,
    invocations: usize,
}

impl Function {
    /// Starts a function, through `wrapper` if that is not empty, and waits for its first poll.
    pub(crate) fn start(program: &Path, wrapper: &[&str], variables: &[(String, String)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (called, calls) = channel();
        std::thread::spawn(move || accept(&listener, &called));
        let mut command = match wrapper {
            [] => Command::new(program),
            [first, others @ ..] => {
                let mut command = Command::new(first);
                command.args(others).arg(program);
                command
            }
        };
        let name = program.file_name().unwrap();
        let process = command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(variables.iter().cloned())
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .stdout(Stdio::null())
            .stderr(if wrapper.is_empty() { Stdio::inherit() } else { Stdio::piped() })
            .spawn()
            .unwrap();
        let waiting = next(&calls);
        Self { process, calls, waiting, invocations: 0 }
    }

    /// Makes one invocation and returns the response once the function waits for the next.
    pub(crate) fn invoke(&mut self, event: &str) -> String {
        self.invocations += 1;
        let deadline = SystemTime::UNIX_EPOCH.elapsed().unwrap() + INVOKE_WITHIN;
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             lambda-runtime-aws-request-id: 8476a536-e9f4-11e8-9739-{:012x}\r\n\
             lambda-runtime-deadline-ms: {}\r\n\
             lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-central-1:123456789012:function:measured\r\n\
             lambda-runtime-trace-id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1\r\n\r\n",
            event.len(),
            self.invocations,
            deadline.as_millis(),
        );
        self.waiting.write_all(&[head.as_bytes(), event.as_bytes()].concat()).unwrap();
        let mut response = self.calls.recv_timeout(INVOKE_WITHIN).unwrap();
        assert!(response.line.contains("/response "), "{} {}", response.line, response.body);
        response.connection.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n").unwrap();
        self.waiting = next(&self.calls);
        response.body
    }

    /// Returns the processor time that the process has taken so far, with all its threads.
    pub(crate) fn cpu(&self) -> Cpu {
        let directory = format!("/proc/{}", self.process.id());
        let first = |text: String| text.split(' ').next().unwrap().parse::<u64>().unwrap();
        let threads = std::fs::read_dir(format!("{directory}/task")).unwrap();
        let nanoseconds = threads
            .map(|thread| first(std::fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap()))
            .sum();
        // The 14th and the 15th field of proc(5), counted after the name in brackets.
        let fields = std::fs::read_to_string(format!("{directory}/stat")).unwrap();
        let fields: Vec<&str> = fields.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let ticks = [fields[11], fields[12]].map(|field| field.parse().unwrap());
        Cpu { total: Duration::from_nanos(nanoseconds), ticks }
    }

    /// Ends the process and returns what it wrote to standard error.
    pub(crate) fn end(mut self) -> String {
        let id = Pid::from_child(&self.process);
        kill_process(id, Signal::TERM).unwrap();
        let mut output = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut output).unwrap();
        output
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.process.kill();
        self.process.wait().unwrap();
    }
}

/// Waits until the function asks for work, and returns the connection on which it does.
fn next(calls: &Receiver<Call>) -> TcpStream {
    let Call { line, body, connection } = calls.recv_timeout(INVOKE_WITHIN).unwrap();
    assert!(line.contains("/invocation/next "), "{line} {body}");
    connection
}

fn accept(listener: &TcpListener, called: &Sender<Call>) {
    for connection in listener.incoming() {
        let (connection, called) = (connection.unwrap(), called.clone());
        connection.set_nodelay(true).unwrap();
        std::thread::spawn(move || read_all(&connection, &called));
    }
}

/// Reads the requests of one connection until it is closed.
fn read_all(connection: &TcpStream, called: &Sender<Call>) {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    loop {
        let mut lines = reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty());
        let Some(line) = lines.next() else { return };
        let length = lines.filter_map(|header| {
            let (name, value) = header.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<u64>().unwrap())
        });
        let length = length.last().unwrap_or(0);
        let mut body = String::new();
        if reader.by_ref().take(length).read_to_string(&mut body).is_err() {
            return;
        }
        if called.send(Call { line, body, connection: connection.try_clone().unwrap() }).is_err() {
            return;
        }
    }
}
