//! Changing the address of an account, which holds from its verification on.

use domain::id::{EventId, UserId};
use domain::time::Timestamp;
use domain::user::User;
use edges::auth::{EmailToken, InvalidToken, VERIFICATION_SECONDS};
use edges::store::StoreError;

use crate::{AccountError, Desk};

/// A token to hand on to the owner of a new address, because this deployment sends no mails.
#[derive(Clone, Debug)]
pub struct LinkToHandOn {
    pub token: EmailToken,
    pub expires_at: Timestamp,
}

impl Desk {
    /// Makes a token that verifies the address that an account is to have. Returns `None` if it is
    /// to have none, or is inactive.
    pub async fn begin_verification(&self, user: &User, now: Timestamp) -> Result<Option<LinkToHandOn>, StoreError> {
        if !user.awaits_verification() {
            return Ok(None);
        }
        let (token, expires_at) = (EmailToken::new(user.id), now.plus_seconds(VERIFICATION_SECONDS));
        self.store.begin_verification(&token, user, expires_at).await?;
        Ok(Some(LinkToHandOn { token, expires_at }))
    }

    /// Returns the account whose new address is to be verified by mail for this event, if it has
    /// not been mailed before.
    pub(crate) async fn email_change_to_mail(&self, user: UserId, event: EventId) -> Result<Option<User>, StoreError> {
        let user = self.store.user(user).await?.filter(User::awaits_verification);
        match user {
            Some(user) if !self.store.was_mailed(user.id, event).await? => Ok(Some(user)),
            _ => Ok(None),
        }
    }

    /// Gives an account the address that the token was mailed to.
    pub async fn verify_email(&self, token: &EmailToken, now: Timestamp) -> Result<(), AccountError> {
        if self.store.verify_email(token, now).await? {
            return Ok(());
        }
        Err(InvalidToken("verification token unknown, used or expired, or its address taken").into())
    }
}
