//! `POST /v1/auth/refresh` — a device gets its next access token.
//!
//! The refresh token is good once. Using one again ends its session: either the device or a thief holds a copy.

use platform::Fatal;
use platform::auth::refresh::RefreshToken;
use platform::auth::{InvalidToken, TokenIssuer};
use platform::http::{self, Reply, Request, TokensView};
use platform::store::{Rotation, Store};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, TokenIssuer::open().await?), refresh).await
}

async fn refresh((store, issuer): &(Store, TokenIssuer), request: Request) -> http::Result<Reply> {
    let token = RefreshToken::from_body(request.json()?)?.ok_or(InvalidToken("no refresh token"))?;
    let now = request.received_at();
    let next = token.next();
    match store.rotate(&token, &next, now).await? {
        Rotation::Rotated => {}
        Rotation::Reused => {
            store.end_session(&token).await?;
            return Err(InvalidToken("refresh token used before").into());
        }
        Rotation::Refused => return Err(InvalidToken("refresh token unknown").into()),
    }
    let user = store.user(token.user_id).await?.filter(|user| user.active);
    let Some(user) = user else {
        store.end_session(&token).await?;
        return Err(InvalidToken("account inactive").into());
    };
    let access_token = issuer.issue(&user, token.session_id, now)?;
    Reply::ok(&TokensView::bearer(access_token, next.to_text()))
}
