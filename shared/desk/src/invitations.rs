//! Inviting people: an admin creates an account, and its person chooses a password with a token.

use domain::event::{AccountEvent, AccountEventKind, AccountId};
use domain::id::UserId;
use domain::limit::Limit;
use domain::permission::Actor;
use domain::time::Timestamp;
use domain::user::{NewUser, User};
use edges::auth::password;
use edges::auth::reset::{INVITATION_SECONDS, ResetToken};
use edges::config::{Config, name};
use edges::store::{Account, Inviter, StoreError, TokenDelivery};
use edges::{Fatal, clock, limits};

use crate::passwords::password_link;
use crate::{AccountError, Desk, event_of};

/// How invited people get their token.
#[derive(Clone, Debug)]
pub enum InvitationDelivery {
    /// A worker mails it.
    ByMail,
    /// The inviter hands it on, because this deployment sends no mails.
    ByHand {
        /// The page for choosing a password, if there is one.
        page: Option<String>,
    },
}

impl InvitationDelivery {
    /// Returns how this deployment does it.
    #[must_use]
    pub fn configured(config: &Config) -> Self {
        match config.optional(name::SENDS_MAILS) {
            Some(_) => Self::ByMail,
            None => Self::ByHand { page: config.optional(name::PASSWORD_RESET_PAGE).map(str::to_owned) },
        }
    }
}

/// An invited account.
#[derive(Debug)]
pub struct Invited {
    /// The account.
    pub user: User,
    /// The token to hand on, if no mail is sent.
    pub by_hand: Option<TokenToHandOn>,
}

/// A token that the inviter hands on to the invited person.
#[derive(Debug)]
pub struct TokenToHandOn {
    /// The token.
    pub token: ResetToken,
    /// The page for choosing a password, with the token.
    pub link: Option<String>,
    /// When the token expires.
    pub expires_at: Timestamp,
}

impl Desk {
    /// Invites a person: creates their account, which stays inactive until they choose a password.
    pub async fn invite(
        &self,
        new: NewUser,
        inviter: Inviter<'_>,
        delivery: &InvitationDelivery,
        now: Timestamp,
    ) -> Result<Invited, AccountError> {
        let NewUser { name, email, role, language } = new;
        let user = User::invited(UserId::new(now, clock::id_bytes()), name, email, role, now);
        let account = Account::new(user, password::unmatched());
        let invitation = NewInvitation::of(account.user.id, delivery, now);
        self.store.invite(&account, language, inviter, invitation.delivery()).await?;
        Ok(Invited { user: account.user, by_hand: invitation.into_token() })
    }

    /// Invites the person of an account again, who did not accept an invitation yet. If it was
    /// withdrawn, it is valid again.
    pub async fn invite_again(
        &self,
        id: UserId,
        inviter: Inviter<'_>,
        delivery: &InvitationDelivery,
        now: Timestamp,
    ) -> Result<Invited, AccountError> {
        let invitation = NewInvitation::of(id, delivery, now);
        let user = self.store.invite_again(id, inviter, invitation.delivery(), now).await?;
        Ok(Invited { user: user.ok_or(AccountError::NotFound)?, by_hand: invitation.into_token() })
    }

    /// Returns an invited account, with a new token for it. Returns `None` if the invitation was
    /// accepted or withdrawn in the meantime.
    pub(crate) async fn begin_invitation(
        &self,
        id: UserId,
        now: Timestamp,
    ) -> Result<Option<(User, ResetToken)>, StoreError> {
        let Some(account) = self.store.account(id).await?.filter(|account| account.user.is_invited()) else {
            return Ok(None);
        };
        let token = ResetToken::new(id);
        self.store.begin_reset(&token, &account, None, now.plus_seconds(INVITATION_SECONDS)).await?;
        Ok(Some((account.user, token)))
    }
}

/// What is written with an invitation, so that its person gets a token.
enum NewInvitation {
    Event(AccountEvent),
    ByHand(TokenToHandOn),
}

impl NewInvitation {
    fn of(id: UserId, delivery: &InvitationDelivery, now: Timestamp) -> Self {
        match delivery {
            InvitationDelivery::ByMail => Self::Event(invited(id, now)),
            InvitationDelivery::ByHand { page } => {
                let token = ResetToken::new(id);
                let link = page.as_ref().map(|page| password_link(page, &token.to_text()));
                Self::ByHand(TokenToHandOn { token, link, expires_at: now.plus_seconds(INVITATION_SECONDS) })
            }
        }
    }

    const fn delivery(&self) -> TokenDelivery<'_> {
        match self {
            Self::Event(event) => TokenDelivery::Event(event),
            Self::ByHand(TokenToHandOn { token, expires_at, .. }) => {
                TokenDelivery::ByHand { token, expires_at: *expires_at }
            }
        }
    }

    fn into_token(self) -> Option<TokenToHandOn> {
        match self {
            Self::Event(_) => None,
            Self::ByHand(token) => Some(token),
        }
    }
}

/// Returns the event that causes the mail of an invitation.
pub(crate) fn invited(user_id: UserId, now: Timestamp) -> AccountEvent {
    event_of(AccountEventKind::Invited(AccountId { user_id }), now)
}

/// Invites people on behalf of admins, up to a limit for each admin.
#[derive(Clone, Debug)]
pub struct Invitations {
    desk: Desk,
    delivery: InvitationDelivery,
    limit: Limit,
}

impl Invitations {
    /// Creates the value from the deployment's configuration.
    ///
    /// # Errors
    /// Fails if variables are missing or invalid.
    pub fn configured(desk: Desk, config: &Config) -> Result<Self, Fatal> {
        Ok(Self { desk, delivery: InvitationDelivery::configured(config), limit: limits::mails_per_hour(config)? })
    }

    /// Invites a person.
    pub async fn invite(&self, new: NewUser, admin: Actor<'_>, now: Timestamp) -> Result<Invited, AccountError> {
        self.spend(admin, now).await?;
        let invited = self.desk.invite(new, Inviter::Admin(admin), &self.delivery, now).await;
        self.refund_refused(invited, admin, now).await
    }

    /// Invites the person of an account again.
    pub async fn invite_again(&self, id: UserId, admin: Actor<'_>, now: Timestamp) -> Result<Invited, AccountError> {
        self.spend(admin, now).await?;
        let invited = self.desk.invite_again(id, Inviter::Admin(admin), &self.delivery, now).await;
        self.refund_refused(invited, admin, now).await
    }

    async fn spend(&self, admin: Actor<'_>, now: Timestamp) -> Result<(), AccountError> {
        Ok(self.desk.store.spend(admin.person.id, self.limit, now).await?)
    }

    /// Takes back what was counted for an invitation that was refused.
    async fn refund_refused(
        &self,
        invited: Result<Invited, AccountError>,
        admin: Actor<'_>,
        now: Timestamp,
    ) -> Result<Invited, AccountError> {
        if invited.is_err() {
            self.desk.store.refund(admin.person.id, self.limit, now).await;
        }
        invited
    }
}
