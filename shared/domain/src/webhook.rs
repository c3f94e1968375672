//! Webhooks: the receivers that events are posted to, and every delivery to one.

mod address;
mod delivery;
mod requests;
mod schedule;
mod secret;
#[cfg(test)]
mod tests;
mod url;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use address::is_public;
pub use delivery::{Attempt, CompletedAttempt, Delivery, DeliveryState};
pub use requests::{NewWebhook, WebhookPatch};
pub use schedule::{AttemptResult, DISABLED_AFTER_SECONDS, RETRY_AFTER_SECONDS_MAX, SCHEDULE_SECONDS, next_attempt};
pub use secret::{FORMER_SECRET_SECONDS, FORMER_SECRETS_MAX, FormerSecret, WebhookSecret};
pub use url::{Reach, WebhookUrl};

use crate::field::Edit;
use crate::id::WebhookId;
use crate::lifecycle::EventType;
use crate::text::WebhookDescription;
use crate::time::Timestamp;

/// The maximum number of webhooks. It is limited because every event checks all of them.
pub const WEBHOOKS_MAX: usize = 50;

/// The reason why nothing is posted to a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisabledReason {
    /// An admin disabled it.
    SwitchedOff,
    /// The receiver responded with 410.
    Gone,
    /// Every delivery failed for days.
    Failing,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    pub id: WebhookId,
    /// The address that events are posted to.
    pub url: WebhookUrl,
    /// The event types that are posted. If empty, all are.
    pub events: BTreeSet<EventType>,
    /// The purpose of the webhook, in the words of the admin who created it.
    pub description: Option<WebhookDescription>,
    /// The secret that deliveries are signed with.
    pub secret: WebhookSecret,
    /// The former secrets that also sign for a while, latest first.
    pub former_secrets: Vec<FormerSecret>,
    /// The reason why nothing is posted. `None` if the webhook is enabled.
    pub disabled: Option<DisabledReason>,
    /// The time since which every attempt has failed.
    pub failing_since: Option<Timestamp>,
    /// When the webhook was created.
    pub created_at: Timestamp,
    /// When a person last changed the webhook.
    pub updated_at: Timestamp,
    /// The number of changes so far. It keeps two concurrent changes from overwriting each other.
    pub version: u64,
}

impl NewWebhook {
    /// Creates the webhook.
    #[must_use]
    pub fn into_webhook(self, id: WebhookId, secret: WebhookSecret, now: Timestamp) -> Webhook {
        Webhook {
            id,
            url: self.url,
            events: self.events,
            description: self.description,
            secret,
            former_secrets: Vec::new(),
            disabled: None,
            failing_since: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }
}

impl Webhook {
    /// Returns whether an event of that type is posted to the webhook.
    #[must_use]
    pub fn wants(&self, event_type: EventType) -> bool {
        self.disabled.is_none() && (self.events.is_empty() || self.events.contains(&event_type))
    }

    /// Returns the webhook with the patch applied. Enabling it again clears its history of
    /// failures.
    #[must_use]
    pub fn patched(&self, patch: &WebhookPatch, now: Timestamp) -> Self {
        let mut patched = self.clone();
        let WebhookPatch { url, events, description, enabled } = patch.clone();
        if let Some(url) = url.filter(|url| *url != patched.url) {
            // A different receiver has not failed yet.
            (patched.url, patched.failing_since) = (url, None);
        }
        patched.events = events.unwrap_or(patched.events);
        patched.description = description.map_or(patched.description, Edit::into_option);
        match enabled {
            Some(true) => (patched.disabled, patched.failing_since) = (None, None),
            Some(false) => patched.disabled = patched.disabled.or(Some(DisabledReason::SwitchedOff)),
            None => {}
        }
        if patched == *self { patched } else { Self { updated_at: now, version: self.version + 1, ..patched } }
    }

    /// Returns the webhook with a new secret. The present secret also signs for a day, and the
    /// former ones for the rest of their time. Returns the webhook unchanged if it has that secret
    /// already.
    #[must_use]
    pub fn with_secret(&self, secret: WebhookSecret, now: Timestamp) -> Self {
        if self.secret == secret {
            return self.clone();
        }
        let present = FormerSecret { secret: self.secret.clone(), until: now.plus_seconds(FORMER_SECRET_SECONDS) };
        let former = self.former_secrets.iter().filter(|former| former.until > now).cloned();
        let former_secrets = [present].into_iter().chain(former).take(FORMER_SECRETS_MAX).collect();
        Self { secret, former_secrets, updated_at: now, version: self.version + 1, ..self.clone() }
    }

    /// Returns the secrets that sign at that time, the present one first.
    #[must_use]
    pub fn secrets(&self, now: Timestamp) -> Vec<&WebhookSecret> {
        let former = self.former_secrets.iter().filter(|former| former.until > now).map(|former| &former.secret);
        [&self.secret].into_iter().chain(former).collect()
    }

    /// Returns the webhook after an attempt at that address: disabled if the receiver is gone or
    /// has failed for days. Returns it unchanged if there is nothing to change, or if the address
    /// is no longer the webhook's own.
    #[must_use]
    pub fn after_attempt(&self, posted_to: &WebhookUrl, result: AttemptResult, now: Timestamp) -> Self {
        let mut after = self.clone();
        if self.url != *posted_to {
            return after;
        }
        match result {
            AttemptResult::Delivered => after.failing_since = None,
            AttemptResult::Gone => after.disabled = after.disabled.or(Some(DisabledReason::Gone)),
            AttemptResult::Failed { .. } => {
                let since = *after.failing_since.get_or_insert(now);
                if since.plus_seconds(DISABLED_AFTER_SECONDS) <= now {
                    after.disabled = after.disabled.or(Some(DisabledReason::Failing));
                }
            }
        }
        if after == *self { after } else { Self { version: self.version + 1, ..after } }
    }
}
