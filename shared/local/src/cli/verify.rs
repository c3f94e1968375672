//! `cargo local verify`: every ticket of the running stack, page by page, held against its log.

use local::{Error, Result, invoke};
use serde_json::{Value, json};

/// Verifies all tickets of the stack at `url`, and fails if any is not as it was written.
pub(crate) async fn run(url: &str) -> Result<()> {
    let (mut checked, mut broken, mut after) = (0, 0, Value::Null);
    loop {
        let page = invoke(url, "tickets-verify-page", &json!({ "after": after })).await?;
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
    let tickets = if checked == 1 { "ticket" } else { "tickets" };
    println!("{checked} {tickets} verified, {broken} broken");
    if broken == 0 { Ok(()) } else { Err(Error::new("Somebody changed what was written.")) }
}
