//! Black-box tests of the functions over HTTP. Each test has a stack of its own.
//!
//! The tree mirrors `functions/`.
#![cfg(test)]

mod acting_for;
mod audit;
mod auth;
mod authorization;
mod comments;
mod console;
mod contract;
mod costs;
mod dead_letters;
mod deployment;
mod docs;
mod events;
mod faults;
mod idempotency;
mod invitations;
mod kills;
mod limits;
mod mails;
mod main_path;
mod malformed;
mod me;
mod model;
mod new_tickets;
mod notes;
mod notifications;
mod openapi;
mod pages;
mod people;
mod preferences;
mod restart;
mod rights;
mod routes;
mod samples;
mod service_accounts;
mod sessions;
mod support;
mod telemetry;
mod texts;
mod tickets;
mod timeline;
mod tokens;
mod users;
mod webhooks;
mod workers;
