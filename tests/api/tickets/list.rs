use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::{Caller, Desk};

fn numbers(items: &[Value]) -> Vec<u64> {
    items.iter().filter_map(|ticket| ticket["number"].as_u64()).collect()
}

/// The numbers a list gives, which must be the same in pages of any size.
async fn listed(caller: &Caller, path: &str) -> Vec<u64> {
    let whole = numbers(&caller.all_pages(path, 100).await);
    for limit in 1..=3 {
        assert_eq!(numbers(&caller.all_pages(path, limit).await), whole, "{path} in pages of {limit}");
    }
    whole
}

async fn open(caller: &Caller, priority: &str, category: &str, tag: &str) -> u64 {
    let body = json!({
        "title": "T", "description": "D", "priority": priority, "category": category, "tags": [tag]
    });
    caller.post("/v1/tickets", body).await.expect(201).body["number"].as_u64().unwrap()
}

#[tokio::test]
async fn every_filter_alone_and_together_and_in_pages_of_any_size() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let (ana, bea) = (desk.user("Ana").await, desk.user("Bea").await);
    let tina = desk.technician(&admin, "Tina").await;
    let one = open(&ana, "low", "vpn", "a").await;
    let two = open(&bea, "urgent", "vpn", "b").await;
    let three = open(&ana, "normal", "mail", "a").await;
    let four = open(&ana, "urgent", "mail", "b").await;
    let five = open(&bea, "normal", "vpn", "a").await;
    for number in [three, five] {
        tina.post_nothing(&format!("/v1/tickets/{number}/assign")).await.expect(200);
    }
    tina.post(&format!("/v1/tickets/{five}/resolve"), json!({"resolution": "R"})).await.expect(200);
    bea.post_nothing(&format!("/v1/tickets/{two}/withdraw")).await.expect(200);

    let of_ana = format!("?requester={}", ana.id);
    let of_tina = format!("?assignee={}", tina.id);
    for (query, expected) in [
        ("", vec![five, four, three, two, one]),
        ("?status=open", vec![four, one]),
        ("?status=in_progress", vec![three]),
        ("?status=resolved", vec![five]),
        ("?status=closed", vec![two]),
        ("?assignee=me", vec![three, five]),
        (&of_tina, vec![three, five]),
        ("?assignee=none", vec![four, two, one]),
        ("?assignee=none&status=closed", vec![two]),
        ("?assignee=me&status=resolved", vec![five]),
        (&of_ana, vec![four, three, one]),
        ("?requester=me", vec![]),
        ("?priority=urgent", vec![four, two]),
        ("?category=vpn", vec![five, two, one]),
        ("?tag=a", vec![five, three, one]),
        ("?tag=a&category=vpn&status=open", vec![one]),
        (&format!("{of_ana}&tag=a&status=in_progress"), vec![three]),
        (&format!("{of_tina}&requester={}", bea.id), vec![five]),
    ] {
        assert_eq!(listed(&tina, &format!("/v1/tickets{query}")).await, expected, "{query}");
    }
    assert_eq!(listed(&ana, "/v1/tickets").await, [four, three, one], "a user sees their own");
    assert_eq!(listed(&ana, "/v1/tickets?status=open").await, [four, one]);
    assert_eq!(listed(&ana, "/v1/tickets?assignee=none").await, [four, one]);
    assert_eq!(listed(&ana, &format!("/v1/tickets?requester={}", bea.id)).await, [0; 0]);
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_and_caller_only() {
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
async fn a_place_that_is_not_on_the_list_is_refused() {
    let desk = Desk::open().await;
    let admin = desk.admin().await;
    let tina = desk.technician(&admin, "Tina").await;
    for _ in 0..2 {
        let number = desk.ticket(&tina).await;
        tina.post_nothing(&format!("/v1/tickets/{number}/assign")).await.expect(200);
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
async fn what_a_list_does_not_know_is_refused() {
    let desk = Desk::open().await;
    let ana = desk.user("Ana").await;
    for query in [
        "stats=open",
        "status=done",
        "status=",
        "limit=0",
        "limit=101",
        "limit=x",
        "assignee=ana",
        "status=open&status=closed",
    ] {
        let problem = ana.get(&format!("/v1/tickets?{query}")).await.expect_problem(400, "bad-request");
        let parameter = query.split('=').next().unwrap();
        assert!(problem.body["detail"].as_str().unwrap().contains(parameter), "{query}: {}", problem.body);
    }
}
