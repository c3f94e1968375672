//! Stubs for the services and receivers other than the table.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use edges::mail::Mailer;
use edges::queue::Queue;
use serde_json::{Value, json};

/// A request: its head in lowercase, and its body.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> String {
        let line = self.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_default().to_owned()
    }
}

/// Serves on a free port and returns its address. `answer` returns the status, header lines and
/// body, or `None` to close the connection.
pub(crate) fn serve(answer: impl Fn(Request) -> Option<(u16, String, String)> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || while exchange(&mut connection.as_ref().unwrap(), &*answer) {});
        }
    });
    address
}

fn exchange(
    connection: &mut &TcpStream,
    answer: &(impl Fn(Request) -> Option<(u16, String, String)> + ?Sized),
) -> bool {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    let (mut head, mut line) = (String::new(), String::new());
    while reader.read_line(&mut line).is_ok_and(|read| read > 0) && line != "\r\n" {
        head.push_str(&line.to_lowercase());
        line.clear();
    }
    let head = Request { head, body: String::new() };
    let mut body = vec![0; head.header("content-length").trim().parse().unwrap_or(0)];
    if head.head.is_empty() || reader.read_exact(&mut body).is_err() {
        return false;
    }
    let Some((status, lines, body)) = answer(Request { body: String::from_utf8(body).unwrap(), ..head }) else {
        return false;
    };
    let length = body.len();
    // In one write, because the second of several small ones would wait for the first to be
    // acknowledged.
    let answer = format!("HTTP/1.1 {status} Whatever\r\n{lines}content-length: {length}\r\n\r\n{body}");
    connection.write_all(answer.as_bytes()).is_ok()
}

/// Returns a queue that accepts everything, and the bodies it accepted. Unlike SQS it does not drop
/// duplicates.
pub(crate) fn queue() -> (Queue, Arc<Mutex<Vec<String>>>) {
    queue_that_refuses("nothing has this in it")
}

/// Returns a queue like [`queue`] that refuses every call with a body that has this text, as SQS
/// does for some characters.
pub(crate) fn queue_that_refuses(text: impl Into<String>) -> (Queue, Arc<Mutex<Vec<String>>>) {
    let text = text.into();
    let taken: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&taken);
    let endpoint = serve(move |request| {
        let request: Value = serde_json::from_str(&request.body).unwrap();
        let entries = request["Entries"].as_array().unwrap();
        let media_type = "content-type: application/x-amz-json-1.0\r\n".to_owned();
        if entries.iter().any(|entry| entry["MessageBody"].as_str().unwrap().contains(&text)) {
            let refusal = json!({"__type": "com.amazonaws.sqs#InvalidMessageContents", "message": "No."});
            return Some((400, media_type, refusal.to_string()));
        }
        kept.lock().unwrap().extend(entries.iter().map(|entry| entry["MessageBody"].as_str().unwrap().to_owned()));
        let taken: Vec<Value> =
            entries.iter().map(|entry| json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": ""})).collect();
        let answer = json!({"Successful": taken, "Failed": []}).to_string();
        Some((200, media_type, answer))
    });
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(local::REGION))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(&endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    (Queue::new(aws_sdk_sqs::Client::from_conf(config), format!("{endpoint}/000000000000/queue")), taken)
}

/// Returns a mailer for an SES at this address.
pub(crate) fn mailer(endpoint: &str) -> Mailer {
    let config = aws_sdk_sesv2::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(local::REGION))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Mailer::new(aws_sdk_sesv2::Client::from_conf(config), "helpdesk@example.org".to_owned())
}
