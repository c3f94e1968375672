//! Custom resources: what `CloudFormation` asks a function to make while it deploys the stack
//! (`CloudFormation` template reference, "Custom resource request and response").

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use edges::Fatal;
use edges::aws;
use edges::clock::Deadline;
use edges::config::Config;
use edges::telemetry;

/// The largest answer that `CloudFormation` reads, in bytes ("Custom resource response objects").
const ANSWER_BYTES_MAX: usize = 4_096;
/// The longest reason in an answer, in characters, so that a failure fits into one.
const REASON_LENGTH_MAX: usize = 500;

/// A request of `CloudFormation`. Everything is optional except for where the answer goes: a
/// request without an answer keeps the stack waiting.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResourceRequest {
    #[serde(default)]
    request_type: String,
    #[serde(rename = "ResponseURL")]
    response_url: String,
    #[serde(default)]
    stack_id: String,
    #[serde(default)]
    request_id: String,
    #[serde(default)]
    logical_resource_id: String,
    physical_resource_id: Option<String>,
    #[serde(default)]
    resource_properties: Value,
}

/// The URL is a secret, and properties may be some.
impl fmt::Debug for ResourceRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ResourceRequest({} {}, …)", self.request_type, self.logical_resource_id)
    }
}

/// What a function made for the stack.
#[derive(Debug, Default)]
pub struct Resource {
    /// What `Ref` returns. `CloudFormation` takes another id for a replacement.
    pub id: String,
    /// What `GetAtt` returns, by name.
    pub attributes: Map<String, Value>,
}

/// What an invocation returns. `CloudFormation` does not read it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answered {
    status: &'static str,
}

/// Serves the requests of `CloudFormation` for one kind of resource. `make` is called when one is
/// created or its properties change, may be called again for the same, and must then return the
/// same. Nothing is removed with the resource, so its deletion just succeeds.
///
/// Whatever happens, the request is answered. If the answer cannot be sent, the invocation fails,
/// and Lambda repeats it after one and after two minutes (Lambda developer guide, "How Lambda
/// handles errors and retries with asynchronous invocation").
///
/// # Errors
/// Fails if the runtime can no longer be reached.
pub async fn serve_resource<S, P, F, Fut>(config: &Config, state: S, make: F) -> Result<(), Fatal>
where
    S: Send + Sync + 'static,
    P: DeserializeOwned,
    F: Fn(&'static S, P) -> Fut,
    Fut: Future<Output = Result<Resource, Fatal>>,
{
    let make = &make;
    super::serve(config, state, |state, request: ResourceRequest, deadline: Deadline| async move {
        // The other half of the time is for sending the answer.
        let working = tokio::time::timeout(deadline.midpoint().remaining(), work(&request, state, make));
        let result = working.await.unwrap_or_else(|_| Err("it took too long".into()));
        let (status, text) = answer(&request, result);
        tracing::info!(request = ?request, status, "custom resource answered");
        let sent = tokio::time::timeout(deadline.remaining(), aws::upload(&request.response_url, &text)).await;
        sent.map_err(|_| Fatal::from("sending the answer took too long"))??;
        Ok(Answered { status })
    })
    .await
}

async fn work<S, P, F, Fut>(request: &ResourceRequest, state: &'static S, make: &F) -> Result<Resource, Fatal>
where
    P: DeserializeOwned,
    F: Fn(&'static S, P) -> Fut,
    Fut: Future<Output = Result<Resource, Fatal>>,
{
    if request.request_type == "Delete" {
        return Ok(Resource { id: kept_id(request), ..Resource::default() });
    }
    make(state, P::deserialize(&request.resource_properties)?).await
}

/// Returns the id that the resource has so far. Every answer needs one, also that of a failed
/// creation.
fn kept_id(request: &ResourceRequest) -> String {
    request.physical_resource_id.clone().unwrap_or_else(|| request.logical_resource_id.clone())
}

/// Returns the status and the text of the answer.
fn answer(request: &ResourceRequest, result: Result<Resource, Fatal>) -> (&'static str, String) {
    let written = result.and_then(|resource| {
        let mut text = whole(request, "SUCCESS", &resource.id);
        text["Data"] = Value::Object(resource.attributes);
        let text = text.to_string();
        if text.len() > ANSWER_BYTES_MAX {
            return Err(format!("its attributes have more than {ANSWER_BYTES_MAX} bytes").into());
        }
        Ok(text)
    });
    written.map_or_else(
        |error| {
            let mut text = whole(request, "FAILED", &kept_id(request));
            let reason: String = telemetry::causes(error.as_ref()).chars().take(REASON_LENGTH_MAX).collect();
            tracing::error!(error = reason, "custom resource not made");
            text["Reason"] = json!(reason);
            ("FAILED", text.to_string())
        },
        |text| ("SUCCESS", text),
    )
}

fn whole(request: &ResourceRequest, status: &str, id: &str) -> Value {
    json!({
        "Status": status,
        "PhysicalResourceId": id,
        "StackId": request.stack_id,
        "RequestId": request.request_id,
        "LogicalResourceId": request.logical_resource_id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(members: Value) -> ResourceRequest {
        let mut all =
            json!({"RequestType": "Create", "ResponseURL": "https://example.org/secret", "LogicalResourceId": "Key"});
        let (Value::Object(all_members), Value::Object(members)) = (&mut all, members) else { unreachable!() };
        all_members.extend(members);
        serde_json::from_value(all).unwrap()
    }

    #[test]
    fn every_answer_fits_and_names_the_request_and_a_resource() {
        let long = Resource {
            id: "k".to_owned(),
            attributes: [("A".to_owned(), json!("x".repeat(5_000)))].into_iter().collect(),
        };
        for (members, result, status, id) in [
            (json!({}), Ok(Resource { id: "k".to_owned(), ..Resource::default() }), "SUCCESS", "k"),
            (json!({}), Err("no".into()), "FAILED", "Key"),
            (json!({"PhysicalResourceId": "before"}), Err("no \u{1f600}".repeat(5_000).into()), "FAILED", "before"),
            (json!({"PhysicalResourceId": "before"}), Ok(long), "FAILED", "before"),
        ] {
            let (said, text) = answer(&request(members), result);
            let read: Value = serde_json::from_str(&text).unwrap();
            assert_eq!((said, &read["Status"], &read["PhysicalResourceId"]), (status, &json!(status), &json!(id)));
            assert_eq!(read["LogicalResourceId"], "Key");
            assert!(text.len() <= ANSWER_BYTES_MAX && (status == "SUCCESS" || read["Reason"].is_string()), "{text}");
        }
    }

    #[test]
    fn the_secrets_of_a_request_are_not_shown() {
        let shown = format!("{:?}", request(json!({"ResourceProperties": {"Password": "hush"}})));
        assert!(shown.contains("Create Key") && !shown.contains("secret") && !shown.contains("hush"), "{shown}");
    }
}
