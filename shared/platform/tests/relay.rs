//! The relay with a queue that refuses.
//!
//! The embedded queue never refuses a part of a batch, so here a listener stands in for it, which answers as SQS does.
#![cfg(test)]

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use aws_lambda_events::event::dynamodb::Event;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use lambda_runtime::Context;
use platform::clock::Deadline;
use platform::events::{EventQueues, relay};
use serde_json::{Value, json};

/// A queue that refuses the messages of one group in its first call, and remembers all it takes.
struct Queue {
    refused_group: &'static str,
    taken: Arc<Mutex<Vec<(String, String)>>>,
    events: EventQueues,
}

impl Queue {
    fn refusing(refused_group: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let taken = Arc::new(Mutex::new(Vec::new()));
        let remembered = Arc::clone(&taken);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let remembered = Arc::clone(&remembered);
                std::thread::spawn(move || answer(connection.unwrap(), refused_group, &remembered));
            }
        });
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(local::REGION))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url(&endpoint)
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        let client = Client::from_conf(config);
        let queue = |name: &str| platform::queue::Queue::new(client.clone(), format!("{endpoint}/000000000000/{name}"));
        let events = EventQueues::new(queue("events.fifo"), queue("accounts.fifo"), queue("unreadable"));
        Self { refused_group, taken, events }
    }

    /// Relays these records, and gives what was sent and what was reported, each as its place in the stream.
    async fn relay(&self, records: &[Value]) -> (Vec<String>, BTreeSet<String>) {
        let batch: Event = serde_json::from_value(json!({"Records": records})).unwrap();
        let response = relay(&self.events, batch, Deadline::of(&Context::default())).await;
        let reported = response.batch_item_failures.into_iter().map(|failure| failure.item_identifier.unwrap());
        let taken = self.taken.lock().unwrap();
        assert!(taken.iter().all(|(group, _)| group != self.refused_group));
        let places = |(group, seq): &(String, String)| {
            if group == "unreadable" {
                return format!("unreadable {seq}");
            }
            let is_it = |record: &&Value| {
                let image = &record["dynamodb"]["NewImage"];
                image["ticket"]["N"] == group.as_str() && image["seq"]["N"] == seq.as_str()
            };
            let record = records.iter().find(is_it).unwrap();
            record["dynamodb"]["SequenceNumber"].as_str().unwrap().to_owned()
        };
        (taken.iter().map(places).collect(), reported.collect())
    }
}

/// Answers calls of `SendMessageBatch` on one connection. The first refuses.
fn answer(mut connection: TcpStream, refused_group: &str, taken: &Mutex<Vec<(String, String)>>) {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    for call in 0.. {
        let mut length = 0;
        let mut line = String::new();
        while reader.read_line(&mut line).unwrap() > 0 && line != "\r\n" {
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        if length == 0 {
            return;
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let request: Value = serde_json::from_slice(&body).unwrap();
        let (mut successful, mut failed) = (Vec::new(), Vec::new());
        for entry in request["Entries"].as_array().unwrap() {
            // What could not be read belongs to no group.
            let group = entry["MessageGroupId"].as_str().unwrap_or("unreadable");
            let event: Value = serde_json::from_str(entry["MessageBody"].as_str().unwrap()).unwrap();
            if group == refused_group && call == 0 {
                failed.push(json!({"Id": entry["Id"], "Code": "InternalError", "SenderFault": false}));
            } else {
                let what = if group == "unreadable" { &event["key"]["sk"] } else { &event["data"]["seq"] };
                taken.lock().unwrap().push((group.to_owned(), what.to_string()));
                successful.push(json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": ""}));
            }
        }
        let answer = json!({"Successful": successful, "Failed": failed}).to_string();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length:";
        // In one piece: of several small ones the second would wait for the first to be acknowledged.
        connection.write_all(format!("{head} {}\r\n\r\n{answer}", answer.len()).as_bytes()).unwrap();
    }
}

/// The record of a ticket's entry at a place in the stream.
fn record(place: u64, ticket: u64, seq: u64) -> Value {
    let sample = include_str!("../../../events/workers-relay.json");
    let mut record = serde_json::from_str::<Value>(sample).unwrap()["Records"][0].clone();
    record["dynamodb"]["SequenceNumber"] = json!(place.to_string());
    record["dynamodb"]["NewImage"]["ticket"]["N"] = json!(ticket.to_string());
    record["dynamodb"]["NewImage"]["seq"]["N"] = json!(seq.to_string());
    record
}

fn places(range: impl IntoIterator<Item = u64>) -> BTreeSet<String> {
    range.into_iter().map(|place| place.to_string()).collect()
}

#[tokio::test]
async fn a_batch_is_sent_in_the_order_of_each_tickets_log() {
    let queue = Queue::refusing("none");
    let records = [record(100, 2, 2), record(101, 1, 1), record(102, 2, 1)];
    let (sent, reported) = queue.relay(&records).await;
    assert_eq!(sent, ["101", "102", "100"]);
    assert_eq!(reported, places([]));
}

#[tokio::test]
async fn every_record_that_was_not_sent_is_reported_and_no_ticket_waits_for_another() {
    let queue = Queue::refusing("1");
    // Ticket 1 comes first by number and fails; ticket 9 stands before it in the stream.
    let mut records = vec![record(100, 9, 1)];
    records.extend((1..=25).map(|seq| record(100 + seq, 1, seq)));
    records.push(record(126, 9, 2));
    let (sent, reported) = queue.relay(&records).await;
    assert_eq!(sent, ["100", "126"]);
    assert_eq!(reported, places(101..=125));
}

fn unreadable() -> Value {
    let mut record = record(101, 1, 2);
    record["dynamodb"]["NewImage"]["hash"] = json!({"S": "nonsense"});
    record["dynamodb"]["Keys"] = json!({"pk": {"S": "TICKET#1"}, "sk": {"S": "LOG#0000000002"}});
    record
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_put_aside_by_its_key_and_holds_up_nothing() {
    let queue = Queue::refusing("none");
    let (mut sent, reported) = queue.relay(&[record(100, 1, 1), unreadable(), record(102, 2, 1)]).await;
    sent.sort_unstable();
    assert_eq!(sent, ["100", "102", r#"unreadable "LOG#0000000002""#]);
    assert_eq!(reported, places([]));
}

#[tokio::test]
async fn a_record_that_can_neither_be_read_nor_put_aside_is_reported() {
    let queue = Queue::refusing("unreadable");
    let (_sent, reported) = queue.relay(&[unreadable()]).await;
    assert_eq!(reported, places([101]));
}

#[tokio::test]
async fn with_no_time_left_everything_is_reported() {
    let queue = Queue::refusing("none");
    let batch: Event = serde_json::from_value(json!({"Records": [record(100, 1, 1), record(101, 2, 1)]})).unwrap();
    let mut context = Context::default();
    context.deadline = u64::try_from(platform::clock::now().unix_milliseconds() + 500).unwrap();
    let response = relay(&queue.events, batch, Deadline::of(&context)).await;
    assert_eq!(response.batch_item_failures.len(), 2);
}
