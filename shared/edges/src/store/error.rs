//! Errors of reading and writing the table.

use std::error::Error;
use std::fmt;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use crate::telemetry::causes;

/// The reason why the table could not be read or written. The variant says what can help.
#[derive(Debug)]
pub enum StoreError {
    /// DynamoDB did not respond in time, or throttled the request.
    Unavailable(Box<dyn Error + Send + Sync>),
    /// DynamoDB refuses every such request: a permission or the table is missing.
    Refused(Box<dyn Error + Send + Sync>),
    /// An item is not in the form that this code writes, or a request was invalid. This is a bug on
    /// our side.
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
    /// cause is then in the stored data, and is neither an outage nor a missing permission.
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
const INVALID_REQUEST_CODES: [&str; 3] =
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
            Some(code) if INVALID_REQUEST_CODES.contains(&code) => Self::Corrupt(Box::new(error)),
            Some(code) if !TRANSIENT_CODES.contains(&code) => Self::Refused(Box::new(error)),
            _ => Self::Unavailable(Box::new(error)),
        }
    }
}
