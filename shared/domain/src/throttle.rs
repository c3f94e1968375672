//! Slowing down whoever guesses: some attempts are free, and each further one has to wait twice as long as the one before.
//!
//! | what is guessed at or asked for | free | first wait | longest wait | forgotten after |
//! |---|---|---|---|---|
//! | an account's password, to sign in or to change it | 5 | 1 s | 15 min | 24 h |
//! | any account's password, from one network address | 50 | 1 s | 15 min | 1 h |
//! | an account, from one network address | 100 | 1 s | 1 min | 1 h |
//! | a reset of an account's password | 3 | 1 min | 1 h | 24 h |
//! | a reset of any account's password, from one network address | 20 | 1 min | 1 h | 24 h |
//!
//! An attempt is counted before it is made, so that many at once are no way around; a right one is taken back. Waits double, as
//! the OWASP Authentication Cheat Sheet ("Account Lockout") advises, and have an end. Whoever goes on guessing at somebody's
//! password keeps them from signing in anew; a reset by mail ends those waits, and nothing here touches a session that is open.

use crate::time::Timestamp;

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttle {
    free_attempts: u32,
    first_wait_seconds: i64,
    longest_wait_seconds: i64,
    forgotten_after_seconds: i64,
}

impl Throttle {
    /// An account's password.
    pub const PASSWORD: Self = Self::row(5, 1, 15 * 60, 24 * 60 * 60);
    /// Any account's password, from one network address. Whole offices share one.
    pub const PASSWORD_BY_NETWORK: Self = Self::row(50, 1, 15 * 60, 60 * 60);
    /// An account, from one network address: hashing its password costs us something, and a taken address is told.
    pub const REGISTRATION_BY_NETWORK: Self = Self::row(100, 1, 60, 60 * 60);
    /// A reset of an account's password: each sends a mail.
    pub const RESET: Self = Self::row(3, 60, 60 * 60, 24 * 60 * 60);
    /// A reset of any account's password, from one network address.
    pub const RESET_BY_NETWORK: Self = Self::row(20, 60, 60 * 60, 24 * 60 * 60);

    const fn row(
        free_attempts: u32,
        first_wait_seconds: i64,
        longest_wait_seconds: i64,
        forgotten_after_seconds: i64,
    ) -> Self {
        Self { free_attempts, first_wait_seconds, longest_wait_seconds, forgotten_after_seconds }
    }

    /// The attempts with one more, made now.
    ///
    /// # Errors
    /// The attempt has to wait.
    pub fn attempt(self, before: Option<Attempts>, now: Timestamp) -> Result<Attempts, Wait> {
        let Some(before) = before.filter(|before| now < self.forgotten_at(before.last_at)) else {
            return Ok(Attempts { count: 1, last_at: now });
        };
        let allowed_at = before.last_at.plus_seconds(self.wait_seconds(before.count));
        if now < allowed_at {
            let milliseconds = allowed_at.unix_milliseconds() - now.unix_milliseconds();
            return Err(Wait {
                seconds: milliseconds.div_euclid(1_000) + i64::from(milliseconds.rem_euclid(1_000) > 0),
            });
        }
        Ok(Attempts { count: before.count.saturating_add(1), last_at: now })
    }

    /// When attempts of which the last was made then count no more.
    #[must_use]
    pub fn forgotten_at(self, last_at: Timestamp) -> Timestamp {
        last_at.plus_seconds(self.forgotten_after_seconds)
    }

    /// How long an attempt waits after that many others.
    fn wait_seconds(self, attempts: u32) -> i64 {
        let Some(doublings) = attempts.checked_sub(self.free_attempts) else {
            return 0;
        };
        let wait = 1_i64.checked_shl(doublings).and_then(|factor| self.first_wait_seconds.checked_mul(factor));
        wait.filter(|wait| (1..self.longest_wait_seconds).contains(wait)).unwrap_or(self.longest_wait_seconds)
    }
}

/// Attempts made so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// How many that were not right.
    pub count: u32,
    /// When the last was made.
    pub last_at: Timestamp,
}

/// An attempt may be made later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// After that many seconds, at least one.
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
    fn the_first_attempts_are_free_and_waits_double_up_to_the_longest() {
        let waits: Vec<i64> = (0..=17).map(|attempts| Throttle::PASSWORD.wait_seconds(attempts)).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        assert_eq!(Throttle::PASSWORD.wait_seconds(u32::MAX), 900);
        assert_eq!(Throttle::RESET.wait_seconds(3), 60);
    }

    #[test]
    fn an_attempt_is_made_when_its_wait_is_over_and_not_before() {
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
            let told = throttle.attempt(Some(after(count)), at(milliseconds));
            assert_eq!(told.err().map(|wait| wait.seconds), expected, "{count} {milliseconds}");
            assert!(told.is_err() || told.unwrap().count == count + 1);
        }
        // A clock that is behind the one which counted before waits longer, never less.
        assert_eq!(throttle.attempt(Some(after(5)), at(-2_000)), Err(Wait { seconds: 3 }));
    }

    #[test]
    fn old_attempts_are_forgotten() {
        let day = 24 * 60 * 60 * 1_000;
        assert_eq!(Throttle::PASSWORD.attempt(Some(after(99)), at(day)).unwrap().count, 1);
        assert_eq!(Throttle::PASSWORD.attempt(Some(after(99)), at(day - 1)).unwrap().count, 100);
    }
}
