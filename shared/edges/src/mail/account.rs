//! Mails about accounts. They contain only our own words, because the address may belong to someone
//! other than the person who gave it.

use std::fmt;

use askama::Template;
use domain::language::Language;

use super::compose::Mail;
use super::error::MailError;
use super::words::{greeting, in_language};
use crate::auth::VERIFICATION_SECONDS;
use crate::auth::registration::REGISTRATION_SECONDS;
use crate::auth::reset::{INVITATION_SECONDS, RESET_SECONDS};

/// What a mail about an account is for, with the link that it contains, if there is one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum AccountMail<'a> {
    /// Someone requested a new password. The link chooses it.
    Reset { link: &'a str },
    /// Someone asked to register the address. The link chooses a password and creates the account.
    Registration { link: &'a str },
    /// An admin invited the person. The link chooses a password and activates the account.
    Invitation { link: &'a str },
    /// Someone asked to register the address, which has an account.
    AlreadyRegistered,
    /// An admin asked for this address of an account. The link verifies it.
    Verification { link: &'a str },
    /// An admin asked for another address of the account than this.
    AddressChange,
}

impl fmt::Debug for AccountMail<'_> {
    /// Leaves out the link, because its token is a secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Reset { .. } => "Reset(…)",
            Self::Registration { .. } => "Registration(…)",
            Self::Invitation { .. } => "Invitation(…)",
            Self::Verification { .. } => "Verification(…)",
            Self::AddressChange => "AddressChange",
            Self::AlreadyRegistered => "AlreadyRegistered",
        })
    }
}

/// The words of a mail.
struct Words {
    greeting: &'static str,
    subject: &'static str,
    /// The text before the link.
    before: &'static str,
    /// The text after the link.
    after: String,
}

#[derive(Template)]
#[template(path = "mail/account.txt")]
struct AccountText<'a> {
    words: &'a Words,
    link: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "mail/account.html")]
struct AccountHtml<'a> {
    language: &'a str,
    words: &'a Words,
    link: Option<&'a str>,
}

impl<'a> AccountMail<'a> {
    /// Writes the mail.
    ///
    /// # Errors
    /// Never fails with these templates, but askama's signature requires it.
    pub fn write(self, language: Language) -> Result<Mail, MailError> {
        let (words, link) = (self.words(language), self.link());
        let text = AccountText { words: &words, link }.render();
        let html = AccountHtml { language: language.as_str(), words: &words, link }.render();
        Ok(Mail {
            subject: words.subject.to_owned(),
            text: text.map_err(MailError::unwritable)?,
            html: html.map_err(MailError::unwritable)?,
            // RFC 3834: prevents automatic replies such as absence notices.
            headers: vec![("Auto-Submitted", "auto-generated".to_owned())],
        })
    }

    const fn link(self) -> Option<&'a str> {
        match self {
            Self::Reset { link }
            | Self::Registration { link }
            | Self::Invitation { link }
            | Self::Verification { link } => Some(link),
            Self::AlreadyRegistered | Self::AddressChange => None,
        }
    }

    /// Returns how long the link is valid, in the unit in which the mail says it.
    const fn validity(self) -> i64 {
        match self {
            Self::Reset { .. } => RESET_SECONDS / 60,
            Self::Registration { .. } => REGISTRATION_SECONDS / (60 * 60),
            Self::Invitation { .. } => INVITATION_SECONDS / (24 * 60 * 60),
            Self::Verification { .. } => VERIFICATION_SECONDS / (24 * 60 * 60),
            Self::AlreadyRegistered | Self::AddressChange => 0,
        }
    }

    fn with_validity(self, words: &str) -> String {
        words.replace("{valid}", &self.validity().to_string())
    }

    /// Returns the words of the mail in a language. `{valid}` stands for how long the link is
    /// valid.
    fn words(self, language: Language) -> Words {
        let (subject, before, after) = match self {
            Self::Reset { .. } => (
                ("Choose a new password", "Escolha uma nova senha"),
                (
                    "Someone, probably you, requested a new password for the help desk. Choose it here:",
                    "Alguém, provavelmente você, pediu uma nova senha para o help desk. Escolha-a aqui:",
                ),
                (
                    "The link works once and expires in {valid} minutes. If you did not request it, ignore this e-mail: your password stays the same.",
                    "O link vale uma única vez, por {valid} minutos. Se não foi você, não é preciso fazer nada: a sua senha continua a mesma.",
                ),
            ),
            Self::Registration { .. } => (
                ("Finish your registration", "Conclua o seu cadastro"),
                (
                    "Someone, probably you, asked to register this address with the help desk. Choose a password to create the account:",
                    "Alguém, provavelmente você, pediu o cadastro deste endereço no help desk. Escolha uma senha para criar a conta:",
                ),
                (
                    "The link works once and expires in {valid} hours. If you did not request it, ignore this e-mail: no account is created.",
                    "O link vale uma única vez, por {valid} horas. Se não foi você, não é preciso fazer nada: nenhuma conta é criada.",
                ),
            ),
            Self::Invitation { .. } => (
                ("You are invited to the help desk", "Convite para o help desk"),
                (
                    "You are invited to the help desk. Choose your password here:",
                    "Você recebeu um convite para o help desk. Escolha a sua senha aqui:",
                ),
                (
                    "The link works once and expires in {valid} days. After that, ask for another invitation. If you did not expect it, ignore this e-mail.",
                    "O link vale uma única vez, por {valid} dias. Depois disso, peça outro convite. Se você não o esperava, ignore este e-mail.",
                ),
            ),
            Self::AlreadyRegistered => (
                ("You have an account already", "Você já tem uma conta"),
                (
                    "Someone, probably you, asked to register this address with the help desk. It has an account already.",
                    "Alguém, provavelmente você, pediu o cadastro deste endereço no help desk. Ele já tem uma conta.",
                ),
                (
                    "Sign in with your password. If you forgot it, request a new one. If you did not ask to register, ignore this e-mail: nothing has changed.",
                    "Entre com a sua senha. Se você a esqueceu, peça uma nova. Se não foi você, não é preciso fazer nada: nada mudou.",
                ),
            ),
            Self::Verification { .. } => (
                ("Confirm your new address", "Confirme o seu novo endereço"),
                (
                    "An admin of the help desk entered this address for your account. Confirm it here:",
                    "Um administrador do help desk indicou este endereço para a sua conta. Confirme-o aqui:",
                ),
                (
                    "The link works once and expires in {valid} days. Until then your account keeps its address. If you have no account, ignore this e-mail.",
                    "O link vale uma única vez, por {valid} dias. Até lá, o endereço da sua conta não muda. Se você não tem uma conta, ignore este e-mail.",
                ),
            ),
            Self::AddressChange => (
                ("Your account is to have another address", "A sua conta vai ter outro endereço"),
                (
                    "An admin of the help desk entered another address for your account. It replaces this one as soon as it is confirmed there.",
                    "Um administrador do help desk indicou outro endereço para a sua conta. Ele substitui este assim que for confirmado lá.",
                ),
                (
                    "If you do not expect this, tell an admin at once: until it is confirmed, they can take it back.",
                    "Se você não esperava isso, avise logo um administrador: enquanto ele não for confirmado, é possível desfazer a mudança.",
                ),
            ),
        };
        let [subject, before, after] = [subject, before, after].map(|words| in_language(language, words));
        Words { greeting: greeting(language), subject, before, after: self.with_validity(after) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://desk.example.org/password#token=x&y";
    const ALL: [AccountMail<'static>; 6] = [
        AccountMail::Reset { link: LINK },
        AccountMail::Registration { link: LINK },
        AccountMail::Invitation { link: LINK },
        AccountMail::Verification { link: LINK },
        AccountMail::AlreadyRegistered,
        AccountMail::AddressChange,
    ];

    #[test]
    fn every_mail_is_written_in_every_language_and_contains_its_link() {
        for mail in ALL {
            let [english, portuguese] = Language::ALL.map(|language| mail.write(language).unwrap());
            for (written, tag) in [(&english, "en"), (&portuguese, "pt-BR")] {
                let all = format!("{} {} {}", written.subject, written.text, written.html);
                assert!(!all.contains(['{', '}']), "{all}");
                assert!(written.html.contains(&format!("<html lang=\"{tag}\" dir=\"ltr\">")), "{all}");
                assert_eq!(written.text.contains(&format!("\n\n{LINK}\n\n")), mail.link().is_some(), "{all}");
                let escaped = LINK.replace('&', "&#38;");
                assert_eq!(written.html.contains(&format!("<a href=\"{escaped}\">")), mail.link().is_some(), "{all}");
            }
            assert_ne!(english.subject, portuguese.subject);
            assert!(english.text.starts_with("Hello,\n\n") && portuguese.text.starts_with("Olá,\n\n"));
        }
    }

    #[test]
    fn a_mail_says_how_long_its_link_is_valid() {
        let valid = ["expires in 10 minutes", "expires in 24 hours", "expires in 7 days", "expires in 7 days"];
        for (mail, expected) in ALL.into_iter().zip(valid) {
            let text = mail.write(Language::English).unwrap().text;
            assert!(text.contains(expected), "{text}");
        }
    }
}
