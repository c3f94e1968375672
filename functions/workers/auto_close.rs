//! Schedule → tickets: closes what was resolved days ago.
use desk::auto_close;
use edges::Fatal;
use edges::clock::{self, Deadline};
use edges::store::Store;
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
