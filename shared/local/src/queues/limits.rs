//! The checks that SQS makes and `rustack-sqs` does not: characters, sizes, attributes and ids (SQS
//! developer guide, "Amazon SQS message quotas").
//!
//! SQS's reference has described two treatments of a character that XML does not allow: the whole
//! call is rejected, or the character is replaced. Both are implemented, so that tests pass under
//! either.

use super::ForeignCharacters;
use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::BodyExt as _;
use rustack_sqs_core::handler::RustackSqsHandler;
use rustack_sqs_http::body::SqsResponseBody;
use rustack_sqs_http::dispatch::SqsHandler;
use rustack_sqs_model::error::{SqsError, SqsErrorCode};
use rustack_sqs_model::operations::SqsOperation;
use serde_json::{Value, json};
use std::pin::Pin;
use std::sync::Arc;

/// The largest message in bytes, and also the largest batch, attributes included: 1 MiB.
const BYTES_MAX: usize = 1_048_576;
/// The largest number of attributes of a message.
const ATTRIBUTES_MAX: usize = 10;
/// The longest name of an attribute, in characters.
const ATTRIBUTE_NAME_MAX: usize = 256;
/// The longest group id or deduplication id, in characters.
const ID_MAX: usize = 128;
/// The longest id of a batch entry, in characters.
const ENTRY_ID_MAX: usize = 80;

/// Passes on to the crate what SQS would accept, and rejects the rest.
pub(super) struct Checking {
    pub(super) inner: Arc<RustackSqsHandler>,
    pub(super) characters: ForeignCharacters,
}

type Answer = Result<Response<SqsResponseBody>, SqsError>;

impl SqsHandler for Checking {
    fn handle_operation(&self, operation: SqsOperation, body: Bytes) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
        let (inner, characters) = (Arc::clone(&self.inner), self.characters);
        Box::pin(async move {
            let Ok(request) = serde_json::from_slice::<Value>(&body) else {
                return inner.handle_operation(operation, body).await;
            };
            match operation {
                SqsOperation::SendMessage => send(&inner, request, characters).await,
                SqsOperation::SendMessageBatch => send_batch(&inner, request, characters).await,
                _ => inner.handle_operation(operation, body).await,
            }
        })
    }
}

async fn send(inner: &RustackSqsHandler, mut message: Value, characters: ForeignCharacters) -> Answer {
    if settle(&mut message, characters) {
        return Ok(invalid_contents());
    }
    fault(&message).map_or(Ok(()), Err)?;
    inner.handle_operation(SqsOperation::SendMessage, Bytes::from(message.to_string())).await
}

/// Sends a batch without the entries that have faults of their own. The response names them.
async fn send_batch(inner: &RustackSqsHandler, mut request: Value, characters: ForeignCharacters) -> Answer {
    let mut entries = request["Entries"].as_array().cloned().unwrap_or_default();
    // Every entry is checked, so that characters are replaced in all of them.
    let foreign = entries.iter_mut().map(|entry| settle(entry, characters)).filter(|foreign| *foreign).count();
    if foreign > 0 {
        return Ok(invalid_contents());
    }
    if entries.iter().map(bytes_of).sum::<usize>() > BYTES_MAX {
        return Err(SqsError::new(SqsErrorCode::BatchRequestTooLong, "The batch is longer than 1 MiB."));
    }
    let is_id = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    if !entries.iter().all(|entry| is_made_of(&entry["Id"], ENTRY_ID_MAX, is_id)) {
        return Err(SqsError::new(SqsErrorCode::InvalidBatchEntryId, "An entry has no valid id."));
    }
    let faults: Vec<Value> =
        entries.iter().filter_map(|entry| fault(entry).map(|fault| failed(&entry["Id"], &fault))).collect();
    entries.retain(|entry| fault(entry).is_none());
    let mut answer = json!({ "Successful": [], "Failed": [] });
    // The crate itself rejects batches with too many entries or none.
    if faults.is_empty() || !entries.is_empty() {
        request["Entries"] = Value::Array(entries);
        let body = Bytes::from(request.to_string());
        let response = inner.handle_operation(SqsOperation::SendMessageBatch, body).await?;
        if faults.is_empty() {
            return Ok(response);
        }
        let body = response.into_body().collect().await;
        answer = body.ok().and_then(|body| serde_json::from_slice(&body.to_bytes()).ok()).unwrap_or(answer);
    }
    let of_the_crate = answer["Failed"].as_array().cloned().unwrap_or_default();
    answer["Failed"] = [of_the_crate, faults].concat().into();
    Ok(Response::new(SqsResponseBody::from_json(answer.to_string().into_bytes())))
}

/// Replaces characters that SQS does not accept. Returns whether the message has any and must be
/// rejected for them.
fn settle(message: &mut Value, characters: ForeignCharacters) -> bool {
    let Some(body) = message["MessageBody"].as_str() else { return false };
    if body.chars().all(is_taken) {
        return false;
    }
    let replaced: String =
        body.chars().map(|character| if is_taken(character) { character } else { '\u{fffd}' }).collect();
    message["MessageBody"] = json!(replaced);
    characters == ForeignCharacters::Refused
}

/// Returns whether a character is one of XML 1.0 (<https://www.w3.org/TR/REC-xml/#charsets>).
const fn is_taken(character: char) -> bool {
    matches!(character,
        '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

/// Returns the fault of one message, in a batch or alone.
fn fault(message: &Value) -> Option<SqsError> {
    let invalid = |why: &str| Some(SqsError::invalid_parameter_value(why));
    let body = message["MessageBody"].as_str().unwrap_or_default();
    if body.is_empty() {
        return Some(SqsError::missing_parameter("The request must contain the parameter MessageBody."));
    }
    if bytes_of(message) > BYTES_MAX {
        return invalid("One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.");
    }
    let is_printed = |character: char| character.is_ascii_graphic();
    for id in ["MessageGroupId", "MessageDeduplicationId"] {
        if !message[id].is_null() && !is_made_of(&message[id], ID_MAX, is_printed) {
            return invalid(&format!("Value for parameter {id} is invalid."));
        }
    }
    let attributes = message["MessageAttributes"].as_object();
    if attributes.is_some_and(|attributes| attributes.len() > ATTRIBUTES_MAX) {
        return invalid("Number of message attributes exceeds the allowed maximum [10].");
    }
    let is_named = |character: char| character.is_ascii_alphanumeric() || "_-.".contains(character);
    let is_sound = |(name, value): (&String, &Value)| {
        let text = value["StringValue"].as_str();
        is_made_of(&json!(name), ATTRIBUTE_NAME_MAX, is_named)
            && text.is_none_or(|text| !text.is_empty() && text.chars().all(is_taken))
    };
    let unsound = attributes.is_some_and(|attributes| !attributes.iter().all(is_sound));
    if unsound { invalid("A message attribute has no valid name or value.") } else { None }
}

/// Returns whether the value is a text of one to `max` characters that `of` allows.
fn is_made_of(text: &Value, max: usize, of: impl Fn(char) -> bool) -> bool {
    let text = text.as_str().unwrap_or_default();
    (1..=max).contains(&text.len()) && text.chars().all(of)
}

/// Returns the size of a message: its body, and the names, types and values of its attributes.
fn bytes_of(message: &Value) -> usize {
    let length = |value: &Value| value.as_str().map_or(0, str::len);
    let attributes = message["MessageAttributes"].as_object();
    let attributes = attributes.into_iter().flatten().map(|(name, value)| {
        name.len() + ["DataType", "StringValue", "BinaryValue"].iter().map(|part| length(&value[part])).sum::<usize>()
    });
    length(&message["MessageBody"]) + attributes.sum::<usize>()
}

fn failed(id: &Value, fault: &SqsError) -> Value {
    json!({ "Id": id, "SenderFault": true, "Code": fault.code.error_type(), "Message": fault.message })
}

/// Builds the error response that the crate does not have.
fn invalid_contents() -> Response<SqsResponseBody> {
    let body = json!({
        "__type": "com.amazonaws.sqs#InvalidMessageContents",
        "message": "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | [#x20 to #xD7FF] | \
                    [#xE000 to #xFFFD] | [#x10000 to #x10FFFF]",
    });
    let mut response = Response::new(SqsResponseBody::from_json(body.to_string().into_bytes()));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    let named = http::HeaderValue::from_static("InvalidMessageContents;Sender");
    response.headers_mut().insert("x-amzn-query-error", named);
    response
}
