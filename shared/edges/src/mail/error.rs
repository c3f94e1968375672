//! Errors of sending mail.

use crate::telemetry::causes;

/// The reason why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// SES does not respond, or sends no mails at all. The same mail may be sent later.
    #[error("the mail was not sent: {0}")]
    Failed(String),
    /// The mail cannot be written, or SES refuses its content.
    #[error("the mail was refused: {0}")]
    Refused(String),
}

impl MailError {
    pub(super) fn unwritable(error: impl std::error::Error + 'static) -> Self {
        Self::Refused(causes(&error))
    }

    /// Returns whether the same mail would be refused again.
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}
