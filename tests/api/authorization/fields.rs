//! The fields that a body may have, and what becomes of their values: no field that the server owns
//! is accepted, and no secret appears anywhere except in the table.

use endpoints::table::rows;
use serde_json::{Value, json};

use super::cells::{Cell, Scene};
use crate::support::{Response, assert_unchanged, eventually};

/// Names of fields that the server sets itself, here or in other APIs.
const SERVER_OWNED: [&str; 36] = [
    "id",
    "number",
    "seq",
    "version",
    "hash",
    "previous_hash",
    "salt",
    "status",
    "role",
    "active",
    "admin",
    "is_admin",
    "requester",
    "assignee",
    "actor",
    "author",
    "user_id",
    "owner",
    "session_id",
    "created_at",
    "updated_at",
    "resolved_at",
    "closed_at",
    "expires_at",
    "read_at",
    "at",
    "allowed_actions",
    "resolution_seq",
    "password_hash",
    "token_hash",
    "family_hash",
    "pk",
    "sk",
    "status_key",
    "__proto__",
    "constructor",
];

/// Returns a permitted call of every route that takes a body.
async fn permitted_calls_with_a_body(scene: &Scene) -> Vec<(Cell, Value)> {
    let mut all = Vec::new();
    for row in rows().filter(|row| !row.call.body.is_empty()) {
        let cells = scene.cells_of(row).await;
        // The calls with an API token would carry the name that another call has just set.
        let mut signed_in = cells.into_iter().filter(|cell| !cell.has_api_token());
        let cell = signed_in.rfind(|cell| !cell.is_denied() || cell.is_public());
        all.extend(cell.map(|cell| (cell, scene.filled_in(row.call.body))));
    }
    assert!(all.len() > 15);
    all
}

#[tokio::test]
async fn server_owned_fields_are_refused_in_every_body() {
    let scene = Scene::open().await;
    let cells = permitted_calls_with_a_body(&scene).await;
    let before = scene.everything().await;
    for (cell, body) in cells {
        for name in SERVER_OWNED.into_iter().filter(|name| body.get(name).is_none()) {
            let mut body = body.clone();
            body[name] = json!("admin");
            let response = scene.send(&cell, &body).await;
            assert_eq!(response.status, 422, "{} took {name}: {}", cell.name(), response.body);
            assert_eq!(response.pointers(), [format!("/{name}")], "{}", cell.name());
        }
        assert_unchanged(&before, &scene.everything().await, &cell.name());
    }
    scene.close();
}

/// A text that must appear nowhere except where it was stored.
const SECRET: &str = "canary-7f3a9c51";

#[tokio::test]
async fn sent_values_never_appear_in_logs_problems_or_events() {
    let scene = Scene::open().await;
    let mut responses: Vec<Response> = Vec::new();
    for (cell, body) in permitted_calls_with_a_body(&scene).await {
        let fields: Vec<String> = body.as_object().unwrap().keys().cloned().collect();
        for field in fields {
            for value in
                [json!(SECRET), json!(format!("{SECRET}@example.org")), json!({SECRET: SECRET}), json!([SECRET])]
            {
                let mut planted = body.clone();
                planted[&field] = value;
                responses.push(scene.send(&cell, &planted).await);
            }
        }
        responses.push(scene.send(&cell, &json!({"x": SECRET})).await);
        responses.push(scene.send(&cell, &json!(SECRET)).await);
    }
    for query in ["status", "assignee", "requester", "priority", "category", "tag", "limit", "cursor"] {
        responses.push(scene.get(&format!("/v1/tickets?{query}={SECRET}")).await);
    }
    responses.push(scene.get_with_token("/v1/me", SECRET).await);
    responses.push(scene.get_with_token("/v1/me", &format!("{SECRET}.{SECRET}.{SECRET}")).await);
    let secrets = scene.live_secrets(SECRET).await;
    assert!(
        responses.iter().any(|response| response.status == 201)
            && responses.iter().any(|response| response.status == 422)
    );

    for response in responses.iter().filter(|response| response.status.as_u16() >= 400) {
        let shown = format!("{} {:?}", response.body, response.headers);
        assert!(!shown.contains(SECRET), "a problem repeats what was sent: {shown}");
    }
    let mut messages: Vec<String> = Vec::new();
    let changed = |messages: &[String]| messages.iter().filter(|text| text.contains("password_changed")).count();
    while changed(&messages) < 2 {
        messages.extend(
            eventually("the events are queued", async || Some(scene.take_queued().await).filter(|new| !new.is_empty()))
                .await,
        );
    }
    let printed = scene.printed();
    assert!(printed.len() > responses.len(), "every request has its line");
    for text in printed.iter().chain(&messages) {
        let found = secrets.iter().find(|secret| text.contains(secret.as_str()));
        assert_eq!(found, None, "in {text}");
    }
    scene.close();
}
