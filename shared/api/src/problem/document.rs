//! The problem document (RFC 9457).

use serde::Serialize;

use super::Problem;

/// A problem document.
#[derive(Serialize)]
pub(crate) struct Document<'a> {
    #[serde(rename = "type")]
    problem_type: String,
    title: &'a str,
    status: u16,
    detail: String,
    instance: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<FieldError>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<&'a Vec<&'static str>>,
}

#[derive(Serialize)]
struct FieldError {
    pointer: String,
    detail: String,
}

impl Problem {
    /// Builds the document for the request with this id.
    pub(crate) fn document(&self, request_id: &str) -> Document<'_> {
        let (slug, status, title) = self.kind();
        Document {
            problem_type: format!("/problems/{slug}"),
            title,
            status,
            detail: self.detail(),
            instance: format!("/requests/{request_id}"),
            errors: match self {
                Self::ValidationFailed(violations) => {
                    let told = |v: &domain::field::Violation| FieldError {
                        pointer: v.pointer.clone(),
                        detail: v.detail.clone(),
                    };
                    Some(violations.as_slice().iter().map(told).collect())
                }
                _ => None,
            },
            allowed: match self {
                Self::InvalidTransition { allowed, .. } => Some(allowed),
                Self::Forbidden { allowed, .. } => allowed.as_ref(),
                _ => None,
            },
        }
    }
}
