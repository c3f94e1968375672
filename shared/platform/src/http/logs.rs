//! Lists of what is in a ticket's log.

use domain::log::LogEntry;
use serde::Serialize;

use super::{Paging, Problem, Reply, Request, visible_head};
use crate::auth::AccessTokens;
use crate::store::{LogKind, LogOrder, Store};

/// One page of the log of the ticket that the request's path names, each entry as `view` shows it. `order` is read from the query
/// where the route knows it.
///
/// # Errors
/// What the request is refused with; [`Problem::NotFound`] if there is no such ticket, or the caller may not know of it.
pub async fn log_page<V: Serialize>(
    store: &Store,
    tokens: &AccessTokens,
    request: &Request,
    kind: LogKind,
    view: impl FnMut(LogEntry) -> V,
) -> Result<Reply, Problem> {
    let actor = request.actor(tokens)?;
    let known: &[&str] = if kind == LogKind::All { &["order"] } else { &[] };
    let (paging, query) = Paging::read(request, &actor, known)?;
    let order = query.parse("order", "asc or desc", |order| match order {
        "asc" => Some(LogOrder::OldestFirst),
        "desc" => Some(LogOrder::NewestFirst),
        _ => None,
    })?;
    let ticket = visible_head(store, request.ticket_number()?, &actor).await?.number;
    let order = order.unwrap_or(LogOrder::OldestFirst);
    let page = store.log(ticket, kind, order, paging.after(), paging.limit).await?;
    paging.reply(page, view)
}
