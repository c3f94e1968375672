use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// Returns the headers in which the file at this path differs from other responses, if it is one of
/// the reference or of the console.
fn headers_of_file(path: &str) -> Vec<(&'static str, &'static str)> {
    let forever = |is_immutable: bool| is_immutable.then_some(("cache-control", api::FOREVER));
    if let Some(file) = reference::file(path) {
        let policy = file.policy.map(|policy| ("content-security-policy", policy));
        return policy.into_iter().chain(forever(file.is_immutable)).collect();
    }
    let file = console::file(path.split('?').next().unwrap_or_default());
    file.map_or_else(Vec::new, |file| file.headers.iter().copied().chain(forever(file.is_immutable)).collect())
}

/// A response of the API.
#[derive(Debug)]
pub(crate) struct Response {
    /// The path that was requested, with its query.
    pub(crate) path: String,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns the response, which must have this status and the headers that every response has.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{:#}", self.body);
        let own = if status == 200 { headers_of_file(&self.path) } else { Vec::new() };
        let own = |name: &str| own.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
        for (name, value) in [
            ("cache-control", own("cache-control").unwrap_or("no-store")),
            ("helpdesk-version", env!("CARGO_PKG_VERSION")),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(self.header(name), Some(value), "{name}");
        }
        let policy = self.header("content-security-policy").unwrap_or_default();
        if let Some(own) = own("content-security-policy") {
            assert_eq!(policy, own);
        } else if self.is_page() {
            assert!(
                policy.starts_with("default-src 'none'; ") && policy.ends_with("; frame-ancestors 'none'"),
                "{policy}"
            );
            assert!(!["script", "unsafe", "*", "http"].iter().any(|loose| policy.contains(loose)), "{policy}");
        } else {
            assert_eq!(policy, "default-src 'none'; frame-ancestors 'none'");
        }
        assert!(self.header("x-request-id").is_some_and(|id| !id.is_empty()));
        self
    }

    /// Returns whether the response is a page, whose text is then the body.
    pub(crate) fn is_page(&self) -> bool {
        self.header("content-type") == Some("text/html; charset=utf-8")
    }

    /// Returns the response, which must be this problem as RFC 9457 and docs/openapi.yaml describe
    /// problems.
    #[track_caller]
    pub(crate) fn expect_problem(self, status: u16, slug: &str) -> Self {
        let response = self.expect(status);
        assert_eq!(response.header("content-type"), Some("application/problem+json"));
        assert_eq!(response.body["type"], format!("/problems/{slug}"), "{:#}", response.body);
        assert_eq!(response.body["status"], status);
        for field in ["title", "detail", "instance"] {
            assert!(response.body[field].as_str().is_some_and(|text| !text.is_empty()), "{:#}", response.body);
        }
        response
    }

    /// Returns the items of this page of a list.
    #[track_caller]
    pub(crate) fn items(&self) -> &[Value] {
        self.body["items"].as_array().expect("a list has `items`")
    }

    /// Returns the pointers of a `validation-failed` problem.
    pub(crate) fn pointers(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        errors.iter().filter_map(|error| error["pointer"].as_str()).collect()
    }
}
