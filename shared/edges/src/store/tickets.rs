//! Tickets: the head, and every change to it together with its log entries.

use aws_sdk_dynamodb::types::ReturnValue;
use domain::id::TicketNumber;
use domain::log::{Field, LogEntry};
use domain::text::{Description, Resolution};
use domain::ticket::{Change, Head, Ticket};
use domain::user::Role;

use super::account_items::active_as;
use super::condition::{absent, is};
use super::item::{Consistency, from_item, item_at, number, number_in, to_item, traced};
use super::keys::{self, Item, Key};
use super::ticket_list::compared_words;
use super::transaction::Transaction;
use super::{IdempotencyKey, Store, StoreError, StoredResponse};
use crate::aws::Call;

/// The reason why a change was not committed. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The ticket is stale or is being changed. The caller has to read it and decide again.
    #[error("the ticket changed meanwhile")]
    Conflict,
    /// The new assignee is no longer an active technician.
    #[error("the assignee is no longer an active technician")]
    NotATechnician,
    /// A concurrent request with the same idempotency key was faster. Its response is stored now.
    #[error("the same request was already handled")]
    AlreadyStored,
    /// The table could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The attribute of the counter.
const LAST_NUMBER: &str = "last_number";

impl Store {
    /// Returns a ticket number that was never returned before. If the ticket is then not opened,
    /// the number is skipped forever.
    pub async fn next_ticket_number(&self) -> Result<TicketNumber, StoreError> {
        let given = self.count_ticket().await?;
        given
            .and_then(TicketNumber::new)
            .ok_or_else(|| StoreError::corrupt("the ticket counter does not hold a ticket number"))
    }

    /// Adds one to the counter, and returns its value.
    fn count_ticket(&self) -> Call<'static, Result<Option<u64>, StoreError>> {
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(Key::ticket_counter().to_item()))
            .update_expression("ADD #last :one")
            .expression_attribute_names("#last", LAST_NUMBER)
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::UpdatedNew);
        Box::pin(async { Ok(request.send().await?.attributes.as_ref().and_then(last_number)) })
    }

    /// Returns the last allocated ticket number, or 0 if there is none.
    pub(super) async fn last_ticket_number(&self, consistency: Consistency) -> Result<u64, StoreError> {
        let counter = self.get_with(&Key::ticket_counter(), consistency).await?;
        Ok(counter.as_ref().and_then(last_number).unwrap_or(0))
    }

    /// Returns a ticket without its long texts.
    pub async fn head(&self, number: TicketNumber) -> Result<Option<Head>, StoreError> {
        self.get(&Key::head(number)).await?.map(from_item).transpose()
    }

    /// Returns a ticket with its long texts. Makes one call, and a second if the ticket was
    /// resolved or its description was edited.
    pub async fn ticket(&self, number: TicketNumber) -> Result<Option<Ticket>, StoreError> {
        let head_key = Key::head(number);
        let items = self.batch_get(vec![head_key.clone(), Key::log(number, 1)]).await?;
        let (head, entries): (Vec<Item>, Vec<Item>) = items.into_iter().partition(|item| head_key.is_of(item));
        let Some(head) = head.into_iter().next() else {
            return Ok(None);
        };
        self.with_texts(from_item(head)?, entries).await.map(Some)
    }

    /// Returns the ticket of a head that was read, with its long texts. Makes one call.
    pub async fn ticket_of(&self, head: Head) -> Result<Ticket, StoreError> {
        self.with_texts(head, Vec::new()).await
    }

    /// Returns a ticket without its description. Makes one call, and a second if the ticket was
    /// resolved.
    pub async fn ticket_without_description(&self, number: TicketNumber) -> Result<Option<Ticket<()>>, StoreError> {
        let Some(head) = self.head(number).await? else {
            return Ok(None);
        };
        let entries = self.written_entries(number, head.resolution_seq).await?;
        let resolution = resolution_in(&head, &entries)?;
        Ok(Some(Ticket { head, description: (), resolution, assignee_left: false }))
    }

    /// Adds its long texts to a head. Reads those that are not in these entries.
    async fn with_texts(&self, head: Head, mut entries: Vec<Item>) -> Result<Ticket, StoreError> {
        // The head and the entries are read concurrently, not atomically. While a ticket is being
        // opened, its first entry may appear a moment later.
        let wanted = [Some(head.description_seq), head.resolution_seq].into_iter().flatten();
        let missing: Vec<u64> = wanted.filter(|seq| entry_in(&entries, head.number, *seq).is_none()).collect();
        entries.extend(self.written_entries(head.number, missing).await?);
        let description = text_in(&entries, head.number, head.description_seq, Field::Description)?;
        let resolution = resolution_in(&head, &entries)?;
        Ok(Ticket { description: Description::from_stored(description), resolution, assignee_left: false, head })
    }

    /// Commits a change: the head on condition that it has not changed since it was read, its log
    /// entries, and the response stored under the idempotency key, if there is one. Writes all of
    /// it or nothing.
    pub async fn commit<D>(
        &self,
        change: &Change<D>,
        stored: Option<(&IdempotencyKey, &StoredResponse)>,
    ) -> Result<(), CommitError> {
        let as_it_was_read = if change.expected_seq == 0 { absent() } else { is("seq", number(change.expected_seq)) };
        let mut transaction = Transaction::new()
            .put(head_item(&change.ticket.head)?)
            .when(as_it_was_read)
            .or(CommitError::Conflict)
            .or_if_contended(CommitError::Conflict);
        if let Some(technician) = change.needs_technician {
            let check = transaction.check(Key::profile(technician)).when(active_as(Role::Technician));
            transaction = check.or(CommitError::NotATechnician);
        }
        for entry in &change.entries {
            let item = traced(item_at(&Key::log(entry.ticket, entry.seq), &entry.stored())?);
            transaction = transaction.put(item).when(absent()).or(CommitError::Conflict);
        }
        transaction.store_response(stored)?.commit(self).await?
    }
}

/// Returns the item of an entry among these.
fn entry_in(entries: &[Item], number: TicketNumber, seq: u64) -> Option<&Item> {
    let key = Key::log(number, seq);
    entries.iter().find(|item| key.is_of(item))
}

/// Returns the text that an entry among these gave a field.
fn text_in(entries: &[Item], number: TicketNumber, seq: u64, field: Field) -> Result<String, StoreError> {
    let entry = entry_in(entries, number, seq).cloned().map(from_item::<LogEntry>).transpose()?;
    let text = entry.and_then(|entry| entry.new_text(field).cloned());
    text.ok_or_else(|| StoreError::corrupt(format!("ticket {number} has no {}", field.as_str())))
}

fn resolution_in(head: &Head, entries: &[Item]) -> Result<Option<Resolution>, StoreError> {
    let text = head.resolution_seq.map(|seq| text_in(entries, head.number, seq, Field::Resolution)).transpose()?;
    Ok(text.map(Resolution::from_stored))
}

/// Returns the item of a head, with its keys in the indexes.
fn head_item(head: &Head) -> Result<Item, StoreError> {
    let mut item = to_item(head)?;
    item.extend(keys::head_keys(head));
    item.extend(compared_words(head));
    Ok(item)
}

fn last_number(item: &Item) -> Option<u64> {
    number_in(item, LAST_NUMBER)
}
