//! Password reset requests: which are counted, which are mailed, and which are ignored.
//!
//! Each counts for its address and, unless the network it came from is throttled, for that network.
//! As at a sign-in, a throttled network stops strangers, but no account that is known there. A
//! refusal would reveal which accounts are known there, so strangers get none: both kinds of
//! request take the same calls and get the same response.

use domain::event::{AccountEvent, AccountEventKind};
use domain::id::EventId;
use domain::throttle::Throttle;
use domain::time::Timestamp;

use super::attempts::{AttemptError, Counter, reset_from_key, reset_key};
use super::item::{item_at, number, text, traced};
use super::keys::{EXPIRES_AT, Key};
use super::passwords::{EMAIL, NETWORK, REQUEST_SECONDS};
use super::sign_ins::known_until;
use super::write::Write;
use super::{SignIn, Store, StoreError};
use crate::clock;

/// A counted password reset request.
#[derive(Clone, Debug)]
pub struct ResetRequest {
    email: String,
    /// The network whose counter includes it. That count is reverted when the reset is finished.
    counted_from: Option<String>,
    may_be_mailed: bool,
}

impl ResetRequest {
    /// Returns whether the request may lead to a mail.
    #[must_use]
    pub const fn may_be_mailed(&self) -> bool {
        self.may_be_mailed
    }
}

impl Store {
    /// Counts a password reset request for this normalised address, from this network.
    ///
    /// # Errors
    /// Fails with [`AttemptError`] if there were too many for this address.
    pub async fn count_reset(
        &self,
        email: String,
        network: Option<String>,
        free: u32,
        now: Timestamp,
    ) -> Result<ResetRequest, AttemptError> {
        let of_address = Counter { key: reset_key(&email), throttle: Throttle::RESET };
        let Some(network) = network else {
            self.count(&of_address, None, now).await?;
            return Ok(ResetRequest { email, counted_from: None, may_be_mailed: true });
        };
        let throttle = Throttle::RESET_BY_NETWORK.with_free_attempts(free);
        let of_network = Counter { key: reset_from_key(&network), throttle };
        let note = SignIn::known_key_of(&email, &network);
        let found = self.batch_get(vec![of_address.key.clone(), of_network.key.clone(), note.clone()]).await?;
        // Counted first, because this counter lets no one through who has to wait. A request that
        // is stopped here is counted nowhere else.
        self.count(&of_address, of_address.in_items(&found)?, now).await?;
        let has_room = of_network.wait_in(&found, now)?.is_none()
            && match self.count(&of_network, of_network.in_items(&found)?, now).await {
                Ok(_) => true,
                Err(AttemptError::TooMany(_)) => false,
                Err(error) => {
                    self.revert_count(&of_address.key).await;
                    return Err(error);
                }
            };
        let may_be_mailed = has_room || known_until(&found, &note) > now.unix_seconds();
        if !may_be_mailed {
            // Only the log records this, and an operator who looks for a flood has to find it.
            tracing::info!(network, "reset not heard");
        }
        Ok(ResetRequest { email, counted_from: has_room.then_some(network), may_be_mailed })
    }

    /// Records a password reset request, whether or not there is an account. The event does the
    /// rest. A request that is ignored is written as well, under a key that the stream's filter
    /// does not match, so that both take the same calls.
    pub async fn request_reset(&self, request: ResetRequest, now: Timestamp) -> Result<(), StoreError> {
        let id = EventId::new(now, clock::id_bytes());
        let event = AccountEvent { id, at: now, kind: AccountEventKind::PasswordResetRequested };
        let key = if request.may_be_mailed { Key::reset_request(id) } else { Key::ignored_reset_request(id) };
        let mut item = item_at(&key, &event)?;
        item.insert(EMAIL.to_owned(), text(request.email));
        item.extend(request.counted_from.map(|network| (NETWORK.to_owned(), text(network))));
        item.insert(EXPIRES_AT.to_owned(), number(now.plus_seconds(REQUEST_SECONDS).unix_seconds()));
        self.write(Write::put(traced(item))).await?;
        Ok(())
    }
}
