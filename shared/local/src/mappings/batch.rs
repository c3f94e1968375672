//! Decides for an event source mapping which part of a batch failed, what is retried, and what is
//! given up.

use crate::functions::InvokeError;
use crate::template::StreamRetry;
use serde_json::Value;
use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

/// The wait before a failed stream batch is retried. It doubles with every retry, up to a maximum.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The outcome of an invocation with a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    /// The function reported failed items, by their positions in the batch.
    Items(BTreeSet<usize>),
    /// The invocation failed as a whole.
    Failed,
}

/// Reads a response as Lambda does. A failed item with an id that was not sent makes the whole
/// batch fail.
pub(super) fn outcome(
    answer: &Result<Value, InvokeError>,
    reports_item_failures: bool,
    identifiers: &[String],
) -> Outcome {
    let Ok(answer) = answer else { return Outcome::Failed };
    if !reports_item_failures {
        return Outcome::Done;
    }
    let failures = match answer.get("batchItemFailures") {
        None | Some(Value::Null) => return Outcome::Done,
        Some(Value::Array(failures)) => failures,
        Some(_) => return Outcome::Failed,
    };
    let position = |failure: &Value| {
        let identifier = failure.get("itemIdentifier").and_then(Value::as_str)?;
        identifiers.iter().position(|sent| sent == identifier)
    };
    match failures.iter().map(position).collect::<Option<BTreeSet<usize>>>() {
        Some(failed) if failed.is_empty() => Outcome::Done,
        Some(failed) => Outcome::Items(failed),
        None => Outcome::Failed,
    }
}

/// Records that are sent together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Work {
    /// The stream records, oldest first.
    pub(super) records: Vec<Value>,
    /// The number of retries so far.
    pub(super) retries: u32,
}

/// The remaining work of one batch, in order. A later part waits until the earlier part is done or
/// given up.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pending: VecDeque<Work>,
    policy: &'a StreamRetry,
}

/// The step that follows from an outcome.
#[derive(Debug, PartialEq)]
pub(super) enum Next {
    Continue,
    Wait(Duration),
    /// The retries are used up. Report these records to the destination, then continue without
    /// them.
    GiveUp(Work),
}

impl<'a> Plan<'a> {
    pub(super) fn new(records: Vec<Value>, policy: &'a StreamRetry) -> Self {
        Self { pending: VecDeque::from([Work { records, retries: 0 }]), policy }
    }

    /// Returns the records to send next.
    pub(super) fn front(&self) -> Option<&Work> {
        self.pending.front()
    }

    /// Records the outcome of sending the front.
    pub(super) fn settle(&mut self, outcome: &Outcome) -> Next {
        let Some(mut work) = self.pending.pop_front() else { return Next::Continue };
        match outcome {
            Outcome::Done => return Next::Continue,
            // Everything before the lowest failed item is done. Everything from there on is sent
            // again.
            Outcome::Items(failed) => {
                let lowest = failed.first().copied().unwrap_or_default();
                if lowest > 0 {
                    work = Work { records: work.records.split_off(lowest), retries: 0 };
                }
            }
            // Halving the batch isolates the bad record. It costs no retry.
            Outcome::Failed if self.policy.bisect && work.records.len() > 1 => {
                let second = work.records.split_off(work.records.len() / 2);
                let retries = work.retries;
                self.pending.push_front(Work { records: second, retries });
                self.pending.push_front(work);
                return Next::Wait(pause(retries));
            }
            Outcome::Failed => {}
        }
        if self.policy.max_attempts.is_some_and(|most| work.retries >= most) {
            return Next::GiveUp(work);
        }
        let wait = pause(work.retries);
        work.retries += 1;
        self.pending.push_front(work);
        Next::Wait(wait)
    }
}

fn pause(retries: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << retries.min(16)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn policy(max_attempts: u32, bisect: bool) -> StreamRetry {
        StreamRetry { max_attempts: Some(max_attempts), bisect, on_failure_queue: None }
    }

    fn records(numbers: std::ops::Range<i64>) -> Vec<Value> {
        numbers.map(|number| json!(number)).collect()
    }

    fn items(positions: &[usize]) -> Outcome {
        Outcome::Items(positions.iter().copied().collect())
    }

    #[test]
    fn a_batch_response_is_interpreted_as_lambda_does() {
        let sent = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
        let read = |answer: Value| outcome(&Ok(answer), true, &sent);
        for done in [json!(null), json!({}), json!({"batchItemFailures": []}), json!({"batchItemFailures": null})] {
            assert_eq!(read(done), Outcome::Done);
        }
        let failed = json!({"batchItemFailures": [{"itemIdentifier": "c"}, {"itemIdentifier": "b"}]});
        assert_eq!(read(failed.clone()), items(&[1, 2]));
        assert_eq!(outcome(&Ok(failed), false, &sent), Outcome::Done);
        for senseless in [json!([{"itemIdentifier": "z"}]), json!([{"itemIdentifier": ""}]), json!([{}]), json!(7)] {
            assert_eq!(read(json!({ "batchItemFailures": senseless })), Outcome::Failed);
        }
        assert_eq!(outcome(&Err(InvokeError::NoAnswer(String::new())), true, &sent), Outcome::Failed);
    }

    #[test]
    fn reported_items_are_retried_from_the_lowest() {
        let policy = policy(2, true);
        let mut plan = Plan::new(records(0..5), &policy);
        assert_eq!(plan.settle(&items(&[3, 4])), Next::Wait(FIRST_PAUSE));
        assert_eq!(plan.front().unwrap().records, records(3..5));
        assert_eq!(plan.settle(&Outcome::Done), Next::Continue);
        assert!(plan.front().is_none());
    }

    #[test]
    fn a_failed_batch_is_bisected_down_to_the_bad_record() {
        let policy = policy(1, true);
        let mut plan = Plan::new(records(0..4), &policy);
        let mut done = Vec::new();
        let mut given_up = Vec::new();
        while let Some(work) = plan.front().cloned() {
            let poisoned = work.records.contains(&json!(2));
            match plan.settle(if poisoned { &Outcome::Failed } else { &Outcome::Done }) {
                Next::GiveUp(work) => given_up.extend(work.records),
                Next::Continue => done.extend(work.records),
                Next::Wait(_) => {}
            }
        }
        assert_eq!(done, [json!(0), json!(1), json!(3)]);
        assert_eq!(given_up, [json!(2)]);
    }

    #[test]
    fn retries_are_bounded_and_back_off() {
        let policy = policy(3, false);
        let mut plan = Plan::new(records(0..2), &policy);
        let waits: Vec<Next> = (0..3).map(|_| plan.settle(&Outcome::Failed)).collect();
        assert_eq!(waits, [1, 2, 4].map(|factor| Next::Wait(FIRST_PAUSE * factor)));
        assert_eq!(plan.settle(&Outcome::Failed), Next::GiveUp(Work { records: records(0..2), retries: 3 }));
        assert!(plan.front().is_none());
        assert_eq!(pause(40), LONGEST_PAUSE);
    }

    #[test]
    fn without_a_bound_a_batch_is_retried_forever() {
        let policy = StreamRetry::default();
        let mut plan = Plan::new(records(0..1), &policy);
        for _ in 0..200 {
            assert!(matches!(plan.settle(&Outcome::Failed), Next::Wait(_)));
        }
    }
}
