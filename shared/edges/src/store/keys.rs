//! Every key of the table, built here and nowhere else.
//!
//! | question | where | pk / hash | sk / range | asked by |
//! |---|---|---|---|---|
//! | a ticket's head; all tickets, newest first | table | `TICKETS#<number / 1000>` | `<number>` | tickets-*, comments-*, events-list, timeline-get, workers-notify; tickets-list |
//! | a ticket's public log, in order | table | `TICKET#<number>` | `LOG#<seq>` | comments-list, events-list, timeline-get, tickets-* |
//! | a ticket's internal notes, in order | table | `TICKET#<number>` | `NOTE#<note>` | notes-*, timeline-get |
//! | the answer kept under an Idempotency-Key (TTL) | table | `REPLAY#<user>#<hash of the key>` | `REPLAY` | tickets-*, comments-create, notes-create |
//! | tickets of a requester, newest first | `by_requester` | `REQUESTER#<user>` | number | tickets-list |
//! | work of an assignee, by status | `by_assignee` | `ASSIGNEE#<user>` | `<status>#<priority>#<number>` | tickets-list |
//! | the queue: next to take first | `by_status` | `STATUS#open` | `<priority>#<number>` | tickets-list |
//! | tickets of another status, newest first | `by_status` | `STATUS#<status>` | `<number>` | tickets-list |
//! | people of a role, in the order they came | `by_status` | `ROLE#<role>` | `<user>` | users-list |
//! | a user | table | `USER#<user>` | `PROFILE` | me-*, users-*, auth-*, tickets-*, workers-notify |
//! | a user's password hash | table | `USER#<user>` | `CREDENTIAL` | auth-login, auth-reset-password, me-change-password |
//! | what may set a new password (TTL) | table | `USER#<user>` | `RESET#<hash of the token>` | auth-reset-password, workers-accounts |
//! | what was changed about a user | table | `USER#<user>` | `EVENT#<event>` | users-*; the stream |
//! | a request for a new password (TTL) | table | `RESET_REQUEST#<event>` | `EVENT#<event>` | auth-forgot-password, workers-accounts; the stream |
//! | a request that leads to nothing, from a network that asks too often (TTL) | table | `RESET_REQUEST#<event>` | `UNHEARD` | auth-forgot-password writes it; nothing reads it |
//! | attempts at a password, an account or a reset (TTL) | table | `ATTEMPTS#<at what>#<whose>` | `ATTEMPTS` | auth-login, auth-register, auth-forgot-password, auth-reset-password, me-change-password |
//! | whether an account is known in a network (TTL) | table | `KNOWN#<hash of the address>#<network>` | `KNOWN` | auth-login, auth-register, auth-forgot-password, auth-reset-password |
//! | what addresses are hashed with in logs | table | `SECRET#log` | `SECRET` | auth-login, auth-register, auth-forgot-password |
//! | the user of an address | table | `EMAIL#<normalised>` | `EMAIL` | auth-register, auth-login, users-update, workers-accounts |
//! | a device signed in (TTL) | table | `USER#<user>` | `SESSION#<session>` | auth-*, sessions-* |
//! | a user's inbox, newest first (TTL) | table | `USER#<user>` | `INBOX#<event>` | notifications-*, workers-notify |
//! | which of the new tickets a technician read by itself (TTL) | table | `USER#<user>` | `READ#<arrival>` | notifications-list, notifications-count-unread, notifications-mark-read |
//! | new tickets that all technicians are told of, newest first (TTL) | table | `NEW_TICKETS` | `INBOX#<arrival>` | notifications-list, notifications-count-unread, notifications-mark-read, workers-notify |
//! | whether all technicians were told of an event (TTL) | table | `TOLD_TOGETHER#<event>` | `TOLD` | workers-notify |
//! | of which urgent tickets of an hour technicians are mailed (TTL) | table | `URGENT_MAILS#<hour>` | `MAILED` | workers-notify |
//! | what somebody wants to be told of, and up to where they read it | table | `USER#<user>` | `PREFERENCES` | preferences-*, notifications-*, workers-notify, workers-email, workers-accounts |
//! | whether somebody was mailed of an event (TTL) | table | `USER#<user>` | `MAIL#<event>` | workers-email |
//! | webhooks | table | `WEBHOOKS` | `<webhook>` | webhooks-*, workers-notify, workers-webhooks |
//! | deliveries to a webhook, newest first (TTL) | table | `WEBHOOK#<webhook>` | `DELIVERY#<event>` | webhooks-*, workers-webhooks |
//! | the last ticket number given out | table | `COUNTER#ticket` | `COUNTER` | tickets-create, tickets-list |
//! | how many webhooks were made so far | table | `COUNTER#webhook` | `COUNTER` | webhooks-create |
//!
//! Numbers are padded with zeros so that they sort as text. A person's role stands in the `by_status` index as a status of
//! theirs: one index fewer to write.

mod index;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::{EventId, NoteId, SessionId, TicketNumber, UserId, WebhookId, whole_number};

pub(crate) use index::{
    BY_ASSIGNEE, BY_REQUESTER, BY_STATUS, Index, assignee_key, head_keys, number_behind_ranks, profile_keys,
    queue_prefix, requester_key, role_key, status_key, work_prefix,
};

use crate::auth::TokenHash;

/// An item as DynamoDB has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The table's partition key.
pub(crate) const PK: &str = "pk";
/// The table's sort key.
pub(crate) const SK: &str = "sk";
/// The attribute of what happened that says of which trace it is.
pub(crate) const TRACE: &str = "trace";
/// The attribute after whose second DynamoDB may remove an item.
pub(crate) const EXPIRES_AT: &str = "expires_at";

/// What every log entry's sort key begins with; template.yaml filters the stream by it.
pub(crate) const LOG_PREFIX: &str = "LOG#";
/// What every note's sort key begins with.
pub(crate) const NOTE_PREFIX: &str = "NOTE#";
/// What every inbox item's sort key begins with, one person's or all technicians'.
pub(crate) const INBOX_PREFIX: &str = "INBOX#";
/// What the sort key of every new ticket that a technician read by itself begins with. It is none of
/// an inbox: a version that knows no such items reads no page with one.
pub(crate) const READ_PREFIX: &str = "READ#";
/// What the sort key of every account event begins with; template.yaml filters the stream by it.
pub(crate) const EVENT_PREFIX: &str = "EVENT#";
/// What every delivery's sort key begins with.
pub(crate) const DELIVERY_PREFIX: &str = "DELIVERY#";
/// What every session's sort key begins with.
pub(crate) const SESSION_PREFIX: &str = "SESSION#";

/// Tickets whose heads share a partition.
const TICKETS_PER_PARTITION: u64 = 1_000;

/// The primary key of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    fn new(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }

    /// The key as DynamoDB wants it.
    pub(crate) fn to_item(&self) -> Item {
        HashMap::from([
            (PK.to_owned(), AttributeValue::S(self.pk.clone())),
            (SK.to_owned(), AttributeValue::S(self.sk.clone())),
        ])
    }

    /// Whether it is the key of that item.
    pub(crate) fn is_of(&self, item: &Item) -> bool {
        let is =
            |attribute: &str, value: &String| item.get(attribute).and_then(|found| found.as_s().ok()) == Some(value);
        is(PK, &self.pk) && is(SK, &self.sk)
    }

    /// A ticket's head.
    pub(crate) fn head(number: TicketNumber) -> Self {
        Self::new(heads_partition(partition_of(number.get())), padded(number.get()))
    }

    /// An entry of a ticket's log.
    pub(crate) fn log(number: TicketNumber, seq: u64) -> Self {
        Self::new(log_partition(number), format!("{LOG_PREFIX}{seq:010}"))
    }

    /// A note of staff on a ticket.
    pub(crate) fn note(number: TicketNumber, note: NoteId) -> Self {
        Self::new(log_partition(number), format!("{NOTE_PREFIX}{note}"))
    }

    /// The answer kept under a caller's key.
    pub(crate) fn replay(actor: UserId, key: &TokenHash) -> Self {
        Self::new(format!("REPLAY#{actor}#{key}"), "REPLAY")
    }

    /// A user.
    pub(crate) fn profile(user: UserId) -> Self {
        Self::new(user_partition(user), "PROFILE")
    }

    /// A user's password hash.
    pub(crate) fn credential(user: UserId) -> Self {
        Self::new(user_partition(user), "CREDENTIAL")
    }

    /// The user of a normalised address.
    pub(crate) fn email(normalised: &str) -> Self {
        Self::new(format!("EMAIL#{normalised}"), "EMAIL")
    }

    /// What may set a new password for a user, by the hash of its secret.
    pub(crate) fn reset(user: UserId, token: &TokenHash) -> Self {
        Self::new(user_partition(user), format!("RESET#{token}"))
    }

    /// Something that happened to a user's account.
    pub(crate) fn account_event(user: UserId, event: EventId) -> Self {
        Self::new(user_partition(user), format!("{EVENT_PREFIX}{event}"))
    }

    /// A request for a new password.
    pub(crate) fn reset_request(event: EventId) -> Self {
        Self::new(format!("RESET_REQUEST#{event}"), format!("{EVENT_PREFIX}{event}"))
    }

    /// A request for a new password that leads to nothing. Its sort key is none that the stream's filter in template.yaml takes.
    pub(crate) fn unheard_reset_request(event: EventId) -> Self {
        Self::new(format!("RESET_REQUEST#{event}"), "UNHEARD")
    }

    /// Attempts of one kind at what belongs to somebody.
    pub(crate) fn attempts(kind: &str, whose: &str) -> Self {
        Self::new(format!("ATTEMPTS#{kind}#{whose}"), "ATTEMPTS")
    }

    /// That an account is known in a network.
    pub(crate) fn known(email: &TokenHash, network: &str) -> Self {
        Self::new(format!("KNOWN#{email}#{network}"), "KNOWN")
    }

    /// What addresses are hashed with in logs.
    pub(crate) fn log_secret() -> Self {
        Self::new("SECRET#log".to_owned(), "SECRET")
    }

    /// A device signed in.
    pub(crate) fn session(user: UserId, session: SessionId) -> Self {
        Self::new(user_partition(user), format!("{SESSION_PREFIX}{session}"))
    }

    /// What a user is told of an event.
    pub(crate) fn inbox(user: UserId, event: EventId) -> Self {
        Self::new(user_partition(user), format!("{INBOX_PREFIX}{event}"))
    }

    /// What all technicians are told of a new ticket.
    pub(crate) fn new_ticket(arrival: EventId) -> Self {
        Self::new(NEW_TICKETS_PARTITION.to_owned(), format!("{INBOX_PREFIX}{arrival}"))
    }

    /// That a technician read a new ticket by itself.
    pub(crate) fn new_ticket_read(user: UserId, arrival: EventId) -> Self {
        Self::new(user_partition(user), format!("{READ_PREFIX}{arrival}"))
    }

    /// That all technicians were told of an event.
    pub(crate) fn told_together(event: EventId) -> Self {
        Self::new(format!("TOLD_TOGETHER#{event}"), "TOLD")
    }

    /// Of which urgent tickets of an hour technicians are mailed; the hours are counted from 1970.
    pub(crate) fn urgent_mails(hour: i64) -> Self {
        Self::new(format!("URGENT_MAILS#{hour}"), "MAILED")
    }

    /// What a user wants to be told of, and up to where they read it.
    pub(crate) fn preferences(user: UserId) -> Self {
        Self::new(user_partition(user), "PREFERENCES")
    }

    /// That a user was mailed of an event.
    pub(crate) fn mail(user: UserId, event: EventId) -> Self {
        Self::new(user_partition(user), format!("MAIL#{event}"))
    }

    pub(crate) fn webhook(webhook: WebhookId) -> Self {
        Self::new(WEBHOOKS_PARTITION.to_owned(), webhook.to_string())
    }

    /// An event on its way to a webhook.
    pub(crate) fn delivery(webhook: WebhookId, event: EventId) -> Self {
        Self::new(deliveries_partition(webhook), format!("{DELIVERY_PREFIX}{event}"))
    }

    /// The last ticket number given out.
    pub(crate) fn ticket_counter() -> Self {
        Self::new("COUNTER#ticket".to_owned(), "COUNTER")
    }

    /// How many webhooks were made so far.
    pub(crate) fn webhook_counter() -> Self {
        Self::new("COUNTER#webhook".to_owned(), "COUNTER")
    }
}

/// The partition of all that is a user's.
pub(crate) fn user_partition(user: UserId) -> String {
    format!("USER#{user}")
}

/// The partition of the new tickets that all technicians are told of.
pub(crate) const NEW_TICKETS_PARTITION: &str = "NEW_TICKETS";

/// The partition of all webhooks.
pub(crate) const WEBHOOKS_PARTITION: &str = "WEBHOOKS";

/// The partition of all deliveries to a webhook.
pub(crate) fn deliveries_partition(webhook: WebhookId) -> String {
    format!("WEBHOOK#{webhook}")
}

/// The partition of a ticket's log.
pub(crate) fn log_partition(number: TicketNumber) -> String {
    format!("TICKET#{number}")
}

/// The partition of that many thousands of tickets' heads.
pub(crate) fn heads_partition(thousands: u64) -> String {
    format!("TICKETS#{thousands}")
}

/// Which partition the head of a ticket is in.
pub(crate) const fn partition_of(number: u64) -> u64 {
    number / TICKETS_PER_PARTITION
}

/// The smallest number of a partition of heads, as a sort key: below it lies the partition before.
pub(crate) fn first_of_partition(thousands: u64) -> String {
    padded(thousands * TICKETS_PER_PARTITION)
}

fn padded(number: u64) -> String {
    format!("{number:012}")
}

/// What comes after the prefix in an item's sort key: the id a cursor of such items holds.
pub(crate) fn after_prefix(item: &Item, prefix: &str) -> Option<String> {
    let sort_key = item.get(SK)?.as_s().ok()?;
    sort_key.strip_prefix(prefix).map(str::to_owned)
}

/// The place of a ticket among all, as a cursor has it.
pub(crate) fn position_of(number: TicketNumber) -> String {
    padded(number.get())
}

/// Reads a ticket's place among all, as [`position_of`] writes it and in no other way.
pub(crate) fn number_at(position: &str) -> Option<TicketNumber> {
    let number = whole_number(position.trim_start_matches('0')).and_then(TicketNumber::new)?;
    (position_of(number) == position).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(last: u8) -> UserId {
        let mut bytes = [0; 16];
        bytes[15] = last;
        UserId::from_bytes(bytes)
    }

    #[test]
    fn no_two_kinds_of_item_share_a_key() {
        let number = TicketNumber::new(1_042).unwrap();
        let event = EventId::from_bytes([7; 16]);
        let session = SessionId::from_bytes([7; 16]);
        let keys = [
            Key::head(number),
            Key::log(number, 1),
            Key::note(number, NoteId::from_bytes([7; 16])),
            Key::replay(user(1), &TokenHash::of(b"key")),
            Key::profile(user(1)),
            Key::credential(user(1)),
            Key::email("ana@example.org"),
            Key::reset(user(1), &TokenHash::of(b"secret")),
            Key::account_event(user(1), event),
            Key::reset_request(event),
            Key::unheard_reset_request(event),
            Key::urgent_mails(7),
            Key::attempts("password", "x"),
            Key::known(&TokenHash::of(b"ana@example.org"), "192.0.2.1"),
            Key::log_secret(),
            Key::attempts("reset", "x"),
            Key::session(user(1), session),
            Key::inbox(user(1), event),
            Key::new_ticket(event),
            Key::new_ticket_read(user(1), event),
            Key::told_together(event),
            Key::preferences(user(1)),
            Key::mail(user(1), event),
            Key::webhook(WebhookId::from_bytes([7; 16])),
            Key::delivery(WebhookId::from_bytes([7; 16]), event),
            Key::ticket_counter(),
            Key::webhook_counter(),
        ];
        for (index, key) in keys.iter().enumerate() {
            assert!(!keys[..index].contains(key), "{key:?}");
        }
    }

    #[test]
    fn numbers_sort_as_text_and_are_read_back() {
        for (smaller, larger) in [(9, 10), (99, 100), (999, 1_000), (1_000, TicketNumber::MAX)] {
            assert!(padded(smaller) < padded(larger));
        }
        for (range, ranks, number) in [
            ("000000000042", 0, Some(42)),
            ("1#000000000042", 1, Some(42)),
            ("3#2#999999999999", 2, Some(TicketNumber::MAX)),
            ("000000000000", 0, None),
            ("42", 0, None),
            ("0000000000042", 0, None),
            ("+00000000042", 0, None),
            ("1000000000000", 0, None),
            ("3#000000000042", 0, None),
            ("000000000042", 1, None),
            ("3#2#000000000042", 1, None),
            ("3#5#000000000042", 2, None),
            ("03#2#000000000042", 2, None),
            ("3#2#000000000042#", 2, None),
            ("3#2#", 2, None),
            ("", 0, None),
        ] {
            assert_eq!(number_behind_ranks(range, ranks).map(TicketNumber::get), number, "{range}");
        }
    }
}
