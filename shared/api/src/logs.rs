//! Lists of what is on a ticket.

use domain::id::TicketNumber;
use domain::log::LogEntry;
use domain::permission::TicketAction;
use edges::auth::AccessTokens;
use edges::store::{LogKind, LogOrder, Store, Verified, VerifiedSoFar};
use serde::Serialize;

use super::{NoteView, Paging, Problem, Query, Reply, Request, TimelineItem, VerificationView, visible_head};

/// One page of the log of the ticket that the request's path names, oldest first, each entry as `view` shows it.
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
    let (paging, _) = Paging::read(request, &actor, &[])?;
    let ticket = visible_head(store, request.ticket_number()?, &actor).await?.number;
    let page = store.log(ticket, kind, LogOrder::OldestFirst, paging.after(), paging.limit).await?;
    paging.reply(page, view)
}

/// One page of the notes on the ticket that the request's path names, oldest first.
///
/// # Errors
/// As [`log_page`], and [`Problem::Forbidden`].
pub async fn note_page(store: &Store, tokens: &AccessTokens, request: &Request) -> Result<Reply, Problem> {
    let actor = request.actor(tokens)?;
    let (paging, _) = Paging::read(request, &actor, &[])?;
    let head = visible_head(store, request.ticket_number()?, &actor).await?;
    head.check_may(&actor, TicketAction::SeeNotes)?;
    let page = store.notes(head.number, LogOrder::OldestFirst, paging.after(), paging.limit).await?;
    paging.reply(page, NoteView::from)
}

/// One page of all that is on the ticket that the request's path names. Notes are looked for only where the caller may see them.
///
/// # Errors
/// As [`log_page`].
pub async fn timeline_page(store: &Store, tokens: &AccessTokens, request: &Request) -> Result<Reply, Problem> {
    let actor = request.actor(tokens)?;
    let (paging, query) = Paging::read(request, &actor, &["order"])?;
    let order = order(&query)?;
    let head = visible_head(store, request.ticket_number()?, &actor).await?;
    let (ticket, after, limit): (TicketNumber, _, _) = (head.number, paging.after(), paging.limit);
    if head.standing_of(&actor).may(TicketAction::SeeNotes) {
        let page = store.log_with_notes(ticket, order, after, limit).await?;
        return paging.reply(page, TimelineItem::from);
    }
    let page = store.log(ticket, LogKind::All, order, after, limit).await?;
    paging.reply(page, TimelineItem::from)
}

fn order(query: &Query) -> Result<LogOrder, Problem> {
    let order = query.parse("order", "asc or desc", |order| match order {
        "asc" => Some(LogOrder::OldestFirst),
        "desc" => Some(LogOrder::NewestFirst),
        _ => None,
    })?;
    Ok(order.unwrap_or(LogOrder::OldestFirst))
}

/// Whether the ticket that the request's path names is what was written, with the log's part behind the cursor; or how far that was looked at.
///
/// # Errors
/// As [`log_page`].
pub async fn verification(store: &Store, tokens: &AccessTokens, request: &Request) -> Result<Reply, Problem> {
    let actor = request.actor(tokens)?;
    let query = request.query(&["cursor"])?;
    let number = visible_head(store, request.ticket_number()?, &actor).await?.number;
    let begun = query.get("cursor").map(|written| VerifiedSoFar::read(written, number).ok_or(Problem::InvalidCursor));
    let verified = store.verify(number, begun.transpose()?, request.deadline().halfway()).await?;
    match verified.ok_or(Problem::NotFound)? {
        Verified::Whole(whole) => Reply::ok(&VerificationView::from(whole)),
        Verified::Part { so_far, head_hash } => Reply::ok(&VerificationView {
            intact: so_far.first_broken_seq().map(|_broken| false),
            entries: so_far.entries(),
            head_hash,
            first_broken_seq: so_far.first_broken_seq(),
            next_cursor: Some(so_far.written()?),
        }),
    }
}
