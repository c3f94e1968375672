//! Mails as they are written, from the templates in `templates/mail`. In HTML everything filled in is escaped, and what
//! people wrote stands in elements of its own direction.

use std::borrow::Cow;

use askama::Template;
use domain::id::EventId;
use domain::lifecycle::Status;
use domain::log::DeskReason;
use domain::notification::{Language, NotificationReason, Occasion};
use domain::user::{Person, Role};

use super::bidi::{isolated, quoted};
use super::error::MailError;
use super::words;
use crate::auth::UnsubscribeToken;
use crate::auth::reset::RESET_SECONDS;

/// A mail, to whomever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    pub subject: String,
    /// It as plain text.
    pub text: String,
    pub html: String,
    /// Headers beside the usual ones, each with its value.
    pub headers: Vec<(&'static str, String)>,
}

/// What was said with what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// By a person, who is quoted.
    ByPerson(String),
    /// By the help desk itself, in the reader's language.
    ByDesk(DeskReason),
}

/// What a mail about a ticket tells.
#[derive(Clone, Debug)]
pub struct TicketMail<'a> {
    /// The language it is written in.
    pub language: Language,
    /// What happened.
    pub occasion: Occasion,
    /// Why its recipient is told.
    pub reason: NotificationReason,
    pub event: EventId,
    /// Whether a comment reopened the ticket: told at once.
    pub reopened_by_comment: bool,
    /// Who did it.
    pub actor: &'a Person,
    /// What was said with it.
    pub said: Option<&'a Said>,
    /// The ticket's number.
    pub number: u64,
    /// What the ticket is about.
    pub title: &'a str,
    /// Where it stands.
    pub status: Status,
    /// The domain that mails come from.
    pub domain: &'a str,
    /// Where callers reach the API.
    pub api_url: &'a str,
    /// The page with the ticket on it.
    pub link: Option<String>,
    /// With which all mails can be ended.
    pub unsubscribe: &'a UnsubscribeToken,
}

/// What a mail says, whatever its form.
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
    why: &'a str,
    unsubscribe: &'a str,
}

impl Parts<'_> {
    /// The quote as plain text has it.
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

#[derive(Template)]
#[template(path = "mail/reset.txt")]
struct ResetText<'a> {
    greeting: &'a str,
    asked: &'a str,
    link: &'a str,
    validity: &'a str,
}

#[derive(Template)]
#[template(path = "mail/reset.html")]
struct ResetHtml<'a> {
    language: &'a str,
    subject: &'a str,
    mail: &'a ResetText<'a>,
}

impl TicketMail<'_> {
    /// The mail.
    ///
    /// # Errors
    /// Never with these templates; askama's signature asks for it.
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
            words::sentence(language, self.occasion, self.reason)
        };
        let actor = match self.actor.role {
            _ if !names_actor => Cow::Borrowed(""),
            Role::System => Cow::Borrowed(words::desk(language)),
            Role::User | Role::Technician | Role::Admin => isolated(self.actor.name.as_str()),
        };
        let (remark, quote) = match self.said {
            Some(Said::ByDesk(reason)) => (Some(words::desk_reason(language, *reason)), None),
            Some(Said::ByPerson(text)) => (None, Some(text.as_str())),
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
            why: words::why(language, self.reason),
            unsubscribe: words::unsubscribe(language),
        }
    }

    /// SES gives every mail a `Message-ID` of its own. What holds the mails of a ticket together is the message they all refer to (RFC 5322
    /// §3.6.4), which need not have been sent.
    fn headers(&self) -> Vec<(&'static str, String)> {
        let thread = format!("<ticket-{}@{}>", self.number, self.domain);
        vec![
            ("In-Reply-To", thread.clone()),
            ("References", thread),
            // RFC 8058: one click of the mail program, without a page in between.
            ("List-Unsubscribe", format!("<{}/v1/unsubscribe/{}>", self.api_url, self.unsubscribe)),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
            // RFC 3834: nobody's absence notice is to answer.
            ("Auto-Submitted", "auto-generated".to_owned()),
            ("X-Helpdesk-Event", self.event.to_string()),
        ]
    }
}

/// The mail with which somebody chooses a new password. Nobody's words but ours are in it: the address may be a stranger's, whom
/// somebody else registered.
///
/// # Errors
/// Never with these templates; askama's signature asks for it.
pub fn reset_mail(language: Language, link: &str) -> Result<Mail, MailError> {
    let (greeting, asked) = (words::greeting(language), words::reset_asked(language));
    let (subject, validity) = (words::reset_subject(language), words::reset_validity(language, RESET_SECONDS / 60));
    let validity = validity.as_str();
    let mail = ResetText { greeting, asked, link, validity };
    let (text, html) = (mail.render(), ResetHtml { language: language.as_str(), subject, mail: &mail }.render());
    Ok(Mail {
        subject: subject.to_owned(),
        text: text.map_err(MailError::unwritable)?,
        html: html.map_err(MailError::unwritable)?,
        headers: vec![("Auto-Submitted", "auto-generated".to_owned())],
    })
}

#[cfg(test)]
mod tests;
