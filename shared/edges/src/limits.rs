//! How many attempts per network are allowed before throttling, and how much a person may do in an
//! hour, as configured for this deployment.

use domain::limit::{Limit, Limited, Limits};

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

/// The default of template.yaml, for an earlier template, which has no such parameter.
const REGISTRATION_MAILS_PER_HOUR: u32 = 1_500;

/// Returns the number of mails in an hour that registrations may cause.
pub fn registration_mails_per_hour(config: &Config) -> Result<u32, Fatal> {
    match config.optional(name::REGISTRATION_MAILS_PER_HOUR) {
        Some(_) => config.positive(name::REGISTRATION_MAILS_PER_HOUR),
        None => Ok(REGISTRATION_MAILS_PER_HOUR),
    }
}

/// Returns the number of unfinished password reset requests before throttling.
pub fn resets_per_network(config: &Config) -> Result<u32, Fatal> {
    config.positive(name::RESETS_PER_NETWORK)
}

/// Returns how many tickets a person and a service account may open in an hour.
pub fn tickets_per_hour(config: &Config) -> Result<Limits, Fatal> {
    limits(config, Limited::Opening, name::TICKETS_PER_HOUR, name::SERVICE_TICKETS_PER_HOUR)
}

/// Returns for how many mails a person may ask in an hour.
pub fn mails_per_hour(config: &Config) -> Result<Limit, Fatal> {
    Ok(Limit { of: Limited::AskingForMails, per_hour: config.positive(name::MAILS_PER_HOUR)? })
}

/// Returns how many comments a person and a service account may write in an hour.
pub fn comments_per_hour(config: &Config) -> Result<Limits, Fatal> {
    limits(config, Limited::Commenting, name::COMMENTS_PER_HOUR, name::SERVICE_COMMENTS_PER_HOUR)
}

fn limits(config: &Config, of: Limited, person: &'static str, service: &'static str) -> Result<Limits, Fatal> {
    let limit = |name| Ok::<_, Fatal>(Limit { of, per_hour: config.positive(name)? });
    let person = limit(person)?;
    // The template of the version before does not set it.
    let service = if config.optional(service).is_some() { limit(service)? } else { person };
    Ok(Limits { person, service })
}
