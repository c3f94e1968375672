use super::*;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use local::serve;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// A stream whose shards have two records, one for each read. A shard ends with its second record,
/// or never.
#[derive(Default)]
struct Stream {
    /// Ids, parents and whether they end.
    shards: Vec<(&'static str, &'static str, bool)>,
    /// The errors of the next reads of records.
    refusals: Vec<&'static str>,
}

impl Stream {
    fn answer(&mut self, operation: &str, request: &Value) -> (StatusCode, Value) {
        if operation == "GetRecords" && !self.refusals.is_empty() {
            return (StatusCode::BAD_REQUEST, json!({ "__type": self.refusals.remove(0) }));
        }
        let answer = match operation {
            "DescribeStream" => self.describe(request["ExclusiveStartShardId"].as_str()),
            "GetShardIterator" => json!({ "ShardIterator": format!("{}:1", request["ShardId"].as_str().unwrap()) }),
            _ => self.records(request["ShardIterator"].as_str().unwrap()),
        };
        (StatusCode::OK, answer)
    }

    /// Returns one shard a page.
    fn describe(&self, after: Option<&str>) -> Value {
        let next = after.map_or(0, |after| self.shards.iter().position(|shard| shard.0 == after).unwrap() + 1);
        let (id, parent, _) = self.shards[next];
        let last = (next + 1 < self.shards.len()).then_some(id);
        let shard = json!({ "ShardId": id, "ParentShardId": (!parent.is_empty()).then_some(parent) });
        json!({ "StreamDescription": { "Shards": [shard], "LastEvaluatedShardId": last } })
    }

    fn records(&self, iterator: &str) -> Value {
        let (id, number) = iterator.split_once(':').unwrap();
        let number: usize = number.parse().unwrap();
        let ends = self.shards.iter().any(|shard| shard.0 == id && shard.2);
        let next = (number < 2 || !ends).then(|| format!("{id}:{}", number + 1));
        let record = json!({ "dynamodb": { "SequenceNumber": iterator } });
        let records: Vec<Value> = (number < 3).then_some(record).into_iter().collect();
        json!({ "Records": records, "NextShardIterator": next })
    }
}

async fn serve(stream: Stream) -> (Shards, Arc<Mutex<Stream>>, JoinSet<()>) {
    let stream = Arc::new(Mutex::new(stream));
    let answering = Arc::clone(&stream);
    let service = service_fn(move |request: Request<Incoming>| {
        let stream = Arc::clone(&answering);
        async move {
            let target = request.headers()["x-amz-target"].to_str().unwrap().to_owned();
            let operation = target.strip_prefix("DynamoDBStreams_20120810.").unwrap();
            let body = request.into_body().collect().await.unwrap().to_bytes();
            let (status, answer) = stream.lock().unwrap().answer(operation, &serde_json::from_slice(&body).unwrap());
            let body = Full::<Bytes>::from(answer.to_string());
            Ok::<_, Infallible>(Response::builder().status(status).body(body).unwrap())
        }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut tasks = JoinSet::new();
    serve::spawn(listener, service, &mut tasks);
    (Shards::new(DynamoDb::at(&url), "arn:of/the/stream".to_owned()), stream, tasks)
}

/// Reads this many times and returns the records, checking the shard that each is said to be from.
async fn read(records: &mut Shards, times: usize) -> Vec<String> {
    let mut read = Vec::new();
    for _ in 0..times {
        let found = records.read().await.unwrap();
        for record in found.records {
            let record = sequence_number(&record).to_owned();
            assert!(record.starts_with(&format!("{}:", found.shard)), "{record} is not of {}", found.shard);
            read.push(record);
        }
    }
    read
}

#[tokio::test]
async fn a_shard_is_read_after_its_parent_and_others_take_turns() {
    let shards = vec![("a", "", true), ("a2", "a", true), ("b", "", false), ("orphan", "trimmed", false)];
    let (mut records, _stream, _tasks) = serve(Stream { shards, refusals: Vec::new() }).await;
    let order = ["a:1", "b:1", "orphan:1", "a:2", "b:2", "orphan:2", "a2:1", "a2:2"];
    assert_eq!(read(&mut records, 20).await, order);
}

#[tokio::test]
async fn a_shard_that_appears_after_the_last_one_ended_is_found() {
    let (mut records, stream, _tasks) = serve(Stream { shards: vec![("a", "", true)], refusals: Vec::new() }).await;
    assert_eq!(read(&mut records, 5).await, ["a:1", "a:2"]);
    stream.lock().unwrap().shards.push(("a2", "a", false));
    assert_eq!(read(&mut records, 5).await, ["a2:1", "a2:2"]);
}

#[tokio::test]
async fn a_refused_read_is_repeated() {
    let (mut records, stream, _tasks) = serve(Stream { shards: vec![("a", "", false)], refusals: Vec::new() }).await;
    for expected in ["a:1", "a:2"] {
        stream.lock().unwrap().refusals = vec!["InternalServerError"];
        assert!(records.read().await.is_err());
        assert_eq!(read(&mut records, 1).await, [expected]);
    }
}

#[tokio::test]
async fn a_shard_with_a_trimmed_iterator_restarts_without_duplicates() {
    let (mut records, stream, _tasks) = serve(Stream { shards: vec![("a", "", false)], refusals: Vec::new() }).await;
    assert_eq!(read(&mut records, 1).await, ["a:1"]);
    stream.lock().unwrap().refusals = vec![TRIMMED];
    assert_eq!(read(&mut records, 3).await, ["a:2"]);
}
