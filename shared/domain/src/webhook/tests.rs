use serde_json::{Value, json};

use super::*;
use crate::field::{FromField as _, Violations};
use crate::samples::minute;

fn new(body: Value, reach: Reach) -> Result<Webhook, Violations> {
    let made = NewWebhook::from_body(body, reach)?;
    Ok(made.into_webhook(WebhookId::from_bytes([1; 16]), WebhookSecret::new([7; 32]), minute(0)))
}

fn webhook() -> Webhook {
    new(json!({"url": "https://example.org/hook"}), Reach::Public).unwrap()
}

/// Where each address is accepted: nowhere, on a laptop, or everywhere.
const ADDRESSES: [(&str, &str); 30] = [
    ("https://example.org/hook", "everywhere"),
    ("https://example.org:8443/hook?a=b", "everywhere"),
    ("https://1.1.1.1/", "everywhere"),
    ("http://example.org/hook", "nowhere"),
    ("ftp://example.org/hook", "nowhere"),
    ("example.org/hook", "nowhere"),
    ("https://", "nowhere"),
    ("https://ana@example.org/", "nowhere"),
    ("https://ana:secret@example.org/", "nowhere"),
    ("https://example.org/#here", "nowhere"),
    ("http://localhost:9000/", "laptop"),
    ("http://127.0.0.1:9000/", "laptop"),
    ("https://127.0.0.1/", "laptop"),
    ("https://127.1/", "laptop"),
    ("https://2130706433/", "laptop"),
    ("https://0x7f000001/", "laptop"),
    ("https://0177.0.0.1/", "laptop"),
    ("https://[::1]/", "laptop"),
    ("https://[::ffff:127.0.0.1]/", "laptop"),
    ("https://[::ffff:7f00:1]/", "laptop"),
    ("https://%31%32%37.0.0.1/", "laptop"),
    ("https://169.254.169.254/latest/meta-data/", "nowhere"),
    ("https://0xa9fea9fe/", "nowhere"),
    ("https://[::ffff:a9fe:a9fe]/", "nowhere"),
    ("https://[fd00:ec2::254]/", "nowhere"),
    ("https://10.0.0.1/", "nowhere"),
    ("https://192.168.1.1/", "nowhere"),
    ("https://0.0.0.0/", "nowhere"),
    ("https://[fe80::1]/", "nowhere"),
    ("https://[64:ff9b::a9fe:a9fe]/", "nowhere"),
];

#[test]
fn private_addresses_are_refused_in_every_spelling() {
    for (address, taken) in ADDRESSES {
        for (reach, expected) in [(Reach::Public, taken == "everywhere"), (Reach::PublicOrLoopback, taken != "nowhere")]
        {
            let made = new(json!({ "url": address }), reach);
            assert_eq!(made.is_ok(), expected, "{address} {reach:?}: {made:?}");
            if let Err(violations) = made {
                assert_eq!(violations.as_slice()[0].pointer, "/url", "{address}");
            }
        }
    }
    let long = format!("https://example.org/{}", "a".repeat(WebhookUrl::BYTES_MAX));
    assert!(new(json!({ "url": long }), Reach::Public).is_err());
}

#[test]
fn a_webhook_gets_the_events_it_names_or_all_events() {
    for event_type in EventType::ALL {
        assert!(webhook().wants(event_type));
        let one = new(json!({"url": "https://example.org/", "events": [event_type.as_str()]}), Reach::Public).unwrap();
        for other in EventType::ALL {
            assert_eq!(one.wants(other), other == event_type);
        }
    }
    let unknown =
        new(json!({"url": "https://example.org/", "events": ["opened", "noted"]}), Reach::Public).unwrap_err();
    assert_eq!(unknown.as_slice()[0].pointer, "/events/1", "webhooks do not get notes");
}

#[test]
fn a_patch_changes_only_named_fields_and_null_removes_them() {
    let patch = |body| WebhookPatch::from_body(body, Reach::Public);
    let described =
        webhook().patched(&patch(json!({"description": "For the board", "events": ["closed"]})).unwrap(), minute(1));
    assert_eq!((described.events.len(), described.version, described.updated_at), (1, 2, minute(1)));
    let bare = described.patched(&patch(json!({"description": null, "events": null})).unwrap(), minute(2));
    assert_eq!((bare.description, bare.events.len()), (None, 0));
    assert_eq!(webhook().patched(&patch(json!({})).unwrap(), minute(1)), webhook());
    let off = webhook().patched(&patch(json!({"enabled": false})).unwrap(), minute(1));
    assert_eq!(off.disabled, Some(DisabledReason::SwitchedOff));
    assert!(!off.wants(EventType::Opened));
    assert_eq!(off.patched(&patch(json!({"enabled": true})).unwrap(), minute(2)).disabled, None);
    for body in
        [json!({"url": null}), json!({"enabled": null}), json!({"url": "https://10.0.0.1/"}), json!({"secret": "x"})]
    {
        assert!(patch(body.clone()).is_err(), "{body}");
    }
}

#[test]
fn a_replaced_secret_still_signs_for_a_day_beside_the_new_one() {
    let rotated = webhook().with_secret(WebhookSecret::new([8; 32]), minute(0));
    let (old, new) = (WebhookSecret::new([7; 32]), WebhookSecret::new([8; 32]));
    assert_eq!(rotated.secrets(minute(1)), [&new, &old]);
    assert_eq!(
        rotated.with_secret(WebhookSecret::new([8; 32]), minute(1)),
        rotated,
        "repeating the rotation changes nothing"
    );
    // The response with the second secret was lost, so there is a third. The receiver still knows
    // only the first.
    let again = rotated.with_secret(WebhookSecret::new([9; 32]), minute(1));
    assert_eq!(again.secrets(minute(2)), [&WebhookSecret::new([9; 32]), &new, &old]);
    assert_eq!(rotated.secrets(minute(0).plus_seconds(FORMER_SECRET_SECONDS)), [&new]);
    assert!(!format!("{rotated:?}").contains("0707"), "debug output hides secrets");
}

#[test]
fn a_webhook_is_disabled_after_five_days_of_failures_or_at_once_on_410() {
    let failed = AttemptResult::Failed { retry_after: None };
    let failing = webhook().after_attempt(&webhook().url, failed, minute(0));
    assert_eq!((failing.failing_since, failing.disabled), (Some(minute(0)), None));
    let days = |seconds| minute(0).plus_seconds(seconds);
    assert_eq!(failing.after_attempt(&webhook().url, failed, days(DISABLED_AFTER_SECONDS - 1)).disabled, None);
    assert_eq!(
        failing.after_attempt(&webhook().url, failed, days(DISABLED_AFTER_SECONDS)).disabled,
        Some(DisabledReason::Failing)
    );
    assert_eq!(failing.after_attempt(&webhook().url, AttemptResult::Delivered, minute(1)).failing_since, None);
    assert_eq!(
        webhook().after_attempt(&webhook().url, AttemptResult::Gone, minute(0)).disabled,
        Some(DisabledReason::Gone)
    );
    assert_eq!(
        webhook().after_attempt(&webhook().url, AttemptResult::Delivered, minute(1)),
        webhook(),
        "nothing changes"
    );
    let elsewhere = WebhookUrl::parse("https://example.net/").unwrap();
    assert_eq!(
        webhook().after_attempt(&elsewhere, AttemptResult::Gone, minute(1)),
        webhook(),
        "the URL has changed in the meantime"
    );
    let moved = WebhookPatch::from_body(json!({"url": "https://example.net/"}), Reach::Public).unwrap();
    assert_eq!(failing.patched(&moved, minute(1)).failing_since, None, "a new receiver has not failed yet");
}

#[test]
fn a_stored_address_is_accepted_if_it_can_be_posted_to() {
    let long = format!("https://example.org/{}", "a".repeat(WebhookUrl::BYTES_MAX));
    for (text, is_read) in [
        ("https://example.org/hook", true),
        ("https://ana:secret@example.org/#part", true),
        (long.as_str(), true),
        ("ftp://example.org/", false),
        ("example.org", false),
    ] {
        assert_eq!(serde_json::from_value::<WebhookUrl>(json!(text)).is_ok(), is_read, "{text}");
        let is_taken = text == "https://example.org/hook";
        assert_eq!(WebhookUrl::from_field(json!(text)).is_ok(), is_taken, "{text}");
    }
}
