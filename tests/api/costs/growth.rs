//! The same requests at a thousand, a hundred thousand and a million tickets: calls, units and
//! bytes must not grow.
//!
//! `GROWTH_TICKETS=1000,100000,1000000 UPDATE_DOCS=1 cargo test --test api growth` makes the long
//! run and writes its measurements into docs/COST.md. The short run is part of every test run.

use std::fmt::Write as _;

use local::DatabaseLocation;
use serde_json::{Value, json};
use support::wire::Wire;

use super::scenario::{self, ROWS, Row, Scenario};
use super::{Cost, assert_documented, calls_by};
use crate::support::{Desk, embedded_only, setting};

const SIZES: &str = "1000,3000";

/// The highest allowed ratio to the value at the first size.
const FLAT: f64 = 1.1;

/// The maximum cost of a search that finds nothing: a counter and twelve calls that read 1,200
/// heads each.
const CALLS_MAX: usize = 13;
/// See [`CALLS_MAX`]: half a unit for every 4 KB, and a head has at most 1 KB.
const READ_UNITS_MAX: f64 = 1.0 + 12.0 * 150.0;

/// The functions whose costs could depend on the number of tickets.
const OF_TICKETS: [&str; 5] = ["tickets-", "comments-", "notes-", "events-", "timeline-"];

/// Tickets imported at a time.
const IMPORTED_AT_ONCE: u64 = 5_000;

/// The cost of a request at one size.
#[derive(Clone, Debug)]
struct Measured {
    cost: Cost,
    bytes: usize,
}

/// Tickets made by the functions, which the imported tickets copy: their share in percent, and
/// their items.
type Models = Vec<(u64, Vec<Value>)>;

async fn models(desk: &Desk, scenario: &Scenario) -> Models {
    let mut models = Vec::new();
    let life = ["assign", "resolve", "close"];
    for (share, commands) in [(5, 0), (5, 1), (10, 2), (80, 3)] {
        let commands = &life[..commands];
        let number = scenario.ticket_after(commands).await;
        let head = json!({"pk": {"S": format!("TICKETS#{}", number / 1_000)}, "sk": {"S": format!("{number:012}")}});
        let opening = json!({"pk": {"S": format!("TICKET#{number}")}, "sk": {"S": "LOG#0000000001"}});
        let mut items = Vec::new();
        for key in [head, opening] {
            let request = json!({"TableName": desk.stack.table_name(), "Key": key});
            items.push(desk.call_dynamodb("GetItem", &request).await["Item"].clone());
        }
        models.push((share, items));
    }
    models
}

/// Returns the items of a ticket with this number: those of a model with the keys of another
/// ticket, requester and assignee.
fn copies(models: &Models, number: u64) -> Vec<Value> {
    let mut place = number % 100;
    let share = models.iter().find(|(share, _)| {
        let found = place < *share;
        place = place.saturating_sub(*share);
        found
    });
    let mut items = share.unwrap().1.clone();
    let text = |text: String| json!({ "S": text });
    let last_part = |old: &Value| {
        let old = old["S"].as_str().unwrap();
        let kept = old.rfind('#').map_or("", |at| &old[..=at]);
        json!({"S": format!("{kept}{number:012}")})
    };
    let [head, opening] = items.as_mut_slice() else { panic!("a ticket has a head and an opening entry") };
    head["pk"] = text(format!("TICKETS#{}", number / 1_000));
    head["sk"] = text(format!("{number:012}"));
    head["number"] = json!({"N": number.to_string()});
    head["requester_key"] = text(format!("REQUESTER#00000000-0000-7000-8000-{:012}", number % 5_000));
    head["queue_key"] = last_part(&head["queue_key"]);
    if head.get("assignee_key").is_some() {
        head["assignee_key"] = text(format!("ASSIGNEE#00000000-0000-7000-8000-{:012}", number % 100));
        head["work_key"] = last_part(&head["work_key"]);
    }
    opening["pk"] = text(format!("TICKET#{number}"));
    opening["ticket"] = json!({"N": number.to_string()});
    items
}

/// Imports the tickets from `from` to `to`.
fn grow(desk: &Desk, models: &Models, from: u64, to: u64) {
    let numbers: Vec<u64> = (from..=to).collect();
    for (place, chunk) in numbers.chunks(usize::try_from(IMPORTED_AT_ONCE).unwrap()).enumerate() {
        desk.stack.import(chunk.iter().flat_map(|number| copies(models, *number)).collect()).unwrap();
        println!("{} of {} tickets imported", place as u64 * IMPORTED_AT_ONCE + chunk.len() as u64, numbers.len());
    }
    let counter = json!({"pk": {"S": "COUNTER#ticket"}, "sk": {"S": "COUNTER"}, "last_number": {"N": to.to_string()}});
    desk.stack.import(json!([counter])).unwrap();
}

async fn measure(desk: &Desk, wire: &Wire, scenario: &mut Scenario, row: &Row) -> Measured {
    scenario.prepare(desk, row).await;
    wire.record();
    let response = scenario.play(desk, row).await;
    let cost = Cost::of(&calls_by(row.function, wire.recorded()));
    Measured { cost, bytes: response.body.to_string().len() }
}

#[expect(clippy::cast_precision_loss, reason = "calls and bytes are small")]
fn assert_flat(label: &str, first: &Measured, last: &Measured) {
    for (what, first, last) in [
        ("calls", first.cost.calls as f64, last.cost.calls as f64),
        ("read units", first.cost.units.read, last.cost.units.read),
        ("write units", first.cost.units.write, last.cost.units.write),
        ("bytes", first.bytes as f64, last.bytes as f64),
    ] {
        assert!(last <= first * FLAT, "{label}: {what} grew from {first} to {last}");
    }
}

#[tokio::test]
async fn the_cost_of_a_request_does_not_grow_with_the_number_of_tickets() {
    if embedded_only("it imports past the stream, and counts units") {
        return;
    }
    let sizes: Vec<u64> =
        setting("GROWTH_TICKETS", SIZES.to_owned()).split(',').map(|size| size.parse().unwrap()).collect();
    let directory = tempfile::tempdir().unwrap();
    let (desk, wire) = Desk::with_wire(1, |options| {
        options.database = DatabaseLocation::Directory { path: directory.path().to_owned(), fresh: true };
    })
    .await;
    let mut scenario = scenario::begin(&desk).await;
    let models = models(&desk, &scenario).await;
    let of_tickets = |row: &&Row| OF_TICKETS.iter().any(|prefix| row.function.starts_with(prefix));
    let mut measured: Vec<(&Row, Vec<Measured>)> =
        ROWS.iter().filter(of_tickets).map(|row| (row, Vec::new())).collect();
    for size in &sizes {
        let next = scenario.ticket_after(&[]).await + 1;
        grow(&desk, &models, next, *size);
        // The import may have taken longer than the lifetime of a token.
        scenario.sign_in(&desk).await;
        for (row, measured) in &mut measured {
            measured.push(measure(&desk, &wire, &mut scenario, row).await);
        }
    }
    for (row, measured) in &measured {
        for later in &measured[1..] {
            if row.is_bounded() {
                assert!(later.cost.calls <= CALLS_MAX && later.cost.units.read <= READ_UNITS_MAX, "{later:?}");
            } else {
                assert_flat(&row.label(), &measured[0], later);
            }
        }
    }
    if sizes.len() == 3 {
        assert_documented("growth", &table(&sizes, &measured));
    }
}

fn table(sizes: &[u64], measured: &[(&Row, Vec<Measured>)]) -> String {
    let heads: Vec<String> = sizes.iter().map(|size| format!("at {size}: calls, read, write, bytes")).collect();
    let mut table = format!("| what | {} |\n|---{}|\n", heads.join(" | "), "|---".repeat(sizes.len()));
    let cell = |Measured { cost, bytes }: &Measured| {
        format!("{}, {}, {}, {bytes}", cost.calls, cost.units.read, cost.units.write)
    };
    for (row, measured) in measured {
        let cells: Vec<String> = measured.iter().map(cell).collect();
        writeln!(table, "| {} | {} |", row.label(), cells.join(" | ")).unwrap();
    }
    table
}
