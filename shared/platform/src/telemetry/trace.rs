//! The trace of a request: given by AWS, kept with what the request changes, and carried from there through the queues to the mail.

use std::future::Future;

/// The longest tracing header that is taken, in characters; AWS's have about a hundred.
const LENGTH_MAX: usize = 256;

tokio::task_local! {
    static CURRENT: Option<Trace>;
}

/// A tracing header as AWS X-Ray writes it: `Root=1-…;Parent=…;Sampled=1` (X-Ray developer guide, "Tracing header").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace(String);

impl Trace {
    /// The trace that a header names; none if it is no tracing header.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let plain = |character: char| character.is_ascii_alphanumeric() || "=;:-_.".contains(character);
        let trace = Self(header.to_owned());
        (header.len() <= LENGTH_MAX && header.chars().all(plain) && !trace.id().is_empty()).then_some(trace)
    }

    /// The whole header.
    #[must_use]
    pub fn header(&self) -> &str {
        &self.0
    }

    /// What a trace is looked up by: its `Root`.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0.split(';').find_map(|part| part.strip_prefix("Root=")).unwrap_or_default()
    }
}

/// The trace of what is being done.
#[must_use]
pub fn current() -> Option<Trace> {
    CURRENT.try_with(Clone::clone).ok().flatten()
}

/// Does something as part of that trace.
pub async fn within<F: Future>(trace: Option<Trace>, future: F) -> F::Output {
    CURRENT.scope(trace, future).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_found_by_its_root() {
        let trace = Trace::parse("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1").unwrap();
        assert_eq!(trace.id(), "1-5759e988-bd862e3fe1be46a994272793");
        for header in ["", "Parent=1", "Root=", "Root=1-2\";x", &format!("Root={}", "1".repeat(LENGTH_MAX))] {
            assert_eq!(Trace::parse(header), None, "{header}");
        }
    }
}
