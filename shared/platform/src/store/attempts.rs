//! Attempts at passwords and resets, counted before they are made.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem, Update};
use domain::id::UserId;
use domain::throttle::{Attempts, Throttle, Wait};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::Cancelled;
use super::item::{from_item, number, text, to_item};
use super::keys::{EXPIRES_AT, Item, Key};
use super::{Store, StoreError};
use crate::auth::TokenHash;
use crate::clock;

/// What somebody attempts, and at whose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// To sign in with this address.
    SignIn {
        /// The address as it is compared.
        email: String,
    },
    /// To sign in from this network, with any address.
    SignInFrom {
        /// The network, as [`crate::http::Request::network`] names it.
        network: String,
    },
    /// To change this user's password.
    ChangePassword {
        /// Whose password.
        user: UserId,
    },
    /// To register from this network.
    RegisterFrom {
        /// The network, as [`crate::http::Request::network`] names it.
        network: String,
    },
    /// To be mailed a reset for this address.
    Reset {
        /// The address as it is compared.
        email: String,
    },
    /// To have resets mailed from this network, for any address.
    ResetFrom {
        /// The network, as [`crate::http::Request::network`] names it.
        network: String,
    },
}

impl Attempt {
    const fn throttle(&self) -> Throttle {
        match self {
            Self::SignIn { .. } | Self::ChangePassword { .. } => Throttle::PASSWORD,
            Self::SignInFrom { .. } => Throttle::PASSWORD_BY_NETWORK,
            Self::RegisterFrom { .. } => Throttle::REGISTRATION_BY_NETWORK,
            Self::Reset { .. } => Throttle::RESET,
            Self::ResetFrom { .. } => Throttle::RESET_BY_NETWORK,
        }
    }

    /// Addresses stand as their hashes, because what is typed may be anything, of any length.
    fn key(&self) -> Key {
        match self {
            Self::SignIn { email } => Key::attempts("sign-in", &TokenHash::of(email.as_bytes()).to_string()),
            Self::SignInFrom { network } => Key::attempts("sign-in-from", network),
            Self::ChangePassword { user } => Key::attempts("change-password", &user.to_string()),
            Self::RegisterFrom { network } => Key::attempts("register-from", network),
            Self::Reset { email } => Key::attempts("reset", &TokenHash::of(email.as_bytes()).to_string()),
            Self::ResetFrom { network } => Key::attempts("reset-from", network),
        }
    }

    /// Whether those who attempt it may be many: a right attempt then says nothing about those before it.
    const fn is_of_a_network(&self) -> bool {
        matches!(self, Self::SignInFrom { .. } | Self::RegisterFrom { .. } | Self::ResetFrom { .. })
    }
}

/// Why an attempt may not be made now.
#[derive(Debug)]
pub enum AttemptError {
    /// There were too many before it.
    TooMany(Wait),
    /// The table could not be read or written.
    Store(StoreError),
}

impl From<StoreError> for AttemptError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// How often attempts are counted anew because others were counted at the same time.
const TRIES_MAX: u32 = 12;

/// The name of the counter's attribute.
const COUNT: &str = "attempt_count";

#[derive(Serialize, Deserialize)]
struct Counted {
    attempt_count: u32,
    last_at: Timestamp,
    expires_at: i64,
}

impl Store {
    /// Counts attempts that are about to be made, all of them or none. Of many at once, each is counted.
    ///
    /// # Errors
    /// [`AttemptError`].
    pub async fn count_attempts(&self, attempts: &[Attempt], now: Timestamp) -> Result<(), AttemptError> {
        if attempts.is_empty() {
            return Ok(());
        }
        for tried in 0..TRIES_MAX {
            clock::pause_before(tried).await;
            let found = self.batch_get(attempts.iter().map(Attempt::key).collect()).await?;
            let writes = attempts.iter().map(|attempt| self.counting(attempt, &found, now));
            let writes: Vec<TransactWriteItem> = writes.collect::<Result<_, _>>()?;
            match self.transact(writes).await {
                Ok(()) => return Ok(()),
                Err(Cancelled::ConditionFailed(_) | Cancelled::Contended) => {}
                Err(cancelled) => return Err(StoreError::from(cancelled).into()),
            }
        }
        // So many come at once that this one found no gap to be counted in.
        Err(AttemptError::TooMany(Wait { seconds: 1 }))
    }

    /// The write that counts one attempt more, if nobody counted one since `found` was read.
    fn counting(&self, attempt: &Attempt, found: &[Item], now: Timestamp) -> Result<TransactWriteItem, AttemptError> {
        let key = attempt.key();
        let before = found.iter().find(|item| key.is_of(item)).cloned().map(from_item::<Counted>).transpose()?;
        let attempts = before.as_ref().map(|before| Attempts { count: before.attempt_count, last_at: before.last_at });
        let after = attempt.throttle().attempt(attempts, now).map_err(AttemptError::TooMany)?;
        let expires_at = attempt.throttle().forgotten_at(after.last_at).unix_seconds();
        let mut item = to_item(&Counted { attempt_count: after.count, last_at: after.last_at, expires_at })?;
        item.extend(key.to_item());
        let put = Put::builder().table_name(&self.table).set_item(Some(item));
        let put = match before {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(before) => put
                .condition_expression("#count = :count AND last_at = :last_at")
                .expression_attribute_names("#count", COUNT)
                .expression_attribute_values(":count", number(before.attempt_count))
                .expression_attribute_values(":last_at", text(before.last_at.to_string())),
        };
        Ok(TransactWriteItem::builder().put(put.build().map_err(StoreError::corrupt)?).build())
    }

    /// The writes that take back attempts which were right.
    pub(super) fn taking_back(
        &self,
        attempts: &[Attempt],
        now: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        attempts.iter().map(|attempt| self.taking_one_back(attempt, now)).collect()
    }

    fn taking_one_back(&self, attempt: &Attempt, now: Timestamp) -> Result<TransactWriteItem, StoreError> {
        let (key, write) = (attempt.key().to_item(), TransactWriteItem::builder());
        if !attempt.is_of_a_network() {
            let delete = Delete::builder().table_name(&self.table).set_key(Some(key)).build();
            return Ok(write.delete(delete.map_err(StoreError::corrupt)?).build());
        }
        // What was counted is there, unless it was forgotten meanwhile; then this leaves a counter at nothing.
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key))
            .update_expression(
                "SET #count = if_not_exists(#count, :one) - :one, last_at = if_not_exists(last_at, :now), \
                 #expires_at = if_not_exists(#expires_at, :second)",
            )
            .expression_attribute_names("#count", COUNT)
            .expression_attribute_names("#expires_at", EXPIRES_AT)
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":now", text(now.to_string()))
            .expression_attribute_values(":second", number(now.unix_seconds()))
            .build();
        Ok(write.update(update.map_err(StoreError::corrupt)?).build())
    }
}
