//! Conversions from the errors of inner layers.

use desk::deliveries::DeliveryRequestError;
use desk::{AccountError, CallerError, InboxError, TicketError};
use domain::field::Violations;
use domain::permission::Denied;
use domain::throttle::Wait;
use domain::ticket::Refusal;
use domain::token::TOKENS_MAX;
use domain::user::RegistrationRefused;
use domain::webhook::WEBHOOKS_MAX;
use edges::auth::InvalidToken;
use edges::queue::SendError;
use edges::store::{ChangeUserError, ChangeWebhookError, CommitError, CreateTokenError, RevokeTokenError, StoreError};

use super::Problem;

/// The message for a former admin whose token was issued while they were one.
const NO_ADMIN: &str = "You are no longer an active admin. Ask another admin to do this.";

/// Returns the refusal to create one more of something. `remove` is the verb for making room.
fn too_many(most: usize, what: &str, remove: &str) -> Problem {
    Problem::field("", &format!("the limit of {most} {what} has been reached: {remove} one first"))
}

impl From<Violations> for Problem {
    fn from(violations: Violations) -> Self {
        Self::ValidationFailed(violations)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Hidden => Self::NotFound,
            Refusal::Forbidden { detail, allowed } => Self::Forbidden { detail, allowed: Some(allowed) },
            Refusal::InvalidTransition { status, allowed } => Self::InvalidTransition { status, allowed },
            Refusal::OutOfScope(by) => Self::OutOfScope(by),
            Refusal::TicketClosed => Self::TicketClosed,
            Refusal::NotATechnician => Self::NotATechnician,
        }
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::OutOfScope(by) => Self::OutOfScope(by),
            Denied::Forbidden(detail) => Self::Forbidden { detail, allowed: None },
        }
    }
}

impl From<CallerError> for Problem {
    fn from(error: CallerError) -> Self {
        match error {
            CallerError::InvalidToken(fault) => fault.into(),
            CallerError::Store(error) => error.into(),
        }
    }
}

impl From<CreateTokenError> for Problem {
    fn from(error: CreateTokenError) -> Self {
        match error {
            CreateTokenError::Inactive => Self::inactive(),
            CreateTokenError::NotAnAdmin => Self::no_longer_allowed(NO_ADMIN),
            CreateTokenError::NotAServiceAccount => Self::NotAServiceAccount,
            CreateTokenError::NoAccount => Self::NotFound,
            CreateTokenError::SignedOut => Self::SignedOut,
            CreateTokenError::LimitReached(reached) => Self::LimitReached(reached),
            CreateTokenError::TooMany => too_many(TOKENS_MAX, "API tokens", "revoke"),
            CreateTokenError::Contended => Self::Conflict,
            CreateTokenError::Store(error) => error.into(),
        }
    }
}

impl From<RevokeTokenError> for Problem {
    fn from(error: RevokeTokenError) -> Self {
        match error {
            RevokeTokenError::Missing => Self::NotFound,
            RevokeTokenError::NotAnAdmin => Self::no_longer_allowed(NO_ADMIN),
            RevokeTokenError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Unavailable(Box::new(error)),
            StoreError::Refused(_) | StoreError::Corrupt(_) => Self::Internal(Box::new(error)),
            StoreError::InvalidPosition => Self::InvalidCursor,
        }
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::NotFound => Self::NotFound,
            AccountError::Denied(denied) => denied.into(),
            AccountError::NotOnYourself => Self::NotOnYourself,
            AccountError::NoAddress => Self::field("/email", "must be left out: a service account has no address"),
            AccountError::TooManyAttempts(Wait { seconds }) => Self::TooManyRequests { retry_after_seconds: seconds },
            AccountError::LimitReached(reached) => Self::LimitReached(reached),
            AccountError::WrongCredentials => Self::InvalidCredentials,
            AccountError::WrongPassword => Self::field("/current_password", "is not your current password"),
            AccountError::InvalidToken(fault) => fault.into(),
            AccountError::RegistrationRefused(refused) => refused.into(),
            AccountError::SignedOut => Self::SignedOut,
            AccountError::Conflict => Self::Conflict,
            AccountError::Refused(error) => error.into(),
            AccountError::Unhashable(error) | AccountError::Unsignable(error) => Self::Internal(error.into()),
            AccountError::Store(error) => error.into(),
        }
    }
}

impl From<RegistrationRefused> for Problem {
    fn from(refused: RegistrationRefused) -> Self {
        match refused {
            RegistrationRefused::Closed => Self::RegistrationClosed,
            RegistrationRefused::OtherDomain(domains) => {
                Self::field("/email", &format!("must be an address of one of these domains: {}", domains.join(", ")))
            }
        }
    }
}

impl From<InboxError> for Problem {
    fn from(error: InboxError) -> Self {
        match error {
            InboxError::NotFound => Self::NotFound,
            InboxError::Inactive => Self::inactive(),
            InboxError::Store(error) => error.into(),
        }
    }
}

impl From<ChangeUserError> for Problem {
    fn from(error: ChangeUserError) -> Self {
        match error {
            ChangeUserError::EmailTaken => Self::EmailTaken,
            ChangeUserError::NotAnAdmin => Self::no_longer_allowed(NO_ADMIN),
            ChangeUserError::NotAccepted => Self::NotAccepted,
            ChangeUserError::NotInvited => Self::NotInvited,
            ChangeUserError::Inactive => Self::inactive(),
            ChangeUserError::Store(error) => error.into(),
        }
    }
}

impl From<ChangeWebhookError> for Problem {
    fn from(error: ChangeWebhookError) -> Self {
        match error {
            ChangeWebhookError::Missing => Self::NotFound,
            ChangeWebhookError::NotAnAdmin => Self::no_longer_allowed(NO_ADMIN),
            ChangeWebhookError::TooMany => too_many(WEBHOOKS_MAX, "webhooks", "delete"),
            ChangeWebhookError::Contended => Self::Conflict,
            ChangeWebhookError::Store(error) => error.into(),
        }
    }
}

impl From<DeliveryRequestError> for Problem {
    fn from(error: DeliveryRequestError) -> Self {
        match error {
            DeliveryRequestError::Refused(error) => error.into(),
            DeliveryRequestError::Send(error) => error.into(),
        }
    }
}

impl From<SendError> for Problem {
    fn from(error: SendError) -> Self {
        Self::Unavailable(Box::new(error))
    }
}

impl From<CommitError> for Problem {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict | CommitError::AlreadyStored => Self::Conflict,
            CommitError::NotATechnician => Self::NotATechnician,
            CommitError::Store(error) => error.into(),
        }
    }
}

impl From<TicketError> for Problem {
    fn from(error: TicketError) -> Self {
        match error {
            TicketError::Refused(refusal) => refusal.into(),
            TicketError::Denied(denied) => denied.into(),
            TicketError::Invalid(violations) => Self::ValidationFailed(violations),
            TicketError::Stale(version) => Self::PreconditionFailed { version, excluded: false },
            TicketError::Excluded(version) => Self::PreconditionFailed { version, excluded: true },
            TicketError::LimitReached(reached) => Self::LimitReached(reached),
            TicketError::KeyReused => Self::IdempotencyKeyReused,
            TicketError::ResponseNotBuilt(error) => Self::Internal(error),
            TicketError::NotCommitted(error) => error.into(),
        }
    }
}

impl From<InvalidToken> for Problem {
    fn from(fault: InvalidToken) -> Self {
        Self::InvalidToken(fault)
    }
}
