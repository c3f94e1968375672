use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use serde_json::Value;

/// The reaction of a receiver to a request.
#[derive(Clone, Debug)]
pub(crate) enum Reaction {
    /// Answers with this status and these header lines.
    Answer(u16, &'static str),
    /// Closes the connection.
    HangUp,
}

/// A request that a receiver got.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Returns how many of its signatures were made with this secret (Standard Webhooks 1.0,
    /// "Verifying webhooks").
    pub(crate) fn signatures_by(&self, secret: &str) -> usize {
        let secret = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let signed = format!("{}.{}.{}", self.header("webhook-id"), self.header("webhook-timestamp"), self.body);
        let expected = format!("v1,{}", STANDARD.encode(hmac::sign(&key, signed.as_bytes())));
        self.header("webhook-signature").split(' ').filter(|signature| *signature == expected).count()
    }
}

/// A server that receives the deliveries of webhooks.
pub(crate) struct Receiver {
    pub(crate) url: String,
    received: Arc<Mutex<Vec<Received>>>,
    reaction: Arc<Mutex<Reaction>>,
}

impl Receiver {
    /// Starts a receiver that answers everything with 204.
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let reaction = Arc::new(Mutex::new(Reaction::Answer(204, "")));
        let (kept, reacts) = (Arc::clone(&received), Arc::clone(&reaction));
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let (kept, reacts) = (Arc::clone(&kept), Arc::clone(&reacts));
                std::thread::spawn(move || serve(connection.unwrap(), &kept, &reacts));
            }
        });
        Self { url, received, reaction }
    }

    /// Sets the reaction from now on.
    pub(crate) fn react(&self, reaction: Reaction) {
        *self.reaction.lock().unwrap() = reaction;
    }

    /// Returns every request received, oldest first.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

fn serve(mut connection: TcpStream, kept: &Mutex<Vec<Received>>, reacts: &Mutex<Reaction>) {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    let (mut headers, mut line) = (HeaderMap::new(), String::new());
    while reader.read_line(&mut line).is_ok_and(|read| read > 0) && line != "\r\n" {
        if let Some((name, value)) = line.split_once(": ") {
            let name: HeaderName = name.parse().unwrap();
            headers.insert(name, HeaderValue::from_str(value.trim()).unwrap());
        }
        line.clear();
    }
    let length = headers.get("content-length").map_or(0, |length| length.to_str().unwrap().parse().unwrap());
    let mut body = vec![0; length];
    if headers.is_empty() || reader.read_exact(&mut body).is_err() {
        return;
    }
    kept.lock().unwrap().push(Received { headers, body: String::from_utf8(body).unwrap() });
    let reaction = reacts.lock().unwrap().clone();
    if let Reaction::Answer(status, lines) = reaction {
        let _gone =
            write!(connection, "HTTP/1.1 {status} Whatever\r\n{lines}content-length: 0\r\nconnection: close\r\n\r\n");
    }
}
