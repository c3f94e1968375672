//! Proving that what is stored of a ticket is what was written.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::TicketNumber;
use domain::log::{Hash, LogEntry};
use domain::ticket::{Head, Verification, Verifier};
use serde::{Deserialize, Serialize};

use super::item::{from_item, to_item};
use super::keys::{self, Item, Key, LOG_PREFIX, TRACE};
use super::query::{Budget, Filter, Stretch};
use super::ticket_list::compared_words;
use super::{Store, StoreError};
use crate::clock::Deadline;

/// Entries read in one call.
const ENTRIES_PER_CALL: usize = 250;
/// How often a log is read on because it grew meanwhile.
const TRIES_MAX: u32 = 5;

/// Tickets looked up for one page; as many of them are verified as there is time for.
const TICKETS_PER_PAGE: usize = 25;

/// What came of verifying some of all tickets.
#[derive(Debug, Serialize)]
pub struct VerifiedPage {
    /// How many tickets were verified to their end.
    pub checked: u64,
    /// Those that are not as they were written.
    pub broken: Vec<BrokenTicket>,
    /// Where the next page begins, which may be within a ticket; none after the last.
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

/// What came of verifying a ticket.
#[derive(Debug)]
pub enum Verified {
    /// All of it was looked at.
    Whole(Verification),
    /// There was no time for all of it. What was looked at is as it was written.
    Part {
        /// How far it was looked at.
        so_far: Box<VerifiedSoFar>,
        /// The hash that the head says the last entry has.
        head_hash: Hash,
    },
}

/// How far a ticket was verified: all entries so far are as they were written. Written down, it is as large as the ticket's head,
/// however long the log is. Nothing protects it against whoever carries it from one call to the next: they would deceive
/// themselves. So nothing in it is taken for a key of the table.
#[derive(Debug)]
pub struct VerifiedSoFar {
    verifier: Verifier,
}

/// [`VerifiedSoFar`] as it is written down.
#[derive(Serialize, Deserialize)]
struct Written {
    verifier: Verifier,
    /// The sort key of the last entry looked at. It follows from `verifier`, and is there for the deployment before, which reads
    /// it.
    #[serde(skip_deserializing)]
    last_key: Option<String>,
}

impl VerifiedSoFar {
    /// The longest one that is read, in bytes. That of the largest head has fewer; API Gateway takes 10,240 bytes of request
    /// line and headers together.
    pub const WRITTEN_BYTES_MAX: usize = 6_144;

    const fn nothing_of(ticket: TicketNumber) -> Self {
        Self { verifier: Verifier::new(ticket) }
    }

    /// Reads what [`VerifiedSoFar::written`] wrote of that ticket.
    #[must_use]
    pub fn read(written: &str, ticket: TicketNumber) -> Option<Self> {
        if written.len() > Self::WRITTEN_BYTES_MAX {
            return None;
        }
        let Written { verifier, .. } = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(written).ok()?).ok()?;
        (verifier.ticket() == ticket && verifier.is_consistent()).then_some(Self { verifier })
    }

    /// As it is carried to the next call.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn written(&self) -> Result<String, StoreError> {
        let written = Written { verifier: self.verifier.clone(), last_key: self.last_key().map(|key| key.sk) };
        Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&written).map_err(StoreError::corrupt)?))
    }

    /// The key of the last entry looked at. As none is broken so far, it is that of the entry of that place.
    fn last_key(&self) -> Option<Key> {
        (self.entries() > 0).then(|| Key::log(self.verifier.ticket(), self.entries()))
    }

    /// How many entries were looked at.
    #[must_use]
    pub const fn entries(&self) -> u64 {
        self.verifier.entries()
    }

    const fn is_broken(&self) -> bool {
        self.verifier.first_broken_seq().is_some()
    }
}

/// What stands between a ticket's place and how far it was verified, in the place where a page begins.
const WITHIN: char = '.';

impl Store {
    /// Verifies tickets behind that place, the newest first, until the page or half of the time is used up; if a ticket takes longer,
    /// the next page goes on within it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn verify_page(&self, after: Option<&str>, deadline: Deadline) -> Result<VerifiedPage, StoreError> {
        let until = deadline.halfway();
        let (after, mut begun) = after.map(begun_at).transpose()?.unwrap_or_default();
        let (numbers, next) = self.ticket_numbers(after, TICKETS_PER_PAGE).await?;
        let mut page = VerifiedPage { checked: 0, broken: Vec::new(), next: None };
        let mut last = None;
        for number in begun.as_ref().map(|begun| begun.verifier.ticket()).into_iter().chain(numbers) {
            if until.has_passed() && last.is_some() {
                page.next = last.map(keys::position_of);
                return Ok(page);
            }
            match self.verify(number, begun.take(), until).await? {
                Some(Verified::Part { so_far, .. }) => {
                    page.next = Some(format!("{}{WITHIN}{}", keys::position_of(number), so_far.written()?));
                    return Ok(page);
                }
                Some(Verified::Whole(Verification { intact: false, first_broken_seq, .. })) => {
                    page.broken.push(BrokenTicket { ticket: number, first_broken_seq });
                }
                Some(Verified::Whole(_)) | None => {}
            }
            page.checked += 1;
            last = Some(number);
        }
        page.next = next;
        Ok(page)
    }

    /// Verifies a ticket's head and every entry of its log, down to each stored attribute, from the place on that `begun` says and until
    /// that moment, or the first entry that is not as it was written. Each call looks at some entries, however late it is. None if there is no such ticket.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn verify(
        &self,
        ticket: TicketNumber,
        begun: Option<VerifiedSoFar>,
        until: Deadline,
    ) -> Result<Option<Verified>, StoreError> {
        let mut so_far = match begun {
            Some(begun) => self.recalled(begun).await?,
            None => VerifiedSoFar::nothing_of(ticket),
        };
        let mut tried = 0;
        loop {
            let before = so_far.entries();
            let ended = self.verify_on(&mut so_far, until).await?;
            // Read after the log, so that it knows of every entry that was written and not forged.
            let Some(item) = self.get(&Key::head(ticket)).await? else {
                return Ok(None);
            };
            let Ok(head) = from_item::<Head>(item.clone()) else {
                return Ok(Some(Verified::Whole(Verification::of_unreadable_head())));
            };
            // Entries that the head knows of and that were not there are written by now, or missing.
            let behind = head.seq > so_far.entries() && !so_far.is_broken();
            let grows = behind && (tried == 0 || so_far.entries() > before);
            tried += 1;
            if ended && !grows {
                let mut verification = so_far.verifier.finish(&head);
                verification.intact &= is_as_written(&item, &head, beside(&item, &head))?;
                return Ok(Some(Verified::Whole(verification)));
            }
            if !ended || tried >= TRIES_MAX {
                return Ok(Some(Verified::Part { so_far: Box::new(so_far), head_hash: head.hash }));
            }
        }
    }

    /// Verifies the entries after the last one looked at. True at the end of the log or at an entry that is not as it was
    /// written, false if the time is over.
    async fn verify_on(&self, so_far: &mut VerifiedSoFar, until: Deadline) -> Result<bool, StoreError> {
        let ticket = so_far.verifier.ticket();
        let stretch = Stretch::of_table(keys::log_partition(ticket), LOG_PREFIX, true);
        while !so_far.is_broken() {
            let start = so_far.last_key().map(|key| key.to_item());
            let filter = Filter::default();
            let (items, next) = self.query(&stretch, &filter, start, ENTRIES_PER_CALL, Budget::default()).await?;
            for item in &items {
                so_far.verifier.take(entry_as_written(item));
            }
            if next.is_none() {
                break;
            }
            if until.has_passed() && !so_far.is_broken() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The same with the long texts in mind that the next entry may refer to.
    async fn recalled(&self, mut so_far: VerifiedSoFar) -> Result<VerifiedSoFar, StoreError> {
        let seqs: BTreeSet<u64> = so_far.verifier.recalled_seqs().collect();
        for seq in seqs {
            let key = Key::log(so_far.verifier.ticket(), seq);
            // Queried like the rest of the log, to which alone a function that verifies has the right.
            let stretch = Stretch { prefix: key.sk.into(), ..Stretch::of_table(key.pk, LOG_PREFIX, true) };
            let (items, _) = self.query(&stretch, &Filter::default(), None, 1, Budget::default()).await?;
            // One that cannot be read any more is found where it is referred to.
            for entry in items.into_iter().filter_map(|item| from_item(item).ok()) {
                so_far.verifier.recall(&entry);
            }
        }
        Ok(so_far)
    }
}

/// The place where a page begins: behind a ticket, and within it, if it was begun.
fn begun_at(after: &str) -> Result<(Option<&str>, Option<VerifiedSoFar>), StoreError> {
    let Some((position, written)) = after.split_once(WITHIN) else {
        return Ok((Some(after), None));
    };
    let ticket = keys::number_at(position).ok_or(StoreError::InvalidPosition)?;
    let begun = VerifiedSoFar::read(written, ticket).ok_or(StoreError::InvalidPosition)?;
    Ok((Some(position), Some(begun)))
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
    is_as_written(item, &entry.stored(), key).is_ok_and(|same| same).then_some(entry)
}

/// Whether an item is what is written for that value under those keys, and nothing else.
fn is_as_written(item: &Item, value: &impl Serialize, keys: Item) -> Result<bool, StoreError> {
    let mut written = to_item(value)?;
    written.extend(keys);
    // By which request it was written is for those who look for faults, and no part of what happened.
    written.extend(item.get(TRACE).map(|trace| (TRACE.to_owned(), trace.clone())));
    Ok(written == *item)
}
