//! Webhooks: whom events are posted to, and every delivery of one.

mod address;
mod delivery;
mod schedule;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::{Host, Url};

pub use address::is_public;
pub use delivery::{Attempt, Attempted, Delivery, DeliveryState};
pub use schedule::{DISABLED_AFTER_SECONDS, RETRY_AFTER_SECONDS_MAX, SCHEDULE_SECONDS, Verdict, next_attempt};

use crate::field::{Edit, Faults, Fields, FromField, Noted, Violations};
use crate::hex::{bytes_from_hex, hex};
use crate::id::WebhookId;
use crate::log::EventType;
use crate::text::WebhookDescription;
use crate::time::Timestamp;

/// How many webhooks there may be: each event looks at all of them.
pub const WEBHOOKS_MAX: usize = 50;

/// How long a secret signs on after it was replaced, in seconds: a day, in which the receiver learns the new one.
pub const FORMER_SECRET_SECONDS: i64 = 24 * 3_600;

/// How many secrets sign beside the present one at most.
pub const FORMER_SECRETS_MAX: usize = 3;

/// Which receivers there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those of the public internet, over TLS.
    Public,
    /// And those on this machine, over anything: for a laptop.
    PublicOrLoopback,
}

/// The address events are posted to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct WebhookUrl(Url);

impl WebhookUrl {
    /// The longest address, in bytes, as it is normalised.
    pub const BYTES_MAX: usize = 2_000;

    /// The text as an address.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text)
            .map_err(|error| format!("must be an address such as https://example.org/hook: {error}"))?;
        if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
            return Err("must begin with https://".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not hold a name or a password: they would be kept and shown".to_owned());
        }
        if url.fragment().is_some() {
            return Err("must not have a fragment, which is never sent".to_owned());
        }
        if url.as_str().len() > Self::BYTES_MAX {
            return Err(format!("must be at most {} bytes", Self::BYTES_MAX));
        }
        Ok(Self(url))
    }

    /// Checks what can be known of the receiver without asking for its address: a name is looked up at the moment of connecting.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn check(&self, reach: Reach) -> Result<(), String> {
        let literal = match self.0.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            Some(Host::Domain(_)) | None => None,
        };
        let here = literal.is_some_and(|address: std::net::IpAddr| address.to_canonical().is_loopback())
            || self.0.host_str() == Some("localhost");
        if reach == Reach::PublicOrLoopback && here {
            return Ok(());
        }
        if self.0.scheme() != "https" {
            return Err("must begin with https://".to_owned());
        }
        if here || literal.is_some_and(|address| !is_public(address)) {
            return Err("must be an address of the public internet".to_owned());
        }
        Ok(())
    }

    /// The address.
    #[must_use]
    pub const fn as_url(&self) -> &Url {
        &self.0
    }
}

impl From<WebhookUrl> for String {
    fn from(url: WebhookUrl) -> Self {
        url.0.into()
    }
}

impl TryFrom<String> for WebhookUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl FromField for WebhookUrl {
    fn from_field(value: Value) -> Result<Self, Faults> {
        Ok(Self::parse(&String::from_field(value)?)?)
    }
}

/// What deliveries are signed with: 256 random bits (Standard Webhooks asks for 192 to 512).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct WebhookSecret([u8; Self::BYTES]);

impl WebhookSecret {
    /// Its length in bytes.
    pub const BYTES: usize = 32;

    /// The secret of these random bytes.
    #[must_use]
    pub const fn new(random: [u8; Self::BYTES]) -> Self {
        Self(random)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WebhookSecret(…)")
    }
}

impl From<WebhookSecret> for String {
    fn from(secret: WebhookSecret) -> Self {
        hex(&secret.0)
    }
}

impl TryFrom<String> for WebhookSecret {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        bytes_from_hex(&text).map(Self).ok_or("a secret is 64 hexadecimal digits")
    }
}

/// A secret that was replaced, and until when it signs beside the new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerSecret {
    /// The secret.
    pub secret: WebhookSecret,
    /// Until when.
    pub until: Timestamp,
}

/// Why nothing is posted to a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisabledBecause {
    /// An admin switched it off.
    SwitchedOff,
    /// Its receiver answered 410.
    Gone,
    /// Every delivery failed for days.
    Failing,
}

/// A webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Identifies it.
    pub id: WebhookId,
    /// Where events are posted to.
    pub url: WebhookUrl,
    /// The events that are; every one if there is none.
    pub events: BTreeSet<EventType>,
    /// What it is for, in the words of whoever made it.
    pub description: Option<WebhookDescription>,
    /// What deliveries are signed with.
    pub secret: WebhookSecret,
    /// What they are signed with too, each for a while, the latest first.
    pub former_secrets: Vec<FormerSecret>,
    /// Why nothing is posted to it; none while events are.
    pub disabled: Option<DisabledBecause>,
    /// Since when every attempt failed.
    pub failing_since: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed by somebody.
    pub updated_at: Timestamp,
    /// Counts its changes, so that two at once do not undo each other.
    pub version: u64,
}

/// What a request to make a webhook holds.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    url: WebhookUrl,
    events: BTreeSet<EventType>,
    description: Option<WebhookDescription>,
}

impl NewWebhook {
    /// Reads the body of a request to make a webhook.
    ///
    /// # Errors
    /// Every fault of the body.
    pub fn from_body(body: Value, reach: Reach) -> Result<Self, Violations> {
        Fields::read(body, |fields| {
            let url = fields.required("url").and_then(|url| checked(fields, url, reach));
            let events = fields.optional::<Events>("events");
            let description = fields.optional("description");
            let events = events?.map(|events| events.0).unwrap_or_default();
            Ok(Self { url: url?, events, description: description? })
        })
    }

    /// The webhook.
    #[must_use]
    pub fn made(self, id: WebhookId, secret: WebhookSecret, now: Timestamp) -> Webhook {
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

/// What is changed about a webhook (a merge patch, RFC 7396): what is left out stays.
#[derive(Clone, Debug)]
pub struct WebhookPatch {
    url: Option<WebhookUrl>,
    events: Option<BTreeSet<EventType>>,
    description: Option<Edit<WebhookDescription>>,
    enabled: Option<bool>,
}

impl WebhookPatch {
    /// Reads the body of a patch.
    ///
    /// # Errors
    /// Every fault of the body.
    pub fn from_body(body: Value, reach: Reach) -> Result<Self, Violations> {
        Fields::read(body, |fields| {
            let url = fields.replaced("url").and_then(|url| url.map(|url| checked(fields, url, reach)).transpose());
            let events = fields.edited::<Events>("events");
            let description = fields.edited("description");
            let enabled = fields.replaced("enabled");
            let events = events?.map(|events| events.into_option().map(|events| events.0).unwrap_or_default());
            Ok(Self { url: url?, events, description: description?, enabled: enabled? })
        })
    }
}

fn checked(fields: &mut Fields, url: WebhookUrl, reach: Reach) -> Result<WebhookUrl, Noted> {
    url.check(reach).map_err(|fault| fields.note("url", fault))?;
    Ok(url)
}

/// A list of events, each by its name.
struct Events(BTreeSet<EventType>);

impl FromField for Events {
    fn from_field(value: Value) -> Result<Self, Faults> {
        let names = Vec::<String>::from_field(value)?;
        let event_of = |name: &String| EventType::ALL.into_iter().find(|event_type| event_type.as_str() == name);
        let unknown = names.iter().enumerate().filter(|(_, name)| event_of(name).is_none()).map(|(index, _)| index);
        let unknown: Vec<usize> = unknown.collect();
        if unknown.is_empty() {
            return Ok(Self(names.iter().filter_map(event_of).collect()));
        }
        let known = EventType::ALL.map(EventType::as_str).join(", ");
        Err(Faults::at_items(unknown, &format!("must be one of {known}")))
    }
}

impl Webhook {
    /// Whether an event of that type is posted to it.
    #[must_use]
    pub fn wants(&self, event_type: EventType) -> bool {
        self.disabled.is_none() && (self.events.is_empty() || self.events.contains(&event_type))
    }

    /// The webhook with what the patch says in place. Switched on again, it is as if it had never failed.
    #[must_use]
    pub fn patched(&self, patch: &WebhookPatch, now: Timestamp) -> Self {
        let mut patched = self.clone();
        let WebhookPatch { url, events, description, enabled } = patch.clone();
        if let Some(url) = url.filter(|url| *url != patched.url) {
            // Another receiver has not failed yet.
            (patched.url, patched.failing_since) = (url, None);
        }
        patched.events = events.unwrap_or(patched.events);
        patched.description = description.map_or(patched.description, Edit::into_option);
        match enabled {
            Some(true) => (patched.disabled, patched.failing_since) = (None, None),
            Some(false) => patched.disabled = patched.disabled.or(Some(DisabledBecause::SwitchedOff)),
            None => {}
        }
        if patched == *self { patched } else { Self { updated_at: now, version: self.version + 1, ..patched } }
    }

    /// The webhook with a new secret, beside which the present one signs for a day, and those before it for what is left of theirs. The
    /// same if the secret is its own already.
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

    /// The secrets that sign at that moment, the present one first.
    #[must_use]
    pub fn secrets(&self, now: Timestamp) -> Vec<&WebhookSecret> {
        let former = self.former_secrets.iter().filter(|former| former.until > now).map(|former| &former.secret);
        [&self.secret].into_iter().chain(former).collect()
    }

    /// The webhook after an attempt at that address: switched off if its receiver is gone, or has failed for days; the same if nothing
    /// changes, or the address is not its own any more.
    #[must_use]
    pub fn after(&self, posted_to: &WebhookUrl, verdict: Verdict, now: Timestamp) -> Self {
        let mut after = self.clone();
        if self.url != *posted_to {
            return after;
        }
        match verdict {
            Verdict::Delivered => after.failing_since = None,
            Verdict::Gone => after.disabled = after.disabled.or(Some(DisabledBecause::Gone)),
            Verdict::Failed { .. } => {
                let since = *after.failing_since.get_or_insert(now);
                if since.plus_seconds(DISABLED_AFTER_SECONDS) <= now {
                    after.disabled = after.disabled.or(Some(DisabledBecause::Failing));
                }
            }
        }
        if after == *self { after } else { Self { version: self.version + 1, ..after } }
    }
}

#[cfg(test)]
mod tests;
