//! Logs, metrics and the trace that holds them together: one JSON object a line on standard output, as CloudWatch takes them. Never a
//! title, a text, an address or a token.

mod line;
mod trace;

use std::error::Error;

pub use line::{Level, Line, Metric};
pub use trace::{Trace, current, within};

use crate::config::{Config, MissingVariables, name};

/// Sends the function's log lines to standard output.
///
/// # Errors
/// The variable that names the namespace of metrics is missing.
pub fn init(config: &Config) -> Result<(), MissingVariables> {
    let [namespace] = config.required([name::METRICS_NAMESPACE])?;
    line::NAMESPACE.get_or_init(|| namespace);
    // A second call in one process (a test) finds the first one's subscriber in place, which serves as well.
    let _already_set = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_max_level(tracing::Level::INFO)
        .try_init();
    Ok(())
}

/// What went wrong and why, in words: the error and its causes as they describe themselves. Their debug output is left out,
/// because an SDK error's holds the whole answer, and with it what is stored.
#[must_use]
pub fn causes(error: &(dyn Error + 'static)) -> String {
    let mut words = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push(error.to_string());
        cause = error.source();
    }
    words.join(": ")
}
