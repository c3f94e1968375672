//! A DynamoDB in another process, such as AWS's own DynamoDB Local: the second engine for the
//! tests.

use crate::shards::Shards;
use http::Method;
use local::http::Client;
use local::records::{Answer, Records, RemoteEngine};
use local::template::ResolvedTable;
use local::{Error, REGION, Result};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The time limit of a call.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);

/// Returns the address of the DynamoDB that the tests use instead of the embedded one, as set by
/// `.ci/dynamodb-local`.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the environment selects the engine")]
pub fn second_engine() -> Option<String> {
    std::env::var("DYNAMODB_LOCAL_URL").ok()
}

/// A DynamoDB at an address.
#[derive(Debug, Clone)]
pub struct DynamoDb {
    client: Client,
    url: String,
}

impl DynamoDb {
    /// Returns a client for the one at this address, `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn at(url: &str) -> Self {
        Self { client: Client::default(), url: url.to_owned() }
    }

    /// Returns a table name that no other test uses, because many share one DynamoDB.
    #[must_use]
    pub fn unique_table_name() -> String {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        format!("helpdesk-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// Creates the table as the template says, and enables its time to live.
    ///
    /// # Errors
    ///
    /// When DynamoDB cannot be reached or refuses the definition.
    pub async fn create(&self, table: &ResolvedTable) -> Result<()> {
        self.call("DynamoDB_20120810.CreateTable", &table.create_request).await?;
        let Some(attribute) = &table.ttl_attribute else { return Ok(()) };
        let specification = json!({ "AttributeName": attribute, "Enabled": true });
        let request = json!({ "TableName": table.name, "TimeToLiveSpecification": specification });
        self.call("DynamoDB_20120810.UpdateTimeToLive", &request).await.map(drop)
    }

    /// Returns the ARN of a table's stream.
    async fn stream_of(&self, table: &str) -> Result<String> {
        let answer = self.call("DynamoDB_20120810.DescribeTable", &json!({ "TableName": table })).await?;
        let arn = answer["Table"]["LatestStreamArn"].as_str();
        arn.map(str::to_owned).ok_or_else(|| Error::new(format!("The table {table} has no stream.")))
    }

    /// Calls DynamoDB Streams.
    pub(crate) async fn streams(&self, operation: &str, request: &Value) -> Result<Value> {
        self.call(&format!("DynamoDBStreams_20120810.{operation}"), request).await
    }

    async fn call(&self, target: &str, request: &Value) -> Result<Value> {
        // DynamoDB Local requires a signature but does not check it.
        let scope = format!("local/20260101/{REGION}/dynamodb/aws4_request");
        let authorization = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
        let headers = [
            ("x-amz-target", target),
            ("content-type", "application/x-amz-json-1.0"),
            ("authorization", authorization.as_str()),
        ];
        let body = request.to_string().into_bytes();
        let answer = self.client.send(Method::POST, &self.url, &headers, body, RESPONSE_TIMEOUT).await?;
        let status = answer.status;
        let answer = answer.json()?;
        if status.is_success() { Ok(answer) } else { Err(Error::new(format!("{target} was refused: {answer}"))) }
    }
}

impl RemoteEngine for DynamoDb {
    fn url(&self) -> String {
        self.url.clone()
    }

    fn table_name(&self) -> String {
        Self::unique_table_name()
    }

    fn open<'a>(&'a self, table: &'a ResolvedTable) -> Answer<'a, Box<dyn Records>> {
        Box::pin(async move {
            self.create(table).await?;
            let arn = self.stream_of(&table.name).await?;
            Ok(Box::new(Shards::new(self.clone(), arn)) as Box<dyn Records>)
        })
    }
}
