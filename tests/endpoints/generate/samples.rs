//! `events/*.json`: a request of API Gateway to each endpoint's function.

use std::fmt::Write as _;

use local::template::Template;
use serde_json::{Map, Value, json};

use super::{NOTICE, routed};
use crate::row::{Call, Endpoint, Right};
use crate::table::ENDPOINTS;

const HOST: &str = "abcdefghij.execute-api.eu-central-1.amazonaws.com";
const AGENT: &str = "curl/8.5.0";
const ADDRESS: &str = "192.0.2.10";
const STAGE: &str = "$default";

/// The values of path parameters in the samples.
const PARAMETERS: [(&str, &str); 9] = [
    ("asset", "page.js"),
    ("file", "icon.svg"),
    ("page", "tickets"),
    ("item", "42"),
    ("number", "42"),
    ("id", "019bc0fd-8a41-7a52-8d1e-6f7a8b9c0d1e"),
    ("delivery", "019bc0fd-9b52-7b63-9e2f-7a8b9c0d1e2f"),
    ("token_id", "019bc0fd-ac63-7c74-af30-8a9b0c1d2e3f"),
    ("token", "019bc0fd-8a41-7a52-8d1e-6f7a8b9c0d1e.0123456789abcdef0123456789abcdef"),
];

/// The values of the placeholders in the bodies of the table.
const FILLED_IN: [(&str, &str); 9] = [
    ("%title", "The printer on floor 3 jams"),
    ("%text", "Every second page, since this morning."),
    ("%email", "rita@example.com"),
    ("%password", "a long walk by the sea"),
    ("%refresh", "<refresh token>"),
    ("%token", "AaIK0zTcdkyMfQG1Yf8d7gAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    ("%technician", "019bbfe1-5b7e-7d10-9c3f-2a1b4c5d6e7f"),
    ("%other", "019bbfe1-6c8f-7e21-8d40-3b2c5d6e7f80"),
    ("%unique", "floor-3"),
];

/// Returns the file and the text of every sample request. For a function of more than one endpoint,
/// it is that of the last.
pub(super) fn texts(template: &Template) -> Result<Vec<(String, String)>, String> {
    let mut samples = vec![("routes-refuse".to_owned(), refused())];
    for endpoint in ENDPOINTS {
        let (method, path) = (endpoint.method(), endpoint.path());
        let function = routed::function(template, method, path)
            .ok_or_else(|| format!("tests/endpoints/table.rs has {method} {path}, which template.yaml lacks."))?;
        samples.retain(|(name, _)| name != function);
        samples.push((function.to_owned(), sample(template, endpoint)));
    }
    Ok(samples.into_iter().map(|(name, text)| (format!("events/{name}.json"), text)).collect())
}

fn sample(template: &Template, endpoint: &Endpoint) -> String {
    let Some(call) = endpoint.calls.first() else { return String::new() };
    let (method, path) = (endpoint.method(), endpoint.path());
    let any = routed::exact(template, method, path).is_none();
    let key = format!("{} {path}", if any { "ANY" } else { method });
    let (mut raw_path, mut parameters) = (path.to_owned(), Map::new());
    for (name, value) in PARAMETERS {
        let place = format!("{{{name}}}");
        if raw_path.contains(&place) {
            raw_path = raw_path.replace(&place, value);
            parameters.insert(name.to_owned(), json!(value));
        }
    }
    let mut request = Request { key: &key, method, path: &raw_path, ..Request::default() };
    request.query = endpoint.sample_query;
    request.parameters = parameters;
    request.body = body(call);
    request.has_token = call.right != Right::None;
    let header = call.costs.first().and_then(|cost| cost.header);
    request.header = header.filter(|(_, value)| !value.starts_with('%'));
    request.text()
}

fn refused() -> String {
    let path = "/v1/no-such-route";
    Request { key: "$default", method: "GET", path, has_token: true, ..Request::default() }.text()
}

fn body(call: &Call) -> String {
    let body = if call.sample.is_empty() { call.body } else { call.sample };
    FILLED_IN.iter().fold(body.to_owned(), |body, (name, value)| body.replace(name, value))
}

#[derive(Default)]
struct Request<'a> {
    key: &'a str,
    method: &'a str,
    path: &'a str,
    query: &'a str,
    parameters: Map<String, Value>,
    header: Option<(&'a str, &'a str)>,
    body: String,
    has_token: bool,
}

impl Request<'_> {
    /// Returns the event, its members in the order of API Gateway's documentation.
    fn text(&self) -> String {
        let mut members = vec![
            ("//", json!(NOTICE)),
            ("version", json!("2.0")),
            ("routeKey", json!(self.key)),
            ("rawPath", json!(self.path)),
            ("rawQueryString", json!(self.query)),
            ("headers", self.headers()),
        ];
        if !self.query.is_empty() {
            let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
            let pairs: Map<String, Value> = pairs.map(|(name, value)| (name.to_owned(), json!(value))).collect();
            members.push(("queryStringParameters", Value::Object(pairs)));
        }
        if !self.parameters.is_empty() {
            members.push(("pathParameters", Value::Object(self.parameters.clone())));
        }
        members.push(("requestContext", self.context()));
        if !self.body.is_empty() {
            members.push(("body", json!(self.body)));
        }
        members.push(("isBase64Encoded", json!(false)));
        let mut text = String::from("{\n");
        for (place, (name, value)) in members.iter().enumerate() {
            let value = format!("{value:#}").replace('\n', "\n  ");
            let comma = if place + 1 < members.len() { "," } else { "" };
            let _infallible = writeln!(text, "  {name:?}: {value}{comma}");
        }
        text + "}\n"
    }

    fn headers(&self) -> Value {
        let mut headers = json!({
            "accept": "application/json", "host": HOST, "user-agent": AGENT, "x-forwarded-for": ADDRESS,
            "x-forwarded-port": "443", "x-forwarded-proto": "https",
        });
        if self.has_token {
            headers["authorization"] = json!("Bearer <access token>");
        }
        if !self.body.is_empty() {
            headers["content-type"] = json!("application/json");
            headers["content-length"] = json!(self.body.len().to_string());
        }
        if let Some((name, value)) = self.header {
            headers[name] = json!(value);
        }
        headers
    }

    fn context(&self) -> Value {
        json!({
            "accountId": "123456789012",
            "apiId": "abcdefghij",
            "domainName": HOST,
            "domainPrefix": "abcdefghij",
            "http": {
                "method": self.method, "path": self.path, "protocol": "HTTP/1.1", "sourceIp": ADDRESS,
                "userAgent": AGENT,
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": self.key,
            "stage": STAGE,
            "time": "15/Jan/2026:09:30:00 +0000",
            "timeEpoch": 1_768_469_400_000_u64,
        })
    }
}
