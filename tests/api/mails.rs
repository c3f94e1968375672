//! Mails as their recipients see them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::Method;
use local::StackOptions;
use local::mails::Mail;
use serde_json::json;
use support::wire::{Fate, Service};

use crate::support::table::partition_begins;
use crate::support::{Caller, Desk, eventually};

/// Waits for this many mails to a caller and returns them.
async fn mails(desk: &Desk, to: &Caller, count: usize) -> Vec<Mail> {
    eventually("the mails are sent", async || {
        let mails = desk.mails_to(&to.email);
        (mails.len() >= count).then_some(mails)
    })
    .await
}

#[tokio::test]
async fn mails_are_in_the_recipients_language_and_form_a_thread() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    ana.put("/v1/me/notification-preferences", json!({"language": "pt-BR"})).await.expect(200);
    let number = desk.ticket(&ana).await;
    let path = format!("/v1/tickets/{number}");
    tina.post_empty(&format!("{path}/assign")).await.expect(200);
    tina.post(&format!("{path}/comments"), json!({"body": "Which tray? <b>Ours?</b>"})).await.expect(201);
    ana.post(&format!("{path}/comments"), json!({"body": "The upper one."})).await.expect(201);
    let anas = mails(&desk, &ana, 2).await;
    let tinas = mails(&desk, &tina, 1).await;
    assert!(anas[0].text.contains("Seu chamado está sendo atendido agora."), "{}", anas[0].text);
    assert!(anas[1].text.contains("Tina escreveu:\n\n> Which tray? <b>Ours?</b>\n"), "{}", anas[1].text);
    assert!(anas[1].html.contains("&lt;b&gt;") || anas[1].html.contains("&#60;b&#62;"), "{}", anas[1].html);
    assert!(tinas[0].text.contains("Ana wrote:\n\n> The upper one.\n"), "{}", tinas[0].text);
    for mail in anas.iter().chain(&tinas) {
        assert_eq!(mail.subject, format!("[#{number}] The printer jams"));
        let header = |name: &str| mail.headers.iter().find(|(known, _)| known == name).unwrap().1.clone();
        assert_eq!(header("References"), format!("<ticket-{number}@example.org>"));
        assert_eq!(header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
        assert_eq!(mail.configuration_set.as_deref(), Some("helpdesk-MailConfiguration"));
        let page = format!("{}/app/tickets/{number}", desk.stack.base_url());
        assert!(mail.text.contains(&page) && mail.html.contains(&page), "{}", mail.text);
    }
    assert_eq!((anas.len(), tinas.len()), (2, 1), "no mail about one's own actions, and no duplicates");
}

/// The default stack has no domain for mails.
#[tokio::test]
async fn without_a_mail_domain_no_mail_is_sent_and_everything_else_works() {
    let none = [("MailDomain", ""), ("Registration", "invited")];
    let none = none.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let desk = Desk::with(1, |options| StackOptions { parameters: none.into(), ..options }).await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let number = desk.ticket(&ana).await;
    desk.anyone().post("/v1/auth/password/forgot", json!({"email": ana.email})).await.expect(202);
    tina.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect(200);
    eventually("Ana is notified", async || (!desk.notifications_of(&ana).await.is_empty()).then_some(())).await;
    admin.send(Method::DELETE, &format!("/v1/users/{}", tina.id), &[], Vec::new()).await.expect(204);
    eventually("the ticket is released", async || (desk.notifications_of(&ana).await.len() == 2).then_some(())).await;
    desk.wait_until_idle().await;
    assert!(desk.stack.mails().all().is_empty());
    assert!(desk.items(|item| partition_begins(item, "RESET_REQUEST")).await.is_empty(), "the request is deleted");
    desk.assert_no_process_died();
}

/// The log has the reason in English. The mail has it in the language of its recipient.
#[tokio::test]
async fn the_desks_own_reasons_are_mailed_in_the_recipients_language() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    ana.put("/v1/me/notification-preferences", json!({"language": "pt-BR"})).await.expect(200);
    let number = desk.ticket(&ana).await;
    tina.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect(200);
    admin.send(Method::DELETE, &format!("/v1/users/{}", tina.id), &[], Vec::new()).await.expect(204);
    let anas = mails(&desk, &ana, 2).await;
    let expected = "Seu chamado voltou para a fila.\nO responsável não é mais um técnico ativo.\n\n#";
    assert!(anas[1].text.contains(expected), "{}", anas[1].text);
    assert!(!anas[1].html.contains("active technician"), "{}", anas[1].html);
}

#[tokio::test]
async fn the_desks_own_words_are_quoted_when_a_person_writes_them() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    ana.put("/v1/me/notification-preferences", json!({"language": "pt-BR"})).await.expect(200);
    let path = format!("/v1/tickets/{}", desk.ticket(&ana).await);
    tina.post_empty(&format!("{path}/assign")).await.expect(200);
    let words = "Its assignee is no active technician any more.";
    tina.post(&format!("{path}/release"), json!({"reason": words})).await.expect(200);
    let anas = mails(&desk, &ana, 2).await;
    assert!(anas[1].text.contains(&format!("Seu chamado voltou para a fila.\n\n> {words}\n")), "{}", anas[1].text);
}

/// A comment that reopens is two events but one mail, to recipients who want either.
#[tokio::test]
async fn a_comment_that_reopens_a_ticket_sends_one_mail() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let number = desk.ticket(&ana).await;
    let path = format!("/v1/tickets/{number}");
    tina.post_empty(&format!("{path}/assign")).await.expect(200);
    for (round, unwanted) in [json!({}), json!({"commented": false})].into_iter().enumerate() {
        tina.put("/v1/me/notification-preferences", json!({"email": unwanted})).await.expect(200);
        tina.post(&format!("{path}/resolve"), json!({"resolution": "Toner."})).await.expect(200);
        ana.post(&format!("{path}/comments"), json!({"body": format!("Round {round}.")})).await.expect(201);
        let tinas = mails(&desk, &tina, round + 1).await;
        let expected = format!("Ana reopened this ticket and wrote:\n\n> Round {round}.\n");
        assert!(tinas[round].text.contains(&expected), "{}", tinas[round].text);
        // Whether the reopening is mailed depends on Tina's preferences when its message is
        // handled.
        desk.wait_until_idle().await;
    }
    // The next event has its mail, and no other mail was sent.
    tina.post(&format!("{path}/resolve"), json!({"resolution": "A new one."})).await.expect(200);
    ana.post(&format!("{path}/close"), json!({"reason": "Bought a new one."})).await.expect(200);
    let tinas = mails(&desk, &tina, 3).await;
    assert!(tinas[2].text.contains("Ana closed this ticket.\n\n> Bought a new one.\n"), "{}", tinas[2].text);
    let inbox: Vec<String> = desk.notifications_of(&tina).await.into_iter().map(|(event, ..)| event).collect();
    assert_eq!(inbox.iter().filter(|event| *event == "reopened").count(), 2, "{inbox:?}");
    assert_eq!(desk.mails_to(&tina.email).len(), 3);
}

#[tokio::test]
async fn unsubscribing_ends_all_mails_of_the_recipient_and_nothing_else() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let number = desk.ticket(&ana).await;
    let path = format!("/v1/tickets/{number}");
    tina.post_empty(&format!("{path}/assign")).await.expect(200);
    let token = desk.unsubscribe_token(&ana.email).await;
    let wrong = format!("{}0", &token[..token.len() - 1]);
    let wrong = if wrong == token { format!("{}1", &token[..token.len() - 1]) } else { wrong };
    desk.anyone().post_empty(&format!("/v1/unsubscribe/{wrong}")).await.expect(204);
    assert_eq!(ana.get("/v1/me/notification-preferences").await.expect(200).body["email"]["commented"], true);
    desk.anyone().post_empty("/v1/unsubscribe/nonsense").await.expect_problem(404, "not-found");
    // Opening the address shows a page and changes nothing.
    let address = format!("/v1/unsubscribe/{token}");
    for visit in [Method::GET, Method::HEAD] {
        desk.anyone().send(visit, &address, &BROWSER, Vec::new()).await.expect(200);
    }
    assert_eq!(ana.get("/v1/me/notification-preferences").await.expect(200).body["email"]["commented"], true);
    // Mail programs post a form with exactly the value of the header.
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = b"List-Unsubscribe=One-Click".to_vec();
    desk.anyone().send(Method::POST, &address, &form, body).await.expect(204);
    // Choosing another language does not subscribe again, but naming mail preferences does, as
    // below.
    let path_of_preferences = "/v1/me/notification-preferences";
    let kept = ana.put(path_of_preferences, json!({"language": "pt-BR"})).await.expect(200).body;
    assert_eq!((&kept["language"], &kept["email"]["commented"]), (&json!("pt-BR"), &json!(false)));
    tina.post(&format!("{path}/comments"), json!({"body": "On my way."})).await.expect(201);
    // The inbox still works. A mail to Tina about Ana's response shows that mails have been sent.
    eventually("Ana is notified", async || (desk.notifications_of(&ana).await.len() == 2).then_some(())).await;
    ana.post(&format!("{path}/comments"), json!({"body": "Thank you."})).await.expect(201);
    mails(&desk, &tina, 1).await;
    assert_eq!(desk.mails_to(&ana.email).len(), 1);
    let again = ana.put(path_of_preferences, json!({"email": {"opened": false}})).await.expect(200).body;
    assert_eq!((&again["email"]["commented"], &again["email"]["opened"]), (&json!(true), &json!(false)));
}

/// The headers of a browser's request for a page (Fetch Standard, "HTTP-network-or-cache fetch"),
/// with the languages of Brazil.
const BROWSER: [(&str, &str); 2] = [
    ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("accept-language", "pt-BR,pt;q=0.9,en;q=0.8"),
];

#[tokio::test]
async fn the_unsubscribe_page_has_a_button_and_is_equal_for_every_token() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let number = desk.ticket(&ana).await;
    tina.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect(200);
    let token = desk.unsubscribe_token(&ana.email).await;
    let unknown = "019ab8e0-0000-7000-8000-000000000000.0123456789abcdef0123456789abcdef";
    let page = async |token: &str, headers: &[(&str, &str)]| {
        let response = desk.anyone().send(Method::GET, &format!("/v1/unsubscribe/{token}"), headers, Vec::new()).await;
        let response = response.expect(200);
        assert!(response.is_page(), "{:?}", response.headers);
        response
    };
    let english = page(&token, &[]).await;
    let text = english.body.as_str().unwrap();
    for part in [
        r#"<html lang="en">"#,
        r#"<form method="post">"#,
        r#"<input type="hidden" name="List-Unsubscribe" value="One-Click">"#,
        "<button>Stop all e-mails</button>",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let policy = english.header("content-security-policy").unwrap();
    assert!(policy.contains("; form-action 'self'; base-uri 'none'; "), "{policy}");
    assert_eq!(page(unknown, &[]).await.body, english.body, "an unknown token has the same page");
    let portuguese = page(&token, &BROWSER).await;
    assert_eq!(portuguese.header("content-language"), Some("pt-BR"));
    assert!(portuguese.body.as_str().unwrap().contains("<button>Cancelar todos os e-mails</button>"));
    desk.anyone().get("/v1/unsubscribe/nonsense").await.expect_problem(404, "not-found");

    // Press the button, as a browser sends its form.
    let mut headers = BROWSER.to_vec();
    headers.extend([("content-type", "application/x-www-form-urlencoded"), ("origin", "null")]);
    let press = async |token: &str| {
        let body = b"List-Unsubscribe=One-Click".to_vec();
        let response = desk.anyone().send(Method::POST, &format!("/v1/unsubscribe/{token}"), &headers, body).await;
        response.expect(200).body
    };
    let wanted =
        async || ana.get("/v1/me/notification-preferences").await.expect(200).body["email"]["commented"].clone();
    let of_unknown = press(unknown).await;
    assert_eq!(wanted().await, true);
    let pressed = press(&token).await;
    assert_eq!((&pressed, wanted().await), (&of_unknown, json!(false)));
    assert!(pressed.as_str().unwrap().contains("<h1>E-mails cancelados</h1>"), "{pressed}");
    assert!(!pressed.as_str().unwrap().contains("<form"), "{pressed}");
}

#[tokio::test]
async fn the_assignee_is_notified_of_a_note_and_its_text_is_in_no_mail() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let number = desk.ticket(&ana).await;
    let path = format!("/v1/tickets/{number}");
    tina.post_empty(&format!("{path}/assign")).await.expect(200);
    admin.post(&format!("{path}/notes"), json!({"body": "She is on leave from Monday."})).await.expect(201);
    eventually("Tina is notified", async || (!desk.notifications_of(&tina).await.is_empty()).then_some(())).await;
    assert_eq!(desk.notifications_of(&tina).await, [("noted".to_owned(), number, "assignee".to_owned())]);
    let tinas = mails(&desk, &tina, 1).await;
    assert!(tinas[0].text.contains("Admin left an internal note"), "{}", tinas[0].text);
    tina.post(&format!("{path}/resolve"), json!({"resolution": "Done."})).await.expect(200);
    mails(&desk, &ana, 2).await;
    for mail in desk.stack.mails().all() {
        assert!(!mail.text.contains("on leave") && !mail.html.contains("on leave"), "{}", mail.text);
    }
    assert!(desk.mails_to(&ana.email).iter().all(|mail| !mail.text.contains("note")));
    assert!(desk.notifications_of(&ana).await.iter().all(|(event, _, _)| event != "noted"));
}

#[tokio::test]
async fn every_mail_can_be_read_on_the_mail_page_of_the_stack() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let number = desk.ticket(&ana).await;
    tina.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect(200);
    mails(&desk, &ana, 1).await;
    let client = local::http::Client::default();
    let deadline = std::time::Duration::from_secs(5);
    let get = async |path: &str| {
        let url = format!("{}{path}", desk.stack.mails_url());
        let response = client.send(Method::GET, &url, &[], Vec::new(), deadline).await.unwrap();
        (response.status.as_u16(), String::from_utf8(response.body.to_vec()).unwrap())
    };
    let (status, list) = get("/").await;
    assert!(status == 200 && list.contains(&ana.email) && list.contains("[#1] The printer jams"), "{list}");
    let (status, mail) = get("/1").await;
    assert!(status == 200 && mail.contains("Someone is now working on your ticket."), "{mail}");
    assert_eq!(get("/1.html").await.0, 200);
    assert_eq!(get("/99").await.0, 404);
}

#[tokio::test]
async fn a_reset_and_a_mail_survive_a_temporary_failure_of_ses() {
    let (desk, wire) = Desk::with_wire(1, |options| options.visibility_timeout = Some(Duration::from_secs(1))).await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let number = desk.ticket(&ana).await;
    let refused = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&refused);
    wire.disturb(move |call| {
        if call.service != Service::Ses {
            return Fate::Pass;
        }
        counted.fetch_add(usize::from(call.function == "workers-accounts"), Ordering::SeqCst);
        Fate::Throttle
    });
    desk.anyone().post("/v1/auth/password/forgot", json!({"email": ana.email})).await.expect(202);
    tina.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect(200);
    // More often than the attempts of any queue.
    eventually("SES is called repeatedly", async || (refused.load(Ordering::SeqCst) > 6).then_some(())).await;
    assert!(desk.stack.mails().all().is_empty());
    wire.calm();
    let token = desk.mailed_tokens(&ana.email, 1).await.remove(0);
    let body = json!({"token": token, "password": "the colour of another horse"});
    desk.anyone().post("/v1/auth/password/reset", body).await.expect(204);
    mails(&desk, &ana, 1).await;
    desk.wait_until_idle().await;
    assert_eq!(desk.stack.mails().all().len(), 2);
}
