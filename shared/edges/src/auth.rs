//! Authentication: passwords, access tokens, API tokens, refresh tokens, reset tokens,
//! registration tokens and unsubscribe tokens.

pub mod access;
mod api_token;
mod email_token;
mod encoding;
pub mod password;
pub mod refresh;
pub mod registration;
pub mod reset;
mod signing_key;
mod token_hash;
mod unsubscribe;

pub use access::{AccessTokens, Bearer, InvalidToken, TokenIssuer};
pub use api_token::{API_TOKEN_PREFIX, ApiTokenSecret};
pub use email_token::{EmailToken, InvalidEmailToken, VERIFICATION_SECONDS};
pub use signing_key::SigningKeys;
pub use token_hash::TokenHash;
pub use unsubscribe::{InvalidUnsubscribeToken, UnsubscribeKey, UnsubscribeToken};
