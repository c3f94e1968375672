//! Posting to webhooks according to Standard Webhooks 1.0: signed, bounded, and only to the public
//! internet.

mod client;
mod signature;

pub use client::WebhookClient;
pub use signature::{secret_text, signature};

use domain::webhook::Reach;

use crate::config::{Config, MissingVariables, name};

/// Returns which receivers this deployment posts to.
///
/// # Errors
/// Fails if the variable is missing.
pub fn reach(config: &Config) -> Result<Reach, MissingVariables> {
    let [reach] = config.required([name::WEBHOOK_REACH])?;
    Ok(if reach == "loopback" { Reach::PublicOrLoopback } else { Reach::Public })
}
