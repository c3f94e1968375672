//! The trace of a request. AWS assigns it. It is stored with the request's changes, and carried
//! from there through the queues to the mail.

use std::future::Future;

use lambda_runtime::Context;

/// The longest tracing header that is accepted, in characters. AWS's have about a hundred.
const LENGTH_MAX: usize = 256;

/// The parts that are kept. AWS may add others, such as `Lineage`.
const KEPT: [&str; 3] = ["Root=", "Parent=", "Sampled="];

tokio::task_local! {
    static CURRENT: Option<Trace>;
}

/// A tracing header as AWS X-Ray writes it: `Root=1-…;Parent=…;Sampled=1` (X-Ray developer guide,
/// "Tracing header").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace(String);

impl Trace {
    /// Reads the trace from a header, without its other parts. Returns `None` if it is not a
    /// tracing header.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let plain = |character: char| character.is_ascii_alphanumeric() || "=-_.".contains(character);
        let parts = header.split(';').filter(|part| KEPT.iter().any(|name| part.starts_with(name)));
        let trace = Self(parts.collect::<Vec<_>>().join(";"));
        let short = trace.0.len() <= LENGTH_MAX && !trace.id().is_empty();
        (short && trace.0.split(';').all(|part| part.chars().all(plain))).then_some(trace)
    }

    /// Returns the trace of an invocation.
    #[must_use]
    pub fn of(invocation: &Context) -> Option<Self> {
        invocation.xray_trace_id.as_deref().and_then(Self::parse)
    }

    /// Returns the trace as a header.
    #[must_use]
    pub fn header(&self) -> &str {
        &self.0
    }

    /// Returns the id by which a trace is looked up: its `Root`.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0.split(';').find_map(|part| part.strip_prefix("Root=")).unwrap_or_default()
    }
}

/// Returns the current trace.
#[must_use]
pub fn current() -> Option<Trace> {
    CURRENT.try_with(Clone::clone).ok().flatten()
}

/// Runs a future as part of a trace.
pub async fn within<F: Future>(trace: Option<Trace>, future: F) -> F::Output {
    CURRENT.scope(trace, future).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_of_a_trace_header_is_found() {
        let trace = Trace::parse("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1").unwrap();
        assert_eq!(trace.id(), "1-5759e988-bd862e3fe1be46a994272793");
        let through_others =
            Trace::parse("Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=a87bd80c:1|68fd508a:5;Sampled=1");
        assert_eq!(through_others.unwrap().header(), "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1");
        for header in ["", "Parent=1", "Root=", "Root=1-2\";x", &format!("Root={}", "1".repeat(LENGTH_MAX))] {
            assert_eq!(Trace::parse(header), None, "{header}");
        }
    }
}
