//! `$default` — every request that no route takes.

use api::{Problem, Reply, Request};
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, (), refuse).await
}

/// Every method that a path has is taken by a route, and what it does not have is refused before any endpoint is asked.
async fn refuse((): &(), _: Request) -> api::Result<Reply> {
    Err(Problem::NotFound)
}
