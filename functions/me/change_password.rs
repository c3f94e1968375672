//! `POST /v1/me/password` — somebody changes their password, and every other device of theirs is signed out.

use domain::permission::DeskAction;
use domain::user::PasswordChange;
use platform::Fatal;
use platform::auth::{AccessTokens, password};
use platform::http::{self, Problem, Reply, Request};
use platform::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    http::serve((Store::open().await?, AccessTokens::from_env()?), change_password).await
}

async fn change_password((store, tokens): &(Store, AccessTokens), request: Request) -> http::Result<Reply> {
    let bearer = request.bearer_who_may(DeskAction::ManageOwnAccount, tokens)?;
    let PasswordChange { current, new } = PasswordChange::from_body(request.json()?)?;
    let id = bearer.person.id;
    let kept = store.password_hash(id).await?.ok_or(Problem::NotFound)?;
    if !password::verify(&current, Some(&kept))? {
        return Err(Problem::field("/current_password", "is not your password"));
    }
    if !store.change_password(id, &kept, &password::hash(&new)?).await? {
        return Err(Problem::Conflict);
    }
    store.end_sessions(id, Some(bearer.session_id)).await?;
    Ok(Reply::no_content())
}
