use super::*;
use crate::http::Client;
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// Two queues, one of them FIFO, and their responses.
struct Queues {
    url: String,
    _tasks: JoinSet<()>,
}

impl Queues {
    async fn open(characters: ForeignCharacters) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let queue = |name: &str, attributes: &[(&str, &str)]| ResolvedQueue {
            id: name.to_owned(),
            name: name.to_owned(),
            url: format!("{url}/{ACCOUNT}/{name}"),
            arn: format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"),
            attributes: attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        };
        let queues = [queue("plain", &[]), queue("first.fifo", &[("FifoQueue", "true")])];
        let mut tasks = JoinSet::new();
        start(&queues, characters, listener, &mut tasks).await.unwrap();
        Self { url, _tasks: tasks }
    }

    async fn call(&self, operation: &str, queue: &str, mut request: Value) -> (u16, Value) {
        request["QueueUrl"] = json!(format!("{}/{ACCOUNT}/{queue}", self.url));
        let target = format!("AmazonSQS.{operation}");
        let headers = [("x-amz-target", target.as_str()), ("content-type", "application/x-amz-json-1.0")];
        let body = request.to_string().into_bytes();
        let answer =
            Client::default().send(Method::POST, &self.url, &headers, body, Duration::from_secs(5)).await.unwrap();
        (answer.status.as_u16(), answer.json().unwrap())
    }

    /// Returns the error code of a rejected message, or an empty text if it is accepted.
    async fn refusal(&self, queue: &str, message: Value) -> String {
        let (status, answer) = self.call("SendMessage", queue, message).await;
        assert_eq!(status == 200, answer["__type"].is_null(), "{answer}");
        answer["__type"].as_str().unwrap_or_default().to_owned()
    }

    /// Returns the bodies of the messages in the queue.
    async fn bodies(&self, queue: &str) -> Vec<String> {
        let (_, answer) = self.call("ReceiveMessage", queue, json!({"MaxNumberOfMessages": 10})).await;
        let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
        messages.iter().map(|message| message["Body"].as_str().unwrap().to_owned()).collect()
    }
}

fn attributes(count: usize) -> Value {
    let of = |place: usize| (format!("a{place}"), json!({"DataType": "String", "StringValue": "v"}));
    Value::Object((0..count).map(of).collect())
}

#[tokio::test]
async fn a_message_that_sqs_would_refuse_is_refused() {
    let queues = Queues::open(ForeignCharacters::Refused).await;
    let fifo = |group: &str| json!({"MessageBody": "{}", "MessageGroupId": group, "MessageDeduplicationId": "d"});
    for (queue, message, refusal) in [
        ("plain", json!({"MessageBody": "\t\n\r \u{d7ff}\u{e000}\u{fffd}\u{10000}\u{1ffff}\u{10ffff}"}), ""),
        ("plain", json!({"MessageBody": "a\u{ffff}"}), "com.amazonaws.sqs#InvalidMessageContents"),
        ("plain", json!({"MessageBody": "\u{fffe}"}), "com.amazonaws.sqs#InvalidMessageContents"),
        ("plain", json!({"MessageBody": "\u{0}"}), "com.amazonaws.sqs#InvalidMessageContents"),
        ("plain", json!({"MessageBody": "\u{1f}"}), "com.amazonaws.sqs#InvalidMessageContents"),
        ("plain", json!({"MessageBody": ""}), "MissingParameter"),
        ("plain", json!({"MessageBody": "x".repeat(1_048_577)}), "InvalidParameterValue"),
        ("plain", json!({"MessageBody": "x", "MessageAttributes": attributes(10)}), ""),
        ("plain", json!({"MessageBody": "x", "MessageAttributes": attributes(11)}), "InvalidParameterValue"),
        (
            "plain",
            json!({"MessageBody": "x", "MessageAttributes": {"a": {"DataType": "String", "StringValue": "\u{ffff}"}}}),
            "InvalidParameterValue",
        ),
        ("first.fifo", fifo("tickets/7"), ""),
        ("first.fifo", json!({"MessageBody": "x", "MessageDeduplicationId": "d"}), "MissingParameter"),
        ("first.fifo", fifo("a b"), "InvalidParameterValue"),
        ("first.fifo", fifo("é"), "InvalidParameterValue"),
        ("first.fifo", fifo(&"g".repeat(129)), "InvalidParameterValue"),
    ] {
        assert_eq!(queues.refusal(queue, message.clone()).await, refusal, "{:.200}", message.to_string());
    }
}

#[tokio::test]
async fn a_batch_is_refused_as_a_whole_or_without_its_bad_entries_as_sqs_does() {
    let queues = Queues::open(ForeignCharacters::Refused).await;
    let batch = |bodies: &[String]| {
        let entry = |(place, body): (usize, &String)| json!({"Id": place.to_string(), "MessageBody": body});
        json!({"Entries": bodies.iter().enumerate().map(entry).collect::<Vec<_>>()})
    };
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    for (bodies, refusal) in [
        (texts(&["one", "two\u{ffff}"]), "com.amazonaws.sqs#InvalidMessageContents"),
        (vec!["x".repeat(150_000); 7], "AWS.SimpleQueueService.BatchRequestTooLong"),
        (vec!["x".to_owned(); 11], "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"),
        (Vec::new(), "AWS.SimpleQueueService.EmptyBatchRequest"),
    ] {
        let (status, answer) = queues.call("SendMessageBatch", "plain", batch(&bodies)).await;
        assert_eq!((status, answer["__type"].as_str().unwrap()), (400, refusal));
    }
    assert!(queues.bodies("plain").await.is_empty(), "a refused batch is refused entirely");
    let (status, answer) = queues.call("SendMessageBatch", "plain", batch(&texts(&["one", "", "three"]))).await;
    let ids = |list: &str| -> Vec<Value> {
        answer[list].as_array().unwrap().iter().map(|entry| entry["Id"].clone()).collect()
    };
    assert_eq!((status, ids("Successful"), ids("Failed")), (200, vec![json!("0"), json!("2")], vec![json!("1")]));
    assert_eq!(answer["Failed"][0]["SenderFault"], true);
    assert_eq!(queues.bodies("plain").await, ["one", "three"]);
}

#[tokio::test]
async fn a_character_that_sqs_does_not_accept_can_be_replaced() {
    let queues = Queues::open(ForeignCharacters::Replaced).await;
    let entries = json!([{"Id": "0", "MessageBody": "a\u{ffff}"}, {"Id": "1", "MessageBody": "\u{0}b\u{fffe}"}]);
    queues.call("SendMessageBatch", "plain", json!({ "Entries": entries })).await;
    assert_eq!(queues.bodies("plain").await, ["a\u{fffd}", "\u{fffd}b\u{fffd}"]);
}
