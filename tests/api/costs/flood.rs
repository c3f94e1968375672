//! What a month of a flood of requests costs at the template's limits, from the cost of each route.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use edges::store::URGENT_MAILED_MAX;

use super::month::LOGGED_BYTES;
use super::prices;

/// A month of 30 days.
const SECONDS: f64 = 30.0 * 86_400.0;
const HOURS: f64 = 30.0 * 24.0;
const MILLION: f64 = 1_000_000.0;
/// Megabytes of a gigabyte.
const MEGABYTES: f64 = 1_000.0;

/// The flooded requests, the limit that applies, and the row of the table of routes with their
/// cost.
const FLOODS: [(&str, &str, &str); 7] = [
    (
        "requests refused before any access to the table: 401, 404, 405",
        "RequestsPerSecond",
        "`GET /.well-known/jwks.json`",
    ),
    ("sign-ins with a wrong password", "PublicRequestsPerSecond", "`POST /v1/auth/login`, wrong password"),
    (
        "the same with `PublicRequestsPerSecond` raised to 100",
        "RequestsPerSecond",
        "`POST /v1/auth/login`, wrong password",
    ),
    ("requests for a new password", "PublicRequestsPerSecond", "`POST /v1/auth/password/forgot`"),
    ("registrations, where anyone may register", "PublicRequestsPerSecond", "`POST /v1/auth/register`"),
    ("requests with API tokens, made up or not", "RequestsPerSecond", "`GET /v1/me`, with an API token"),
    ("token refreshes by account holders", "RequestsPerSecond", "`POST /v1/auth/refresh`"),
];

/// The largest response that anyone can get.
const LARGEST: &str = "/docs/redoc-2.5.4.js";

/// Returns the default of a parameter of the template.
fn default(parameter: &str) -> f64 {
    let template = include_str!("../../../template.yaml");
    let (_, rest) = template.split_once(&format!("\n  {parameter}:\n    Type: Number\n    Default: ")).unwrap();
    rest.lines().next().unwrap().parse().unwrap()
}

/// Returns the row of the largest response, whose transfer costs more than its request.
fn transfer() -> String {
    let template = include_str!("../../../template.yaml");
    let (_, rest) = template.split_once(": &files\n          ThrottlingRateLimit: ").unwrap();
    let rate: f64 = rest.lines().next().unwrap().parse().unwrap();
    let Some(reference::File { content: reference::Content::Gzip(bytes), .. }) = reference::file(LARGEST) else {
        panic!("{LARGEST} is compressed")
    };
    let kilobytes = f64::from(u32::try_from(bytes.len()).unwrap()) / 1_000.0;
    let gigabytes = rate * SECONDS / MILLION * kilobytes;
    let price = prices::TRANSFER_GIGABYTE;
    format!(
        "| transfer of `GET {LARGEST}`, {kilobytes:.0} KB each | {rate} | {gigabytes:.0} GB × {price:.2} = {:.0} |\n",
        gigabytes * price
    )
}

/// Returns the table of a month. `routes` has the price of a million requests by route.
pub(super) fn table(routes: &BTreeMap<String, f64>) -> String {
    let mut table = "| flooded requests | requests a second | a month, $ |\n|---|---|---|\n".to_owned();
    for (what, limit, row) in FLOODS {
        // Rounded to cents, as in the table of routes.
        let (rate, price) = (default(limit), (routes[row] * 100.0).round() / 100.0);
        let millions = rate * SECONDS / MILLION;
        writeln!(table, "| {what} | {rate} | {millions:.2} × {price:.2} = {:.0} |", millions * price).unwrap();
    }
    let rate = default("RequestsPerSecond");
    let millions = rate * SECONDS / MILLION;
    let gigabytes = millions * LOGGED_BYTES / MEGABYTES;
    let (log, kilobytes) = (prices::LOG_GIGABYTE, LOGGED_BYTES / 1_000.0);
    writeln!(
        table,
        "| logs of any of these, {kilobytes} KB each | {rate} | {gigabytes:.0} GB × {log:.2} = {:.0} |",
        gigabytes * log
    )
    .unwrap();
    table += &transfer();
    let traces = prices::traces_kept(rate) * SECONDS / MILLION;
    let price = prices::TRACES;
    writeln!(
        table,
        "| traces, only with `Tracing=Active`: one a second and 5 % of the rest | {rate} | {traces:.2} × {price:.2} = {:.0} |",
        traces * price
    )
    .unwrap();
    let price = prices::MAILS;
    let rate = default("RegistrationMailsPerHour");
    let mails = rate * HOURS / MILLION;
    writeln!(
        table,
        "| mails of registrations, {rate} an hour | any | {mails:.2} × {price:.2} = {:.0} |",
        mails * price
    )
    .unwrap();
    let mails = f64::from(u32::try_from(URGENT_MAILED_MAX).unwrap()) * HOURS / MILLION;
    writeln!(
        table,
        "| mails about urgent tickets to one technician, {URGENT_MAILED_MAX} an hour | any | {mails:.5} × {price:.2} = {:.2} |",
        mails * price
    )
    .unwrap();
    table
}
