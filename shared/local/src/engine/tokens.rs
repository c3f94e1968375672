//! The transactions of the last ten minutes by their token, so that a repeated one is not executed
//! again.

use bytes::Bytes;
use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;
use tokio::time::Instant;

/// How long a token is remembered (DynamoDB API reference, `TransactWriteItems`,
/// `ClientRequestToken`).
const REMEMBERED: Duration = Duration::from_mins(10);

#[derive(Debug, Default)]
pub(super) struct Tokens {
    recorded: HashMap<String, Recorded>,
    /// The tokens, oldest first. Forgetting looks at nothing but what is forgotten.
    ages: VecDeque<(Instant, String)>,
}

#[derive(Debug)]
struct Recorded {
    request: u64,
    answer: Bytes,
}

/// What is known about a token.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// The answer to the same request.
    Same(Bytes),
    /// It was used for another request.
    Other,
}

impl Tokens {
    /// Looks up the token of a request.
    pub(super) fn find(&mut self, now: Instant, token: &str, request: &[u8]) -> Found {
        self.forget(now);
        match self.recorded.get(token) {
            None => Found::Nothing,
            Some(recorded) if recorded.request == hash(request) => Found::Same(recorded.answer.clone()),
            Some(_) => Found::Other,
        }
    }

    /// Records the answer to a request whose token was not found.
    pub(super) fn record(&mut self, now: Instant, token: String, request: &[u8], answer: Bytes) {
        self.ages.push_back((now, token.clone()));
        self.recorded.insert(token, Recorded { request: hash(request), answer });
    }

    fn forget(&mut self, now: Instant) {
        while self.ages.front().is_some_and(|(at, _)| now.duration_since(*at) >= REMEMBERED) {
            if let Some((_, token)) = self.ages.pop_front() {
                self.recorded.remove(&token);
            }
        }
    }
}

fn hash(request: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    request.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_remembered_for_ten_minutes() {
        let mut tokens = Tokens::default();
        let begun = Instant::now();
        let later = |minutes| begun + Duration::from_mins(minutes);
        assert_eq!(tokens.find(begun, "first", b"a"), Found::Nothing);
        tokens.record(begun, "first".to_owned(), b"a", Bytes::from_static(b"{}"));
        tokens.record(later(1), "second".to_owned(), b"b", Bytes::from_static(b"{}"));
        assert_eq!(tokens.find(later(9), "first", b"a"), Found::Same(Bytes::from_static(b"{}")));
        assert_eq!(tokens.find(later(9), "first", b"b"), Found::Other);
        assert_eq!(tokens.find(later(10), "first", b"b"), Found::Nothing);
        assert_eq!(tokens.find(later(10), "second", b"b"), Found::Same(Bytes::from_static(b"{}")));
        assert_eq!(tokens.find(later(11), "second", b"b"), Found::Nothing);
        assert!(tokens.recorded.is_empty() && tokens.ages.is_empty());
    }
}
