//! What each route costs: the calls to DynamoDB, counted on the wire, and the units they consume,
//! computed from the bytes of the items and compared with what the engine reports. The table is
//! part of docs/COST.md, and `UPDATE_DOCS=1` rewrites it.

mod flood;
mod growth;
mod inbox;
mod largest;
mod month;
mod prices;
pub(crate) mod scenario;
mod units;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use support::wire::{Exchange, Service};

use crate::support::{Desk, embedded_only, setting};
use scenario::Row;
use units::Units;

const DOCUMENT: &str = "docs/COST.md";
const OPERATIONS: &str = "docs/OPERATIONS.md";

/// The cost of one request.
#[derive(Clone, Debug)]
struct Cost {
    calls: usize,
    units: Units,
}

impl Cost {
    fn of(exchanges: &[Exchange]) -> Self {
        assert!(exchanges.iter().all(|exchange| exchange.status.is_some_and(|status| status.is_success())));
        Self { calls: exchanges.len(), units: exchanges.iter().map(units::reported).sum() }
    }

    /// Returns the dollars that a million such sets of calls to DynamoDB cost.
    fn table_price(&self) -> f64 {
        self.units.read * prices::READ_UNITS + self.units.write * prices::WRITE_UNITS
    }
}

/// Returns the calls that the function made to the table.
fn calls_by(function: &str, exchanges: Vec<Exchange>) -> Vec<Exchange> {
    let own = |exchange: &Exchange| exchange.call.function == function && exchange.call.service == Service::DynamoDb;
    exchanges.into_iter().filter(own).collect()
}

/// Returns the price of Lambda's time for a million requests: 10 ms at 512 MB, or 100 ms at 1,024
/// MB where passwords are hashed.
fn time_price(hashes: bool) -> f64 {
    let gigabyte_seconds = if hashes { 0.1 } else { 0.005 };
    gigabyte_seconds * prices::GIGABYTE_SECONDS
}

/// Returns the total price of a million requests of the row.
fn total(row: &Row, cost: &Cost) -> f64 {
    let around = if row.is_http() { prices::HTTP_REQUESTS } else { 0.0 };
    cost.table_price() + around + prices::INVOCATIONS + time_price(row.hashes())
}

fn line(row: &Row, cost: &Cost) -> String {
    let (table, total) = (cost.table_price(), total(row, cost));
    let Units { read, write } = cost.units;
    format!("| {} | {} | {read} | {write} | {table:.2} | {total:.2} |\n", row.label(), cost.calls)
}

/// Writes `text` between the markers of that name in docs/COST.md, or fails if the text there
/// differs.
fn assert_documented(name: &str, text: &str) {
    assert_documented_in(DOCUMENT, name, text);
}

/// Does the same as [`assert_documented`] in any document.
fn assert_documented_in(place: &str, name: &str, text: &str) {
    let path = endpoints::root().join(place);
    let document = fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let (before, rest) = document.split_once(&begin).unwrap();
    let (present, after) = rest.split_once(&end).unwrap();
    if setting("UPDATE_DOCS", 0) == 1 {
        fs::write(&path, format!("{before}{begin}{text}{end}{after}")).unwrap();
        return;
    }
    assert!(present == text, "{place} has for {name}:\n{present}\nbut UPDATE_DOCS=1 would write:\n{text}");
}

#[tokio::test]
async fn every_route_costs_as_documented() {
    if embedded_only("DynamoDB Local counts the units of transactions double") {
        return;
    }
    let (desk, wire) = Desk::with_wire(1, |_| {}).await;
    let desk = desk.signing_in_over_http();
    let desk = &desk;
    let mut table =
        "| what | calls | read units | write units | DynamoDB, $ | request, $ |\n|---|---|---|---|---|---|\n"
            .to_owned();
    let (mut scenario, mut totals) = (scenario::begin(desk).await, BTreeMap::new());
    for row in scenario::ROWS.iter() {
        scenario.prepare(desk, row).await;
        let before = units::table(desk).await;
        wire.record();
        drop(scenario.play(desk, row).await);
        let exchanges = calls_by(row.function, wire.recorded());
        let after = units::table(desk).await;
        for exchange in &exchanges {
            let evaluated = units::evaluated(desk, exchange).await;
            let computed = units::computed(&evaluated, &before, &after);
            assert_eq!(units::reported(exchange), computed, "{}: {:?}", row.label(), exchange.call);
        }
        let cost = Cost::of(&exchanges);
        table.push_str(&line(row, &cost));
        totals.insert(row.label(), total(row, &cost));
    }
    assert_documented("routes", &table);
    assert_documented("prices", &price_list());
    assert_documented("month", &month::table(&totals));
    assert_documented_in(OPERATIONS, "flood", &flood::table(&totals));
    assert_documented_in(OPERATIONS, "month", &month::summary(&totals));
}

fn price_list() -> String {
    let mut list =
        format!("US dollars a million, us-east-1, on demand, as of {}:\n\n| what | $ |\n|---|---|\n", prices::AS_OF);
    for (what, price) in [
        ("write units", prices::WRITE_UNITS),
        ("read units", prices::READ_UNITS),
        ("HTTP requests", prices::HTTP_REQUESTS),
        ("invocations", prices::INVOCATIONS),
        ("GB-seconds", prices::GIGABYTE_SECONDS),
        ("FIFO queue requests", prices::FIFO_REQUESTS),
        ("mails", prices::MAILS),
        ("traces", prices::TRACES),
    ] {
        writeln!(list, "| {what} | {price} |").unwrap();
    }
    list
}

#[test]
fn every_route_is_in_the_cost_table() {
    for route in api::ROUTES.iter().filter(|route| route.method != "$default") {
        let name = format!("{} {}", route.method, route.path);
        let called = scenario::ROWS.iter().any(|row| row.function == route.function && row.route() == name);
        assert!(called, "{name} is missing");
    }
}
