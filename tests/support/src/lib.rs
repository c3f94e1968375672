//! What tests put around the local stack: the wire between the functions and the services they call, and the rights that it holds
//! every call to.

mod call;
pub mod policy;
mod refusals;
pub mod rights;
pub mod wire;
