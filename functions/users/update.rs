//! `PATCH /v1/users/{id}` — an admin changes what somebody is called or where they get mail, or lets somebody in again who was
//! deactivated.

use api::{Problem, Reply, Request, UserView};
use domain::event::{AccountEvent, AccountEventKind, Concerned};
use domain::id::{EventId, UserId};
use domain::permission::DeskAction;
use domain::user::{User, UserPatch};
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::{Author, Store};
use edges::{Fatal, clock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), update).await
}

async fn update((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::UpdateUser, tokens)?;
    let id: UserId = request.path_parameter("id")?;
    let patch = UserPatch::from_body(request.json()?)?;
    // A name is nobody's right; an address is where the link to a new password goes.
    if id == actor.id && patch.email.is_some() {
        return Err(Problem::NotOnYourself);
    }
    let (author, now) = (Author::Admin(actor.id), request.received_at());
    let event = AccountEvent {
        id: EventId::new(now, clock::id_bytes()),
        at: now,
        kind: AccountEventKind::Reactivated(Concerned { user_id: id, actor }),
    };
    let reactivated = |old: &User, new: &User| (!old.active && new.active).then(|| event.clone());
    let changed = store.change_user(id, author, |user| user.patched(&patch, now), reactivated).await?;
    Reply::ok(&UserView::from(changed.ok_or(Problem::NotFound)?.user))
}
