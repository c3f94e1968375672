//! The store of the stack that is measured.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use edges::store::Store;
use local::Stack;

/// Returns a store on the table of the stack.
pub(crate) fn of(stack: &Stack) -> Store {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(local::REGION))
        .credentials_provider(Credentials::new("bench", "bench", None, None, "bench"))
        .endpoint_url(stack.dynamodb_url())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Store::new(&Client::from_conf(config), stack.table_name().to_owned())
}
