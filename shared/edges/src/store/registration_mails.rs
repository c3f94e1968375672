//! The mails that registrations cause in a clock hour. Anyone may register any address, and many
//! networks together could have strangers mailed without end: SES pauses an account whose mails
//! bounce. So the whole help desk sends a limited number of them.

use domain::limit::Hour;
use domain::time::Timestamp;

use super::condition::{Changes, above, any, below, lacks};
use super::item::number;
use super::keys::{EXPIRES_AT, Key};
use super::write::Write;
use super::{Store, StoreError};

/// The attribute that counts the mails.
const MAILS: &str = "mails";

impl Store {
    /// Counts a mail, if fewer than `per_hour` were counted in this hour. Returns whether it was.
    pub async fn reserve_registration_mail(&self, per_hour: u32, now: Timestamp) -> Result<bool, StoreError> {
        let hour = Hour::of(now);
        let changes = Changes::new().set(EXPIRES_AT, number(hour.end())).add(MAILS, number(1));
        let room = any([lacks(MAILS), below(MAILS, number(per_hour))]);
        let written = self.write_if(Write::update(Key::registration_mails(hour), changes), room).await?;
        Ok(written.is_made())
    }

    /// Takes back a mail that was counted then, because it was not sent. If that fails, it stays
    /// counted until the hour ends.
    pub async fn release_registration_mail(&self, then: Timestamp) {
        let taken_back = Write::update(Key::registration_mails(Hour::of(then)), Changes::new().decrement(MAILS));
        // Refused: nothing is counted.
        match self.write_if(taken_back, above(MAILS, number(0))).await {
            Ok(written) => written.either_way(),
            Err(error) => tracing::warn!(error = %error, "a mail that was not sent stays counted"),
        }
    }
}
