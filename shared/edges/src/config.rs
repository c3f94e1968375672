//! The one place that reads the environment.

use std::collections::HashMap;
use std::fmt;

use crate::Fatal;

/// Names of the functions' environment variables, as template.yaml sets them.
pub mod name {
    /// The namespace of the metrics that functions emit.
    pub const METRICS_NAMESPACE: &str = "METRICS_NAMESPACE";
    /// The origins whose pages may call the API, separated by commas. None if unset.
    pub const CORS_ORIGINS: &str = "CORS_ORIGINS";
    /// The header in which a proxy in front of the API, if there is one, names the client whose
    /// request it forwards.
    pub const VIEWER_HEADER: &str = "VIEWER_HEADER";
    /// The secret with which that proxy authenticates itself.
    pub const FRONT_SECRET: &str = "FRONT_SECRET";
    pub const TABLE_NAME: &str = "TABLE_NAME";
    /// The URL of the FIFO queue of ticket events.
    pub const EVENTS_QUEUE_URL: &str = "EVENTS_QUEUE_URL";
    /// The URL of the FIFO queue of account events.
    pub const ACCOUNTS_QUEUE_URL: &str = "ACCOUNTS_QUEUE_URL";
    /// The URL of the FIFO queue of mails to be sent.
    pub const EMAIL_QUEUE_URL: &str = "EMAIL_QUEUE_URL";
    /// The URL of the queue of events to be posted to webhooks.
    pub const WEBHOOKS_QUEUE_URL: &str = "WEBHOOKS_QUEUE_URL";
    /// The URL of the dead-letter queue for ticket events.
    pub const EVENTS_DEAD_LETTERS_URL: &str = "EVENTS_DEAD_LETTERS_URL";
    /// The URL of the dead-letter queue for account events.
    pub const ACCOUNTS_DEAD_LETTERS_URL: &str = "ACCOUNTS_DEAD_LETTERS_URL";
    /// The URL of the dead-letter queue for mails.
    pub const EMAIL_DEAD_LETTERS_URL: &str = "EMAIL_DEAD_LETTERS_URL";
    /// The URL of the dead-letter queue for webhook deliveries.
    pub const WEBHOOKS_DEAD_LETTERS_URL: &str = "WEBHOOKS_DEAD_LETTERS_URL";
    /// The URL of the queue for stream records that the relay cannot read.
    pub const RELAY_DEAD_LETTERS_URL: &str = "RELAY_DEAD_LETTERS_URL";
    /// Which webhook addresses are allowed: `public`, or `loopback` as well.
    pub const WEBHOOK_REACH: &str = "WEBHOOK_REACH";
    /// Which cookie holds a page's refresh token: `secure`, or `loopback` without TLS.
    pub const SESSION_COOKIE: &str = "SESSION_COOKIE";
    /// The number of days after which a resolved ticket is closed.
    pub const CLOSE_RESOLVED_AFTER_DAYS: &str = "CLOSE_RESOLVED_AFTER_DAYS";
    /// The number of failed sign-ins per network before throttling.
    pub const SIGN_INS_PER_NETWORK: &str = "SIGN_INS_PER_NETWORK";
    /// Who may register: `open`, `domains` or `invited`.
    pub const REGISTRATION: &str = "REGISTRATION";
    /// The domains whose addresses may register under `domains`, separated by commas.
    pub const REGISTRATION_DOMAINS: &str = "REGISTRATION_DOMAINS";
    /// The number of registrations per network before throttling.
    pub const REGISTRATIONS_PER_NETWORK: &str = "REGISTRATIONS_PER_NETWORK";
    /// The number of mails in an hour that registrations may cause, of all networks together. An
    /// earlier template does not set it.
    pub const REGISTRATION_MAILS_PER_HOUR: &str = "REGISTRATION_MAILS_PER_HOUR";
    /// The number of password reset requests per network before throttling.
    pub const RESETS_PER_NETWORK: &str = "RESETS_PER_NETWORK";
    /// How many tickets a person may open in an hour.
    pub const TICKETS_PER_HOUR: &str = "TICKETS_PER_HOUR";
    /// How many comments a person may write in an hour.
    pub const COMMENTS_PER_HOUR: &str = "COMMENTS_PER_HOUR";
    /// For how many mails to others a person may ask in an hour.
    pub const MAILS_PER_HOUR: &str = "MAILS_PER_HOUR";
    /// How many tickets a service account may open in an hour.
    pub const SERVICE_TICKETS_PER_HOUR: &str = "SERVICE_TICKETS_PER_HOUR";
    /// How many comments a service account may write in an hour.
    pub const SERVICE_COMMENTS_PER_HOUR: &str = "SERVICE_COMMENTS_PER_HOUR";
    /// The URL under which clients reach the API, without a trailing slash.
    pub const API_URL: &str = "API_URL";
    /// The SES configuration set for outgoing mail.
    pub const MAIL_CONFIGURATION_SET: &str = "MAIL_CONFIGURATION_SET";
    /// The sender address of outgoing mail. Empty if no mail is sent.
    pub const MAIL_SENDER: &str = "MAIL_SENDER";
    /// Whether mails are sent: `yes`, or empty. For functions that send none themselves.
    pub const SENDS_MAILS: &str = "SENDS_MAILS";
    /// The page of a ticket, with `{number}` for its number. Mails link to it. Optional.
    pub const TICKET_PAGE: &str = "TICKET_PAGE";
    /// The page for choosing a password. The mailed token is its URL fragment.
    pub const PASSWORD_RESET_PAGE: &str = "PASSWORD_RESET_PAGE";
    /// The `iss` of access tokens.
    pub const TOKEN_ISSUER: &str = "TOKEN_ISSUER";
    /// The `aud` of access tokens.
    pub const TOKEN_AUDIENCE: &str = "TOKEN_AUDIENCE";
    /// The public keys that verify access tokens: a JWKS document (RFC 7517 §5).
    pub const TOKEN_VERIFY_KEYS: &str = "TOKEN_VERIFY_KEYS";
    /// The name of the SSM parameter that holds the private key for signing access tokens.
    pub const TOKEN_SIGNING_KEY_NAME: &str = "TOKEN_SIGNING_KEY_NAME";
}

/// Required variables that are not set.
#[derive(Debug, PartialEq, Eq)]
pub struct MissingVariables(Vec<&'static str>);

impl fmt::Display for MissingVariables {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "environment variables not set: {}; template.yaml sets them for each function",
            self.0.join(", ")
        )
    }
}

impl std::error::Error for MissingVariables {}

/// The settings of a function: the environment it was started with, read once.
#[derive(Clone, Debug, Default)]
pub struct Config(HashMap<String, String>);

impl Config {
    /// Reads the environment of this process.
    #[expect(clippy::disallowed_methods, reason = "this module is where the environment is read")]
    pub fn from_env() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// Returns the values of these variables, in this order.
    ///
    /// # Errors
    /// Fails with the names of all variables that are missing or empty, at once.
    pub fn required<const N: usize>(&self, names: [&'static str; N]) -> Result<[String; N], MissingVariables> {
        let values = names.map(|name| self.optional(name).unwrap_or_default().to_owned());
        let missing: Vec<&'static str> =
            names.into_iter().zip(&values).filter(|(_, value)| value.is_empty()).map(|(name, _)| name).collect();
        if missing.is_empty() { Ok(values) } else { Err(MissingVariables(missing)) }
    }

    /// Returns the value of a variable that must be a whole number of at least 1.
    pub fn positive(&self, name: &'static str) -> Result<u32, Fatal> {
        let [value] = self.required([name])?;
        let parsed = value.parse().ok().filter(|number| *number >= 1);
        parsed.ok_or_else(|| format!("{name} must be a whole number from 1, but is {value}").into())
    }

    /// Returns the value of an optional variable. An empty value counts as unset.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

impl FromIterator<(String, String)> for Config {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self(variables.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_missing_variables_are_reported_at_once() {
        let config: Config = [("SET", "x"), ("EMPTY", "")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect();
        let error = config.required(["ABSENT", "SET", "EMPTY"]).unwrap_err();
        assert_eq!(error, MissingVariables(vec!["ABSENT", "EMPTY"]));
    }
}
