//! The delivery of one event to one webhook.

use serde::{Deserialize, Serialize};

use super::schedule::{AttemptResult, next_attempt};
use crate::id::{EventId, WebhookId};
use crate::time::Timestamp;

/// How long a delivery is kept, in seconds: 30 days.
const KEPT_SECONDS: i64 = 30 * 24 * 3_600;

/// How long an attempt may run once started, in seconds: twice the time in which a receiver has to
/// respond (Standard Webhooks: 15 to 30 s). An attempt that started longer ago was abandoned.
const ATTEMPT_SECONDS: i64 = 30;

/// The number of attempts that are kept. The oldest are dropped first.
const ATTEMPTS_KEPT: usize = 12;

/// The state of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// The delivery is being attempted, or will be.
    Pending,
    /// The receiver accepted the event.
    Delivered,
    /// The delivery failed and is no longer attempted.
    Failed,
}

/// An attempt, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When the attempt started.
    pub at: Timestamp,
    /// The status of the response. `None` if there was none.
    pub status: Option<u16>,
    /// The reason why there was no response.
    pub error: Option<String>,
    /// The duration in milliseconds.
    pub duration_ms: u64,
}

/// An attempt and its result.
#[derive(Clone, Debug)]
pub struct CompletedAttempt {
    pub attempt: Attempt,
    pub result: AttemptResult,
}

/// The delivery of one event to one webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub webhook_id: WebhookId,
    /// The event. Sent as the `webhook-id` of the request, by which a receiver detects duplicates.
    pub event_id: EventId,
    /// The type of the event, as in its envelope.
    pub event_type: String,
    /// The body that is posted, byte for byte.
    pub body: String,
    pub state: DeliveryState,
    /// The attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// The number of attempts since the delivery was started or redelivered.
    pub made: usize,
    /// When the next attempt is due. `None` once the delivery is finished.
    pub due_at: Option<Timestamp>,
    /// When the delivery was started.
    pub created_at: Timestamp,
    /// The number of changes so far. It lets only one of two consumers make an attempt.
    pub version: u64,
    /// When the delivery expires (seconds since 1970, as DynamoDB's TTL requires).
    pub expires_at: i64,
}

impl Delivery {
    /// Starts a delivery that is due at once.
    #[must_use]
    pub fn begin(webhook_id: WebhookId, event_id: EventId, event_type: String, body: String, now: Timestamp) -> Self {
        Self {
            webhook_id,
            event_id,
            event_type,
            body,
            state: DeliveryState::Pending,
            attempts: Vec::new(),
            made: 0,
            due_at: Some(now),
            created_at: now,
            version: 1,
            expires_at: now.plus_seconds(KEPT_SECONDS).unix_seconds(),
        }
    }

    /// Returns the delivery as it is redelivered: due at once, with the whole schedule ahead of it.
    #[must_use]
    pub fn redelivered(&self, now: Timestamp) -> Self {
        let expires_at = now.plus_seconds(KEPT_SECONDS).unix_seconds();
        let begun = Self { state: DeliveryState::Pending, made: 0, due_at: Some(now), expires_at, ..self.clone() };
        begun.next()
    }

    /// Returns the delivery with an attempt in progress, to be written before the attempt is made.
    /// If the process that makes it dies, the delivery becomes due again.
    #[must_use]
    pub fn attempt_started(&self, now: Timestamp) -> Self {
        Self { due_at: Some(now.plus_seconds(ATTEMPT_SECONDS)), ..self.clone() }.next()
    }

    /// Returns the delivery after the attempt in progress. `random` decides how much later than
    /// planned the next attempt is.
    #[must_use]
    pub fn attempt_finished(&self, attempted: CompletedAttempt, now: Timestamp, random: u32) -> Self {
        let mut after = self.clone();
        after.attempts.push(attempted.attempt);
        let surplus = after.attempts.len().saturating_sub(ATTEMPTS_KEPT);
        after.attempts.drain(..surplus);
        after.made += 1;
        (after.state, after.due_at) = match attempted.result {
            AttemptResult::Delivered => (DeliveryState::Delivered, None),
            AttemptResult::Gone => (DeliveryState::Failed, None),
            AttemptResult::Failed { retry_after } => match next_attempt(after.made, retry_after, now, random) {
                Some(due) => (DeliveryState::Pending, Some(due)),
                None => (DeliveryState::Failed, None),
            },
        };
        after.next()
    }

    fn next(self) -> Self {
        Self { version: self.version + 1, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::minute;
    use crate::webhook::SCHEDULE_SECONDS;

    fn attempted(result: AttemptResult) -> CompletedAttempt {
        CompletedAttempt { attempt: Attempt { at: minute(0), status: None, error: None, duration_ms: 1 }, result }
    }

    fn begun() -> Delivery {
        let (webhook, event) = (WebhookId::from_bytes([1; 16]), EventId::from_bytes([2; 16]));
        Delivery::begin(webhook, event, "helpdesk.ticket.opened".to_owned(), "{}".to_owned(), minute(0))
    }

    #[test]
    fn a_delivery_is_attempted_until_the_schedule_ends() {
        let (mut delivery, mut now) = (begun(), minute(0));
        for made in 0..SCHEDULE_SECONDS.len() {
            assert_eq!((delivery.state, delivery.made), (DeliveryState::Pending, made));
            now = delivery.due_at.unwrap();
            delivery = delivery.attempt_started(now).attempt_finished(
                attempted(AttemptResult::Failed { retry_after: None }),
                now,
                0,
            );
        }
        assert_eq!((delivery.state, delivery.due_at), (DeliveryState::Failed, None));
        assert_eq!(delivery.attempts.len(), SCHEDULE_SECONDS.len());
        let again = delivery.redelivered(now);
        assert_eq!((again.state, again.made, again.due_at), (DeliveryState::Pending, 0, Some(now)));
        assert_eq!(again.attempts, delivery.attempts, "earlier attempts are kept");
    }

    #[test]
    fn an_interrupted_attempt_is_due_again_and_a_success_is_the_last() {
        let under_way = begun().attempt_started(minute(0));
        assert_eq!(under_way.due_at, Some(minute(0).plus_seconds(ATTEMPT_SECONDS)));
        assert_eq!(under_way.made, 0);
        for (result, state) in
            [(AttemptResult::Delivered, DeliveryState::Delivered), (AttemptResult::Gone, DeliveryState::Failed)]
        {
            let done = under_way.attempt_finished(attempted(result), minute(0), 0);
            assert_eq!((done.state, done.due_at), (state, None));
            assert!(done.version > under_way.version && under_way.version > begun().version);
        }
    }

    #[test]
    fn the_stored_details_of_attempts_are_bounded() {
        let mut delivery = begun();
        for _ in 0..ATTEMPTS_KEPT + 3 {
            delivery =
                delivery.redelivered(minute(0)).attempt_finished(attempted(AttemptResult::Delivered), minute(0), 0);
        }
        assert_eq!(delivery.attempts.len(), ATTEMPTS_KEPT);
    }
}
