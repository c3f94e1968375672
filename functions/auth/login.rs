//! `POST /v1/auth/login` — somebody signs in on a device.
//!
//! An unknown address, a wrong password and a deactivated account get the same answer after the same work.

use domain::id::SessionId;
use domain::user::Credentials;
use platform::auth::refresh::{RefreshToken, SESSION_SECONDS};
use platform::auth::{TokenIssuer, password};
use platform::http::{self, Problem, Reply, Request, TokensView};
use platform::store::{Session, Store};
use platform::{Fatal, clock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, TokenIssuer::open().await?), login).await
}

async fn login((store, issuer): &(Store, TokenIssuer), request: Request) -> http::Result<Reply> {
    let credentials = Credentials::from_body(request.json()?)?;
    let now = request.received_at();
    let login = store.login(&credentials.email.normalised()).await?;
    let kept = login.as_ref().map(|login| login.password_hash.as_str());
    let right = password::verify(&credentials.password, kept)?;
    let login = login.filter(|login| right && login.user.active).ok_or(Problem::InvalidCredentials)?;

    let session_id = SessionId::new(now, clock::id_bytes());
    let refresh_token = RefreshToken::begin(login.user.id, session_id);
    let session = Session {
        id: session_id,
        user_id: login.user.id,
        family_hash: refresh_token.family_hash(),
        token_hash: refresh_token.token_hash(),
        created_at: now,
        used_at: now,
        expires_at: now.plus_seconds(SESSION_SECONDS).unix_seconds(),
    };
    store.begin_session(&session).await?;
    let access_token = issuer.issue(&login.user, session_id, now)?;
    Reply::ok(&TokensView::bearer(access_token, refresh_token.to_text()))
}
