//! `$default` — every request that no route takes.

use platform::Fatal;
use platform::http::{self, Problem, Reply, Request};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve_queries((), refuse).await
}

/// Every method that a path has is taken by a route, and what it does not have is refused before any endpoint is asked.
async fn refuse((): &(), _: Request) -> http::Result<Reply> {
    Err(Problem::NotFound)
}
