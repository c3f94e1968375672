//! Requests for a new password: which are counted, which are mailed, and which lead to nothing.
//!
//! Each counts for its address and, while the network it came from is not told to wait, for that.
//! A network that has to wait stops strangers and no account that is known there, as at a sign-in.
//! A stranger is not told: a refusal would say which accounts are known there. So the same calls
//! are made for both, and the same answer is given.

use domain::event::{AccountEvent, AccountEventKind};
use domain::id::EventId;
use domain::throttle::Throttle;
use domain::time::Timestamp;

use super::attempts::{AttemptError, Counter, reset_from_key, reset_key};
use super::item::{number, text, to_item, traced};
use super::keys::{EXPIRES_AT, Key};
use super::passwords::{EMAIL, NETWORK, REQUEST_SECONDS};
use super::sign_ins::known_until;
use super::{SignIn, Store, StoreError};
use crate::clock;

/// A request for a reset that was counted.
#[derive(Clone, Debug)]
pub struct ResetRequest {
    email: String,
    /// The network whose counter has it, and takes it back when the reset is finished.
    counted_from: Option<String>,
    is_heard: bool,
}

impl ResetRequest {
    /// Returns whether a mail may come of it.
    #[must_use]
    pub const fn is_heard(&self) -> bool {
        self.is_heard
    }
}

impl Store {
    /// Counts a request for a reset for this normalised address, from this network.
    ///
    /// # Errors
    /// [`AttemptError`]: too many were for this address.
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
            return Ok(ResetRequest { email, counted_from: None, is_heard: true });
        };
        let throttle = Throttle::RESET_BY_NETWORK.with_free(free);
        let of_network = Counter { key: reset_from_key(&network), throttle };
        let note = SignIn::note_of(&email, &network);
        let found = self.batch_get(vec![of_address.key.clone(), of_network.key.clone(), note.clone()]).await?;
        // First, because it lets nobody through who has to wait: who is stopped here is counted nowhere else.
        self.count(&of_address, of_address.in_items(&found)?, now).await?;
        let has_room = of_network.wait_in(&found, now)?.is_none()
            && match self.count(&of_network, of_network.in_items(&found)?, now).await {
                Ok(_) => true,
                Err(AttemptError::TooMany(_)) => false,
                Err(error) => {
                    self.take_back(&of_address.key).await;
                    return Err(error);
                }
            };
        let is_heard = has_room || known_until(&found, &note) > now.unix_seconds();
        if !is_heard {
            // Nobody else is told, and who looks for a flood has to find it.
            tracing::info!(network, "reset not heard");
        }
        Ok(ResetRequest { email, counted_from: has_room.then_some(network), is_heard })
    }

    /// Notes that somebody wants a reset, whether or not there is an account: the event says the
    /// rest. One that is not heard is written all the same, where the stream's filter takes no
    /// notice of it, so that both take the same calls.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn request_reset(&self, request: ResetRequest, now: Timestamp) -> Result<(), StoreError> {
        let id = EventId::new(now, clock::id_bytes());
        let event = AccountEvent { id, at: now, kind: AccountEventKind::PasswordResetRequested };
        let mut item = to_item(&event)?;
        let key = if request.is_heard { Key::reset_request(id) } else { Key::unheard_reset_request(id) };
        item.extend(key.to_item());
        item.insert(EMAIL.to_owned(), text(request.email));
        item.extend(request.counted_from.map(|network| (NETWORK.to_owned(), text(network))));
        item.insert(EXPIRES_AT.to_owned(), number(now.plus_seconds(REQUEST_SECONDS).unix_seconds()));
        self.client.put_item().table_name(&self.table).set_item(Some(traced(item))).send().await?;
        Ok(())
    }
}
