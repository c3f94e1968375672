//! The one place that reads the clock and the system's randomness. All other code receives
//! timestamps and random bytes as arguments.

use std::time::Duration;

use domain::id::UUID_RANDOM_BYTES;
use domain::stamp::{STAMP_RANDOM_BYTES, Stamp};
use domain::time::Timestamp;
use lambda_runtime::Context;

/// Returns the current time.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this module is where the clock is read")]
pub fn now() -> Timestamp {
    let milliseconds = jiff::Timestamp::now().as_millisecond();
    Timestamp::from_unix_milliseconds(milliseconds).unwrap_or_else(|| unreachable_clock(milliseconds))
}

#[expect(clippy::panic, reason = "jiff cannot hold a moment that it cannot give back")]
fn unreachable_clock(milliseconds: i64) -> Timestamp {
    panic!("the clock is outside the range of years that a timestamp can hold: {milliseconds} ms")
}

/// Returns random bytes from the operating system.
///
/// # Panics
/// Panics if the operating system cannot provide any. Nothing that needs a secret or an id may
/// continue then.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this module is where randomness is read")]
#[expect(clippy::expect_used, reason = "there is no safe way on without randomness")]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// Returns a stamp of the current time.
#[must_use]
pub fn stamp() -> Stamp {
    Stamp::new(now(), random::<STAMP_RANDOM_BYTES>())
}

/// Returns the random bytes of one id.
#[must_use]
pub fn id_bytes() -> [u8; UUID_RANDOM_BYTES] {
    random()
}

/// The longest wait before the second try, in milliseconds. It doubles with each further try.
const BACKOFF_MILLISECONDS: u64 = 10;
/// The longest wait before any try, in milliseconds.
const BACKOFF_MILLISECONDS_MAX: u64 = 640;

/// Returns how long to wait after `tried` tries. The length is random, so that callers that
/// collided do not collide again.
fn backoff(tried: u32) -> Duration {
    let doubled = BACKOFF_MILLISECONDS.checked_shl(tried.saturating_sub(1)).unwrap_or(BACKOFF_MILLISECONDS_MAX);
    let longest = doubled.min(BACKOFF_MILLISECONDS_MAX);
    Duration::from_millis(u64::from_le_bytes(random()) % longest + 1)
}

/// Waits before the next try, after `tried` tries. Does not wait before the first.
pub async fn pause_before(tried: u32) {
    if tried > 0 {
        tokio::time::sleep(backoff(tried)).await;
    }
}

/// The assumed timeout of an invocation that states none, in milliseconds: `Timeout` in
/// template.yaml.
const INVOCATION_MILLISECONDS: i64 = 10_000;
/// The part of the timeout reserved for responding, in milliseconds.
const ANSWER_MILLISECONDS: i64 = 1_000;

/// The moment by which an invocation has to finish its work, with time left to respond.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    unix_milliseconds: i64,
}

impl Deadline {
    /// Returns a deadline at `moment`.
    #[must_use]
    pub const fn at(moment: Timestamp) -> Self {
        Self { unix_milliseconds: moment.unix_milliseconds() }
    }

    /// Returns the deadline of an invocation.
    #[must_use]
    pub fn of(invocation: &Context) -> Self {
        let now = now().unix_milliseconds();
        let end = i64::try_from(invocation.deadline).unwrap_or(i64::MAX);
        // The local runtime always reports a deadline in 1970.
        let end = if end > now { end } else { now + INVOCATION_MILLISECONDS };
        Self { unix_milliseconds: end - ANSWER_MILLISECONDS }
    }

    /// Returns the deadline at which half of the remaining time has passed. Work begun before it
    /// may take as long again.
    #[must_use]
    pub fn midpoint(self) -> Self {
        let now = now().unix_milliseconds();
        Self { unix_milliseconds: now + self.unix_milliseconds.saturating_sub(now).max(0) / 2 }
    }

    /// Returns whether the deadline has passed.
    #[must_use]
    pub fn has_passed(self) -> bool {
        self.remaining().is_zero()
    }

    /// Returns the time left, or zero once the deadline has passed.
    #[must_use]
    pub fn remaining(self) -> Duration {
        let milliseconds = self.unix_milliseconds - now().unix_milliseconds();
        Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0))
    }
}
