//! Schedule → tickets: closes tickets that were resolved days ago.

use desk::Desk;
use desk::auto_close::{self, AutoClosed};
use edges::Fatal;
use edges::clock::{self, Deadline};
use edges::config::Config;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    events::serve(&config, (Desk::open(&config).await?, auto_close::days(&config)?), close).await
}

async fn close((desk, days): &(Desk, i64), _schedule: Value, deadline: Deadline) -> Result<AutoClosed, Fatal> {
    desk.close_resolved(*days, clock::now(), deadline).await
}
