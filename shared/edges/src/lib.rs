//! The edges of the help desk: each module is one thing outside, behind types that speak the domain.
//!
//! | module | what it holds |
//! |---|---|
//! | [`store`] | the one table: keys, items, reads and transactions |
//! | [`auth`] | passwords, access tokens and refresh tokens |
//! | [`mail`] | the mails that are sent, in two languages |
//! | [`webhook`] | posting to webhooks: signatures, and which addresses are reached |
//! | [`json`] | JSON as it is sent from outside: each member of an object once |
//! | [`queue`] | queues that a function sends to |
//! | [`aws`] | one HTTP client and one configuration for every SDK client |
//! | [`clock`] | the one place that reads the clock and the system's randomness |
//! | [`config`] | the one place that reads the environment |
//! | [`telemetry`] | one structured line for each request |

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

/// Why a function cannot start. The runtime shows it to whoever deploys.
pub type Fatal = Box<dyn std::error::Error + Send + Sync>;
