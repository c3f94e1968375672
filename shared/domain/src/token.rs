//! API tokens: credentials that a person makes for their programs.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::field::{Faults, Fields, FromField, Rejected, Violations};
use crate::id::{TokenId, UserId};
use crate::limit::{Limit, Limited};
use crate::permission::{Scope, Scopes};
use crate::text::TokenName;
use crate::time::Timestamp;

/// The maximum number of valid API tokens of a person. It is limited because a list of them is one
/// page.
pub const TOKENS_MAX: usize = 50;

/// How many API tokens of an account may be made in an hour. It is more than twice as many as it may
/// have, so that all can be exchanged at once.
pub const TOKENS_PER_HOUR: Limit = Limit { of: Limited::MakingTokens, per_hour: 120 };

/// The content of a request to create an API token.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What the person calls it.
    pub name: TokenName,
    /// What it may be used for.
    pub scopes: Scopes,
    /// The second from which on it is not valid, or none if it is valid until it is revoked.
    pub expires_at: Option<Timestamp>,
}

/// A list of scopes, at least one and none twice.
struct ScopeList(Scopes);

impl FromField for ScopeList {
    fn from_field(value: Value) -> Result<Self, Faults> {
        let scopes = Vec::<Scope>::from_field(value)?;
        if scopes.is_empty() {
            return Err("must have at least one item".to_owned().into());
        }
        let repeated: Vec<usize> =
            (1..scopes.len()).filter(|place| scopes[..*place].contains(&scopes[*place])).collect();
        if !repeated.is_empty() {
            return Err(Faults::at_items(repeated, "repeats an earlier scope"));
        }
        Ok(Self(scopes.into_iter().collect()))
    }
}

impl NewToken {
    /// Reads the body of a request to create a token.
    pub fn from_body(body: Value, now: Timestamp) -> Result<Self, Violations> {
        Fields::read(body, |fields| {
            let name = fields.required("name");
            let scopes = fields.required::<ScopeList>("scopes");
            let expires_at = fields.optional("expires_at").and_then(|at| in_future(fields, at, now));
            Ok(Self { name: name?, scopes: scopes?.0, expires_at: expires_at? })
        })
    }

    /// Creates the token.
    #[must_use]
    pub fn into_token(self, id: TokenId, user_id: UserId, now: Timestamp) -> ApiToken {
        let Self { name, scopes, expires_at } = self;
        ApiToken { id, user_id, name, scopes, created_at: now, expires_at: expires_at.map(Timestamp::unix_seconds) }
    }
}

/// Returns the whole second of a time, which must be later than now.
fn in_future(fields: &mut Fields, at: Option<Timestamp>, now: Timestamp) -> Result<Option<Timestamp>, Rejected> {
    let second = at.map(|at| Timestamp::UNIX_EPOCH.plus_seconds(at.unix_seconds()));
    match second {
        Some(second) if second <= now => Err(fields.reject("expires_at", "must be in the future".to_owned())),
        second => Ok(second),
    }
}

/// An API token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiToken {
    pub id: TokenId,
    /// The person who made it, and acts with it.
    pub user_id: UserId,
    pub name: TokenName,
    pub scopes: Scopes,
    pub created_at: Timestamp,
    /// The second from which on it is not valid (seconds since 1970, as DynamoDB's TTL expects).
    pub expires_at: Option<i64>,
}

impl ApiToken {
    /// Returns whether the token has not expired.
    #[must_use]
    pub const fn is_valid_at(&self, now: Timestamp) -> bool {
        match self.expires_at {
            Some(second) => second > now.unix_seconds(),
            None => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_780_000_000_500;

    fn read(fields: Value) -> Result<NewToken, Vec<String>> {
        let mut body = json!({"name": "Nightly report", "scopes": ["read_tickets"]});
        let Value::Object(fields) = fields else { return Err(Vec::new()) };
        body.as_object_mut().unwrap().extend(fields);
        let now = Timestamp::from_unix_milliseconds(NOW).unwrap();
        let shown = |faults: Violations| faults.as_slice().iter().map(ToString::to_string).collect();
        NewToken::from_body(body, now).map_err(shown)
    }

    #[test]
    fn a_token_has_a_name_and_scopes_and_may_expire() {
        let token = read(json!({"scopes": ["work", "read_tickets"], "expires_at": "2099-01-01T02:00:00.999+02:00"}));
        let token = token.unwrap();
        assert_eq!(token.name.as_str(), "Nightly report");
        assert_eq!(token.scopes.iter().collect::<Vec<_>>(), [Scope::ReadTickets, Scope::Work]);
        assert_eq!(token.expires_at.map(|at| at.to_string()).as_deref(), Some("2099-01-01T00:00:00.000Z"));
        assert_eq!(read(json!({"expires_at": null})).unwrap().expires_at, None);
    }

    #[test]
    fn faults_of_a_new_token_are_reported_together() {
        let names = Scope::ALL.map(Scope::as_str).join(", ");
        for (fields, expected) in [
            (json!({"name": " "}), vec!["/name must not be blank".to_owned()]),
            (
                json!({"name": "x".repeat(101)}),
                vec!["/name must be at most 100 characters long, but is 101".to_owned()],
            ),
            (json!({"scopes": []}), vec!["/scopes must have at least one item".to_owned()]),
            (json!({"scopes": "work"}), vec!["/scopes must be a list, not a string".to_owned()]),
            (json!({"scopes": ["work", "root"]}), vec![format!("/scopes/1 must be one of {names}")]),
            (json!({"scopes": ["work", "notes", "work"]}), vec!["/scopes/2 repeats an earlier scope".to_owned()]),
            (
                json!({"expires_at": "tomorrow", "secret": "x"}),
                vec![
                    "/expires_at must be a time such as 2027-01-31T12:00:00.000Z".to_owned(),
                    "/secret is not a field of this request".to_owned(),
                ],
            ),
        ] {
            assert_eq!(read(fields.clone()).unwrap_err(), expected, "{fields}");
        }
    }

    #[test]
    fn a_token_expires_at_a_second_that_is_yet_to_come() {
        let at = |milliseconds: i64| {
            let expires_at = Timestamp::from_unix_milliseconds(NOW + milliseconds).unwrap();
            read(json!({"expires_at": expires_at.to_string()}))
        };
        for milliseconds in [-1, 0, 1, 499] {
            assert_eq!(at(milliseconds).unwrap_err(), ["/expires_at must be in the future"], "{milliseconds}");
        }
        let now = Timestamp::from_unix_milliseconds(NOW).unwrap();
        let new = at(500).unwrap();
        let token = new.into_token(TokenId::from_bytes([1; 16]), UserId::from_bytes([2; 16]), now);
        assert!(token.is_valid_at(now) && token.is_valid_at(now.plus_milliseconds(499)));
        assert!(!token.is_valid_at(now.plus_milliseconds(500)));
        assert!(ApiToken { expires_at: None, ..token }.is_valid_at(now.plus_seconds(i64::MAX)));
    }
}
