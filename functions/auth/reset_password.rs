//! `POST /v1/auth/password/reset`: sets a new password with a mailed token, and signs out all of
//! the user's devices.

use api::{Reply, Request};
use domain::user::PasswordReset;
use edges::Fatal;
use edges::auth::reset::ResetToken;
use edges::auth::{InvalidToken, password};
use edges::config::Config;
use edges::store::{NewPassword, PasswordSet, Proof, SignIn, Store};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, Store::open(&config).await?, reset_password).await
}

async fn reset_password(store: &Store, request: Request) -> api::Result<Reply> {
    let reset = PasswordReset::from_body(request.json()?)?;
    let now = request.received_at();
    let token = ResetToken::parse(&reset.token).ok_or(InvalidToken("not a reset token"))?;
    let pending = store.reset_of(&token, now).await?.ok_or(InvalidToken("reset token unknown or expired"))?;
    let account = &pending.account;
    let sign_in = SignIn::new(&account.user.email.normalised(), request.network());
    let new = NewPassword {
        account,
        new_hash: &password::hash(&reset.password)?,
        proof: Proof::Token { token: &token, reset: &pending, sign_in: &sign_in },
    };
    if store.set_password(&new, now).await? != PasswordSet::Done {
        return Err(InvalidToken("reset token used at the same time").into());
    }
    store.clear_sessions(account.user.id, now, None).await;
    Ok(Reply::no_content())
}
