//! Invokes the functions with their sample invocations in `events/`.

use endpoints::row::Right;
use endpoints::table::rows;
use serde_json::{Value, json};

use crate::support::{Desk, Receiver};

#[tokio::test]
async fn every_sample_invocation_is_accepted_by_its_function() {
    let (desk, cloudformation) = (Desk::open().await, Receiver::open());
    let events = endpoints::root().join("events");
    let mut paths: Vec<_> = std::fs::read_dir(events).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let function = path.file_stem().unwrap().to_str().unwrap();
        let mut sample: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        if let Some(url) = sample.get_mut("ResponseURL") {
            *url = json!(cloudformation.url);
        }
        let response = desk.stack.invoke(function, &sample).await;
        let response = response.unwrap_or_else(|error| panic!("{function}: {error}"));
        // Tokens in the samples are placeholders, and the user who signs in registers only later,
        // because of the alphabetical order.
        let expected = match function {
            "workers-accounts" | "workers-relay" | "workers-notify" | "workers-email" | "workers-webhooks" => json!([]),
            "users-create-admin" => json!("admin"),
            "deployment-first-admin" | "deployment-signing-key" => json!("SUCCESS"),
            "workers-auto-close" | "tickets-verify-page" => json!(0),
            // The tickets of earlier samples do not exist, so their messages became dead letters.
            "workers-redrive" => json!(true),
            "routes-refuse" => json!(404),
            "auth-login" => json!(401),
            _ => json!(public_status(&sample).unwrap_or(401)),
        };
        let found = ["batchItemFailures", "role", "checked", "closed", "complete", "Status", "statusCode"];
        let found = found.map(|name| &response[name]);
        assert!(found.contains(&&expected), "{function}: {response}");
    }
    desk.assert_no_process_died();
}

/// Returns the status for callers without a token, if the endpoint of the sample is public.
fn public_status(sample: &Value) -> Option<u16> {
    let sent = sample["requestContext"]["http"]["method"].as_str()?;
    let (_, path) = sample["routeKey"].as_str()?.split_once(' ')?;
    let row = rows().find(|row| row.endpoint.method() == sent && row.endpoint.path() == path)?;
    (row.call.right == Right::None).then_some(row.call.status)
}
