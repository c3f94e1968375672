//! The one table. A read is a bounded number of calls, often one. A change to a ticket is one
//! transaction. There are no scans.

mod account_items;
mod address_hash;
mod attempts;
mod audit;
mod committed;
mod condition;
mod conflicts;
mod counted;
mod delete;
mod email_changes;
mod error;
mod inbox;
mod inbox_list;
mod invitations;
mod item;
pub(crate) mod keys;
mod log;
mod log_secret;
mod mails;
mod new_tickets;
mod notes;
mod page;
mod passwords;
mod preferences;
mod query;
mod registration_mails;
mod registrations;
mod replay;
mod reset_requests;
mod sessions;
mod sign_ins;
mod spending;
mod ticket_list;
mod tickets;
mod tokens;
mod transaction;
mod urgent_mails;
mod users;
mod verify;
mod webhooks;
mod write;

use std::sync::{Arc, OnceLock};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Builder;

pub use attempts::{AttemptError, Forgotten};
pub use committed::{ItemKey, event_of_image, trace_of};
pub use error::StoreError;
pub use inbox::{KEPT_SECONDS, Notification, NotificationEvent};
pub use inbox_list::Unread;
pub use invitations::{Inviter, TokenDelivery};
pub use log::{LogKind, LogOrder};
pub use new_tickets::NEW_TICKET_SECONDS;
pub use notes::{LogOrNote, NoteConditions};
pub use page::{PAGE_BYTES_MAX, Page};
pub use passwords::{Account, NewPassword, PendingReset, Proof, RequestedReset, SetPasswordResult};
pub use preferences::{InboxState, Subscriber};
pub use registrations::{FinishRegistrationResult, PendingRegistration};
pub use replay::{IdempotencyKey, ReplayError, StoredResponse};
pub use reset_requests::ResetRequest;
pub use sessions::{RotationResult, Session};
pub use sign_ins::{Admission, SignIn};
pub use spending::SpendError;
pub use ticket_list::{AssigneeFilter, TicketFilter};
pub use tickets::CommitError;
pub use tokens::{CreateTokenError, RevokeTokenError, TokenInUse, TokenMaker};
pub use urgent_mails::{URGENT_MAILED_MAX, URGENT_MAILED_OF_ONE_MAX};
pub use users::{Author, ChangeUserError, ChangedUser, EventOfChange, UserChange};
pub use verify::{BrokenTicket, VerificationProgress, Verified, VerifiedPage};
pub use webhooks::{ChangeWebhookError, WebhookAuthor};

use conflicts::TransactionConflicts;

use crate::Fatal;
use crate::aws::{self, Service, WithoutSelfDescription};
use crate::config::{Config, name};

/// A handle to the table.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    table: String,
    log_secret: Arc<OnceLock<log_secret::LogSecret>>,
}

impl Store {
    /// Opens the table that the environment names, and begins to connect to it.
    ///
    /// # Errors
    /// Fails if variables are missing or TLS cannot be set up.
    pub async fn open(config: &Config) -> Result<Self, Fatal> {
        let [table] = config.required([name::TABLE_NAME])?;
        aws::warm(Service::DynamoDb, config).await?;
        let client = Builder::from(&aws::config(Service::DynamoDb, config)?);
        Ok(Self::configured(client.interceptor(WithoutSelfDescription), table))
    }

    /// Returns a handle to `table` that uses `client` and retries after a conflict with a
    /// transaction.
    #[must_use]
    pub fn new(client: &Client, table: String) -> Self {
        Self::configured(client.config().to_builder(), table)
    }

    fn configured(config: Builder, table: String) -> Self {
        let client = Client::from_conf(config.retry_classifier(TransactionConflicts).build());
        Self { client, table, log_secret: Arc::default() }
    }
}
