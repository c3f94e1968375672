//! Every route, called by everybody in every relation to what it is about. What is expected comes from the permission tables of
//! the domain; [`rows`] only says which right each route asks for.

mod cells;
mod fields;
mod rows;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use cells::{Caller, expected};
use domain::lifecycle::Command;
use domain::permission::{DeskAction, TicketAction};
use rows::{ROWS, Right, Row};

use crate::support::{Answer, assert_unchanged};

#[test]
fn every_route_has_a_row() {
    let routes: BTreeSet<(&str, &str)> =
        api::ROUTES.iter().filter(|route| route.method != "$default").map(|route| (route.method, route.path)).collect();
    let rows: BTreeSet<(&str, &str)> = ROWS.iter().map(|row| (row.method, row.path)).collect();
    assert_eq!(rows, routes, "a route without a row in tests/api/authorization/rows.rs, or a row without a route");
}

#[test]
fn every_right_has_a_row() {
    let asked: Vec<Right> = ROWS.iter().map(|row| row.right).collect();
    for action in DeskAction::ALL {
        let by_row = [Right::Desk, Right::DeskOnOwn, Right::DeskOnUser, Right::DeskOnAnother, Right::DeskOnWebhook]
            .map(|right| right(action));
        // What a list holds depends on it, not whether there is one: tests/api/tickets/list.rs, tests/api/new_tickets.rs.
        let by_content = matches!(action, DeskAction::ListAllTickets | DeskAction::HearOfNewTickets);
        assert!(by_content || by_row.iter().any(|right| asked.contains(right)), "{action:?}");
    }
    for action in TicketAction::ALL {
        let take = action == TicketAction::Command(Command::Take) && asked.contains(&Right::TakeTicket);
        assert!(take || asked.contains(&Right::Ticket(action)), "{action:?}");
    }
}

#[test]
fn the_expected_answers_are_those_under_version_control() {
    let mut text = format!("{:<46}{:<10}{:<10}{:<10}{:<12}admin\n", "route", "whose", "no token", "user", "technician");
    for row in ROWS {
        for relation in row.relations() {
            let name = format!("{} {}{}", row.method, row.path.trim_start_matches("/v1"), row.variant);
            write!(text, "{name:<46}{:<10}", relation.name()).unwrap();
            let cell =
                |caller: Caller| expected(row, caller, *relation).map_or_else(|| "-".to_owned(), |it| it.to_string());
            let [nobody, user, technician, admin] = Caller::ALL.map(cell);
            writeln!(text, "{nobody:<10}{user:<10}{technician:<12}{admin}").unwrap();
        }
    }
    assert_eq!(
        text,
        include_str!("../snapshots/routes.txt"),
        "decide, then write the table as it is now to tests/snapshots/routes.txt:\n{text}"
    );
}

#[tokio::test]
async fn every_route_answers_everybody_as_the_tables_say_and_a_denial_changes_nothing() {
    let scene = cells::Scene::open().await;
    let mut wrong = Vec::new();
    for row in ROWS {
        let cells = scene.cells_of(row).await;
        let (denied, allowed): (Vec<_>, Vec<_>) = cells.into_iter().partition(cells::Cell::is_denied);
        let before = scene.everything().await;
        let mut hidden: Vec<Answer> = Vec::new();
        for cell in &denied {
            let answer = scene.call(cell).await;
            wrong.extend(cell.fault(&answer));
            wrong.extend(scene.head_fault(cell, &answer).await);
            if answer.status == 404 {
                hidden.push(answer);
            }
        }
        assert_unchanged(&before, &scene.everything().await, &row.name());
        assert_alike(row, hidden);
        for cell in &allowed {
            let answer = scene.call(cell).await;
            wrong.extend(cell.fault(&answer));
            wrong.extend(scene.head_fault(cell, &answer).await);
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    scene.close();
}

#[tokio::test]
async fn the_live_token_of_a_former_admin_changes_no_settings_and_no_accounts() {
    let scene = cells::Scene::open().await;
    let former = scene.former_admins().await;
    let mut refused = 0;
    for row in ROWS.iter().filter(|row| row.is_a_change_by_an_admin()) {
        let cells = scene.cells_of(row).await;
        let before = scene.everything().await;
        for cell in cells.iter().filter(|cell| cell.is_an_admins()) {
            for caller in &former {
                scene.call_as(caller, cell).await.expect_problem(403, "forbidden");
                refused += 1;
            }
        }
        assert_unchanged(&before, &scene.everything().await, &row.name());
    }
    assert_eq!(refused, 2 * 10, "every such row, by both");
    scene.close();
}

/// What one may not know of and what is not there are answered with the same bytes, but for the request's id.
fn assert_alike(row: &Row, hidden: Vec<Answer>) {
    let bytes = |mut answer: Answer| {
        answer.body["instance"] = serde_json::Value::Null;
        answer.headers.remove("x-request-id");
        answer.headers.remove("date");
        (answer.body.to_string(), format!("{:?}", answer.headers))
    };
    let distinct: BTreeSet<(String, String)> = hidden.into_iter().map(bytes).collect();
    assert!(distinct.len() <= 1, "{}: hidden and missing differ: {distinct:#?}", row.name());
}
