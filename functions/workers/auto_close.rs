//! Schedule → tickets: closes what was resolved days ago.

use platform::clock::{self, Deadline};
use platform::store::Store;
use platform::{Fatal, auto_close, events};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    events::serve((Store::open().await?, auto_close::days()?), close).await
}

async fn close(
    (store, days): &(Store, i64),
    _schedule: Value,
    deadline: Deadline,
) -> Result<auto_close::AutoClosed, Fatal> {
    auto_close::close_resolved(store, *days, clock::now(), deadline).await
}
