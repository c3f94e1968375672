//! What a month costs at a number of tickets a day, from the cost of each route.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::prices;

/// Tickets a day.
const TICKETS: [f64; 3] = [10.0, 100.0, 10_000.0];
const DAYS: f64 = 30.0;
const DAY_SECONDS: f64 = 86_400.0;
/// An ordinary ticket: the rows of the table of routes, and how often each is requested until the
/// ticket is closed.
const LIFE: [(&str, f64); 12] = [
    ("`POST /v1/tickets`, with a key", 1.0),
    ("`POST /v1/tickets/{number}/assign`", 1.0),
    ("`POST /v1/tickets/{number}/comments`, with a key", 4.0),
    ("`POST /v1/tickets/{number}/notes`", 1.0),
    ("`POST /v1/tickets/{number}/resolve`", 1.0),
    ("`POST /v1/tickets/{number}/close`", 1.0),
    ("`GET /v1/tickets`, 25 of the queue", 8.0),
    ("`GET /v1/tickets/{number}`", 8.0),
    ("`GET /v1/tickets/{number}/timeline`, 25", 8.0),
    ("`GET /v1/notifications`, 25", 8.0),
    ("`POST /v1/auth/login`", 0.5),
    ("`POST /v1/auth/refresh`", 4.0),
];
/// The events of a ticket. All technicians are notified of the first, one person of each of the
/// others, and one mail is sent for each.
const EVENTS: f64 = 9.0;
/// The invocations caused by an event: relay, notifier, mailer.
const INVOCATIONS_PER_EVENT: f64 = 3.0;
/// The requests to FIFO queues caused by an event and its mail: each is sent, received and deleted.
const QUEUE_REQUESTS_PER_EVENT: f64 = 6.0;
/// The bytes that an invocation logs, including what Lambda and API Gateway log of it.
pub(super) const LOGGED_BYTES: f64 = 2_000.0;

const MILLION: f64 = 1_000_000.0;

/// Returns the monthly price of the template's alarms beyond the `free` ones.
fn alarms_beyond(free: usize) -> f64 {
    let template = include_str!("../../../template.yaml");
    let alarms = template.matches("Type: AWS::CloudWatch::Alarm\n").count();
    f64::from(u32::try_from(alarms - free).unwrap()) * prices::ALARM
}

/// The costs that grow with the tickets, in dollars for a million of them.
type Growing = [(&'static str, f64); 4];

/// Returns the invocations that a ticket causes.
fn invocations() -> f64 {
    LIFE.iter().map(|(_, count)| count).sum::<f64>() + EVENTS * INVOCATIONS_PER_EVENT
}

/// Returns the parts of the cost of a month: those that grow with the tickets, and those that do
/// not. `routes` has the price of a million requests by route.
fn parts(routes: &BTreeMap<String, f64>) -> (Growing, [(&'static str, f64); 2]) {
    let asked: f64 = LIFE.iter().map(|(route, count)| routes[*route] * count).sum();
    let notified = routes["all technicians notified of a new ticket"]
        + (EVENTS - 1.0) * routes["one person notified of an event"]
        + EVENTS * QUEUE_REQUESTS_PER_EVENT * prices::FIFO_REQUESTS
        + EVENTS * (INVOCATIONS_PER_EVENT - 1.0) * (prices::INVOCATIONS + 0.005 * prices::GIGABYTE_SECONDS);
    let logs = invocations() * LOGGED_BYTES / 1_000.0 * prices::LOG_GIGABYTE;
    let growing = [
        ("requests: API Gateway, Lambda, DynamoDB", asked),
        ("events: queues, Lambda, DynamoDB", notified),
        ("mails: SES", EVENTS * prices::MAILS),
        ("logs: CloudWatch", logs),
    ];
    let constant = [
        ("polling the queues: SQS", prices::LOOKS_INTO_QUEUES * prices::FIFO_REQUESTS),
        (
            "alarms and metrics: CloudWatch, at most",
            alarms_beyond(prices::FREE_ALARMS) + prices::METRICS_BEYOND_THE_FREE,
        ),
    ];
    (growing, constant)
}

/// Converts the price of a million tickets into the monthly cost at each number of tickets a day.
fn at(of_a_million: f64) -> [f64; 3] {
    TICKETS.map(|tickets| of_a_million / MILLION * tickets * DAYS)
}

/// Returns the total cost of a month.
fn monthly_totals(growing: &Growing, constant: &[(&str, f64)]) -> [f64; 3] {
    let always: f64 = constant.iter().map(|(_, cost)| cost).sum();
    at(growing.iter().map(|(_, cost)| cost).sum()).map(|cost| cost + always)
}

/// Returns the table of a month.
pub(super) fn table(routes: &BTreeMap<String, f64>) -> String {
    let (growing, constant) = parts(routes);
    let mut table =
        format!("| a month, $ | {} tickets a day | {} | {} |\n|---|---|---|---|\n", TICKETS[0], TICKETS[1], TICKETS[2]);
    for (what, of_a_million) in growing {
        let [few, some, many] = at(of_a_million);
        writeln!(table, "| {what} | {few:.2} | {some:.2} | {many:.2} |").unwrap();
    }
    for (what, cost) in constant {
        writeln!(table, "| {what} | {cost:.2} | {cost:.2} | {cost:.2} |").unwrap();
    }
    let [few, some, many] = monthly_totals(&growing, &constant);
    writeln!(table, "| total | {few:.2} | {some:.2} | {many:.2} |").unwrap();
    for (what, [few, some, many]) in [
        ("in addition with `Tracing=Active`: one trace a second, and 5 % of the rest", traces(prices::traces_kept)),
        ("the same, if X-Ray kept every trace", traces(|a_second| a_second)),
    ] {
        writeln!(table, "| {what} | {few:.2} | {some:.2} | {many:.2} |").unwrap();
    }
    table
}

/// Returns the monthly cost of the traces that are kept, at each number of tickets a day. `kept`
/// returns how many a second are kept of so many a second. The invocations are taken as spread
/// evenly over the month, which keeps the most of them.
fn traces(kept: impl Fn(f64) -> f64) -> [f64; 3] {
    TICKETS.map(|tickets| {
        let a_second = tickets * invocations() / DAY_SECONDS;
        kept(a_second) * DAY_SECONDS * DAYS / MILLION * prices::TRACES
    })
}

/// Returns a summary of the table, and the cost of an idle stage.
pub(super) fn summary(routes: &BTreeMap<String, f64>) -> String {
    let (growing, constant) = parts(routes);
    let [few, some, many] = monthly_totals(&growing, &constant);
    let [.., mails] = at(growing[2].1);
    let [.., traces] = traces(|a_second| a_second);
    let (alarms, second_alarms) = (alarms_beyond(prices::FREE_ALARMS), alarms_beyond(0));
    let looks = (prices::LOOKS_INTO_QUEUES - 1.0) * prices::FIFO_REQUESTS;
    let second = second_alarms + prices::LOOKS_INTO_QUEUES * prices::FIFO_REQUESTS;
    format!(
        "A month, from [COST.md](COST.md#a-month), which says what is counted: ${few:.2} at 10 tickets a day, ${some:.2} at 100, \
         ${many:.2} at 10,000,\nof which ${mails:.0} are SES's mails. `Tracing=Active` adds at most ${traces:.0} for X-Ray's traces. While nobody \
         uses it: ${alarms:.2} for the alarms beyond\nCloudWatch's ten free ones, and ${looks:.2} for Lambda's looking into four \
         queues, of which SQS gives a million looks free. A second\nstage finds none of them free: ${second:.2} for its alarms and looks.\n"
    )
}

#[test]
fn a_stack_keeps_no_traces_by_default_as_the_month_assumes() {
    let template = include_str!("../../../template.yaml");
    let (_, tracing) = template.split_once("\n  Tracing:\n").unwrap();
    assert!(tracing.starts_with("    Type: String\n    Default: PassThrough\n"));
}

#[test]
fn x_ray_keeps_the_first_trace_of_a_second_and_a_twentieth_of_the_rest() {
    for (a_second, kept) in [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0), (3.0, 1.1), (101.0, 6.0)] {
        assert!((prices::traces_kept(a_second) - kept).abs() < 1e-9, "{a_second}");
    }
}
