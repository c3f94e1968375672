//! The responses with which services refuse a call.

use crate::call::{Call, Service};
use bytes::Bytes;
use http::{Response, StatusCode, header};
use http_body_util::Full;
use serde_json::{Value, json};

pub(crate) fn answered(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    let media_type = header::HeaderValue::from_static("application/x-amz-json-1.0");
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response
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
