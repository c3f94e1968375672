//! Account events, which say what has to be done after an account changed.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::envelope::{Content, Kind, UnreadableEvent};
use crate::id::{EventId, SessionId, UserId};
use crate::time::Timestamp;
use crate::user::Person;

const KIND: Kind = Kind { type_prefix: "helpdesk.account.", data_schema: "/schemas/account-event/1" };

/// An event about an account, or about a request for a password reset or a registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountEvent {
    pub id: EventId,
    /// When it happened.
    pub at: Timestamp,
    #[serde(flatten)]
    pub kind: AccountEventKind,
}

/// What happened to an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum AccountEventKind {
    /// An admin changed the person's role.
    RoleChanged(ChangedByAdmin),
    /// An admin deactivated the account.
    Deactivated(ChangedByAdmin),
    /// An admin reactivated the account.
    Reactivated(ChangedByAdmin),
    /// A person who knew the former password or had a reset token set a new one.
    PasswordChanged(PasswordChanged),
    /// A password reset was requested for an address. The event names only the request. It reveals
    /// neither the address nor whether there is an account for it.
    PasswordResetRequested,
    /// Someone asked to register an address. As for a password reset, the event names only the
    /// request.
    RegistrationRequested,
    /// A person was invited, for the first time or again. The event names only the account.
    Invited(AccountId),
    /// An admin asked for another address of the account, which has to be verified.
    EmailChangeRequested(AccountId),
}

/// The account that an admin changed, and the admin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangedByAdmin {
    pub user_id: UserId,
    /// The actor, as they were at the time.
    pub actor: Person,
}

/// The account whose password changed, and the session that stays open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordChanged {
    pub user_id: UserId,
    /// The session in which the password was changed. `None` if it was reset.
    pub kept_session_id: Option<SessionId>,
}

/// The account that an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountId {
    pub user_id: UserId,
}

impl AccountEventKind {
    const fn type_name(&self) -> &'static str {
        match self {
            Self::RoleChanged(_) => "role_changed",
            Self::Deactivated(_) => "deactivated",
            Self::Reactivated(_) => "reactivated",
            Self::PasswordChanged(_) => "password_changed",
            Self::PasswordResetRequested => "password_reset_requested",
            Self::RegistrationRequested => "registration_requested",
            Self::Invited(_) => "invited",
            Self::EmailChangeRequested(_) => "email_change_requested",
        }
    }
}

impl AccountEvent {
    /// Returns the subject of the event. Events with the same subject are handled in order. What
    /// only mails has a subject of its own, because a mail may fail for a day: nothing else of the
    /// account waits for it.
    #[must_use]
    pub fn subject(&self) -> String {
        match &self.kind {
            AccountEventKind::RoleChanged(changed)
            | AccountEventKind::Deactivated(changed)
            | AccountEventKind::Reactivated(changed) => format!("users/{}", changed.user_id),
            AccountEventKind::PasswordChanged(changed) => format!("users/{}", changed.user_id),
            AccountEventKind::Invited(account) => format!("invitations/{}", account.user_id),
            AccountEventKind::EmailChangeRequested(account) => format!("email-changes/{}", account.user_id),
            AccountEventKind::RegistrationRequested => format!("registrations/{}", self.id),
            AccountEventKind::PasswordResetRequested => format!("password-resets/{}", self.id),
        }
    }

    /// Serialises the event. Never fails for this type; serde's signature requires the `Result`.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let data = match &self.kind {
            AccountEventKind::RoleChanged(changed)
            | AccountEventKind::Deactivated(changed)
            | AccountEventKind::Reactivated(changed) => serde_json::to_value(changed)?,
            AccountEventKind::PasswordChanged(changed) => serde_json::to_value(changed)?,
            AccountEventKind::Invited(account) | AccountEventKind::EmailChangeRequested(account) => {
                serde_json::to_value(account)?
            }
            AccountEventKind::PasswordResetRequested | AccountEventKind::RegistrationRequested => {
                Value::Object(Map::new())
            }
        };
        let event_type = self.kind.type_name().to_owned();
        KIND.write(Content { id: self.id, event_type, subject: self.subject(), at: self.at, data })
    }

    /// Parses a serialised event.
    pub fn from_json(text: &str) -> Result<Self, UnreadableEvent> {
        let content: Content<Value> = KIND.read(text)?;
        let kind = match content.event_type.as_str() {
            "role_changed" => AccountEventKind::RoleChanged(serde_json::from_value(content.data)?),
            "deactivated" => AccountEventKind::Deactivated(serde_json::from_value(content.data)?),
            "reactivated" => AccountEventKind::Reactivated(serde_json::from_value(content.data)?),
            "password_changed" => AccountEventKind::PasswordChanged(serde_json::from_value(content.data)?),
            "password_reset_requested" => AccountEventKind::PasswordResetRequested,
            "registration_requested" => AccountEventKind::RegistrationRequested,
            "invited" => AccountEventKind::Invited(serde_json::from_value(content.data)?),
            "email_change_requested" => AccountEventKind::EmailChangeRequested(serde_json::from_value(content.data)?),
            other => return Err(KIND.unknown_type(other)),
        };
        Ok(Self { id: content.id, at: content.at, kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{ada, minute, tina};

    /// One event of each type, one per line. Consumers read events from queues and archives, so a
    /// line that changes requires a new version of the format.
    const GOLDEN: &str = include_str!("../../tests-data/account-events.jsonl");

    fn events_of_every_type() -> [AccountEvent; 8] {
        let by_admin = || ChangedByAdmin { user_id: tina().id, actor: ada() };
        let kinds = [
            AccountEventKind::RoleChanged(by_admin()),
            AccountEventKind::Deactivated(by_admin()),
            AccountEventKind::Reactivated(by_admin()),
            AccountEventKind::PasswordChanged(PasswordChanged { user_id: tina().id, kept_session_id: None }),
            AccountEventKind::PasswordResetRequested,
            AccountEventKind::RegistrationRequested,
            AccountEventKind::Invited(AccountId { user_id: tina().id }),
            AccountEventKind::EmailChangeRequested(AccountId { user_id: tina().id }),
        ];
        kinds.map(|kind| AccountEvent { id: EventId::new(minute(9), [9; 10]), at: minute(9), kind })
    }

    #[test]
    fn every_event_type_matches_its_golden_envelope_and_round_trips() {
        assert_eq!(GOLDEN.lines().count(), events_of_every_type().len());
        for (event, golden) in events_of_every_type().iter().zip(GOLDEN.lines()) {
            assert_eq!(event.to_json().unwrap(), golden);
            assert_eq!(AccountEvent::from_json(golden).unwrap(), *event);
        }
    }

    #[test]
    fn a_stored_event_keeps_its_type_and_round_trips() {
        for event in events_of_every_type() {
            let stored = serde_json::to_value(&event).unwrap();
            assert_eq!(stored["type"], event.kind.type_name());
            assert_eq!(serde_json::from_value::<AccountEvent>(stored).unwrap(), event);
        }
    }

    #[test]
    fn an_invalid_account_event_is_refused() {
        let golden = GOLDEN.lines().next().unwrap();
        for (from, to) in [
            ("helpdesk.account.role_changed", "helpdesk.account.promoted"),
            ("helpdesk.account.role_changed", "helpdesk.ticket.opened"),
            ("account-event/1", "account-event/2"),
            ("\"user_id\"", "\"id\""),
            ("\"data\":{", "\"data\":{\"role\":\"admin\","),
        ] {
            let changed = golden.replace(from, to);
            assert_ne!(changed, golden);
            assert!(AccountEvent::from_json(&changed).is_err(), "{changed}");
        }
    }
}
