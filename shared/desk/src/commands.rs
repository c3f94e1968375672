//! Commands, edits, assignments and comments.

use domain::id::{TicketNumber, UserId};
use domain::permission::Actor;
use domain::text::CommentBody;
use domain::ticket::{CommandRequest, Outcome, Ticket, TicketPatch};
use domain::user::User;
use edges::clock;

use crate::{BuildResponse, Changed, Desk, Done, Preconditions, TicketError};

impl Desk {
    /// Executes a command on a ticket.
    pub async fn execute(
        &self,
        number: TicketNumber,
        command: CommandRequest,
        actor: Actor<'_>,
        preconditions: &Preconditions,
        build_response: BuildResponse<'_, Changed>,
    ) -> Result<Done<Changed>, TicketError> {
        let decide = |ticket: Ticket| {
            let change = ticket.execute(command.clone(), actor, clock::stamp())?;
            Ok(Outcome::Changed(Box::new(change)))
        };
        self.change(number, actor, preconditions, decide, build_response).await
    }

    /// Edits a ticket.
    pub async fn edit(
        &self,
        number: TicketNumber,
        patch: TicketPatch,
        actor: Actor<'_>,
        preconditions: &Preconditions,
        build_response: BuildResponse<'_, Changed>,
    ) -> Result<Done<Changed>, TicketError> {
        let decide = |ticket: Ticket| ticket.patch(patch.clone(), actor, clock::stamp());
        self.change(number, actor, preconditions, decide, build_response).await
    }

    /// Assigns a ticket: a technician takes it, or it is given or handed over to one.
    pub async fn assign(
        &self,
        number: TicketNumber,
        to: UserId,
        actor: Actor<'_>,
        preconditions: &Preconditions,
        build_response: BuildResponse<'_, Changed>,
    ) -> Result<Done<Changed>, TicketError> {
        let technician = self.store.user(to).await?.filter(User::is_active_technician).map(|user| user.person());
        let decide = |ticket: Ticket| ticket.assign(to, technician.clone(), actor, clock::stamp());
        self.change(number, actor, preconditions, decide, build_response).await
    }

    /// Adds a public comment to a ticket, as the first of the entries added. A requester's comment
    /// reopens a resolved ticket.
    pub async fn comment(
        &self,
        number: TicketNumber,
        body: CommentBody,
        actor: Actor<'_>,
        preconditions: &Preconditions,
        build_response: BuildResponse<'_, Changed<()>>,
    ) -> Result<Done<Changed<()>>, TicketError> {
        let decide = |ticket: Ticket<()>| {
            let change = ticket.comment(body.clone(), actor, [clock::stamp(), clock::stamp()])?;
            Ok(Outcome::Changed(Box::new(change)))
        };
        self.change(number, actor, preconditions, decide, build_response).await
    }
}
