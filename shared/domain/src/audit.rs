//! The account audit: who did what to an account or a webhook, and when.
//!
//! An entry names people as they were at the time. Of a change it keeps the roles and the names of
//! the changed fields, and no address, URL, text or network, because entries are kept for ever.
//!
//! Entries are written as [`AuditEntry`] and read as [`AuditRecord`]. So a version that is
//! deployed again after a newer one still shows what the newer one wrote.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::id::{EventId, SessionId, TokenId, UUID_RANDOM_BYTES, UserId, WebhookId};
use crate::permission::{Actor, Scopes};
use crate::text::PersonName;
use crate::time::Timestamp;
use crate::user::{Person, Role, User};
use crate::webhook::Webhook;

/// An entry of the account audit, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    pub id: EventId,
    /// When it happened, which the id holds too.
    pub at: Timestamp,
    /// The actor, as they were at the time.
    pub actor: Person,
    /// The API token that a program of the actor used, if one did it. Versions before this one did
    /// not write it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_id: Option<TokenId>,
    pub subject: AuditSubject,
    #[serde(flatten)]
    pub action: AuditAction,
}

impl AuditEntry {
    /// Creates the entry of an action at that time, with those random bytes for its id.
    #[must_use]
    pub fn new(
        actor: Actor<'_>,
        subject: AuditSubject,
        action: AuditAction,
        at: Timestamp,
        random: [u8; UUID_RANDOM_BYTES],
    ) -> Self {
        let Actor { person, token_id, .. } = actor;
        Self { id: EventId::new(at, random), at, actor: person.clone(), token_id, subject, action }
    }
}

/// What an entry is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AuditSubject {
    /// An account, with the person's name at the time, before a change of it.
    Account { id: UserId, name: PersonName },
    /// A webhook.
    Webhook { id: WebhookId },
}

impl AuditSubject {
    /// Returns the account of a person.
    #[must_use]
    pub fn account(person: &Person) -> Self {
        Self::Account { id: person.id, name: person.name.clone() }
    }
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum AuditAction {
    /// The person registered.
    Registered,
    /// An operator created the account of an admin.
    AdminCreated,
    /// An admin invited the person, or an operator did for a new deployment.
    Invited { role: Role },
    /// The person accepted the invitation and chose a password.
    InvitationAccepted,
    /// An admin withdrew the invitation.
    InvitationWithdrawn,
    /// The name or the address changed.
    ProfileChanged { fields: Vec<ProfileField> },
    /// An admin asked for another address, which holds once it is verified.
    EmailChangeRequested,
    /// An admin ended the change of an address before it was verified.
    EmailChangeCancelled,
    /// An admin changed the role.
    RoleChanged { from: Role, to: Role },
    /// An admin deactivated the account.
    Deactivated,
    /// An admin reactivated the account.
    Reactivated,
    /// The person set a new password and gave the present one.
    PasswordChanged,
    /// The holder of a mailed token set a new password.
    PasswordReset,
    /// The person signed in on a device.
    SignedIn { session_id: SessionId },
    /// The person ended the session of one of their devices.
    SessionEnded { session_id: SessionId },
    /// The help desk ended a session, because one of its refresh tokens was used twice.
    RefreshTokenReused { session_id: SessionId },
    /// The person made an API token, or an admin made one for a service account.
    TokenCreated { token_id: TokenId, scopes: Scopes },
    /// The person or an admin revoked an API token.
    TokenRevoked { token_id: TokenId },
    /// An admin created the service account.
    ServiceAccountCreated { role: Role },
    /// An admin created the webhook.
    WebhookCreated,
    /// An admin changed the webhook.
    WebhookUpdated { fields: Vec<WebhookField> },
    /// An admin deleted the webhook.
    WebhookDeleted,
    /// An admin rotated the webhook's secret.
    WebhookSecretRotated,
}

/// A field of an account that the person or an admin changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileField {
    Name,
    Email,
}

/// A field of a webhook that an admin changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookField {
    Url,
    Events,
    Description,
    /// Whether events are posted, and with it the history of failures.
    Enabled,
}

impl AuditAction {
    /// The name of every action.
    pub const NAMES: [&'static str; 23] = [
        "registered",
        "admin_created",
        "invited",
        "invitation_accepted",
        "invitation_withdrawn",
        "profile_changed",
        "email_change_requested",
        "email_change_cancelled",
        "role_changed",
        "deactivated",
        "reactivated",
        "password_changed",
        "password_reset",
        "signed_in",
        "session_ended",
        "refresh_token_reused",
        "token_created",
        "token_revoked",
        "service_account_created",
        "webhook_created",
        "webhook_updated",
        "webhook_deleted",
        "webhook_secret_rotated",
    ];

    /// Returns what was done to an account that changed from `old` to `new`. Returns nothing if
    /// they are equal.
    #[must_use]
    pub fn of_account_change(old: &User, new: &User) -> Vec<Self> {
        let fields =
            changed([(ProfileField::Name, old.name != new.name), (ProfileField::Email, old.email != new.email)]);
        let profile = (!fields.is_empty()).then_some(Self::ProfileChanged { fields });
        let role = (old.role != new.role).then_some(Self::RoleChanged { from: old.role, to: new.role });
        let activity = match (old.active, new.active) {
            (true, false) => Some(Self::Deactivated),
            (false, true) => Some(Self::Reactivated),
            (true, true) | (false, false) => None,
        };
        let withdrawn = (old.is_invited() && !new.is_invited()).then_some(Self::InvitationWithdrawn);
        let change = match (&old.pending_email, &new.pending_email) {
            (before, now) if before == now => None,
            (_, Some(_)) => Some(Self::EmailChangeRequested),
            (_, None) => Some(Self::EmailChangeCancelled),
        };
        [profile, change, role, activity, withdrawn].into_iter().flatten().collect()
    }

    /// Returns what was done to a webhook that changed from `old` to `new`. Returns nothing if they
    /// are equal.
    #[must_use]
    pub fn of_webhook_change(old: &Webhook, new: &Webhook) -> Vec<Self> {
        // Another URL has not failed yet, which is part of that change.
        let forgiven = old.url == new.url && old.failing_since != new.failing_since;
        let fields = changed([
            (WebhookField::Url, old.url != new.url),
            (WebhookField::Events, old.events != new.events),
            (WebhookField::Description, old.description != new.description),
            (WebhookField::Enabled, old.disabled != new.disabled || forgiven),
        ]);
        let updated = (!fields.is_empty()).then_some(Self::WebhookUpdated { fields });
        let rotated = (old.secret != new.secret).then_some(Self::WebhookSecretRotated);
        [updated, rotated].into_iter().flatten().collect()
    }
}

/// Returns the fields that changed.
fn changed<F, const N: usize>(fields: [(F, bool); N]) -> Vec<F> {
    fields.into_iter().filter_map(|(field, changed)| changed.then_some(field)).collect()
}

/// An entry of the account audit, as it is read: of this version or of any other.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AuditRecord {
    pub id: EventId,
    pub at: Timestamp,
    pub actor: Person,
    /// The API token that was used, if one was and the version that wrote the entry knew it.
    #[serde(default)]
    pub token_id: Option<TokenId>,
    /// The subject as it was written, with its `kind` and its `id`.
    pub subject: Map<String, Value>,
    /// The name of the action.
    #[serde(rename = "type")]
    pub action: String,
    /// What the action holds, or nothing.
    #[serde(default)]
    pub data: Map<String, Value>,
}
