//! The whole help desk on one machine. DynamoDB, SQS and SSM are crates, and SES is a stand-in that
//! keeps the mails it is given. The real function binaries run on the real Lambda runtime
//! interface, and this crate does what AWS would do between them.
//!
//! [`Stack::start`] composes everything. Its two users are `cargo local` and the black-box tests.
//! The resources are read from `template.yaml` and never defined a second time. Anything in it that
//! the local stack does not support is an error that names the place. Everything listens on
//! 127.0.0.1 only.

mod clock;
pub mod console;
pub mod engine;
mod error;
mod filter;
mod functions;
pub mod http;
pub mod keys;
pub mod mails;
mod mappings;
mod parameters;
mod queues;
pub mod records;
pub mod serve;
mod stack;
mod stack_runtime;
pub mod template;
pub mod tools;

pub use error::{Error, Result};
pub use functions::{Endpoints, FunctionsMode, Instances, Proxy, Start, invoke};
pub use queues::ForeignCharacters;
pub use stack::{DatabaseLocation, Stack, StackOptions};

/// The region that every local service reports. The stand-ins do not check it.
pub const REGION: &str = "us-east-1";

/// The account that owns every local resource.
pub const ACCOUNT: &str = "000000000000";
