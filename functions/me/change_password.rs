//! `POST /v1/me/password`: changes the caller's password, and signs out all of the caller's other
//! devices.

use api::{Problem, Reply, Request};
use domain::permission::DeskAction;
use domain::user::PasswordChange;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::auth::password::{self, Verdict};
use edges::config::Config;
use edges::store::{NewPassword, PasswordSet, Proof, Store};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), change_password).await
}

async fn change_password((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    let bearer = request.bearer_who_may(DeskAction::ManageOwnAccount, tokens)?;
    let PasswordChange { current, new } = PasswordChange::from_body(request.json()?)?;
    let (user, now) = (bearer.person.id, request.received_at());
    store.count_password_change(user, now).await?;
    let account = store.account(user).await?.ok_or(Problem::NotFound)?;
    if !account.user.active {
        return Err(Problem::inactive());
    }
    if password::verify(&current, Some(&account.password_hash))? == Verdict::Wrong {
        return Err(Problem::field("/current_password", "is not your current password"));
    }
    let new = NewPassword {
        account: &account,
        new_hash: &password::hash(&new)?,
        proof: Proof::CurrentPassword { session: bearer.session_id },
    };
    match store.set_password(&new, now).await? {
        PasswordSet::Done => {}
        PasswordSet::SessionOver => return Err(Problem::SignedOut),
        PasswordSet::Changed => return Err(Problem::Conflict),
    }
    store.clear_sessions(user, now, Some(bearer.session_id)).await;
    Ok(Reply::no_content())
}
