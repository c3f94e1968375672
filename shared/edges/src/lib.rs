//! The edges of the help desk. Each module wraps one external system in types of the domain.
//!
//! | module | what it holds |
//! |---|---|
//! | [`store`] | the one table: keys, items, reads and transactions |
//! | [`auth`] | passwords, access tokens and refresh tokens |
//! | [`mail`] | outgoing mail, in two languages |
//! | [`webhook`] | webhook requests: signatures, and which addresses are allowed |
//! | [`json`] | JSON input, read so that each member of an object occurs once |
//! | [`queue`] | queues that a function sends to |
//! | [`aws`] | one HTTP client and one configuration for every SDK client |
//! | [`clock`] | the one place that reads the clock and the system's randomness |
//! | [`config`] | the one place that reads the environment |
//! | [`telemetry`] | one structured log line per request |

pub mod auth;
pub mod aws;
pub mod clock;
pub mod config;
pub mod json;
pub mod limits;
pub mod mail;
pub mod queue;
pub mod store;
pub mod telemetry;
pub mod webhook;

/// The reason why a function cannot start. The runtime shows it to the operator.
pub type Fatal = Box<dyn std::error::Error + Send + Sync>;
