//! Outgoing mail, through SES.

mod account;
mod bidi;
mod compose;
mod error;
mod words;

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::error::ProvideErrorMetadata as _;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageHeader};
use domain::user::EmailAddress;

pub use account::AccountMail;
pub use compose::{Mail, QuotedText, TicketMail};
pub use error::MailError;

use crate::Fatal;
use crate::aws::{self, Call, Service};
use crate::config::{Config, name};
use crate::telemetry;

/// The character set of all mails (RFC 2045 §5.1).
const CHARSET: &str = "UTF-8";

/// The SES error code for a mail that SES will never accept (SES API v2, `SendEmail`). The other
/// codes concern the account, the domain or a quota.
const BAD_MAIL: &str = "BadRequestException";
/// The SES error code both for content that SES will never accept and for an address that is not
/// verified: see [`NOT_VERIFIED`].
const MAIL_REJECTED: &str = "MessageRejected";
/// The part of the message of a [`MAIL_REJECTED`] that says that the sender, or the recipient of an
/// account in the sandbox, is not verified yet (SES developer guide, "Amazon SES errors": "Email
/// address is not verified."). That can be fixed in the account.
const NOT_VERIFIED: &str = "not verified";

/// A client that sends mails.
#[derive(Clone, Debug)]
pub struct Mailer {
    client: Client,
    sender: String,
    configuration_set: Option<String>,
}

impl Mailer {
    /// Returns the mailer of this deployment, or `None` if it sends no mails.
    ///
    /// # Errors
    /// Fails if TLS cannot be set up.
    pub async fn open(config: &Config) -> Result<Option<Self>, Fatal> {
        let Some(sender) = config.optional(name::MAIL_SENDER) else {
            return Ok(None);
        };
        aws::warm(Service::Ses, config).await?;
        let client = Client::new(&aws::config(Service::Ses, config)?);
        let configuration_set = config.optional(name::MAIL_CONFIGURATION_SET).map(str::to_owned);
        Ok(Some(Self { configuration_set, ..Self::new(client, sender.to_owned()) }))
    }

    /// Returns a mailer with that sender and client, without a configuration set.
    #[must_use]
    pub const fn new(client: Client, sender: String) -> Self {
        Self { client, sender, configuration_set: None }
    }

    /// Returns the domain of the sender.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.sender.rsplit('@').next().unwrap_or_default()
    }

    /// Sends a mail.
    pub fn send<'a>(&'a self, to: &'a EmailAddress, mail: &'a Mail) -> Call<'a, Result<(), MailError>> {
        Box::pin(self.send_one(to, mail))
    }

    async fn send_one(&self, to: &EmailAddress, mail: &Mail) -> Result<(), MailError> {
        let content =
            |data: &str| Content::builder().data(data).charset(CHARSET).build().map_err(MailError::unwritable);
        let body = Body::builder().text(content(&mail.text)?).html(content(&mail.html)?).build();
        let header = |(name, value): &(&str, String)| MessageHeader::builder().name(*name).value(value).build();
        // Makes it possible to find the request that caused a mail.
        let trace = telemetry::current().map(|trace| ("X-Helpdesk-Trace", trace.id().to_owned()));
        let headers: Result<Vec<MessageHeader>, _> = mail.headers.iter().chain(&trace).map(header).collect();
        let message = Message::builder()
            .subject(content(&mail.subject)?)
            .body(body)
            .set_headers(Some(headers.map_err(MailError::unwritable)?))
            .build();
        let request = self.client.send_email().from_email_address(&self.sender);
        let request = request.set_configuration_set_name(self.configuration_set.clone());
        let request = request.destination(Destination::builder().to_addresses(to.as_str()).build());
        let sent = request.content(EmailContent::builder().simple(message).build()).send().await;
        sent.map(drop).map_err(|error| refusal(error.code(), error.message()))
    }
}

/// Converts an SES error. Its message contains the address and must not be logged.
fn refusal(code: Option<&str>, message: Option<&str>) -> MailError {
    let name = code.unwrap_or("no response from SES").to_owned();
    match code {
        Some(BAD_MAIL) => MailError::Refused(name),
        Some(MAIL_REJECTED) if !message.is_none_or(|message| message.contains(NOT_VERIFIED)) => {
            MailError::Refused(name)
        }
        _ => MailError::Failed(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_retried_unless_ses_will_never_accept_it() {
        let unverified =
            "Email address is not verified. The following identities failed the check in region EU-WEST-1: a@b.co";
        for (code, message, is_final) in [
            (None, None, false),
            (Some("TooManyRequestsException"), Some("Too many requests"), false),
            (Some("AccountSuspendedException"), None, false),
            (Some("MailFromDomainNotVerifiedException"), None, false),
            (Some("BadRequestException"), Some("Local address contains control or whitespace"), true),
            (Some("MessageRejected"), Some("Message blocked: it has a virus for a@b.co"), true),
            (Some("MessageRejected"), Some(unverified), false),
            (Some("MessageRejected"), None, false),
        ] {
            let error = refusal(code, message);
            assert_eq!(error.is_final(), is_final, "{code:?} {message:?}");
            assert!(!error.to_string().contains('@'), "{error}");
        }
    }
}
