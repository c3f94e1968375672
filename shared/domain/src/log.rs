//! The log of a ticket: a numbered entry for everything that happened, each chained to the previous
//! one.
//!
//! # The chain
//!
//! `hash` is the SHA-256 of the entry's canonical bytes, which end with the hash of the previous
//! entry (32 zero bytes for the first entry). The canonical bytes are these fields in this order.
//! Each field is its length in bytes (32 bits, most significant byte first) followed by its UTF-8
//! bytes. An absent field is the length `ffffffff` alone:
//!
//! `"helpdesk-log-1"`, ticket number, `seq`, `id`, `type`, actor id, actor role, actor name,
//! requester id, assignee id, `at`, `from_status`, `to_status`, then for each change its field
//! name, old value and new value, then `reason`, `body`, and the hash of the previous entry.
//!
//! If a service account acted for the actor, the entry names it as `via`. Its canonical bytes begin
//! with `"helpdesk-log-2"` instead, and have the id, the role and the name of `via` after the
//! actor's name. An entry without `via` has the first form, so that `via` can be neither added nor
//! removed later.
//!
//! Numbers are decimal. A text is represented by the SHA-256 of salt, field name, `:` and text, in
//! hexadecimal. A list of texts is represented by their digests in `[` and `]`, separated by `,`. A
//! name is represented like a text of the field `name`. A person in a change is represented by id,
//! role and name, separated by spaces. The canonical bytes contain no text and no name, only
//! digests. So a text or a name can be erased later: its digest is kept, and the chain still
//! verifies. Until then, an alteration of a single letter is detected.
//!
//! The old text of a description or of a resolution is stored once, in the entry that introduced
//! it. The change that replaces it holds that entry's `seq`, as `old_seq`, instead of the text. The
//! digest is that of the text in that entry.

mod canonical;
mod change;
mod entry;
mod hash;
mod reason;

pub use change::{Field, FieldChange, FieldValue};
pub use entry::{EntryContent, LogEnd, LogEntry};
pub use hash::Hash;
pub use reason::DeskReason;

#[cfg(test)]
mod tests;
