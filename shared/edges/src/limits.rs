//! How many attempts of one network are free, as the operator of this deployment says.

use crate::Fatal;
use crate::config::{Config, name};

/// Returns how many wrong sign-ins are free.
///
/// # Errors
/// The deployment does not say, or no whole number from 1.
pub fn sign_ins_per_network(config: &Config) -> Result<u32, Fatal> {
    config.positive(name::SIGN_INS_PER_NETWORK)
}

/// Returns how many registrations are free.
pub fn registrations_per_network(config: &Config) -> Result<u32, Fatal> {
    config.positive(name::REGISTRATIONS_PER_NETWORK)
}

/// Returns how many requests for resets are free that were not finished.
pub fn resets_per_network(config: &Config) -> Result<u32, Fatal> {
    config.positive(name::RESETS_PER_NETWORK)
}
