use domain::id::EventId;
use domain::time::Timestamp;
use edges::clock;
use edges::telemetry::{Line, Metric};

/// Logs that a person was notified, and over which channel. With `happened_at`, also logs the time
/// since the event. It is `None` if the help desk did not cause the delay.
pub(crate) fn record_notified(channel: &'static str, event: EventId, happened_at: Option<Timestamp>) {
    let line = Line::new("told")
        .field("channel", Some(channel))
        .field("event_id", Some(event.to_string()))
        .metric(Metric::Notifications, 1);
    let lag = happened_at.map(|at| clock::now().unix_milliseconds() - at.unix_milliseconds());
    match lag {
        Some(lag) => line.metric(Metric::Lag, lag).print(),
        None => line.print(),
    }
}
