//! The answer of an endpoint.

use std::borrow::Cow;
use std::collections::BTreeMap;

use domain::id::TicketNumber;
use domain::ticket::{Head, Ticket};
use domain::user::Person;
use edges::store::Answer;
use lambda_http::Body;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use serde::Serialize;

use crate::{Problem, TicketView};

/// An answer to a request.
#[derive(Debug)]
pub struct Reply {
    status: u16,
    content_type: Option<&'static str>,
    headers: Vec<(Cow<'static, str>, String)>,
    body: String,
}

/// The largest body of an answer, in bytes as it leaves the function. This is Lambda's limit for an
/// answer (Lambda developer guide, "Quotas": 6 MB; its own refusals say 6,291,556 bytes) minus room
/// for the headers.
const BODY_BYTES_MAX: usize = 6_291_556 - 16 * 1024;

/// Returns how many bytes a JSON text has as it leaves the function. API Gateway takes a body as a
/// string within JSON (API Gateway developer guide, "AWS Lambda proxy integrations", payload format
/// 2.0), where each quote and each backslash is written as two bytes.
pub(super) fn bytes_in_answer(json: &str) -> usize {
    json.len() + json.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count()
}

fn etag(ticket: &Head) -> String {
    format!("\"{}\"", ticket.seq)
}

/// The headers that every answer has besides its own. They forbid caching, forbid display in a
/// browser and require TLS (OWASP REST Security Cheat Sheet, "Security headers"), and name the
/// version of the program. The version's name has no `X-` prefix, because that prefix means nothing
/// (RFC 6648 §3).
const COMMON_HEADERS: [(&str, &str); 6] = [
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("helpdesk-version", env!("CARGO_PKG_VERSION")),
    ("referrer-policy", "no-referrer"),
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
];

impl Reply {
    fn json(status: u16, value: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self {
            status,
            content_type: Some("application/json"),
            headers: Vec::new(),
            body: serde_json::to_string(value).map_err(|error| Problem::Internal(Box::new(error)))?,
        })
    }

    /// Replies 200 with this value.
    pub fn ok(value: &impl Serialize) -> Result<Self, Problem> {
        Self::json(200, value)
    }

    /// Replies 200 with a ticket as this person sees it, and its public version as the `ETag`.
    pub fn ticket(ticket: Ticket, actor: &Person) -> Result<Self, Problem> {
        let etag = etag(&ticket.head);
        Ok(Self::ok(&TicketView::of(ticket, actor))?.with_header("etag", etag))
    }

    /// Replies 201 with a new ticket, like [`Reply::ticket`].
    pub fn created_ticket(ticket: Ticket, actor: &Person) -> Result<Self, Problem> {
        let etag = etag(&ticket.head);
        let location = format!("/v1/tickets/{}", ticket.head.number);
        let reply = Self::created(location, &TicketView::of(ticket, actor))?;
        Ok(reply.with_header("etag", etag))
    }

    /// Replies 201 with this value, which can be read at `location` from now on.
    pub fn created(location: String, value: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self::json(201, value)?.with_header("location", location))
    }

    /// Replies 201 with this value, which has no address of its own.
    pub fn created_within(value: &impl Serialize) -> Result<Self, Problem> {
        Self::json(201, value)
    }

    /// Replies 304, because the caller has the current version.
    #[must_use]
    pub fn not_modified(ticket: &Head) -> Self {
        let reply = Self { status: 304, content_type: None, headers: Vec::new(), body: String::new() };
        reply.with_header("etag", etag(ticket))
    }

    /// Checks that the answer fits Lambda's limit. Lambda itself would answer a larger one with
    /// nothing usable.
    pub(super) fn within_limits(self) -> Result<Self, Problem> {
        let bytes = bytes_in_answer(&self.body);
        if bytes <= BODY_BYTES_MAX {
            return Ok(self);
        }
        Err(Problem::Internal(format!("the answer has {bytes} bytes, of which Lambda takes {BODY_BYTES_MAX}").into()))
    }

    /// Converts the answer to the form that is stored for replays.
    #[must_use]
    pub fn to_answer(&self) -> Answer {
        let headers = self.headers.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
        Answer { status: self.status, headers, body: self.body.clone() }
    }

    /// Replays the answer that the same request got before.
    #[must_use]
    pub fn replayed(answer: Answer) -> Self {
        let Answer { status, headers, body } = answer;
        let headers = headers.into_iter().map(|(name, value)| (Cow::Owned(name), value)).collect();
        let content_type = (!body.is_empty()).then_some("application/json");
        Self { status, content_type, headers, body }.with_header("idempotency-replayed", "true".to_owned())
    }

    /// Replies 202: accepted, with no statement about the outcome.
    #[must_use]
    pub const fn accepted() -> Self {
        Self { status: 202, content_type: None, headers: Vec::new(), body: String::new() }
    }

    /// Replies 202 with this value, which is on its way.
    pub fn accepted_with(value: &impl Serialize) -> Result<Self, Problem> {
        Self::json(202, value)
    }

    /// Replies 204: done, with nothing to say.
    #[must_use]
    pub const fn no_content() -> Self {
        Self { status: 204, content_type: None, headers: Vec::new(), body: String::new() }
    }

    /// Replies 200 with an HTML page.
    pub(super) fn html(body: String) -> Self {
        Self { status: 200, content_type: Some("text/html; charset=utf-8"), headers: Vec::new(), body }
    }

    /// Replies with the document of a problem, for the request with this id.
    pub(super) fn problem(problem: &Problem, request_id: &str) -> Self {
        let document = problem.document(request_id);
        Self {
            status: problem.status(),
            content_type: Some("application/problem+json"),
            headers: problem.headers().into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect(),
            // A document of strings and numbers can always be written.
            body: serde_json::to_string(&document).unwrap_or_default(),
        }
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((Cow::Borrowed(name), value));
        self
    }

    /// Returns the status of the answer.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Returns the number of the ticket that the answer says was created.
    #[must_use]
    pub fn made_ticket(&self) -> Option<TicketNumber> {
        let (_, location) = self.headers.iter().find(|(name, _)| name == "location")?;
        location.strip_prefix("/v1/tickets/")?.parse().ok()
    }

    /// Removes the body, for the answer to a `HEAD`. `Content-Length` stays that of the removed
    /// body (RFC 9110 §8.6).
    #[must_use]
    pub(super) fn without_body(mut self) -> Self {
        if !self.body.is_empty() {
            self.headers.push((Cow::Borrowed("content-length"), self.body.len().to_string()));
            self.body.clear();
        }
        self
    }

    /// Converts the answer to the form that API Gateway accepts.
    pub(super) fn into_response(self, request_id: &str) -> ApiGatewayV2httpResponse {
        let content_type = self.content_type.map(|media_type| ("content-type", media_type));
        let common = COMMON_HEADERS.into_iter().chain(content_type).chain([("x-request-id", request_id)]);
        let mut headers: BTreeMap<Cow<'static, str>, String> =
            common.map(|(name, value)| (Cow::Borrowed(name), value.to_owned())).collect();
        for (name, value) in self.headers {
            match headers.get_mut(&name) {
                // Several parts of the program may add to `Vary`.
                Some(before) if name == "vary" => before.extend([", ", &value]),
                _ => drop(headers.insert(name, value)),
            }
        }
        let mut response = ApiGatewayV2httpResponse::default();
        response.status_code = self.status.into();
        // Names and values are ours, and valid.
        let valid = |(name, value): (Cow<str>, String)| Some((name.parse().ok()?, value.try_into().ok()?));
        response.headers = headers.into_iter().filter_map(valid).collect();
        response.body = Some(Body::Text(self.body));
        response
    }
}
