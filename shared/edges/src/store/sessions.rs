//! Sessions: one item for each family of refresh tokens.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{DeleteRequest, WriteRequest};
use domain::id::{SessionId, UserId};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::condition::{Changes, above, all, is};
use super::item::{BATCH_TRIES_MAX, from_item, item_at, number, text};
use super::keys::{self, EXPIRES_AT, Key, SESSION_PREFIX};
use super::query::KeyRange;
use super::transaction::Transaction;
use super::write::Write;
use super::{Page, Store, StoreError};
use crate::auth::TokenHash;
use crate::auth::refresh::RefreshToken;
use crate::aws::Call;
use crate::clock;

/// The maximum number of items per `BatchWriteItem` (DynamoDB developer guide, "Quotas").
const SESSIONS_PER_WRITE: usize = 25;

/// A signed-in device.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// The id of the session.
    pub id: SessionId,
    /// The user who signed in.
    pub user_id: UserId,
    /// The hash of the part that all refresh tokens of the family share.
    pub family_hash: TokenHash,
    /// The hash of the one valid refresh token.
    pub token_hash: TokenHash,
    /// The version of the password that the session was begun with. Once the account has another,
    /// the session issues no more tokens.
    pub credential_version: u64,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// When the session last issued tokens.
    pub used_at: Timestamp,
    /// The second after which the session issues no tokens, however active it is (seconds since
    /// 1970, as DynamoDB's TTL expects).
    pub expires_at: i64,
}

/// The result of rotating a refresh token.
#[derive(Debug)]
pub enum RotationResult {
    /// The new token is now the valid one of its family.
    Rotated,
    /// The token belongs to the family but is not the valid one. It was used before, or stolen.
    Reused,
    /// There is no such session, it has expired, or the token was never one of its family.
    Refused,
}

impl Store {
    /// Begins a session. Its id is random, so it cannot replace another session.
    pub async fn begin_session(&self, session: &Session) -> Result<(), StoreError> {
        self.write(Write::put(item_at(&Key::session(session.user_id, session.id), session)?)).await?;
        Ok(())
    }

    /// Returns up to `limit` unexpired sessions of a user, oldest first.
    pub async fn sessions(
        &self,
        user: UserId,
        now: Timestamp,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Session>, StoreError> {
        let range = KeyRange::of_table(keys::user_partition(user), SESSION_PREFIX, true);
        // DynamoDB removes an expired item within days, not at once.
        let filter = [above(EXPIRES_AT, number(now.unix_seconds()))];
        let start = after.map(|id| id.parse().map_err(|_| StoreError::InvalidPosition)).transpose()?;
        let start = start.map(|id| Key::session(user, id).to_item());
        self.page(&range, &filter, start, limit, |item| keys::after_prefix(item, SESSION_PREFIX)).await
    }

    /// Ends a session of a user. Returns false if they have no such session.
    pub async fn end_session_of(&self, user: UserId, session: SessionId) -> Result<bool, StoreError> {
        self.delete(Key::session(user, session)).await
    }

    /// Ends all sessions of a user that began no later than `begun_until`, except for `keep`.
    ///
    /// # Errors
    /// If it fails, some sessions may have ended. Another call ends the rest.
    pub async fn end_sessions(
        &self,
        user: UserId,
        begun_until: Timestamp,
        keep: Option<SessionId>,
    ) -> Result<(), StoreError> {
        let always = Timestamp::UNIX_EPOCH;
        let mut after: Option<String> = None;
        loop {
            let page = self.sessions(user, always, after.as_deref(), SESSIONS_PER_WRITE).await?;
            let ends = |session: &&Session| session.created_at <= begun_until && Some(session.id) != keep;
            let ended = page.items.iter().filter(ends);
            let deletes: Vec<WriteRequest> =
                ended.map(|session| delete(&Key::session(user, session.id))).collect::<Result<_, _>>()?;
            self.delete_all(deletes).await?;
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// Ends sessions as [`Store::end_sessions`] does, where the committed change has already
    /// invalidated them. Logs a failure, and leaves the rest to the handler of that change's event.
    pub async fn clear_sessions(&self, user: UserId, begun_until: Timestamp, keep: Option<SessionId>) {
        if let Err(error) = self.end_sessions(user, begun_until, keep).await {
            tracing::warn!(user.id = %user, error = %error, "sessions are left for the worker");
        }
    }

    fn delete_all(&self, deletes: Vec<WriteRequest>) -> Call<'_, Result<(), StoreError>> {
        Box::pin(self.write_batch(deletes))
    }

    async fn write_batch(&self, deletes: Vec<WriteRequest>) -> Result<(), StoreError> {
        if deletes.is_empty() {
            return Ok(());
        }
        let mut left = HashMap::from([(self.table.clone(), deletes)]);
        for tried in 0..BATCH_TRIES_MAX {
            clock::pause_before(tried).await;
            let request = self.client.batch_write_item().set_request_items(Some(left));
            left = request.send().await?.unprocessed_items.unwrap_or_default();
            if left.is_empty() {
                return Ok(());
            }
        }
        Err(StoreError::Unavailable("sessions were left unprocessed".into()))
    }

    /// Replaces the valid token `old` of a session by `new`, if `old` is still valid and the
    /// account's password is still that of the session. Of any number of concurrent uses, one
    /// succeeds.
    pub async fn rotate(
        &self,
        old: &RefreshToken,
        new: &RefreshToken,
        credential_version: u64,
        now: Timestamp,
    ) -> Result<RotationResult, StoreError> {
        let valid = all([
            is("family_hash", text(old.family_hash().to_string())),
            is("token_hash", text(old.token_hash().to_string())),
            above(EXPIRES_AT, number(now.unix_seconds())),
            is("credential_version", number(credential_version)),
        ]);
        let changes =
            Changes::new().set("token_hash", text(new.token_hash().to_string())).set("used_at", text(now.to_string()));
        let Err(item) = self.update_or_find(&Key::session(old.user_id, old.session_id), changes, valid).await? else {
            return Ok(RotationResult::Rotated);
        };
        let session: Option<Session> = item.map(from_item).transpose()?;
        Ok(match session.filter(|session| session.family_hash == old.family_hash()) {
            None => RotationResult::Refused,
            // The SDK retried after a lost response. The first try succeeded.
            Some(session) if session.token_hash == new.token_hash() => RotationResult::Rotated,
            Some(session) if session.credential_version != credential_version => RotationResult::Refused,
            Some(_) => RotationResult::Reused,
        })
    }

    /// Ends the session that a refresh token belongs to. Does nothing if it belongs to none.
    pub async fn end_session(&self, token: &RefreshToken) -> Result<(), StoreError> {
        let deletion = Write::delete(Key::session(token.user_id, token.session_id));
        let same_family = is("family_hash", text(token.family_hash().to_string()));
        // Refused: the session has ended, or the token is of an earlier one.
        self.write_if(deletion, same_family).await?.either_way();
        Ok(())
    }
}

impl<R> Transaction<R> {
    /// Lets an unexpired session continue with the account's next password.
    pub(super) fn keep_session(
        self,
        user: UserId,
        session: SessionId,
        credential_version: u64,
        now: Timestamp,
        refusal: R,
    ) -> Self {
        let continues =
            all([is("credential_version", number(credential_version)), above(EXPIRES_AT, number(now.unix_seconds()))]);
        self.update(
            Key::session(user, session),
            Changes::new().set("credential_version", number(credential_version + 1)),
        )
        .when(continues)
        .or(refusal)
    }
}

fn delete(key: &Key) -> Result<WriteRequest, StoreError> {
    let delete = DeleteRequest::builder().set_key(Some(key.to_item())).build().map_err(StoreError::corrupt)?;
    Ok(WriteRequest::builder().delete_request(delete).build())
}
