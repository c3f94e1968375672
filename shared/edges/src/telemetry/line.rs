//! Log lines that CloudWatch reads metrics from (CloudWatch user guide, "Specification: Embedded
//! metric format").

use std::io::Write as _;
use std::sync::OnceLock;

use domain::time::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::trace::current;
use crate::clock;

/// The namespace of this process's metrics.
pub(super) static NAMESPACE: OnceLock<String> = OnceLock::new();

/// The severity of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// Information, not a failure.
    Info,
    /// A failure on our side.
    Error,
}

/// A metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Requests that got a response.
    Requests,
    /// Requests refused or failed, by `problem`.
    Problems,
    /// Changes refused because of a conflict.
    Conflicts,
    /// Events that the relay sent to their queue.
    EventsPublished,
    /// People and receivers notified, by `channel`.
    Notifications,
    /// The time from an event to its notification, by `channel`.
    Lag,
}

impl Metric {
    const fn name(self) -> &'static str {
        match self {
            Self::Requests => "Requests",
            Self::Problems => "Problems",
            Self::Conflicts => "Conflicts",
            Self::EventsPublished => "EventsPublished",
            Self::Notifications => "Notifications",
            Self::Lag => "Lag",
        }
    }

    const fn unit(self) -> &'static str {
        match self {
            Self::Lag => "Milliseconds",
            _ => "Count",
        }
    }

    /// Returns the field whose values distinguish metrics of that name.
    const fn dimension(self) -> Option<&'static str> {
        match self {
            Self::Problems => Some("problem"),
            Self::Notifications | Self::Lag => Some("channel"),
            Self::Requests | Self::Conflicts | Self::EventsPublished => None,
        }
    }
}

/// A line under construction.
#[derive(Clone, Debug)]
#[must_use = "a line that is not printed says nothing"]
pub struct Line {
    level: Level,
    fields: Map<String, Value>,
    metrics: Vec<Metric>,
}

impl Line {
    /// Returns a line with that message.
    pub fn new(message: &str) -> Self {
        let fields = Map::from_iter([("message".to_owned(), json!(message))]);
        Self { level: Level::Info, fields, metrics: Vec::new() }
    }

    /// Sets the severity.
    pub const fn at(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Adds a field, if there is a value.
    pub fn field(mut self, name: &str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.fields.insert(name.to_owned(), value.into());
        }
        self
    }

    /// Adds a value of a metric.
    pub fn metric(mut self, metric: Metric, value: i64) -> Self {
        self.fields.insert(metric.name().to_owned(), json!(value));
        self.metrics.push(metric);
        self
    }

    /// Prints the line. Prints nothing if [`super::init`] was not called, as in a unit test.
    #[expect(clippy::let_underscore_must_use, reason = "a log that cannot be written has nowhere to say so")]
    pub fn print(self) {
        let Some(namespace) = NAMESPACE.get() else { return };
        let trace = current();
        let line = self.field("trace_id", trace.as_ref().map(super::Trace::id));
        let text = line.written(clock::now(), namespace).to_string();
        let _ = writeln!(std::io::stdout().lock(), "{text}");
    }

    fn written(self, now: Timestamp, namespace: &str) -> Value {
        let mut line = Map::from_iter([("timestamp".to_owned(), json!(now)), ("level".to_owned(), json!(self.level))]);
        line.extend(self.fields);
        if !self.metrics.is_empty() {
            let directives: Vec<Value> = self.metrics.iter().map(|metric| directive(*metric, namespace)).collect();
            let metadata = json!({"Timestamp": now.unix_milliseconds(), "CloudWatchMetrics": directives});
            line.insert("_aws".to_owned(), metadata);
        }
        Value::Object(line)
    }
}

/// Returns CloudWatch's directive for one metric of a line.
fn directive(metric: Metric, namespace: &str) -> Value {
    let dimensions: Vec<&str> = metric.dimension().into_iter().collect();
    json!({
        "Namespace": namespace,
        "Dimensions": [dimensions],
        "Metrics": [{"Name": metric.name(), "Unit": metric.unit()}],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_metrics_in_the_embedded_metric_format() {
        let now = Timestamp::from_unix_milliseconds(1_800_000_000_000).unwrap();
        let line = Line::new("answered").field("problem", Some("conflict")).field("ticket", None::<u64>);
        let line = line.metric(Metric::Requests, 1).metric(Metric::Problems, 1).written(now, "HelpDesk/dev");
        assert_eq!(
            line,
            json!({
                "timestamp": now, "level": "INFO", "message": "answered", "problem": "conflict", "Requests": 1, "Problems": 1,
                "_aws": {
                    "Timestamp": 1_800_000_000_000_i64,
                    "CloudWatchMetrics": [
                        {"Namespace": "HelpDesk/dev", "Dimensions": [[]], "Metrics": [{"Name": "Requests", "Unit": "Count"}]},
                        {"Namespace": "HelpDesk/dev", "Dimensions": [["problem"]], "Metrics": [{"Name": "Problems", "Unit": "Count"}]},
                    ],
                },
            })
        );
    }

    #[test]
    fn a_line_without_a_metric_has_no_metric_metadata() {
        let now = Timestamp::from_unix_milliseconds(0).unwrap();
        assert_eq!(Line::new("x").at(Level::Error).written(now, "n")["_aws"], Value::Null);
    }
}
