//! Whether a request and its response are as the contract says.

use http::HeaderMap;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::{Contract, Node, Operation};

/// The headers of a response that a contract names where they can occur. Those that every response
/// carries alike (docs/openapi.yaml, "Responses") are checked elsewhere.
const RESPONSE_HEADERS: [&str; 10] = [
    "allow",
    "etag",
    "idempotency-replayed",
    "link",
    "location",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "set-cookie",
    "www-authenticate",
];

/// The headers of a request that only some operations take. All others refuse them.
const ONLY_OF_SOME: [&str; 3] = ["if-match", "if-none-match", "x-helpdesk-session"];

/// A request and its response.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'a> {
    pub method: &'a str,
    /// The path with its query.
    pub target: &'a str,
    pub request_headers: &'a [(&'a str, &'a str)],
    pub request_body: &'a [u8],
    pub status: u16,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

/// An operation and the status of its answer, which the contract documents.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    pub operation: String,
    pub status: u16,
}

impl Contract {
    /// Returns which documented answer an exchange shows, or `None` if its request is for no
    /// operation.
    ///
    /// # Errors
    /// When the exchange does not fit the contract: one line for each reason.
    pub fn check(&self, exchange: &Exchange<'_>) -> Result<Option<Seen>, Vec<String>> {
        let Some((operation, parameters)) = self.operation_of(exchange) else { return Ok(None) };
        let Some(node) = operation.node(&self.document) else { return Ok(None) };
        let mut misfits = self.response_misfits(&node, exchange);
        if (200..400).contains(&exchange.status) {
            misfits.extend(self.request_misfits(&node, &parameters, exchange));
            let has_credentials = header(exchange.request_headers, "authorization").is_some();
            if !has_credentials && !operation.is_public(&self.document) {
                misfits.push("succeeds without the credentials that `security` requires".to_owned());
            }
        }
        if misfits.is_empty() {
            return Ok(Some(Seen { operation: operation.id.clone(), status: exchange.status }));
        }
        let what = format!("{} {} -> {}", exchange.method, exchange.target, exchange.status);
        Err(misfits.into_iter().map(|misfit| format!("{what} ({}): {misfit}", operation.id)).collect())
    }

    /// Returns the operation of a request and the values of its path's parameters. A path without
    /// parameters comes before one with them (OpenAPI 3.1, "Path Templating Matching").
    fn operation_of<'a>(&'a self, exchange: &'a Exchange<'_>) -> Option<(&'a Operation, Vec<(&'a str, &'a str)>)> {
        let method = if exchange.method == "HEAD" { "GET" } else { exchange.method };
        let path = exchange.target.split('?').next()?;
        let fitting = self.operations.iter().filter(|operation| operation.method == method);
        fitting
            .filter_map(|operation| Some((operation, operation.parameters_in(path)?)))
            .min_by_key(|(_, parameters)| parameters.len())
    }

    fn response_misfits(&self, operation: &Node<'_>, exchange: &Exchange<'_>) -> Vec<String> {
        let Some(response) = operation.child("responses").and_then(|all| all.child(&exchange.status.to_string()))
        else {
            return vec!["the contract has no such status".to_owned()];
        };
        let mut misfits = Vec::new();
        let documented: Vec<(String, Node<'_>)> = response.child("headers").iter().flat_map(Node::children).collect();
        for (name, node) in &documented {
            match exchange.headers.get(name).map(|value| value.to_str().unwrap_or_default()) {
                Some(value) => misfits.extend(self.text_misfits(&format!("header {name}"), node, value)),
                None if node.is("required") => misfits.push(format!("has no header {name}")),
                None => {}
            }
        }
        let is_documented = |name: &str| documented.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        let undocumented =
            RESPONSE_HEADERS.into_iter().filter(|name| exchange.headers.contains_key(*name) && !is_documented(name));
        misfits.extend(undocumented.map(|name| format!("has the header {name}, which the contract lacks")));
        let kind = exchange.headers.get("content-type").and_then(|value| value.to_str().ok());
        if exchange.method != "HEAD" {
            misfits.extend(self.body_misfits("response", &response, kind, exchange.body));
        }
        misfits
    }

    fn request_misfits(&self, operation: &Node<'_>, in_path: &[(&str, &str)], exchange: &Exchange<'_>) -> Vec<String> {
        let query: Vec<(String, String)> = exchange
            .target
            .split_once('?')
            .map(|(_, query)| url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
            .unwrap_or_default();
        let mut misfits = Vec::new();
        let (mut known, mut takes_any_query) = (Vec::new(), false);
        for parameter in operation.child("parameters").iter().flat_map(|all| all.children().collect::<Vec<_>>()) {
            let parameter = parameter.1;
            let (Some(place), Some(name)) = (parameter.text("in"), parameter.text("name")) else { continue };
            if place == "query" && is_exploded_object(&parameter) {
                takes_any_query = true;
                continue;
            }
            known.push((place.to_owned(), name.to_lowercase()));
            let sent = match place {
                "path" => in_path.iter().find(|(other, _)| *other == name).map(|(_, value)| decoded(value)),
                "query" => query.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone()),
                "header" => header(exchange.request_headers, name).map(str::to_owned),
                // The cookie has another name where the tests run.
                _ => None,
            };
            match sent {
                Some(value) => misfits.extend(self.text_misfits(&format!("{place} {name}"), &parameter, &value)),
                None if parameter.is("required") => misfits.push(format!("succeeds without {place} {name}")),
                None => {}
            }
        }
        let is_known = |place: &str, name: &str| known.iter().any(|(p, n)| p == place && *n == name.to_lowercase());
        let strangers = query.iter().filter(|_| !takes_any_query).map(|(name, _)| ("query", name.as_str()));
        let strangers = strangers.chain(
            ONLY_OF_SOME
                .into_iter()
                .map(|name| ("header", name))
                .filter(|(_, name)| header(exchange.request_headers, name).is_some()),
        );
        misfits.extend(
            strangers
                .filter(|(place, name)| !is_known(place, name))
                .map(|(place, name)| format!("succeeds with {place} {name}, which the contract lacks")),
        );
        if exchange.method != "HEAD" {
            misfits.extend(self.request_body_misfits(operation, exchange));
        }
        misfits
    }

    fn request_body_misfits(&self, operation: &Node<'_>, exchange: &Exchange<'_>) -> Vec<String> {
        let kind = header(exchange.request_headers, "content-type");
        match operation.child("requestBody") {
            None if exchange.request_body.is_empty() => Vec::new(),
            None => vec!["succeeds with a body, which the contract lacks".to_owned()],
            Some(body) if exchange.request_body.is_empty() && !body.is("required") => Vec::new(),
            Some(body) => self.body_misfits("request", &body, kind, exchange.request_body),
        }
    }

    /// Returns why a body and its media type are not those of a response or of a request body.
    fn body_misfits(&self, what: &str, node: &Node<'_>, kind: Option<&str>, body: &[u8]) -> Vec<String> {
        let Some(content) = node.child("content") else {
            return if body.is_empty() { Vec::new() } else { vec![format!("the {what} has a body")] };
        };
        let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_lowercase();
        let media = content.child(&kind).or_else(|| content.child("*/*"));
        let Some(schema) = media.map(|media| media.child("schema")) else {
            return vec![format!("the {what} is of type {kind:?}, which the contract lacks")];
        };
        let Some(schema) = schema else { return Vec::new() };
        let value = if kind == "application/json" || kind.ends_with("+json") {
            match serde_json::from_slice(body) {
                Ok(value) => value,
                Err(error) => return vec![format!("the {what} is not JSON: {error}")],
            }
        } else if kind == "application/x-www-form-urlencoded" {
            let fields = url::form_urlencoded::parse(body).into_owned();
            fields.map(|(name, value)| (name, Value::from(value))).collect()
        } else {
            Value::from(String::from_utf8_lossy(body))
        };
        self.misfits(&schema, &value).into_iter().map(|misfit| format!("the {what} {misfit}")).collect()
    }

    /// Returns why a header or parameter does not fit its schema.
    fn text_misfits(&self, what: &str, node: &Node<'_>, text: &str) -> Vec<String> {
        let Some(schema) = node.child("schema") else { return Vec::new() };
        let value = typed(&schema, text);
        self.misfits(&schema, &value).into_iter().map(|misfit| format!("{what} {misfit}")).collect()
    }
}

/// Returns whether the parameter stands for any parameters, each with its own name (OpenAPI 3.1,
/// "Style Values": an object in the style `form`, exploded).
fn is_exploded_object(parameter: &Node<'_>) -> bool {
    parameter.is("explode") && parameter.child("schema").is_some_and(|schema| schema.text("type") == Some("object"))
}

/// Returns a text as a value of the schema's type, where it can be one.
fn typed(schema: &Node<'_>, text: &str) -> Value {
    let parsed = match schema.text("type") {
        Some("integer" | "number") => text.parse::<i64>().ok().map(Value::from),
        Some("boolean") => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    };
    parsed.unwrap_or_else(|| Value::from(text))
}

fn header<'a>(headers: &[(&str, &'a str)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
