//! Sign-in attempts: whose password may be checked, and in which networks an account is known.
//!
//! All checks work in the same way for an address without an account.

use domain::throttle::{KNOWN_SECONDS, Throttle, Wait};
use domain::time::Timestamp;
use futures_util::future::join3;

use super::Store;
use super::attempts::{AttemptError, Counter};
use super::item::number;
use super::keys::{EXPIRES_AT, Item, Key};
use super::transaction::Transaction;
use super::write::Write;
use crate::auth::TokenHash;

/// The age in seconds at which a sign-in renews the record that the account is known in its
/// network: a day, so that most sign-ins need not write it.
const NOTE_AGE_SECONDS: i64 = 24 * 60 * 60;

/// A sign-in attempt: its address and its network.
#[derive(Clone, Debug)]
pub struct SignIn {
    email: TokenHash,
    network: Option<String>,
    /// Whether the record that the account is known there is recent enough.
    is_note_recent: bool,
}

/// Whether the password of a counted sign-in attempt may be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may, because neither the address nor the network is throttled.
    Unthrottled,
    /// It may, because the account is known in the network, although the address or the network is
    /// throttled. If the password is wrong, the next attempt has to wait.
    KnownInNetwork(Wait),
    /// It may not. The address or the network is throttled, and the account is not known there.
    Throttled(Wait),
}

impl Admission {
    /// Returns whether the password may be checked.
    #[must_use]
    pub const fn is_admitted(self) -> bool {
        matches!(self, Self::Unthrottled | Self::KnownInNetwork(_))
    }

    /// Returns how long an attempt that does not succeed has to wait, if it has to.
    #[must_use]
    pub const fn wait(self) -> Option<Wait> {
        match self {
            Self::Unthrottled => None,
            Self::KnownInNetwork(wait) | Self::Throttled(wait) => Some(wait),
        }
    }
}

impl SignIn {
    /// Returns an attempt with that normalised address, from that network.
    #[must_use]
    pub fn new(email: &str, network: Option<String>) -> Self {
        Self { email: TokenHash::of(email.as_bytes()), network, is_note_recent: false }
    }

    fn of_address(&self) -> Key {
        Key::attempts("sign-in", &self.email.to_string())
    }

    fn of_network(&self) -> Option<Key> {
        self.network.as_ref().map(|network| Key::attempts("sign-in-from", network))
    }

    fn of_address_in_network(&self) -> Option<Key> {
        self.network.as_ref().map(|network| Key::attempts("sign-in-at", &format!("{}#{network}", self.email)))
    }

    /// Returns the keys of the counters that make this address wait in its network.
    pub(super) fn waits(&self) -> Vec<Key> {
        [self.of_address()].into_iter().chain(self.of_address_in_network()).collect()
    }

    fn known_key(&self) -> Option<Key> {
        self.network.as_ref().map(|network| Key::known(&self.email, network))
    }

    /// Returns the key of the record that the account of a normalised address is known in a
    /// network.
    pub(super) fn known_key_of(email: &str, network: &str) -> Key {
        Key::known(&TokenHash::of(email.as_bytes()), network)
    }
}

impl Store {
    /// Counts a sign-in attempt and returns whether its password may be checked. Concurrent
    /// attempts are all counted.
    ///
    /// # Errors
    /// Fails with [`AttemptError`] if the attempt has to wait even where the account is known.
    pub async fn count_sign_in(
        &self,
        sign_in: &mut SignIn,
        free_of_network: u32,
        now: Timestamp,
    ) -> Result<Admission, AttemptError> {
        let password = |key| Counter { key, throttle: Throttle::PASSWORD };
        let by_network = Throttle::PASSWORD_BY_NETWORK.with_free_attempts(free_of_network);
        let at = sign_in.of_address_in_network().map(password);
        let strangers: Vec<Counter> = [password(sign_in.of_address())]
            .into_iter()
            .chain(sign_in.of_network().map(|key| Counter { key, throttle: by_network }))
            .collect();
        let counters = strangers.iter().chain(&at).map(|counter| counter.key.clone());
        let found = self.batch_get(counters.chain(sign_in.known_key()).collect()).await?;

        let waits = strangers.iter().map(|counter| counter.wait_in(&found, now)).collect::<Result<Vec<_>, _>>()?;
        let mut wait = waits.into_iter().max().flatten();
        let Some(at) = at else {
            return match wait {
                Some(wait) => Err(AttemptError::TooMany(wait)),
                None => self.count_each(&strangers, &found, now).await.map(|()| Admission::Unthrottled),
            };
        };
        // Counted first, because this counter lets no one through who has to wait. An attempt that
        // is stopped here is counted nowhere else.
        let counted = match self.count(&at, at.in_items(&found)?, now).await {
            Err(AttemptError::TooMany(own)) => {
                return Err(AttemptError::TooMany(wait.map_or(own, |wait| wait.max(own))));
            }
            counted => counted?,
        };
        if wait.is_none() {
            wait = match self.count_each(&strangers, &found, now).await {
                Ok(()) => None,
                Err(AttemptError::TooMany(wait)) => Some(wait),
                Err(error) => return Err(error),
            };
        }
        let until = sign_in.known_key().map_or(0, |note| known_until(&found, &note));
        sign_in.is_note_recent = until > now.plus_seconds(KNOWN_SECONDS - NOTE_AGE_SECONDS).unix_seconds();
        let Some(wait) = wait else {
            return Ok(Admission::Unthrottled);
        };
        let wait = at.throttle.wait(counted, now).map_or(wait, |own| own.max(wait));
        let is_known = until > now.unix_seconds();
        Ok(if is_known { Admission::KnownInNetwork(wait) } else { Admission::Throttled(wait) })
    }

    /// Reverts the counts of a successful sign-in attempt, and records that the account is known in
    /// its network.
    pub async fn complete_sign_in(&self, sign_in: &SignIn, admission: Admission, now: Timestamp) {
        let of_strangers = async {
            // A throttle that stopped strangers stays in force.
            if admission == Admission::Unthrottled {
                self.forget(&sign_in.of_address()).await;
                if let Some(key) = sign_in.of_network() {
                    self.revert_count(&key).await;
                }
            }
        };
        let own = async {
            if let Some(key) = sign_in.of_address_in_network() {
                self.forget(&key).await;
            }
        };
        let note = async {
            if let Some(key) = sign_in.known_key().filter(|_| !sign_in.is_note_recent)
                && let Err(error) = self.write(Write::put(known_item(&key, now))).await
            {
                tracing::warn!(error = %error, "the network of a sign-in was not stored");
            }
        };
        // Boxed, because futures of the SDK are large.
        Box::pin(join3(of_strangers, own, note)).await;
    }
}

impl<R> Transaction<R> {
    /// Records that an account is known in the network of a sign-in.
    pub(super) fn record_known_network(self, sign_in: &SignIn, now: Timestamp) -> Self {
        match sign_in.known_key() {
            Some(key) => self.put(known_item(&key, now)).unconditionally(),
            None => self,
        }
    }
}

/// Returns the record that an account is known from now on.
fn known_item(key: &Key, now: Timestamp) -> Item {
    let mut item = key.to_item();
    item.insert(EXPIRES_AT.to_owned(), number(now.plus_seconds(KNOWN_SECONDS).unix_seconds()));
    item
}

/// Returns the second until which an account is known, according to the items that were read, or 0
/// if it is not known.
pub(super) fn known_until(found: &[Item], note: &Key) -> i64 {
    let noted = found.iter().find(|item| note.is_of(item)).and_then(|item| item.get(EXPIRES_AT)?.as_n().ok());
    noted.and_then(|second| second.parse().ok()).unwrap_or(0)
}
