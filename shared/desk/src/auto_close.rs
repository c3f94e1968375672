//! Closes tickets that were resolved long ago, as the help desk itself.

use domain::lifecycle::Status;
use domain::log::DeskReason;
use domain::permission::Actor;
use domain::ticket::{CommandRequest, Head};
use domain::time::Timestamp;
use domain::user::Person;
use edges::Fatal;
use edges::clock::Deadline;
use edges::config::{Config, name};
use edges::store::TicketFilter;
use serde::Serialize;

use crate::Desk;

/// The number of tickets read in one call.
const TICKETS_PER_PAGE: usize = 100;

const SECONDS_PER_DAY: i64 = 24 * 3_600;

/// The outcome of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AutoClosed {
    /// The number of tickets closed.
    pub closed: usize,
    /// Whether all resolved tickets were checked. If not, the rest is left to the next run.
    pub complete: bool,
}

/// Returns after how many days this deployment closes a resolved ticket.
///
/// # Errors
/// Fails if the setting is missing or is not a whole number of days.
pub fn days(config: &Config) -> Result<i64, Fatal> {
    let [days] = config.required([name::CLOSE_RESOLVED_AFTER_DAYS])?;
    let parsed = days.parse().ok().filter(|days| *days >= 1);
    parsed.ok_or_else(|| {
        format!("{} must be a whole number of days from 1, but is {days}", name::CLOSE_RESOLVED_AFTER_DAYS).into()
    })
}

impl Desk {
    /// Closes every ticket that was resolved at least `days` days before `now`, until the deadline.
    /// It is safe to run it twice or concurrently, because each ticket is checked again when it is
    /// closed.
    ///
    /// # Errors
    /// Fails if the resolved tickets cannot be listed. If some tickets could not be closed, closes
    /// the others first and then fails, so that the alarm rings and Lambda invokes the function
    /// again.
    pub async fn close_resolved(&self, days: i64, now: Timestamp, deadline: Deadline) -> Result<AutoClosed, Fatal> {
        let (done, failed) = self.close_until(days, now, deadline).await?;
        tracing::info!(closed = done.closed, failed, complete = done.complete, "resolved tickets closed");
        if failed > 0 {
            return Err(format!("tickets not closed: {failed}; each has its own log line before this one").into());
        }
        Ok(done)
    }

    /// Returns the outcome and the number of tickets that could not be closed.
    async fn close_until(&self, days: i64, now: Timestamp, deadline: Deadline) -> Result<(AutoClosed, usize), Fatal> {
        let actor = Person::system();
        let close = CommandRequest::Close(Some(DeskReason::ResolvedFor { days }.for_log()));
        let resolved_until = now.plus_seconds(-days * SECONDS_PER_DAY);
        let is_due =
            |head: &Head| head.status == Status::Resolved && head.resolved_at.is_some_and(|at| at <= resolved_until);
        let resolved = TicketFilter { status: Some(Status::Resolved), ..TicketFilter::default() };
        let (mut done, mut failed, mut after) = (AutoClosed::default(), 0, None);
        while !deadline.remaining().is_zero() {
            let page = self.store.list_tickets(&resolved, after.as_deref(), TICKETS_PER_PAGE).await?;
            for head in page.items.iter().filter(|head| is_due(head)) {
                if deadline.remaining().is_zero() {
                    return Ok((done, failed));
                }
                match self.execute_if(head.number, Actor::of(&actor), &close, is_due).await {
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
}
