//! The reasons why a command is refused.

use crate::lifecycle::Status;
use crate::permission::PermittedBy;

/// The reason why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The person may not know that the ticket exists.
    #[error("the ticket does not exist, or is hidden")]
    Hidden,
    /// The person may see the ticket but may not do this.
    #[error("{detail}")]
    Forbidden {
        /// Who may do it, and what would make it possible, for the caller to read.
        detail: String,
        /// The actions that the person may take instead.
        allowed: Vec<&'static str>,
    },
    /// The actor's API token may not be used for this. These scopes may.
    #[error("the token's scopes do not permit this")]
    OutOfScope(PermittedBy),
    /// The ticket's status does not allow it.
    #[error("the ticket is {status}", status = status.display_name())]
    InvalidTransition {
        /// The status of the ticket.
        status: Status,
        /// The actions that the person may take instead.
        allowed: Vec<&'static str>,
    },
    /// The ticket is closed, which is final.
    #[error("the ticket is closed")]
    TicketClosed,
    /// The new assignee is not an active technician.
    #[error("the assignee is not an active technician")]
    NotATechnician,
}
