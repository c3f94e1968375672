//! The desk: every use case, implemented once. The crates `api` and `events` translate a request or
//! a message into a call of a use case, and its result into a reply or a message. They decide
//! nothing themselves.
//!
//! | module | use cases |
//! |---|---|
//! | [`callers`] | telling who makes a request |
//! | [`change`] | changing a ticket: read it, decide, commit, and retry on a conflict |
//! | [`open`] | opening a ticket |
//! | [`commands`] | commands, edits, assignments and comments |
//! | [`notes`] | writing a note |
//! | [`read`] | reading tickets, as far as a person may see them |
//! | [`accounts`] | accounts, as admins and their owners see and change them |
//! | [`account_changes`] | changing accounts as admins ask |
//! | [`email_changes`] | changing an address, which holds once it is verified |
//! | [`register`] | creating accounts |
//! | [`invitations`] | inviting people |
//! | [`first_admin`] | inviting the first admin with a deployment |
//! | [`sign_in`] | signing in |
//! | [`sessions`] | the devices that people are signed in on, and their tokens |
//! | [`tokens`] | API tokens |
//! | [`passwords`] | changing a password, and replacing one that was forgotten |
//! | [`account_events`] | handling account events |
//! | [`webhooks`] | webhooks |
//! | [`audit`] | reading what was done to accounts and webhooks |
//! | [`auto_close`] | closing tickets that were resolved long ago |
//! | [`release`] | releasing the tickets of a person who left |
//! | [`notify`] | notifying people and webhooks of an event |
//! | [`ticket_mails`] | sending mails about tickets |
//! | [`deliveries`] | posting events to webhooks |
//! | [`publish`] | converting an event to a message |
//! | [`redrive`] | redriving dead letters |
//! | [`inbox`] | a person's notifications, and their preferences for them |

pub mod account_changes;
mod account_error;
pub mod account_events;
pub mod accounts;
pub mod audit;
pub mod auto_close;
pub mod callers;
pub mod change;
pub mod commands;
pub mod deliveries;
pub mod email_changes;
pub mod first_admin;
pub mod inbox;
pub mod invitations;
pub mod notes;
mod notified;
pub mod notify;
pub mod open;
pub mod passwords;
pub mod publish;
pub mod read;
pub mod redrive;
pub mod register;
pub mod release;
pub mod sessions;
pub mod sign_in;
pub mod ticket_mails;
pub mod tokens;
pub mod webhooks;

use domain::event::{AccountEvent, AccountEventKind};
use domain::id::EventId;
use domain::time::Timestamp;
use edges::config::Config;
use edges::store::Store;
use edges::{Fatal, clock};
use notified::record_notified;

pub use account_error::{AccountError, RefusedAddress};
pub use callers::{Caller, CallerError, Callers};
pub use change::{BuildResponse, Changed, Done, Preconditions, TicketError};
pub use inbox::InboxError;

/// The use cases of the help desk, on one table.
#[derive(Clone, Debug)]
pub struct Desk {
    pub(crate) store: Store,
}

impl Desk {
    pub const fn new(store: Store) -> Self {
        Self { store }
    }

    /// Creates the value from the deployment's configuration.
    pub async fn open(config: &Config) -> Result<Self, Fatal> {
        Ok(Self::new(Store::open(config).await?))
    }
}

/// Returns a new event about an account.
pub(crate) fn event_of(kind: AccountEventKind, now: Timestamp) -> AccountEvent {
    AccountEvent { id: EventId::new(now, clock::id_bytes()), at: now, kind }
}
