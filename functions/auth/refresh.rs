//! `POST /v1/auth/refresh`: gives a device its next access token.
//!
//! A refresh token is valid once. Using it again ends its session, because either the device or a
//! thief holds a copy. The token is used up last, when there is an answer to give. A device that
//! gets no answer may retry.

use api::{Reply, Request, TokensView};
use edges::Fatal;
use edges::auth::refresh::RefreshToken;
use edges::auth::{InvalidToken, TokenIssuer};
use edges::config::Config;
use edges::store::{Rotation, Store};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, TokenIssuer::open(&config).await?), refresh).await
}

async fn refresh((store, issuer): &(Store, TokenIssuer), request: Request) -> api::Result<Reply> {
    let token = RefreshToken::from_body(request.json()?)?.ok_or(InvalidToken("not a refresh token"))?;
    let now = request.received_at();
    let Some(account) = store.account(token.user_id).await?.filter(|account| account.user.active) else {
        store.end_session(&token).await?;
        return Err(InvalidToken("account unknown or inactive").into());
    };
    let access_token = issuer.issue(&account.user, token.session_id, now)?;
    let next = token.next();
    match store.rotate(&token, &next, account.credential_version, now).await? {
        Rotation::Rotated => Reply::ok(&TokensView::bearer(access_token, next.to_text())),
        Rotation::Reused => {
            store.end_session(&token).await?;
            Err(InvalidToken("refresh token used before").into())
        }
        Rotation::Refused => Err(InvalidToken("refresh token unknown, or from before a password change").into()),
    }
}
