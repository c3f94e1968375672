//! Verifies that the stored items of a ticket are as they were written.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::TicketNumber;
use domain::log::{Hash, LogEntry};
use domain::ticket::{Head, Verification, Verifier};
use serde::{Deserialize, Serialize};

use super::item::{from_item, to_item};
use super::keys::{self, Item, Key, LOG_PREFIX, TRACE};
use super::query::{Budget, KeyRange};
use super::ticket_list::compared_words;
use super::{Store, StoreError};
use crate::clock::Deadline;

/// The number of entries read in one call.
const ENTRIES_PER_CALL: usize = 250;
/// The number of times to continue reading a log that grew in the meantime.
const TRIES_MAX: u32 = 5;

/// The number of tickets looked up for one page. As many of them are verified as time allows.
const TICKETS_PER_PAGE: usize = 25;

/// The result of verifying a page of all tickets.
#[derive(Debug, Serialize)]
pub struct VerifiedPage {
    /// The number of tickets verified completely.
    pub checked: u64,
    /// The tickets that are not as they were written.
    pub broken: Vec<BrokenTicket>,
    /// The cursor of the next page, which may lie within a ticket, or none after the last page.
    pub next: Option<String>,
}

/// A ticket that is not as it was written.
#[derive(Debug, Serialize)]
pub struct BrokenTicket {
    /// The number of the ticket.
    pub ticket: TicketNumber,
    /// The sequence number of the first broken entry, or none if only the head is broken.
    pub first_broken_seq: Option<u64>,
}

/// The result of verifying a ticket.
#[derive(Debug)]
pub enum Verified {
    /// The whole ticket was checked.
    Complete(Verification),
    /// Time ran out before the whole ticket was checked. The part that was checked is as it was
    /// written.
    Partial {
        /// The progress of the verification.
        progress: Box<VerificationProgress>,
        /// The hash of the last entry according to the head.
        head_hash: Hash,
    },
}

/// The progress of verifying a ticket, in which all entries so far are as they were written. In
/// serialized form it is as large as the ticket's head, however long the log is. It is not
/// protected against the caller who carries it from one call to the next: they would only deceive
/// themselves. So nothing in it is used as a key of the table.
#[derive(Debug)]
pub struct VerificationProgress {
    verifier: Verifier,
}

/// The serialized form of [`VerificationProgress`].
#[derive(Serialize, Deserialize)]
struct Written {
    verifier: Verifier,
    /// The sort key of the last checked entry. It follows from `verifier` and is kept for the
    /// previous deployment, which reads it.
    #[serde(skip_deserializing)]
    last_key: Option<String>,
}

impl VerificationProgress {
    /// The maximum length that is read, in bytes. The form of the largest head is shorter. API
    /// Gateway accepts 10,240 bytes of request line and headers together.
    pub const WRITTEN_BYTES_MAX: usize = 6_144;

    const fn new(ticket: TicketNumber) -> Self {
        Self { verifier: Verifier::new(ticket) }
    }

    /// Reads what [`VerificationProgress::written`] returned for that ticket.
    #[must_use]
    pub fn read(written: &str, ticket: TicketNumber) -> Option<Self> {
        if written.len() > Self::WRITTEN_BYTES_MAX {
            return None;
        }
        let Written { verifier, .. } = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(written).ok()?).ok()?;
        (verifier.ticket() == ticket && verifier.is_consistent()).then_some(Self { verifier })
    }

    /// Returns the serialized form that is carried to the next call.
    pub fn written(&self) -> Result<String, StoreError> {
        let written = Written { verifier: self.verifier.clone(), last_key: self.last_key().map(|key| key.sk) };
        Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&written).map_err(StoreError::corrupt)?))
    }

    /// Returns the key of the last checked entry. No entry is broken so far, so it is the key of
    /// the entry with that sequence number.
    fn last_key(&self) -> Option<Key> {
        (self.entries() > 0).then(|| Key::log(self.verifier.ticket(), self.entries()))
    }

    /// Returns the number of checked entries.
    #[must_use]
    pub const fn entries(&self) -> u64 {
        self.verifier.entries()
    }

    const fn is_broken(&self) -> bool {
        self.verifier.first_broken_seq().is_some()
    }
}

/// The separator in a page's cursor between the position of a ticket and the progress within it.
const PROGRESS_SEPARATOR: char = '.';

impl Store {
    /// Verifies tickets after that position, newest first, until the page is full or half of the
    /// time is used up. If a ticket takes longer, the next page continues within it.
    pub async fn verify_page(&self, after: Option<&str>, deadline: Deadline) -> Result<VerifiedPage, StoreError> {
        let until = deadline.midpoint();
        let (after, mut begun) = after.map(parse_page_cursor).transpose()?.unwrap_or_default();
        let (numbers, next) = self.ticket_numbers(after, TICKETS_PER_PAGE).await?;
        let mut page = VerifiedPage { checked: 0, broken: Vec::new(), next: None };
        let mut last = None;
        for number in begun.as_ref().map(|begun| begun.verifier.ticket()).into_iter().chain(numbers) {
            if until.has_passed() && last.is_some() {
                page.next = last.map(keys::position_of);
                return Ok(page);
            }
            match self.verify(number, begun.take(), until).await? {
                Some(Verified::Partial { progress, .. }) => {
                    page.next =
                        Some(format!("{}{PROGRESS_SEPARATOR}{}", keys::position_of(number), progress.written()?));
                    return Ok(page);
                }
                Some(Verified::Complete(Verification { intact: false, first_broken_seq, .. })) => {
                    page.broken.push(BrokenTicket { ticket: number, first_broken_seq });
                }
                Some(Verified::Complete(_)) | None => {}
            }
            page.checked += 1;
            last = Some(number);
        }
        page.next = next;
        Ok(page)
    }

    /// Verifies a ticket's head and every entry of its log, including each stored attribute.
    /// Continues from `begun` and stops at the deadline `until` or at the first broken entry. Each
    /// call checks some entries, however late it is. Returns `None` if there is no such ticket.
    pub async fn verify(
        &self,
        ticket: TicketNumber,
        begun: Option<VerificationProgress>,
        until: Deadline,
    ) -> Result<Option<Verified>, StoreError> {
        let mut progress = match begun {
            Some(begun) => self.recalled(begun).await?,
            None => VerificationProgress::new(ticket),
        };
        let mut tried = 0;
        loop {
            let before = progress.entries();
            let ended = self.verify_entries(&mut progress, until).await?;
            // Read after the log, so that it knows of every entry that was written and not forged.
            let Some(item) = self.get(&Key::head(ticket)).await? else {
                return Ok(None);
            };
            let Ok(head) = from_item::<Head>(item.clone()) else {
                return Ok(Some(Verified::Complete(Verification::of_unreadable_head())));
            };
            // Entries that the head knows of and that were not found are either written by now or
            // missing.
            let behind = head.seq > progress.entries() && !progress.is_broken();
            let grows = behind && (tried == 0 || progress.entries() > before);
            tried += 1;
            if ended && !grows {
                let mut verification = progress.verifier.finish(&head);
                verification.intact &= is_as_written(&item, &head, extra_attributes(&item, &head))?;
                return Ok(Some(Verified::Complete(verification)));
            }
            if !ended || tried >= TRIES_MAX {
                return Ok(Some(Verified::Partial { progress: Box::new(progress), head_hash: head.hash }));
            }
        }
    }

    /// Verifies the entries after the last checked one. Returns true at the end of the log or at a
    /// broken entry, and false if time ran out.
    async fn verify_entries(&self, progress: &mut VerificationProgress, until: Deadline) -> Result<bool, StoreError> {
        let ticket = progress.verifier.ticket();
        let range = KeyRange::of_table(keys::log_partition(ticket), LOG_PREFIX, true);
        while !progress.is_broken() {
            let start = progress.last_key().map(|key| key.to_item());
            let (items, next) = self.query(&range, &[], start, ENTRIES_PER_CALL, Budget::default()).await?;
            for item in &items {
                progress.verifier.take(entry_as_written(item));
            }
            if next.is_none() {
                break;
            }
            if until.has_passed() && !progress.is_broken() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Loads the long texts that the next entry may refer to.
    async fn recalled(&self, mut progress: VerificationProgress) -> Result<VerificationProgress, StoreError> {
        let seqs: BTreeSet<u64> = progress.verifier.recalled_seqs().collect();
        for seq in seqs {
            let key = Key::log(progress.verifier.ticket(), seq);
            // Uses a query, like the rest of the log, because a function that verifies has no other
            // read permission.
            let range = KeyRange { prefix: key.sk.into(), ..KeyRange::of_table(key.pk, LOG_PREFIX, true) };
            let (items, _) = self.query(&range, &[], None, 1, Budget::default()).await?;
            // An entry that can no longer be read is detected where it is referred to.
            for entry in items.into_iter().filter_map(|item| from_item(item).ok()) {
                progress.verifier.recall(&entry);
            }
        }
        Ok(progress)
    }
}

/// Parses the cursor of a page: the position of a ticket, and the progress within it if it was
/// begun.
fn parse_page_cursor(after: &str) -> Result<(Option<&str>, Option<VerificationProgress>), StoreError> {
    let Some((position, written)) = after.split_once(PROGRESS_SEPARATOR) else {
        return Ok((Some(after), None));
    };
    let ticket = keys::number_at(position).ok_or(StoreError::InvalidPosition)?;
    let begun = VerificationProgress::read(written, ticket).ok_or(StoreError::InvalidPosition)?;
    Ok((Some(position), Some(begun)))
}

/// Returns the attributes that a head's item has in addition to the head. Heads written before
/// compared forms of words existed have none.
fn extra_attributes(item: &Item, head: &Head) -> Item {
    let mut extra_attributes = compared_words(head);
    extra_attributes.retain(|name, _| item.contains_key(name));
    extra_attributes.extend(keys::head_keys(head));
    extra_attributes
}

/// Returns the entry that an item holds, if the item is exactly as written for it.
fn entry_as_written(item: &Item) -> Option<LogEntry> {
    let entry: LogEntry = from_item(item.clone()).ok()?;
    let key = Key::log(entry.ticket, entry.seq).to_item();
    is_as_written(item, &entry.stored(), key).is_ok_and(|same| same).then_some(entry)
}

/// Returns whether an item is exactly what is written for `value` with `keys`.
fn is_as_written(item: &Item, value: &impl Serialize, keys: Item) -> Result<bool, StoreError> {
    let mut written = to_item(value)?;
    written.extend(keys);
    // The trace of the request that wrote the item is for debugging and is not part of what
    // happened.
    written.extend(item.get(TRACE).map(|trace| (TRACE.to_owned(), trace.clone())));
    Ok(written == *item)
}
