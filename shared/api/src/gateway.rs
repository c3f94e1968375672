//! API Gateway's events and answers (HTTP API, payload format 2.0), as far as they are used.
//!
//! They are read as they are, text for text: a query or a header that is no valid one is the caller's affair and gets an answer,
//! where turning it into an `http::Request` first would end the invocation.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The optional white space of headers (RFC 9110 §5.6.3).
pub(super) const WHITE_SPACE: [char; 2] = [' ', '\t'];

/// A request, as API Gateway hands it over.
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

/// What API Gateway says about a request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestContext {
    pub(super) request_id: Option<String>,
    pub(super) http: HttpContext,
}

/// The request line and who sent it, as API Gateway saw them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HttpContext {
    pub(super) method: String,
    pub(super) source_ip: Option<String>,
}

impl GatewayRequest {
    /// A header by its name in lower case, without the white space around its value, which is no part of it (RFC 9110 §5.5).
    /// API Gateway joins headers of one name with commas.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let headers = self.headers.as_ref()?;
        let found = headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim_matches(WHITE_SPACE))
    }
}

/// An answer, as API Gateway takes it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GatewayResponse {
    pub(super) status_code: u16,
    pub(super) headers: BTreeMap<Cow<'static, str>, String>,
    pub(super) body: String,
    pub(super) is_base64_encoded: bool,
    /// None are ever set; `cargo lambda watch` reads no answer without the field.
    pub(super) cookies: [&'static str; 0],
}
