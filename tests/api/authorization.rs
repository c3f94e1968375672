//! Calls every route as every role in every relation to the resource. The expected statuses come
//! from the permission tables of the domain. `tests/endpoints/table.rs` only says which permission
//! each endpoint requires.

mod cells;
mod fields;

use std::collections::BTreeSet;

use domain::lifecycle::Command;
use domain::permission::{DeskAction, TicketAction};
use endpoints::row::{Right, Row};
use endpoints::table::{ENDPOINTS, rows};

use crate::support::{Response, assert_unchanged};

#[test]
fn every_route_has_a_row() {
    let routes: BTreeSet<(&str, &str)> =
        api::ROUTES.iter().filter(|route| route.method != "$default").map(|route| (route.method, route.path)).collect();
    let rows: BTreeSet<(&str, &str)> = ENDPOINTS.iter().map(|endpoint| (endpoint.method(), endpoint.path())).collect();
    assert_eq!(rows, routes, "a route without a row in tests/endpoints/table.rs, or a row without a route");
    assert_eq!(rows.len(), ENDPOINTS.len(), "an endpoint has two rows");
    assert!(ENDPOINTS.iter().all(|endpoint| !endpoint.calls.is_empty()), "an endpoint that is never called");
}

#[test]
fn every_permission_has_a_row() {
    let asked: Vec<Right> = rows().map(|row| row.call.right).collect();
    for action in DeskAction::ALL {
        let by_row = [Right::Desk, Right::DeskOnOwn, Right::DeskOnUser, Right::DeskOnAnother, Right::DeskOnWebhook]
            .map(|right| right(action));
        // These decide what a list contains, not whether it can be read: tests/api/tickets/list.rs,
        // tests/api/new_tickets.rs. The last is decided by a header: tests/api/acting_for.rs.
        let by_content =
            matches!(action, DeskAction::ListAllTickets | DeskAction::WatchNewTickets | DeskAction::ActForPerson);
        assert!(by_content || by_row.iter().any(|right| asked.contains(right)), "{action:?}");
    }
    for action in TicketAction::ALL {
        let take = action == TicketAction::Command(Command::Take) && asked.contains(&Right::TakeTicket);
        assert!(take || asked.contains(&Right::Ticket(action)), "{action:?}");
    }
}

#[tokio::test]
async fn every_route_enforces_permissions_and_scopes_and_a_denial_has_no_effect() {
    let scene = cells::Scene::open().await;
    let (mut wrong, mut out_of_scope) = (Vec::new(), 0);
    for row in rows() {
        let cells = scene.cells_of(row).await;
        let before = scene.everything().await;
        out_of_scope += refuse_out_of_scope(&scene, &row, &cells).await;
        let (denied, allowed): (Vec<_>, Vec<_>) = cells.into_iter().partition(cells::Cell::is_denied);
        let mut hidden: Vec<Response> = Vec::new();
        for cell in &denied {
            let response = scene.call(cell).await;
            wrong.extend(cell.fault(&response));
            wrong.extend(scene.head_fault(cell, &response).await);
            if response.status == 404 {
                hidden.push(response);
            }
        }
        assert_unchanged(&before, &scene.everything().await, &row.name());
        assert_identical(&row, hidden);
        for cell in &allowed {
            let response = scene.call(cell).await;
            wrong.extend(cell.fault(&response));
            wrong.extend(scene.head_fault(cell, &response).await);
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(out_of_scope > 200, "{out_of_scope}");
    scene.close();
}

#[tokio::test]
async fn the_valid_token_of_a_former_admin_cannot_change_settings_or_accounts() {
    let scene = cells::Scene::open().await;
    let former = scene.former_admins().await;
    let mut refused = 0;
    for row in rows().filter(Row::is_admin_change) {
        let cells = scene.cells_of(row).await;
        let before = scene.everything().await;
        let own: Vec<_> = cells.iter().filter(|cell| cell.is_permitted_to_admin()).collect();
        assert_eq!(own.len(), 1, "{}", row.name());
        for cell in own {
            for caller in &former {
                scene.call_as(caller, cell).await.expect_problem(403, "forbidden");
                refused += 1;
            }
        }
        assert_unchanged(&before, &scene.everything().await, &row.name());
    }
    assert!(refused >= 2 * 10, "every such row for both callers: {refused}");
    scene.close();
}

/// Calls with API tokens that lack the scope. Returns how many of these cells such a token has.
/// Fails unless each gets the same refusal.
async fn refuse_out_of_scope(scene: &cells::Scene, row: &Row, cells: &[cells::Cell]) -> usize {
    let mut responses = Vec::new();
    for cell in cells {
        let Some(response) = scene.call_out_of_scope(cell).await else { continue };
        let response = response.expect_problem(403, "insufficient-scope");
        let challenge = response.header("www-authenticate").unwrap();
        assert!(challenge.starts_with(r#"Bearer realm="helpdesk", error="insufficient_scope""#), "{challenge}");
        responses.push(response);
    }
    let refused = responses.len();
    assert_identical(row, responses);
    refused
}

/// Fails unless hidden and missing resources get identical responses, except for the request's id.
fn assert_identical(row: &Row, hidden: Vec<Response>) {
    let bytes = |mut response: Response| {
        response.body["instance"] = serde_json::Value::Null;
        response.headers.remove("x-request-id");
        response.headers.remove("date");
        (response.body.to_string(), format!("{:?}", response.headers))
    };
    let distinct: BTreeSet<(String, String)> = hidden.into_iter().map(bytes).collect();
    assert!(distinct.len() <= 1, "{}: hidden and missing differ: {distinct:#?}", row.name());
}
