//! Every key of the table, built here and nowhere else.
//!
//! | question | where | pk / hash | sk / range | asked by |
//! |---|---|---|---|---|
//! | a ticket's head; all tickets, newest first | table | `TICKETS#<number / 1000>` | `<number>` | tickets-*, comments-*, events-list, timeline-get, workers-notify; tickets-list |
//! | a ticket's public log, in order | table | `TICKET#<number>` | `LOG#<seq>` | comments-list, events-list, timeline-get, tickets-* |
//! | a ticket's internal notes, in order | table | `TICKET#<number>` | `NOTE#<note>` | notes-*, timeline-get |
//! | the response stored under an idempotency key (TTL) | table | `REPLAY#<user>#<hash of the key>` | `REPLAY` | tickets-*, comments-create, notes-create |
//! | tickets of a requester, newest first | `by_requester` | `REQUESTER#<user>` | number | tickets-list |
//! | tickets of an assignee, by status | `by_assignee` | `ASSIGNEE#<user>` | `<status>#<priority>#<number>` | tickets-list |
//! | the ticket queue, next ticket first | `by_status` | `STATUS#open` | `<priority>#<number>` | tickets-list |
//! | tickets of another status, newest first | `by_status` | `STATUS#<status>` | `<number>` | tickets-list |
//! | users with a role, oldest first | `by_status` | `ROLE#<role>` | `<user>` | users-list |
//! | a user | table | `USER#<user>` | `PROFILE` | me-*, users-*, auth-*, tickets-*, workers-notify |
//! | a user's password hash | table | `USER#<user>` | `CREDENTIAL` | auth-login, auth-reset-password, me-change-password, users-invite* |
//! | a reset token, also of an invitation (TTL) | table | `USER#<user>` | `RESET#<hash of the token>` | auth-reset-password, workers-accounts, users-invite* |
//! | a token that verifies an address (TTL) | table | `USER#<user>` | `VERIFY#<hash of the token>` | auth-verify-email, users-update, workers-accounts |
//! | a change of a user's account | table | `USER#<user>` | `EVENT#<event>` | users-*; the stream |
//! | what was done to a user's account, newest first | table | `USER#<user>` | `AUDIT#<entry>` | audit-list-of-user; users-*, me-*, sessions-end and auth-* write it |
//! | a password reset request (TTL) | table | `RESET_REQUEST#<event>` | `EVENT#<event>` | auth-forgot-password, workers-accounts; the stream |
//! | an ignored password reset request, from a throttled network (TTL) | table | `RESET_REQUEST#<event>` | `UNHEARD` | auth-forgot-password writes it; nothing reads it |
//! | a request to register (TTL) | table | `REGISTRATION#<event>` | `EVENT#<event>` | auth-register, auth-reset-password, workers-accounts; the stream |
//! | a token of a request to register (TTL) | table | `REGISTRATION#<event>` | `TOKEN#<hash of the token>` | auth-reset-password, workers-accounts |
//! | whether an address was requested to be registered in an hour (TTL) | table | `REGISTRATION_MAIL#<hash of the address>#<hour>` | `MAILED` | auth-register |
//! | attempts to sign in, change a password, register or request a reset (TTL) | table | `ATTEMPTS#<kind>#<subject>` | `ATTEMPTS` | auth-login, auth-register, auth-forgot-password, auth-reset-password, me-change-password |
//! | an account known in a network (TTL) | table | `KNOWN#<hash of the address>#<network>` | `KNOWN` | auth-login, auth-forgot-password, auth-reset-password |
//! | the key for hashing addresses in logs | table | `SECRET#log` | `SECRET` | auth-login, auth-register, auth-forgot-password |
//! | the user with an address | table | `EMAIL#<normalised>` | `EMAIL` | auth-login, auth-reset-password, auth-verify-email, users-create-admin, users-invite, users-update, workers-accounts |
//! | an API token (TTL, if it expires) | table | `USER#<user>` | `TOKEN#<token>` | tokens-*; every function that takes an API token |
//! | the number of API tokens that a user made so far | table | `USER#<user>` | `TOKENS` | tokens-create |
//! | the day an API token was last used (TTL) | table | `TOKEN_USE#<user>` | `<token>` | tokens-list*; every function that takes an API token |
//! | a session of a device (TTL) | table | `USER#<user>` | `SESSION#<session>` | auth-*, sessions-* |
//! | a user's inbox, newest first (TTL) | table | `USER#<user>` | `INBOX#<event>` | notifications-*, workers-notify |
//! | a new ticket that a technician marked as read individually (TTL) | table | `USER#<user>` | `READ#<arrival>` | notifications-list, notifications-count-unread, notifications-mark-read |
//! | new tickets that all technicians are notified of, newest first (TTL) | table | `NEW_TICKETS` | `INBOX#<arrival>` | notifications-list, notifications-count-unread, notifications-mark-read, workers-notify |
//! | whether all technicians were notified of an event (TTL) | table | `TOLD_TOGETHER#<event>` | `TOLD` | workers-notify |
//! | the number of mails that registrations caused in an hour (TTL) | table | `REGISTRATION_MAILS#<hour>` | `MAILED` | workers-accounts |
//! | the urgent tickets of an hour that technicians are mailed about (TTL) | table | `URGENT_MAILS#<hour>` | `MAILED` | workers-notify |
//! | a user's notification preferences and read mark | table | `USER#<user>` | `PREFERENCES` | preferences-*, notifications-*, auth-reset-password, users-invite, workers-notify, workers-email, workers-accounts |
//! | whether a user was mailed about an event (TTL) | table | `USER#<user>` | `MAIL#<event>` | workers-email, workers-accounts |
//! | webhooks | table | `WEBHOOKS` | `<webhook>` | webhooks-*, workers-notify, workers-webhooks |
//! | deliveries to a webhook, newest first (TTL) | table | `WEBHOOK#<webhook>` | `DELIVERY#<event>` | webhooks-*, workers-webhooks |
//! | what a person did in an hour (TTL) | table | `SPENT#<user>#<hour>` | `SPENT` | tickets-create, comments-create, users-invite* |
//! | what was done to a webhook, newest first | table | `WEBHOOK#<webhook>` | `AUDIT#<entry>` | webhooks-* write it; read by month |
//! | what was done to all accounts and webhooks in a month, newest first | `by_status` | `AUDIT#<month>` | `<entry>` | audit-list |
//! | the last allocated ticket number | table | `COUNTER#ticket` | `COUNTER` | tickets-create, tickets-list |
//! | the number of webhooks created so far | table | `COUNTER#webhook` | `COUNTER` | webhooks-create |
//!
//! Numbers are padded with zeros so that they sort as text. In the `by_status` index a user's role
//! and the month of an audit entry are stored as statuses, which saves writing another index.

mod audit;
mod index;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::{EventId, NoteId, SessionId, TicketNumber, TokenId, UserId, WebhookId, whole_number};
use domain::limit::Hour;

pub(crate) use audit::{AuditPosition, Month, audit_keys};
pub(crate) use index::{
    BY_ASSIGNEE, BY_REQUESTER, BY_STATUS, Index, assignee_key, head_keys, number_behind_ranks, profile_keys,
    queue_prefix, requester_key, role_key, status_key, work_prefix,
};

use crate::auth::TokenHash;

/// A DynamoDB item.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The table's partition key.
pub(crate) const PK: &str = "pk";
/// The table's sort key.
pub(crate) const SK: &str = "sk";
/// The attribute of an event's item that holds the trace.
pub(crate) const TRACE: &str = "trace";
/// The TTL attribute: the second after which DynamoDB may remove an item.
pub(crate) const EXPIRES_AT: &str = "expires_at";

/// The sort key prefix of log entries. template.yaml filters the stream by it.
pub(crate) const LOG_PREFIX: &str = "LOG#";
/// The sort key prefix of notes.
pub(crate) const NOTE_PREFIX: &str = "NOTE#";
/// The sort key prefix of inbox items, of one person or of all technicians.
pub(crate) const INBOX_PREFIX: &str = "INBOX#";
/// The sort key prefix of the items that record that a technician read a new ticket individually.
/// It differs from that of inbox items, so that a version that does not know these items never
/// reads a page with one.
pub(crate) const READ_PREFIX: &str = "READ#";
/// The sort key prefix of account events. template.yaml filters the stream by it.
pub(crate) const EVENT_PREFIX: &str = "EVENT#";
/// The sort key prefix of audit entries. The stream's filter in template.yaml does not match it.
pub(crate) const AUDIT_PREFIX: &str = "AUDIT#";
/// The sort key prefix of deliveries.
pub(crate) const DELIVERY_PREFIX: &str = "DELIVERY#";
/// The sort key prefix of sessions.
pub(crate) const SESSION_PREFIX: &str = "SESSION#";

/// The sort key prefix of API tokens.
pub(crate) const TOKEN_PREFIX: &str = "TOKEN#";

/// The number of tickets whose heads share a partition.
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

    /// Converts the key to an item, as DynamoDB expects it.
    pub(crate) fn to_item(&self) -> Item {
        HashMap::from([
            (PK.to_owned(), AttributeValue::S(self.pk.clone())),
            (SK.to_owned(), AttributeValue::S(self.sk.clone())),
        ])
    }

    /// Returns whether this is the key of `item`.
    pub(crate) fn is_of(&self, item: &Item) -> bool {
        let is =
            |attribute: &str, value: &String| item.get(attribute).and_then(|found| found.as_s().ok()) == Some(value);
        is(PK, &self.pk) && is(SK, &self.sk)
    }

    /// Returns the key of a ticket's head.
    pub(crate) fn head(number: TicketNumber) -> Self {
        Self::new(heads_partition(partition_of(number.get())), padded(number.get()))
    }

    /// Returns the key of an entry of a ticket's log.
    pub(crate) fn log(number: TicketNumber, seq: u64) -> Self {
        Self::new(log_partition(number), format!("{LOG_PREFIX}{}", log_position(seq)))
    }

    /// Returns the key of an internal note on a ticket.
    pub(crate) fn note(number: TicketNumber, note: NoteId) -> Self {
        Self::new(log_partition(number), format!("{NOTE_PREFIX}{note}"))
    }

    /// Returns the key of the response stored under a caller's idempotency key.
    pub(crate) fn replay(actor: UserId, key: &TokenHash) -> Self {
        Self::new(format!("REPLAY#{actor}#{key}"), "REPLAY")
    }

    /// Returns the key of a user.
    pub(crate) fn profile(user: UserId) -> Self {
        Self::new(user_partition(user), "PROFILE")
    }

    /// Returns the key of a user's password hash.
    pub(crate) fn credential(user: UserId) -> Self {
        Self::new(user_partition(user), "CREDENTIAL")
    }

    /// Returns the key of the user with a normalised address.
    pub(crate) fn email(normalised: &str) -> Self {
        Self::new(format!("EMAIL#{normalised}"), "EMAIL")
    }

    /// Returns the key of a user's reset token, by the hash of the token.
    pub(crate) fn reset(user: UserId, token: &TokenHash) -> Self {
        Self::new(user_partition(user), format!("RESET#{token}"))
    }

    /// Returns the key of a token that verifies a user's new address, by the hash of the token.
    pub(crate) fn verification(user: UserId, token: &TokenHash) -> Self {
        Self::new(user_partition(user), format!("VERIFY#{token}"))
    }

    /// Returns the key of an event of a user's account.
    pub(crate) fn account_event(user: UserId, event: EventId) -> Self {
        Self::new(user_partition(user), format!("{EVENT_PREFIX}{event}"))
    }

    /// Returns the key of an audit entry about a user's account.
    pub(crate) fn user_audit(user: UserId, entry: EventId) -> Self {
        Self::new(user_partition(user), format!("{AUDIT_PREFIX}{entry}"))
    }

    /// Returns the key of an audit entry about a webhook.
    pub(crate) fn webhook_audit(webhook: WebhookId, entry: EventId) -> Self {
        Self::new(webhook_partition(webhook), format!("{AUDIT_PREFIX}{entry}"))
    }

    /// Returns the key of a password reset request.
    pub(crate) fn reset_request(event: EventId) -> Self {
        Self::new(format!("RESET_REQUEST#{event}"), format!("{EVENT_PREFIX}{event}"))
    }

    /// Returns the key of an ignored password reset request. The stream's filter in template.yaml
    /// does not match its sort key.
    pub(crate) fn ignored_reset_request(event: EventId) -> Self {
        Self::new(format!("RESET_REQUEST#{event}"), "UNHEARD")
    }

    /// Returns the key of a request to register an address.
    pub(crate) fn registration(event: EventId) -> Self {
        Self::new(format!("REGISTRATION#{event}"), format!("{EVENT_PREFIX}{event}"))
    }

    /// Returns the key of a token of a request to register, by the hash of the token.
    pub(crate) fn registration_token(event: EventId, token: &TokenHash) -> Self {
        Self::new(format!("REGISTRATION#{event}"), format!("{TOKEN_PREFIX}{token}"))
    }

    /// Returns the key of the record that an address was requested to be registered in an hour.
    pub(crate) fn registration_mail(email: &TokenHash, hour: Hour) -> Self {
        Self::new(format!("REGISTRATION_MAIL#{email}#{}", hour.number()), "MAILED")
    }

    /// Returns the key of the counter of one kind of attempts on one subject.
    pub(crate) fn attempts(kind: &str, whose: &str) -> Self {
        Self::new(format!("ATTEMPTS#{kind}#{whose}"), "ATTEMPTS")
    }

    /// Returns the key of the record that an account is known in a network.
    pub(crate) fn known(email: &TokenHash, network: &str) -> Self {
        Self::new(format!("KNOWN#{email}#{network}"), "KNOWN")
    }

    /// Returns the key of the secret for hashing addresses in logs.
    pub(crate) fn log_secret() -> Self {
        Self::new("SECRET#log".to_owned(), "SECRET")
    }

    /// Returns the key of a session.
    pub(crate) fn session(user: UserId, session: SessionId) -> Self {
        Self::new(user_partition(user), format!("{SESSION_PREFIX}{session}"))
    }

    /// Returns the key of an API token.
    pub(crate) fn token(user: UserId, token: TokenId) -> Self {
        Self::new(user_partition(user), format!("{TOKEN_PREFIX}{token}"))
    }

    /// Returns the key of the number of API tokens that a user made so far.
    pub(crate) fn token_counter(user: UserId) -> Self {
        Self::new(user_partition(user), "TOKENS")
    }

    /// Returns the key of the last use of an API token.
    pub(crate) fn token_use(user: UserId, token: TokenId) -> Self {
        Self::new(token_uses_partition(user), token.to_string())
    }

    /// Returns the key of a user's notification of an event.
    pub(crate) fn inbox(user: UserId, event: EventId) -> Self {
        Self::new(user_partition(user), format!("{INBOX_PREFIX}{event}"))
    }

    /// Returns the key of all technicians' notification of a new ticket.
    pub(crate) fn new_ticket(arrival: EventId) -> Self {
        Self::new(NEW_TICKETS_PARTITION.to_owned(), format!("{INBOX_PREFIX}{arrival}"))
    }

    /// Returns the key of the record that a technician read a new ticket individually.
    pub(crate) fn new_ticket_read(user: UserId, arrival: EventId) -> Self {
        Self::new(user_partition(user), format!("{READ_PREFIX}{arrival}"))
    }

    /// Returns the key of the record that all technicians were notified of an event.
    pub(crate) fn technicians_notified(event: EventId) -> Self {
        Self::new(format!("TOLD_TOGETHER#{event}"), "TOLD")
    }

    /// Returns the key of the urgent tickets of an hour that technicians are mailed about. Hours
    /// are counted from 1970.
    pub(crate) fn urgent_mails(hour: i64) -> Self {
        Self::new(format!("URGENT_MAILS#{hour}"), "MAILED")
    }

    /// Returns the key of the number of mails that registrations caused in an hour.
    pub(crate) fn registration_mails(hour: Hour) -> Self {
        Self::new(format!("REGISTRATION_MAILS#{}", hour.number()), "MAILED")
    }

    /// Returns the key of what a person did in an hour, counted against their limits.
    pub(crate) fn spent(person: UserId, hour: Hour) -> Self {
        Self::new(format!("SPENT#{person}#{}", hour.number()), "SPENT")
    }

    /// Returns the key of a user's notification preferences and read mark.
    pub(crate) fn preferences(user: UserId) -> Self {
        Self::new(user_partition(user), "PREFERENCES")
    }

    /// Returns the key of the record that a user was mailed about an event.
    pub(crate) fn mail(user: UserId, event: EventId) -> Self {
        Self::new(user_partition(user), format!("MAIL#{event}"))
    }

    pub(crate) fn webhook(webhook: WebhookId) -> Self {
        Self::new(WEBHOOKS_PARTITION.to_owned(), webhook.to_string())
    }

    /// Returns the key of the delivery of an event to a webhook.
    pub(crate) fn delivery(webhook: WebhookId, event: EventId) -> Self {
        Self::new(webhook_partition(webhook), format!("{DELIVERY_PREFIX}{event}"))
    }

    /// Returns the key of the last allocated ticket number.
    pub(crate) fn ticket_counter() -> Self {
        Self::new("COUNTER#ticket".to_owned(), "COUNTER")
    }

    /// Returns the key of the number of webhooks created so far.
    pub(crate) fn webhook_counter() -> Self {
        Self::new("COUNTER#webhook".to_owned(), "COUNTER")
    }
}

/// Returns the partition of all items of a user.
pub(crate) fn user_partition(user: UserId) -> String {
    format!("USER#{user}")
}

/// Returns the partition of the last uses of a user's API tokens. It is not the user's own, because
/// the functions for tickets write it and may write nothing of an account.
pub(crate) fn token_uses_partition(user: UserId) -> String {
    format!("TOKEN_USE#{user}")
}

/// The partition of the new tickets that all technicians are notified of.
pub(crate) const NEW_TICKETS_PARTITION: &str = "NEW_TICKETS";

/// The partition of all webhooks.
pub(crate) const WEBHOOKS_PARTITION: &str = "WEBHOOKS";

/// Returns the partition of all deliveries to a webhook, and of its audit entries.
pub(crate) fn webhook_partition(webhook: WebhookId) -> String {
    format!("WEBHOOK#{webhook}")
}

/// Returns the partition of a ticket's log.
pub(crate) fn log_partition(number: TicketNumber) -> String {
    format!("TICKET#{number}")
}

/// Returns the partition of the ticket heads of that thousand.
pub(crate) fn heads_partition(thousands: u64) -> String {
    format!("TICKETS#{thousands}")
}

/// Returns the partition number of a ticket's head.
pub(crate) const fn partition_of(number: u64) -> u64 {
    number / TICKETS_PER_PARTITION
}

/// Returns the sort key of the smallest number in a partition of heads. Smaller numbers are in the
/// previous partition.
pub(crate) fn first_of_partition(thousands: u64) -> String {
    padded(thousands * TICKETS_PER_PARTITION)
}

/// Returns the position of an entry in a ticket's log: its sort key after the prefix.
pub(crate) fn log_position(seq: u64) -> String {
    format!("{seq:010}")
}

fn padded(number: u64) -> String {
    format!("{number:012}")
}

/// Returns the part of an item's sort key after `prefix`: the id that a cursor of such items holds.
pub(crate) fn after_prefix(item: &Item, prefix: &str) -> Option<String> {
    let sort_key = item.get(SK)?.as_s().ok()?;
    sort_key.strip_prefix(prefix).map(str::to_owned)
}

/// Returns the position of a ticket among all tickets, as a cursor holds it.
pub(crate) fn position_of(number: TicketNumber) -> String {
    padded(number.get())
}

/// Reads a ticket's position among all tickets. Accepts only what [`position_of`] writes.
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
            Key::user_audit(user(1), event),
            Key::webhook_audit(WebhookId::from_bytes([7; 16]), event),
            Key::reset_request(event),
            Key::ignored_reset_request(event),
            Key::urgent_mails(7),
            Key::registration_mails(Hour::of(domain::time::Timestamp::UNIX_EPOCH)),
            Key::attempts("password", "x"),
            Key::known(&TokenHash::of(b"ana@example.org"), "192.0.2.1"),
            Key::log_secret(),
            Key::attempts("reset", "x"),
            Key::session(user(1), session),
            Key::token(user(1), TokenId::from_bytes([7; 16])),
            Key::token_counter(user(1)),
            Key::token_use(user(1), TokenId::from_bytes([7; 16])),
            Key::inbox(user(1), event),
            Key::new_ticket(event),
            Key::new_ticket_read(user(1), event),
            Key::technicians_notified(event),
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
    fn numbers_sort_as_text_and_round_trip() {
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
