//! Mails as they are written, from the templates in `templates/mail`. In HTML everything filled in is escaped.

use askama::Template;
use domain::id::EventId;
use domain::lifecycle::Status;
use domain::notification::{Language, NotificationReason, Occasion};

use super::{MailError, words};
use crate::auth::UnsubscribeToken;
use crate::auth::reset::RESET_SECONDS;

/// A mail, to whomever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its subject.
    pub subject: String,
    /// It as plain text.
    pub text: String,
    /// It as HTML.
    pub html: String,
    /// Headers beside the usual ones, each with its value.
    pub headers: Vec<(&'static str, String)>,
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
    /// The event.
    pub event: EventId,
    /// Who did it.
    pub actor: &'a str,
    /// What was said with it.
    pub quote: Option<&'a str>,
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
    /// With which all mails can be ended.
    pub unsubscribe: &'a UnsubscribeToken,
}

#[derive(Template)]
#[template(path = "mail/ticket.txt")]
struct TicketText<'a> {
    greeting: &'a str,
    sentence: &'a str,
    quote: Option<&'a str>,
    number: u64,
    title: &'a str,
    status: &'a str,
    why: &'a str,
    unsubscribe: &'a str,
}

#[derive(Template)]
#[template(path = "mail/ticket.html")]
struct TicketHtml<'a> {
    language: &'a str,
    mail: &'a TicketText<'a>,
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
        let Self { language, quote, number, title, .. } = *self;
        let sentence = words::sentence(language, self.occasion, self.reason, self.actor);
        let (greeting, status) = (words::greeting(language), words::status(language, self.status));
        let (why, unsubscribe) = (words::why(language, self.reason), words::unsubscribe(language));
        let sentence = sentence.as_str();
        let mail = TicketText { greeting, sentence, quote, number, title, status, why, unsubscribe };
        let (text, html) = (mail.render(), TicketHtml { language: language.as_str(), mail: &mail }.render());
        Ok(Mail {
            subject: format!("[#{number}] {title}"),
            text: text.map_err(MailError::unwritable)?,
            html: html.map_err(MailError::unwritable)?,
            headers: self.headers(),
        })
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
mod tests {
    use domain::id::UserId;
    use domain::log::EventType;

    use super::*;
    use crate::auth::UnsubscribeKey;

    fn mail(language: Language, title: &str, quote: Option<&str>) -> Mail {
        let unsubscribe = UnsubscribeToken { user_id: UserId::from_bytes([1; 16]), key: UnsubscribeKey::new([2; 16]) };
        let mail = TicketMail {
            language,
            occasion: Occasion::Log(EventType::Commented),
            reason: NotificationReason::Requester,
            event: EventId::from_bytes([3; 16]),
            actor: "Tina",
            quote,
            number: 42,
            title,
            status: Status::InProgress,
            domain: "example.org",
            api_url: "https://api.example.org",
            unsubscribe: &unsubscribe,
        };
        mail.write().unwrap()
    }

    #[test]
    fn a_mail_says_what_happened_in_the_language_of_its_recipient() {
        let english = mail(Language::English, "The printer jams", Some("Try the other tray.\nAnd again."));
        assert_eq!(english.subject, "[#42] The printer jams");
        assert_eq!(
            english.text,
            "Hello,\n\nTina wrote:\n\nTry the other tray.\nAnd again.\n\n#42 The printer jams (in progress)\n\n-- \n\
             You get this mail because it is your ticket.\n\
             To end these mails, unsubscribe in your mail program, or change your notification preferences."
        );
        let portuguese = mail(Language::BrazilianPortuguese, "A impressora trava", None);
        assert!(
            portuguese.text.starts_with("Olá,\n\nTina escreveu:\n\n#42 A impressora trava (em atendimento)\n"),
            "{}",
            portuguese.text
        );
        assert!(portuguese.html.contains("<html lang=\"pt-BR\">"));
    }

    #[test]
    fn what_people_write_is_no_markup() {
        let html = mail(Language::English, "<b>&\"", Some("<script>alert(1)</script>")).html;
        assert!(!html.contains("<script>") && !html.contains("<b>"), "{html}");
    }

    #[test]
    fn the_mails_of_a_ticket_hold_together_and_can_be_ended() {
        let headers = mail(Language::English, "T", None).headers;
        let header = |name: &str| &headers.iter().find(|(known, _)| *known == name).unwrap().1;
        assert_eq!(header("References"), "<ticket-42@example.org>");
        assert_eq!(header("In-Reply-To"), header("References"));
        let link = header("List-Unsubscribe");
        assert!(link.starts_with("<https://api.example.org/v1/unsubscribe/") && link.ends_with('>'), "{link}");
        assert_eq!(header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    }
}
