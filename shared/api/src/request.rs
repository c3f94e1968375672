//! The request that endpoints read.

use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use desk::{Caller, Callers, RefusedAddress};
use domain::field::Fields;
use domain::id::{TicketNumber, TokenId, UserId};
use domain::permission::{DeskAction, PermittedBy, TicketAction};
use domain::time::Timestamp;
use edges::auth::{Bearer, InvalidToken};
use edges::clock::{self, Deadline};
use edges::json::{self, JsonFault};
use lambda_http::RequestExt as _;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequestContext;
use lambda_http::aws_lambda_events::query_map::QueryMap;
use lambda_http::http::HeaderValue;
use lambda_http::request::RequestContext;
use serde_json::{Map, Value};

use super::Problem;
use crate::gateway::{BODY_BYTES_MAX, LeftOut};
use crate::network::{self, Front};
use crate::weights;

/// The optional white space in headers (RFC 9110 §5.6.3).
pub(super) const WHITE_SPACE: [char; 2] = [' ', '\t'];

/// A request to an endpoint.
#[derive(Debug)]
pub struct Request {
    http: lambda_http::Request,
    network: Option<String>,
    through_front: bool,
    received_at: Timestamp,
    deadline: Deadline,
    seen_actor: SeenActor,
    seen_address: SeenAddress,
}

/// Who sent a request, once its token is verified. The log needs it after the request is dropped.
pub(super) type SeenActor = Arc<OnceLock<LoggedActor>>;

/// Who sent a request, as a line of the log names them.
#[derive(Debug)]
pub(super) struct LoggedActor {
    /// The account, or the person that it acts for or asks to act for.
    pub(super) actor: UserId,
    /// The account, if it acts or asks to act for a person.
    pub(super) via: Option<UserId>,
    /// The API token that the request was sent with, if it was.
    pub(super) token: Option<TokenId>,
}

/// The hash of the address that a request was refused with. The log needs it too.
pub(super) type SeenAddress = Arc<OnceLock<String>>;

impl Request {
    /// Wraps a request that API Gateway passed on. It is received now, and its response is due by
    /// `deadline`. `front` is the proxy in front of API Gateway, if there is one.
    pub(super) fn new(http: lambda_http::Request, front: Option<&Front>, deadline: Deadline) -> Self {
        let source_ip = context(&http).and_then(|context| context.http.source_ip.as_deref());
        let network = network::network(source_ip, front, |name| header(&http, name));
        let through_front = front.is_some_and(|front| front.has_sent(|name| header(&http, name)));
        let (seen_actor, seen_address) = (SeenActor::default(), SeenAddress::default());
        Self { http, network, through_front, received_at: clock::now(), deadline, seen_actor, seen_address }
    }

    /// Returns the deadline of the response.
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

    /// Returns the problem of a refused request, and records for the log the hash of the address
    /// that it was refused with.
    pub fn refused(&self, refused: RefusedAddress) -> Problem {
        if let Some(hash) = refused.address_hash {
            self.seen_address.get_or_init(|| hash);
        }
        refused.error.into()
    }

    /// Returns when the request was received. Everything in the request happens at this moment.
    #[must_use]
    pub const fn received_at(&self) -> Timestamp {
        self.received_at
    }

    #[must_use]
    pub fn method(&self) -> &str {
        self.http.method().as_str()
    }

    /// Returns the path as it was sent.
    #[must_use]
    pub fn path(&self) -> &str {
        self.http.raw_http_path()
    }

    /// Returns the id that identifies the request in logs, in problem documents and in a header. An
    /// id that cannot be a header counts as unknown.
    #[must_use]
    pub fn id(&self) -> &str {
        let id = context(&self.http).and_then(|context| context.request_id.as_deref());
        id.filter(|id| HeaderValue::from_str(id).is_ok()).unwrap_or("unknown")
    }

    /// Returns the network that the request came from, or `None` if API Gateway does not say. A
    /// header counts only if the front of the deployment wrote it, because anyone can write one.
    #[must_use]
    pub fn network(&self) -> Option<String> {
        self.network.clone()
    }

    /// Returns whether the front of the deployment passed the request on.
    pub(super) const fn is_through_front(&self) -> bool {
        self.through_front
    }

    /// Returns the name of the host that the request was sent to, as API Gateway knows it.
    pub(super) fn domain_name(&self) -> Option<&str> {
        context(&self.http)?.domain_name.as_deref()
    }

    /// Returns the sender, if they may do this, for an action that does not concern a single
    /// ticket.
    ///
    /// # Errors
    /// Fails with [`Problem::Unauthenticated`], [`Problem::InvalidToken`], [`Problem::OutOfScope`]
    /// or [`Problem::Forbidden`].
    pub async fn authorize(&self, action: DeskAction, callers: &Callers) -> Result<Caller, Problem> {
        let caller = self.authenticate(callers).await?;
        caller.actor().check(action)?;
        Ok(caller)
    }

    /// Returns the sender like [`Request::authorize`], for an action that no API token permits, and
    /// the session of the device that the request came from.
    pub async fn authorize_session(&self, action: DeskAction, callers: &Callers) -> Result<Bearer, Problem> {
        let caller = self.authorize(action, callers).await?;
        let session_id = caller.session_id().ok_or(Problem::OutOfScope(PermittedBy::OneOf(&[])))?;
        Ok(Bearer { person: caller.person, session_id })
    }

    /// Returns the sender, if their credentials reach as far as this action on tickets. What they
    /// are to the ticket is checked once it is read.
    ///
    /// # Errors
    /// Fails with [`Problem::Unauthenticated`], [`Problem::InvalidToken`] or
    /// [`Problem::OutOfScope`].
    pub async fn authorize_ticket(&self, action: TicketAction, callers: &Callers) -> Result<Caller, Problem> {
        let caller = self.authenticate(callers).await?;
        caller.actor().check_scope(action)?;
        Ok(caller)
    }

    /// Returns the sender, for an endpoint whose query decides what the sender must be allowed to
    /// do.
    ///
    /// # Errors
    /// Fails with [`Problem::Unauthenticated`] or [`Problem::InvalidToken`].
    pub async fn authenticate(&self, callers: &Callers) -> Result<Caller, Problem> {
        let header = self.header("authorization").ok_or(Problem::Unauthenticated)?;
        let token = bearer_token(header).ok_or(InvalidToken("no bearer token"))?;
        let acts_for = self.acts_for()?;
        let sender = callers.sender(token, acts_for, self.received_at).await?;
        // Before it is decided, so that the log names who was refused.
        let (account, token) = (sender.account().person.id, sender.account().token_id());
        self.seen_actor.get_or_init(|| LoggedActor {
            actor: acts_for.unwrap_or(account),
            via: acts_for.map(|_| account),
            token,
        });
        Ok(sender.caller()?)
    }

    /// Returns the number of the ticket that the path names.
    ///
    /// # Errors
    /// Fails with [`Problem::NotFound`] if no ticket can have this number.
    pub fn ticket_number(&self) -> Result<TicketNumber, Problem> {
        self.path_parameter("number")
    }

    /// Returns a part of the path, by its name in the route.
    ///
    /// # Errors
    /// Fails with [`Problem::NotFound`] if the part cannot be parsed.
    pub fn path_parameter<T: FromStr>(&self, name: &str) -> Result<T, Problem> {
        let text = self.http.path_parameters_ref().and_then(|parameters| parameters.first(name));
        text.and_then(|text| text.parse().ok()).ok_or(Problem::NotFound)
    }

    /// Returns the query parameters. Each must be one of `known` and be given once.
    pub fn query(&self, known: &[&str]) -> Result<Query, Problem> {
        let query = Query(self.http.query_string_parameters());
        for (name, _) in query.sorted() {
            if !known.contains(&name) {
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                let name = shortened(name);
                return Err(Problem::BadRequest(format!(
                    "The query parameter `{name}` is unknown. Known parameters: {known}."
                )));
            }
            if query.0.all(name).is_some_and(|values| values.len() > 1) {
                return Err(Problem::BadRequest(format!("The query parameter `{name}` is repeated. Send it once.")));
            }
        }
        Ok(query)
    }

    /// Returns the body, which must be JSON.
    ///
    /// # Errors
    /// Fails with [`Problem::TooLarge`], [`Problem::UnsupportedMediaType`] or
    /// [`Problem::BadRequest`].
    pub fn json(&self) -> Result<Value, Problem> {
        let body = self.body()?;
        if body.len() > BODY_BYTES_MAX {
            return Err(Problem::TooLarge);
        }
        if body.is_empty() {
            return Err(Problem::BadRequest("The request body is empty. Send a JSON object.".to_owned()));
        }
        if !self.has_json_content_type() {
            return Err(Problem::UnsupportedMediaType);
        }
        json::read(body).map_err(|fault| {
            Problem::BadRequest(match fault {
                JsonFault::Syntax(at) => {
                    format!("The request body is not valid JSON: line {}, column {}.", at.line(), at.column())
                }
                JsonFault::DuplicateMember(pointer) => {
                    format!("The request body repeats the member `{pointer}`. Send it once.")
                }
            })
        })
    }

    /// Returns the body, or an empty object if there is none, for requests whose fields are all
    /// optional.
    pub fn json_or_empty(&self) -> Result<Value, Problem> {
        if self.body()?.is_empty() {
            return Ok(Value::Object(Map::new()));
        }
        self.json()
    }

    /// Checks that the body, if there is one, has no fields, for requests that take none.
    ///
    /// # Errors
    /// Fails like [`Request::json`], or with [`Problem::ValidationFailed`] if there is a field.
    pub fn require_no_fields(&self) -> Result<(), Problem> {
        Ok(Fields::read(self.json_or_empty()?, |_| Ok(()))?)
    }

    /// Returns whether the caller takes a response in this encoding, such as `br`.
    #[must_use]
    pub fn takes_encoding(&self, encoding: &str) -> bool {
        weights::takes(self.header("accept-encoding").unwrap_or_default(), encoding)
    }

    /// Returns a header by its name in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        header(&self.http, name)
    }

    /// Returns the body as it was sent.
    pub(super) fn body(&self) -> Result<&[u8], Problem> {
        match self.http.extensions().get() {
            Some(LeftOut::NotBase64) => Err(Problem::BadRequest("The request body is not valid base64.".to_owned())),
            Some(LeftOut::TooLarge) => Err(Problem::TooLarge),
            None => Ok(self.http.body()),
        }
    }

    fn has_json_content_type(&self) -> bool {
        let media_type = self.header("content-type").unwrap_or_default();
        let essence = media_type.split(';').next().unwrap_or_default();
        let essence = essence.trim_matches(WHITE_SPACE);
        // A merge patch (RFC 7396) may also be sent under its own media type.
        let merge_patch = self.method() == "PATCH" && essence.eq_ignore_ascii_case("application/merge-patch+json");
        merge_patch || essence.eq_ignore_ascii_case("application/json")
    }
}

/// Returns API Gateway's context of a request.
fn context(request: &lambda_http::Request) -> Option<&ApiGatewayV2httpRequestContext> {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => Some(context),
        _ => None,
    }
}

/// Returns a header by its name in lower case, without the surrounding white space, which is not
/// part of the value (RFC 9110 §5.5). API Gateway joins headers of one name with commas.
fn header<'r>(request: &'r lambda_http::Request, name: &str) -> Option<&'r str> {
    let value = request.headers().get(name)?;
    Some(std::str::from_utf8(value.as_bytes()).ok()?.trim_matches(WHITE_SPACE))
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

/// Shortens a text that a caller sent, so that the response does not grow with it.
fn shortened(text: &str) -> String {
    text.chars().take(100).collect()
}

/// Query parameters, each given once.
#[derive(Debug, Default)]
pub struct Query(QueryMap);

impl Query {
    /// Returns the value of a parameter, as it was sent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.first(name)
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
        let mut pairs: Vec<(&str, &str)> = self.0.iter().collect();
        pairs.sort_unstable();
        pairs
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::Context;
    use serde_json::json;
    use serde_json::value::to_raw_value;

    use super::*;

    impl Request {
        /// Returns the request of an event, received now.
        pub(crate) fn of_event(event: &Value) -> Self {
            let http = crate::gateway::request(&to_raw_value(event).unwrap()).unwrap();
            Self::new(http, None, Deadline::of(&Context::default()))
        }
    }

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
        let request = Request::of_event(&event);
        assert_eq!(request.header("content-type"), Some("application/json ;charset=utf-8"));
        assert_eq!(request.json().unwrap(), json!({}));
    }
}
