//! Editing a ticket.

use serde_json::Value;

use super::change::{Outcome, Ticket};
use super::head::Head;
use super::new::checked_tags;
use super::priority::Priority;
use super::refusal::Refusal;
use crate::field::{Edit, Fields, Violations};
use crate::lifecycle::{EventType, Status};
use crate::log::{EntryContent, Field, FieldChange, FieldValue, LogEntry};
use crate::permission::Actor;
use crate::permission::TicketAction;
use crate::stamp::Stamp;
use crate::text::{Category, Description, Tag, Title};

/// The changes to a ticket (a merge patch, RFC 7396). A field that is left out stays as it is.
#[derive(Clone, Debug, Default)]
pub struct TicketPatch {
    /// The new title.
    pub title: Option<Title>,
    /// The new description.
    pub description: Option<Description>,
    /// The new priority.
    pub priority: Option<Priority>,
    /// The new category, or its removal.
    pub category: Option<Edit<Category>>,
    /// The new tags, which replace all present ones.
    pub tags: Option<Vec<Tag>>,
}

impl TicketPatch {
    /// Reads the body of a patch. Null removes the category or all tags. No other field can be
    /// removed.
    pub fn from_body(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| {
            let title = fields.replaced("title");
            let description = fields.replaced("description");
            let priority = fields.replaced("priority");
            let category = fields.edited("category");
            let tags = fields.edited::<Vec<Tag>>("tags").and_then(|tags| {
                let tags = tags.map(|tags| tags.into_option().unwrap_or_default());
                tags.map(|tags| checked_tags(fields, tags)).transpose()
            });
            Ok(Self { title: title?, description: description?, priority: priority?, category: category?, tags: tags? })
        })
    }

    const fn changes_texts(&self) -> bool {
        self.title.is_some() || self.description.is_some()
    }

    const fn changes_classification(&self) -> bool {
        self.priority.is_some() || self.category.is_some() || self.tags.is_some()
    }
}

impl Ticket {
    /// Applies the whole patch to the ticket, or none of it. A patch whose values the ticket
    /// already has changes nothing.
    ///
    /// # Errors
    /// Fails with [`Refusal::Forbidden`], [`Refusal::TicketClosed`], or with
    /// [`Refusal::InvalidTransition`] if the requester edits too late.
    pub fn patch(mut self, patch: TicketPatch, actor: Actor<'_>, stamp: Stamp) -> Result<Outcome, Refusal> {
        self.head.check_may_edit(&patch, actor)?;
        let changes = self.apply(patch);
        if changes.is_empty() {
            return Ok(Outcome::Unchanged(Box::new(self)));
        }
        let expected_seq = self.head.seq;
        let is_new_description = changes.iter().any(|change| change.field == Field::Description);
        let content = EntryContent {
            event_type: EventType::Updated,
            from_status: None,
            to_status: None,
            changes,
            reason: None,
            body: None,
        };
        let entry = LogEntry::append(self.head.log_end(), content, actor, stamp);
        self.head.advance(&entry);
        if is_new_description {
            self.head.description_seq = entry.seq;
        }
        Ok(Outcome::Changed(Box::new(self.changed(vec![entry], expected_seq))))
    }

    /// Applies the patch and returns the field changes.
    fn apply(&mut self, patch: TicketPatch) -> Vec<FieldChange> {
        let text = |text: &str| Some(FieldValue::Text(text.to_owned()));
        let category = |category: &Option<Category>| category.as_ref().and_then(|category| text(category.as_str()));
        let tags = |tags: &[Tag]| {
            let texts: Vec<String> = tags.iter().map(|tag| tag.as_str().to_owned()).collect();
            (!texts.is_empty()).then_some(FieldValue::Texts(texts))
        };
        let head = &mut self.head;
        let description =
            replace(Field::Description, &mut self.description, patch.description, |words| text(words.as_str()));
        let changes = [
            replace(Field::Title, &mut head.title, patch.title, |title| text(title.as_str())),
            // The old description stays in the entry that introduced it.
            description.map(|change| FieldChange { old_seq: Some(head.description_seq), ..change }),
            replace(Field::Priority, &mut head.priority, patch.priority, |priority| text(priority.as_str())),
            replace(Field::Category, &mut head.category, patch.category.map(Edit::into_option), category),
            replace(Field::Tags, &mut head.tags, patch.tags, |all| tags(all)),
        ];
        changes.into_iter().flatten().collect()
    }
}

/// Replaces an old value and returns the change, if the value differs.
fn replace<T: PartialEq>(
    field: Field,
    place: &mut T,
    new: Option<T>,
    shown: impl Fn(&T) -> Option<FieldValue>,
) -> Option<FieldChange> {
    let new = new.filter(|new| new != place)?;
    let old = std::mem::replace(place, new);
    Some(FieldChange::new(field, shown(&old), shown(place)))
}

impl Head {
    fn check_may_edit(&self, patch: &TicketPatch, actor: Actor<'_>) -> Result<(), Refusal> {
        let ticket_role = self.role_of(actor);
        if patch.changes_texts() || patch.changes_classification() {
            self.check_not_closed(ticket_role)?;
        }
        let asked = [
            (patch.changes_texts(), TicketAction::EditTexts),
            (patch.changes_classification(), TicketAction::Classify),
        ];
        if let Some((_, action)) = asked.into_iter().find(|(named, action)| *named && !ticket_role.may(*action)) {
            return Err(self.forbidden(actor, action));
        }
        // The requester may reword the ticket only while no one works on it.
        if patch.changes_texts() && !ticket_role.may_as_staff(TicketAction::EditTexts) && self.status != Status::Open {
            return Err(Refusal::InvalidTransition { status: self.status, allowed: self.allowed_actions(actor) });
        }
        Ok(())
    }
}
