//! Errors of reading and writing the table.

use std::error::Error;
use std::fmt;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError as TransactError;

use crate::telemetry::causes;

/// The reason why the table could not be read or written. The variant decides what can help.
#[derive(Debug)]
pub enum StoreError {
    /// DynamoDB did not answer in time, or throttled the request.
    Unavailable(Box<dyn Error + Send + Sync>),
    /// DynamoDB refuses the request whatever it contains: a permission or the table is missing.
    Refused(Box<dyn Error + Send + Sync>),
    /// An item is not as this code wrote it, or a request was invalid. This is a bug on our side.
    Corrupt(Box<dyn Error + Send + Sync>),
    /// The cursor of a page does not belong to this list.
    InvalidPosition,
}

impl StoreError {
    /// Returns the error of an item that cannot be read or written as it is.
    pub fn corrupt(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Corrupt(error.into())
    }

    /// Returns whether the same call would fail in the same way whenever it is made again. The
    /// cause is then in what is stored, and is neither an outage nor a missing permission.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Corrupt(_) | Self::InvalidPosition)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(error) => write!(formatter, "the table is unavailable: {}", causes(&**error)),
            Self::Refused(error) => write!(formatter, "the table rejected the request: {}", causes(&**error)),
            Self::Corrupt(error) => {
                write!(formatter, "the stored data or the request is invalid: {}", causes(&**error))
            }
            Self::InvalidPosition => formatter.write_str("the list has no such position"),
        }
    }
}

impl Error for StoreError {}

/// Error codes of valid requests that should be retried (DynamoDB developer guide, "Error
/// handling").
const TRANSIENT_CODES: [&str; 8] = [
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// Error codes of requests that can never succeed, such as one with too large an item or key.
const CODES_OF_A_REQUEST: [&str; 3] =
    ["ItemCollectionSizeLimitExceededException", "SerializationException", "ValidationException"];

impl<E> From<SdkError<E>> for StoreError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    fn from(error: SdkError<E>) -> Self {
        let code = match &error {
            SdkError::ServiceError(service) => service.err().code(),
            SdkError::ConstructionFailure(_) => return Self::Corrupt(Box::new(error)),
            _ => None,
        };
        match code {
            Some(code) if CODES_OF_A_REQUEST.contains(&code) => Self::Corrupt(Box::new(error)),
            Some(code) if !TRANSIENT_CODES.contains(&code) => Self::Refused(Box::new(error)),
            _ => Self::Unavailable(Box::new(error)),
        }
    }
}

/// The reason why a transaction was cancelled.
pub(super) enum Cancelled {
    /// The condition of the item at this index failed.
    ConditionFailed(usize),
    /// Another transaction was using one of the items.
    Contended,
    /// The table throttled it. No write was made.
    Throttled(StoreError),
    /// Any other error.
    Failed(StoreError),
}

impl From<SdkError<TransactError>> for Cancelled {
    fn from(error: SdkError<TransactError>) -> Self {
        let codes: Vec<Option<String>> = match error.as_service_error() {
            Some(TransactError::TransactionCanceledException(cancelled)) => {
                cancelled.cancellation_reasons().iter().map(|reason| reason.code().map(str::to_owned)).collect()
            }
            _ => Vec::new(),
        };
        let place = |wanted: &str| codes.iter().position(|code| code.as_deref() == Some(wanted));
        if let Some(index) = place("ConditionalCheckFailed") {
            Self::ConditionFailed(index)
        } else if place("TransactionConflict").is_some() {
            Self::Contended
        } else if place("ThrottlingError").is_some() || place("ProvisionedThroughputExceeded").is_some() {
            Self::Throttled(StoreError::Unavailable(Box::new(error)))
        } else {
            Self::Failed(error.into())
        }
    }
}

/// For transactions whose conditions only fail if something is wrong.
impl From<Cancelled> for StoreError {
    fn from(cancelled: Cancelled) -> Self {
        match cancelled {
            Cancelled::ConditionFailed(place) => {
                Self::corrupt(format!("condition {place} of a transaction does not hold"))
            }
            Cancelled::Contended => Self::Unavailable("other requests kept writing the same items".into()),
            Cancelled::Throttled(error) | Cancelled::Failed(error) => error,
        }
    }
}
