//! API Gateway's events and answers (HTTP API, payload format 2.0), as far as they are used.
//!
//! The text of each field is taken as it is. An invalid query or header is the caller's error and
//! gets an answer. Converting the event to an `http::Request` first would end the invocation
//! instead.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The optional white space in headers (RFC 9110 §5.6.3).
pub(super) const WHITE_SPACE: [char; 2] = [' ', '\t'];

/// A request, as API Gateway passes it on.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GatewayRequest {
    pub(super) raw_path: String,
    pub(super) raw_query_string: Option<String>,
    headers: Option<BTreeMap<String, String>>,
    pub(super) path_parameters: Option<BTreeMap<String, String>>,
    pub(super) request_context: RequestContext,
    pub(super) body: Option<String>,
    #[serde(default)]
    pub(super) is_base64_encoded: bool,
}

/// API Gateway's context of a request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestContext {
    pub(super) request_id: Option<String>,
    pub(super) http: HttpContext,
}

/// The request line and the sender's address, as API Gateway saw them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HttpContext {
    pub(super) method: String,
    pub(super) source_ip: Option<String>,
}

impl GatewayRequest {
    /// Returns a header by its name in lower case, without the surrounding white space, which is
    /// not part of the value (RFC 9110 §5.5). API Gateway joins headers of one name with commas.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let headers = self.headers.as_ref()?;
        let found = headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim_matches(WHITE_SPACE))
    }
}

/// An answer, as API Gateway accepts it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GatewayResponse {
    pub(super) status_code: u16,
    pub(super) headers: BTreeMap<Cow<'static, str>, String>,
    pub(super) body: String,
    pub(super) is_base64_encoded: bool,
    /// Always empty. `cargo lambda watch` rejects an answer without the field.
    pub(super) cookies: [&'static str; 0],
}
