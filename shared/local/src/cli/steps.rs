//! The demo's HTTP client, which prints every request and response.

use http::Method;
use local::http::{Answer, Client};
use local::{Error, Result};
use serde_json::Value;
use std::time::Duration;

/// How long one request may take. The first request to a function may have to wait for its build.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);

/// The most lines of one response that are printed.
const SHOWN_LINES: usize = 30;

/// Response headers that are printed.
const SHOWN_HEADERS: [&str; 2] = ["etag", "idempotency-replayed"];

/// Fields that are shortened when printed, and to how many characters.
const SECRETS: [&str; 4] = ["password", "token", "access_token", "refresh_token"];
const LEFT_OF_A_SECRET: usize = 8;

#[derive(Debug, Clone, Copy)]
pub(crate) struct ApiRequest<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) body: Option<&'a Value>,
    /// Another header, by name and value.
    pub(crate) header: Option<(&'a str, &'a str)>,
}

impl<'a> ApiRequest<'a> {
    pub(crate) const fn get(path: &'a str, token: Option<&'a str>) -> Self {
        Self { method: &Method::GET, path, token, body: None, header: None }
    }

    pub(crate) const fn post(path: &'a str, token: Option<&'a str>, body: &'a Value) -> Self {
        Self { method: &Method::POST, path, token, body: Some(body), header: None }
    }
}

#[derive(Debug)]
pub(crate) struct Api {
    client: Client,
    url: String,
}

impl Api {
    pub(crate) fn new(url: &str) -> Self {
        Self { client: Client::default(), url: url.to_owned() }
    }

    /// Returns whether a help desk runs at the address.
    pub(crate) async fn answers(&self) -> bool {
        matches!(self.send(ApiRequest::get("/v1/me", None)).await, Ok(answer) if answer.status.as_u16() == 401)
    }

    async fn send(&self, request: ApiRequest<'_>) -> Result<Answer> {
        let bearer = request.token.map(|token| format!("Bearer {token}"));
        let mut headers = Vec::new();
        if let Some(bearer) = &bearer {
            headers.push(("authorization", bearer.as_str()));
        }
        if request.body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        headers.extend(request.header);
        let body = request.body.map(Value::to_string).unwrap_or_default().into_bytes();
        let url = format!("{}{}", self.url, request.path);
        self.client.send(request.method.clone(), &url, &headers, body, RESPONSE_TIMEOUT).await
    }

    /// Returns the text at this path.
    pub(crate) async fn text(&self, path: &str) -> Result<String> {
        let answer = self.send(ApiRequest::get(path, None)).await?;
        Ok(String::from_utf8_lossy(&answer.body).into_owned())
    }

    /// Sends a request without printing it, and fails if the response is an error.
    pub(crate) async fn quietly(&self, request: ApiRequest<'_>) -> Result<Value> {
        let answer = self.send(request).await?;
        demand_success(request, &answer)
    }

    /// Prints `title`, the request as a curl command and the response, and fails if it is an error.
    pub(crate) async fn step(&self, title: &str, request: ApiRequest<'_>) -> Result<Value> {
        let answer = self.shown(title, request).await?;
        demand_success(request, &answer)
    }

    /// Does the same as [`Api::step`], and fails if the response does not have this status.
    pub(crate) async fn step_to(&self, title: &str, request: ApiRequest<'_>, status: u16) -> Result<Answer> {
        let answer = self.shown(title, request).await?;
        if answer.status.as_u16() == status {
            return Ok(answer);
        }
        Err(Error::new(format!("{} {} returned {}, not {status}.", request.method, request.path, answer.status)))
    }

    async fn shown(&self, title: &str, request: ApiRequest<'_>) -> Result<Answer> {
        println!("\n── {title}\n{}", self.curl(request));
        let answer = self.send(request).await?;
        println!("{}", answer.status);
        for name in SHOWN_HEADERS {
            if let Some(value) = answer.headers.get(name).and_then(|value| value.to_str().ok()) {
                println!("{name}: {value}");
            }
        }
        let body = answer.json()?;
        if !body.is_null() {
            show(&body);
        }
        Ok(answer)
    }

    fn curl(&self, request: ApiRequest<'_>) -> String {
        let token = request.token.map(|token| format!(" -H 'authorization: Bearer {}'", shortened(token)));
        let body = request
            .body
            .map(|body| format!(" -H 'content-type: application/json' -d '{}'", without_secrets(body.clone())));
        let header = request.header.map(|(name, value)| format!(" -H '{name}: {value}'"));
        let [token, header, body] = [token, header, body].map(Option::unwrap_or_default);
        format!("curl -X {} {}{}{token}{header}{body}", request.method, self.url, request.path)
    }
}

fn demand_success(request: ApiRequest<'_>, answer: &Answer) -> Result<Value> {
    let body = answer.json()?;
    if answer.status.is_success() {
        return Ok(body);
    }
    let detail = body["detail"].as_str().or(body["title"].as_str()).unwrap_or("the response has no detail");
    Err(Error::new(format!("{} {} returned {}: {detail}", request.method, request.path, answer.status)))
}

/// Prints the first lines of a response.
pub(crate) fn show(body: &Value) {
    let text = format!("{:#}", without_secrets(body.clone()));
    let mut lines = text.lines();
    for line in lines.by_ref().take(SHOWN_LINES) {
        println!("{line}");
    }
    let more = lines.count();
    if more > 0 {
        println!("… and {more} more lines");
    }
}

fn without_secrets(mut value: Value) -> Value {
    if let Value::Object(fields) = &mut value {
        for name in SECRETS {
            if let Some(Value::String(secret)) = fields.get_mut(name) {
                *secret = shortened(secret);
            }
        }
    }
    value
}

fn shortened(secret: &str) -> String {
    secret.chars().take(LEFT_OF_A_SECRET).chain(['…']).collect()
}
