//! Proving that what is stored of a ticket is what was written.

use domain::id::TicketNumber;
use domain::log::{LogEntry, Verification, Verifier};
use domain::ticket::Head;
use serde::Serialize;

use super::item::{from_item, to_item};
use super::keys::{self, Item, Key, LOG_PREFIX, TRACE};
use super::query::{Filter, Stretch};
use super::ticket_list::compared_words;
use super::{Store, StoreError};
use crate::clock::Deadline;

/// Entries read in one call.
const ENTRIES_PER_CALL: usize = 250;
/// How often a log is read anew because it grew meanwhile.
const TRIES_MAX: u32 = 5;

/// Tickets looked up for one page; as many of them are verified as there is time for.
const TICKETS_PER_PAGE: usize = 25;

/// What came of verifying some of all tickets.
#[derive(Debug, Serialize)]
pub struct VerifiedPage {
    /// How many tickets were verified.
    pub checked: u64,
    /// Those that are not as they were written.
    pub broken: Vec<BrokenTicket>,
    /// Where the next page begins; none after the last.
    pub next: Option<String>,
}

/// A ticket that is not as it was written.
#[derive(Debug, Serialize)]
pub struct BrokenTicket {
    /// Its number.
    pub ticket: TicketNumber,
    /// The place of the first entry that is not; none if the head alone is not.
    pub first_broken_seq: Option<u64>,
}

impl Store {
    /// Verifies tickets behind that place, the newest first, until the page or half of the time is used up.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn verify_page(&self, after: Option<&str>, deadline: Deadline) -> Result<VerifiedPage, StoreError> {
        let until_half = deadline.remaining() / 2;
        let (numbers, next) = self.ticket_numbers(after, TICKETS_PER_PAGE).await?;
        let mut page = VerifiedPage { checked: 0, broken: Vec::new(), next };
        for (place, number) in numbers.iter().enumerate() {
            if deadline.remaining() < until_half {
                page.next = place.checked_sub(1).and_then(|last| numbers.get(last)).copied().map(keys::position_of);
                break;
            }
            page.checked += 1;
            let verification = self.verify(*number).await?;
            page.broken.extend(
                verification.filter(|it| !it.intact).map(|verification| BrokenTicket {
                    ticket: *number,
                    first_broken_seq: verification.first_broken_seq,
                }),
            );
        }
        Ok(page)
    }

    /// Verifies a ticket's head and every entry of its log, down to each stored attribute. None if there is no such ticket.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn verify(&self, ticket: TicketNumber) -> Result<Option<Verification>, StoreError> {
        for _ in 0..TRIES_MAX {
            let Some(item) = self.get(&Key::head(ticket)).await? else {
                return Ok(None);
            };
            let Ok(head) = from_item::<Head>(item.clone()) else {
                return Ok(Some(Verification::of_unreadable_head()));
            };
            let mut verification = self.verify_log(&head).await?;
            // An entry more than the head knows of was either written meanwhile or forged.
            if verification.entries > head.seq && self.head(ticket).await?.is_some_and(|now| now.seq > head.seq) {
                continue;
            }
            verification.intact &= is_as_written(&item, &head, beside(&item, &head))?;
            return Ok(Some(verification));
        }
        Err(StoreError::Unavailable("the ticket kept changing".into()))
    }

    async fn verify_log(&self, head: &Head) -> Result<Verification, StoreError> {
        let stretch = Stretch::of_table(keys::log_partition(head.number), LOG_PREFIX, true);
        let mut verifier = Verifier::new(head.number);
        let mut start: Option<Item> = None;
        loop {
            let (items, next) = self.query(&stretch, &Filter::default(), start, ENTRIES_PER_CALL).await?;
            for item in &items {
                verifier.take(entry_as_written(item).as_ref());
            }
            start = next.map(|item| keys::primary_key(&item));
            if start.is_none() {
                return Ok(verifier.finish(head));
            }
        }
    }
}

/// What is written into a head's item beside the head. One written before there were compared forms of
/// words has none.
fn beside(item: &Item, head: &Head) -> Item {
    let mut beside = compared_words(head);
    beside.retain(|name, _| item.contains_key(name));
    beside.extend(keys::head_keys(head));
    beside
}

/// The entry an item holds, if the item is exactly what is written for it.
fn entry_as_written(item: &Item) -> Option<LogEntry> {
    let entry: LogEntry = from_item(item.clone()).ok()?;
    let key = Key::log(entry.ticket, entry.seq).to_item();
    is_as_written(item, &entry, key).is_ok_and(|same| same).then_some(entry)
}

/// Whether an item is what is written for that value under those keys, and nothing else.
fn is_as_written(item: &Item, value: &impl Serialize, keys: Item) -> Result<bool, StoreError> {
    let mut written = to_item(value)?;
    written.extend(keys);
    // By which request it was written is for those who look for faults, and no part of what happened.
    written.extend(item.get(TRACE).map(|trace| (TRACE.to_owned(), trace.clone())));
    Ok(written == *item)
}
