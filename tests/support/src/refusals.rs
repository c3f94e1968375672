//! The responses with which services refuse a call, or answer it late.

use crate::call::{Call, Service};
use bytes::Bytes;
use http::{Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};

pub(crate) fn answered(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    let media_type = header::HeaderValue::from_static("application/x-amz-json-1.0");
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response
}

/// Returns how a replica that lags responds to an eventually consistent read: without the newest of
/// the items. Other responses stay as they are.
pub(crate) async fn lagging(call: &Call, response: Response<Full<Bytes>>) -> Option<Response<Full<Bytes>>> {
    let (mut parts, body) = response.into_parts();
    let body = body.collect().await.ok()?.to_bytes();
    let mut answer: Value = serde_json::from_slice(&body).ok()?;
    let lagged = match call.operation.as_str() {
        "Query" if call.request["ConsistentRead"] != true => without_newest(&mut answer),
        "BatchGetItem" => {
            let tables = call.request["RequestItems"].as_object().into_iter().flatten();
            let eventual: Vec<_> = tables.filter(|(_, asked)| asked["ConsistentRead"] != true).collect();
            for (table, _) in &eventual {
                answer["Responses"][table] = json!([]);
            }
            !eventual.is_empty()
        }
        _ => false,
    };
    if !lagged {
        return Some(Response::from_parts(parts, Full::new(body)));
    }
    parts.headers.remove("x-amz-crc32");
    Some(Response::from_parts(parts, Full::new(Bytes::from(answer.to_string()))))
}

/// Removes the item with the greatest sort key from the result of a query. Returns false if there
/// is none.
fn without_newest(answer: &mut Value) -> bool {
    let Some(items) = answer["Items"].as_array_mut() else { return false };
    let sort_key = |item: &Value| item["sk"]["S"].as_str().unwrap_or_default().to_owned();
    let Some(newest) = (0..items.len()).max_by_key(|place| sort_key(&items[*place])) else { return false };
    items.remove(newest);
    for count in ["Count", "ScannedCount"] {
        answer[count] = json!(answer[count].as_u64().unwrap_or_default().saturating_sub(1));
    }
    true
}

/// Returns how DynamoDB says within a response that it did nothing, or `None` for calls of which it
/// cannot.
pub(crate) fn undone(call: &Call) -> Option<(StatusCode, Value)> {
    let all = &call.request["RequestItems"];
    match call.operation.as_str() {
        "BatchGetItem" => Some((StatusCode::OK, json!({ "Responses": {}, "UnprocessedKeys": all }))),
        "BatchWriteItem" => Some((StatusCode::OK, json!({ "UnprocessedItems": all }))),
        "TransactWriteItems" => {
            let writes = call.request["TransactItems"].as_array().map_or(0, Vec::len);
            let name = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
            let reasons = vec![json!({ "Code": "ThrottlingError" }); writes];
            Some((StatusCode::BAD_REQUEST, json!({ "__type": name, "CancellationReasons": reasons })))
        }
        _ => None,
    }
}

/// Returns how a service says that the caller has no permission.
pub(crate) fn denied() -> Response<Full<Bytes>> {
    let name = "com.amazon.coral.service#AccessDeniedException";
    let body = json!({ "__type": name, "message": "The role of this function does not allow this." });
    let mut response = answered(StatusCode::BAD_REQUEST, &body);
    response.headers_mut().insert("x-amzn-errortype", header::HeaderValue::from_static(name));
    response
}

/// Returns how the service says that it throttles the call (the services' API references, "Common
/// errors").
pub(crate) fn throttled(service: Service) -> Response<Full<Bytes>> {
    let name = match service {
        Service::DynamoDb => "com.amazonaws.dynamodb.v20120810#ThrottlingException",
        Service::Sqs => "com.amazonaws.sqs#RequestThrottled",
        Service::Ssm => "ThrottlingException",
        Service::Ses => "TooManyRequestsException",
    };
    let body = json!({ "__type": name, "message": "There is no room, by the wire's plan." });
    let status = if service == Service::Ses { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::BAD_REQUEST };
    let mut response = answered(status, &body);
    response.headers_mut().insert("x-amzn-errortype", header::HeaderValue::from_static(name));
    response
}
