//! Why a command does nothing.

use crate::lifecycle::Status;

/// Why a command does nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The person may not know of the ticket.
    #[error("the ticket does not exist, or is hidden")]
    Hidden,
    /// The person may see the ticket and not do this.
    #[error("{detail}")]
    Forbidden {
        /// Who may, and what would make it possible, for the caller to read.
        detail: String,
        /// What the person may do instead.
        allowed: Vec<&'static str>,
    },
    /// The ticket's status does not allow it.
    #[error("the ticket is {status}", status = status.in_words())]
    InvalidTransition {
        /// Where the ticket stands.
        status: Status,
        /// What the person may do instead.
        allowed: Vec<&'static str>,
    },
    /// Closed is final.
    #[error("the ticket is closed")]
    TicketClosed,
    /// Tickets are assigned to active technicians only.
    #[error("the assignee is not an active technician")]
    NotATechnician,
}
