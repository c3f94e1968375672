//! The request that endpoints read.

use std::borrow::Cow;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::field::Fields;
use domain::id::{TicketNumber, UserId};
use domain::permission::DeskAction;
use domain::time::Timestamp;
use domain::user::Person;
use edges::auth::{AccessTokens, Bearer, InvalidToken};
use edges::clock::{self, Deadline};
use edges::json::{self, JsonFault};
use serde_json::{Map, Value};

use super::Problem;
use crate::gateway::{GatewayRequest, WHITE_SPACE};
use crate::network::{self, Front};

/// The largest body that is read, in bytes: a description of 10,000 characters, each written as a
/// surrogate pair of `\u` escapes (12 bytes), and room for the rest.
const BODY_BYTES_MAX: usize = 128 * 1024;

/// A request to an endpoint.
#[derive(Debug)]
pub struct Request {
    event: GatewayRequest,
    network: Option<String>,
    received_at: Timestamp,
    deadline: Deadline,
    seen_actor: SeenActor,
    seen_address: SeenAddress,
}

/// The sender of a request, once its token is verified. The log needs it after the request is gone.
pub(super) type SeenActor = Arc<OnceLock<UserId>>;
/// The hash of the address that a request was refused with. The log needs it too.
pub(super) type SeenAddress = Arc<OnceLock<String>>;

impl Request {
    /// Wraps a request that API Gateway passed on. It is received now and must be answered by
    /// `deadline`. `front` is the proxy in front of API Gateway, if there is one.
    pub(super) fn new(event: GatewayRequest, front: Option<&Front>, deadline: Deadline) -> Self {
        let source_ip = event.request_context.http.source_ip.as_deref();
        let network = network::network(source_ip, front, |name| event.header(name));
        let (seen_actor, seen_address) = (SeenActor::default(), SeenAddress::default());
        Self { event, network, received_at: clock::now(), deadline, seen_actor, seen_address }
    }

    /// Returns the deadline of the answer.
    #[must_use]
    pub const fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// Returns the cell that holds the sender, once it is known.
    pub(super) fn seen_actor(&self) -> SeenActor {
        Arc::clone(&self.seen_actor)
    }

    /// Returns the cell that holds the hash of the address that the request was refused with, once
    /// it is known.
    pub(super) fn seen_address(&self) -> SeenAddress {
        Arc::clone(&self.seen_address)
    }

    /// Records for the log the hash of the address that the request was refused with, as
    /// [`edges::store::Store::address_hash`] writes it.
    pub fn refused_with(&self, address_hash: Option<String>) {
        if let Some(hash) = address_hash {
            self.seen_address.get_or_init(|| hash);
        }
    }

    /// Returns when the request was received. Everything in the request happens at this moment.
    #[must_use]
    pub const fn received_at(&self) -> Timestamp {
        self.received_at
    }

    #[must_use]
    pub fn method(&self) -> &str {
        &self.event.request_context.http.method
    }

    #[must_use]
    pub fn path(&self) -> &str {
        &self.event.raw_path
    }

    /// Returns the id that identifies the request in logs and in problem documents.
    #[must_use]
    pub fn id(&self) -> &str {
        self.event.request_context.request_id.as_deref().unwrap_or("unknown")
    }

    /// Returns the network that the request came from, or `None` if API Gateway does not say. A
    /// header counts only if the front of the deployment wrote it, because anyone can write one.
    #[must_use]
    pub fn network(&self) -> Option<String> {
        self.network.clone()
    }

    /// Returns the sender, if they may do this, for an action that does not concern a single
    /// ticket.
    ///
    /// # Errors
    /// [`Problem::Unauthenticated`], [`Problem::InvalidToken`] or [`Problem::Forbidden`].
    pub fn actor_who_may(&self, action: DeskAction, tokens: &AccessTokens) -> Result<Person, Problem> {
        Ok(self.bearer_who_may(action, tokens)?.person)
    }

    /// Returns the sender like [`Request::actor_who_may`], and the device that the request came
    /// from.
    pub fn bearer_who_may(&self, action: DeskAction, tokens: &AccessTokens) -> Result<Bearer, Problem> {
        let bearer = self.bearer(tokens)?;
        if bearer.person.may(action) { Ok(bearer) } else { Err(Problem::forbidden(action, &bearer.person)) }
    }

    /// Returns the sender.
    ///
    /// # Errors
    /// [`Problem::Unauthenticated`] or [`Problem::InvalidToken`].
    pub fn actor(&self, tokens: &AccessTokens) -> Result<Person, Problem> {
        Ok(self.bearer(tokens)?.person)
    }

    fn bearer(&self, tokens: &AccessTokens) -> Result<Bearer, Problem> {
        let header = self.header("authorization").ok_or(Problem::Unauthenticated)?;
        let token = bearer_token(header).ok_or(InvalidToken("no bearer token"))?;
        let bearer = tokens.verify(token, self.received_at)?;
        self.seen_actor.get_or_init(|| bearer.person.id);
        Ok(bearer)
    }

    /// Returns the number of the ticket that the path names.
    ///
    /// # Errors
    /// [`Problem::NotFound`] if no ticket can have this number.
    pub fn ticket_number(&self) -> Result<TicketNumber, Problem> {
        self.path_parameter("number")
    }

    /// Returns a part of the path, by its name in the route.
    ///
    /// # Errors
    /// [`Problem::NotFound`] if the part cannot be parsed.
    pub fn path_parameter<T: FromStr>(&self, name: &str) -> Result<T, Problem> {
        let text = self.event.path_parameters.as_ref().and_then(|parameters| parameters.get(name));
        text.and_then(|text| text.parse().ok()).ok_or(Problem::NotFound)
    }

    /// Returns the query parameters. Each must be one of `known` and be given once.
    pub fn query(&self, known: &[&str]) -> Result<Query, Problem> {
        let mut query = Query::default();
        let raw = self.event.raw_query_string.as_deref().unwrap_or_default();
        for (name, value) in form_urlencoded::parse(raw.as_bytes()) {
            if !known.contains(&name.as_ref()) {
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                let name = shortened(&name);
                return Err(Problem::BadRequest(format!(
                    "The query parameter `{name}` is unknown. Known parameters: {known}."
                )));
            }
            if query.0.iter().any(|(other, _)| *other == name) {
                return Err(Problem::BadRequest(format!("The query parameter `{name}` is repeated. Send it once.")));
            }
            query.0.push((name.into_owned(), value.into_owned()));
        }
        Ok(query)
    }

    /// Returns the body, which must be JSON.
    ///
    /// # Errors
    /// [`Problem::TooLarge`], [`Problem::UnsupportedMediaType`] or [`Problem::BadRequest`].
    pub fn json(&self) -> Result<Value, Problem> {
        let body = self.body()?;
        if body.len() > BODY_BYTES_MAX {
            return Err(Problem::TooLarge);
        }
        if body.is_empty() {
            return Err(Problem::BadRequest("The request body is empty. Send a JSON object.".to_owned()));
        }
        if !self.says_it_is_json() {
            return Err(Problem::UnsupportedMediaType);
        }
        json::read(&body).map_err(|fault| {
            Problem::BadRequest(match fault {
                JsonFault::Syntax(at) => {
                    format!("The request body is not valid JSON: line {}, column {}.", at.line(), at.column())
                }
                JsonFault::Twice(pointer) => format!("The request body repeats the member `{pointer}`. Send it once."),
            })
        })
    }

    /// Returns the body, or an empty object if there is none. It serves requests whose fields are
    /// all optional.
    pub fn json_or_empty(&self) -> Result<Value, Problem> {
        if self.event.body.as_deref().is_none_or(str::is_empty) {
            return Ok(Value::Object(Map::new()));
        }
        self.json()
    }

    /// Checks that the body, if there is one, has no fields. It serves requests that need none.
    ///
    /// # Errors
    /// The errors of [`Request::json`], and [`Problem::ValidationFailed`].
    pub fn no_fields(&self) -> Result<(), Problem> {
        Ok(Fields::read(self.json_or_empty()?, |_| Ok(()))?)
    }

    /// Returns a header by its name in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.event.header(name)
    }

    /// Returns the body as it was sent.
    pub(super) fn body(&self) -> Result<Cow<'_, [u8]>, Problem> {
        let body = self.event.body.as_deref().unwrap_or_default();
        if !self.event.is_base64_encoded {
            return Ok(Cow::Borrowed(body.as_bytes()));
        }
        let not_base64 = |_| Problem::BadRequest("The request body is not valid base64.".to_owned());
        STANDARD.decode(body).map(Cow::Owned).map_err(not_base64)
    }

    fn says_it_is_json(&self) -> bool {
        let media_type = self.header("content-type").unwrap_or_default();
        let essence = media_type.split(';').next().unwrap_or_default();
        let essence = essence.trim_matches(WHITE_SPACE);
        // A merge patch (RFC 7396) may also be sent under its own media type.
        let merge_patch = self.method() == "PATCH" && essence.eq_ignore_ascii_case("application/merge-patch+json");
        merge_patch || essence.eq_ignore_ascii_case("application/json")
    }
}

/// Returns the token of an `Authorization` header: the scheme in any case (RFC 9110 §11.1), any
/// number of spaces, and a `b64token` (RFC 6750 §2.1).
fn bearer_token(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    let plain = token.trim_end_matches('=');
    let is_token = !plain.is_empty() && plain.bytes().all(allowed);
    (scheme.eq_ignore_ascii_case("bearer") && is_token).then_some(token)
}

/// Shortens a text that a caller sent, so that the answer does not grow with it.
fn shortened(text: &str) -> String {
    text.chars().take(100).collect()
}

/// Query parameters, each given once.
#[derive(Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Returns the value of a parameter, as it was sent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Parses the value of a parameter with `read`. `expected` says which values are allowed.
    pub fn parse<T>(
        &self,
        name: &str,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        read(value)
            .map(Some)
            .ok_or_else(|| Problem::BadRequest(format!("The query parameter `{name}` must be {expected}.")))
    }

    /// Returns every parameter with its value, sorted by name. Together they identify a list.
    pub(super) fn sorted(&self) -> Vec<(&str, &str)> {
        let mut pairs: Vec<(&str, &str)> = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        pairs.sort_unstable();
        pairs
    }
}

#[cfg(test)]
mod tests {
    use lambda_runtime::Context;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_bearer_token_follows_its_scheme_and_any_number_of_spaces() {
        for (header, token) in [
            ("Bearer a.b-c_d~e+f/0==", Some("a.b-c_d~e+f/0==")),
            ("bearer x", Some("x")),
            ("BEARER    x", Some("x")),
            ("Bearer", None),
            ("Bearer ", None),
            ("Bearer  ", None),
            ("Bearer\tx", None),
            ("Bearer \tx", None),
            ("Bearerx", None),
            ("Basic x", None),
            ("Bearer x y", None),
            ("Bearer x,Bearer y", None),
            ("Bearer x=y", None),
            ("Bearer ==", None),
            ("Bearer \"x\"", None),
            ("", None),
        ] {
            assert_eq!(bearer_token(header), token, "{header}");
        }
    }

    #[test]
    fn whitespace_around_a_header_value_is_ignored() {
        let event = json!({
            "rawPath": "/", "headers": {"Content-Type": "\t application/json ;charset=utf-8 "},
            "requestContext": {"http": {"method": "POST"}}, "body": "{}"
        });
        let request = Request::new(serde_json::from_value(event).unwrap(), None, Deadline::of(&Context::default()));
        assert_eq!(request.header("content-type"), Some("application/json ;charset=utf-8"));
        assert_eq!(request.json().unwrap(), json!({}));
    }
}
