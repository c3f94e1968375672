//! Tests of the mappings between the real engine and queues, with a stub of the Lambda interface.

use super::*;
use crate::functions::{Instances, Invoker};
use crate::records::{Embedded, sequence_number};
use crate::{engine, queues, serve};
use bytes::Bytes;
use dynoxide::Database;
use dynoxide::actions::put_item::PutItemRequest;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use rustack_sqs_model::input::{ReceiveMessageInput, SendMessageInput};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::Mutex;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

const TEMPLATE: &str = r#"
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
      StreamSpecification: { StreamViewType: NEW_IMAGE }
  Events:
    Type: AWS::SQS::Queue
    Properties: { VisibilityTimeout: 1 }
  GivenUp:
    Type: AWS::SQS::Queue
  WorkersRelay: { Type: AWS::Serverless::Function, Properties: { Timeout: 1 } }
  WorkersNotify: { Type: AWS::Serverless::Function, Properties: { Timeout: 1 } }
  RelayMapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref WorkersRelay
      EventSourceArn: !GetAtt Table.StreamArn
      StartingPosition: TRIM_HORIZON
      BatchSize: 2
      MaximumRetryAttempts: 1
      FunctionResponseTypes: [ReportBatchItemFailures]
      FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"Keys":{"pk":{"S":[{"prefix":"LOG#"}]}}}}' }] }
      DestinationConfig: { OnFailure: { Destination: !GetAtt GivenUp.Arn } }
  NotifyMapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref WorkersNotify
      EventSourceArn: !GetAtt Events.Arn
      FunctionResponseTypes: [ReportBatchItemFailures]
"#;

/// A stub that returns the prepared responses in order, then success, and records what it was sent.
#[derive(Clone, Default)]
struct Stub {
    answers: Arc<Mutex<VecDeque<(StatusCode, Value)>>>,
    sent: Arc<Mutex<Vec<Value>>>,
}

impl Stub {
    fn answering(answers: impl IntoIterator<Item = (u16, Value)>) -> Self {
        let answers = answers.into_iter().map(|(status, body)| (StatusCode::from_u16(status).unwrap(), body));
        Self { answers: Arc::new(Mutex::new(answers.collect())), sent: Arc::default() }
    }

    async fn answer(self, request: Request<Incoming>) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
        let body = request.into_body().collect().await.unwrap().to_bytes();
        self.sent.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
        let answer = self.answers.lock().unwrap().pop_front();
        let (status, body) = answer.unwrap_or((StatusCode::OK, Value::Null));
        let response = Response::builder().status(status).body(Full::from(body.to_string()));
        Ok(response.unwrap())
    }

    /// Returns every batch sent so far, each as the values at `pointer` in its records.
    fn batches(&self, pointer: &str) -> Vec<Vec<String>> {
        let sent = self.sent.lock().unwrap();
        let value = |record: &Value| record.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        sent.iter().map(|event| event["Records"].as_array().unwrap().iter().map(value).collect()).collect()
    }

    async fn until_sent(&self, batches: usize) {
        let enough = async {
            while self.sent.lock().unwrap().len() < batches {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(10), enough).await.expect("the batches are sent");
    }
}

struct Fixture {
    database: Database,
    records: Embedded,
    parts: Parts,
    resolved: Resolved,
    template: Template,
    stub: Stub,
    tasks: JoinSet<()>,
}

impl Fixture {
    async fn new(stub: Stub) -> Self {
        let mut tasks = JoinSet::new();
        let template = Template::parse(TEMPLATE).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let resolved = template.resolve(&BTreeMap::new(), &format!("http://{address}"), "http://127.0.0.1:2").unwrap();
        let database = engine::open(None).unwrap();
        engine::prepare(&database, &resolved.table).unwrap();
        let sqs =
            queues::start(&resolved.queues, crate::ForeignCharacters::default(), listener, &mut tasks).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let invoker = Invoker::new(format!("http://{}", listener.local_addr().unwrap()), Instances::default());
        let answering = stub.clone();
        let service = service_fn(move |request| answering.clone().answer(request));
        serve::spawn(listener, service, &mut tasks);
        let records = Embedded::open(database.clone(), &resolved.table.name).unwrap();
        Self { database, records, parts: Parts { sqs, invoker }, resolved, template, stub, tasks }
    }

    fn start(&mut self) {
        start(&self.template, &self.resolved, &self.records, &self.parts, &mut self.tasks).unwrap();
    }

    fn put(&self, key: &str) {
        let request = json!({"TableName": self.resolved.table.name, "Item": {"pk": {"S": key}}});
        let request: PutItemRequest = serde_json::from_value(request).unwrap();
        self.database.put_item(request).unwrap();
    }

    fn url(&self, id: &str) -> String {
        self.resolved.queue(id).unwrap().url.clone()
    }

    async fn send(&self, body: &str) {
        let input = SendMessageInput {
            queue_url: self.url("Events"),
            message_body: body.to_owned(),
            ..SendMessageInput::default()
        };
        self.parts.sqs.send_message(input).await.unwrap();
    }

    async fn given_up(&self) -> Value {
        let input = ReceiveMessageInput {
            queue_url: self.url("GivenUp"),
            wait_time_seconds: Some(10),
            ..ReceiveMessageInput::default()
        };
        let message = self.parts.sqs.receive_message(input).await.unwrap().messages.remove(0);
        serde_json::from_str(&message.body.unwrap()).unwrap()
    }
}

const KEY: &str = "/dynamodb/Keys/pk/S";
const BODY: &str = "/body";

#[tokio::test]
async fn earlier_records_arrive_filtered_in_order_and_in_batches() {
    let mut fixture = Fixture::new(Stub::default()).await;
    for key in ["LOG#1", "HEAD", "LOG#2", "LOG#3"] {
        fixture.put(key);
    }
    fixture.start();
    fixture.stub.until_sent(2).await;
    assert_eq!(fixture.stub.batches(KEY), [vec!["LOG#1", "LOG#2"], vec!["LOG#3"]]);
    let record = fixture.stub.sent.lock().unwrap()[0]["Records"][0].clone();
    assert_eq!(record["eventName"], "INSERT");
    assert_eq!(record["eventSource"], "aws:dynamodb");
    assert_eq!(record["dynamodb"]["StreamViewType"], "NEW_IMAGE");
    assert!(record["dynamodb"]["ApproximateCreationDateTime"].is_i64());
    assert!(record["eventSourceARN"].as_str().unwrap().contains("table/helpdesk-Table/stream/"));
}

#[tokio::test]
async fn a_failed_record_is_sent_again_with_the_following_ones() {
    let mut fixture = Fixture::new(Stub::default()).await;
    fixture.put("LOG#1");
    fixture.put("LOG#2");
    let found = fixture.records.another().read().await.unwrap();
    let number = sequence_number(&found.records[1]);
    let failure = json!({"batchItemFailures": [{"itemIdentifier": number}]});
    fixture.stub.answers.lock().unwrap().push_back((StatusCode::OK, failure));
    fixture.start();
    fixture.stub.until_sent(2).await;
    assert_eq!(fixture.stub.batches(KEY), [vec!["LOG#1", "LOG#2"], vec!["LOG#2"]]);
}

#[tokio::test]
async fn a_batch_that_fails_too_often_is_reported_to_the_destination() {
    let error = || (500, json!({"errorMessage": "no", "errorType": "Error"}));
    let mut fixture = Fixture::new(Stub::answering([error(), error()])).await;
    for key in ["LOG#1", "LOG#2", "LOG#3"] {
        fixture.put(key);
    }
    fixture.start();
    let report = fixture.given_up().await;
    assert_eq!(report["requestContext"]["condition"], "RetryAttemptsExhausted");
    assert_eq!(report["requestContext"]["approximateInvokeCount"], 2);
    assert_eq!(report["DDBStreamBatchInfo"]["batchSize"], 2);
    fixture.stub.until_sent(3).await;
    assert_eq!(fixture.stub.batches(KEY)[2], ["LOG#3"]);
}

#[tokio::test]
async fn only_the_failed_message_is_delivered_again() {
    let mut fixture = Fixture::new(Stub::default()).await;
    fixture.send("good").await;
    fixture.start();
    fixture.stub.until_sent(1).await;
    let message = fixture.stub.sent.lock().unwrap()[0]["Records"][0].clone();
    assert_eq!(message["eventSource"], "aws:sqs");
    assert_eq!(message["attributes"]["ApproximateReceiveCount"], "1");
    fixture.stub.answers.lock().unwrap().push_back((StatusCode::INTERNAL_SERVER_ERROR, json!({"errorMessage": "no"})));
    fixture.send("bad").await;
    fixture.stub.until_sent(3).await;
    assert_eq!(fixture.stub.batches(BODY), [["good"], ["bad"], ["bad"]]);
}
