//! API tokens, as their owners and admins see, make and revoke them.

use domain::id::{TokenId, UserId};
use domain::permission::Actor;
use domain::time::Timestamp;
use domain::token::{ApiToken, NewToken};
use domain::user::Person;
use edges::auth::{ApiTokenSecret, Bearer};
use edges::clock;
use edges::store::{CreateTokenError, Page, RevokeTokenError, TokenMaker};

use crate::read::PageRequest;
use crate::{AccountError, Desk};

/// A token of a list.
#[derive(Debug)]
pub struct ListedToken {
    /// The token.
    pub token: ApiToken,
    /// The day in UTC on which it was last used, if it was.
    pub last_used_on: Option<String>,
}

impl Desk {
    /// Creates a token for the person who signed in. Its text is returned this once.
    pub async fn create_token(
        &self,
        new: NewToken,
        bearer: &Bearer,
        now: Timestamp,
    ) -> Result<(ApiToken, String), CreateTokenError> {
        let (user_id, id) = (bearer.person.id, TokenId::new(now, clock::id_bytes()));
        let (token, secret) = (new.into_token(id, user_id, now), ApiTokenSecret::new(user_id, id));
        let maker = TokenMaker { person: &bearer.person, session_id: bearer.session_id, service: None };
        self.store.create_token(&token, &secret, maker, now).await?;
        Ok((token, secret.to_text()))
    }

    /// Creates a token of a service account for the admin who signed in. Its text is returned this
    /// once.
    pub async fn issue_token(
        &self,
        new: NewToken,
        account: UserId,
        admin: &Bearer,
        now: Timestamp,
    ) -> Result<(ApiToken, String), CreateTokenError> {
        let user = self.store.user(account).await?.ok_or(CreateTokenError::NoAccount)?;
        // Checked here too, because the transaction cannot name one account twice: the admin's own.
        if !user.is_service() {
            return Err(CreateTokenError::NotAServiceAccount);
        }
        let (service, id) = (user.person(), TokenId::new(now, clock::id_bytes()));
        let (token, secret) = (new.into_token(id, account, now), ApiTokenSecret::new(account, id));
        let maker = TokenMaker { person: &admin.person, session_id: admin.session_id, service: Some(&service) };
        self.store.create_token(&token, &secret, maker, now).await?;
        Ok((token, secret.to_text()))
    }

    /// Lists the valid tokens of a person, oldest first.
    pub async fn tokens(
        &self,
        owner: UserId,
        now: Timestamp,
        page: PageRequest<'_>,
    ) -> Result<Page<ListedToken>, AccountError> {
        let page = self.store.tokens(owner, now, page.after, page.limit).await?;
        let mut uses = self.store.token_uses(owner, page.items.iter().map(|token| token.id)).await?;
        Ok(page.map(|token| ListedToken { last_used_on: uses.remove(&token.id), token }))
    }

    /// Lists the valid tokens of an account that has to exist.
    pub async fn tokens_of_user(
        &self,
        user: UserId,
        now: Timestamp,
        page: PageRequest<'_>,
    ) -> Result<Page<ListedToken>, AccountError> {
        self.user(user).await?;
        self.tokens(user, now, page).await
    }

    /// Revokes a token of the person's own. It is not accepted any more.
    pub async fn revoke_own_token(
        &self,
        owner: &Person,
        token: TokenId,
        now: Timestamp,
    ) -> Result<(), RevokeTokenError> {
        self.store.revoke_token(owner, token, None, now).await
    }

    /// Revokes a token of any account.
    pub async fn revoke_token(
        &self,
        user: UserId,
        token: TokenId,
        admin: Actor<'_>,
        now: Timestamp,
    ) -> Result<(), RevokeTokenError> {
        let owner = self.store.user(user).await?.ok_or(RevokeTokenError::Missing)?.person();
        self.store.revoke_token(&owner, token, Some(admin), now).await
    }
}
