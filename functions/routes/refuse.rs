//! `$default` — every request that no route takes.
use api::{Problem, Reply, Request};
use edges::Fatal;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    api::serve_queries((), refuse).await
}

/// Every method that a path has is taken by a route, and what it does not have is refused before any endpoint is asked.
async fn refuse((): &(), _: Request) -> api::Result<Reply> {
    Err(Problem::NotFound)
}
