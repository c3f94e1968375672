//! What a person wants to be notified of, over which channel and in which language.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::notification_type::NotificationType;
use crate::field::{Faults, Fields, FromField, Violations, kind_of};
use crate::language::Language;

/// A channel of notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// The inbox of the API.
    Inbox,
    /// Mail.
    Email,
}

/// A person's preferences. By default a person is notified of everything, over every channel, in
/// English.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// The language of mails.
    pub language: Language,
    /// The types that are not wanted in the inbox.
    pub not_in_inbox: BTreeSet<NotificationType>,
    /// The types that are not wanted by mail.
    pub not_by_email: BTreeSet<NotificationType>,
}

impl Preferences {
    /// Reads the body of a request to set preferences: `{language?, inbox?: {<type>: bool}, email?:
    /// {<type>: bool}}`. A type that is not named is wanted.
    pub fn from_body(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| {
            let language = fields.optional("language");
            let inbox = fields.optional::<Choices>("inbox");
            let email = fields.optional::<Choices>("email");
            let unwanted = |choices: Option<Choices>| choices.map(|choices| choices.0).unwrap_or_default();
            Ok(Self {
                language: language?.unwrap_or_default(),
                not_in_inbox: unwanted(inbox?),
                not_by_email: unwanted(email?),
            })
        })
    }

    /// Returns whether the person wants to be notified of the type over that channel.
    #[must_use]
    pub fn want(&self, notification_type: NotificationType, channel: Channel) -> bool {
        !self.unwanted(channel).contains(&notification_type)
    }

    /// Returns the preferences with all mail turned off.
    #[must_use]
    pub fn without_mail(self) -> Self {
        Self { not_by_email: NotificationType::all_for_tickets().into_iter().collect(), ..self }
    }

    /// Returns, for each type, whether it is wanted over the channel.
    #[must_use]
    pub fn choices(&self, channel: Channel) -> Map<String, Value> {
        let choice = |notification_type: NotificationType| {
            (String::from(notification_type), Value::Bool(self.want(notification_type, channel)))
        };
        NotificationType::all_for_tickets().into_iter().map(choice).collect()
    }

    const fn unwanted(&self, channel: Channel) -> &BTreeSet<NotificationType> {
        match channel {
            Channel::Inbox => &self.not_in_inbox,
            Channel::Email => &self.not_by_email,
        }
    }
}

/// The unwanted types, read from a map that says of each type whether it is wanted.
struct Choices(BTreeSet<NotificationType>);

impl FromField for Choices {
    fn from_field(value: Value) -> Result<Self, Faults> {
        let Value::Object(choices) = value else {
            return Err(format!("must be an object, not {}", kind_of(&value)).into());
        };
        let (mut unwanted, mut faults) = (BTreeSet::new(), Vec::new());
        for (name, wanted) in choices {
            let notification_type = NotificationType::all_for_tickets()
                .into_iter()
                .find(|notification_type| notification_type.as_str() == name);
            match (notification_type, bool::from_field(wanted)) {
                (Some(_), Ok(true)) => {}
                (Some(notification_type), Ok(false)) => drop(unwanted.insert(notification_type)),
                (Some(_), Err(fault)) => faults.push((name, fault)),
                (None, _) => {
                    let known: Vec<&str> =
                        NotificationType::all_for_tickets().into_iter().map(NotificationType::as_str).collect();
                    faults.push((name, format!("is not one of {}", known.join(", ")).into()));
                }
            }
        }
        if !faults.is_empty() {
            return Err(Faults::at_members(faults));
        }
        Ok(Self(unwanted))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn by_default_everything_is_wanted_over_every_channel() {
        let defaults = Preferences::from_body(json!({})).unwrap();
        assert_eq!(defaults, Preferences::default());
        for notification_type in NotificationType::all_for_tickets() {
            assert!(
                defaults.want(notification_type, Channel::Inbox) && defaults.want(notification_type, Channel::Email)
            );
        }
    }

    #[test]
    fn an_event_switched_off_for_one_channel_is_still_wanted_over_the_other() {
        for notification_type in NotificationType::all_for_tickets() {
            let body =
                json!({"email": {notification_type.as_str(): false}, "inbox": {notification_type.as_str(): true}});
            let preferences = Preferences::from_body(body).unwrap();
            for other in NotificationType::all_for_tickets() {
                assert_eq!(preferences.want(other, Channel::Email), other != notification_type);
                assert!(preferences.want(other, Channel::Inbox));
            }
            assert_eq!(preferences.choices(Channel::Email)[notification_type.as_str()], false);
        }
        let none = Preferences::default().without_mail();
        assert!(
            NotificationType::all_for_tickets()
                .into_iter()
                .all(|notification_type| !none.want(notification_type, Channel::Email))
        );
    }

    #[test]
    fn invalid_preferences_are_refused() {
        for (body, pointer) in [
            (json!({"email": {"jammed": false}}), "/email/jammed"),
            (json!({"email": {"webhook_disabled": false}}), "/email/webhook_disabled"),
            (json!({"inbox": {"opened": "no"}}), "/inbox/opened"),
            (json!({"inbox": []}), "/inbox"),
            (json!({"language": "de"}), "/language"),
            (json!({"sms": {}}), "/sms"),
        ] {
            let violations = Preferences::from_body(body.clone()).unwrap_err();
            assert_eq!(violations.as_slice()[0].pointer, pointer, "{body}");
        }
    }
}
