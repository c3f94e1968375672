//! Schedule → tickets: closes what was resolved days ago.

use desk::auto_close;
use edges::Fatal;
use edges::clock::{self, Deadline};
use edges::config::Config;
use edges::store::Store;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    events::serve(&config, (Store::open(&config).await?, auto_close::days(&config)?), close).await
}

async fn close(
    (store, days): &(Store, i64),
    _schedule: Value,
    deadline: Deadline,
) -> Result<auto_close::AutoClosed, Fatal> {
    auto_close::close_resolved(store, *days, clock::now(), deadline).await
}
