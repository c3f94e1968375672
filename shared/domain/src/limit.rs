//! How much one person may do in a clock hour (UTC), so that a program that runs wild, or a stolen
//! token, cannot fill the help desk.
//!
//! | what is limited | default of template.yaml | for a service account |
//! |---|---|---|
//! | opening tickets | 60 an hour | 3,600 an hour |
//! | commenting | 600 an hour | 3,600 an hour |
//! | asking for mails | 600 an hour | 600 an hour |
//! | making API tokens | 120 an hour, which no parameter changes | 120 an hour |
//!
//! Parameters set all other numbers. No person meets the defaults. What a service account does
//! for people counts as its own. Notes and commands are not limited: only staff can send many of
//! them.

use crate::time::Timestamp;

const HOUR_SECONDS: i64 = 60 * 60;

/// What a person may do only so often in an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limited {
    /// Opening tickets, for oneself or for others.
    Opening,
    /// Commenting on tickets.
    Commenting,
    /// Making API tokens of an account. How many it may have at once does not limit that, and each
    /// is in the audit forever.
    MakingTokens,
    /// Asking for mails to an address that need not be theirs.
    AskingForMails,
}

impl Limited {
    pub const ALL: [Self; 4] = [Self::Opening, Self::Commenting, Self::MakingTokens, Self::AskingForMails];

    /// Returns the name of the policy in the `RateLimit` fields, which also names the counter.
    #[must_use]
    pub const fn policy(self) -> &'static str {
        match self {
            Self::Opening => "tickets",
            Self::Commenting => "comments",
            Self::MakingTokens => "tokens",
            Self::AskingForMails => "mails",
        }
    }
}

/// A limit for each person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub of: Limited,
    /// How often in an hour.
    pub per_hour: u32,
}

impl Limit {
    /// Returns the refusal of a request at this time that would exceed the limit.
    #[must_use]
    pub fn reached(self, now: Timestamp) -> LimitReached {
        LimitReached { limit: self, seconds_left: HOUR_SECONDS - now.unix_seconds().rem_euclid(HOUR_SECONDS) }
    }
}

/// The limits on one action, for a person and for a service account.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The limit for each person.
    pub person: Limit,
    /// The limit for each service account.
    pub service: Limit,
}

/// A person did something as often as they may in this hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitReached {
    pub limit: Limit,
    /// The number of seconds until the next hour begins, from 1 to 3,600.
    pub seconds_left: i64,
}

/// A clock hour, counted from 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hour(i64);

impl Hour {
    /// Returns the hour that contains this time.
    #[must_use]
    pub fn of(time: Timestamp) -> Self {
        Self(time.unix_seconds().div_euclid(HOUR_SECONDS))
    }

    /// Returns the number of the hour.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }

    /// Returns the Unix time of the end of the hour.
    #[must_use]
    pub const fn end(self) -> i64 {
        (self.0 + 1) * HOUR_SECONDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    #[test]
    fn an_hour_ends_where_the_next_begins() {
        let limit = Limit { of: Limited::Opening, per_hour: 60 };
        for (time, seconds_left) in [
            ("2026-01-15T09:00:00.000Z", 3_600),
            ("2026-01-15T09:00:00.999Z", 3_600),
            ("2026-01-15T09:59:58.000Z", 2),
            ("2026-01-15T09:59:59.999Z", 1),
            ("2026-01-15T10:00:00.000Z", 3_600),
        ] {
            assert_eq!(limit.reached(at(time)).seconds_left, seconds_left, "{time}");
            let hour = Hour::of(at(time));
            assert_eq!(hour.end() - at(time).unix_seconds(), seconds_left, "{time}");
        }
        assert_eq!(
            Hour::of(at("2026-01-15T09:59:59.999Z")).number() + 1,
            Hour::of(at("2026-01-15T10:00:00.000Z")).number()
        );
    }

    #[test]
    fn each_limit_has_a_policy_of_its_own() {
        assert_eq!(Limited::ALL.map(Limited::policy), ["tickets", "comments", "tokens", "mails"]);
    }
}
