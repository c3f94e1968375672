//! The first admin, who is invited by mail when the stack is deployed.

use std::fmt;

use domain::time::Timestamp;
use domain::user::{NewUser, Role, User};
use edges::auth::reset::INVITATION_SECONDS;
use edges::store::{ChangeUserError, Inviter};

use crate::invitations::InvitationDelivery;
use crate::{AccountError, Desk};

/// What a deployment finds or does about the first admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstAdmin {
    /// The address had no account, and is mailed an invitation.
    Invited,
    /// The previous invitation expired, and another is mailed.
    InvitedAgain,
    /// The previous invitation has not expired.
    InvitedBefore,
    /// The person accepted the invitation, or was an admin before.
    Accepted,
    /// The address belongs to an account that is no active admin's, which is left alone.
    NotAnAdmin,
}

impl fmt::Display for FirstAdmin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Invited => "invited by mail",
            Self::InvitedAgain => "invited by mail again, because the previous invitation expired",
            Self::InvitedBefore => "invited within the last seven days",
            Self::Accepted => "an active admin",
            Self::NotAnAdmin => "not invited, because the address has an account that is not an active admin's",
        })
    }
}

impl Desk {
    /// Invites the first admin, and again once the invitation expired. Leaves every other account
    /// of the address alone.
    pub async fn invite_first_admin(&self, new: NewUser, now: Timestamp) -> Result<FirstAdmin, AccountError> {
        let email = new.email.normalised();
        match self.invite(new, Inviter::System, &InvitationDelivery::ByMail, now).await {
            Ok(_) => return Ok(FirstAdmin::Invited),
            Err(AccountError::Refused(ChangeUserError::EmailTaken)) => {}
            Err(error) => return Err(error),
        }
        let user = self.store.user_by_email(&email).await?.ok_or(ChangeUserError::EmailTaken)?;
        let found = of_account(&user, now);
        if found == FirstAdmin::NotAnAdmin {
            tracing::warn!("AdminEmail: {found}");
        }
        if found != FirstAdmin::InvitedAgain {
            return Ok(found);
        }
        match self.invite_again(user.id, Inviter::System, &InvitationDelivery::ByMail, now).await {
            Ok(_) => Ok(found),
            // Accepted in the meantime.
            Err(AccountError::Refused(ChangeUserError::NotInvited)) => Ok(FirstAdmin::Accepted),
            Err(error) => Err(error),
        }
    }
}

/// Returns what is to be done about the account of the address.
fn of_account(user: &User, now: Timestamp) -> FirstAdmin {
    match user.role {
        Role::Admin if user.active => FirstAdmin::Accepted,
        // An invitation is a change of the account. Another change, such as of its name, only makes
        // this wait longer.
        Role::Admin if user.is_invited() && user.updated_at.plus_seconds(INVITATION_SECONDS) > now => {
            FirstAdmin::InvitedBefore
        }
        Role::Admin if user.is_invited() => FirstAdmin::InvitedAgain,
        _ => FirstAdmin::NotAnAdmin,
    }
}
