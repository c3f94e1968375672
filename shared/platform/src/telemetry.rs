//! Logs: one JSON object a line on standard output, as CloudWatch takes them. Never a title, a text, an address or a token.

/// Sends the function's log lines to standard output.
pub fn init() {
    // A second call in one process (a test) finds the first one's subscriber in place, which serves as well.
    let _already_set = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_max_level(tracing::Level::INFO)
        .try_init();
}
