use super::*;
use serde_json::json;

const TABLE: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/t";

fn leading() -> LeadingKeys {
    let hash =
        |name: &str| json!([{"AttributeName": name, "KeyType": "HASH"}, {"AttributeName": "r", "KeyType": "RANGE"}]);
    LeadingKeys::of(&json!({
        "KeySchema": hash("pk"),
        "GlobalSecondaryIndexes": [{"IndexName": "i", "KeySchema": hash("i_key")}],
    }))
}

fn rights(service: Service, operation: &str, request: Value) -> Vec<String> {
    let call = Call { function: "f".to_owned(), service, operation: operation.to_owned(), request };
    call.rights(&leading()).iter().map(Right::to_string).collect()
}

fn key(pk: &str) -> Value {
    json!({"pk": {"S": pk}, "sk": {"S": "HEAD"}})
}

#[test]
fn a_table_call_needs_its_action_on_each_partition_it_names() {
    let query = |index: Option<&str>, names: Value| {
        let mut request = json!({
            "TableName": "t", "KeyConditionExpression": "#hash = :hash AND begins_with(#range, :prefix)",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": {":hash": {"S": "USER#1"}, ":prefix": {"S": "SESSION#"}},
        });
        if let Some(index) = index {
            request["IndexName"] = json!(index);
        }
        request
    };
    let put = |pk: &str| json!({"Put": {"TableName": "t", "Item": key(pk)}});
    for (operation, request, expected) in [
        ("GetItem", json!({"TableName": "t", "Key": key("USER#1")}), vec![("GetItem", "", "USER#1")]),
        ("PutItem", json!({"TableName": "t", "Item": key("USER#1")}), vec![("PutItem", "", "USER#1")]),
        ("Query", query(None, json!({"#hash": "pk", "#range": "sk"})), vec![("Query", "", "USER#1")]),
        ("Query", query(Some("i"), json!({"#hash": "i_key", "#range": "r"})), vec![("Query", "/index/i", "USER#1")]),
        (
            "TransactWriteItems",
            json!({"TransactItems": [
                put("TICKET#1"), put("REPLAY#1"), {"ConditionCheck": {"TableName": "t", "Key": key("USER#1")}},
            ]}),
            vec![("ConditionCheckItem", "", "USER#1"), ("PutItem", "", "REPLAY#1"), ("PutItem", "", "TICKET#1")],
        ),
        (
            "BatchGetItem",
            json!({"RequestItems": {"t": {"Keys": [key("TICKET#1"), key("TICKETS#0")]}}}),
            vec![("BatchGetItem", "", "TICKET#1"), ("BatchGetItem", "", "TICKETS#0")],
        ),
        (
            "BatchWriteItem",
            json!({"RequestItems": {"t": [
                {"DeleteRequest": {"Key": key("USER#1")}}, {"PutRequest": {"Item": key("USER#2")}},
            ]}}),
            vec![("BatchWriteItem", "", "USER#1"), ("BatchWriteItem", "", "USER#2")],
        ),
    ] {
        let expected: Vec<String> = expected
            .iter()
            .map(|(action, index, key)| format!("dynamodb:{action} on {TABLE}{index}, leading key {key}"))
            .collect();
        assert_eq!(rights(Service::DynamoDb, operation, request), expected, "{operation}");
    }
}

#[test]
fn a_call_needs_what_the_service_authorization_reference_says() {
    for (service, operation, request, expected) in [
        (
            Service::Sqs,
            "SendMessageBatch",
            json!({"QueueUrl": "http://127.0.0.1:1/000000000000/q.fifo"}),
            "sqs:SendMessage on arn:aws:sqs:us-east-1:000000000000:q.fifo",
        ),
        (
            Service::Ssm,
            "GetParameter",
            json!({"Name": "/a/b"}),
            "ssm:GetParameter on arn:aws:ssm:us-east-1:000000000000:parameter/a/b",
        ),
        (
            Service::Ssm,
            "PutParameter",
            json!({"Name": "/a/b", "Overwrite": true}),
            "ssm:PutParameter on arn:aws:ssm:us-east-1:000000000000:parameter/a/b, ssm:Overwrite true",
        ),
        (
            Service::Ses,
            "outbound-emails",
            json!({"FromEmailAddress": "Help <desk@example.org>"}),
            "ses:SendEmail on arn:aws:ses:us-east-1:000000000000:identity/example.org",
        ),
    ] {
        assert_eq!(rights(service, operation, request), [expected], "{operation}");
    }
}

#[test]
fn a_permission_covers_only_calls_with_the_keys_it_is_granted_for() {
    let right = |key: Option<&str>| Right::new("dynamodb:GetItem", TABLE).on(key.map(str::to_owned));
    for (granted, needed, covers) in [
        (None, Some("USER#1"), true),
        (Some("USER#*"), Some("USER#1"), true),
        (Some("USER#*"), Some("USERS"), false),
        (Some("WEBHOOKS"), Some("WEBHOOKS"), true),
        (Some("WEBHOOKS"), Some("WEBHOOKS#1"), false),
        (Some("USER#*"), None, false),
    ] {
        assert_eq!(right(granted).covers(&right(needed)), covers, "{granted:?} {needed:?}");
    }
    assert!(!Right::new("dynamodb:PutItem", TABLE).covers(&right(Some("USER#1"))));
    assert!(!right(None).covers(&Right::new("dynamodb:GetItem", format!("{TABLE}/index/i"))));
    assert_eq!(right(Some("TICKET#12")).on_same_prefix(), right(Some("TICKET#*")));
}

#[test]
fn a_denied_overwrite_leaves_the_permission_to_make_a_parameter() {
    let right = || Right::new("ssm:PutParameter", "arn:aws:ssm:us-east-1:000000000000:parameter/a");
    let never = right().that_overwrites(false);
    for overwrites in [false, true] {
        let needed = right().that_overwrites(overwrites);
        assert!(right().covers(&needed));
        assert_eq!(never.covers(&needed), !overwrites);
    }
}

/// SES requires permission for the sender's identity and for the configuration set.
#[test]
fn a_mail_with_a_configuration_set_needs_permission_for_both() {
    let request = json!({"FromEmailAddress": "desk@example.org", "ConfigurationSetName": "mails"});
    let expected = ["configuration-set/mails", "identity/example.org"];
    let expected = expected.map(|on| format!("ses:SendEmail on arn:aws:ses:us-east-1:000000000000:{on}"));
    assert_eq!(rights(Service::Ses, "outbound-emails", request), expected);
}
