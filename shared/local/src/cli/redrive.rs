//! `cargo local redrive`: redrives dead letters of the running stack.

use super::arguments::Queue;
use clap::ValueEnum as _;
use local::{Error, Result, invoke};
use serde_json::json;

/// Redrives the dead letters of `queue` in the stack at `url`, and fails if some could not be
/// redriven.
pub(crate) async fn run(queue: Queue, url: &str) -> Result<()> {
    let queue = queue.to_possible_value().map(|value| value.get_name().to_owned());
    let mut moved = 0;
    loop {
        let done = invoke(url, "workers-redrive", &json!({ "queue": queue })).await?;
        let count = |name: &str| done[name].as_u64().unwrap_or_default();
        moved += count("moved");
        for reason in done["reasons"].as_array().into_iter().flatten() {
            println!("not put back: {}", reason.as_str().unwrap_or_default());
        }
        let letters = if moved == 1 { "dead letter" } else { "dead letters" };
        if count("kept") > 0 {
            println!("{moved} {letters} put back, {} not", count("kept"));
            return Err(Error::new(
                "Some dead letters cannot be put back and were kept. Remove the causes above, then run this command again.",
            ));
        }
        if done["complete"] == true {
            println!("{moved} {letters} put back");
            return Ok(());
        }
    }
}
