//! Registrations: requests to register an address, which become an account with a mailed token.
//!
//! A request is recorded in the same way for every address. Who has an account is looked up only
//! when its event is handled, so no response reveals it.

use domain::event::{AccountEvent, AccountEventKind};
use domain::id::EventId;
use domain::language::Language;
use domain::limit::Hour;
use domain::text::PersonName;
use domain::time::Timestamp;
use domain::user::{EmailAddress, Registration, User};
use serde::{Deserialize, Serialize};

use super::condition::{Changes, above, absent, present};
use super::item::{from_item, item_at, number, take, to_item, traced};
use super::keys::{EXPIRES_AT, Key};
use super::passwords::REQUEST_SECONDS;
use super::transaction::Transaction;
use super::users::registration;
use super::write::Write;
use super::{ChangeUserError, Forgotten, SignIn, Store, StoreError};
use crate::auth::TokenHash;
use crate::auth::registration::{REGISTRATION_SECONDS, RegistrationToken};
use crate::clock;

/// The attribute of a request that says that its link was mailed.
const MAILED: &str = "mailed";

/// A request to register an address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingRegistration {
    pub name: PersonName,
    pub email: EmailAddress,
    /// The language to write to the person in.
    pub language: Language,
    /// Whether its link was mailed.
    #[serde(default)]
    mailed: bool,
    /// The second from which no link of it is valid.
    expires_at: i64,
}

/// A stored registration token.
#[derive(Serialize, Deserialize)]
struct StoredToken {
    expires_at: i64,
}

/// The result of using a registration token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum FinishRegistrationResult {
    /// The account is created.
    Done,
    /// The token was used or has expired, or the address has an account by now.
    Refused,
}

/// The reason why a request is not recorded: one for the same address was in the same hour.
struct RequestedBefore;

impl Store {
    /// Records a request to register an address, with the event that causes the mail, unless one
    /// for the same address was recorded in the same clock hour. The caller does not learn which:
    /// an address gets one mail an hour.
    pub async fn request_registration(
        &self,
        Registration { name, email }: Registration,
        language: Language,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (id, hour) = (EventId::new(now, clock::id_bytes()), Hour::of(now));
        let event = AccountEvent { id, at: now, kind: AccountEventKind::RegistrationRequested };
        let mut hourly = Key::registration_mail(&TokenHash::of(email.normalised().as_bytes()), hour).to_item();
        hourly.insert(EXPIRES_AT.to_owned(), number(hour.end()));
        // The event may be handled a day later, and the link is then valid for another.
        let expires_at = now.plus_seconds(REQUEST_SECONDS + REGISTRATION_SECONDS).unix_seconds();
        let pending = PendingRegistration { name, email, language, mailed: false, expires_at };
        let mut request = item_at(&Key::registration(id), &event)?;
        request.extend(to_item(&pending)?);
        let writes = Transaction::new().put(hourly).when(absent()).or(RequestedBefore);
        let writes = writes.put(traced(request)).when(absent()).or(RequestedBefore);
        if writes.or_if_contended(RequestedBefore).commit(self).await?.is_err() {
            tracing::info!("this address was registered in this hour before");
        }
        Ok(())
    }

    /// Returns a request whose mail is still to be sent. Returns `None` if it was sent, or if the
    /// request has expired or was removed.
    pub async fn registration_to_mail(
        &self,
        request: EventId,
        now: Timestamp,
    ) -> Result<Option<PendingRegistration>, StoreError> {
        let found = self.get(&Key::registration(request)).await?.map(from_item::<PendingRegistration>).transpose()?;
        // A link that is mailed later would not be valid for as long as the mail says.
        let until = now.plus_seconds(REGISTRATION_SECONDS).unix_seconds();
        let unmailed = found.filter(|request| !request.mailed);
        let in_time = unmailed.filter(|found| {
            let in_time = found.expires_at >= until;
            if !in_time {
                tracing::warn!(event_id = %request, "registration not mailed: it was requested more than a day ago");
            }
            in_time
        });
        Ok(in_time)
    }

    /// Stores a token of a request.
    pub async fn begin_registration(&self, token: &RegistrationToken, expires_at: Timestamp) -> Result<(), StoreError> {
        let stored = StoredToken { expires_at: expires_at.unix_seconds() };
        self.write(Write::put(item_at(&Key::registration_token(token.request, &token.hash()), &stored)?)).await?;
        Ok(())
    }

    /// Records that the link of a request was mailed. If its event is received again, no further
    /// mail is sent.
    pub async fn record_registration_mailed(&self, request: EventId) -> Result<(), StoreError> {
        let mailed = Changes::new().set(MAILED, aws_sdk_dynamodb::types::AttributeValue::Bool(true));
        // Refused: the link was used already.
        self.write_if(Write::update(Key::registration(request), mailed), present()).await?.either_way();
        Ok(())
    }

    /// Removes a request that leads to no account.
    pub async fn end_registration(&self, request: EventId) -> Result<(), StoreError> {
        self.write(Write::delete(Key::registration(request))).await?;
        Ok(())
    }

    /// Returns the request that a token completes, or `None` if the token is not valid.
    pub async fn pending_registration(
        &self,
        token: &RegistrationToken,
        now: Timestamp,
    ) -> Result<Option<PendingRegistration>, StoreError> {
        let keys = [Key::registration(token.request), Key::registration_token(token.request, &token.hash())];
        let mut items = self.batch_get(keys.to_vec()).await?;
        let stored = take(&mut items, &keys[1]).map(from_item::<StoredToken>).transpose()?;
        let request = take(&mut items, &keys[0]).map(from_item::<PendingRegistration>).transpose()?;
        let is_valid = |expires_at| expires_at > now.unix_seconds();
        let request = request.filter(|request| is_valid(request.expires_at));
        Ok(request.filter(|_| stored.is_some_and(|stored| is_valid(stored.expires_at))))
    }

    /// Creates the account of a request and consumes the request and its token, in one transaction.
    /// The person's mails are written in the language until they choose one. The account is known
    /// from then on in the network of `from`.
    pub async fn finish_registration(
        &self,
        token: &RegistrationToken,
        user: &User,
        language: Language,
        password_hash: String,
        from: &SignIn,
    ) -> Result<FinishRegistrationResult, StoreError> {
        let now = user.created_at;
        let unexpired = || above(EXPIRES_AT, number(now.unix_seconds()));
        // Each refusal means the same: what the token stands for cannot be done any more.
        let writes = registration(user, password_hash)?
            .delete(Key::registration(token.request))
            .when(unexpired())
            .or(ChangeUserError::EmailTaken)
            .delete(Key::registration_token(token.request, &token.hash()))
            .when(unexpired())
            .or(ChangeUserError::EmailTaken)
            .or_if_contended(ChangeUserError::EmailTaken)
            // The default costs no write.
            .written_to_in(user.id, Some(language).filter(|language| *language != Language::default()))?
            // The token proves that the address is theirs, so the next sign-in need not wait.
            .forget(&[Forgotten::SignIns(from)])
            .record_known_network(from, now);
        let done = writes.commit(self).await?.is_ok();
        Ok(if done { FinishRegistrationResult::Done } else { FinishRegistrationResult::Refused })
    }
}
