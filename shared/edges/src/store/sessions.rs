//! Devices signed in: one item for each family of refresh tokens.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    DeleteRequest, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update, WriteRequest,
};
use domain::id::{SessionId, UserId};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::item::{BATCH_TRIES_MAX, from_item, is_refused, number, text, to_item, unless_refused};
use super::keys::{self, EXPIRES_AT, Key, SESSION_PREFIX};
use super::query::{Filter, Stretch};
use super::{Page, Store, StoreError};
use crate::auth::TokenHash;
use crate::auth::refresh::RefreshToken;
use crate::clock;

/// Items one `BatchWriteItem` may write (DynamoDB developer guide, "Quotas").
const SESSIONS_PER_WRITE: usize = 25;

/// A device signed in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Identifies the device's sign-in.
    pub id: SessionId,
    /// Who signed in.
    pub user_id: UserId,
    /// The hash of what all refresh tokens of the family share.
    pub family_hash: TokenHash,
    /// The hash of the one refresh token that is good.
    pub token_hash: TokenHash,
    /// Which of the account's passwords it was begun with: once there is another, it gives out nothing any more.
    pub credential_version: u64,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When the session last gave out tokens.
    pub used_at: Timestamp,
    /// The second after which it gives out none, whatever is done until then (seconds since 1970, as DynamoDB's TTL wants it).
    pub expires_at: i64,
}

/// What came of rotating a refresh token.
#[derive(Debug)]
pub enum Rotation {
    /// The new token is the family's good one now.
    Rotated,
    /// The token belongs to the family and is not its good one: it was used before, or stolen.
    Reused,
    /// There is no such session, it is over, or the token was never one of its family.
    Refused,
}

impl Store {
    /// Begins a session. Its id is random, so there is none that it could replace.
    pub async fn begin_session(&self, session: &Session) -> Result<(), StoreError> {
        let mut item = to_item(session)?;
        item.extend(Key::session(session.user_id, session.id).to_item());
        self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await?;
        Ok(())
    }

    /// Up to `limit` of somebody's sessions that are not over, those begun first first.
    pub async fn sessions(
        &self,
        user: UserId,
        now: Timestamp,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Session>, StoreError> {
        let stretch = Stretch::of_table(keys::user_partition(user), SESSION_PREFIX, true);
        let mut filter = Filter::default();
        // DynamoDB removes an expired item within days, not at once.
        filter.add("#it > :it", EXPIRES_AT, Some(number(now.unix_seconds())));
        let start = after.map(|id| id.parse().map_err(|_| StoreError::InvalidPosition)).transpose()?;
        let start = start.map(|id| Key::session(user, id).to_item());
        self.page(&stretch, &filter, start, limit, |item| keys::after_prefix(item, SESSION_PREFIX)).await
    }

    /// Ends one of somebody's sessions. False if they have no such session.
    pub async fn end_session_of(&self, user: UserId, session: SessionId) -> Result<bool, StoreError> {
        self.delete(&Key::session(user, session)).await
    }

    /// Ends all of somebody's sessions that were begun until then, but the one to keep.
    ///
    /// # Errors
    /// [`StoreError`]; some sessions may have ended then, and the others end when this is asked again.
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

    /// Ends sessions as [`Store::end_sessions`] does, where they are over anyway by what was committed before: what is left
    /// of them is then cleared away by whoever handles the event of that.
    pub async fn clear_sessions(&self, user: UserId, begun_until: Timestamp, keep: Option<SessionId>) {
        if let Err(error) = self.end_sessions(user, begun_until, keep).await {
            tracing::warn!(user.id = %user, error = %error, "sessions are left for the worker");
        }
    }

    /// The write that lets a session go on with the account's next password, if it is not over.
    pub(super) fn keeping_session(
        &self,
        user: UserId,
        session: SessionId,
        credential_version: u64,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(Key::session(user, session).to_item()))
            .condition_expression("credential_version = :version AND #expires_at > :second")
            .update_expression("SET credential_version = :next")
            .expression_attribute_names("#expires_at", EXPIRES_AT)
            .expression_attribute_values(":version", number(credential_version))
            .expression_attribute_values(":next", number(credential_version + 1))
            .expression_attribute_values(":second", number(now.unix_seconds()))
            .build()
            .map_err(StoreError::corrupt)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    async fn delete_all(&self, deletes: Vec<WriteRequest>) -> Result<(), StoreError> {
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

    /// Makes `new` the good token of its session in place of `old`, if `old` is that now and the account's password still is that
    /// of the session: of any number of uses at once, one succeeds.
    pub async fn rotate(
        &self,
        old: &RefreshToken,
        new: &RefreshToken,
        credential_version: u64,
        now: Timestamp,
    ) -> Result<Rotation, StoreError> {
        let sent = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(Key::session(old.user_id, old.session_id).to_item()))
            .condition_expression(
                "family_hash = :family AND token_hash = :old AND #expires_at > :second AND credential_version = :version",
            )
            .update_expression("SET token_hash = :new, used_at = :now")
            .expression_attribute_names("#expires_at", EXPIRES_AT)
            .expression_attribute_values(":family", text(old.family_hash().to_string()))
            .expression_attribute_values(":old", text(old.token_hash().to_string()))
            .expression_attribute_values(":new", text(new.token_hash().to_string()))
            .expression_attribute_values(":now", text(now.to_string()))
            .expression_attribute_values(":second", number(now.unix_seconds()))
            .expression_attribute_values(":version", number(credential_version))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let error = match sent {
            Ok(_) => return Ok(Rotation::Rotated),
            Err(error) if is_refused(&error) => error,
            Err(error) => return Err(error.into()),
        };
        let item = match error.into_service_error() {
            UpdateItemError::ConditionalCheckFailedException(failed) => failed.item,
            _ => None,
        };
        let session: Option<Session> = item.map(from_item).transpose()?;
        Ok(match session.filter(|session| session.family_hash == old.family_hash()) {
            None => Rotation::Refused,
            // The SDK tried again after an answer that was lost: the first try did it.
            Some(session) if session.token_hash == new.token_hash() => Rotation::Rotated,
            Some(session) if session.credential_version != credential_version => Rotation::Refused,
            Some(_) => Rotation::Reused,
        })
    }

    /// Ends the session that a refresh token belongs to; a token that belongs to none ends nothing.
    pub async fn end_session(&self, token: &RefreshToken) -> Result<(), StoreError> {
        let sent = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(Key::session(token.user_id, token.session_id).to_item()))
            .condition_expression("family_hash = :family")
            .expression_attribute_values(":family", text(token.family_hash().to_string()))
            .send()
            .await;
        unless_refused(sent)?;
        Ok(())
    }
}

fn delete(key: &Key) -> Result<WriteRequest, StoreError> {
    let delete = DeleteRequest::builder().set_key(Some(key.to_item())).build().map_err(StoreError::corrupt)?;
    Ok(WriteRequest::builder().delete_request(delete).build())
}
