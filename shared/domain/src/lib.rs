//! The rules of the help desk.
//!
//! Everything here is pure: no input or output, no clock, no randomness of its own. The time and
//! the random bytes of a change are passed in as a [`stamp::Stamp`]. The effect of a change is
//! returned as a [`ticket::Change`] for the store to commit.
//!
//! | module | what it decides |
//! |---|---|
//! | [`lifecycle`] | which command leads from which status to which: the table |
//! | [`permission`] | who may do what, and with which scopes of an API token: the tables |
//! | [`ticket`] | what a ticket is, and how each command changes it |
//! | [`log`] | the numbered, chained record of everything that happened to a ticket |
//! | [`notification`] | who is notified of what: the table |
//! | [`event`] | the envelope of an event |
//! | [`audit`] | the record of what was done to accounts and webhooks |
//! | [`user`] | people, roles, names, addresses and passwords |
//! | [`token`] | API tokens |
//! | [`webhook`] | where events are posted to, when a delivery is retried, allowed addresses |
//! | [`throttle`] | how long the next attempt has to wait after earlier ones: the table |
//! | [`limit`] | how much one person may do in an hour: the table |
//! | [`normal`] | a normal form for comparing texts that people consider the same |
//! | [`field`], [`text`] | reading a request's body: all faults at once, each with its location |

pub mod audit;
pub mod event;
pub mod field;
mod hex;
pub mod id;
pub mod language;
pub mod lifecycle;
pub mod limit;
pub mod log;
pub mod normal;
pub mod notification;
pub mod permission;
#[cfg(test)]
mod samples;
pub mod stamp;
pub mod text;
pub mod throttle;
pub mod ticket;
pub mod time;
pub mod token;
pub mod user;
pub mod webhook;
