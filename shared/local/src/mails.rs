//! SES: the part of version 2 of its API that the functions use, in memory. The crates that imitate
//! SES support version 1 alone.

use crate::serve;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The largest number of mails kept. The oldest are removed first.
const MAILS_MAX: usize = 1_000;

/// The largest request that is read, in bytes. SES accepts mails of up to 40 MB, but the mails here
/// are texts.
const REQUEST_BYTES_MAX: usize = 1024 * 1024;

/// The largest number of extra headers of a mail (SES API v2, `Message`).
const HEADERS_MAX: usize = 15;
/// The longest name and value of a header, in characters (SES API v2, `MessageHeader`).
const HEADER_NAME_MAX: usize = 126;
/// See [`HEADER_NAME_MAX`].
const HEADER_VALUE_MAX: usize = 870;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    /// The HTML of the mail, or empty if it has none.
    pub html: String,
    /// The extra headers of the mail, each with its value.
    pub headers: Vec<(String, String)>,
    pub configuration_set: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Mails {
    sent: Arc<watch::Sender<Sent>>,
}

#[derive(Debug, Default)]
struct Sent {
    kept: Vec<Mail>,
    count: usize,
}

impl Mails {
    /// Serves the API on `listener` until `tasks` is dropped.
    pub fn serve(listener: TcpListener, tasks: &mut JoinSet<()>) -> Self {
        let mails = Self { sent: Arc::new(watch::Sender::default()) };
        let serving = mails.clone();
        let service = service_fn(move |request| {
            let mails = serving.clone();
            async move { Ok::<_, Infallible>(mails.answer(request).await) }
        });
        serve::spawn(listener, service, tasks);
        mails
    }

    /// Returns all mails that are kept, oldest first.
    pub fn all(&self) -> Vec<Mail> {
        self.sent.borrow().kept.clone()
    }

    /// Removes and returns the mails that are kept, for callers that send more mails than are kept.
    pub fn take(&self) -> Vec<Mail> {
        let mut taken = Vec::new();
        self.sent.send_modify(|sent| taken = std::mem::take(&mut sent.kept));
        taken
    }

    /// Passes every mail to `show` as it is sent, starting with those already sent. Never returns.
    pub async fn follow(&self, show: impl Fn(&Mail)) {
        let mut changes = self.sent.subscribe();
        let mut shown = 0;
        loop {
            {
                let sent = changes.borrow_and_update();
                let unseen = (sent.count - shown).min(sent.kept.len());
                sent.kept[sent.kept.len() - unseen..].iter().for_each(&show);
                shown = sent.count;
            }
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        if request.method() == Method::GET {
            return self.page(request.uri().path());
        }
        if request.method() != Method::POST || request.uri().path() != "/v2/email/outbound-emails" {
            return refusal(StatusCode::NOT_FOUND, "The local SES supports only SendEmail of API version 2.");
        }
        let body = Limited::new(request.into_body(), REQUEST_BYTES_MAX).collect().await;
        let Some(mail) = body.ok().and_then(|body| mail_in(&body.to_bytes())) else {
            let advice = "The local SES accepts only simple mails to one address, with a text body.";
            return refusal(StatusCode::BAD_REQUEST, advice);
        };
        if let Some(fault) = mail.fault() {
            return refusal(StatusCode::BAD_REQUEST, fault);
        }
        let mut number = 0;
        self.sent.send_modify(|sent| {
            if sent.kept.len() == MAILS_MAX {
                sent.kept.remove(0);
            }
            sent.kept.push(mail);
            sent.count += 1;
            number = sent.count;
        });
        answer(StatusCode::OK, &json!({ "MessageId": number.to_string() }))
    }

    /// Serves the mails to a browser: `/` lists them, `/3` shows the third, `/3.html` only its
    /// HTML. `/to/<address>` is the text of the newest one to an address, for programs.
    fn page(&self, path: &str) -> Response<Full<Bytes>> {
        let mails = self.all();
        if let Some(address) = path.strip_prefix("/to/") {
            let newest = mails.iter().rev().find(|mail| mail.to == address);
            return newest.map_or_else(|| refusal(StatusCode::NOT_FOUND, "No mail was sent there."), plain);
        }
        let (number, html_only) = match path[1..].strip_suffix(".html") {
            Some(number) => (number, true),
            None => (&path[1..], false),
        };
        if number.is_empty() {
            let line = |(place, mail): (usize, &Mail)| {
                let (number, subject, to) = (place + 1, escaped(&mail.subject), escaped(&mail.to));
                format!("<li><a href=\"/{number}\">{subject}</a> to {to}</li>")
            };
            let lines: String = mails.iter().enumerate().rev().map(line).collect();
            return page(&format!("<h1>Mails</h1><ol reversed>{lines}</ol>"));
        }
        let mail = number.parse::<usize>().ok().and_then(|number| mails.get(number.checked_sub(1)?));
        match mail {
            None => refusal(StatusCode::NOT_FOUND, "No mail has this number."),
            Some(mail) if html_only => page(&mail.html),
            Some(mail) => {
                let headers = mail.headers.iter().map(|(name, value)| format!("{name}: {value}\n"));
                let head = format!("To: {}\nSubject: {}\n{}", mail.to, mail.subject, headers.collect::<String>());
                let text = escaped(&format!("{head}\n{}", mail.text));
                page(&format!(
                    "<p><a href=\"/\">All mails</a></p><pre>{text}</pre><iframe sandbox src=\"/{number}.html\" width=\"100%\" height=\"400\"></iframe>"
                ))
            }
        }
    }
}

impl Mail {
    /// Returns the reason why SES would reject the mail.
    fn fault(&self) -> Option<&'static str> {
        // RFC 5321 §4.5.3.1: 64 of the local part, an @, and 255 of the domain. SES does not
        // support SMTPUTF8 (SES API v2, `Destination`).
        let address = (3..=320).contains(&self.to.len()) && self.to.bytes().all(|byte| byte.is_ascii_graphic());
        if !address {
            return Some("The address must consist of printable ASCII characters.");
        }
        let of_a_host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
        if !self.to.rsplit('@').next().is_some_and(|domain| domain.bytes().all(of_a_host)) {
            return Some("The domain of the address is not a valid host name.");
        }
        if self.subject.chars().any(|character| matches!(character, '\r' | '\n')) {
            return Some("The subject has more than one line.");
        }
        if self.headers.len() > HEADERS_MAX {
            return Some("There are more than 15 headers.");
        }
        let sound = |(name, value): &(String, String)| {
            (1..=HEADER_NAME_MAX).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':')
                && (1..=HEADER_VALUE_MAX).contains(&value.len())
                && value.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        };
        (!self.headers.iter().all(sound))
            .then_some("A header is too long or contains characters other than printable ASCII.")
    }
}

/// Returns the text of a mail.
fn plain(mail: &Mail) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(mail.text.clone())));
    let text = http::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(http::header::CONTENT_TYPE, text);
    response
}

fn page(html: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(html.to_owned())));
    let html = http::HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(http::header::CONTENT_TYPE, html);
    response
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

fn mail_in(body: &[u8]) -> Option<Mail> {
    let request: Value = serde_json::from_slice(body).ok()?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let simple = &request["Content"]["Simple"];
    let [to] = request["Destination"]["ToAddresses"].as_array()?.as_slice() else { return None };
    text(&request["FromEmailAddress"])?;
    Some(Mail {
        to: text(to)?,
        subject: text(&simple["Subject"]["Data"])?,
        text: text(&simple["Body"]["Text"]["Data"])?,
        html: text(&simple["Body"]["Html"]["Data"]).unwrap_or_default(),
        headers: simple["Headers"].as_array().into_iter().flatten().filter_map(header_in).collect(),
        configuration_set: text(&request["ConfigurationSetName"]),
    })
}

fn header_in(header: &Value) -> Option<(String, String)> {
    Some((header["Name"].as_str()?.to_owned(), header["Value"].as_str()?.to_owned()))
}

fn refusal(status: StatusCode, message: &str) -> Response<Full<Bytes>> {
    let mut response = answer(status, &json!({ "message": message }));
    let name = http::HeaderValue::from_static("BadRequestException");
    response.headers_mut().insert("x-amzn-errortype", name);
    response
}

fn answer(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Client;
    use std::time::Duration;
    use tokio::sync::mpsc;

    async fn post(port: u16, path: &str, body: &Value) -> u16 {
        let url = format!("http://127.0.0.1:{port}{path}");
        let body = body.to_string().into_bytes();
        Client::default().send(Method::POST, &url, &[], body, Duration::from_secs(5)).await.unwrap().status.as_u16()
    }

    #[tokio::test]
    async fn a_mail_is_kept_and_shown_and_other_requests_are_refused() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut tasks = JoinSet::new();
        let mails = Mails::serve(listener, &mut tasks);
        let (sender, mut shown) = mpsc::unbounded_channel();
        let following = mails.clone();
        tasks.spawn(async move { following.follow(|mail| sender.send(mail.to.clone()).unwrap()).await });

        let path = "/v2/email/outbound-emails";
        let body = |to: &[&str]| {
            let simple = json!({"Subject": {"Data": "S"}, "Body": {"Text": {"Data": "T"}}});
            json!({"FromEmailAddress": "a@x", "Destination": {"ToAddresses": to}, "Content": {"Simple": simple}})
        };
        assert_eq!(post(port, path, &body(&["b@x"])).await, 200);
        assert_eq!(post(port, path, &body(&["b@x", "c@x"])).await, 400);
        assert_eq!(post(port, path, &json!({})).await, 400);
        assert_eq!(post(port, "/", &body(&["b@x"])).await, 404);
        for to in ["bücher@x", "\"a b\"@x", "b@x_y"] {
            assert_eq!(post(port, path, &body(&[to])).await, 400, "{to}");
        }
        let subject = "/Content/Simple/Subject/Data";
        let with = |place: &str, value: Value| {
            let mut mail = body(&["b@x"]);
            mail["Content"]["Simple"]["Headers"] = json!([{ "Name": "X-One", "Value": "1" }]);
            *mail.pointer_mut(place).unwrap() = value;
            mail
        };
        for (place, value) in [
            (subject, json!("two\nlines")),
            ("/Content/Simple/Headers/0/Name", json!("X One")),
            ("/Content/Simple/Headers/0/Name", json!("X:")),
            ("/Content/Simple/Headers/0/Name", json!("X".repeat(127))),
            ("/Content/Simple/Headers/0/Value", json!("é")),
            ("/Content/Simple/Headers/0/Value", json!("a\nBcc: c@x")),
            ("/Content/Simple/Headers/0/Value", json!("x".repeat(871))),
            ("/Content/Simple/Headers", json!(vec![json!({ "Name": "X-One", "Value": "1" }); 16])),
        ] {
            assert_eq!(post(port, path, &with(place, value)).await, 400, "{place}");
        }
        assert_eq!(post(port, path, &body(&["d@x"])).await, 200);
        let mail = |to: &str| Mail {
            to: to.to_owned(),
            subject: "S".to_owned(),
            text: "T".to_owned(),
            html: String::new(),
            headers: Vec::new(),
            configuration_set: None,
        };
        assert_eq!(mails.all(), [mail("b@x"), mail("d@x")]);
        assert_eq!((shown.recv().await.unwrap(), shown.recv().await.unwrap()), ("b@x".to_owned(), "d@x".to_owned()));
    }
}
