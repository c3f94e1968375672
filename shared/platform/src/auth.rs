//! Who somebody is: passwords, access tokens, refresh tokens and reset tokens.

pub mod access;
pub mod password;
pub mod refresh;
pub mod reset;
mod signing_key;
mod token_hash;

pub use access::{AccessTokens, Bearer, InvalidToken, TokenIssuer};
pub use token_hash::TokenHash;
