//! The relay with a queue that refuses messages.
//!
//! The embedded queue accepts everything that the relay sends, so a listener that answers like SQS
//! stands in for it.
#![cfg(test)]
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use aws_lambda_events::event::dynamodb::Event;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use edges::clock::Deadline;
use events::{EventQueues, relay};
use lambda_runtime::Context;
use serde_json::{Value, json};

/// How a queue refuses the messages of a group.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// Only in the first call: a short outage.
    Once,
    /// Only the entry, as the sender's fault.
    Entry,
    /// Only the entry, as the sender's fault, although it is temporary.
    Throttled,
    /// Every call with such a message, because of its characters.
    Call,
    /// Every call with such a message, because of a missing permission.
    Denied,
}

/// A queue that refuses the messages of one group and records all it accepts.
struct Queue {
    refused_group: &'static str,
    taken: Arc<Mutex<Vec<(String, String)>>>,
    events: EventQueues,
}

impl Queue {
    fn refusing(refused_group: &'static str) -> Self {
        Self::with(refused_group, Refusal::Once)
    }

    fn with(refused_group: &'static str, refusal: Refusal) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let taken = Arc::new(Mutex::new(Vec::new()));
        let remembered = Arc::clone(&taken);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let remembered = Arc::clone(&remembered);
                std::thread::spawn(move || answer(connection.unwrap(), refused_group, refusal, &remembered));
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
        let queue = |name: &str| edges::queue::Queue::new(client.clone(), format!("{endpoint}/000000000000/{name}"));
        let events = EventQueues::new(queue("events.fifo"), queue("accounts.fifo"), queue("unreadable"));
        Self { refused_group, taken, events }
    }

    /// Relays these records and returns those that were sent and those that were reported, each by
    /// its sequence number.
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

/// Answers calls of `SendMessageBatch` on one connection.
fn answer(mut connection: TcpStream, refused_group: &str, refusal: Refusal, taken: &Mutex<Vec<(String, String)>>) {
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
        let is_refused = |entry: &Value| group_of(entry) == refused_group && (call == 0 || refusal != Refusal::Once);
        let entries = request["Entries"].as_array().unwrap();
        let whole = match refusal {
            Refusal::Call => Some("InvalidMessageContents"),
            Refusal::Denied => Some("AccessDeniedException"),
            _ => None,
        };
        let (status, answer) = match whole.filter(|_| entries.iter().any(is_refused)) {
            Some(code) => (400, json!({"__type": format!("com.amazonaws.sqs#{code}"), "message": "No."})),
            None => (200, taken_in(entries, is_refused, refusal, taken)),
        };
        let answer = answer.to_string();
        let head = format!("HTTP/1.1 {status} Whatever\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length:");
        // In one write, because the second of several small ones would wait for the first to be
        // acknowledged.
        connection.write_all(format!("{head} {}\r\n\r\n{answer}", answer.len()).as_bytes()).unwrap();
    }
}

/// Returns the group of a message. An unreadable record has none.
fn group_of(entry: &Value) -> &str {
    entry["MessageGroupId"].as_str().unwrap_or("unreadable")
}

/// Accepts the entries that are not refused and returns the response.
fn taken_in(
    entries: &[Value],
    is_refused: impl Fn(&Value) -> bool,
    refusal: Refusal,
    taken: &Mutex<Vec<(String, String)>>,
) -> Value {
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        let event: Value = serde_json::from_str(entry["MessageBody"].as_str().unwrap()).unwrap();
        if is_refused(entry) {
            let (code, senders) = match refusal {
                Refusal::Once => ("InternalError", false),
                Refusal::Throttled => ("RequestThrottled", true),
                _ => ("InvalidParameterValue", true),
            };
            failed.push(json!({"Id": entry["Id"], "Code": code, "SenderFault": senders}));
        } else {
            let group = group_of(entry);
            let what = if group == "unreadable" { &event["key"]["sk"] } else { &event["data"]["seq"] };
            taken.lock().unwrap().push((group.to_owned(), what.to_string()));
            successful.push(json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": ""}));
        }
    }
    json!({"Successful": successful, "Failed": failed})
}

/// Returns the stream record of a ticket's log entry, with this sequence number.
fn record(place: u64, ticket: u64, seq: u64) -> Value {
    let sample = include_str!("../../events/workers-relay.json");
    let mut record = serde_json::from_str::<Value>(sample).unwrap()["Records"][0].clone();
    record["dynamodb"]["SequenceNumber"] = json!(place.to_string());
    record["dynamodb"]["NewImage"]["ticket"]["N"] = json!(ticket.to_string());
    record["dynamodb"]["NewImage"]["seq"]["N"] = json!(seq.to_string());
    let key = json!({"pk": {"S": format!("TICKET#{ticket}")}, "sk": {"S": format!("LOG#{seq:010}")}});
    record["dynamodb"]["Keys"] = key;
    record
}

fn places(range: impl IntoIterator<Item = u64>) -> BTreeSet<String> {
    range.into_iter().map(|place| place.to_string()).collect()
}

#[tokio::test]
async fn a_batch_is_sent_in_the_log_order_of_each_ticket() {
    let queue = Queue::refusing("none");
    let records = [record(100, 2, 2), record(101, 1, 1), record(102, 2, 1)];
    let (sent, reported) = queue.relay(&records).await;
    assert_eq!(sent, ["101", "102", "100"]);
    assert_eq!(reported, places([]));
}

#[tokio::test]
async fn unsent_records_are_reported_and_tickets_do_not_block_each_other() {
    let queue = Queue::refusing("1");
    // Ticket 1 has the lowest number and fails. Ticket 9 comes before it in the stream.
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
    record
}

#[tokio::test]
async fn an_unreadable_record_is_put_aside_by_its_key_and_blocks_nothing() {
    let queue = Queue::refusing("none");
    let (mut sent, reported) = queue.relay(&[record(100, 1, 1), unreadable(), record(102, 2, 1)]).await;
    sent.sort_unstable();
    assert_eq!(sent, ["100", "102", r#"unreadable "LOG#0000000002""#]);
    assert_eq!(reported, places([]));
}

#[tokio::test]
async fn an_unreadable_record_that_cannot_be_put_aside_is_reported() {
    let queue = Queue::refusing("unreadable");
    let (_sent, reported) = queue.relay(&[unreadable()]).await;
    assert_eq!(reported, places([101]));
}

#[tokio::test]
async fn with_no_time_left_every_record_is_reported() {
    let queue = Queue::refusing("none");
    let batch: Event = serde_json::from_value(json!({"Records": [record(100, 1, 1), record(101, 2, 1)]})).unwrap();
    let mut context = Context::default();
    context.deadline = u64::try_from(edges::clock::now().unix_milliseconds() + 500).unwrap();
    let response = relay(&queue.events, batch, Deadline::of(&context)).await;
    assert_eq!(response.batch_item_failures.len(), 2);
}

#[tokio::test]
async fn an_event_that_the_queue_rejects_is_put_aside_and_all_others_are_sent() {
    for refusal in [Refusal::Entry, Refusal::Call] {
        let queue = Queue::with("1", refusal);
        // More than fit into one call.
        let mut records: Vec<Value> = (1..=12).map(|seq| record(100 + seq, 2, seq)).collect();
        records.insert(3, record(99, 1, 1));
        let (mut sent, reported) = queue.relay(&records).await;
        let letters: Vec<String> = sent.extract_if(.., |sent| sent.starts_with("unreadable")).collect();
        assert_eq!(letters, [r#"unreadable "LOG#0000000001""#]);
        assert_eq!(sent, (101..=112).map(|place| place.to_string()).collect::<Vec<_>>(), "in order");
        assert_eq!(reported, places([]));
    }
}

#[tokio::test]
async fn later_events_of_a_ticket_are_handled_after_one_is_put_aside() {
    // Every event of ticket 1 is refused on its own: all are put aside, and none waits.
    let queue = Queue::with("1", Refusal::Call);
    let (sent, reported) = queue.relay(&[record(100, 1, 1), record(101, 2, 1), record(102, 1, 2)]).await;
    assert_eq!(sent.iter().filter(|sent| sent.starts_with("unreadable")).count(), 2);
    assert!(sent.contains(&"101".to_owned()) && reported.is_empty(), "{sent:?} {reported:?}");
}

#[tokio::test]
async fn a_temporary_refusal_is_reported_and_not_put_aside() {
    for refusal in [Refusal::Throttled, Refusal::Denied] {
        let queue = Queue::with("1", refusal);
        let (sent, reported) = queue.relay(&[record(100, 1, 1), record(101, 1, 2)]).await;
        assert!(sent.is_empty(), "{sent:?}");
        assert_eq!(reported, places([100, 101]));
    }
}
