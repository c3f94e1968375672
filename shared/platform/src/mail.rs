//! The mails that are sent, through SES.

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::error::ProvideErrorMetadata as _;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};
use domain::user::User;

use crate::auth::reset::{RESET_SECONDS, ResetToken};
use crate::aws::{self, Service};
use crate::telemetry::causes;
use crate::{Fatal, config};

/// The character set of everything sent (RFC 2045 §5.1).
const CHARSET: &str = "UTF-8";

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
#[error("the mail was not sent: {0}")]
pub struct MailError(String);

/// Sends mails.
#[derive(Debug)]
pub struct Mailer {
    client: Client,
    sender: String,
    reset_page: String,
}

impl Mailer {
    /// The mailer of this deployment.
    ///
    /// # Errors
    /// The variables that are missing, or TLS that cannot be set up.
    pub async fn open() -> Result<Self, Fatal> {
        let [sender, reset_page] = config::required([config::name::MAIL_SENDER, config::name::PASSWORD_RESET_PAGE])?;
        let client = Client::new(&aws::config(Service::Ses)?);
        aws::warm(Service::Ses).await?;
        Ok(Self { client, sender, reset_page })
    }

    /// Mails somebody the link with which they choose a new password.
    ///
    /// # Errors
    /// [`MailError`].
    pub async fn send_reset(&self, user: &User, token: &ResetToken) -> Result<(), MailError> {
        // A fragment stays in the browser: it is in no server's log and in no Referer (RFC 9110 §4.2.5).
        let link = format!("{}#token={}", self.reset_page, token.to_text());
        self.send(user, "Choose a new password", &reset_text(&link)).await
    }

    async fn send(&self, user: &User, subject: &str, text: &str) -> Result<(), MailError> {
        let content = |data: &str| Content::builder().data(data).charset(CHARSET).build();
        let unwritable = |error| MailError(causes(&error));
        let body = Body::builder().text(content(text).map_err(unwritable)?).build();
        let message = Message::builder().subject(content(subject).map_err(unwritable)?).body(body).build();
        let request = self.client.send_email().from_email_address(&self.sender);
        let request = request.destination(Destination::builder().to_addresses(user.email.as_str()).build());
        let sent = request.content(EmailContent::builder().simple(message).build()).send().await;
        // What SES says of a refusal names the address, which is not for the log.
        sent.map(drop).map_err(|error| MailError(error.code().unwrap_or("no answer from SES").to_owned()))
    }
}

/// Nobody's words but ours are in it: the address may be a stranger's, whom somebody else registered.
fn reset_text(link: &str) -> String {
    format!(
        "Hello,

somebody, probably you, asked for a new password for the help desk. Choose it here:

{link}

The link is good once, for {minutes} minutes. If it was not you, there is nothing to do: your password stays as it is.
",
        minutes = RESET_SECONDS / 60,
    )
}
