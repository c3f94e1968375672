use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::{Caller, Desk};

fn numbers(items: &[Value]) -> Vec<u64> {
    items.iter().filter_map(|ticket| ticket["number"].as_u64()).collect()
}

async fn open(caller: &Caller, priority: &str, category: &str, tag: &str) -> u64 {
    let body = json!({
        "title": "T", "description": "D", "priority": priority, "category": category, "tags": [tag]
    });
    caller.post("/v1/tickets", body).await.expect(201).body["number"].as_u64().unwrap()
}

/// A filter: the query's parameter, and the tickets that match it.
type Choice<'a> = (String, Box<dyn Fn(&Value) -> bool + 'a>);

fn any<'a>() -> Choice<'a> {
    (String::new(), Box::new(|_| true))
}

fn equal<'a>(parameter: &str, value: &'a str, pointer: &'static str) -> Choice<'a> {
    (format!("&{parameter}={value}"), Box::new(move |ticket| ticket.pointer(pointer) == Some(&json!(value))))
}

/// Returns the sort key of a ticket in a list: the ticket queue and an assignee's tickets by
/// urgency, all others newest first.
fn place_in(query: &str, of_assignee: bool, ticket: &Value) -> (usize, usize, i64) {
    let rank = |of: &[&str], field: &str| of.iter().position(|value| ticket[field] == *value).unwrap();
    let priority = rank(&["urgent", "high", "normal", "low"], "priority");
    let number = ticket["number"].as_i64().unwrap();
    if of_assignee {
        (rank(&["in_progress", "open", "resolved", "closed"], "status"), priority, number)
    } else if query.contains("status=open") && !query.contains("requester=") {
        (0, priority, number)
    } else {
        (0, 0, -number)
    }
}

#[tokio::test]
async fn every_combination_of_filters_works_in_pages_of_any_size() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, bea) = (desk.user("Ana").await, desk.user("Bea").await);
    let tina = desk.technician(&admin, "Tina").await;
    // Of every five tickets, 0 is in progress, 1 resolved, 2 withdrawn, and 3 closed.
    for place in 0..40 {
        let caller = if place % 3 == 0 { &ana } else { &bea };
        let (priority, category) = (["low", "urgent", "normal"][place / 3 % 3], ["vpn", "mail"][place / 2 % 2]);
        let number = open(caller, priority, category, ["a", "b"][place / 4 % 2]).await;
        let path = format!("/v1/tickets/{number}");
        match place % 5 {
            0 => drop(tina.post_empty(&format!("{path}/assign")).await.expect(200)),
            2 => drop(caller.post_empty(&format!("{path}/withdraw")).await.expect(200)),
            1 | 3 => {
                tina.post_empty(&format!("{path}/assign")).await.expect(200);
                tina.post(&format!("{path}/resolve"), json!({"resolution": "R"})).await.expect(200);
                if place % 5 == 3 {
                    caller.post_empty(&format!("{path}/close")).await.expect(200);
                }
            }
            _ => {}
        }
    }
    let all = tina.all_pages("/v1/tickets", 100).await;
    assert_eq!(numbers(&all), (1..=40).rev().collect::<Vec<_>>());

    let status = |value| equal("status", value, "/status");
    let unassigned: Choice<'_> = ("&assignee=none".to_owned(), Box::new(|ticket| ticket["assignee"].is_null()));
    let mine: Choice<'_> = ("&assignee=me".to_owned(), Box::new(|ticket| ticket["assignee"]["id"] == tina.id));
    let tag: Choice<'_> = ("&tag=a".to_owned(), Box::new(|ticket| ticket["tags"] == json!(["a"])));
    let choices: [Vec<Choice<'_>>; 6] = [
        vec![any(), status("open"), status("in_progress"), status("resolved"), status("closed")],
        vec![any(), unassigned, mine, equal("assignee", &tina.id, "/assignee/id")],
        vec![any(), equal("requester", &ana.id, "/requester/id")],
        vec![any(), equal("priority", "urgent", "/priority"), equal("priority", "high", "/priority")],
        vec![any(), equal("category", "vpn", "/category")],
        vec![any(), tag],
    ];
    for combination in 0..choices.iter().map(Vec::len).product() {
        let mut rest: usize = combination;
        let mut chosen = Vec::new();
        for of_parameter in &choices {
            chosen.push(&of_parameter[rest % of_parameter.len()]);
            rest /= of_parameter.len();
        }
        let query: String = chosen.iter().map(|(parameter, _)| parameter.as_str()).collect();
        let mut wanted: Vec<&Value> =
            all.iter().filter(|ticket| chosen.iter().all(|(_, wants)| wants(ticket))).collect();
        let of_assignee = query.contains("assignee=") && !query.contains("assignee=none");
        wanted.sort_by_key(|ticket| place_in(&query, of_assignee, ticket));
        let wanted: Vec<u64> = wanted.iter().filter_map(|ticket| ticket["number"].as_u64()).collect();
        let path = format!("/v1/tickets?{}", query.trim_start_matches('&'));
        for limit in [100, 1 + combination % 4] {
            assert_eq!(numbers(&tina.all_pages(&path, limit).await), wanted, "{path} in pages of {limit}");
        }
    }
}

/// Keyboards encode accents in two ways, and people vary spaces and capitals.
#[tokio::test]
async fn a_word_is_found_in_any_spelling_and_shown_as_sent() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    let composed = open(&ana, "low", "caf\u{e9}", "vpn").await;
    let decomposed = open(&ana, "low", "Cafe\u{301} ", " VPN\u{200b}").await;
    open(&ana, "low", "cafe", "v-pn").await;
    let shown = ana.get(&format!("/v1/tickets/{decomposed}")).await.expect(200).body;
    assert_eq!((&shown["category"], &shown["tags"]), (&json!("Cafe\u{301} "), &json!([" VPN\u{200b}"])));

    let both = vec![decomposed, composed];
    let many = format!("category={}", "e%CC%81".repeat(30));
    for (query, expected) in [
        ("tag=vpn", both.clone()),
        ("tag=+Vpn+", both.clone()),
        ("category=caf%C3%A9", both.clone()),
        ("category=CAFE%CC%81", both.clone()),
        ("category=caf%C3%A9&tag=vpn", both),
        (&many, vec![]),
    ] {
        assert_eq!(numbers(&ana.all_pages(&format!("/v1/tickets?{query}"), 10).await), expected, "{query}");
    }
    for (tags, repeated) in [
        (json!(["caf\u{e9}", "x", "cafe\u{301}"]), "/tags/2"),
        (json!(["vpn ", "vpn"]), "/tags/1"),
        (json!(["VPN", "vpn"]), "/tags/1"),
    ] {
        let body = json!({"title": "T", "description": "D", "tags": tags});
        let problem = ana.post("/v1/tickets", body).await.expect_problem(422, "validation-failed");
        assert_eq!(problem.pointers(), [repeated], "{tags}");
    }
}

/// A head without compared forms is found by its exact words, and still verifies.
#[tokio::test]
async fn a_ticket_without_compared_forms_is_found_by_its_exact_words() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    let number = open(&ana, "low", "Cafe\u{301}", "VPN").await;
    let head = desk.items(|item| item.contains_key("tag_keys")).await.remove(0);
    assert_eq!(head["category_key"], AttributeValue::S("caf\u{e9}".to_owned()));
    let mut before = head.clone();
    before.retain(|name, _| !["tag_keys", "category_key"].contains(&name.as_str()));
    desk.put(before).await;
    for (query, found) in [("tag=VPN", true), ("category=Cafe%CC%81", true), ("tag=vpn", false)] {
        let listed = numbers(&ana.all_pages(&format!("/v1/tickets?{query}"), 10).await);
        assert_eq!(!listed.is_empty(), found, "{query}");
    }
    let intact = async || ana.get(&format!("/v1/tickets/{number}/verify")).await.expect(200).body["intact"].clone();
    assert_eq!(intact().await, true);
    let mut forged = head;
    forged.insert("category_key".to_owned(), AttributeValue::S("tea".to_owned()));
    desk.put(forged).await;
    assert_eq!(intact().await, false);
}

#[tokio::test]
async fn a_user_only_ever_lists_their_own_tickets() {
    let desk = Desk::open().await;
    let (ana, bea) = (desk.user("Ana").await, desk.user("Bea").await);
    for caller in [&ana, &bea, &ana] {
        open(caller, "low", "vpn", "a").await;
    }
    let of = |id: &str| format!("/v1/tickets?requester={id}");
    for (path, expected) in [
        ("/v1/tickets", vec![3, 1]),
        ("/v1/tickets?status=open", vec![3, 1]),
        ("/v1/tickets?assignee=none", vec![3, 1]),
        ("/v1/tickets?assignee=me", vec![]),
        (&of(&ana.id), vec![3, 1]),
        (&of("me"), vec![3, 1]),
        (&of(&bea.id), vec![]),
    ] {
        assert_eq!(numbers(&ana.all_pages(path, 1).await), expected, "{path}");
    }
}

/// A caller who pages through a list sees each ticket that stays in it exactly once, whatever
/// happens to the others in the meantime.
#[tokio::test]
async fn a_ticket_that_stays_is_listed_exactly_once_during_other_writes() {
    let desk = Desk::with_instances(3).await;
    let admin = desk.admin().await;
    let (ana, tina) = (desk.user("Ana").await, desk.technician(&admin, "Tina").await);
    let mut staying = Vec::new();
    let mut moving = Vec::new();
    for place in 0..40 {
        // The last ticket stays, so that there is always a next page when a page says so.
        let stays = place % 2 == 1;
        let number = open(&ana, "normal", "vpn", if stays { "stays" } else { "moves" }).await;
        if stays { staying.push(number) } else { moving.push(number) }
    }
    let writes = async {
        for number in moving {
            let path = format!("/v1/tickets/{number}");
            tina.post_empty(&format!("{path}/assign")).await.expect(200);
            open(&ana, "urgent", "vpn", "moves").await;
            tina.post_empty(&format!("{path}/release")).await.expect(200);
            ana.post_empty(&format!("{path}/withdraw")).await.expect(200);
        }
    };
    let walks = async |path: &'static str, descending: bool| {
        let mut expected = staying.clone();
        if descending {
            expected.reverse();
        }
        for limit in [1, 3, 7] {
            let seen = tina.all_pages(path, limit).await;
            let stayed: Vec<Value> = seen.into_iter().filter(|ticket| ticket["tags"] == json!(["stays"])).collect();
            assert_eq!(numbers(&stayed), expected, "{path} in pages of {limit}");
        }
    };
    let ((), (), (), ()) = tokio::join!(
        writes,
        walks("/v1/tickets", true),
        walks("/v1/tickets?status=open", false),
        walks("/v1/tickets?tag=stays", true),
    );
}

#[tokio::test]
async fn a_cursor_is_valid_only_for_its_list_and_caller() {
    let desk = Desk::open().await;
    let (ana, bea) = (desk.user("Ana").await, desk.user("Bea").await);
    for _ in 0..3 {
        desk.ticket(&ana).await;
        desk.ticket(&bea).await;
    }
    let page = ana.get("/v1/tickets?limit=1").await.expect(200);
    let cursor = page.body["next_cursor"].as_str().unwrap();
    assert!(cursor.len() <= 512);
    ana.get(&format!("/v1/tickets?limit=2&cursor={cursor}")).await.expect(200);
    let tampered = format!("{}A", &cursor[..cursor.len() - 1]);
    let long = "A".repeat(600);
    for (caller, query) in [
        (&bea, format!("cursor={cursor}")),
        (&ana, format!("status=open&cursor={cursor}")),
        (&ana, format!("cursor={tampered}")),
        (&ana, format!("cursor={long}")),
        (&ana, "cursor=".to_owned()),
        (&ana, "cursor=nonsense".to_owned()),
    ] {
        caller.get(&format!("/v1/tickets?{query}")).await.expect_problem(400, "invalid-cursor");
    }
}

#[tokio::test]
async fn a_cursor_with_an_invalid_position_is_refused() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let tina = desk.technician(&admin, "Tina").await;
    for _ in 0..2 {
        let number = desk.ticket(&tina).await;
        tina.post_empty(&format!("/v1/tickets/{number}/assign")).await.expect(200);
    }
    for (path, places) in [
        ("/v1/tickets?", vec!["", "x", "0", "-1"]),
        ("/v1/tickets?assignee=me&status=in_progress&", vec!["", "4#3#000000000001", "x"]),
        ("/v1/tickets/1/events?", vec!["", "x", "-1"]),
        ("/v1/users?role=technician&", vec!["", "admin#x", "technician#x"]),
    ] {
        let page = tina.get(&format!("{path}limit=1")).await.expect(200);
        let cursor = page.body["next_cursor"].as_str().map(str::to_owned);
        let Some(cursor) = cursor else { continue };
        let mut forged: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).unwrap()).unwrap();
        for place in places {
            forged["after"] = json!(place);
            let cursor = URL_SAFE_NO_PAD.encode(forged.to_string());
            tina.get(&format!("{path}limit=1&cursor={cursor}")).await.expect_problem(400, "invalid-cursor");
        }
    }
}

#[tokio::test]
async fn unknown_parameters_and_values_of_a_list_are_refused() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    for query in [
        "stats=open",
        "status=done",
        "status=",
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=05",
        "limit=+5",
        "limit=%2B5",
        "limit=%205",
        "limit=5.0",
        "limit=",
        "assignee=ana",
        "status=open&status=closed",
    ] {
        let problem = ana.get(&format!("/v1/tickets?{query}")).await.expect_problem(400, "bad-request");
        let parameter = query.split('=').next().unwrap();
        assert!(problem.body["detail"].as_str().unwrap().contains(parameter), "{query}: {}", problem.body);
    }
}
