//! The command line.

pub(crate) mod admin;
pub(crate) mod arguments;
pub(crate) mod demo;
pub(crate) mod keys;
pub(crate) mod redrive;
pub(crate) mod run;
mod steps;
pub(crate) mod verify;

use http::Method;
use local::http::Client;
use local::{Error, Result};
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;

/// The root of the workspace this program was built from.
pub(crate) fn workspace() -> PathBuf {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).map_or(manifest.clone(), PathBuf::from)
}

/// Where the data of `cargo local` is, from the root of the workspace.
pub(crate) const DATA: &str = ".local";

/// How long an invocation may take; the first may find its function being started.
const INVOKED_WITHIN: Duration = Duration::from_secs(30);

/// Invokes a function of the stack that runs at `url`.
pub(crate) async fn invoke(url: &str, function: &str, payload: &Value) -> Result<Value> {
    let address = format!("{url}/2015-03-31/functions/{function}/invocations");
    let headers = [("content-type", "application/json")];
    let body = payload.to_string().into_bytes();
    let answer = Client::default().send(Method::POST, &address, &headers, body, INVOKED_WITHIN).await;
    let answer = answer.map_err(|error| {
        Error::new(format!(
            "No help desk answers at {url}: start `cargo local` first, or say where it is with --url ({error})."
        ))
    })?;
    let value = answer.json()?;
    if answer.status.is_success() { Ok(value) } else { Err(Error::new(format!("{function} failed: {value}."))) }
}
