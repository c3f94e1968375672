//! A call of a function to a service, as it is seen between the two.

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
    /// The function that makes it.
    pub function: String,
    /// To which service.
    pub service: Service,
    /// The operation, as AWS names it: `GetItem`, `SendMessageBatch`; where a service is called by paths, the last part of its.
    pub operation: String,
    /// The request's body.
    pub request: Value,
}
