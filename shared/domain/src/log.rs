//! The log of a ticket: one numbered entry for everything that happened, each chained to the one before.
//!
//! # The chain
//!
//! `hash` is SHA-256 over the entry's canonical bytes, which end in the hash of the entry before (32 zero bytes before the
//! first). The canonical bytes are these fields in this order, each as its length in bytes (32 bits, most significant byte
//! first) and then its UTF-8 bytes; an absent field is the length `ffffffff` alone:
//!
//! `"helpdesk-log-1"`, ticket number, `seq`, `id`, `type`, actor id, actor role, actor name, requester id, assignee id, `at`, `from_status`, `to_status`,
//! then for each change its field name, old value and new value, then `reason`, `body`, and the hash before.
//!
//! Numbers are decimal. A text stands as SHA-256 over salt, field name, `:` and text, in hexadecimal; a list of texts as theirs
//! in `[` and `]`, with `,` between; a name as a text of the field `name`. A person in a change stands as id, role and name with
//! spaces between. No text and no name is in it, only its digest, so that either can be erased one day, the digest left in its
//! place, and the chain still verifies; until then not a letter of one can be altered.
//!
//! The old text of a description or of a resolution is stored once, in the entry that gave it. The change that ends it has that
//! entry's `seq`, `old_seq`, in its place; the digest is that of the text there.

mod canonical;
mod change;
mod entry;
mod hash;
mod reason;

pub use change::{Field, FieldChange, FieldValue};
pub use entry::{LogEntry, Place, Record};
pub use hash::Hash;
pub use reason::DeskReason;

#[cfg(test)]
mod tests;
