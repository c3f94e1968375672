//! `$default`: refuses every request that matches no route.

use api::{Problem, Reply, Request};
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, (), refuse).await
}

/// Refuses the request. The other routes take every method that their paths have. Any other method
/// is refused before an endpoint is called.
async fn refuse((): &(), _: Request) -> api::Result<Reply> {
    Err(Problem::NotFound)
}
