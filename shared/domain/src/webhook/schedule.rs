//! When a delivery is retried, and what a response means (Standard Webhooks 1.0, "Deliverability
//! and reliability").

use crate::time::Timestamp;

/// How long after the previous attempt each attempt is made, in seconds. This is the standard's
/// example schedule, three days and three hours in all.
pub const SCHEDULE_SECONDS: [i64; 10] =
    [0, 5, 5 * 60, 30 * 60, 2 * 3_600, 5 * 3_600, 10 * 3_600, 14 * 3_600, 20 * 3_600, 24 * 3_600];

/// The longest wait that a receiver may request, in seconds: the longest of the schedule.
pub const RETRY_AFTER_SECONDS_MAX: i64 = 24 * 3_600;

/// The jitter of an attempt, as a fraction of the wait: up to a tenth later than planned. It keeps
/// many deliveries that failed together from being retried together.
const JITTER_SHARE: i64 = 10;

/// How long every attempt must fail until a webhook is disabled, in seconds: five days.
pub const DISABLED_AFTER_SECONDS: i64 = 5 * 24 * 3_600;

/// The result of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptResult {
    /// The receiver accepted the event: any 2xx.
    Delivered,
    /// The receiver never wants another event: 410.
    Gone,
    /// The receiver did not accept the event. Redirects are not followed.
    Failed {
        /// How long the receiver asks us to wait, in seconds.
        retry_after: Option<i64>,
    },
}

impl AttemptResult {
    /// Returns what a response with that status means. 429 and 503 may ask for a wait.
    #[must_use]
    pub const fn of(status: u16, retry_after: Option<i64>) -> Self {
        match status {
            200..=299 => Self::Delivered,
            410 => Self::Gone,
            429 | 503 => Self::Failed { retry_after },
            _ => Self::Failed { retry_after: None },
        }
    }
}

/// Returns when attempt `made` is due (the number of attempts made already), after an attempt that
/// failed at `now`. `random` decides how much later than planned. Returns `None` at the end of the
/// schedule.
#[must_use]
pub fn next_attempt(made: usize, retry_after: Option<i64>, now: Timestamp, random: u32) -> Option<Timestamp> {
    let planned = *SCHEDULE_SECONDS.get(made)?;
    let asked = retry_after.unwrap_or(0).clamp(0, RETRY_AFTER_SECONDS_MAX);
    let wait = planned.max(asked);
    let jitter_milliseconds = i64::from(random) * (wait * 1_000 / JITTER_SHARE) / i64::from(u32::MAX);
    Some(now.plus_seconds(wait).plus_milliseconds(jitter_milliseconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::minute;

    fn waits(made: usize, retry_after: Option<i64>, random: u32) -> Option<i64> {
        let next = next_attempt(made, retry_after, minute(0), random)?;
        Some(next.unix_milliseconds() - minute(0).unix_milliseconds())
    }

    #[test]
    fn the_schedule_follows_the_standard_and_ends() {
        for (made, seconds) in SCHEDULE_SECONDS.into_iter().enumerate() {
            assert_eq!(waits(made, None, 0), Some(seconds * 1_000));
            assert_eq!(waits(made, None, u32::MAX), Some(seconds * 1_100), "at most a tenth later");
        }
        assert_eq!(waits(SCHEDULE_SECONDS.len(), None, 0), None);
        assert_eq!(SCHEDULE_SECONDS.iter().sum::<i64>(), 75 * 3_600 + 35 * 60 + 5);
    }

    #[test]
    fn a_receiver_may_ask_for_a_longer_wait_but_not_a_shorter_one() {
        assert_eq!(waits(1, Some(60), 0), Some(60_000));
        assert_eq!(waits(4, Some(60), 0), Some(7_200_000));
        assert_eq!(waits(1, Some(i64::MAX), 0), Some(RETRY_AFTER_SECONDS_MAX * 1_000));
        assert_eq!(waits(1, Some(-5), 0), Some(5_000));
    }

    #[test]
    fn every_status_is_interpreted_as_the_standard_says() {
        let failed = AttemptResult::Failed { retry_after: None };
        for (status, result) in [
            (200, AttemptResult::Delivered),
            (204, AttemptResult::Delivered),
            (299, AttemptResult::Delivered),
            (301, failed),
            (307, failed),
            (400, failed),
            (404, failed),
            (410, AttemptResult::Gone),
            (429, AttemptResult::Failed { retry_after: Some(7) }),
            (500, failed),
            (503, AttemptResult::Failed { retry_after: Some(7) }),
        ] {
            assert_eq!(AttemptResult::of(status, Some(7)), result, "{status}");
        }
    }
}
