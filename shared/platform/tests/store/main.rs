//! The store on the embedded engine, through the real SDK.
#![cfg(test)]

mod accounts;
mod inbox;
mod lists;
mod people;
mod table;
mod tickets;
