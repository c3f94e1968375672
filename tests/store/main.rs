//! The store on the embedded engine, through the real SDK.
#![cfg(test)]

mod accounts;
mod attempts;
mod audit;
mod auto_close;
mod conflicts;
mod deliveries;
mod email_changes;
mod inbox;
mod invitations;
mod lists;
mod numbers;
mod pages;
mod passwords;
mod people;
mod sessions;
mod stubs;
mod table;
mod telling;
mod tickets;
mod urgent_mails;
