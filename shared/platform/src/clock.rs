//! The one place that reads the clock and the system's randomness. Everything else is handed a moment and bytes.

use domain::id::UUID_RANDOM_BYTES;
use domain::stamp::{STAMP_RANDOM_BYTES, Stamp};
use domain::time::Timestamp;

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
