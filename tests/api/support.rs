//! What every test needs: a desk of its own, callers, and convenient access to responses.

mod answer;
mod caller;
mod contract;
mod desk;
mod numbers;
mod people;
mod receiver;
mod routing;
pub(crate) mod table;
mod tokens;

pub(crate) use answer::Response;
pub(crate) use caller::Caller;
pub(crate) use desk::{Desk, assert_unchanged, embedded_only, eventually};
pub(crate) use numbers::{Numbers, setting};
pub(crate) use people::{PASSWORD, unique};
pub(crate) use receiver::{Reaction, Received, Receiver};
pub(crate) use tokens::{Forged, claims_of};
