//! Who somebody is: passwords, access tokens, refresh tokens, reset tokens, and what lets a mail be the last.

pub mod access;
pub mod password;
pub mod refresh;
pub mod reset;
mod signing_key;
mod token_hash;
mod unsubscribe;

pub use access::{AccessTokens, Bearer, InvalidToken, TokenIssuer};
pub use token_hash::TokenHash;
pub use unsubscribe::{InvalidUnsubscribeToken, UnsubscribeKey, UnsubscribeToken};
