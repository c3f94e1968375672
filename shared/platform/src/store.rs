//! The one table. Every read is one call, every write one transaction; there is no scan.

mod error;
mod inbox;
pub(crate) mod keys;
mod log;
mod query;
mod sessions;
mod ticket_list;
mod tickets;
mod users;

use std::fmt::Display;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use error::StoreError;
pub use inbox::{KEPT_SECONDS, Notification, NotificationEvent};
pub use log::{LogKind, LogOrder};
pub use query::Page;
pub use sessions::{Rotation, Session};
pub use ticket_list::{AssigneeFilter, TicketFilter};
pub use tickets::CommitError;
pub use users::{Login, RegisterError};

use crate::aws::{self, Service};
use crate::{Fatal, config};
use keys::Item;

/// The table, ready to be asked.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    table: String,
}

impl Store {
    /// The table that the environment names, with a connection to it already open.
    ///
    /// # Errors
    /// The variables that are missing, or TLS that cannot be set up.
    pub async fn open() -> Result<Self, Fatal> {
        let [table] = config::required([config::name::TABLE_NAME])?;
        let settings = aws::settings(Service::DynamoDb)?;
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(settings.behavior)
            .region(settings.region)
            .credentials_provider(settings.credentials)
            .http_client(settings.http_client)
            .timeout_config(settings.timeouts)
            .retry_config(settings.retries);
        let config = match settings.endpoint {
            Some(endpoint) => config.endpoint_url(endpoint),
            None => config,
        };
        aws::warm(Service::DynamoDb).await?;
        Ok(Self::new(Client::from_conf(config.build()), table))
    }

    /// That table, asked through that client.
    #[must_use]
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }
}

/// A value as an item. What is absent takes no room, and an index key that is absent must not be there at all.
fn to_item(value: &impl Serialize) -> Result<Item, StoreError> {
    let mut item: Item = serde_dynamo::to_item(value).map_err(StoreError::corrupt)?;
    item.retain(|_, attribute| !attribute.is_null());
    Ok(item)
}

/// The value an item holds.
fn from_item<T: DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(StoreError::corrupt)
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn number(value: impl Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
