//! Composes mails from the templates in `templates/mail`. In HTML, all values are escaped, and user
//! text is placed in elements with a direction of their own.

use std::borrow::Cow;

use askama::Template;
use domain::id::EventId;
use domain::language::Language;
use domain::lifecycle::Status;
use domain::log::DeskReason;
use domain::notification::{NotificationReason, NotificationType};
use domain::user::{Person, Role};

use super::bidi::{isolated, quoted};
use super::error::MailError;
use super::words;
use crate::auth::UnsubscribeToken;

/// A mail, without its recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    pub subject: String,
    /// The plain text version.
    pub text: String,
    pub html: String,
    /// Additional headers, each with its value.
    pub headers: Vec<(&'static str, String)>,
}

/// The text that accompanies an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuotedText {
    /// The text of a person, which is quoted.
    ByPerson(String),
    /// A reason given by the help desk itself, in the reader's language.
    ByDesk(DeskReason),
}

/// The content of a mail about a ticket.
#[derive(Clone, Debug)]
pub struct TicketMail<'a> {
    /// The language of the mail.
    pub language: Language,
    /// What happened.
    pub notification_type: NotificationType,
    /// Why the recipient is notified.
    pub reason: NotificationReason,
    pub event: EventId,
    /// Whether a comment reopened the ticket. Both are reported in one mail.
    pub reopened_by_comment: bool,
    /// The person who caused the event.
    pub actor: &'a Person,
    /// The text that accompanies the event.
    pub quoted: Option<&'a QuotedText>,
    /// The ticket's number.
    pub number: u64,
    /// The ticket's title.
    pub title: &'a str,
    /// The ticket's status.
    pub status: Status,
    /// The domain of the sender.
    pub domain: &'a str,
    /// The URL under which clients reach the API.
    pub api_url: &'a str,
    /// The ticket's page.
    pub link: Option<String>,
    /// The token that unsubscribes from all mails.
    pub unsubscribe: &'a UnsubscribeToken,
}

/// The content of a mail, independent of its format.
struct Parts<'a> {
    greeting: &'a str,
    before: &'a str,
    actor: Cow<'a, str>,
    after: &'a str,
    remark: Option<String>,
    quote: Option<&'a str>,
    number: u64,
    title: Cow<'a, str>,
    status: &'a str,
    link: Option<&'a str>,
    reason: &'a str,
    unsubscribe: &'a str,
}

impl Parts<'_> {
    /// Returns the quote for plain text.
    fn quoted(&self) -> Option<String> {
        self.quote.map(quoted)
    }
}

#[derive(Template)]
#[template(path = "mail/ticket.txt")]
struct TicketText<'a> {
    mail: &'a Parts<'a>,
}

#[derive(Template)]
#[template(path = "mail/ticket.html")]
struct TicketHtml<'a> {
    language: &'a str,
    mail: &'a Parts<'a>,
}

impl TicketMail<'_> {
    /// Writes the mail.
    ///
    /// # Errors
    /// Never fails with these templates, but askama's signature requires it.
    pub fn write(&self) -> Result<Mail, MailError> {
        let parts = self.parts();
        let text = TicketText { mail: &parts }.render();
        let html = TicketHtml { language: self.language.as_str(), mail: &parts }.render();
        Ok(Mail {
            subject: format!("[#{}] {}", parts.number, parts.title),
            text: text.map_err(MailError::unwritable)?,
            html: html.map_err(MailError::unwritable)?,
            headers: self.headers(),
        })
    }

    fn parts(&self) -> Parts<'_> {
        let language = self.language;
        let (before, names_actor, after) = if self.reopened_by_comment {
            words::commented_and_reopened(language)
        } else {
            words::sentence(language, self.notification_type, self.reason)
        };
        let actor = match self.actor.role {
            _ if !names_actor => Cow::Borrowed(""),
            Role::System => Cow::Borrowed(words::desk(language)),
            Role::User | Role::Technician | Role::Admin => isolated(self.actor.name.as_str()),
        };
        let (remark, quote) = match self.quoted {
            Some(QuotedText::ByDesk(reason)) => (Some(words::desk_reason(language, *reason)), None),
            Some(QuotedText::ByPerson(text)) => (None, Some(text.as_str())),
            None => (None, None),
        };
        Parts {
            greeting: words::greeting(language),
            before,
            actor,
            after,
            remark,
            quote,
            number: self.number,
            title: isolated(self.title),
            status: words::status(language, self.status),
            link: self.link.as_deref(),
            reason: words::notification_reason(language, self.reason),
            unsubscribe: words::unsubscribe(language),
        }
    }

    /// Returns the additional headers. SES gives every mail a `Message-ID` of its own. The mails of
    /// a ticket form a thread because they all refer to the same message (RFC 5322 §3.6.4), which
    /// need not have been sent.
    fn headers(&self) -> Vec<(&'static str, String)> {
        let thread = format!("<ticket-{}@{}>", self.number, self.domain);
        vec![
            ("In-Reply-To", thread.clone()),
            ("References", thread),
            // RFC 8058: one click in the mail client, without a page in between.
            ("List-Unsubscribe", format!("<{}/v1/unsubscribe/{}>", self.api_url, self.unsubscribe)),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
            // RFC 3834: prevents automatic replies such as absence notices.
            ("Auto-Submitted", "auto-generated".to_owned()),
            ("X-Helpdesk-Event", self.event.to_string()),
        ]
    }
}

#[cfg(test)]
mod tests;
