//! Retries of plain writes that conflict with a transaction.
//!
//! DynamoDB refuses a `PutItem`, `UpdateItem` or `DeleteItem` of an item that a transaction is
//! using with `TransactionConflictException` (DynamoDB developer guide, "Transactional conflict
//! handling"). The SDK does not retry it by itself. Nothing was written and the transaction takes
//! milliseconds, so every plain write is retried here as after any transient failure.

use std::error::Error;

use aws_sdk_dynamodb::config::retry::{ClassifyRetry, RetryAction};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_smithy_runtime_api::client::interceptors::context::{Error as Failed, InterceptorContext};

/// A retry rule that makes the SDK retry writes that were refused because of a transaction.
#[derive(Debug)]
pub(super) struct TransactionConflicts;

impl ClassifyRetry for TransactionConflicts {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let failed = context.output_or_error().and_then(|outcome| outcome.err()?.as_operation_error());
        let code = failed.and_then(|error| {
            let of = [code_of::<UpdateItemError>, code_of::<PutItemError>, code_of::<DeleteItemError>];
            of.into_iter().find_map(|code_of| code_of(error))
        });
        match code {
            Some("TransactionConflictException") => RetryAction::transient_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "transaction conflicts"
    }
}

fn code_of<E: Error + ProvideErrorMetadata + Send + Sync + 'static>(error: &Failed) -> Option<&str> {
    error.downcast_ref::<E>()?.code()
}
