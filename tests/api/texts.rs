//! Any text that the API accepts arrives unchanged in the ticket, the inbox, the mail and the
//! webhook, however the queues treat its characters.
//!
//! `TEXTS_ROUNDS` sets the number of rounds, `TEXTS_SEED` the random seed.

use http::Method;
use local::ForeignCharacters;
use local::mails::Mail;
use serde_json::{Value, json};

use crate::support::{Caller, Desk, Numbers, Receiver, eventually, setting, unique};

/// One character in four is one of these: the boundaries of UTF-8, XML and JSON, invisible
/// characters, and directional marks.
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
    /// Returns a random character that a line of text may have.
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

    /// Returns a visible, unique line of up to this many characters.
    fn line(&mut self, max: usize) -> String {
        let between = self.below(max - 12);
        format!("x{}{:06}y", (0..between).map(|_| self.character()).collect::<String>(), unique())
    }
}

/// Starts a desk with such queues and returns it with Tina and the receiver of a webhook.
async fn desk_with_queues(characters: ForeignCharacters) -> (Desk, Caller, Receiver) {
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

/// Waits for the caller's notification of this event of the ticket and returns it.
async fn notification(caller: &Caller, number: u64, event: &str) -> Value {
    eventually("they are notified", async || {
        let items = caller.all_pages("/v1/notifications", 100).await;
        items.into_iter().find(|item| item["event"]["ticket"] == number && item["event"]["type"] == event)
    })
    .await
}

/// Waits for the mail about the ticket to this person that has the text.
async fn mailed(desk: &Desk, to: &Caller, number: u64, title: &str, text: &str) {
    // Mails enclose right-to-left texts in invisible marks.
    let unmarked = |text: &str| text.replace(['\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}'], "");
    let (subject, text) = (unmarked(&format!("[#{number}] {title}")), unmarked(text));
    eventually("they are mailed", async || {
        let mails = desk.mails_to(&to.email);
        let holds = |mail: &Mail| unmarked(&mail.subject) == subject && unmarked(&mail.text).contains(&text);
        mails.iter().any(holds).then_some(())
    })
    .await;
}

/// Waits for the delivery of this event of the ticket and returns it. Every byte of it must be
/// ASCII.
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

async fn assert_name_blocks_no_one(characters: ForeignCharacters) {
    let (desk, tina, receiver) = desk_with_queues(characters).await;
    let odd = desk.registered("A\u{ffff}", format!("odd-{}@example.org", unique())).await;
    let bea = desk.user("Bea").await;
    let (of_odd, of_bea) = (desk.ticket(&odd).await, desk.ticket(&bea).await);
    for number in [of_odd, of_bea] {
        tina.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect(200);
    }
    odd.post(&format!("/v1/tickets/{of_odd}/comments"), json!({"body": "Hm."})).await.expect(201);
    notification(&bea, of_bea, "assigned").await;
    notification(&odd, of_odd, "assigned").await;
    assert_eq!(notification(&tina, of_odd, "commented").await["event"]["actor"]["name"], "A\u{ffff}");
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
async fn a_name_that_xml_cannot_hold_does_not_block_others() {
    assert_name_blocks_no_one(ForeignCharacters::Refused).await;
}

#[tokio::test]
async fn a_name_that_xml_cannot_hold_arrives_where_queues_replace_characters() {
    assert_name_blocks_no_one(ForeignCharacters::Replaced).await;
}

/// Runs one ticket with random texts from its opening to its reopening.
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
    tina.post_empty(&format!("{path}/assign")).await.expect(200);
    tina.post(&format!("{path}/comments"), json!({ "body": comment })).await.expect(201);
    tina.post(&format!("{path}/resolve"), json!({ "resolution": resolution })).await.expect(200);
    ana.post(&format!("{path}/reopen"), json!({ "reason": reason })).await.expect(200);
    for (to, event, text) in
        [(&ana, "commented", &comment), (&ana, "resolved", &resolution), (tina, "reopened", &reason)]
    {
        assert_eq!(notification(to, number, event).await["event"]["title"], title);
        mailed(desk, to, number, &title, text).await;
        posted(receiver, number, event).await;
    }
    assert_eq!(notification(tina, number, "reopened").await["event"]["actor"]["name"], name);
    mailed(desk, tina, number, &title, &name).await;
    ana
}

async fn rounds(characters: ForeignCharacters, rounds: usize) {
    let (desk, tina, receiver) = desk_with_queues(characters).await;
    let (mut numbers, mut ana) = (Numbers(setting("TEXTS_SEED", 2026)), desk.user("Ana").await);
    for _ in 0..setting("TEXTS_ROUNDS", rounds) {
        ana = round(&desk, &tina, &receiver, ana, &mut numbers).await;
    }
    desk.assert_no_process_died();
}

#[tokio::test]
async fn any_text_arrives_where_the_queues_refuse_some_characters() {
    rounds(ForeignCharacters::Refused, 6).await;
}

#[tokio::test]
async fn any_text_arrives_where_the_queues_replace_some_characters() {
    rounds(ForeignCharacters::Replaced, 3).await;
}

#[tokio::test]
async fn the_longest_address_fits_into_a_key_of_the_table() {
    let desk = Desk::open().await;
    // 64 characters before the @, and labels of at most 63 (RFC 5321 §4.5.3.1, RFC 1035 §2.3.4).
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
