//! How many attempts per network are allowed before throttling, as configured for this deployment.

use crate::Fatal;
use crate::config::{Config, name};

/// Returns the number of failed sign-ins before throttling.
///
/// # Errors
/// Fails if the setting is missing or is not a whole number of at least 1.
pub fn sign_ins_per_network(config: &Config) -> Result<u32, Fatal> {
    config.positive(name::SIGN_INS_PER_NETWORK)
}

/// Returns the number of registrations before throttling.
pub fn registrations_per_network(config: &Config) -> Result<u32, Fatal> {
    config.positive(name::REGISTRATIONS_PER_NETWORK)
}

/// Returns the number of unfinished password reset requests before throttling.
pub fn resets_per_network(config: &Config) -> Result<u32, Fatal> {
    config.positive(name::RESETS_PER_NETWORK)
}
