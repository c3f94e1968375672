//! Where a refresh token travels: in bodies, or in a cookie that no script of a page can read.
//!
//! A page asks for the cookie with `X-Helpdesk-Session: cookie` when it signs in, refreshes and
//! signs out. The two never mix: with the header, no refresh token is in a body, and without it the
//! cookie is not read. No other route reads the cookie, so it authenticates nothing by itself.
//!
//! Another site cannot use the cookie of a person's browser. It is not sent with requests that
//! other sites cause (`SameSite=Strict`), another origin cannot set the header without a preflight
//! request, which is refused ([`crate::cors::REQUEST_HEADERS`] does not have it), and the request
//! must come from a page of the API's own origin.

use desk::sessions::Tokens;
use domain::time::Timestamp;
use edges::Fatal;
use edges::auth::InvalidToken;
use edges::auth::refresh::{RefreshToken, SESSION_SECONDS};
use edges::config::{Config, name};

use crate::view::{AccessTokenView, TokensView};
use crate::{Problem, Reply, Request, routes};

/// The header that asks for the cookie, in lower case.
const SESSION_HEADER: &str = "x-helpdesk-session";
/// The functions that a refresh token is sent to or comes from.
const FUNCTIONS: [&str; 3] = ["auth-login", "auth-logout", "auth-refresh"];

/// The kind of cookie that this deployment sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionCookie {
    /// For HTTPS.
    Secure,
    /// For `http://127.0.0.1`, where not every browser accepts `Secure` and the prefix of the name.
    Loopback,
}

impl SessionCookie {
    /// Reads the kind that this deployment sets.
    ///
    /// # Errors
    /// Fails if the variable is missing or has another value.
    pub fn configured(config: &Config) -> Result<Self, Fatal> {
        let [kind] = config.required([name::SESSION_COOKIE])?;
        match kind.as_str() {
            "secure" => Ok(Self::Secure),
            "loopback" => Ok(Self::Loopback),
            other => Err(format!("{} must be secure or loopback, but is {other}", name::SESSION_COOKIE).into()),
        }
    }

    /// Returns where the refresh token of this request and its answer travels.
    ///
    /// # Errors
    /// Fails with [`Problem::BadRequest`] if the header has an unknown value, or with
    /// [`Problem::Forbidden`] if the cookie is asked for by a page of another origin.
    pub fn transport(self, request: &Request) -> Result<TokenTransport, Problem> {
        match request.header(SESSION_HEADER) {
            None => Ok(TokenTransport::Body),
            Some("cookie") if self.is_same_origin(request) => Ok(TokenTransport::Cookie(self)),
            Some("cookie") => Err(Problem::Forbidden { detail: FOREIGN_PAGE.to_owned(), allowed: None }),
            Some(_) => Err(Problem::BadRequest("`X-Helpdesk-Session` must be `cookie`, or absent.".to_owned())),
        }
    }

    /// Returns whether a page of the API's own origin sent the request. `Sec-Fetch-Site` is the
    /// browser's own statement (Fetch Metadata Request Headers §2.3), which not every browser
    /// makes. Behind a front the browser knows another origin than API Gateway, so its statement is
    /// needed.
    fn is_same_origin(self, request: &Request) -> bool {
        match request.header("sec-fetch-site") {
            Some("same-origin") if request.is_through_front() => return true,
            Some("same-origin") | None => {}
            Some(_) => return false,
        }
        let own = match self {
            Self::Secure => request.domain_name().map(|domain| format!("https://{domain}")),
            Self::Loopback => request.header("host").map(|host| format!("http://{host}")),
        };
        // Browsers write origins in lower case.
        let origin = request.header("origin");
        own.zip(origin).is_some_and(|(own, origin)| own.eq_ignore_ascii_case(origin))
    }

    /// Returns the name of the cookie. Browsers that know the prefix `__Host-Http-` accept the name
    /// only if the cookie is set over HTTPS, for this host alone and out of reach of scripts.
    /// Others know the first half, `__Host-`, and accept it without the last condition (draft RFC
    /// 6265bis, "Cookie Name Prefixes").
    const fn name(self) -> &'static str {
        match self {
            Self::Secure => "__Host-Http-refresh",
            Self::Loopback => "helpdesk-refresh",
        }
    }

    /// Returns the `Set-Cookie` of a value that is valid for that many seconds.
    fn set(self, value: &str, seconds: i64) -> String {
        let secure = if self == Self::Secure { " Secure;" } else { "" };
        format!("{}={value}; Max-Age={seconds}; Path=/;{secure} HttpOnly; SameSite=Strict", self.name())
    }

    /// Returns the token in the request's cookie, or `None` if there is none or it does not have
    /// the form of a token.
    fn token(self, request: &Request) -> Result<Option<RefreshToken>, Problem> {
        let pairs = request.header("cookie").unwrap_or_default().split(';').filter_map(|pair| pair.split_once('='));
        let mut values = pairs.filter(|(name, _)| name.trim() == self.name()).map(|(_, value)| value.trim());
        let (value, another) = (values.next(), values.next());
        if another.is_some() {
            return Err(Problem::BadRequest(format!("The cookie `{}` is sent twice.", self.name())));
        }
        Ok(value.and_then(RefreshToken::parse))
    }
}

/// Why a page of another origin gets no cookie.
const FOREIGN_PAGE: &str = "A refresh token travels in a cookie only between this API and pages of its own origin. \
     Send the request from such a page, or without `X-Helpdesk-Session`.";

/// Rejects the header that asks for a cookie on a route that has nothing to do with one.
pub(super) fn check(request: &Request) -> Result<(), Problem> {
    let function = routes::function_of(request.method(), request.path());
    if request.header(SESSION_HEADER).is_none() || function.is_some_and(|function| FUNCTIONS.contains(&function)) {
        return Ok(());
    }
    Err(Problem::BadRequest(
        "`X-Helpdesk-Session` is only for signing in, refreshing and signing out. Send this request without it."
            .to_owned(),
    ))
}

/// Where the refresh token of a request and of its answer travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenTransport {
    /// In the bodies.
    Body,
    /// In this cookie.
    Cookie(SessionCookie),
}

impl TokenTransport {
    /// Returns the refresh token of the request, or `None` if it does not have the form of one.
    ///
    /// # Errors
    /// Fails like [`Request::json`], with [`Problem::ValidationFailed`] if the fields are not those
    /// of the transport, or with [`Problem::BadRequest`] if there are two cookies.
    pub fn token(self, request: &Request) -> Result<Option<RefreshToken>, Problem> {
        match self {
            Self::Body => Ok(RefreshToken::from_body(request.json()?)?),
            Self::Cookie(cookie) => {
                request.require_no_fields()?;
                cookie.token(request)
            }
        }
    }

    /// Returns the refresh token of the request.
    ///
    /// # Errors
    /// Fails like [`TokenTransport::token`], or with [`Problem::InvalidToken`].
    pub fn required_token(self, request: &Request) -> Result<RefreshToken, Problem> {
        Ok(self.token(request)?.ok_or(InvalidToken("not a refresh token"))?)
    }

    /// Replies with the tokens of a device that sent the token `sent`, or none if it signed in.
    ///
    /// A token that the browser has already is not set again. So an answer that arrives late cannot
    /// replace a newer cookie.
    pub fn reply(self, tokens: Tokens, sent: Option<&RefreshToken>, now: Timestamp) -> Result<Reply, Problem> {
        let Self::Cookie(cookie) = self else { return Reply::ok(&TokensView::from(tokens)) };
        let token = &tokens.refresh_token;
        // The id of a session holds the time of its beginning.
        let end = token.session_id.at().plus_seconds(SESSION_SECONDS);
        let seconds = (end.unix_seconds() - now.unix_seconds()).max(0);
        let is_new = sent.is_none_or(|sent| sent.token_hash() != token.token_hash());
        let new_cookie = is_new.then(|| cookie.set(&token.to_text(), seconds));
        let reply = Reply::ok(&AccessTokenView::from(tokens.access_token))?;
        Ok(new_cookie.into_iter().fold(reply, Reply::with_cookie))
    }

    /// Replies to a device that signed out, and removes its cookie.
    #[must_use]
    pub fn signed_out(self) -> Reply {
        match self {
            Self::Body => Reply::no_content(),
            Self::Cookie(cookie) => Reply::no_content().with_cookie(cookie.set("", 0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use edges::clock::Deadline;
    use lambda_http::Context;
    use serde_json::json;
    use serde_json::value::to_raw_value;

    use super::SessionCookie::{Loopback, Secure};
    use super::*;
    use crate::network::Front;

    /// Returns a request that asks for the cookie, sent to `desk.example.org` with these headers.
    fn request(headers: &[(&str, &str)], front: Option<&Front>) -> Request {
        let own = [("x-helpdesk-session", "cookie"), ("host", "desk.example.org")];
        let headers: std::collections::BTreeMap<_, _> = own.iter().chain(headers).copied().collect();
        let event = json!({
            "rawPath": "/v1/auth/refresh", "headers": headers,
            "requestContext": {"domainName": "desk.example.org", "http": {"method": "POST"}},
        });
        let http = crate::gateway::request(&to_raw_value(&event).unwrap()).unwrap();
        Request::new(http, front, Deadline::of(&Context::default()))
    }

    /// Each row has the kind of cookie, `Origin`, `Sec-Fetch-Site`, and whether the page is one of
    /// the own origin.
    #[test]
    fn only_pages_of_the_own_origin_are_accepted() {
        for (cookie, origin, site, accepted) in [
            (Secure, "https://desk.example.org", None, true),
            (Secure, "https://desk.example.org", Some("same-origin"), true),
            (Secure, "https://DESK.example.org", None, true),
            (Secure, "https://desk.example.org", Some("same-site"), false),
            (Secure, "https://desk.example.org", Some("cross-site"), false),
            (Secure, "https://desk.example.org", Some("none"), false),
            (Secure, "https://desk.example.org", Some(""), false),
            (Secure, "http://desk.example.org", None, false),
            (Secure, "https://desk.example.org:8443", None, false),
            (Secure, "https://desk.example.org/", None, false),
            (Secure, "https://example.org", None, false),
            (Secure, "https://desk.example.org.evil.example", None, false),
            (Secure, "null", None, false),
            (Secure, "", None, false),
            (Secure, "", Some("same-origin"), false),
            (Secure, "null", Some("same-origin"), false),
            (Loopback, "http://desk.example.org", None, true),
            (Loopback, "https://desk.example.org", None, false),
        ] {
            let sent = [("origin", origin), ("sec-fetch-site", site.unwrap_or_default())];
            let sent = &sent[..if site.is_some() { 2 } else { 1 }];
            let transport = cookie.transport(&request(sent, None));
            assert_eq!(transport.is_ok(), accepted, "{cookie:?} {origin} {site:?}: {transport:?}");
            assert!(transport.as_ref().err().is_none_or(|problem| problem.status() == 403), "{transport:?}");
        }
        assert!(Secure.transport(&request(&[], None)).is_err());
        let no_name = json!({
            "rawPath": "/", "headers": {"x-helpdesk-session": "cookie", "origin": "https://"},
            "requestContext": {"http": {"method": "POST"}},
        });
        for cookie in [Secure, Loopback] {
            assert!(cookie.transport(&Request::of_event(&no_name)).is_err());
        }
    }

    #[test]
    fn behind_a_front_the_browser_says_whether_the_page_is_of_the_own_origin() {
        let config = [(name::VIEWER_HEADER, "x-viewer"), (name::FRONT_SECRET, "s3cret")];
        let config: Config = config.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
        let front = Front::configured(&config).unwrap();
        let origin = ("origin", "https://help.example.com");
        for (secret, site, accepted) in [
            ("s3cret", Some("same-origin"), true),
            ("s3cret", Some("same-site"), false),
            ("s3cret", None, false),
            ("another", Some("same-origin"), false),
        ] {
            let sent = [("helpdesk-front-secret", secret), origin, ("sec-fetch-site", site.unwrap_or_default())];
            let sent = &sent[..if site.is_some() { 3 } else { 2 }];
            let transport = Secure.transport(&request(sent, Some(&front)));
            assert_eq!(transport.is_ok(), accepted, "{secret} {site:?}");
        }
    }

    #[test]
    fn the_token_is_in_the_one_cookie_of_the_name() {
        let token = "A".repeat(107);
        for (cookies, expected) in [
            (format!("__Host-Http-refresh={token}"), Ok(true)),
            (format!("a=b; __Host-Http-refresh={token}; c"), Ok(true)),
            (format!("helpdesk-refresh={token}"), Ok(false)),
            (format!("__Host-refresh={token}"), Ok(false)),
            (format!("__Host-Http-refresh={token}A"), Ok(false)),
            ("__Host-Http-refresh=".to_owned(), Ok(false)),
            (String::new(), Ok(false)),
            (format!("__Host-Http-refresh={token}; __Host-Http-refresh={token}"), Err(400)),
            (format!("__Host-Http-refresh=;__Host-Http-refresh={token}"), Err(400)),
        ] {
            let read = Secure.token(&request(&[("cookie", &cookies)], None));
            assert_eq!(read.map(|token| token.is_some()).map_err(|problem| problem.status()), expected, "{cookies}");
        }
    }
}
