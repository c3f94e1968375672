//! What is measured.

use http::Method;
use serde_json::{Value, json};

/// A request of the measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Get,
    /// The first page of the open queue.
    List,
    /// The timeline of a ticket with ten entries.
    Timeline,
    Create,
    Comment,
    Resolve,
    Reopen,
    /// Only while the desk is filled.
    Assign,
}

impl Operation {
    /// The measured operations, in an order in which each finds tickets for the next.
    pub(crate) const ALL: [Self; 7] =
        [Self::Get, Self::List, Self::Timeline, Self::Create, Self::Reopen, Self::Comment, Self::Resolve];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Timeline => "timeline",
            Self::Create => "create",
            Self::Comment => "comment",
            Self::Resolve => "resolve",
            Self::Reopen => "reopen",
            Self::Assign => "assign",
        }
    }

    /// Returns the method, the path and the body of a request about this ticket.
    pub(crate) fn request(self, ticket: usize) -> (Method, String, Value) {
        let ticket = format!("/v1/tickets/{ticket}");
        match self {
            Self::Get => (Method::GET, ticket, Value::Null),
            Self::List => (Method::GET, "/v1/tickets?status=open".to_owned(), Value::Null),
            Self::Timeline => (Method::GET, format!("{ticket}/timeline"), Value::Null),
            Self::Create => (Method::POST, "/v1/tickets".to_owned(), json!({"title": TITLE, "description": TEXT})),
            Self::Comment => (Method::POST, format!("{ticket}/comments"), json!({ "body": TEXT })),
            Self::Resolve => (Method::POST, format!("{ticket}/resolve"), json!({ "resolution": TEXT })),
            Self::Reopen => (Method::POST, format!("{ticket}/reopen"), json!({"reason": "It jams again."})),
            Self::Assign => (Method::POST, format!("{ticket}/assign"), json!({})),
        }
    }
}

const TITLE: &str = "The printer on the second floor jams";
const TEXT: &str = "Every second page comes out crumpled, whichever tray it is taken from. We have cleaned the rollers \
                    twice, changed the paper and switched it off over night, and it made no difference at all.";
