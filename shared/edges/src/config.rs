//! The one place that reads the environment.

use std::collections::HashMap;
use std::fmt;

use crate::Fatal;

/// Environment variables of the functions, by the names template.yaml gives them.
pub mod name {
    /// The namespace of the metrics that functions print.
    pub const METRICS_NAMESPACE: &str = "METRICS_NAMESPACE";
    /// The origins whose pages may call the API, with commas between them; none if it is not set.
    pub const CORS_ORIGINS: &str = "CORS_ORIGINS";
    /// The header in which a front says whose request it passes on, if there is a front.
    pub const VIEWER_HEADER: &str = "VIEWER_HEADER";
    /// What the front shows to be believed.
    pub const FRONT_SECRET: &str = "FRONT_SECRET";
    pub const TABLE_NAME: &str = "TABLE_NAME";
    /// The URL of the FIFO queue that events travel on.
    pub const EVENTS_QUEUE_URL: &str = "EVENTS_QUEUE_URL";
    /// The URL of the FIFO queue that events of accounts travel on.
    pub const ACCOUNTS_QUEUE_URL: &str = "ACCOUNTS_QUEUE_URL";
    /// The URL of the FIFO queue that mails to be sent wait on.
    pub const EMAIL_QUEUE_URL: &str = "EMAIL_QUEUE_URL";
    /// The URL of the queue that events to be posted wait on.
    pub const WEBHOOKS_QUEUE_URL: &str = "WEBHOOKS_QUEUE_URL";
    /// The URLs of the queues of dead letters.
    pub const EVENTS_DEAD_LETTERS_URL: &str = "EVENTS_DEAD_LETTERS_URL";
    /// See [`EVENTS_DEAD_LETTERS_URL`].
    pub const ACCOUNTS_DEAD_LETTERS_URL: &str = "ACCOUNTS_DEAD_LETTERS_URL";
    /// See [`EVENTS_DEAD_LETTERS_URL`].
    pub const EMAIL_DEAD_LETTERS_URL: &str = "EMAIL_DEAD_LETTERS_URL";
    /// See [`EVENTS_DEAD_LETTERS_URL`].
    pub const WEBHOOKS_DEAD_LETTERS_URL: &str = "WEBHOOKS_DEAD_LETTERS_URL";
    /// The URL of the queue that the relay puts what it cannot read on.
    pub const RELAY_DEAD_LETTERS_URL: &str = "RELAY_DEAD_LETTERS_URL";
    /// Which webhooks there may be: `public`, or `loopback` too.
    pub const WEBHOOK_REACH: &str = "WEBHOOK_REACH";
    /// How many days after its resolution a ticket is closed.
    pub const CLOSE_RESOLVED_AFTER_DAYS: &str = "CLOSE_RESOLVED_AFTER_DAYS";
    /// How many wrong sign-ins of one network are free.
    pub const SIGN_INS_PER_NETWORK: &str = "SIGN_INS_PER_NETWORK";
    /// How many registrations of one network are free.
    pub const REGISTRATIONS_PER_NETWORK: &str = "REGISTRATIONS_PER_NETWORK";
    /// How many requests for resets of one network are free.
    pub const RESETS_PER_NETWORK: &str = "RESETS_PER_NETWORK";
    /// Where callers reach the API, without a slash at the end.
    pub const API_URL: &str = "API_URL";
    /// The SES configuration set that mails are sent with.
    pub const MAIL_CONFIGURATION_SET: &str = "MAIL_CONFIGURATION_SET";
    /// The address that mails come from; empty where none are sent.
    pub const MAIL_SENDER: &str = "MAIL_SENDER";
    /// The page of a ticket, with `{number}` for its number; mails link to it. May be left out.
    pub const TICKET_PAGE: &str = "TICKET_PAGE";
    /// The page on which somebody chooses a new password; the token of the mail is its fragment.
    pub const PASSWORD_RESET_PAGE: &str = "PASSWORD_RESET_PAGE";
    /// The `iss` of access tokens.
    pub const TOKEN_ISSUER: &str = "TOKEN_ISSUER";
    /// The `aud` of access tokens.
    pub const TOKEN_AUDIENCE: &str = "TOKEN_AUDIENCE";
    /// The public keys that access tokens are verified with: a JWKS document (RFC 7517 §5).
    pub const TOKEN_VERIFY_KEYS: &str = "TOKEN_VERIFY_KEYS";
    /// The name of the SSM parameter that holds the private key access tokens are signed with.
    pub const TOKEN_SIGNING_KEY_NAME: &str = "TOKEN_SIGNING_KEY_NAME";
}

/// Variables that should be set and are not.
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
    /// All of them that are missing or empty, at once.
    pub fn required<const N: usize>(&self, names: [&'static str; N]) -> Result<[String; N], MissingVariables> {
        let values = names.map(|name| self.optional(name).unwrap_or_default().to_owned());
        let missing: Vec<&'static str> =
            names.into_iter().zip(&values).filter(|(_, value)| value.is_empty()).map(|(name, _)| name).collect();
        if missing.is_empty() { Ok(values) } else { Err(MissingVariables(missing)) }
    }

    /// Returns the value of a variable that is a whole number from 1.
    pub fn positive(&self, name: &'static str) -> Result<u32, Fatal> {
        let [value] = self.required([name])?;
        let parsed = value.parse().ok().filter(|number| *number >= 1);
        parsed.ok_or_else(|| format!("{name} must be a whole number from 1, and is {value}").into())
    }

    /// Returns the value of a variable that may be left out. An empty one is.
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
    fn all_missing_variables_are_told_at_once() {
        let config: Config = [("SET", "x"), ("EMPTY", "")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect();
        let error = config.required(["ABSENT", "SET", "EMPTY"]).unwrap_err();
        assert_eq!(error, MissingVariables(vec!["ABSENT", "EMPTY"]));
    }
}
