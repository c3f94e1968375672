//! Cross-origin calls from web pages (Fetch Standard, "CORS protocol").
//!
//! On AWS, API Gateway responds to preflights and sets these headers itself, according to the
//! template's `CorsConfiguration`. It ignores the headers that functions set (API Gateway developer
//! guide, "Configure CORS for HTTP APIs"). Functions set the same headers, so that a stack without
//! API Gateway responds in the same way. A preflight that reaches a function gets a response too.

use edges::config::{Config, name};

use super::{Reply, Request};

/// The methods that a page may use. These values are kept equal to the template's
/// `CorsConfiguration`.
pub const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
/// The request headers that a page may set.
pub const REQUEST_HEADERS: [&str; 5] =
    ["authorization", "content-type", "idempotency-key", "if-match", "if-none-match"];
/// The headers of a response that a page may read.
pub const EXPOSED_HEADERS: [&str; 10] = [
    "allow",
    "etag",
    "helpdesk-version",
    "link",
    "location",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "idempotency-replayed",
    "x-request-id",
];
/// How long a browser may keep the response to a preflight, in seconds.
pub const MAX_AGE_SECONDS: u32 = 600;

/// The origins whose pages may call the API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Origins(Vec<String>);

/// Headers of a response.
pub(super) type Headers = Vec<(&'static str, String)>;

impl Origins {
    /// Reads the origins of this deployment. Returns none if the variable is not set.
    pub(super) fn configured(config: &Config) -> Self {
        Self::listed(config.optional(name::CORS_ORIGINS).unwrap_or_default())
    }

    fn listed(origins: &str) -> Self {
        Self(origins.split(',').filter(|origin| !origin.is_empty()).map(str::to_owned).collect())
    }

    /// Returns the origin of the page that sent the request, if it may call the API. Browsers write
    /// origins in lower case.
    fn of<'r>(&self, request: &'r Request) -> Option<&'r str> {
        let origin = request.header("origin")?;
        self.0.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin)).then_some(origin)
    }

    /// Returns the CORS headers of the response to this request.
    pub(super) fn headers(&self, request: &Request) -> Headers {
        if self.0.is_empty() {
            return Headers::new();
        }
        // Other origins get other headers for the same request, so each has its own cache entry.
        let mut headers = vec![("vary", "Origin".to_owned())];
        if let Some(origin) = self.of(request) {
            headers.push(("access-control-allow-origin", origin.to_owned()));
            headers.push(("access-control-expose-headers", EXPOSED_HEADERS.join(",")));
        }
        headers
    }

    /// Responds to a preflight from a page that may call the API. The path does not matter, because
    /// a page must be able to read a 404 too.
    pub(super) fn preflight(&self, request: &Request) -> Option<Reply> {
        let asks = request.method() == "OPTIONS" && request.header("access-control-request-method").is_some();
        (asks && self.of(request).is_some()).then(|| {
            Reply::no_content()
                .with_header("access-control-allow-methods", METHODS.join(","))
                .with_header("access-control-allow-headers", REQUEST_HEADERS.join(","))
                .with_header("access-control-max-age", MAX_AGE_SECONDS.to_string())
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(method: &str, headers: &[(&str, &str)]) -> Request {
        let headers: std::collections::BTreeMap<_, _> = headers.iter().copied().collect();
        let event = json!({"rawPath": "/", "headers": headers, "requestContext": {"http": {"method": method}}});
        Request::of_event(&event)
    }

    #[test]
    fn only_pages_of_the_listed_origins_may_read_responses() {
        let origins = Origins::listed("https://desk.example.org,http://localhost:5173");
        for (origin, allowed) in [
            ("https://desk.example.org", true),
            ("http://localhost:5173", true),
            ("HTTPS://DESK.example.org", true),
            ("http://desk.example.org", false),
            ("https://desk.example.org:8443", false),
            ("https://desk.example.org.evil.example", false),
            ("https://desk.example.org/", false),
            ("http://localhost", false),
            ("null", false),
            ("", false),
        ] {
            let headers = origins.headers(&request("GET", &[("origin", origin)]));
            assert_eq!(headers[0], ("vary", "Origin".to_owned()), "{origin}");
            assert_eq!(headers.len() > 1, allowed, "{origin}: {headers:?}");
        }
        assert_eq!(origins.headers(&request("GET", &[])).len(), 1);
        assert_eq!(Origins::listed("").headers(&request("GET", &[("origin", "")])), Headers::new());
    }

    #[test]
    fn a_preflight_has_an_origin_and_a_requested_method() {
        let origins = Origins::listed("https://desk.example.org");
        let (origin, asked) = (("origin", "https://desk.example.org"), ("access-control-request-method", "PATCH"));
        for (method, headers, answered) in [
            ("OPTIONS", vec![origin, asked], true),
            ("OPTIONS", vec![origin], false),
            ("OPTIONS", vec![asked], false),
            ("OPTIONS", vec![("origin", "https://other.example"), asked], false),
            ("GET", vec![origin, asked], false),
        ] {
            let preflight = origins.preflight(&request(method, &headers));
            assert_eq!(preflight.is_some(), answered, "{method} {headers:?}");
        }
        assert!(Origins::default().preflight(&request("OPTIONS", &[origin, asked])).is_none());
    }
}
