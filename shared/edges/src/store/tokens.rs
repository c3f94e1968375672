//! API tokens: made, used and revoked.

use std::collections::HashMap;

use domain::audit::AuditAction;
use domain::id::{SessionId, TokenId, UserId};
use domain::limit::{Hour, LimitReached};
use domain::permission::Actor;
use domain::time::Timestamp;
use domain::token::{ApiToken, TOKENS_MAX, TOKENS_PER_HOUR};
use domain::user::{Person, User};
use serde::Deserialize;

use super::account_items::{VERSION, active, active_service};
use super::audit::about_account;
use super::condition::{Changes, above, absent, any, is, lacks, present};
use super::counted::{CREATE_TRIES_MAX, MadeBefore};
use super::item::{from_item, item_at, number, number_in, take, text};
use super::keys::{self, EXPIRES_AT, Item, Key, TOKEN_PREFIX};
use super::query::KeyRange;
use super::sessions::continues;
use super::transaction::Transaction;
use super::write::Write;
use super::{Page, Store, StoreError};
use crate::auth::ApiTokenSecret;
use crate::clock;

/// How long the day of a token's last use is kept, in seconds: longer than a year, so that a token
/// for a yearly task is not taken for an unused one.
const USE_KEPT_SECONDS: i64 = 400 * 24 * 60 * 60;

/// The counter's attributes for the number of tokens made in the hour of the last one. They are
/// changed with the count of all, so no limit is exceeded however many are made at once.
const HOUR: &str = "hour";
const MADE_IN_HOUR: &str = "made_in_hour";
/// The attribute of a token that holds the hash of its secret.
const HASH: &str = "hash";
/// The attribute of the last use.
const DAY: &str = "day";

/// The item of a token's last use.
#[derive(Deserialize)]
struct LastUse {
    day: String,
}

/// A valid token, as a request found it.
#[derive(Debug)]
pub struct TokenInUse {
    /// The token.
    pub token: ApiToken,
    /// The person it belongs to, with the name and role they have now.
    pub user: User,
    /// The account that the request asks to act for, if it asks for one that exists.
    pub acts_for: Option<User>,
    /// Whether this is its first use today.
    pub is_first_today: bool,
}

/// The person who makes a token, and the account that it is for.
#[derive(Clone, Copy, Debug)]
pub struct TokenMaker<'a> {
    /// The person.
    pub person: &'a Person,
    /// Their session, which must not have ended.
    pub session_id: SessionId,
    /// The service account that it is for. `None` if it is the person's own. Only admins make
    /// tokens of service accounts.
    pub service: Option<&'a Person>,
}

/// The reason why a token was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateTokenError {
    /// The person's account is deactivated.
    #[error("the account is deactivated")]
    Inactive,
    /// The person making it is no longer an active admin.
    #[error("the caller is no longer an active admin")]
    NotAnAdmin,
    /// The account that it is for is not an active service account.
    #[error("not an active service account")]
    NotAServiceAccount,
    /// There is no such account.
    #[error("there is no such account")]
    NoAccount,
    /// The session in which it was to be made has ended.
    #[error("the session has ended")]
    SignedOut,
    /// As many tokens of the account were made in this hour as may be.
    #[error("the limit of tokens in an hour has been reached")]
    LimitReached(LimitReached),
    /// The person has as many tokens as they may have.
    #[error("the limit of tokens has been reached")]
    TooMany,
    /// Other tokens were created on every try.
    #[error("other requests kept creating tokens")]
    Contended,
    /// The table could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The reason why a token was not revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeTokenError {
    /// The account has no such token.
    #[error("there is no such token")]
    Missing,
    /// The person revoking it is no longer an active admin.
    #[error("the caller is no longer an active admin")]
    NotAnAdmin,
    /// The table could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The reason why a token was not written.
#[derive(Clone)]
enum Refused {
    Inactive,
    NotAnAdmin,
    NotAServiceAccount,
    SignedOut,
    /// Another token was made since they were counted, or is being made.
    Stale,
}

impl Store {
    /// Stores a new token, if the person who makes it is signed in and its account has room for one
    /// more.
    ///
    /// An access token outlives its session by minutes, and must not become a token for years. So
    /// the session has to be there at this moment, with the account's present password.
    pub async fn create_token(
        &self,
        token: &ApiToken,
        secret: &ApiTokenSecret,
        maker: TokenMaker<'_>,
        now: Timestamp,
    ) -> Result<(), CreateTokenError> {
        let (user, person) = (token.user_id, maker.person);
        let action = AuditAction::TokenCreated { token_id: token.id, scopes: token.scopes };
        let entry = about_account(Actor::of(person), maker.service.unwrap_or(person), action, now);
        let mut item = item_at(&Key::token(user, token.id), token)?;
        item.insert(HASH.to_owned(), text(secret.hash().to_string()));
        let (counter, credential, session) =
            (Key::token_counter(user), Key::credential(person.id), Key::session(person.id, maker.session_id));
        let hour = Hour::of(now);
        for tried in 0..CREATE_TRIES_MAX {
            clock::pause_before(tried).await;
            let mut items = self.batch_get(vec![counter.clone(), credential.clone()]).await?;
            let version = take(&mut items, &credential).and_then(|item| number_in(&item, VERSION));
            let made = take(&mut items, &counter);
            let before = MadeBefore::read(made.as_ref());
            let in_hour = made_in_hour(made.as_ref(), hour);
            let valid = self.tokens(user, now, None, TOKENS_MAX).await?;
            if valid.items.len() >= TOKENS_MAX || valid.next.is_some() {
                return Err(CreateTokenError::TooMany);
            }
            if in_hour >= TOKENS_PER_HOUR.per_hour {
                return Err(CreateTokenError::LimitReached(TOKENS_PER_HOUR.reached(now)));
            }
            let version: u64 = version.ok_or(CreateTokenError::SignedOut)?;
            let writes = by_maker(maker)
                .check(session.clone())
                .when(continues(version, now))
                .or(Refused::SignedOut)
                .check(credential.clone())
                .when(is(VERSION, number(version)))
                .or(Refused::SignedOut)
                .put(item.clone())
                .when(absent())
                .or(Refused::Stale)
                .count_one_more(counter.clone(), before, counted(in_hour + 1, hour), Refused::Stale)
                .audited(&entry)?;
            match writes.commit(self).await? {
                Ok(()) => return Ok(()),
                Err(Refused::Inactive) => return Err(CreateTokenError::Inactive),
                Err(Refused::NotAnAdmin) => return Err(CreateTokenError::NotAnAdmin),
                Err(Refused::NotAServiceAccount) => return Err(CreateTokenError::NotAServiceAccount),
                Err(Refused::SignedOut) => return Err(CreateTokenError::SignedOut),
                Err(Refused::Stale) => {}
            }
        }
        Err(CreateTokenError::Contended)
    }

    /// Returns up to `limit` valid tokens of a user, oldest first.
    pub async fn tokens(
        &self,
        user: UserId,
        now: Timestamp,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<ApiToken>, StoreError> {
        // DynamoDB removes an expired item within days, not at once.
        let valid = any([lacks(EXPIRES_AT), above(EXPIRES_AT, number(now.unix_seconds()))]);
        let start = after.map(|id| id.parse().map_err(|_| StoreError::InvalidPosition)).transpose()?;
        let start = start.map(|id| Key::token(user, id).to_item());
        self.page(&range_of(user), &[valid], start, limit, |item| keys::after_prefix(item, TOKEN_PREFIX)).await
    }

    /// Returns the days in UTC on which tokens of a user were last used. Takes at most 100 tokens
    /// (`DynamoDB`'s `BatchGetItem`).
    pub async fn token_uses(
        &self,
        user: UserId,
        tokens: impl Iterator<Item = TokenId>,
    ) -> Result<HashMap<TokenId, String>, StoreError> {
        let items = self.batch_get(tokens.map(|token| Key::token_use(user, token)).collect()).await?;
        let day_in = |item: Item| Ok((id_in(&item)?, from_item::<LastUse>(item)?.day));
        items.into_iter().map(day_in).collect()
    }

    /// Returns the token of these credentials with its owner, and the account to act for if there is
    /// one, in one call. Returns `None` if the token is unknown, was revoked or has expired, or if
    /// the owner's account is deactivated.
    pub async fn token_in_use(
        &self,
        secret: &ApiTokenSecret,
        acts_for: Option<UserId>,
        now: Timestamp,
    ) -> Result<Option<TokenInUse>, StoreError> {
        let (user, id) = (secret.user_id, secret.token_id);
        let [token, profile, last_use] = [Key::token(user, id), Key::profile(user), Key::token_use(user, id)];
        // `DynamoDB` accepts each key once, and no account acts for itself.
        let acts_for = acts_for.filter(|other| *other != user).map(Key::profile);
        let keys = [token.clone(), profile.clone(), last_use.clone()].into_iter().chain(acts_for.clone());
        let mut items = self.batch_get(keys.collect()).await?;
        let acts_for = acts_for.and_then(|profile| take(&mut items, &profile)).map(from_item).transpose()?;
        let (Some(token), Some(profile)) = (take(&mut items, &token), take(&mut items, &profile)) else {
            return Ok(None);
        };
        let is_its_hash = token.get(HASH) == Some(&text(secret.hash().to_string()));
        let (token, user): (ApiToken, User) = (from_item(token)?, from_item(profile)?);
        if !is_its_hash || !token.is_valid_at(now) || !user.active {
            return Ok(None);
        }
        // It is shown to people, and decides nothing, so one that cannot be read counts as none.
        let last_use = take(&mut items, &last_use).and_then(|item| from_item::<LastUse>(item).ok());
        let is_first_today = last_use.is_none_or(|last_use| last_use.day < day_of(now));
        Ok(Some(TokenInUse { token, user, acts_for, is_first_today }))
    }

    /// Records the day of a token's use.
    pub async fn record_token_use(&self, user: UserId, token: TokenId, now: Timestamp) -> Result<(), StoreError> {
        let kept_until = now.plus_seconds(USE_KEPT_SECONDS).unix_seconds();
        let changes = Changes::new().set(DAY, text(day_of(now))).set(EXPIRES_AT, number(kept_until));
        self.write(Write::update(Key::token_use(user, token), changes)).await
    }

    /// Revokes a token of `owner`, as they ask, or as `admin` asks, who has to be an active admin
    /// at that moment.
    pub async fn revoke_token(
        &self,
        owner: &Person,
        token: TokenId,
        admin: Option<Actor<'_>>,
        now: Timestamp,
    ) -> Result<(), RevokeTokenError> {
        let writes = match admin {
            Some(admin) => Transaction::by_admin(admin.person.id, RevokeTokenError::NotAnAdmin),
            None => Transaction::new(),
        };
        let action = AuditAction::TokenRevoked { token_id: token };
        let entry = about_account(admin.unwrap_or(Actor::of(owner)), owner, action, now);
        let writes = writes.delete(Key::token(owner.id, token)).when(present()).or(RevokeTokenError::Missing);
        writes.audited(&entry)?.commit(self).await?
    }

    /// Removes all tokens of a user that were made no later than `made_until`.
    ///
    /// # Errors
    /// If it fails, some tokens may have been removed. Another call removes the rest.
    pub async fn end_tokens(&self, user: UserId, made_until: Timestamp) -> Result<(), StoreError> {
        self.delete_those(&range_of(user), |token: &ApiToken| token.created_at <= made_until).await
    }
}

/// Returns how many tokens of an account were made in this hour, by the item that counts them.
fn made_in_hour(counter: Option<&Item>, hour: Hour) -> u32 {
    let of_hour = counter.filter(|item| number_in(item, HOUR) == Some(hour.number()));
    of_hour.and_then(|item| number_in(item, MADE_IN_HOUR)).unwrap_or(0)
}

/// Counts so many tokens for this hour.
fn counted(in_hour: u32, hour: Hour) -> Changes {
    Changes::new().set(HOUR, number(hour.number())).set(MADE_IN_HOUR, number(in_hour))
}

/// Returns the range of a user's tokens, oldest first.
fn range_of(user: UserId) -> KeyRange {
    KeyRange::of_table(keys::user_partition(user), TOKEN_PREFIX, true)
}

/// Returns a transaction that requires the accounts of the person and of the service account to be
/// what they have to be.
fn by_maker(maker: TokenMaker<'_>) -> Transaction<Refused> {
    let own = Key::profile(maker.person.id);
    match maker.service {
        None => Transaction::new().check(own).when(active()).or(Refused::Inactive),
        Some(service) => Transaction::by_admin(maker.person.id, Refused::NotAnAdmin)
            .check(Key::profile(service.id))
            .when(active_service())
            .or(Refused::NotAServiceAccount),
    }
}

/// Returns the day of a time in UTC, as in `2026-11-27`.
fn day_of(now: Timestamp) -> String {
    now.to_string().chars().take_while(|character| *character != 'T').collect()
}

/// Returns the id in the sort key of a last use.
fn id_in(item: &Item) -> Result<TokenId, StoreError> {
    let id = keys::after_prefix(item, "").and_then(|id| id.parse().ok());
    id.ok_or_else(|| StoreError::corrupt("the last use of no token"))
}
