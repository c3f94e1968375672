//! Why a mail was not sent.

use crate::telemetry::causes;

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// SES does not answer, or sends nothing at all: the same mail may be sent later.
    #[error("the mail was not sent: {0}")]
    Failed(String),
    /// The mail cannot be written, or SES refuses what is in it.
    #[error("the mail was refused: {0}")]
    Refused(String),
}

impl MailError {
    pub(super) fn unwritable(error: impl std::error::Error + 'static) -> Self {
        Self::Refused(causes(&error))
    }

    /// Whether the same mail would be refused again.
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}
