//! The people that most tests get from the store are those that the functions make.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use crate::support::table::{Item, partition_begins, sort_key_begins};
use crate::support::{Caller, Desk, claims_of};

/// Attributes whose values differ from account to account, or from moment to moment. Only their
/// types are compared.
const OWN: [&str; 9] = [
    "created_at",
    "expires_at",
    "family_hash",
    "id",
    "token_hash",
    "updated_at",
    "used_at",
    "user_id",
    // The salt is random.
    "password_hash",
];

/// Claims whose values differ likewise.
const OWN_CLAIMS: [&str; 6] = ["exp", "iat", "jti", "nbf", "sid", "sub"];

fn typed(value: &AttributeValue) -> String {
    format!("{value:?}").split('(').next().unwrap_or_default().to_owned()
}

/// Returns the items in a form in which those of two accounts with the same name are equal.
async fn items_of(desk: &Desk, person: &Caller) -> Vec<BTreeMap<String, String>> {
    let hash = edges::auth::TokenHash::of(person.email.as_bytes()).to_string();
    let is_of = |item: &Item| {
        let pk = item["pk"].as_s().unwrap();
        // Sign-ins are counted until they succeed, and leave nothing.
        let is_counter = partition_begins(item, "ATTEMPTS#");
        // The event of a change of the role, which the relay took.
        let is_event = sort_key_begins(item, "EVENT#");
        // How an account was made is in the audit. The store makes them otherwise.
        let is_audit = sort_key_begins(item, "AUDIT#");
        let is_own = [&person.id, &person.email, &hash].iter().any(|own| pk.contains(own.as_str()));
        is_own && !is_counter && !is_event && !is_audit
    };
    let shape = |item: Item| {
        let attribute = |(name, value): (String, AttributeValue)| {
            let shown = match &value {
                _ if OWN.contains(&name.as_str()) => typed(&value),
                AttributeValue::S(text) => {
                    let text = text.replace(&person.id, "<id>").replace(&person.email, "<email>");
                    let session = claims_of(person.access_token.as_ref().unwrap())["sid"].as_str().unwrap().to_owned();
                    text.replace(&hash, "<hash>").replace(&session, "<session>")
                }
                other => format!("{other:?}"),
            };
            (name, shown)
        };
        item.into_iter().map(attribute).collect()
    };
    let mut items: Vec<BTreeMap<String, String>> = desk.items(is_of).await.into_iter().map(shape).collect();
    items.sort_unstable();
    items
}

fn claims(person: &Caller) -> Value {
    let mut claims = claims_of(person.access_token.as_ref().unwrap());
    let lifetime = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    for name in OWN_CLAIMS {
        assert!(!claims[name].is_null(), "{name}");
        claims[name] = Value::Null;
    }
    claims["exp"] = lifetime.into();
    claims
}

#[tokio::test]
async fn people_from_the_store_are_as_the_functions_make_them() {
    let desk = Desk::open().await;
    let stored_admin = desk.admin().await;
    let stored = [desk.user("Ana").await, desk.technician(&stored_admin, "Tina").await];
    let desk = desk.signing_in_over_http();
    let admin = desk.admin().await;
    let requested = [desk.user("Ana").await, desk.technician(&admin, "Tina").await];
    for (stored, requested) in stored.into_iter().zip(requested).chain([(stored_admin, admin)]) {
        let name = &stored.name;
        let (items, expected) = (items_of(&desk, &stored).await, items_of(&desk, &requested).await);
        assert!(items.len() >= 4, "{name} has an address, a profile, a password and a session: {items:#?}");
        assert_eq!(items, expected, "{name}");
        assert_eq!(claims(&stored), claims(&requested), "{name}");
        let header = |person: &Caller| person.access_token.as_ref().unwrap().split('.').next().unwrap().to_owned();
        assert_eq!(header(&stored), header(&requested), "{name}");
        // Both sign in with the password, and refresh their tokens.
        desk.signed_in(stored.clone()).await.get("/v1/me").await.expect(200);
        let refresh = serde_json::json!({"refresh_token": stored.refresh_token});
        desk.anyone().post("/v1/auth/refresh", refresh).await.expect(200);
    }
}
