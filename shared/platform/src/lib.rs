//! The edges of the help desk: where the domain meets DynamoDB, HTTP, tokens and queues.
//!
//! | module | what it holds |
//! |---|---|
//! | [`http`] | a function behind API Gateway: request, reply, problem documents, cursors, views |
//! | [`store`] | the one table: keys, items, reads and transactions |
//! | [`auth`] | passwords, access tokens and refresh tokens |
//! | [`change`] | a change of a ticket: read, decide, commit, and begin again if somebody was faster |
//! | [`events`] | the way of an event: stream, queue, and what is done then |
//! | [`mail`] | the mails that are sent, in two languages |
//! | [`webhook`] | posting to webhooks: signatures, and which addresses are reached |
//! | [`json`] | JSON as it is sent from outside: each member of an object once |
//! | [`queue`] | queues that a function sends to |
//! | [`auto_close`] | closing what was resolved long ago |
//! | [`aws`] | one HTTP client and one configuration for every SDK client |
//! | [`clock`] | the one place that reads the clock and the system's randomness |
//! | [`config`] | the one place that reads the environment |
//! | [`telemetry`] | one structured line for each request |

pub mod auth;
pub mod auto_close;
pub mod aws;
pub mod change;
pub mod clock;
pub mod config;
pub mod events;
pub mod http;
pub mod json;
pub mod limits;
pub mod mail;
pub mod queue;
pub mod store;
pub mod telemetry;
pub mod webhook;

/// Why a function cannot start. The runtime shows it to whoever deploys.
pub type Fatal = Box<dyn std::error::Error + Send + Sync>;
