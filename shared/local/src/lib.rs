//! The whole help desk on one machine: a DynamoDB, an SQS and an SSM that are crates, an SES that keeps what it is given, the real function binaries on
//! the real Lambda runtime interface, and what AWS would do between them.
//!
//! [`Stack::start`] composes everything; `cargo local` and the black-box tests are its two users. What is created is
//! read from `template.yaml`, never written down a second time, and what the local stack cannot honour in it is an
//! error that names the place. Everything listens on 127.0.0.1 only.

mod clock;
pub mod engine;
mod error;
mod filter;
mod functions;
pub mod http;
pub mod keys;
mod life;
pub mod mails;
mod mappings;
mod parameters;
mod queues;
pub mod records;
pub mod serve;
mod stack;
pub mod template;
pub mod tools;

pub use error::{Error, Result};
pub use functions::{Endpoints, FunctionsMode, Instances, Proxy, invoke};
pub use queues::ForeignCharacters;
pub use stack::{DatabaseLocation, Stack, StackOptions};

/// The region every local part says it is in. The stand-ins do not look at it.
pub const REGION: &str = "us-east-1";

/// The account every local resource belongs to.
pub const ACCOUNT: &str = "000000000000";
