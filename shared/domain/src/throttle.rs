//! Throttles guessing: some attempts are free, and each further one has to wait twice as long as
//! the one before.
//!
//! | what is guessed or requested | free | first wait | longest wait | forgotten after |
//! |---|---|---|---|---|
//! | an account's password (sign-in, sign-in from one network, change) | 5 | 1 s | 15 min | 24 h |
//! | any account's password, from one network | 100 | 1 s | 15 min | 1 h |
//! | a registration, from one network | 600 | 1 s | 1 min | 1 h |
//! | a reset of an account's password | 3 | 1 min | 1 h | 24 h |
//! | a reset of any account's password, from one network | 100 | 1 min | 1 h | 1 h |
//!
//! The operator sets how many attempts are free for a network. The table shows the defaults of
//! template.yaml. An office of 500 behind one address can register within an hour.
//!
//! An attempt is counted before it is made, so that concurrent attempts cannot evade the count. A
//! successful one is no longer counted afterwards: a sign-in that succeeds, a reset that is
//! finished. A registration still counts. Waits double, as
//! the OWASP Authentication Cheat Sheet ("Account Lockout") advises, and have an upper limit. Below
//! the free count nothing waits, however the clocks of the counting instances differ.
//!
//! A sign-in attempt is counted three times: for the account, for the network, and for the account
//! from that network. The first two stop strangers. They do not stop an account from a network
//! where it [is known](KNOWN_SECONDS). There the third count alone decides, so neither guesses from
//! elsewhere nor a neighbour's guesses at other accounts keep people from signing in where they
//! always do. A request for a reset is counted for the account and for the network. Where the
//! account is known, the first count alone decides. Nothing here affects a session that is open.

use crate::time::Timestamp;

/// How long an account stays known in a network after it last signed in from there, or its password was set there
/// with a mailed token, in seconds: 30 days, as long as a session.
pub const KNOWN_SECONDS: i64 = 30 * 24 * 60 * 60;

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttle {
    free_attempts: u32,
    first_wait_seconds: i64,
    longest_wait_seconds: i64,
    forgotten_after_seconds: i64,
}

impl Throttle {
    /// A password of an account.
    pub const PASSWORD: Self = Self::row(5, 1, 15 * 60, 24 * 60 * 60);
    /// A password of any account, from one network. A whole office may share a network.
    pub const PASSWORD_BY_NETWORK: Self = Self::row(100, 1, 15 * 60, 60 * 60);
    /// A registration, from one network. Each may send a mail to a stranger.
    pub const REGISTRATION_BY_NETWORK: Self = Self::row(600, 1, 60, 60 * 60);
    /// A reset of an account's password. Each request sends a mail.
    pub const RESET: Self = Self::row(3, 60, 60 * 60, 24 * 60 * 60);
    /// A reset of any account's password, from one network.
    pub const RESET_BY_NETWORK: Self = Self::row(100, 60, 60 * 60, 60 * 60);

    const fn row(
        free_attempts: u32,
        first_wait_seconds: i64,
        longest_wait_seconds: i64,
        forgotten_after_seconds: i64,
    ) -> Self {
        Self { free_attempts, first_wait_seconds, longest_wait_seconds, forgotten_after_seconds }
    }

    /// Returns the row with that many free attempts.
    #[must_use]
    pub const fn with_free_attempts(self, free_attempts: u32) -> Self {
        Self { free_attempts, ..self }
    }

    /// Returns how many attempts are free.
    #[must_use]
    pub const fn free_attempts(self) -> u32 {
        self.free_attempts
    }

    /// Counts one more attempt, made now.
    pub fn attempt(self, before: Option<Attempts>, now: Timestamp) -> Result<Attempts, Wait> {
        let Some(before) = before.filter(|before| !self.is_forgotten(*before, now)) else {
            return Ok(Attempts { count: 1, last_at: now });
        };
        match self.wait(before, now) {
            Some(wait) => Err(wait),
            None => Ok(Attempts { count: before.count.saturating_add(1), last_at: before.last_at.max(now) }),
        }
    }

    /// Returns how long the next attempt has to wait, if it has to.
    #[must_use]
    pub fn wait(self, attempts: Attempts, now: Timestamp) -> Option<Wait> {
        let wait_seconds = self.wait_seconds(attempts.count);
        let allowed_at = attempts.last_at.plus_seconds(wait_seconds);
        // Where no wait applies, a difference between two clocks must not cause one.
        if wait_seconds == 0 || now >= allowed_at {
            return None;
        }
        let milliseconds = allowed_at.unix_milliseconds() - now.unix_milliseconds();
        Some(Wait { seconds: milliseconds.div_euclid(1_000) + i64::from(milliseconds.rem_euclid(1_000) > 0) })
    }

    /// Returns whether the attempts no longer count.
    #[must_use]
    pub fn is_forgotten(self, attempts: Attempts, now: Timestamp) -> bool {
        now >= self.forgotten_at(attempts.last_at)
    }

    /// Returns when attempts no longer count, given the time of the last one.
    #[must_use]
    pub fn forgotten_at(self, last_at: Timestamp) -> Timestamp {
        last_at.plus_seconds(self.forgotten_after_seconds)
    }

    /// Returns how long an attempt waits after that many others.
    fn wait_seconds(self, attempts: u32) -> i64 {
        let Some(doublings) = attempts.checked_sub(self.free_attempts) else {
            return 0;
        };
        let wait = 1_i64.checked_shl(doublings).and_then(|factor| self.first_wait_seconds.checked_mul(factor));
        wait.filter(|wait| (1..self.longest_wait_seconds).contains(wait)).unwrap_or(self.longest_wait_seconds)
    }
}

/// The attempts made so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// The number of attempts that did not succeed.
    pub count: u32,
    /// When the last attempt was made.
    pub last_at: Timestamp,
}

/// An error: the attempt has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wait {
    /// The number of seconds to wait, at least one.
    pub seconds: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_unix_milliseconds(1_767_225_600_000 + milliseconds).unwrap()
    }

    fn after(count: u32) -> Attempts {
        Attempts { count, last_at: at(0) }
    }

    #[test]
    fn the_table_is_as_documented() {
        let minutes =
            |seconds: i64| if seconds < 60 { format!("{seconds} s") } else { format!("{} min", seconds / 60) };
        let hours = |seconds: i64| minutes(seconds).replace("60 min", "1 h");
        let rows = [
            Throttle::PASSWORD,
            Throttle::PASSWORD_BY_NETWORK,
            Throttle::REGISTRATION_BY_NETWORK,
            Throttle::RESET,
            Throttle::RESET_BY_NETWORK,
        ];
        let actual = rows.map(|row| {
            let forgotten = row.forgotten_after_seconds / 3_600;
            let waits = [hours(row.first_wait_seconds), hours(row.longest_wait_seconds)];
            format!("{} | {} | {forgotten} h |", row.free_attempts, waits.join(" | "))
        });
        let printed = include_str!("throttle.rs").lines().filter_map(|line| line.strip_prefix("//! | "));
        let printed: Vec<&str> = printed.skip(1).filter_map(|line| Some(line.split_once(" | ")?.1)).collect();
        assert_eq!(printed, actual);
    }

    #[test]
    fn the_first_attempts_are_free_then_waits_double_up_to_the_maximum() {
        let waits: Vec<i64> = (0..=17).map(|attempts| Throttle::PASSWORD.wait_seconds(attempts)).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        assert_eq!(Throttle::PASSWORD.wait_seconds(u32::MAX), 900);
        assert_eq!(Throttle::RESET.wait_seconds(3), 60);
    }

    #[test]
    fn an_attempt_is_admitted_only_when_its_wait_is_over() {
        let throttle = Throttle::PASSWORD;
        assert_eq!(throttle.attempt(None, at(0)), Ok(Attempts { count: 1, last_at: at(0) }));
        assert_eq!(throttle.attempt(Some(after(4)), at(0)), Ok(Attempts { count: 5, last_at: at(0) }));
        for (count, milliseconds, expected) in [
            (5, 0, Some(1)),
            (5, 999, Some(1)),
            (5, 1_000, None),
            (7, 1, Some(4)),
            (7, 3_000, Some(1)),
            (7, 4_000, None),
        ] {
            let result = throttle.attempt(Some(after(count)), at(milliseconds));
            assert_eq!(result.err().map(|wait| wait.seconds), expected, "{count} {milliseconds}");
            assert!(result.is_err() || result.unwrap().count == count + 1);
        }
        // Above the free count, a clock that is behind the one that counted before waits longer,
        // never less.
        assert_eq!(throttle.attempt(Some(after(5)), at(-2_000)), Err(Wait { seconds: 3 }));
    }

    #[test]
    fn free_attempts_never_wait_and_keep_the_latest_time() {
        let throttle = Throttle::PASSWORD;
        for behind in [1, 999, 5_000, 600_000] {
            let mut attempts = None;
            // Every second attempt is counted by an instance whose clock is behind.
            for (count, now) in (1..=throttle.free_attempts()).zip([at(0), at(-behind)].into_iter().cycle()) {
                let after = throttle.attempt(attempts, now).unwrap();
                assert_eq!(after, Attempts { count, last_at: at(0) }, "{behind}");
                attempts = Some(after);
            }
            assert!(throttle.attempt(attempts, at(-behind)).is_err());
        }
    }

    #[test]
    fn old_attempts_are_forgotten() {
        let day = 24 * 60 * 60 * 1_000;
        assert_eq!(Throttle::PASSWORD.attempt(Some(after(99)), at(day)).unwrap().count, 1);
        assert_eq!(Throttle::PASSWORD.attempt(Some(after(99)), at(day - 1)).unwrap().count, 100);
    }
}
