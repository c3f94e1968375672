//! Sessions: one item for each family of refresh tokens.

use std::convert::Infallible;

use domain::audit::AuditAction;
use domain::id::{SessionId, UserId};
use domain::permission::Actor;
use domain::time::Timestamp;
use domain::user::Person;
use serde::{Deserialize, Serialize};

use super::audit::about_account;
use super::condition::{Changes, Condition, above, all, any, below, is, lacks, present};
use super::item::{from_item, item_at, number, text};
use super::keys::{self, EXPIRES_AT, Key, SESSION_PREFIX};
use super::query::KeyRange;
use super::transaction::Transaction;
use super::write::Write;
use super::{Page, Store, StoreError};
use crate::auth::TokenHash;
use crate::auth::refresh::{OVERLAP_SECONDS, REST_SECONDS, RefreshToken, RotationNonce, SESSION_SECONDS};

/// A signed-in device.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// The id of the session.
    pub id: SessionId,
    /// The user who signed in.
    pub user_id: UserId,
    /// The hash of the part that all refresh tokens of the family share.
    pub family_hash: TokenHash,
    /// The hash of the current refresh token.
    pub token_hash: TokenHash,
    /// The hash of the token that the current one replaced. None if the current one is the first,
    /// or was issued by a version that did not store it.
    #[serde(default)]
    pub previous_hash: Option<TokenHash>,
    /// The nonce that the current token was derived with.
    #[serde(default)]
    pub nonce: Option<RotationNonce>,
    /// The version of the password that the session was begun with. Once the account has another,
    /// the session issues no more tokens.
    pub credential_version: u64,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// When the current refresh token was issued.
    pub used_at: Timestamp,
    /// The second after which the session issues no tokens, however active it is (seconds since
    /// 1970, as DynamoDB's TTL expects).
    pub expires_at: i64,
}

impl Session {
    /// Returns the session that `token`, its first one, begins.
    #[must_use]
    pub fn begin(token: &RefreshToken, credential_version: u64, now: Timestamp) -> Self {
        Self {
            id: token.session_id,
            user_id: token.user_id,
            family_hash: token.family_hash(),
            token_hash: token.token_hash(),
            previous_hash: None,
            nonce: None,
            credential_version,
            created_at: now,
            used_at: now,
            expires_at: now.plus_seconds(SESSION_SECONDS).unix_seconds(),
        }
    }

    /// Returns the result of using `token` if it did not rotate the session.
    ///
    /// | token | within the overlap | after it |
    /// |---|---|---|
    /// | the current one | itself | itself, as long as it rests |
    /// | the one before | the current one | `Reused` |
    /// | an older one | `Reused` | `Reused` |
    /// | of another family | `Refused` | `Refused` |
    fn repeated(&self, token: &RefreshToken, credential_version: u64, now: Timestamp) -> RotationResult {
        let continues = self.credential_version == credential_version && self.expires_at > now.unix_seconds();
        if self.family_hash != token.family_hash() || !continues {
            return RotationResult::Refused;
        }
        let hash = token.token_hash();
        if hash == self.token_hash {
            return RotationResult::Rotated(token.clone());
        }
        let is_before = self.previous_hash.as_ref() == Some(&hash) && now <= self.used_at.plus_seconds(OVERLAP_SECONDS);
        let next = self.nonce.filter(|_| is_before).map(|nonce| token.next(&nonce));
        // A function of the previous version replaces the current token only. The nonce is then
        // that of an earlier one.
        match next.filter(|next| next.token_hash() == self.token_hash) {
            Some(next) => RotationResult::Rotated(next),
            None => RotationResult::Reused,
        }
    }
}

/// The result of using a refresh token.
#[derive(Debug)]
pub enum RotationResult {
    /// The session continues with this token.
    Rotated(RefreshToken),
    /// The token belongs to the family but was replaced, and not just now. The device or a thief
    /// holds a copy.
    Reused,
    /// There is no such session, it has expired, the password has changed, or the token was never
    /// one of the family.
    Refused,
}

impl Store {
    /// Begins a session of a person. Its id is random, so it cannot replace another session.
    pub async fn begin_session(&self, session: &Session, person: Person) -> Result<(), StoreError> {
        let action = AuditAction::SignedIn { session_id: session.id };
        let entry = about_account(Actor::of(&person), &person, action, session.created_at);
        let item = item_at(&Key::session(session.user_id, session.id), session)?;
        let Ok(()) = Transaction::<Infallible>::new().put(item).unconditionally().audited(&entry)?.commit(self).await?;
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
        let filter = [unexpired(now)];
        let start = after.map(|id| id.parse().map_err(|_| StoreError::InvalidPosition)).transpose()?;
        let start = start.map(|id| Key::session(user, id).to_item());
        self.page(&range_of(user), &filter, start, limit, |item| keys::after_prefix(item, SESSION_PREFIX)).await
    }

    /// Ends a session of a person, as they ask. Returns false if they have no such session. The SDK
    /// retries the transaction under the same token: a session ended by a try whose response was
    /// lost is then not reported as missing.
    pub async fn end_session_of(
        &self,
        person: &Person,
        session: SessionId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        struct Missing;
        let entry = about_account(Actor::of(person), person, AuditAction::SessionEnded { session_id: session }, now);
        let deletion = Transaction::new().delete(Key::session(person.id, session)).when(present()).or(Missing);
        Ok(deletion.audited(&entry)?.commit(self).await?.is_ok())
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
        let ends = |session: &Session| session.created_at <= begun_until && Some(session.id) != keep;
        self.delete_those(&range_of(user), ends).await
    }

    /// Ends sessions as [`Store::end_sessions`] does, where the committed change has already
    /// invalidated them. Logs a failure, and leaves the rest to the handler of that change's event.
    pub async fn clear_sessions(&self, user: UserId, begun_until: Timestamp, keep: Option<SessionId>) {
        if let Err(error) = self.end_sessions(user, begun_until, keep).await {
            tracing::warn!(user.id = %user, error = %error, "sessions are left for the worker");
        }
    }

    /// Replaces the current token `old` of a session by the next one, if the account's password is
    /// still that of the session.
    ///
    /// For [`REST_SECONDS`] after a rotation nothing is replaced again: the current token is
    /// answered with itself and, for [`OVERLAP_SECONDS`], the one before with the current one. So
    /// it does not matter in which order the requests of a device arrive, how often they are
    /// repeated, and which answers are lost. None of them prolongs these times, because they write
    /// nothing.
    pub async fn rotate(
        &self,
        old: &RefreshToken,
        nonce: RotationNonce,
        credential_version: u64,
        now: Timestamp,
    ) -> Result<RotationResult, StoreError> {
        let next = old.next(&nonce);
        // A session's first token is replaced at once. Times have a fixed width, so they compare
        // as texts.
        let is_due = any([lacks("previous_hash"), below("used_at", text(now.plus_seconds(-REST_SECONDS).to_string()))]);
        let valid = all([
            is("family_hash", text(old.family_hash().to_string())),
            is("token_hash", text(old.token_hash().to_string())),
            continues(credential_version, now),
            is_due,
        ]);
        let changes = Changes::new()
            .set("token_hash", text(next.token_hash().to_string()))
            .set("previous_hash", text(old.token_hash().to_string()))
            .set("nonce", text(nonce))
            .set("used_at", text(now.to_string()));
        let Err(item) = self.update_or_find(&Key::session(old.user_id, old.session_id), changes, valid).await? else {
            return Ok(RotationResult::Rotated(next));
        };
        let session: Option<Session> = item.map(from_item).transpose()?;
        // If the SDK retried after a lost response, the first try rotated: `old` is the one before.
        Ok(session.map_or(RotationResult::Refused, |session| session.repeated(old, credential_version, now)))
    }

    /// Ends the session that a refresh token belongs to. Does nothing if it belongs to none.
    pub async fn end_session(&self, token: &RefreshToken) -> Result<(), StoreError> {
        let deletion = Write::delete(Key::session(token.user_id, token.session_id));
        // Refused: the session has ended, or the token is of an earlier one.
        self.write_if(deletion, same_family(token)).await?.either_way();
        Ok(())
    }

    /// Ends the session of a person whose refresh token was used before. Does nothing if it has
    /// ended.
    pub async fn end_reused_session(
        &self,
        token: &RefreshToken,
        person: &Person,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        /// The session has ended.
        struct Ended;
        let action = AuditAction::RefreshTokenReused { session_id: token.session_id };
        let entry = about_account(Actor::of(&Person::system()), person, action, now);
        let session = Key::session(token.user_id, token.session_id);
        let deletion = Transaction::new().delete(session).when(same_family(token)).or(Ended);
        let (Ok(()) | Err(Ended)) = deletion.audited(&entry)?.commit(self).await?;
        Ok(())
    }
}

/// Returns the range of a user's sessions, oldest first.
fn range_of(user: UserId) -> KeyRange {
    KeyRange::of_table(keys::user_partition(user), SESSION_PREFIX, true)
}

/// Requires that a session has not expired. DynamoDB removes an expired item within days, not at
/// once.
fn unexpired(now: Timestamp) -> Condition {
    above(EXPIRES_AT, number(now.unix_seconds()))
}

/// Requires that a session has not expired and was begun with this version of the password.
pub(super) fn continues(credential_version: u64, now: Timestamp) -> Condition {
    all([is("credential_version", number(credential_version)), unexpired(now)])
}

/// Requires that a session is of the token's family.
fn same_family(token: &RefreshToken) -> Condition {
    is("family_hash", text(token.family_hash().to_string()))
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
        self.update(
            Key::session(user, session),
            Changes::new().set("credential_version", number(credential_version + 1)),
        )
        .when(continues(credential_version, now))
        .or(refusal)
    }
}
