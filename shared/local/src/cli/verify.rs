//! `cargo local verify`: verifies every ticket of the running stack, page by page.

use local::{Error, Result, invoke};
use serde_json::{Value, json};

/// Verifies all tickets of the stack at `url`, and fails if one is broken.
pub(crate) async fn run(url: &str) -> Result<()> {
    let (mut checked, mut broken, mut after) = (0, 0, Value::Null);
    loop {
        let page = invoke(url, "tickets-verify-page", &json!({ "after": after })).await?;
        checked += page["checked"].as_u64().unwrap_or_default();
        for ticket in page["broken"].as_array().into_iter().flatten() {
            broken += 1;
            let what = ticket["first_broken_seq"].as_u64().map_or_else(
                || "the log is intact, but the ticket does not match it".to_owned(),
                |seq| format!("log entry {seq} was changed or is missing"),
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
    if broken == 0 {
        Ok(())
    } else {
        Err(Error::new("The tickets above do not match their logs: their stored data was changed."))
    }
}
