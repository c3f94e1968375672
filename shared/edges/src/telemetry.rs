//! Logs, metrics and the trace that connects them. Each line on standard output is one JSON object,
//! as CloudWatch expects it. Lines never contain a title, a text, an address or a token.

mod line;
mod trace;

use std::error::Error;

pub use line::{Level, Line, Metric};
pub use trace::{Trace, current, within};

use crate::config::{Config, MissingVariables, name};

/// Sends the function's log lines to standard output.
///
/// # Errors
/// Fails if the variable that names the namespace of metrics is missing.
pub fn init(config: &Config) -> Result<(), MissingVariables> {
    let [namespace] = config.required([name::METRICS_NAMESPACE])?;
    line::NAMESPACE.get_or_init(|| namespace);
    // A second call in one process (a test) finds the subscriber of the first already set, which
    // works as well.
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

/// Returns an error and its causes as text, as they describe themselves. Omits their debug output,
/// because that of an SDK error contains the whole response, and with it stored data.
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
