//! Views of accounts, sessions and tokens.

use desk::email_changes::LinkToHandOn;
use desk::invitations::{Invited, TokenToHandOn};
use desk::sessions::Tokens;
use domain::id::{SessionId, UserId};
use domain::text::PersonName;
use domain::time::Timestamp;
use domain::user::{EmailAddress, Role, User};
use edges::auth::access::ACCESS_TOKEN_SECONDS;
use edges::store::Session;
use serde::Serialize;

/// An account.
#[derive(Debug, Serialize)]
pub struct UserView {
    pub id: UserId,
    pub name: PersonName,
    pub email: Option<EmailAddress>,
    pub service: bool,
    pub role: Role,
    pub active: bool,
    pub invited: bool,
    pub pending_email: Option<EmailAddress>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            invited: user.is_invited(),
            id: user.id,
            service: user.is_service(),
            name: user.name,
            email: user.email,
            pending_email: user.pending_email,
            role: user.role,
            active: user.active,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}

/// An invited account, with the token to hand on if no mail is sent.
#[derive(Serialize)]
pub struct InvitedView {
    #[serde(flatten)]
    pub user: UserView,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitation: Option<InvitationView>,
}

/// The token of an invitation, to hand on.
#[derive(Serialize)]
pub struct InvitationView {
    pub token: String,
    pub link: Option<String>,
    pub expires_at: Timestamp,
}

impl From<Invited> for InvitedView {
    fn from(invited: Invited) -> Self {
        let invitation = |by_hand: TokenToHandOn| InvitationView {
            token: by_hand.token.to_text(),
            link: by_hand.link,
            expires_at: by_hand.expires_at,
        };
        Self { user: invited.user.into(), invitation: invited.by_hand.map(invitation) }
    }
}

/// An account after a change, with the link to hand on if no mail is sent.
#[derive(Serialize)]
pub struct ChangedUserView {
    #[serde(flatten)]
    pub user: UserView,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification: Option<EmailVerificationView>,
}

/// The link that verifies a new address, to hand on to its owner.
#[derive(Serialize)]
pub struct EmailVerificationView {
    pub link: String,
    pub expires_at: Timestamp,
}

impl From<(User, Option<LinkToHandOn>)> for ChangedUserView {
    fn from((user, by_hand): (User, Option<LinkToHandOn>)) -> Self {
        let verification =
            |begun: LinkToHandOn| EmailVerificationView { link: begun.token.path(), expires_at: begun.expires_at };
        Self { user: user.into(), verification: by_hand.map(verification) }
    }
}

/// A device that is signed in.
#[derive(Debug, Serialize)]
pub struct SessionView {
    pub id: SessionId,
    pub created_at: Timestamp,
    pub used_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub current: bool,
}

impl SessionView {
    /// Shows the session as seen from the session `current`.
    #[must_use]
    pub fn of(session: &Session, current: SessionId) -> Self {
        Self {
            id: session.id,
            created_at: session.created_at,
            used_at: session.used_at,
            expires_at: Timestamp::from_unix_milliseconds(session.expires_at.saturating_mul(1_000)),
            current: current == session.id,
        }
    }
}

/// An access token, in the format of RFC 6749 §5.1. The refresh token is in a cookie.
#[derive(Serialize)]
pub struct AccessTokenView {
    pub access_token: String,
    pub token_type: &'static str,
    pub expires_in: i64,
}

impl From<String> for AccessTokenView {
    fn from(access_token: String) -> Self {
        Self { access_token, token_type: "Bearer", expires_in: ACCESS_TOKEN_SECONDS }
    }
}

/// A pair of tokens, in the format of RFC 6749 §5.1.
#[derive(Serialize)]
pub struct TokensView {
    #[serde(flatten)]
    pub access: AccessTokenView,
    pub refresh_token: String,
}

impl From<Tokens> for TokensView {
    fn from(tokens: Tokens) -> Self {
        Self { access: AccessTokenView::from(tokens.access_token), refresh_token: tokens.refresh_token.to_text() }
    }
}
