//! Who somebody is: passwords, access tokens and refresh tokens.

pub mod access;
pub mod password;
pub mod refresh;
mod signing_key;

pub use access::{AccessTokens, Bearer, InvalidToken, TokenIssuer};
