//! `POST /v1/auth/login` — somebody signs in on a device.
//!
//! An unknown address, a wrong password and a deactivated account get the same answer after the same work. Each attempt is counted
//! before it is looked at, against the address and against the network it comes from; a right one is taken back.

use domain::id::SessionId;
use domain::user::{Credentials, SignInPassword};
use platform::auth::refresh::{RefreshToken, SESSION_SECONDS};
use platform::auth::{TokenIssuer, password};
use platform::http::{self, Problem, Reply, Request, TokensView};
use platform::store::{Attempt, Login, Session, Store};
use platform::{Fatal, clock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, TokenIssuer::open().await?), login).await
}

async fn login((store, issuer): &(Store, TokenIssuer), request: Request) -> http::Result<Reply> {
    let credentials = Credentials::from_body(request.json()?)?;
    let now = request.received_at();
    let email = credentials.email.normalised();
    let from = request.network().map(|network| Attempt::SignInFrom { network });
    let attempts: Vec<Attempt> = [Attempt::SignIn { email: email.clone() }].into_iter().chain(from).collect();
    store.count_attempts(&attempts, now).await?;

    let login = store.login(&email).await?;
    let kept = login.as_ref().map(|login| login.password_hash.as_str());
    let right = password::verify(&credentials.password, kept)?;
    let login = login.filter(|login| right && login.user.active).ok_or(Problem::InvalidCredentials)?;
    rehash_if_outdated(store, &login, &credentials.password).await?;

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
    let access_token = issuer.issue(&login.user, session_id, now)?;
    store.begin_session(&session, &attempts).await?;
    Reply::ok(&TokensView::bearer(access_token, refresh_token.to_text()))
}

/// Keeps the password as it is kept today, if it was hashed with other parameters: now it is known.
async fn rehash_if_outdated(store: &Store, login: &Login, password: &SignInPassword) -> http::Result<()> {
    if password::is_outdated(&login.password_hash) {
        let new_hash = password::rehash(password)?;
        store.rehash_password(login.user.id, &login.password_hash, &new_hash).await?;
    }
    Ok(())
}
