//! `POST /v1/tickets` — somebody opens a ticket, for themselves or for another person.

use api::{Problem, Reply, Request, visible_head};
use domain::lifecycle::Status;
use domain::permission::DeskAction;
use domain::ticket::{NewTicket, Ticket};
use domain::user::Person;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::{Answer, Store};
use edges::{Fatal, clock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), create).await
}

async fn create((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::OpenTicket, tokens)?;
    let new = NewTicket::from_body(request.json()?)?;
    let terms = request.terms(&actor)?;
    if let Some(answer) = terms.replay(store).await? {
        return again(store, answer, &actor).await;
    }
    let requester = requester(store, &new, &actor).await?;
    check_follow_up(store, &new, &actor).await?;

    let number = store.next_ticket_number().await?;
    let change = Ticket::open(number, new, requester, &actor, clock::stamp());
    let reply = Reply::created_ticket(change.ticket.clone(), &actor)?;
    let answer = reply.to_answer();
    api::committed(store, &terms, reply, store.commit(&change, terms.keeping(&answer))).await
}

/// The answer of before, if its ticket still is one that the caller may see.
async fn again(store: &Store, answer: Answer, actor: &Person) -> api::Result<Reply> {
    let reply = Reply::replayed(answer);
    let number = reply.made_ticket().ok_or_else(|| Problem::Internal("a kept answer names no ticket".into()))?;
    visible_head(store, number, actor).await?;
    Ok(reply)
}

/// Whose ticket it becomes.
async fn requester(store: &Store, new: &NewTicket, actor: &Person) -> api::Result<Person> {
    let Some(id) = new.requester_id.filter(|id| *id != actor.id) else {
        return Ok(actor.clone());
    };
    if !actor.may(DeskAction::OpenForAnother) {
        return Err(Problem::forbidden(DeskAction::OpenForAnother, actor));
    }
    let user = store.user(id).await?.filter(|user| user.active);
    let user = user.ok_or_else(|| Problem::field("/requester_id", "must be the id of an active user"))?;
    Ok(user.person())
}

/// A ticket continues one that is closed and that whoever opens it may see.
async fn check_follow_up(store: &Store, new: &NewTicket, actor: &Person) -> api::Result<()> {
    let Some(number) = new.follow_up_of else {
        return Ok(());
    };
    match visible_head(store, number, actor).await {
        Ok(head) if head.status == Status::Closed => Ok(()),
        Ok(_) | Err(Problem::NotFound) => {
            let detail = "must be the number of a closed ticket that you may see";
            Err(Problem::field("/follow_up_of", detail))
        }
        Err(problem) => Err(problem),
    }
}
