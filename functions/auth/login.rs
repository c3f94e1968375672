//! `POST /v1/auth/login`: signs a user in on a device.
//!
//! An unknown address, a wrong password and a deactivated account get the same answer after the
//! same work. Each sign-in attempt is counted before it is checked, against the address and against
//! the network that it comes from. The count of a successful attempt is taken back.

use api::{Problem, Reply, Request, TokensView};
use domain::id::SessionId;
use domain::user::{Credentials, SignInPassword};
use edges::auth::TokenIssuer;
use edges::auth::password::{self, Verdict};
use edges::auth::refresh::{RefreshToken, SESSION_SECONDS};
use edges::config::Config;
use edges::store::{Account, Admission, AttemptError, Session, SignIn, Store};
use edges::{Fatal, clock, limits};

/// The state that a sign-in needs.
struct Login {
    store: Store,
    issuer: TokenIssuer,
    /// The number of free wrong attempts per network.
    free: u32,
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    let (store, issuer) = (Store::open(&config).await?, TokenIssuer::open(&config).await?);
    api::serve(&config, Login { store, issuer, free: limits::sign_ins_per_network(&config)? }, login).await
}

async fn login(login: &Login, request: Request) -> api::Result<Reply> {
    let credentials = Credentials::from_body(request.json()?)?;
    let email = credentials.email.normalised();
    let answer = sign_in(login, &email, &credentials.password, &request).await;
    if answer.is_err() {
        request.refused_with(login.store.address_hash(&email).await);
    }
    answer
}

async fn sign_in(login: &Login, email: &str, password: &SignInPassword, request: &Request) -> api::Result<Reply> {
    let Login { store, issuer, free } = login;
    let now = request.received_at();
    let mut sign_in = SignIn::new(email, request.network());
    let admission = store.count_sign_in(&mut sign_in, *free, now).await?;
    let account = account_with(store, email, password, admission).await?;

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
    store.begin_session(&session).await?;
    store.end_sign_in(&sign_in, admission, now).await;
    Reply::ok(&TokensView::bearer(access_token, refresh_token.to_text()))
}

/// Returns the account with this address and password, if it may sign in now.
async fn account_with(
    store: &Store,
    email: &str,
    password: &SignInPassword,
    admission: Admission,
) -> api::Result<Account> {
    let (is_admitted, refusal) = match admission {
        Admission::Anybody => (true, Problem::InvalidCredentials),
        Admission::Known { is_known, wait } => (is_known, Problem::from(AttemptError::TooMany(wait))),
    };
    // An attempt that is not admitted is looked up and compared like one for an unknown account.
    let account = store.account_of(email).await?.filter(|_| is_admitted);
    let kept = account.as_ref().map(|account| account.password_hash.as_str());
    let verdict = password::verify(password, kept)?;
    let account = account.filter(|account| verdict != Verdict::Wrong && account.user.active).ok_or(refusal)?;
    if verdict == Verdict::RightAsTyped || password::is_outdated(&account.password_hash) {
        rehash(store, &account, password).await;
    }
    Ok(account)
}

/// Rehashes the password, if it was hashed with other parameters or as it was typed. The password
/// is only known during a sign-in. If this fails, the next sign-in does it.
async fn rehash(store: &Store, account: &Account, password: &SignInPassword) {
    if let Ok(new_hash) = password::rehash(password) {
        let (id, old_hash) = (account.user.id, &account.password_hash);
        let _until_next_time = store.rehash_password(id, old_hash, &new_hash).await;
    }
}
