//! The response of an endpoint.

use std::borrow::Cow;

use domain::id::TicketNumber;
use domain::permission::Actor;
use domain::ticket::{Head, Ticket};
use edges::store::StoredResponse;
use lambda_http::Body;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::http::header::VARY;
use lambda_http::http::{self, HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;

use crate::{Problem, TicketView};

/// The response to a request.
#[derive(Debug)]
pub struct Reply {
    status: u16,
    content_type: Option<&'static str>,
    headers: Vec<(Cow<'static, str>, String)>,
    cookie: Option<String>,
    body: Content,
}

/// The body of a response.
#[derive(Clone, Debug)]
enum Content {
    Text(Cow<'static, str>),
    /// Bytes that are no text, such as a picture or what is compressed.
    Bytes(&'static [u8]),
}

impl Content {
    const EMPTY: Self = Self::Text(Cow::Borrowed(""));

    /// Returns how many bytes the caller gets.
    fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    /// Returns the text, which bytes are not.
    fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Bytes(_) => "",
        }
    }

    /// Returns how many bytes leave the function: API Gateway takes bytes as base64, which writes
    /// three of them as four (RFC 4648 §4).
    fn bytes_in_answer(&self) -> usize {
        match self {
            Self::Text(text) => bytes_in_answer(text),
            Self::Bytes(bytes) => bytes.len().div_ceil(3) * 4,
        }
    }
}

/// The largest body of a response, in bytes as it leaves the function. This is Lambda's limit for a
/// response (Lambda developer guide, "Quotas": 6 MB; its own refusals say 6,291,556 bytes) minus
/// room for the headers.
const BODY_BYTES_MAX: usize = 6_291_556 - 16 * 1024;

/// How long a browser keeps a file whose name changes with its content: a year, the most that is in
/// use (RFC 9111 §5.2.2.1; RFC 8246 §2).
pub const FOREVER: &str = "public, max-age=31536000, immutable";

/// Returns how many bytes a JSON text has as it leaves the function. API Gateway takes a body as a
/// string within JSON (API Gateway developer guide, "AWS Lambda proxy integrations", payload format
/// 2.0), where each quote and each backslash is written as two bytes.
pub(super) fn bytes_in_answer(json: &str) -> usize {
    json.len() + json.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count()
}

fn etag(ticket: &Head) -> String {
    format!("\"{}\"", ticket.seq)
}

/// The headers that every response has besides its own. They forbid caching, forbid display in a
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
    /// Returns a response without headers of its own.
    const fn new(status: u16, content_type: Option<&'static str>, body: Content) -> Self {
        Self { status, content_type, headers: Vec::new(), cookie: None, body }
    }

    /// Returns a response with a status and nothing else.
    const fn empty(status: u16) -> Self {
        Self::new(status, None, Content::EMPTY)
    }

    fn json(status: u16, value: &impl Serialize) -> Result<Self, Problem> {
        let text = serde_json::to_string(value).map_err(|error| Problem::Internal(Box::new(error)))?;
        Ok(Self::new(status, Some("application/json"), Content::Text(text.into())))
    }

    /// Replies 200 with this value.
    pub fn ok(value: &impl Serialize) -> Result<Self, Problem> {
        Self::json(200, value)
    }

    /// Replies 200 with a ticket as this actor sees it, and its public version as the `ETag`.
    pub fn ticket(ticket: Ticket, actor: Actor<'_>) -> Result<Self, Problem> {
        let etag = etag(&ticket.head);
        Ok(Self::ok(&TicketView::of(ticket, actor))?.with_header("etag", etag))
    }

    /// Replies 201 with a new ticket, like [`Reply::ticket`].
    pub fn created_ticket(ticket: Ticket, actor: Actor<'_>) -> Result<Self, Problem> {
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
    pub fn created_without_location(value: &impl Serialize) -> Result<Self, Problem> {
        Self::json(201, value)
    }

    /// Replies 304, because the caller has the current version.
    #[must_use]
    pub fn not_modified(ticket: &Head) -> Self {
        Self::empty(304).with_header("etag", etag(ticket))
    }

    /// Checks that the response fits Lambda's limit. Lambda itself would replace a larger one with
    /// an unusable response.
    pub(super) fn within_limits(self) -> Result<Self, Problem> {
        let bytes = self.body.bytes_in_answer();
        if bytes <= BODY_BYTES_MAX {
            return Ok(self);
        }
        Err(Problem::Internal(format!("the answer has {bytes} bytes, of which Lambda takes {BODY_BYTES_MAX}").into()))
    }

    /// Converts the response to the form that is stored for replays.
    #[must_use]
    pub fn to_stored_response(&self) -> StoredResponse {
        debug_assert!(self.cookie.is_none(), "a response with a secret is stored");
        let headers = self.headers.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
        StoredResponse { status: self.status, headers, body: self.body.text().to_owned() }
    }

    /// Replays the response that the same request got before.
    #[must_use]
    pub fn replayed(response: StoredResponse) -> Self {
        let StoredResponse { status, headers, body } = response;
        let content_type = (!body.is_empty()).then_some("application/json");
        let mut reply = Self::new(status, content_type, Content::Text(body.into()));
        reply.headers = headers.into_iter().map(|(name, value)| (Cow::Owned(name), value)).collect();
        reply.with_header("idempotency-replayed", "true".to_owned())
    }

    /// Replies 202: accepted, with no statement about the outcome.
    #[must_use]
    pub const fn accepted() -> Self {
        Self::empty(202)
    }

    /// Replies 202 with this value, which is not processed yet.
    pub fn accepted_with(value: &impl Serialize) -> Result<Self, Problem> {
        Self::json(202, value)
    }

    /// Replies 204: done, with nothing to return.
    #[must_use]
    pub const fn no_content() -> Self {
        Self::empty(204)
    }

    /// Replies 200 with an HTML page.
    pub(super) fn html(body: String) -> Self {
        Self::text("text/html; charset=utf-8", body.into())
    }

    /// Replies 200 with a text of this media type.
    #[must_use]
    pub const fn text(media_type: &'static str, text: Cow<'static, str>) -> Self {
        Self::new(200, Some(media_type), Content::Text(text))
    }

    /// Replies 200 with a file of this media type, in this encoding if it has one (RFC 9110 §8.4).
    #[must_use]
    pub fn bytes(media_type: &'static str, encoding: Option<&'static str>, bytes: &'static [u8]) -> Self {
        let reply = Self::new(200, Some(media_type), Content::Bytes(bytes));
        encoding.into_iter().fold(reply, |reply, encoding| reply.with_header("content-encoding", encoding.to_owned()))
    }

    /// Lets every cache keep the response, because what its address stands for never changes.
    #[must_use]
    pub fn kept_forever(self) -> Self {
        self.with_header("cache-control", FOREVER.to_owned())
    }

    /// Replies with the document of a problem, for the request with this id.
    pub(super) fn problem(problem: &Problem, request_id: &str) -> Self {
        // A document of strings and numbers can always be written.
        let document = serde_json::to_string(&problem.document(request_id)).unwrap_or_default();
        let mut reply = Self::new(problem.status(), Some("application/problem+json"), Content::Text(document.into()));
        reply.headers = problem.headers().into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect();
        reply
    }

    /// Adds a header to the response.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((Cow::Borrowed(name), value));
        self
    }

    /// Sets a cookie in the caller's browser, given as the value of `Set-Cookie`.
    #[must_use]
    pub(super) fn with_cookie(mut self, cookie: String) -> Self {
        self.cookie = Some(cookie);
        self
    }

    /// Returns the number of the ticket that the response says was created.
    #[must_use]
    pub fn created_ticket_number(&self) -> Option<TicketNumber> {
        let (_, location) = self.headers.iter().find(|(name, _)| name == "location")?;
        location.strip_prefix("/v1/tickets/")?.parse().ok()
    }

    /// Removes the body, for the response to a `HEAD`. `Content-Length` stays that of the removed
    /// body (RFC 9110 §8.6).
    #[must_use]
    pub(super) fn without_body(mut self) -> Self {
        if self.body.len() > 0 {
            self.headers.push((Cow::Borrowed("content-length"), self.body.len().to_string()));
            self.body = Content::EMPTY;
        }
        self
    }

    /// Converts the response to the form that API Gateway accepts.
    ///
    /// # Errors
    /// Fails if a header of the response is invalid.
    pub(super) fn into_response(self, request_id: &str) -> Result<ApiGatewayV2httpResponse, http::Error> {
        let mut headers = HeaderMap::with_capacity(16);
        let content_type = self.content_type.map(|media_type| ("content-type", media_type));
        for (name, value) in COMMON_HEADERS.into_iter().chain(content_type) {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.insert("x-request-id", request_id.try_into()?);
        for (name, value) in self.headers {
            let name = HeaderName::try_from(&*name)?;
            let value = match headers.get(&name) {
                // Several parts of the program may add to `Vary`.
                Some(before) if name == VARY => [before.as_bytes(), b", ", value.as_bytes()].concat().try_into()?,
                _ => value.try_into()?,
            };
            headers.insert(name, value);
        }
        let mut response = ApiGatewayV2httpResponse::default();
        response.status_code = self.status.into();
        response.headers = headers;
        // Payload format 2.0 has a list of its own for them.
        response.cookies = self.cookie.into_iter().collect();
        response.is_base64_encoded = matches!(self.body, Content::Bytes(_));
        response.body = Some(match self.body {
            Content::Text(text) => Body::Text(text.into_owned()),
            Content::Bytes(bytes) => Body::Binary(bytes.to_vec()),
        });
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_has_the_headers_of_the_answer_and_those_of_every_answer() {
        let reply = Reply::accepted().with_header("vary", "Accept".to_owned()).with_header("vary", "Origin".to_owned());
        let reply = reply.with_header("cache-control", "private".to_owned());
        let headers = reply.into_response("r").unwrap().headers;
        for (name, value) in [
            ("vary", "Accept, Origin"),
            ("cache-control", "private"),
            ("x-request-id", "r"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(headers[name], value, "{name}");
        }
        assert_eq!(headers.len(), COMMON_HEADERS.len() + 2);
    }

    #[test]
    fn a_header_that_is_invalid_is_an_error() {
        for (name, value) in [("link", "a\nb"), ("vary", "\u{7f}"), ("a b", "x")] {
            assert!(Reply::accepted().with_header(name, value.to_owned()).into_response("r").is_err(), "{name}");
        }
        assert!(Reply::accepted().into_response("\n").is_err());
    }
}
