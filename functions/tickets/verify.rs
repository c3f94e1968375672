//! `GET /v1/tickets/{number}/verify`: checks whether a ticket and its log are as they were written.

use api::{Problem, Reply, Request, VerificationView};
use desk::{Callers, Desk};
use domain::permission::TicketAction;
use edges::Fatal;
use edges::config::Config;
use edges::store::VerificationProgress;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, Desk::with_callers(&config).await?, verify).await
}

async fn verify((desk, callers): &(Desk, Callers), request: Request) -> api::Result<Reply> {
    let caller = request.authorize_ticket(TicketAction::SeeTicket, callers).await?;
    let (query, number) = (request.query(&["cursor"])?, request.ticket_number()?);
    let begun =
        query.get("cursor").map(|written| VerificationProgress::read(written, number).ok_or(Problem::InvalidCursor));
    let verified = desk.verify(number, begun.transpose()?, caller.actor(), request.deadline().midpoint()).await?;
    Reply::ok(&VerificationView::of(verified)?)
}
