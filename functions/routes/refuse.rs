//! `$default` — every request that no route takes.

use platform::Fatal;
use platform::http::{self, Reply, Request};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve_queries((), refuse).await
}

async fn refuse((): &(), request: Request) -> http::Result<Reply> {
    http::refuse(&request)
}
