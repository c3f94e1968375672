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

/// What no file of the console is larger than, in kilobytes: what all that its first page loads may
/// have together.
const CONSOLE_KILOBYTES: f64 = 60.0;

/// Returns the default of a parameter of the template.
fn default(parameter: &str) -> f64 {
    let template = include_str!("../../../template.yaml");
    let (_, rest) = template.split_once(&format!("\n  {parameter}:\n    Type: Number\n    Default: ")).unwrap();
    rest.lines().next().unwrap().parse().unwrap()
}

/// Returns the rows of the largest responses, whose transfer costs more than their requests.
fn transfers() -> String {
    let template = include_str!("../../../template.yaml");
    let (_, rest) = template.split_once(": &files\n          ThrottlingRateLimit: ").unwrap();
    let rate: f64 = rest.lines().next().unwrap().parse().unwrap();
    let Some(reference::File { content: reference::Content::Gzip(bytes), .. }) = reference::file(LARGEST) else {
        panic!("{LARGEST} is compressed")
    };
    let of_reference = (format!("`GET {LARGEST}`"), "each", kilobytes(bytes.len()), rate);
    for path in console::asset_paths() {
        assert!(kilobytes(largest_copy(&path)) <= CONSOLE_KILOBYTES, "{path} is larger than {CONSOLE_KILOBYTES} KB");
    }
    let of_console =
        ("a file of the console".to_owned(), "at most", CONSOLE_KILOBYTES, default("PublicRequestsPerSecond"));
    let price = prices::TRANSFER_GIGABYTE;
    let row = |(what, bound, kilobytes, rate): (String, &str, f64, f64)| {
        let gigabytes = rate * SECONDS / MILLION * kilobytes;
        let cost = gigabytes * price;
        format!(
            "| transfer of {what}, {kilobytes:.0} KB {bound} | {rate} | {gigabytes:.0} GB × {price:.2} = {cost:.0} |\n"
        )
    };
    row(of_reference) + &row(of_console)
}

fn kilobytes(bytes: usize) -> f64 {
    f64::from(u32::try_from(bytes).unwrap()) / 1_000.0
}

/// Returns the bytes of a file of the console, in the copy that a flood would ask for.
fn largest_copy(path: &str) -> usize {
    match console::file(path).map(|file| file.content) {
        Some(console::Content::Text(text)) => text.len(),
        Some(console::Content::Bytes(bytes)) => bytes.len(),
        Some(console::Content::Compressed { brotli, gzip }) => brotli.len().max(gzip.len()),
        None => 0,
    }
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
    table += &transfers();
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
