//! The pages of the API: behind a mail's `List-Unsubscribe`, which people also open in a browser,
//! and behind the link that verifies a new address.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::language::Language;
use sha2::{Digest as _, Sha256};

use super::{Problem, Reply, Request};
use crate::weights::weighed;

/// The style of the page. The policy below allows this text and no other.
const STYLE: &str = "body{font-family:sans-serif;line-height:1.5;color:#222;background:#fff;margin:3rem auto;\
max-width:34rem;padding:0 1rem}button{font:inherit;padding:.5rem 1rem}";

#[derive(Template)]
#[template(path = "page/button.html")]
struct Page {
    language: &'static str,
    title: &'static str,
    text: &'static str,
    button: Option<&'static str>,
    /// Whether the button sends what a mail program sends (RFC 8058).
    one_click: bool,
    style: &'static str,
}

/// Returns the page that asks whether to end all mails. It is the same for every token. Its button
/// posts to its own address what a mail program posts there (RFC 8058 §3.2).
pub fn unsubscribe_page(request: &Request) -> Result<Reply, Problem> {
    page(&asking(language_of(request)))
}

/// Responds to the button or to a mail program: with a page for a browser, and with 204 for
/// everything else. The response does not reveal whether the token was valid.
pub fn unsubscribed(request: &Request) -> Result<Reply, Problem> {
    if reads_html(request.header("accept").unwrap_or_default()) {
        return page(&done(language_of(request)));
    }
    Ok(Reply::no_content())
}

/// Returns the page that asks whether the address is to be the account's. It is the same for every
/// token. Its button posts to its own address.
pub fn verification_page(request: &Request) -> Result<Reply, Problem> {
    let language = language_of(request);
    let (title, text, button) = match language {
        Language::English => (
            "Confirm your e-mail address",
            "From then on your account in the help desk has the address that received this link.",
            "Confirm",
        ),
        Language::BrazilianPortuguese => (
            "Confirmar o endereço de e-mail",
            "A partir da confirmação, a sua conta no help desk tem o endereço que recebeu este link.",
            "Confirmar",
        ),
    };
    page(&Page { language: language.as_str(), title, text, button: Some(button), one_click: false, style: STYLE })
}

/// Responds to the button with a page that says whether the address holds now, and to everything
/// else with 204 or the problem.
pub fn verified(request: &Request, verified: Result<(), Problem>) -> Result<Reply, Problem> {
    let is_valid = verified.is_ok();
    match verified {
        Ok(()) | Err(Problem::InvalidToken(_)) if reads_html(request.header("accept").unwrap_or_default()) => {}
        outcome => return outcome.map(|()| Reply::no_content()),
    }
    let language = language_of(request);
    let (title, text) = match (language, is_valid) {
        (Language::English, true) => ("Address confirmed", "Sign in with this address from now on."),
        (Language::English, false) => (
            "This link is no longer valid",
            "It was used, it has expired, or the address is no longer free. Ask an admin of the help desk for another.",
        ),
        (Language::BrazilianPortuguese, true) => {
            ("Endereço confirmado", "A partir de agora, entre no help desk com este endereço.")
        }
        (Language::BrazilianPortuguese, false) => (
            "Este link não vale mais",
            "Ele já foi usado, expirou ou o endereço não está mais livre. Peça outro a um administrador do help desk.",
        ),
    };
    page(&Page { language: language.as_str(), title, text, button: None, one_click: false, style: STYLE })
}

const fn asking(language: Language) -> Page {
    let (title, text, button) = match language {
        Language::English => (
            "Stop all e-mails from the help desk",
            "You will no longer receive e-mails about tickets. You will still get notifications in the help desk, and you can switch \
             e-mails on again there.",
            "Stop all e-mails",
        ),
        Language::BrazilianPortuguese => (
            "Cancelar todos os e-mails do help desk",
            "Você não receberá mais e-mails sobre chamados. As notificações no help desk continuam, e os e-mails podem ser \
             reativados lá.",
            "Cancelar todos os e-mails",
        ),
    };
    Page { language: language.as_str(), title, text, button: Some(button), one_click: true, style: STYLE }
}

const fn done(language: Language) -> Page {
    let (title, text) = match language {
        Language::English => ("E-mails stopped", "The help desk will no longer send you e-mails about tickets."),
        Language::BrazilianPortuguese => {
            ("E-mails cancelados", "O help desk não enviará mais e-mails sobre chamados a você.")
        }
    };
    Page { language: language.as_str(), title, text, button: None, one_click: false, style: STYLE }
}

/// Returns the language that the caller prefers among the supported ones.
#[must_use]
pub fn language_of(request: &Request) -> Language {
    preferred_language(request.header("accept-language").unwrap_or_default())
}

/// Replies with the page under a policy of its own, which allows its style and its form, and no
/// script, image or frame.
fn page(page: &Page) -> Result<Reply, Problem> {
    let html = page.render().map_err(|error| Problem::Internal(Box::new(error)))?;
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    let reply = Reply::html(html).with_header("content-security-policy", policy);
    Ok(reply
        .with_header("content-language", page.language.to_owned())
        .with_header("vary", "Accept, Accept-Language".into()))
}

/// Returns whether the header asks for HTML by name. A browser does, and a mail program or `*/*`
/// does not.
fn reads_html(accept: &str) -> bool {
    weighed(accept).any(|(media_type, weight)| media_type.eq_ignore_ascii_case("text/html") && weight > 0)
}

/// Returns the preferred language among the supported ones, by the first part of each tag. Returns
/// English if none is supported.
fn preferred_language(accept_language: &str) -> Language {
    let weight_of = |primary: &str| {
        let of_it = weighed(accept_language)
            .filter(|(tag, _)| tag.split('-').next().is_some_and(|first| first.eq_ignore_ascii_case(primary)));
        of_it.map(|(_, weight)| weight).max().unwrap_or(0)
    };
    if weight_of("pt") > weight_of("en") { Language::BrazilianPortuguese } else { Language::English }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_preferred_supported_language_is_chosen() {
        use Language::{BrazilianPortuguese as Pt, English as En};
        for (header, language) in [
            ("", En),
            ("*", En),
            ("pt", Pt),
            ("pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7", Pt),
            ("PT-pt", Pt),
            ("en-GB, pt;q=0.9", En),
            ("en;q=0.5, pt;q=0.501", Pt),
            ("de, fr;q=0.9, pt;q=0.1", Pt),
            ("de, fr", En),
            ("pt;q=0", En),
            ("pt;q=0.0, en;q=0", En),
            ("pt;q=x", En),
            ("ptx", En),
            ("pt , en ; q=0.3", Pt),
        ] {
            assert_eq!(preferred_language(header), language, "{header}");
        }
    }

    #[test]
    fn a_browser_asks_for_html_and_a_mail_program_does_not() {
        for (header, html) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
            ("application/json, text/HTML;q=0.1", true),
            ("*/*", false),
            ("text/*", false),
            ("", false),
            ("application/json", false),
            ("text/html;q=0", false),
            ("text/html;q=0.000", false),
        ] {
            assert_eq!(reads_html(header), html, "{header}");
        }
    }
}
