//! The one place that reads the clock and the system's randomness. Everything else is handed a moment and bytes.

use std::time::Duration;

use domain::id::UUID_RANDOM_BYTES;
use domain::stamp::{STAMP_RANDOM_BYTES, Stamp};
use domain::time::Timestamp;
use lambda_runtime::Context;

/// The moment it is.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this module is where the clock is read")]
pub fn now() -> Timestamp {
    let milliseconds = jiff::Timestamp::now().as_millisecond();
    Timestamp::from_unix_milliseconds(milliseconds).unwrap_or_else(|| unreachable_clock(milliseconds))
}

#[expect(clippy::panic, reason = "jiff cannot hold a moment that it cannot give back")]
fn unreachable_clock(milliseconds: i64) -> Timestamp {
    panic!("the clock stands outside the years a timestamp can be written in: {milliseconds} ms")
}

/// Random bytes from the operating system.
///
/// # Panics
/// If the operating system has none to give: nothing that needs a secret or an id may go on then.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this module is where randomness is read")]
#[expect(clippy::expect_used, reason = "there is no safe way on without randomness")]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A stamp of this moment.
#[must_use]
pub fn stamp() -> Stamp {
    Stamp::new(now(), random::<STAMP_RANDOM_BYTES>())
}

/// The random bytes of one id.
#[must_use]
pub fn id_bytes() -> [u8; UUID_RANDOM_BYTES] {
    random()
}

/// The longest wait before the second try, in milliseconds; it doubles from one to the next.
const BACKOFF_MILLISECONDS: u64 = 10;
/// The longest wait before any try, in milliseconds.
const BACKOFF_MILLISECONDS_MAX: u64 = 640;

/// How long to wait after that many tries: of random length, so that those who collided do not collide again.
fn backoff(tried: u32) -> Duration {
    let doubled = BACKOFF_MILLISECONDS.checked_shl(tried.saturating_sub(1)).unwrap_or(BACKOFF_MILLISECONDS_MAX);
    let longest = doubled.min(BACKOFF_MILLISECONDS_MAX);
    Duration::from_millis(u64::from_le_bytes(random()) % longest + 1)
}

/// Waits before the next of several tries, of which that many were made; not before the first.
pub async fn pause_before(tried: u32) {
    if tried > 0 {
        tokio::time::sleep(backoff(tried)).await;
    }
}

/// How long an invocation may take if it does not say, in milliseconds: `Timeout` in template.yaml.
const INVOCATION_MILLISECONDS: i64 = 10_000;
/// What is kept back of it to answer in, in milliseconds.
const ANSWER_MILLISECONDS: i64 = 1_000;

/// When the work of an invocation has to be done, so that there is time to say what came of it.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    unix_milliseconds: i64,
}

impl Deadline {
    /// A deadline at that moment.
    #[must_use]
    pub const fn at(moment: Timestamp) -> Self {
        Self { unix_milliseconds: moment.unix_milliseconds() }
    }

    /// The deadline of an invocation.
    #[must_use]
    pub fn of(invocation: &Context) -> Self {
        let now = now().unix_milliseconds();
        let end = i64::try_from(invocation.deadline).unwrap_or(i64::MAX);
        // The local runtime always says a moment in 1970.
        let end = if end > now { end } else { now + INVOCATION_MILLISECONDS };
        Self { unix_milliseconds: end - ANSWER_MILLISECONDS }
    }

    /// The moment half of the time that is left until then has passed: until it, work may be begun that then takes as long again.
    #[must_use]
    pub fn halfway(self) -> Self {
        let now = now().unix_milliseconds();
        Self { unix_milliseconds: now + self.unix_milliseconds.saturating_sub(now).max(0) / 2 }
    }

    /// Whether it has passed.
    #[must_use]
    pub fn has_passed(self) -> bool {
        self.remaining().is_zero()
    }

    /// What is left until then; nothing once it has passed.
    #[must_use]
    pub fn remaining(self) -> Duration {
        let milliseconds = self.unix_milliseconds - now().unix_milliseconds();
        Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0))
    }
}
