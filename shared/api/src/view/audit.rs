//! The view of an audit entry.

use domain::audit::AuditRecord;
use domain::id::{EventId, TokenId};
use domain::time::Timestamp;
use domain::user::Person;
use serde::Serialize;
use serde_json::{Map, Value};

/// An audit entry. It has no secret field to leave out: what the audit holds, admins may read.
#[derive(Debug, Serialize)]
pub struct AuditView {
    pub id: EventId,
    #[serde(rename = "type")]
    pub action: String,
    pub at: Timestamp,
    pub actor: Person,
    pub token_id: Option<TokenId>,
    pub subject: Map<String, Value>,
    pub data: Map<String, Value>,
}

impl From<AuditRecord> for AuditView {
    fn from(record: AuditRecord) -> Self {
        let AuditRecord { id, at, actor, token_id, subject, action, data } = record;
        Self { id, action, at, actor, token_id, subject, data }
    }
}
