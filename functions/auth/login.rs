//! `POST /v1/auth/login` — somebody signs in on a device.
//!
//! An unknown address, a wrong password and a deactivated account get the same answer after the same work. Each attempt is counted
//! before it is looked at, against the address and against the network it comes from; a right one is taken back.

use domain::id::SessionId;
use domain::user::{Credentials, SignInPassword};
use platform::auth::TokenIssuer;
use platform::auth::password::{self, Verdict};
use platform::auth::refresh::{RefreshToken, SESSION_SECONDS};
use platform::http::{self, Problem, Reply, Request, TokensView};
use platform::store::{Account, Attempt, Session, Store};
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

    let account = store.account_of(&email).await?;
    let kept = account.as_ref().map(|account| account.password_hash.as_str());
    let verdict = password::verify(&credentials.password, kept)?;
    let account = account.filter(|account| verdict != Verdict::Wrong && account.user.active);
    let account = account.ok_or(Problem::InvalidCredentials)?;
    if verdict == Verdict::RightAsTyped || password::is_outdated(&account.password_hash) {
        rehash(store, &account, &credentials.password).await;
    }

    let session_id = SessionId::new(now, clock::id_bytes());
    let refresh_token = RefreshToken::begin(account.user.id, session_id);
    let session = Session {
        id: session_id,
        user_id: account.user.id,
        family_hash: refresh_token.family_hash(),
        token_hash: refresh_token.token_hash(),
        credential_version: account.credential_version,
        created_at: now,
        used_at: now,
        expires_at: now.plus_seconds(SESSION_SECONDS).unix_seconds(),
    };
    let access_token = issuer.issue(&account.user, session_id, now)?;
    store.begin_session(&session, &attempts).await?;
    Reply::ok(&TokensView::bearer(access_token, refresh_token.to_text()))
}

/// Keeps the password as it is kept today, if it was hashed with other parameters or as it was typed: now it is known. Where
/// that fails, the next sign-in does it.
async fn rehash(store: &Store, account: &Account, password: &SignInPassword) {
    if let Ok(new_hash) = password::rehash(password) {
        let (id, old_hash) = (account.user.id, &account.password_hash);
        let _until_next_time = store.rehash_password(id, old_hash, &new_hash).await;
    }
}
