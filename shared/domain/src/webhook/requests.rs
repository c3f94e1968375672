//! The bodies of requests about webhooks.

use std::collections::BTreeSet;

use serde_json::Value;

use super::url::{Reach, WebhookUrl};
use crate::field::{Edit, Faults, Fields, FromField, Rejected, Violations};
use crate::lifecycle::EventType;
use crate::text::WebhookDescription;

/// The content of a request to create a webhook.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    pub(super) url: WebhookUrl,
    pub(super) events: BTreeSet<EventType>,
    pub(super) description: Option<WebhookDescription>,
}

impl NewWebhook {
    /// Reads the body of a request to create a webhook.
    pub fn from_body(body: Value, reach: Reach) -> Result<Self, Violations> {
        Fields::read(body, |fields| {
            let url = fields.required("url").and_then(|url| checked(fields, url, reach));
            let events = fields.optional::<Events>("events");
            let description = fields.optional("description");
            let events = events?.map(|events| events.0).unwrap_or_default();
            Ok(Self { url: url?, events, description: description? })
        })
    }
}

/// The changes to a webhook (a merge patch, RFC 7396). A field that is left out stays as it is.
#[derive(Clone, Debug)]
pub struct WebhookPatch {
    pub(super) url: Option<WebhookUrl>,
    pub(super) events: Option<BTreeSet<EventType>>,
    pub(super) description: Option<Edit<WebhookDescription>>,
    pub(super) enabled: Option<bool>,
}

impl WebhookPatch {
    /// Reads the body of a patch.
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

fn checked(fields: &mut Fields, url: WebhookUrl, reach: Reach) -> Result<WebhookUrl, Rejected> {
    url.check(reach).map_err(|fault| fields.reject("url", fault))?;
    Ok(url)
}

/// A list of event types, given by name.
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
