//! Handles account events: ends sessions, releases tickets, and mails password resets,
//! registrations, invitations and verifications of new addresses.
//!
//! Every step is safe to repeat. The sessions that began before the event are ended, and the
//! tickets that the person still has are released. A reset request that is received twice is mailed
//! twice, and both links are valid until one of them is used. Registrations, invitations and
//! verifications are recorded as mailed, so each is mailed once, unless the worker ends between the
//! mail and the record.

use domain::event::{AccountEvent, AccountEventKind, ChangedByAdmin};
use domain::id::{EventId, UserId};
use domain::language::Language;
use domain::time::Timestamp;
use domain::user::{EmailAddress, User};
use edges::auth::registration::{REGISTRATION_SECONDS, RegistrationToken};
use edges::config::{Config, name};
use edges::mail::{AccountMail, MailError, Mailer};
use edges::store::{PendingRegistration, StoreError};
use edges::{Fatal, limits};

use crate::passwords::password_link;
use crate::release::ReleaseError;
use crate::{Desk, record_notified};

/// The reason why an account event was not handled.
#[derive(Debug, thiserror::Error)]
pub enum AccountEventError {
    /// Some tickets were not released.
    #[error(transparent)]
    NotReleased(#[from] ReleaseError),
    /// The mail was not sent.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// The table could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AccountEventError {
    /// Returns whether the event would fail in the same way on every retry.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        match self {
            // Others keep changing the ticket, or it cannot be read. The other tickets were
            // released.
            Self::NotReleased(ReleaseError::Ticket(..)) => false,
            Self::Mail(error) => error.is_final(),
            Self::NotReleased(ReleaseError::Store(error)) | Self::Store(error) => error.is_final(),
        }
    }
}

/// Handles account events.
#[derive(Clone, Debug)]
pub struct AccountEvents {
    desk: Desk,
    /// Absent if this deployment sends no mails.
    mails: Option<AccountMails>,
}

/// The mailer for mails about accounts, and the page on which passwords are chosen.
#[derive(Clone, Debug)]
struct AccountMails {
    mailer: Mailer,
    password_page: String,
    /// The URL under which clients reach the API. An earlier template does not set it for this
    /// worker, which handles what that version knows.
    api_url: Option<String>,
    /// The number of mails in an hour that registrations may cause.
    registrations_per_hour: u32,
}

impl AccountMails {
    /// Returns the link with which the holder of a token chooses a password.
    fn link(&self, token: &str) -> String {
        password_link(&self.password_page, token)
    }

    async fn send(&self, to: &EmailAddress, language: Language, mail: AccountMail<'_>) -> Result<(), MailError> {
        self.mailer.send(to, &mail.write(language)?).await
    }
}

impl AccountEvents {
    /// Creates the value from the deployment's configuration.
    ///
    /// # Errors
    /// Fails if variables are missing, or TLS cannot be set up.
    pub async fn open(config: &Config) -> Result<Self, Fatal> {
        let mails = match Mailer::open(config).await? {
            Some(mailer) => {
                let [password_page] = config.required([name::PASSWORD_RESET_PAGE])?;
                let api_url = config.optional(name::API_URL).map(str::to_owned);
                let registrations_per_hour = limits::registration_mails_per_hour(config)?;
                Some(AccountMails { mailer, password_page, api_url, registrations_per_hour })
            }
            None => None,
        };
        Ok(Self { desk: Desk::open(config).await?, mails })
    }

    /// Ends sessions and API tokens, releases tickets, or mails a password reset, a
    /// registration, an invitation or a new address, as the event requires.
    pub async fn handle(&self, event: AccountEvent, now: Timestamp) -> Result<(), AccountEventError> {
        let store = &self.desk.store;
        match event.kind {
            AccountEventKind::RoleChanged(ChangedByAdmin { user_id, actor }) => {
                store.end_sessions(user_id, event.at, None).await?;
                Ok(self.desk.release_tickets(user_id, &actor).await?)
            }
            AccountEventKind::Deactivated(ChangedByAdmin { user_id, actor }) => {
                store.end_sessions(user_id, event.at, None).await?;
                store.end_tokens(user_id, event.at).await?;
                Ok(self.desk.release_tickets(user_id, &actor).await?)
            }
            // The change itself ended the earlier sessions, and the person takes tickets anew.
            AccountEventKind::Reactivated(_) => Ok(()),
            AccountEventKind::PasswordChanged(changed) => {
                Ok(store.end_sessions(changed.user_id, event.at, changed.kept_session_id).await?)
            }
            AccountEventKind::PasswordResetRequested => self.mail_reset(event.id, now).await,
            AccountEventKind::RegistrationRequested => self.mail_registration(event.id, now).await,
            AccountEventKind::Invited(account) => self.mail_invitation(event.id, account.user_id, now).await,
            AccountEventKind::EmailChangeRequested(account) => {
                self.mail_verification(account.user_id, event.id, event.at, now).await
            }
        }
    }

    async fn mail_reset(&self, request: EventId, now: Timestamp) -> Result<(), AccountEventError> {
        let store = &self.desk.store;
        let Some(mails) = &self.mails else {
            tracing::warn!(event_id = %request, "reset not mailed: this deployment sends no mails");
            return Ok(store.end_reset_request(request).await?);
        };
        if let Some((user, token)) = self.desk.begin_reset(request, now).await? {
            let language = store.preferences(user.id).await?.language;
            if let Some(email) = &user.email {
                let link = mails.link(&token.to_text());
                mails.send(email, language, AccountMail::Reset { link: &link }).await?;
                record_notified("email", request, None);
            }
        }
        Ok(store.end_reset_request(request).await?)
    }

    /// Mails the link that verifies the new address of an account there, once for each event, and
    /// then tells the present address of the change. Only the notice is tried again if it fails.
    async fn mail_verification(
        &self,
        user: UserId,
        event: EventId,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<(), AccountEventError> {
        let store = &self.desk.store;
        let Some(mails) = &self.mails else {
            tracing::warn!(event_id = %event, "verification not mailed: this deployment sends no mails");
            return Ok(());
        };
        let Some(user) = self.desk.email_change_to_mail(user, at).await? else {
            return Ok(());
        };
        let language = store.preferences(user.id).await?.language;
        if !store.was_mailed(user.id, event).await?
            && let (Some(new), Some(begun)) = (&user.pending_email, self.desk.begin_verification(&user, now).await?)
        {
            let no_url = || MailError::Failed(format!("{} is not set", name::API_URL));
            let link = format!("{}{}", mails.api_url.as_deref().ok_or_else(no_url)?, begun.token.path());
            mails.send(new, language, AccountMail::Verification { link: &link }).await?;
            record_notified("email", event, None);
            store.record_mailed(user.id, event, now).await?;
        }
        let Some(old) = &user.email else { return Ok(()) };
        match mails.send(old, language, AccountMail::AddressChange).await {
            // SES will not take a mail to this address, which may be why it is changed.
            Err(error) if error.is_final() => {
                tracing::warn!(event_id = %event, error = %error, "present address not told of its change");
                Ok(())
            }
            told => Ok(told?),
        }
    }

    /// Mails what a registration leads to, as long as registrations may cause more mails in this
    /// hour. The owner of a deactivated account is mailed nothing.
    async fn mail_registration(&self, request: EventId, now: Timestamp) -> Result<(), AccountEventError> {
        let store = &self.desk.store;
        let Some(pending) = store.registration_to_mail(request, now).await? else {
            return Ok(());
        };
        let Some(mails) = &self.mails else {
            tracing::warn!(event_id = %request, "registration not mailed: this deployment sends no mails");
            return Ok(store.end_registration(request).await?);
        };
        let user = store.user_by_email(&pending.email.normalised()).await?;
        if user.as_ref().is_some_and(|user| !user.active && !user.is_invited()) {
            return Ok(store.end_registration(request).await?);
        }
        if !store.reserve_registration_mail(mails.registrations_per_hour, now).await? {
            tracing::warn!(event_id = %request, "registration not mailed: too many in this hour");
            return Ok(store.end_registration(request).await?);
        }
        let is_new = user.is_none();
        let mailed = match user {
            Some(user) => self.mail_registered(mails, request, &pending, &user, now).await,
            None => self.mail_link(mails, request, &pending, now).await,
        };
        if !matches!(mailed, Ok(true)) {
            store.release_registration_mail(now).await;
        }
        match (mailed?, is_new) {
            (true, true) => Ok(store.record_registration_mailed(request).await?),
            _ => Ok(store.end_registration(request).await?),
        }
    }

    /// Mails the link that creates the account. Returns whether a mail was sent.
    async fn mail_link(
        &self,
        mails: &AccountMails,
        request: EventId,
        pending: &PendingRegistration,
        now: Timestamp,
    ) -> Result<bool, AccountEventError> {
        let token = RegistrationToken::new(request);
        self.desk.store.begin_registration(&token, now.plus_seconds(REGISTRATION_SECONDS)).await?;
        let link = mails.link(&token.to_text());
        match mails.send(&pending.email, pending.language, AccountMail::Registration { link: &link }).await {
            // A stranger chose the address, so this is no fault that an operator could mend.
            Err(MailError::Refused(reason)) => {
                tracing::warn!(event_id = %request, reason, "registration not mailed: SES refuses its mail");
                Ok(false)
            }
            sent => {
                sent?;
                record_notified("email", request, None);
                Ok(true)
            }
        }
    }

    /// Mails the owner of an active account that there is one, and an invited person their
    /// invitation. Returns whether a mail was sent.
    async fn mail_registered(
        &self,
        mails: &AccountMails,
        request: EventId,
        pending: &PendingRegistration,
        user: &User,
        now: Timestamp,
    ) -> Result<bool, AccountEventError> {
        if user.is_invited() {
            return self.invite(mails, request, user.id, now).await;
        }
        let language = self.desk.store.preferences(user.id).await?.language;
        // The address that led to the account is the account's.
        let email = user.email.as_ref().unwrap_or(&pending.email);
        mails.send(email, language, AccountMail::AlreadyRegistered).await?;
        record_notified("email", request, None);
        Ok(true)
    }

    async fn mail_invitation(&self, event: EventId, user_id: UserId, now: Timestamp) -> Result<(), AccountEventError> {
        let store = &self.desk.store;
        let Some(mails) = &self.mails else {
            tracing::warn!(event_id = %event, "invitation not mailed: this deployment sends no mails");
            return Ok(());
        };
        if !store.was_mailed(user_id, event).await? {
            self.invite(mails, event, user_id, now).await?;
            store.record_mailed(user_id, event, now).await?;
        }
        Ok(())
    }

    /// Mails an invitation, unless it was accepted or withdrawn in the meantime. Returns whether a
    /// mail was sent.
    async fn invite(
        &self,
        mails: &AccountMails,
        event: EventId,
        user_id: UserId,
        now: Timestamp,
    ) -> Result<bool, AccountEventError> {
        let Some((User { email: Some(email), .. }, token)) = self.desk.begin_invitation(user_id, now).await? else {
            return Ok(false);
        };
        let language = self.desk.store.preferences(user_id).await?.language;
        let link = mails.link(&token.to_text());
        mails.send(&email, language, AccountMail::Invitation { link: &link }).await?;
        record_notified("email", event, None);
        Ok(true)
    }
}
