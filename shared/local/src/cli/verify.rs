//! `cargo local verify`: every ticket of the running stack, page by page, held against its log.

use http::Method;
use local::http::Client;
use local::{Error, Result};
use serde_json::{Value, json};
use std::time::Duration;

/// How long one page may take; the first may find its function being started.
const PAGE_WITHIN: Duration = Duration::from_secs(30);

/// Verifies all tickets of the stack at `url`, and fails if any is not as it was written.
pub(crate) async fn run(url: &str) -> Result<()> {
    let client = Client::default();
    let (mut checked, mut broken, mut after) = (0, 0, Value::Null);
    loop {
        let page = page(&client, url, &after).await?;
        checked += page["checked"].as_u64().unwrap_or_default();
        for ticket in page["broken"].as_array().into_iter().flatten() {
            broken += 1;
            let what = ticket["first_broken_seq"].as_u64().map_or_else(
                || "its entries are whole, and its head is not what they make of it".to_owned(),
                |seq| format!("entry {seq} is not as it was written, or is missing"),
            );
            println!("ticket {}: {what}", ticket["ticket"]);
        }
        after = page["next"].clone();
        if after.is_null() {
            break;
        }
        eprintln!("{checked} tickets …");
    }
    println!("{checked} tickets verified, {broken} broken");
    if broken == 0 { Ok(()) } else { Err(Error::new("Somebody changed what was written.")) }
}

async fn page(client: &Client, url: &str, after: &Value) -> Result<Value> {
    let function = format!("{url}/2015-03-31/functions/tickets-verify-page/invocations");
    let body = json!({ "after": after }).to_string().into_bytes();
    let headers = [("content-type", "application/json")];
    let answer = client.send(Method::POST, &function, &headers, body, PAGE_WITHIN).await;
    let answer = answer
        .map_err(|error| Error::new(format!("No help desk answers at {url}: start `cargo local` first ({error}).")))?;
    let page = answer.json()?;
    if answer.status.is_success() { Ok(page) } else { Err(Error::new(format!("The verification failed: {page}."))) }
}
