//! The bodies of requests that execute commands.

use serde_json::{Value, json};

use crate::field::Violations;

use super::*;

type Read = fn(Value) -> Result<CommandRequest, Violations>;

/// The commands that take an optional reason.
const WITH_REASON: [(&str, Read); 4] = [
    ("release", CommandRequest::release),
    ("reopen", CommandRequest::reopen),
    ("close", CommandRequest::close),
    ("withdraw", CommandRequest::withdraw),
];

fn faults(read: Read, body: Value) -> Vec<String> {
    let violations = read(body).unwrap_err();
    let shown = violations.as_slice().iter();
    shown.map(|fault| format!("{} {}", fault.pointer, fault.detail)).collect()
}

/// Returns the command of a request, and its reason or resolution.
fn shown(request: CommandRequest) -> (&'static str, Option<String>) {
    let said = |reason: Option<crate::text::Reason>| reason.map(|text| text.as_str().to_owned());
    match request {
        CommandRequest::Release(reason) => ("release", said(reason)),
        CommandRequest::Resolve(text) => ("resolve", Some(text.as_str().to_owned())),
        CommandRequest::Reopen(reason) => ("reopen", said(reason)),
        CommandRequest::Close(reason) => ("close", said(reason)),
        CommandRequest::Withdraw(reason) => ("withdraw", said(reason)),
    }
}

#[test]
fn a_reason_may_be_given_omitted_or_null() {
    for (name, read) in WITH_REASON {
        for (body, reason) in
            [(json!({}), None), (json!({"reason": null}), None), (json!({"reason": "Why"}), Some("Why".to_owned()))]
        {
            assert_eq!(shown(read(body).unwrap()), (name, reason));
        }
    }
}

#[test]
fn a_resolution_is_required() {
    let body = json!({"resolution": "Reboot"});
    let request = CommandRequest::resolve(body).unwrap();
    assert_eq!(shown(request), ("resolve", Some("Reboot".to_owned())));
    for (body, expected) in [
        (json!({}), vec!["/resolution is required"]),
        (json!({"resolution": null}), vec!["/resolution must be a string, not null"]),
        (json!({"resolution": "\n"}), vec!["/resolution must not be blank"]),
        (json!({"reason": "Why"}), vec!["/resolution is required", "/reason is not a field of this request"]),
    ] {
        assert_eq!(faults(CommandRequest::resolve, body), expected);
    }
}

#[test]
fn texts_of_commands_have_at_most_2000_characters() {
    let with_resolution: Read = CommandRequest::resolve;
    let all = WITH_REASON.map(|(_, read)| ("reason", read));
    for (field, read) in all.into_iter().chain([("resolution", with_resolution)]) {
        assert!(read(json!({field: "ü".repeat(2_000)})).is_ok());
        assert_eq!(
            faults(read, json!({field: "ü".repeat(2_001)})),
            [format!("/{field} must be at most 2000 characters long, but is 2001")]
        );
    }
}

#[test]
fn unknown_fields_of_a_command_are_refused() {
    for (_, read) in WITH_REASON {
        assert_eq!(
            faults(read, json!({"reason": "", "status": "open", "version": 1})),
            [
                "/reason must not be blank",
                "/status is not a field of this request",
                "/version is not a field of this request",
            ]
        );
    }
}
