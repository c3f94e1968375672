use super::*;
use crate::engine;
use crate::template::ResolvedTable;
use serde_json::{Value, json};

/// A header with which the engine's own server accepts a request. No signature is verified.
const SIGNED: &str =
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00";

struct Running {
    url: String,
    /// The address of a server of the engine itself, on the same database.
    own: String,
    client: Client,
    _tasks: JoinSet<()>,
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    (listener, url)
}

impl Running {
    /// Serves a table `things` with the key `pk`.
    async fn start() -> Self {
        let table = ResolvedTable {
            name: "things".to_owned(),
            arn: String::new(),
            stream_arn: String::new(),
            create_request: json!({
                "TableName": "things",
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            }),
            ttl_attribute: None,
        };
        let database = engine::open(None).unwrap();
        engine::prepare(&database, &table).unwrap();
        let ((listener, url), (own_listener, own)) = (listen().await, listen().await);
        let mut tasks = JoinSet::new();
        spawn(&database, listener, &mut tasks).await.unwrap();
        tasks.spawn(dynoxide::server::serve_on(own_listener, database));
        Self { url, own, client: Client::default(), _tasks: tasks }
    }

    async fn call(&self, operation: &str, body: &Value) -> (u16, Value) {
        self.send(&self.url, &[("authorization", SIGNED)], operation, body).await
    }

    async fn send(&self, url: &str, headers: &[(&str, &str)], operation: &str, body: &Value) -> (u16, Value) {
        let target = format!("{PREFIX}{operation}");
        let own = [("content-type", JSON), (OPERATION, target.as_str()), ("x-amz-date", "20260101T000000Z")];
        let headers: Vec<(&str, &str)> = own.into_iter().chain(headers.iter().copied()).collect();
        let body = body.to_string().into_bytes();
        let answer = self.client.send(Method::POST, url, &headers, body, PASSED_ON_WITHIN).await.unwrap();
        (answer.status.as_u16(), answer.json().unwrap())
    }

    async fn count(&self) -> Value {
        let key = json!({"TableName": "things", "Key": {"pk": {"S": "counter"}}});
        self.call("GetItem", &key).await.1["Item"]["count"]["N"].clone()
    }
}

/// Adds to a counter, in a transaction with this token.
fn add(number: u64, token: &str) -> Value {
    let update = json!({
        "TableName": "things",
        "Key": {"pk": {"S": "counter"}},
        "UpdateExpression": "ADD #count :number",
        "ExpressionAttributeNames": {"#count": "count"},
        "ExpressionAttributeValues": {":number": {"N": number.to_string()}},
    });
    json!({"TransactItems": [{"Update": update}], "ClientRequestToken": token})
}

#[tokio::test]
async fn a_transaction_with_the_same_token_is_executed_once() {
    let engine = Running::start().await;
    for _ in 0..2 {
        assert_eq!(engine.call("TransactWriteItems", &add(1, "first")).await, (200, json!({})));
    }
    assert_eq!(engine.count().await, json!("1"));
    assert_eq!(engine.call("TransactWriteItems", &add(1, "second")).await.0, 200);
    assert_eq!(engine.count().await, json!("2"));
}

#[tokio::test]
async fn another_transaction_with_the_same_token_is_refused() {
    let engine = Running::start().await;
    engine.call("TransactWriteItems", &add(1, "token")).await;
    let (status, body) = engine.call("TransactWriteItems", &add(2, "token")).await;
    let kind = "com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException";
    assert_eq!((status, &body["__type"]), (400, &json!(kind)));
    assert_eq!(engine.count().await, json!("1"));
}

#[tokio::test]
async fn a_refused_transaction_may_be_repeated_with_its_token() {
    let engine = Running::start().await;
    let mut conditional = add(1, "token");
    conditional["TransactItems"][0]["Update"]["ConditionExpression"] = json!("attribute_exists(pk)");
    let (status, body) = engine.call("TransactWriteItems", &conditional).await;
    assert_eq!((status, &body["CancellationReasons"][0]["Code"]), (400, &json!("ConditionalCheckFailed")), "{body}");
    engine.call("PutItem", &json!({"TableName": "things", "Item": {"pk": {"S": "counter"}}})).await;
    assert_eq!(engine.call("TransactWriteItems", &conditional).await, (200, json!({})));
    assert_eq!(engine.count().await, json!("1"));
}

#[tokio::test]
async fn every_other_answer_is_that_of_the_engines_own_server() {
    let engine = Running::start().await;
    engine.call("TransactWriteItems", &add(1, "token")).await;
    let of_things = |member: &str, value: Value| json!({"TableName": "things", member: value});
    let key = json!({"pk": {"S": "counter"}});
    let condition = json!({
        "TableName": "things",
        "Item": key,
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    });
    let headers = [("authorization", SIGNED)];
    for (operation, body, headers, status) in [
        ("GetItem", of_things("Key", key.clone()), &headers[..], 200),
        ("BatchGetItem", json!({"RequestItems": {"things": {"Keys": [key]}}}), &headers, 200),
        ("Scan", json!({"TableName": "things"}), &headers, 200),
        ("ListTables", json!({}), &headers, 200),
        ("PutItem", condition, &headers, 400),
        ("PutItem", of_things("Item", json!({})), &headers, 400),
        ("PutItem", of_things("Item", json!({"pk": {"N": "x"}})), &headers, 400),
        ("GetItem", json!({"TableName": "nothing", "Key": key}), &headers, 400),
        ("GetItem", json!({"TableName": 7, "Key": {}}), &headers, 400),
        ("Query", of_things("KeyConditionExpression", json!("pk =")), &headers, 400),
        ("TransactWriteItems", add(1, &"x".repeat(MAX_TOKEN_LENGTH + 1)), &headers, 400),
        ("Nothing", json!({}), &headers, 400),
        ("GetItem", of_things("Key", key.clone()), &[], 400),
    ] {
        let answer = engine.send(&engine.url, headers, operation, &body).await;
        assert_eq!(answer, engine.send(&engine.own, headers, operation, &body).await, "{operation} {body}");
        assert_eq!(answer.0, status, "{operation} {body}: {}", answer.1);
    }
}
