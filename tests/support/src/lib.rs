//! What tests put around the local stack: the wire between the functions and the services they call, the rights that it holds every
//! call to, and a second DynamoDB.

mod call;
pub mod dynamodb;
pub mod policy;
mod refusals;
pub mod rights;
mod shards;
pub mod wire;
