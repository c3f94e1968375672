//! The parts around the local stack in tests: the wire between the functions and the services they
//! call, the permissions that it enforces on every call, and a second DynamoDB.

mod call;
pub mod dynamodb;
pub mod policy;
mod refusals;
pub mod rights;
mod shards;
pub mod wire;
