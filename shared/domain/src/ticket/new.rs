//! Opening a ticket.

use serde_json::Value;

use super::change::{Change, Ticket};
use super::head::Head;
use super::priority::Priority;
use crate::field::{Faults, Fields, Rejected, Violations};
use crate::id::{TicketNumber, UserId};
use crate::lifecycle::{EventType, Status};
use crate::log::{EntryContent, Field, FieldChange, FieldValue, Hash, LogEntry};
use crate::permission::Actor;
use crate::stamp::Stamp;
use crate::text::{Category, Description, Tag, Title};
use crate::user::{EmailAddress, Person};

/// The maximum number of tags of a ticket.
const TAGS_MAX: usize = 10;

/// The content of a request to open a ticket.
#[derive(Clone, Debug)]
pub struct NewTicket {
    pub title: Title,
    /// What help is needed.
    pub description: Description,
    pub priority: Priority,
    /// The kind of help.
    pub category: Option<Category>,
    /// Words to find the ticket by.
    pub tags: Vec<Tag>,
    /// The person who needs help, if not the actor.
    pub requester: Option<NewRequester>,
    /// The closed ticket that it follows up.
    pub follow_up_of: Option<TicketNumber>,
}

/// The person that a ticket is opened for, as a request names them.
#[derive(Clone, Debug)]
pub enum NewRequester {
    /// The id of their account.
    Id(UserId),
    /// The address of their account. It may be one that was accepted before the present rules.
    Email(EmailAddress),
}

impl NewTicket {
    /// Reads the body of a request to open a ticket.
    pub fn from_body(body: Value) -> Result<Self, Violations> {
        Fields::read(body, |fields| {
            let title = fields.required("title");
            let description = fields.required("description");
            let priority = fields.optional("priority");
            let category = fields.optional("category");
            let tags = fields.optional("tags").and_then(|tags| checked_tags(fields, tags.unwrap_or_default()));
            let requester = requester(fields);
            let follow_up_of = fields.optional("follow_up_of");
            Ok(Self {
                title: title?,
                description: description?,
                priority: priority?.unwrap_or_default(),
                category: category?,
                tags: tags?,
                requester: requester?,
                follow_up_of: follow_up_of?,
            })
        })
    }
}

/// Reads who needs help: by id or by address, if it is not the actor.
fn requester(fields: &mut Fields) -> Result<Option<NewRequester>, Rejected> {
    let id = fields.optional("requester_id");
    let email = fields.optional::<String>("requester_email").and_then(|email| {
        let email = email.map(|email| EmailAddress::parse_for_lookup(&email)).transpose();
        email.map_err(|detail| fields.reject("requester_email", detail))
    });
    match (id?, email?) {
        (Some(_), Some(_)) => {
            Err(fields.reject("requester_email", "must be left out if requester_id names the requester".to_owned()))
        }
        (Some(id), None) => Ok(Some(NewRequester::Id(id))),
        (None, email) => Ok(email.map(NewRequester::Email)),
    }
}

/// Returns the tags if there are not too many and no two are equal, compared as a filter compares
/// them.
pub(super) fn checked_tags(fields: &mut Fields, tags: Vec<Tag>) -> Result<Vec<Tag>, Rejected> {
    if tags.len() > TAGS_MAX {
        let detail = format!("must have at most {TAGS_MAX} items, but has {}", tags.len());
        return Err(fields.reject("tags", detail));
    }
    let compared: Vec<String> = tags.iter().map(Tag::comparison_form).collect();
    let repeats = |index: &usize| compared[..*index].contains(&compared[*index]);
    let repeated: Vec<usize> = (1..tags.len()).filter(repeats).collect();
    if repeated.is_empty() {
        Ok(tags)
    } else {
        Err(fields.reject("tags", Faults::at_items(repeated, "repeats an earlier tag")))
    }
}

impl Ticket {
    /// Opens the ticket with that number for `requester`.
    #[must_use]
    pub fn open(number: TicketNumber, new: NewTicket, requester: Person, actor: Actor<'_>, stamp: Stamp) -> Change {
        let changes = opening_changes(&new, &requester);
        let now = stamp.at_after(None);
        let mut head = Head {
            number,
            title: new.title,
            status: Status::Open,
            priority: new.priority,
            category: new.category,
            tags: new.tags,
            requester,
            assignee: None,
            follow_up_of: new.follow_up_of,
            created_at: now,
            updated_at: now,
            resolved_at: None,
            closed_at: None,
            seq: 0,
            hash: Hash::ZERO,
            description_seq: 1,
            resolution_seq: None,
        };
        let content = EntryContent {
            event_type: EventType::Opened,
            from_status: None,
            to_status: Some(Status::Open),
            changes,
            reason: None,
            body: None,
        };
        let entry = LogEntry::append(head.log_end(), content, actor, stamp);
        head.advance(&entry);
        Change {
            ticket: Self { head, description: new.description, resolution: None, assignee_left: false },
            entries: vec![entry],
            expected_seq: 0,
            needs_technician: None,
        }
    }
}

/// Returns a change for every field a ticket starts with, so that the head can be folded from the
/// log alone.
fn opening_changes(new: &NewTicket, requester: &Person) -> Vec<FieldChange> {
    let text = |text: &str| Some(FieldValue::Text(text.to_owned()));
    let tags: Vec<String> = new.tags.iter().map(|tag| tag.as_str().to_owned()).collect();
    let values = [
        (Field::Title, text(new.title.as_str())),
        (Field::Description, text(new.description.as_str())),
        (Field::Priority, text(new.priority.as_str())),
        (Field::Category, new.category.as_ref().and_then(|category| text(category.as_str()))),
        (Field::Tags, (!tags.is_empty()).then_some(FieldValue::Texts(tags))),
        (Field::Requester, Some(FieldValue::Person(requester.clone()))),
        (Field::FollowUpOf, new.follow_up_of.map(FieldValue::Ticket)),
    ];
    values
        .into_iter()
        .filter(|(_, value)| value.is_some())
        .map(|(field, new)| FieldChange::new(field, None, new))
        .collect()
}
