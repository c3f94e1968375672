//! The machine's clock.

use jiff::Timestamp;

/// Returns the current time, as Lambda's own pollers read it.
#[expect(clippy::disallowed_methods, reason = "this is the edge: the poller plays AWS's part")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
