//! `GET /v1/tickets` — a user's own tickets; for staff, all of them. `status=open` is the queue.

use api::{HeadView, Paging, Reply, Request, TICKET_FILTERS, ticket_filter};
use domain::permission::DeskAction;
use edges::Fatal;
use edges::auth::AccessTokens;
use edges::config::Config;
use edges::store::{Page, Store};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, (Store::open(&config).await?, AccessTokens::open(&config)?), list).await
}

async fn list((store, tokens): &(Store, AccessTokens), request: Request) -> api::Result<Reply> {
    let actor = request.actor_who_may(DeskAction::ListOwnTickets, tokens)?;
    let (paging, query) = Paging::read(&request, &actor, &TICKET_FILTERS)?;
    let mut filter = ticket_filter(&query, &actor)?;
    if !actor.may(DeskAction::ListAllTickets)
        && filter.requester.replace(actor.id).is_some_and(|other| other != actor.id)
    {
        return paging.reply(Page::empty(), |head| HeadView::of(head, &actor));
    }
    let page = store.list_tickets(&filter, paging.after(), paging.limit).await?;
    paging.reply(page, |head| HeadView::of(head, &actor))
}
