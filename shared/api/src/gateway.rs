//! Converts API Gateway's events (HTTP API, payload format 2.0) to requests with `lambda_http`.
//!
//! `lambda_http` rejects an event with an invalid header, and panics if a query, a host,
//! `x-forwarded-proto` or base64 is invalid. These are errors of the caller, which need a response.
//! So such an event is mended, converted again and handled like any other. A check that reads the
//! invalid part rejects it there.
//!
//! Nothing reads the URI of a request, because `lambda_http` resolves `..` in it. The path and the
//! query are read from its extensions, where they are as they were sent.

use std::cell::Cell;
use std::panic;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use edges::Fatal;
use lambda_http::aws_lambda_events::query_map::QueryMap;
use lambda_http::http::header::HOST;
use lambda_http::http::{HeaderName, Method};
use lambda_http::{Request, RequestExt as _, request};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

/// The largest body that is read, in bytes: a description of 10,000 characters, each written as a
/// surrogate pair of `\u` escapes (12 bytes), and room for the rest.
pub(super) const BODY_BYTES_MAX: usize = 128 * 1024;

/// Marks a request without the body that was sent, and says why it was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeftOut {
    /// The body is not the base64 that its event says it is.
    NotBase64,
    /// The body has more than [`BODY_BYTES_MAX`] bytes.
    TooLarge,
}

thread_local! {
    /// Whether this thread is converting an event.
    static CONVERTING: Cell<bool> = const { Cell::new(false) };
}

/// Keeps panics of a conversion out of the log, because any caller could fill the log with them.
/// Other panics are reported as before.
pub(super) fn silence_conversions() {
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if !CONVERTING.get() {
            report(panic);
        }
    }));
}

/// Converts an event to a request.
///
/// # Errors
/// Fails if the JSON is not an event of API Gateway.
pub(super) fn request(event: &RawValue) -> Result<Request, Fatal> {
    converted(event.get()).or_else(|_| mended(event.get()))
}

fn converted(event: &str) -> Result<Request, Fatal> {
    CONVERTING.set(true);
    let converted = panic::catch_unwind(|| request::from_str(event));
    CONVERTING.set(false);
    Ok(converted.map_err(|_panic| "lambda_http panicked on the event")??)
}

/// Converts an event without the parts that may be invalid, and adds them to the request.
///
/// An event has at most 6 MB (Lambda developer guide, "Quotas"), nearly all of it the body, because
/// API Gateway takes at most 10,240 bytes of request line and headers (API Gateway developer guide,
/// "Quotas for HTTP APIs"). A body that no endpoint would read is left out here, so that it is
/// copied once and not again by the second conversion.
fn mended(event: &str) -> Result<Request, Fatal> {
    let mut event: Map<String, Value> = serde_json::from_str(event)?;
    let text = |part: Option<Value>| part.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
    let (path, query) = (text(event.insert("rawPath".to_owned(), json!("/"))), text(event.remove("rawQueryString")));
    let is_base64 = event.get("isBase64Encoded") == Some(&json!(true));
    let left_out = event.get("body").and_then(Value::as_str).and_then(|body| why_left_out(body, is_base64));
    if left_out.is_some() {
        event.remove("body");
    }
    if let Some(Value::Object(headers)) = event.get_mut("headers") {
        *headers = std::mem::take(headers).into_iter().filter_map(mended_header).collect();
    }
    if let Some(Value::Object(context)) = event.get_mut("requestContext") {
        // The URI is made of it.
        context.remove("domainName");
        let method = context.get_mut("http").and_then(|http| http.get_mut("method"));
        if let Some(method) =
            method.filter(|method| method.as_str().is_some_and(|name| name.parse::<Method>().is_err()))
        {
            *method = json!("INVALID");
        }
    }
    let Ok(query) = query.parse::<QueryMap>();
    let mut request = converted(&serde_json::to_string(&event)?)?;
    request = request.with_raw_http_path(path).with_query_string_parameters(query);
    if let Some(why) = left_out {
        request.extensions_mut().insert(why);
    }
    Ok(request)
}

/// Returns why a body must be left out, or `None` if it can be read.
fn why_left_out(body: &str, is_base64: bool) -> Option<LeftOut> {
    // Base64 writes three bytes as four (RFC 4648 §4).
    let longest = if is_base64 { BODY_BYTES_MAX.div_ceil(3) * 4 } else { BODY_BYTES_MAX };
    if body.len() > longest {
        return Some(LeftOut::TooLarge);
    }
    (is_base64 && STANDARD.decode(body).is_err()).then_some(LeftOut::NotBase64)
}

/// Mends a header, or returns `None` if its name is invalid or is `Host`, from which the URI would
/// be made. Replaces control characters in the value (RFC 9110 §5.5) with a character that no value
/// that is read may have.
fn mended_header((name, value): (String, Value)) -> Option<(String, Value)> {
    let kept = name.parse::<HeaderName>().is_ok_and(|name| name != HOST);
    let invalid = |character: char| character.is_control() && character != '\t';
    let value = value.as_str()?.replace(invalid, "\u{fffd}");
    kept.then(|| (name, value.into()))
}

#[cfg(test)]
mod tests {
    use serde_json::value::to_raw_value;

    use super::*;

    fn converted_from(changes: &Value) -> Request {
        let mut event = json!({
            "rawPath": "/v1/me", "rawQueryString": "", "headers": {"host": "x"},
            "requestContext": {"requestId": "r", "domainName": "x", "http": {"method": "GET"}}
        });
        for (pointer, value) in changes.as_object().unwrap() {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            event.pointer_mut(parent).unwrap()[name] = value.clone();
        }
        request(&to_raw_value(&event).unwrap()).unwrap()
    }

    /// Each row has what the event changes, and the method, path, query, header `x` and body that
    /// are read.
    #[test]
    fn an_event_that_lambda_http_panics_on_or_rejects_is_converted_all_the_same() {
        silence_conversions();
        for (changes, method, path, query, header, body) in [
            (json!({}), "GET", "/v1/me", "", "", Ok("")),
            (json!({"/rawQueryString": "a=<b"}), "GET", "/v1/me", "a=<b", "", Ok("")),
            (json!({"/rawQueryString": "a=b c"}), "GET", "/v1/me", "a=b c", "", Ok("")),
            (json!({"/rawQueryString": "a=b#c"}), "GET", "/v1/me", "a=b#c", "", Ok("")),
            (json!({"/headers/host": "a b"}), "GET", "/v1/me", "", "", Ok("")),
            (json!({"/headers/host": "x:y"}), "GET", "/v1/me", "", "", Ok("")),
            (json!({"/headers": null, "/requestContext/domainName": "a b"}), "GET", "/v1/me", "", "", Ok("")),
            (json!({"/headers/x-forwarded-proto": "a b"}), "GET", "/v1/me", "", "", Ok("")),
            (json!({"/headers/x-forwarded-proto": ""}), "GET", "/v1/me", "", "", Ok("")),
            (json!({"/headers/x": "é\u{1}\t"}), "GET", "/v1/me", "", "é\u{fffd}\t", Ok("")),
            (json!({"/headers/x": "é"}), "GET", "/v1/me", "", "é", Ok("")),
            (json!({"/headers/x y": "z"}), "GET", "/v1/me", "", "", Ok("")),
            (json!({"/rawPath": "/v1/../v1/tickets/./1"}), "GET", "/v1/../v1/tickets/./1", "", "", Ok("")),
            (json!({"/rawPath": "/v1/tickets/1?a=b#c"}), "GET", "/v1/tickets/1?a=b#c", "", "", Ok("")),
            (json!({"/rawPath": ":x"}), "GET", ":x", "", "", Ok("")),
            (json!({"/rawPath": "/\u{1}é"}), "GET", "/\u{1}é", "", "", Ok("")),
            (json!({"/requestContext/http/method": "G T"}), "INVALID", "/v1/me", "", "", Ok("")),
            (json!({"/body": "e30=", "/isBase64Encoded": true}), "GET", "/v1/me", "", "", Ok("{}")),
            (json!({"/body": "e30", "/isBase64Encoded": true}), "GET", "/v1/me", "", "", Err(LeftOut::NotBase64)),
            (json!({"/body": "{}", "/headers/host": "a b"}), "GET", "/v1/me", "", "", Ok("{}")),
        ] {
            let request = converted_from(&changes);
            assert_eq!((request.method().as_str(), request.raw_http_path()), (method, path), "{changes}");
            assert_eq!(request.query_string_parameters(), query.parse().unwrap(), "{changes}");
            let sent = request.headers().get("x").map_or(&b""[..], |value| value.as_bytes());
            assert_eq!(sent, header.as_bytes(), "{changes}");
            assert_eq!(read(&request), body.map(str::as_bytes), "{changes}");
        }
    }

    /// Returns the body that is read, or why it was left out.
    fn read(request: &Request) -> Result<&[u8], LeftOut> {
        request.extensions().get::<LeftOut>().map_or(Ok(&request.body()[..]), |why| Err(*why))
    }

    #[test]
    fn a_body_that_no_endpoint_reads_is_left_out_when_the_event_is_converted_again() {
        let (largest, larger) = ("x".repeat(BODY_BYTES_MAX), "x".repeat(BODY_BYTES_MAX + 1));
        let with = |body: &str, is_base64: bool| {
            let event = json!({"/body": body, "/isBase64Encoded": is_base64, "/headers/host": "a b"});
            let request = converted_from(&event);
            read(&request).map(<[u8]>::len)
        };
        assert_eq!(with(&largest, false), Ok(BODY_BYTES_MAX));
        assert_eq!(with(&larger, false), Err(LeftOut::TooLarge));
        assert_eq!(with(&STANDARD.encode(&largest), true), Ok(BODY_BYTES_MAX));
        assert_eq!(with(&STANDARD.encode(larger.repeat(2)), true), Err(LeftOut::TooLarge));
    }

    #[test]
    fn json_that_is_no_event_of_api_gateway_is_an_error() {
        for event in [json!({}), json!([]), json!({"rawPath": "/v1/me"}), json!({"Records": []})] {
            assert!(request(&to_raw_value(&event).unwrap()).is_err(), "{event}");
        }
    }
}
