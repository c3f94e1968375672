use std::sync::LazyLock;

use domain::id::UserId;
use domain::lifecycle::EventType;
use domain::text::PersonName;

use super::*;
use crate::auth::UnsubscribeKey;

/// Returns a mail to the requester of ticket 42, on which Tina commented, as modified by `change`.
fn mail<'a>(change: impl FnOnce(&mut TicketMail<'a>)) -> Mail {
    static TINA: LazyLock<Person> = LazyLock::new(|| person("Tina"));
    static UNSUBSCRIBE: LazyLock<UnsubscribeToken> = LazyLock::new(|| {
        let key = UnsubscribeKey::new([2; 16]);
        UnsubscribeToken { user_id: UserId::from_bytes([1; 16]), key }
    });
    let mut mail = TicketMail {
        language: Language::English,
        notification_type: NotificationType::Log(EventType::Commented),
        reason: NotificationReason::Requester,
        event: EventId::from_bytes([3; 16]),
        reopened_by_comment: false,
        actor: &TINA,
        quoted: None,
        number: 42,
        title: "The printer jams",
        status: Status::InProgress,
        domain: "example.org",
        api_url: "https://api.example.org",
        link: None,
        unsubscribe: &UNSUBSCRIBE,
    };
    change(&mut mail);
    mail.write().unwrap()
}

fn person(name: &str) -> Person {
    let name = PersonName::parse(name.to_owned()).unwrap();
    Person { id: UserId::from_bytes([4; 16]), name, role: Role::Technician }
}

fn by_person(text: &str) -> QuotedText {
    QuotedText::ByPerson(text.to_owned())
}

#[test]
fn a_mail_is_written_in_the_language_of_its_recipient() {
    let quoted = by_person("Try the other tray.\nAnd again.");
    let english =
        mail(|mail| (mail.quoted, mail.link) = (Some(&quoted), Some("https://desk.example.org/42".to_owned())));
    assert_eq!(english.subject, "[#42] The printer jams");
    assert_eq!(
        english.text,
        "Hello,\n\nTina wrote:\n\n> Try the other tray.\n> And again.\n\n#42 The printer jams (in progress)\n\
         https://desk.example.org/42\n\n-- \n\
         You are receiving this e-mail because this is your ticket.\n\
         To stop these e-mails, unsubscribe in your mail program or change your notification preferences."
    );
    assert!(english.html.contains("<a href=\"https://desk.example.org/42\">"), "{}", english.html);
    let portuguese = mail(|mail| (mail.language, mail.title) = (Language::BrazilianPortuguese, "A impressora trava"));
    assert!(
        portuguese.text.starts_with("Olá,\n\nTina escreveu:\n\n#42 A impressora trava (em atendimento)\n\n-- \n"),
        "{}",
        portuguese.text
    );
    assert!(portuguese.html.contains("<html lang=\"pt-BR\" dir=\"ltr\">") && !portuguese.html.contains("<a "));
}

#[test]
fn the_desks_own_reasons_are_in_the_language_of_the_recipient() {
    let desk = Person::system();
    let quoted = QuotedText::ByDesk(DeskReason::ResolvedFor { days: 5 });
    for (language, expected) in [
        (Language::English, "Hello,\n\nThe help desk closed this ticket.\nIt has been resolved for 5 days.\n\n#42"),
        (
            Language::BrazilianPortuguese,
            "Olá,\n\nO help desk fechou este chamado.\nEle está resolvido há 5 dias.\n\n#42",
        ),
    ] {
        let closed = mail(|mail| {
            (mail.language, mail.notification_type) = (language, NotificationType::Log(EventType::Closed));
            (mail.actor, mail.quoted) = (&desk, Some(&quoted));
        });
        assert!(closed.text.starts_with(expected), "{}", closed.text);
        assert!(!closed.html.contains("blockquote"), "no person is quoted: {}", closed.html);
    }
}

#[test]
fn quoted_text_is_escaped_as_html() {
    let (quoted, actor) = (by_person("<script>alert(1)</script>"), person("<i>Tina"));
    let html = mail(|mail| (mail.title, mail.quoted, mail.actor) = ("<b>&\"", Some(&quoted), &actor)).html;
    assert!(!html.contains("<script>") && !html.contains("<b>") && !html.contains("<i>"), "{html}");
}

/// A directional mark that is never closed ends with the text that contains it.
#[test]
fn directional_marks_in_quoted_text_affect_only_that_text() {
    let (quoted, actor) = (by_person("\u{202e}said"), person("\u{202e}Tina"));
    let mail = mail(|mail| (mail.title, mail.quoted, mail.actor) = ("\u{202e}title", Some(&quoted), &actor));
    let isolated = |text: &str| format!("\u{2068}\u{202e}{text}\u{2069}");
    assert_eq!(mail.subject, format!("[#42] {}", isolated("title")));
    let expected = format!("\n{} wrote:\n\n> {}\n\n#42 {} (in", isolated("Tina"), isolated("said"), isolated("title"));
    assert!(mail.text.contains(&expected), "{:?}", mail.text);
    let (title, name) = (isolated("title"), isolated("Tina"));
    for element in [
        format!("<title>#42 {title}</title>"),
        format!("<bdi dir=\"auto\">{title}</bdi>"),
        format!("<bdi dir=\"auto\">{name}</bdi>"),
    ] {
        assert!(mail.html.contains(&element), "{element:?} is not in {:?}", mail.html);
    }
    assert!(mail.html.contains("<blockquote dir=\"auto\""), "{}", mail.html);
}

#[test]
fn quoted_text_is_not_taken_for_a_signature() {
    let quoted = by_person("See below.\r\n-- \r\nBea\u{2028}-- \u{2028}Sales");
    let text = mail(|mail| mail.quoted = Some(&quoted)).text;
    let marks = text.lines().filter(|line| *line == "-- ").count();
    assert_eq!(marks, 1, "only our own signature: {text:?}");
    assert!(text.contains("\n> See below.\n> -- \n> Bea\n> -- \n> Sales\n"), "{text:?}");
}

#[test]
fn mails_of_a_ticket_form_a_thread_and_can_be_unsubscribed() {
    let headers = mail(|_| {}).headers;
    let header = |name: &str| &headers.iter().find(|(known, _)| *known == name).unwrap().1;
    assert_eq!(header("References"), "<ticket-42@example.org>");
    assert_eq!(header("In-Reply-To"), header("References"));
    let link = header("List-Unsubscribe");
    assert!(link.starts_with("<https://api.example.org/v1/unsubscribe/") && link.ends_with('>'), "{link}");
    assert_eq!(header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
}
