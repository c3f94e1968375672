//! Opening a ticket.

use domain::field::Violations;
use domain::id::TicketNumber;
use domain::lifecycle::Status;
use domain::permission::Actor;
use domain::permission::DeskAction;
use domain::ticket::{NewRequester, NewTicket, Ticket};
use domain::user::Person;
use edges::clock;
use edges::store::{StoreError, StoredResponse};

use crate::change::{Spending, done_or_replayed};
use crate::{BuildResponse, Desk, Done, Preconditions, TicketError};

impl Desk {
    /// Opens a ticket, for the actor or for another person. A stored response is returned only if
    /// the actor may still see its ticket. `ticket_of` returns the ticket that a stored response is
    /// about.
    pub async fn open_ticket(
        &self,
        new: NewTicket,
        actor: Actor<'_>,
        preconditions: &Preconditions,
        build_response: BuildResponse<'_, Ticket>,
        ticket_of: fn(&StoredResponse) -> Option<TicketNumber>,
    ) -> Result<Done<Ticket>, TicketError> {
        let done = self.open_once(new, actor, preconditions, build_response).await?;
        if let Done::Replayed(response) = &done {
            let number = ticket_of(response).ok_or_else(|| StoreError::corrupt("a stored response names no ticket"))?;
            self.head(number, actor).await?;
        }
        Ok(done)
    }

    async fn open_once(
        &self,
        new: NewTicket,
        actor: Actor<'_>,
        preconditions: &Preconditions,
        build_response: BuildResponse<'_, Ticket>,
    ) -> Result<Done<Ticket>, TicketError> {
        if let Some(response) = preconditions.replay(&self.store).await? {
            return Ok(Done::Replayed(response));
        }
        self.check_follow_up(&new, actor).await?;
        // Last of the checks, so that a look-up of an account costs a ticket of the limit.
        let requester = self.requester(&new, actor).await?;
        // Before a number is taken, so that a refused request leaves no gap.
        let mut spending = Spending::new(actor.owner().id, preconditions.limit);
        spending.spend_once(&self.store).await?;
        let number = self.store.next_ticket_number().await?;
        let change = Ticket::open(number, new, requester, actor, clock::stamp());
        let response = preconditions.response_to_store(&change.ticket, build_response)?;
        let written = self.store.commit(&change, preconditions.with_key(response.as_ref())).await;
        let done = done_or_replayed(&self.store, preconditions, change.ticket, written).await;
        if !matches!(done, Ok(Done::Executed(_))) {
            spending.refund(&self.store).await;
        }
        done
    }

    /// Resolves the requester.
    async fn requester(&self, new: &NewTicket, actor: Actor<'_>) -> Result<Person, TicketError> {
        let requester = match &new.requester {
            None => return Ok(actor.person.clone()),
            Some(NewRequester::Id(id)) if *id == actor.person.id => return Ok(actor.person.clone()),
            Some(requester) => requester,
        };
        // Before the look-up, so that a person who opens tickets only for themselves does not learn
        // which addresses have accounts.
        actor.check(DeskAction::OpenForAnother)?;
        let (user, refusal) = match requester {
            NewRequester::Id(id) => {
                (self.store.user(*id).await?, invalid("/requester_id", "must be the id of an active user"))
            }
            NewRequester::Email(email) => (
                self.store.user_by_email(&email.normalised()).await?,
                invalid("/requester_email", "must be the address of an active user"),
            ),
        };
        Ok(user.filter(|user| user.active).ok_or(refusal)?.person())
    }

    /// Checks that the ticket to follow up is closed and that the actor may see it.
    async fn check_follow_up(&self, new: &NewTicket, actor: Actor<'_>) -> Result<(), TicketError> {
        let Some(number) = new.follow_up_of else {
            return Ok(());
        };
        let head = self.store.head(number).await?.filter(|head| head.check_visible_to(actor).is_ok());
        if head.is_some_and(|head| head.status == Status::Closed) {
            return Ok(());
        }
        Err(invalid("/follow_up_of", "must be the number of a closed ticket that you may see"))
    }
}

fn invalid(pointer: &str, detail: &str) -> TicketError {
    TicketError::Invalid(Violations::one(pointer, detail))
}
