//! Views of API tokens.

use desk::tokens::ListedToken;
use domain::id::TokenId;
use domain::permission::Scopes;
use domain::text::TokenName;
use domain::time::Timestamp;
use domain::token::ApiToken;
use serde::Serialize;

/// An API token, without its secret.
#[derive(Debug, Serialize)]
pub struct TokenView {
    pub id: TokenId,
    pub name: TokenName,
    pub scopes: Scopes,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_on: Option<String>,
}

impl From<ListedToken> for TokenView {
    fn from(listed: ListedToken) -> Self {
        let ListedToken { token, last_used_on } = listed;
        Self {
            id: token.id,
            name: token.name,
            scopes: token.scopes,
            created_at: token.created_at,
            expires_at: token.expires_at.map(|second| Timestamp::UNIX_EPOCH.plus_seconds(second)),
            last_used_on,
        }
    }
}

/// A new API token, with its text, which is shown this once.
#[derive(Serialize)]
pub struct NewTokenView {
    #[serde(flatten)]
    pub token: TokenView,
    #[serde(rename = "token")]
    pub text: String,
}

impl From<(ApiToken, String)> for NewTokenView {
    fn from((token, text): (ApiToken, String)) -> Self {
        Self { token: ListedToken { token, last_used_on: None }.into(), text }
    }
}
