//! Any text that the API takes arrives as it was sent: in the ticket, the inbox, the mail and the webhook, whatever the queues
//! between them make of it.
//!
//! `TEXTS_ROUNDS` makes that many rounds, begun by `TEXTS_SEED`.

use http::Method;
use local::ForeignCharacters;
use local::mails::Mail;
use serde_json::{Value, json};

use crate::support::{Caller, Desk, Numbers, Receiver, eventually, setting, unique};

/// Where one character in four comes from: the edges of what UTF-8, XML and JSON tell apart, what is invisible, and what turns a line.
const EDGES: [char; 30] = [
    '"',
    '\\',
    '<',
    '&',
    '/',
    ' ',
    '\u{a0}',
    '\u{ad}',
    '\u{300}',
    '\u{34f}',
    '\u{7ff}',
    '\u{800}',
    '\u{200d}',
    '\u{202e}',
    '\u{2066}',
    '\u{d7ff}',
    '\u{e000}',
    '\u{fdd0}',
    '\u{fdef}',
    '\u{feff}',
    '\u{fffd}',
    '\u{fffe}',
    '\u{ffff}',
    '\u{10000}',
    '\u{1f5a8}',
    '\u{1fffe}',
    '\u{1ffff}',
    '\u{e0020}',
    '\u{10fffe}',
    '\u{10ffff}',
];

impl Numbers {
    /// A character that a line of text may hold.
    fn character(&mut self) -> char {
        loop {
            let found = match self.below(4) {
                0 => Some(EDGES[self.below(EDGES.len())]),
                1 => char::from_u32(u32::try_from(self.below(0x11_0000)).unwrap()),
                2 => char::from_u32(u32::try_from(self.below(0x1_0000)).unwrap()),
                _ => char::from_u32(u32::try_from(self.below(0x250)).unwrap()),
            };
            let ends_a_line = |character: char| matches!(character, '\u{2028}' | '\u{2029}');
            if let Some(character) = found.filter(|character| !character.is_control() && !ends_a_line(*character)) {
                return character;
            }
        }
    }

    /// A line of up to that many characters, which can be seen and is no other.
    fn line(&mut self, max: usize) -> String {
        let between = self.below(max - 12);
        format!("x{}{:06}y", (0..between).map(|_| self.character()).collect::<String>(), unique())
    }
}

/// A desk with such queues, its admin, Tina, and the receiver of a webhook.
async fn desk(characters: ForeignCharacters) -> (Desk, Caller, Receiver) {
    let desk = Desk::with(1, |mut options| {
        options.foreign_characters = characters;
        options
    });
    let desk = desk.await;
    let admin = desk.admin().await;
    let (tina, receiver) = (desk.technician(&admin, "Tina").await, Receiver::open());
    admin.post("/v1/webhooks", json!({"url": receiver.url})).await.expect(201);
    (desk, tina, receiver)
}

/// The newest item of somebody's inbox of that event of that ticket, once it is there.
async fn told(caller: &Caller, number: u64, event: &str) -> Value {
    eventually("they are told", async || {
        let items = caller.all_pages("/v1/notifications", 100).await;
        items.into_iter().find(|item| item["event"]["ticket"] == number && item["event"]["type"] == event)
    })
    .await
}

/// Waits for the mail about that ticket to somebody that holds this text.
async fn mailed(desk: &Desk, to: &Caller, number: u64, title: &str, text: &str) {
    // Where texts go from right to left, mails put them between marks that show nothing.
    let unmarked = |text: &str| text.replace(['\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}'], "");
    let (subject, text) = (unmarked(&format!("[#{number}] {title}")), unmarked(text));
    eventually("they are mailed", async || {
        let mails = desk.mails_to(&to.email);
        let holds = |mail: &Mail| unmarked(&mail.subject) == subject && unmarked(&mail.text).contains(&text);
        mails.iter().any(holds).then_some(())
    })
    .await;
}

/// What the webhook got of that event of that ticket, once it is there: every byte of it is ASCII.
async fn posted(receiver: &Receiver, number: u64, event: &str) -> Value {
    eventually("the event is posted", async || {
        let bodies = receiver.received().into_iter().map(|request| request.body);
        let mut events = bodies.map(|body| {
            assert!(body.is_ascii(), "{body}");
            serde_json::from_str::<Value>(&body).unwrap()
        });
        let event_type = format!("helpdesk.ticket.{event}");
        events.find(|posted| posted["data"]["ticket"] == number && posted["type"] == event_type.as_str())
    })
    .await
}

async fn a_name_holds_up_nobody(characters: ForeignCharacters) {
    let (desk, tina, receiver) = desk(characters).await;
    let odd = desk.registered("A\u{ffff}", format!("odd-{}@example.org", unique())).await;
    let bea = desk.user("Bea").await;
    let (of_odd, of_bea) = (desk.ticket(&odd).await, desk.ticket(&bea).await);
    for number in [of_odd, of_bea] {
        tina.post_nothing(&format!("/v1/tickets/{number}/assign")).await.expect(200);
    }
    odd.post(&format!("/v1/tickets/{of_odd}/comments"), json!({"body": "Hm."})).await.expect(201);
    told(&bea, of_bea, "assigned").await;
    told(&odd, of_odd, "assigned").await;
    assert_eq!(told(&tina, of_odd, "commented").await["event"]["actor"]["name"], "A\u{ffff}");
    mailed(&desk, &tina, of_odd, "The printer jams", "A\u{ffff} wrote").await;
    for number in [of_odd, of_bea] {
        posted(&receiver, number, "opened").await;
    }
    assert_eq!(posted(&receiver, of_odd, "commented").await["data"]["actor"]["name"], "A\u{ffff}");
    for person in [&bea, &odd] {
        desk.anyone().post("/v1/auth/password/forgot", json!({"email": person.email})).await.expect(202);
        desk.mailed_tokens(&person.email, 1).await;
    }
    desk.assert_no_process_died();
}

#[tokio::test]
async fn a_name_that_no_xml_holds_keeps_nobody_from_being_told() {
    a_name_holds_up_nobody(ForeignCharacters::Refused).await;
}

#[tokio::test]
async fn a_name_that_no_xml_holds_arrives_where_the_queue_would_replace_its_character() {
    a_name_holds_up_nobody(ForeignCharacters::Replaced).await;
}

/// One ticket of random texts, from its opening to its reopening.
async fn round(desk: &Desk, tina: &Caller, receiver: &Receiver, ana: Caller, numbers: &mut Numbers) -> Caller {
    let (name, title) = (numbers.line(100), numbers.line(150));
    let description = format!("{}\r\n\t{}\u{2028}\u{2029}", numbers.line(500), numbers.line(500));
    let (category, tags) = (numbers.line(50), [numbers.line(30), numbers.line(30)]);
    ana.send_json(Method::PATCH, "/v1/me", json!({ "name": name })).await.expect(200);
    let ana = desk.signed_in(ana).await;
    let body = json!({"title": title, "description": description, "category": category, "tags": tags});
    let ticket = ana.post("/v1/tickets", body).await.expect(201).body;
    let number = ticket["number"].as_u64().unwrap();
    let path = format!("/v1/tickets/{number}");
    let kept = ana.get(&path).await.expect(200).body;
    assert_eq!((&kept["title"], &kept["description"]), (&json!(title), &json!(description)));
    assert_eq!((&kept["category"], &kept["requester"]["name"]), (&json!(category), &json!(name)));
    assert!(tags.iter().all(|tag| kept["tags"].as_array().unwrap().contains(&json!(tag))), "{kept}");
    assert_eq!(posted(receiver, number, "opened").await["data"]["actor"]["name"], name);

    let (comment, resolution, reason) = (numbers.line(500), numbers.line(500), numbers.line(500));
    tina.post_nothing(&format!("{path}/assign")).await.expect(200);
    tina.post(&format!("{path}/comments"), json!({ "body": comment })).await.expect(201);
    tina.post(&format!("{path}/resolve"), json!({ "resolution": resolution })).await.expect(200);
    ana.post(&format!("{path}/reopen"), json!({ "reason": reason })).await.expect(200);
    for (to, event, text) in
        [(&ana, "commented", &comment), (&ana, "resolved", &resolution), (tina, "reopened", &reason)]
    {
        assert_eq!(told(to, number, event).await["event"]["title"], title);
        mailed(desk, to, number, &title, text).await;
        posted(receiver, number, event).await;
    }
    assert_eq!(told(tina, number, "reopened").await["event"]["actor"]["name"], name);
    mailed(desk, tina, number, &title, &name).await;
    ana
}

async fn rounds(characters: ForeignCharacters, rounds: usize) {
    let (desk, tina, receiver) = desk(characters).await;
    let (mut numbers, mut ana) = (Numbers(setting("TEXTS_SEED", 2026)), desk.user("Ana").await);
    for _ in 0..setting("TEXTS_ROUNDS", rounds) {
        ana = round(&desk, &tina, &receiver, ana, &mut numbers).await;
    }
    desk.assert_no_process_died();
}

#[tokio::test]
async fn any_texts_arrive_where_the_queues_refuse_some_characters() {
    rounds(ForeignCharacters::Refused, 6).await;
}

#[tokio::test]
async fn any_texts_arrive_where_the_queues_replace_some_characters() {
    rounds(ForeignCharacters::Replaced, 3).await;
}

#[tokio::test]
async fn the_longest_address_is_a_key_that_the_table_takes_and_longer_keys_are_refused() {
    let desk = Desk::open().await;
    // 64 characters before the @, and labels of 63 at most (RFC 5321 §4.5.3.1, RFC 1035 §2.3.4).
    let domain = format!("{}.{}.{}.org", "d".repeat(63), "e".repeat(63), "f".repeat(57));
    let address = format!("{}@{domain}", "l".repeat(64));
    assert_eq!(address.len(), 254);
    let ana = desk.registered("Ana", address).await;
    desk.anyone().post("/v1/auth/password/forgot", json!({"email": ana.email})).await.expect(202);
    desk.mailed_tokens(&ana.email, 1).await;
    for (partition, sort) in [(2_049, 1), (1, 1_025)] {
        let text = |bytes: usize| aws_sdk_dynamodb::types::AttributeValue::S("k".repeat(bytes));
        let put = desk.dynamodb().put_item().table_name(desk.stack.table_name());
        let refused = put.item("pk", text(partition)).item("sk", text(sort)).send().await.unwrap_err();
        let code = aws_sdk_dynamodb::error::ProvideErrorMetadata::code(&refused);
        assert_eq!(code, Some("ValidationException"), "{partition}/{sort}");
    }
}
