//! A ticket: what it holds, how it is opened, and what each command does to it.
//!
//! A change consumes the ticket. A command returns the updated ticket together with the log entries
//! that record the change, and the store commits both or neither.

mod change;
mod commands;
mod fold;
mod head;
mod new;
mod note;
mod patch;
mod priority;
mod refusal;
#[cfg(test)]
mod tests;
mod verification;

pub use change::{Change, Outcome, Ticket};
pub use commands::CommandRequest;
pub use head::Head;
pub use new::{NewRequester, NewTicket};
pub use note::Note;
pub use patch::TicketPatch;
pub use priority::Priority;
pub use refusal::Refusal;
pub use verification::{Verification, Verifier};
