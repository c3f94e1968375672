//! Closing tickets that were resolved long ago, in the name of the help desk itself.

use domain::id::TicketNumber;
use domain::lifecycle::Status;
use domain::log::DeskReason;
use domain::ticket::{CommandRequest, Outcome, Refusal, Ticket};
use domain::time::Timestamp;
use domain::user::Person;
use edges::Fatal;
use edges::clock::{self, Deadline};
use edges::config::{Config, name};
use edges::store::{Store, StoreError, TicketFilter};
use serde::Serialize;

use crate::change::{ChangeError, Changed, Terms, change_ticket};

/// Tickets looked at in one call.
const TICKETS_PER_PAGE: usize = 100;

const SECONDS_PER_DAY: i64 = 24 * 3_600;

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AutoClosed {
    /// Tickets closed.
    pub closed: usize,
    /// Whether all resolved tickets were looked at; if not, the next run goes on where it can.
    pub complete: bool,
}

/// After how many days a resolved ticket is closed, as this deployment says.
///
/// # Errors
/// It does not say, or no whole number of days.
pub fn days(config: &Config) -> Result<i64, Fatal> {
    let [days] = config.required([name::CLOSE_RESOLVED_AFTER_DAYS])?;
    let parsed = days.parse().ok().filter(|days| *days >= 1);
    parsed.ok_or_else(|| {
        format!("{} must be a whole number of days from 1, and is {days}", name::CLOSE_RESOLVED_AFTER_DAYS).into()
    })
}

/// Closes every ticket that was resolved `days` days before `now` or earlier, until the deadline. To run it twice, or beside itself, does
/// nothing twice: each ticket is looked at again when it is closed.
///
/// # Errors
/// The list of resolved tickets cannot be read; or tickets were not closed, after all others were: so it rings, and Lambda runs it again.
pub async fn close_resolved(store: &Store, days: i64, now: Timestamp, deadline: Deadline) -> Result<AutoClosed, Fatal> {
    let (done, failed) = close_until(store, days, now, deadline).await?;
    tracing::info!(closed = done.closed, failed, complete = done.complete, "resolved tickets closed");
    if failed > 0 {
        return Err(format!("tickets not closed: {failed}; each has a line of its own before this").into());
    }
    Ok(done)
}

/// What was done, and how many tickets could not be closed.
async fn close_until(
    store: &Store,
    days: i64,
    now: Timestamp,
    deadline: Deadline,
) -> Result<(AutoClosed, usize), Fatal> {
    let actor = Person::system()?;
    let resolved_until = now.plus_seconds(-days * SECONDS_PER_DAY);
    let resolved = TicketFilter { status: Some(Status::Resolved), ..TicketFilter::default() };
    let (mut done, mut failed, mut after) = (AutoClosed::default(), 0, None);
    while !deadline.remaining().is_zero() {
        let page = store.list_tickets(&resolved, after.as_deref(), TICKETS_PER_PAGE).await?;
        let due = |head: &&domain::ticket::Head| head.resolved_at.is_some_and(|at| at <= resolved_until);
        for head in page.items.iter().filter(due) {
            if deadline.remaining().is_zero() {
                return Ok((done, failed));
            }
            match close(store, head.number, days, resolved_until, &actor).await {
                Ok(closed) => done.closed += usize::from(closed),
                Err(error) => {
                    tracing::error!(ticket = head.number.get(), error = %error, "ticket not closed");
                    failed += 1;
                }
            }
        }
        after = page.next;
        if after.is_none() {
            done.complete = true;
            break;
        }
    }
    Ok((done, failed))
}

/// Whether the ticket was closed: not if somebody reopened or closed it meanwhile.
async fn close(
    store: &Store,
    number: TicketNumber,
    days: i64,
    resolved_until: Timestamp,
    actor: &Person,
) -> Result<bool, ChangeError> {
    let reason = DeskReason::ResolvedFor { days }.for_log().map_err(StoreError::corrupt)?;
    let close_if_still_due = |ticket: Ticket| -> Result<Outcome, Refusal> {
        let due =
            ticket.head.status == Status::Resolved && ticket.head.resolved_at.is_some_and(|at| at <= resolved_until);
        if !due {
            return Ok(Outcome::Unchanged(Box::new(ticket)));
        }
        let change = ticket.execute(CommandRequest::Close(Some(reason.clone())), actor, clock::stamp())?;
        Ok(Outcome::Changed(Box::new(change)))
    };
    let terms = Terms::default();
    let unanswered = |_: &Changed| Err("no key was sent".into());
    let done = change_ticket(store, number, actor, &terms, close_if_still_due, unanswered).await?;
    Ok(matches!(done, crate::change::Done::Now(changed) if !changed.entries.is_empty()))
}
