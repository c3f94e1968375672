//! A call of a function to a service, as seen by the wire.

use serde_json::Value;

/// A service that functions call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// The table.
    DynamoDb,
    /// The queues.
    Sqs,
    /// The parameters.
    Ssm,
    /// Mail.
    Ses,
}

/// A call on its way to a service.
#[derive(Clone, Debug)]
pub struct Call {
    /// The function that makes the call.
    pub function: String,
    /// The service.
    pub service: Service,
    /// The operation as AWS names it, such as `GetItem` or `SendMessageBatch`. For a service that
    /// is called by paths, the last segment of the path.
    pub operation: String,
    /// The request's body.
    pub request: Value,
}
