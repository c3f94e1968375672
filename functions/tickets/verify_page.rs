//! No route: verifies all tickets page by page, newest first, for a caller with the permission to
//! invoke this function.
//!
//! `{"after": <the `next` of the page before>}` returns `{checked, broken: [{ticket, …}], next}`.
//! The last page has no `next`. `cargo local verify` asks for one page after the other.

use desk::Desk;
use edges::Fatal;
use edges::clock::Deadline;
use edges::config::Config;
use edges::store::VerifiedPage;
use serde::Deserialize;

/// The page to verify.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VerifyPageRequest {
    after: Option<String>,
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    events::serve(&config, Desk::open(&config).await?, verify_page).await
}

async fn verify_page(desk: &Desk, request: VerifyPageRequest, deadline: Deadline) -> Result<VerifiedPage, Fatal> {
    Ok(desk.verify_page(request.after.as_deref(), deadline).await?)
}
