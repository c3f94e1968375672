//! Posting to webhooks as Standard Webhooks 1.0 says: signed, bounded, and to the public internet alone.

mod client;
mod signature;

pub use client::WebhookClient;
pub use signature::{secret_text, signature};

use domain::webhook::Reach;

use crate::config::{Config, MissingVariables, name};

/// Which receivers this deployment posts to.
///
/// # Errors
/// The variable that is missing.
pub fn reach(config: &Config) -> Result<Reach, MissingVariables> {
    let [reach] = config.required([name::WEBHOOK_REACH])?;
    Ok(if reach == "loopback" { Reach::PublicOrLoopback } else { Reach::Public })
}
