//! Verification detects a log that was altered anywhere.

use super::*;
use crate::ticket::{Verification, Verifier};

fn verified(log: &[LogEntry], head: &Head) -> Verification {
    let mut verifier = Verifier::new(head.number);
    for entry in log {
        verifier.take(Some(entry.clone()));
    }
    verifier.finish(head)
}

fn stored(log: &[LogEntry]) -> Vec<LogEntry> {
    log.iter().map(LogEntry::stored).collect()
}

#[test]
fn an_untouched_log_is_intact() {
    for seed in 0..50 {
        let (ticket, log) = any_course(seed);
        let verification = verified(&stored(&log), &ticket.head);
        let expected = Verification {
            intact: true,
            entries: ticket.head.seq,
            head_hash: ticket.head.hash,
            first_broken_seq: None,
        };
        assert_eq!(verification, expected);
    }
}

#[test]
fn any_changed_value_of_an_entry_is_detected_at_that_entry() {
    for seed in 0..3 {
        let (ticket, log) = any_course(seed);
        let log = stored(&log);
        for (place, entry) in log.iter().enumerate() {
            for (pointer, altered) in alterations(entry) {
                let mut log = log.clone();
                log[place] = altered;
                let verification = verified(&log, &ticket.head);
                assert!(!verification.intact, "{pointer} of entry {}", entry.seq);
                assert_eq!(verification.first_broken_seq, Some(entry.seq), "{pointer}");
            }
        }
    }
}

/// Returns how often the long texts of a log's entries occur in their stored form, and in how many
/// places the entries refer to one.
fn long_texts(log: &[LogEntry]) -> (usize, usize) {
    let changes = || log.iter().flat_map(|entry| &entry.changes);
    let has_long_text = |change: &&FieldChange| Field::LONG_TEXTS.contains(&change.field);
    let texts = |changes: Vec<&FieldChange>| {
        changes.iter().map(|change| usize::from(change.old.is_some()) + usize::from(change.new.is_some())).sum()
    };
    (
        texts(changes().filter(has_long_text).collect()),
        changes().filter(has_long_text).filter(|change| change.new.is_some()).count(),
    )
}

#[test]
fn a_long_text_is_stored_only_in_the_entry_that_set_it() {
    let mut referred = 0;
    for seed in 0..50 {
        let (ticket, log) = any_course(seed);
        let entries = stored(&log);
        let (kept, given) = long_texts(&entries);
        assert_eq!(kept, given, "each text once, in the log of seed {seed}");
        for (entry, mut read) in log.iter().zip(entries.clone()) {
            referred += read.omitted_texts().count();
            read.fill_in(|field, seq| entries.iter().find(|entry| entry.seq == seq)?.new_text(field).cloned());
            assert_eq!(&read, entry);
        }
        // An entry that was written with the old texts in it stays valid.
        let mut old = log;
        old.iter_mut().flat_map(|entry| &mut entry.changes).for_each(|change| change.old_seq = None);
        assert!(verified(&old, &ticket.head).intact);
    }
    assert!(referred > 50, "{referred}");
}

#[test]
fn verification_can_be_saved_and_resumed_between_any_two_entries() {
    for seed in 0..20 {
        let (ticket, log) = any_course(seed);
        let entries = stored(&log);
        let mut verifier = Verifier::new(ticket.head.number);
        for entry in &entries {
            let written = serde_json::to_string(&verifier).unwrap();
            assert!(written.len() < 2_000, "{written}");
            verifier = serde_json::from_str(&written).unwrap();
            for seq in verifier.recalled_seqs().collect::<Vec<u64>>() {
                verifier.recall(entries.iter().find(|entry| entry.seq == seq).unwrap());
            }
            verifier.take(Some(entry.clone()));
        }
        assert!(verifier.finish(&ticket.head).intact, "seed {seed}");
    }
}

#[test]
fn missing_swapped_repeated_and_unreadable_entries_are_detected() {
    let (ticket, log) = any_course(3);
    let head = &ticket.head;
    for place in 0..log.len() {
        let seq = log[place].seq;
        let mut without = log.clone();
        without.remove(place);
        assert_eq!(verified(&without, head).first_broken_seq, Some(seq), "without entry {seq}");
        let mut repeated = log.clone();
        repeated.insert(place, log[place].clone());
        assert_eq!(verified(&repeated, head).first_broken_seq, Some(seq + 1), "entry {seq} twice");
        let mut verifier = Verifier::new(head.number);
        for entry in &log {
            verifier.take(Some(entry.clone()).filter(|entry| entry.seq != seq));
        }
        assert_eq!(verifier.finish(head).first_broken_seq, Some(seq), "entry {seq} unreadable");
        if place > 0 {
            let mut swapped = log.clone();
            swapped.swap(place - 1, place);
            assert_eq!(verified(&swapped, head).first_broken_seq, Some(seq - 1));
        }
    }
    assert_eq!(verified(&[], head).first_broken_seq, Some(1));
    let (other, _) = any_course(4);
    assert!(!verified(&log, &other.head).intact);
}

#[test]
fn any_changed_value_of_a_head_is_detected() {
    for seed in 0..20 {
        let (ticket, log) = any_course(seed);
        let document = serde_json::to_value(&ticket.head).unwrap();
        let mut found = Vec::new();
        pointers(&document, "", &mut found);
        for pointer in found {
            for other in others(&pointer, document.pointer(&pointer).unwrap()) {
                let mut altered = document.clone();
                *altered.pointer_mut(&pointer).unwrap() = other;
                if let Ok(head) = serde_json::from_value::<Head>(altered)
                    && head != ticket.head
                {
                    assert!(!verified(&log, &head).intact, "{pointer} of {head:?}");
                }
            }
        }
    }
}
