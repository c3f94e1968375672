//! What a month of a flood costs at the template's limits, from what each route costs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use edges::store::URGENT_MAILED_MAX;

use super::month::LOGGED_BYTES;
use super::prices;

/// A month of 30 days.
const SECONDS: f64 = 30.0 * 86_400.0;
const HOURS: f64 = 30.0 * 24.0;
const MILLION: f64 = 1_000_000.0;
/// Bytes of a gigabyte, in millions.
const MEGABYTES: f64 = 1_000.0;

/// What is flooded, at which limit, and the row of the table of routes that it costs.
const FLOODS: [(&str, &str, &str); 5] = [
    ("what is refused before the table is asked: 401, 404, 405", "RequestsPerSecond", "`GET /.well-known/jwks.json`"),
    ("sign-ins with a wrong password", "PublicRequestsPerSecond", "`POST /v1/auth/login`, a wrong one"),
    (
        "the same with `PublicRequestsPerSecond` raised to 100",
        "RequestsPerSecond",
        "`POST /v1/auth/login`, a wrong one",
    ),
    ("requests for a new password", "PublicRequestsPerSecond", "`POST /v1/auth/password/forgot`"),
    ("refreshed tokens, by who has an account", "RequestsPerSecond", "`POST /v1/auth/refresh`"),
];

/// What a parameter of the template is by default.
fn default(parameter: &str) -> f64 {
    let template = include_str!("../../../template.yaml");
    let (_, rest) = template.split_once(&format!("\n  {parameter}:\n    Type: Number\n    Default: ")).unwrap();
    rest.lines().next().unwrap().parse().unwrap()
}

/// The table of a month, where `routes` has what a million requests cost by route.
pub(super) fn table(routes: &BTreeMap<String, f64>) -> String {
    let mut table = "| what is flooded | requests a second | a month, $ |\n|---|---|---|\n".to_owned();
    for (what, limit, row) in FLOODS {
        // In cents, as the table of routes shows it.
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
        "| logs of any of them, {kilobytes} KB each | {rate} | {gigabytes:.0} GB × {log:.2} = {:.0} |",
        gigabytes * log
    )
    .unwrap();
    // X-Ray developer guide, "Sampling rules": the default rule keeps the first request of each second, and 5 % of the others.
    let traces = (1.0 + 0.05 * (rate - 1.0)) * SECONDS / MILLION;
    let price = prices::TRACES;
    writeln!(
        table,
        "| traces, of which X-Ray keeps one a second and a twentieth of the rest | {rate} | {traces:.2} × {price:.2} = {:.0} |",
        traces * price
    )
    .unwrap();
    let mails = f64::from(u32::try_from(URGENT_MAILED_MAX).unwrap()) * HOURS / MILLION;
    let price = prices::MAILS;
    writeln!(
        table,
        "| mails of urgent tickets to one technician, {URGENT_MAILED_MAX} an hour | any | {mails:.5} × {price:.2} = {:.2} |",
        mails * price
    )
    .unwrap();
    table
}
