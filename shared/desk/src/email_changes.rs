//! Changing the address of an account, which holds from its verification on.

use domain::id::UserId;
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

    /// Returns the account whose new address an event asked for then. Returns `None` if the change
    /// ended or was replaced since: the later change has an event of its own.
    pub(crate) async fn email_change_to_mail(&self, user: UserId, at: Timestamp) -> Result<Option<User>, StoreError> {
        let user = self.store.user(user).await?.filter(User::awaits_verification);
        Ok(user.filter(|user| user.pending_since.is_none_or(|since| since <= at)))
    }

    /// Gives an account the address that the token was mailed to.
    pub async fn verify_email(&self, token: &EmailToken, now: Timestamp) -> Result<(), AccountError> {
        if self.store.verify_email(token, now).await? {
            return Ok(());
        }
        Err(InvalidToken("verification token unknown, used or expired, or its address taken").into())
    }
}
