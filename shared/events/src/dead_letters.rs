//! The request to redrive dead letters, as an operator invokes it.

use desk::redrive::{DeadLetters, RedriveSource, Redriven};
use edges::Fatal;
use edges::clock::Deadline;
use serde::Deserialize;

/// The request to redrive dead letters.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedriveRequest {
    /// The queue whose dead letters are redriven.
    pub queue: RedriveSource,
}

/// Redrives dead letters until none is left or the deadline passes.
///
/// # Errors
/// Fails if SQS does not respond. Letters redriven before that stay redriven.
pub async fn redrive(letters: &DeadLetters, request: RedriveRequest, deadline: Deadline) -> Result<Redriven, Fatal> {
    Ok(letters.redrive(request.queue, deadline).await?)
}
