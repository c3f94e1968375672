//! Reads and changes the table directly, without the functions.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use edges::auth::TokenHash;
use http::Method;
use local::http::Client;
use serde_json::Value;

use super::Desk;
use super::caller::DEADLINE;

/// An item of the table.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// Returns whether the item's partition key has this prefix.
pub(crate) fn partition_begins(item: &Item, prefix: &str) -> bool {
    item["pk"].as_s().is_ok_and(|key| key.starts_with(prefix))
}

/// Returns whether the item's sort key has this prefix.
pub(crate) fn sort_key_begins(item: &Item, prefix: &str) -> bool {
    item["sk"].as_s().is_ok_and(|key| key.starts_with(prefix))
}

impl Desk {
    /// Returns the items that pass the filter.
    pub(crate) async fn items(&self, passes: impl Fn(&Item) -> bool) -> Vec<Item> {
        let client = self.dynamodb();
        #[expect(clippy::disallowed_methods, reason = "a test looks at everything there is")]
        let scan = client.scan().table_name(self.stack.table_name());
        let items = scan.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.unwrap();
        items.into_iter().filter(passes).collect()
    }

    /// Puts an item.
    pub(crate) async fn put(&self, item: Item) {
        let request = self.dynamodb().put_item().table_name(self.stack.table_name());
        request.set_item(Some(item)).send().await.unwrap();
    }

    /// Deletes an item.
    pub(crate) async fn delete(&self, item: &Item) {
        let key = item.iter().filter(|(name, _)| ["pk", "sk"].contains(&name.as_str()));
        let key = key.map(|(name, value)| (name.clone(), value.clone())).collect();
        let request = self.dynamodb().delete_item().table_name(self.stack.table_name());
        request.set_key(Some(key)).send().await.unwrap();
    }

    /// Sets an attribute of all items that pass the filter, of which there must be at least one.
    pub(crate) async fn set(&self, passes: impl Fn(&Item) -> bool, attribute: &str, value: AttributeValue) {
        let items = self.items(passes).await;
        assert!(!items.is_empty(), "no item matches");
        for mut item in items {
            item.insert(attribute.to_owned(), value.clone());
            self.put(item).await;
        }
    }
}

impl Desk {
    /// Calls the API of DynamoDB directly, bypassing the wire.
    pub(crate) async fn call_dynamodb(&self, operation: &str, request: &Value) -> Value {
        let target = format!("DynamoDB_20120810.{operation}");
        let headers = [
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-target", &target),
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00",
            ),
            ("x-amz-date", "20260101T000000Z"),
        ];
        let body = request.to_string().into_bytes();
        let url = self.stack.dynamodb_url();
        let response = Client::default().send(Method::POST, url, &headers, body, DEADLINE).await.unwrap();
        assert!(response.status.is_success(), "{operation}: {:?}", response.json());
        response.json().unwrap()
    }

    /// Pretends that every session was refreshed a minute ago, so that a refresh token that was
    /// replaced is no longer answered, and using the current one replaces it.
    pub(crate) async fn let_overlaps_end(&self) {
        let minute_ago = edges::clock::now().plus_seconds(-60).to_string();
        self.set(|item| sort_key_begins(item, "SESSION#"), "used_at", text(&minute_ago)).await;
    }

    /// Pretends that this many sign-ins with the address failed, from each network, the last one
    /// just now.
    pub(crate) async fn fail_sign_ins(&self, email: &str, times: i64) {
        let hash = TokenHash::of(email.as_bytes());
        let partitions = ["sign-in", "sign-in-at"].map(|kind| format!("ATTEMPTS#{kind}#{hash}"));
        let of_address = |item: &Item| partitions.iter().any(|partition| partition_begins(item, partition));
        self.set(of_address, "last_at", text(&edges::clock::now().to_string())).await;
        self.set(of_address, "attempt_count", number(times)).await;
    }
}

/// Returns a text as an attribute.
pub(crate) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// Returns a number as an attribute.
pub(crate) fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
