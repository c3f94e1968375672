//! Least privilege: the role of each function grants exactly what the function does.
//!
//! That nothing is missing shows in every test: the wire refuses what template.yaml does not grant.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use endpoints::row::Right as Needs;
use endpoints::table::ENDPOINTS;
use http::Method;
use serde_json::{Value, json};
use support::rights::{Right, Rights};
use support::wire::{Call, Fate, Wire};

use crate::costs::scenario;
use crate::deployment;
use crate::support::table::{Item, partition_begins, sort_key_begins, text};
use crate::support::{Caller, Desk, Reaction, Receiver, eventually, unique};

/// Notifications take a moment: the pause between checks whether every permission was used, and
/// their maximum number.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOKS_MAX: usize = 300;

/// Returns the permissions that were granted but not used, and those that were used but not
/// granted.
fn differences(wire: &Wire) -> Vec<String> {
    let (used, by_mappings, none) = (wire.used(), wire.needed_by_mappings(), BTreeSet::new());
    let mut differences = Vec::new();
    for (function, granted) in &wire.granted() {
        let of = |rights: &Rights| -> BTreeSet<Right> { rights.get(function).unwrap_or(&none).clone() };
        let needed: BTreeSet<Right> = of(&used).union(&of(&by_mappings)).cloned().collect();
        differences.extend(granted.difference(&needed).map(|right| format!("{function} never uses {right}")));
        differences.extend(needed.difference(granted).map(|right| format!("{function} lacks {right}")));
    }
    differences
}

#[test]
fn the_security_page_lists_every_partition_named_by_a_role() {
    let (template, page) = (include_str!("../../template.yaml"), include_str!("../../docs/SECURITY.md"));
    let lists = template.split("\"dynamodb:LeadingKeys\": [").skip(1).filter_map(|rest| rest.split_once(']'));
    let keys = lists.flat_map(|(list, _)| list.split(", ")).map(|key| key.trim_matches('"'));
    let kinds: BTreeSet<&str> = keys.filter_map(|key| key.split_inclusive('#').next()).collect();
    assert!(kinds.len() > 15, "{kinds:?}");
    for kind in kinds {
        assert!(page.contains(&format!("`{kind}")), "docs/SECURITY.md does not list {kind}");
    }
}

/// The commands on a ticket, and whether Tina executes them.
const COMMANDS: [(bool, &str); 7] = [
    (true, "assign"),
    (true, "release"),
    (true, "assign"),
    (true, "resolve"),
    (false, "reopen"),
    (true, "resolve"),
    (false, "close"),
];

async fn send_command_twice_with_key(caller: &Caller, number: u64, command: &str) {
    let body = if command == "resolve" { r#"{"resolution": "Done."}"# } else { "{}" };
    let key = format!("key-{}", unique());
    let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
    for _ in 0..2 {
        let path = format!("/v1/tickets/{number}/{command}");
        caller.send(Method::POST, &path, &headers, body.as_bytes().to_vec()).await.expect(200);
    }
}

/// Makes the requests that the scenario lacks.
async fn make_remaining_requests(desk: &Desk, wire: &Wire, ada: &Caller) {
    let (ana, tina) = (desk.user("Ana").await, desk.technician(ada, "Tina").await);
    let number = desk.ticket(&ana).await;
    for (by_tina, command) in COMMANDS {
        send_command_twice_with_key(if by_tina { &tina } else { &ana }, number, command).await;
    }
    // A note for a given version of a ticket.
    let version = format!("\"{}\"", COMMANDS.len() + 1);
    let headers = [("content-type", "application/json"), ("if-match", version.as_str())];
    let notes = format!("/v1/tickets/{number}/notes");
    tina.send(Method::POST, &notes, &headers, br#"{"body": "Between us."}"#.to_vec()).await.expect(201);
    let withdrawn = desk.ticket(&ana).await;
    send_command_twice_with_key(&ana, withdrawn, "withdraw").await;
    // A follow-up opened for another person, and a note with an idempotency key.
    let next =
        json!({"title": "No coffee again", "description": "Cold.", "requester_id": ana.id, "follow_up_of": number});
    tina.post("/v1/tickets", next).await.expect(201);
    let note = json!({"body": "Third time."}).to_string().into_bytes();
    let headers = [("content-type", "application/json"), ("idempotency-key", "note")];
    tina.send(Method::POST, &format!("/v1/tickets/{number}/notes"), &headers, note).await.expect(201);
    // A password hashed with outdated parameters is rehashed: "correct horse battery", with 19 MiB
    // and two passes.
    let old = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$iPOQ5f2O21FsjnBvo1AiFcDuSXciCnKUrXFO+yfgNoM";
    let credential =
        |item: &Item| partition_begins(item, &format!("USER#{}", ana.id)) && sort_key_begins(item, "CREDENTIAL");
    desk.set(credential, "password_hash", AttributeValue::S(old.to_owned())).await;
    desk.signed_in(ana.clone()).await;
    // An edit that is the first on its page: the text before it is looked up.
    let edited = format!("/v1/tickets/{}", desk.ticket(&ana).await);
    for description in ["It smells.", "It smokes."] {
        let headers = [("content-type", "application/json"), ("if-match", "*")];
        let body = json!({ "description": description }).to_string().into_bytes();
        ana.send(Method::PATCH, &edited, &headers, body).await.expect(200);
    }
    for list in ["events", "timeline"] {
        ana.all_pages(&format!("{edited}/{list}"), 1).await;
    }
    desk.sign_up("Bob", &format!("bob-{}@example.org", unique()), "correct horse battery").await;
    refuse_first_request_of_each(desk, &ana).await;
    // A refresh token that was replaced ends its family.
    let refresh = json!({"refresh_token": ana.refresh_token});
    desk.anyone().post("/v1/auth/refresh", refresh.clone()).await.expect(200);
    desk.let_overlaps_end().await;
    desk.anyone().post("/v1/auth/refresh", refresh).await.expect(401);
    // A new address frees the old one.
    desk.change_email(ada, &ana.id, &format!("{}@example.net", unique())).await;
    // An account is found by its address, deactivated and reactivated.
    let bea = desk.user("Bea").await;
    ada.get(&format!("/v1/users?email={}", bea.email)).await.expect(200);
    let path = format!("/v1/users/{}", bea.id);
    ada.send(Method::DELETE, &path, &[], Vec::new()).await.expect(204);
    ada.send_json(Method::PATCH, &path, json!({"active": true})).await.expect(200);
    // An invitation goes to another address, and is withdrawn.
    let noah = json!({"name": "Noah", "email": "noah@example.net", "role": "user"});
    let invited = ada.post("/v1/users", noah).await.expect(201).body;
    let path = format!("/v1/users/{}", invited["id"].as_str().unwrap());
    ada.send_json(Method::PATCH, &path, json!({"email": "noah@example.com"})).await.expect(200);
    ada.send(Method::DELETE, &path, &[], Vec::new()).await.expect(204);
    // A technician with a ticket and a session is deactivated.
    let held = desk.ticket(&desk.signed_in(tina.clone()).await).await;
    tina.post_empty(&format!("/v1/tickets/{held}/assign")).await.expect(200);
    // The request itself cannot end the sessions, so the event ends them.
    wire.disturb(|call| match (call.function.as_str(), call.operation.as_str()) {
        ("users-deactivate", "BatchWriteItem") => Fate::Break,
        _ => Fate::Pass,
    });
    ada.send(Method::DELETE, &format!("/v1/users/{}", tina.id), &[], Vec::new()).await.expect(204);
    wire.calm();
    desk.stack.invoke("tickets-verify-page", &json!({})).await.unwrap();
    let cloudformation = Receiver::open();
    let create = deployment::request(&cloudformation, "Create", deployment::NO_KEYS);
    deployment::answered(desk, &cloudformation, &create).await;
    let create = deployment::request_of_admin(&cloudformation, "Create", "first.admin@example.org");
    deployment::answered(desk, &cloudformation, &create).await;
    deployment::let_invitations_expire(desk).await;
    deployment::answered(desk, &cloudformation, &create).await;
}

/// Makes each other function be the first to refuse a request, which creates the secret of the log.
/// In the scenario the login does that.
async fn refuse_first_request_of_each(desk: &Desk, ana: &Caller) {
    let body = json!({"name": "Ana", "email": ana.email});
    // Registers an address with an account, which is mailed that there is one.
    desk.anyone().post("/v1/auth/register", body.clone()).await.expect(202);
    let registrations = |item: &Item| partition_begins(item, "ATTEMPTS#register-from#");
    desk.set(registrations, "attempt_count", AttributeValue::N("1000000".to_owned())).await;
    let refusals = [("/v1/auth/register", body, 429), ("/v1/auth/password/forgot", json!({"email": ana.email}), 429)];
    let attempts = |item: &Item| partition_begins(item, "ATTEMPTS#reset#");
    desk.anyone().post("/v1/auth/password/forgot", json!({"email": ana.email})).await.expect(202);
    desk.set(attempts, "attempt_count", AttributeValue::N("20".to_owned())).await;
    for (path, body, status) in refusals {
        for secret in desk.items(|item| partition_begins(item, "SECRET#")).await {
            desk.delete(&secret).await;
        }
        desk.anyone().post(path, body).await.expect(status);
        assert_eq!(desk.items(|item| partition_begins(item, "SECRET#")).await.len(), 1, "{path}");
    }
}

/// Calls every route that is not public with an API token, for the first time of a day: the token
/// is looked up, and its use is recorded, before anything else.
async fn call_everything_with_an_api_token(desk: &Desk, ada: &Caller) {
    let made = ada.post("/v1/me/tokens", json!({"name": "Program", "scopes": ["inbox"]})).await.expect(201).body;
    let program = ada.with_token(made["token"].as_str().unwrap());
    program.get("/v1/me").await.expect(200);
    for endpoint in ENDPOINTS.iter().filter(|endpoint| endpoint.calls[0].right != Needs::None) {
        desk.set(|item| partition_begins(item, "TOKEN_USE#"), "day", text("2026-01-01")).await;
        let path = endpoint.path().replace("{number}", "999999");
        let path = ["{id}", "{token_id}", "{delivery}"].iter().fold(path, |path, name| path.replace(name, &ada.id));
        let response = program.send(endpoint.method().parse().unwrap(), &path, &[], Vec::new()).await;
        assert!(response.status.as_u16() < 500, "{}: {}", endpoint.route, response.body);
    }
    let (eve, new) = (desk.user("Eve").await, json!({"name": "Program", "scopes": ["inbox"]}));
    eve.post("/v1/me/tokens", new).await.expect(201);
    // An account that has a token is reactivated before the worker came to remove it.
    let instances = desk.stack.instances().unwrap();
    instances.hold("workers-accounts").await.unwrap();
    let path = format!("/v1/users/{}", eve.id);
    ada.send(Method::DELETE, &path, &[], Vec::new()).await.expect(204);
    ada.send_json(Method::PATCH, &path, json!({"active": true})).await.expect(200);
    instances.resume("workers-accounts").await.unwrap();
}

/// Disables a webhook whose receiver answers 410, of which admins are notified, and reads
/// everything in Ana's inbox.
async fn cause_remaining_notifications(desk: &Desk, ada: &Caller) {
    let (receiver, ana) = (Receiver::open(), desk.user("Ana").await);
    receiver.react(Reaction::Answer(410, ""));
    ada.post("/v1/webhooks", json!({"url": receiver.url, "events": ["opened"]})).await.expect(201);
    let tina = desk.technician(ada, "Tina").await;
    let number = desk.ticket(&ana).await;
    tina.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect(200);
    eventually("Ana is notified", async || (!desk.notifications_of(&ana).await.is_empty()).then_some(())).await;
    // A late notification, which is read in every way, and an urgent ticket, about which
    // technicians are mailed.
    let instances = desk.stack.instances().unwrap();
    instances.hold("workers-notify").await.unwrap();
    tina.post(&format!("/v1/tickets/{number}/comments"), json!({"body": "On my way."})).await.expect(201);
    ana.post_empty("/v1/notifications/read-all").await.expect(204);
    instances.resume("workers-notify").await.unwrap();
    let late = eventually("Ana is notified", async || {
        ana.get("/v1/notifications?unread=true").await.expect(200).items().first().cloned()
    })
    .await;
    assert_eq!(ana.get("/v1/notifications/unread-count").await.expect(200).body["count"], 1);
    ana.post_empty(&format!("/v1/notifications/{}/read", late["id"].as_str().unwrap())).await.expect(204);
    let urgent = json!({"title": "Fire", "description": "In the server room.", "priority": "urgent"});
    ana.post("/v1/tickets", urgent).await.expect(201);
    eventually("Tina is mailed", async || (!desk.mails_to(&tina.email).is_empty()).then_some(())).await;
    tina.get("/v1/notifications/unread-count").await.expect(200);
}

/// Makes the help desk close a ticket that was resolved long ago.
async fn close_a_long_resolved_ticket(desk: &Desk, ada: &Caller) {
    let (ana, tina) = (desk.user("Ana").await, desk.technician(ada, "Tina").await);
    let number = desk.ticket(&ana).await;
    for command in ["assign", "resolve"] {
        send_command_twice_with_key(&tina, number, command).await;
    }
    let head =
        |item: &Item| partition_begins(item, "TICKETS#") && item["number"].as_n().unwrap() == &number.to_string();
    desk.set(head, "resolved_at", AttributeValue::S("2026-01-01T00:00:00.000Z".to_owned())).await;
    let closed = desk.stack.invoke("workers-auto-close", &json!({})).await.unwrap();
    assert_eq!(closed["closed"], 1);
}

/// Returns the relay's dead letter for an item of this kind that it could not read, and that can be
/// read by now.
async fn unreadable(desk: &Desk, partition: &str, sort_key: &str) -> Value {
    let fits = |item: &Item| partition_begins(item, partition) && sort_key_begins(item, sort_key);
    let item = desk.items(fits).await.remove(0);
    let key = json!({"pk": item["pk"].as_s().unwrap(), "sk": item["sk"].as_s().unwrap()});
    json!({"key": key, "sequence_number": "1", "error": "It could not be read."})
}

/// Puts a message into the dead-letter queue and redrives it, while the function `halted` cannot
/// work.
async fn redrive(desk: &Desk, wire: &Wire, queue: (&str, &str), body: Value, halted: Option<&'static str>) {
    let (id, name) = queue;
    let mut send =
        desk.sqs().send_message().queue_url(desk.stack.queue_url(id).unwrap()).message_body(body.to_string());
    if ["events", "accounts", "email"].contains(&name) {
        send = send.message_group_id("g").message_deduplication_id("d");
    }
    send.send().await.unwrap();
    let halts = move |call: &Call| halted.is_some_and(|function| call.function == function);
    // While the queue accepts nothing, the dead letter stays.
    let takes_nothing = move |call: &Call| call.operation.starts_with("SendMessage") || halts(call);
    wire.disturb(move |call| if takes_nothing(call) { Fate::Throttle } else { Fate::Pass });
    let kept = desk.stack.invoke("workers-redrive", &json!({ "queue": name })).await.unwrap();
    assert_eq!((&kept["kept"], &kept["moved"]), (&json!(1), &json!(0)), "{name}: {kept}");
    wire.disturb(move |call| if halts(call) { Fate::Throttle } else { Fate::Pass });
    eventually("the dead letter can be received again", async || {
        let moved = desk.stack.invoke("workers-redrive", &json!({ "queue": name })).await.unwrap();
        (moved["moved"] == 1).then_some(())
    })
    .await;
    wire.calm();
}

/// Redrives a dead letter of each queue, and one of the relay for each kind of item in the stream.
async fn redrive_dead_letters(desk: &Desk, wire: &Wire) {
    for (id, name) in [
        ("EventsDeadLetters", "events"),
        ("AccountsDeadLetters", "accounts"),
        ("EmailDeadLetters", "email"),
        ("WebhooksDeadLetters", "webhooks"),
    ] {
        redrive(desk, wire, (id, name), json!({}), None).await;
    }
    let relay = ("RelayDeadLetters", "relay");
    for (partition, sort_key) in [("TICKET#", "LOG#"), ("USER#", "EVENT#"), ("REGISTRATION#", "EVENT#")] {
        redrive(desk, wire, relay, unreadable(desk, partition, sort_key).await, None).await;
    }
    // A reset request is deleted as soon as the worker has handled it.
    wire.disturb(|call| if call.function == "workers-accounts" { Fate::Throttle } else { Fate::Pass });
    desk.anyone().post("/v1/auth/password/forgot", json!({"email": "nobody@example.org"})).await.expect(202);
    let request = unreadable(desk, "RESET_REQUEST#", "EVENT#").await;
    redrive(desk, wire, relay, request, Some("workers-accounts")).await;
}

#[tokio::test]
async fn every_role_grants_exactly_what_its_function_does() {
    let (desk, wire) = Desk::with_wire(1, |options| options.visibility_timeout = Some(Duration::from_secs(1))).await;
    let desk = desk.signing_in_over_http();
    let mut scenario = scenario::begin(&desk).await;
    for row in scenario::ROWS.iter() {
        scenario.prepare(&desk, row).await;
        drop(scenario.play(&desk, row).await);
    }
    let ada = desk.admin().await;
    call_everything_with_an_api_token(&desk, &ada).await;
    make_remaining_requests(&desk, &wire, &ada).await;
    cause_remaining_notifications(&desk, &ada).await;
    close_a_long_resolved_ticket(&desk, &ada).await;
    redrive_dead_letters(&desk, &wire).await;
    for _ in 0..LOOKS_MAX {
        if differences(&wire).is_empty() {
            return;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    panic!("{:#?}", differences(&wire));
}
