//! A table for one test, in memory.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use edges::store::Store;
use local::engine;
use local::template::{ResolvedTable, Template};
use support::dynamodb::{DynamoDb, second_engine};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub(crate) type Item = HashMap<String, AttributeValue>;

/// The maximum number of items per `BatchWriteItem` (DynamoDB developer guide, "Quotas").
const ITEMS_PER_BATCH: usize = 25;

pub(crate) struct Table {
    pub(crate) store: Store,
    client: Client,
    name: String,
    _engine: JoinSet<()>,
}

/// Returns the first value on the embedded engine and the second on the other one, which takes ten
/// times as long for a write. How many items there are decides what our code does, which is the
/// same on both. How an engine ends a page at its limits is tested by `pages` on both.
pub(crate) fn by_engine<T>(embedded: T, second: T) -> T {
    if second_engine().is_some() { second } else { embedded }
}

/// Serves the embedded engine with this table and returns its address.
async fn embedded(table: &ResolvedTable, tasks: &mut JoinSet<()>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let database = engine::open(None).unwrap();
    engine::prepare(&database, table).unwrap();
    engine::serve(&database, listener, tasks).await.unwrap();
    endpoint
}

impl Table {
    /// Creates a table as template.yaml describes it.
    pub(crate) async fn new() -> Self {
        let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
        let mut template = Template::read(&template).unwrap();
        let second = second_engine();
        if second.is_some() {
            template.table.set_name(DynamoDb::unique_table_name());
        }
        let resolved = template.resolve(&BTreeMap::new(), "http://127.0.0.1:1", "http://127.0.0.1:2").unwrap();
        let mut tasks = JoinSet::new();
        let endpoint = match second {
            Some(url) => {
                DynamoDb::at(&url).create(&resolved.table).await.unwrap();
                url
            }
            None => embedded(&resolved.table, &mut tasks).await,
        };
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(local::REGION))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url(endpoint)
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        let client = Client::from_conf(config);
        let name = resolved.table.name.clone();
        Self { store: Store::new(&client, name.clone()), client, name, _engine: tasks }
    }

    /// Returns all items of the partitions with this prefix.
    #[expect(clippy::disallowed_methods, reason = "a test looks at everything that is stored")]
    pub(crate) async fn items_of(&self, partitions: &str) -> Vec<Item> {
        let scan = self.client.scan().table_name(&self.name).filter_expression("begins_with(pk, :pk)");
        let pk = AttributeValue::S(partitions.to_owned());
        scan.expression_attribute_values(":pk", pk).send().await.unwrap().items.unwrap_or_default()
    }

    /// Makes `last` the last ticket number given out.
    pub(crate) async fn set_ticket_counter(&self, last: u64) {
        let request = self.client.put_item().table_name(&self.name);
        let request = request.item("pk", AttributeValue::S("COUNTER#ticket".to_owned()));
        let request = request.item("sk", AttributeValue::S("COUNTER".to_owned()));
        request.item("last_number", AttributeValue::N(last.to_string())).send().await.unwrap();
    }

    /// Returns all items of a partition.
    pub(crate) async fn items(&self, partition: &str) -> Vec<Item> {
        let request = self.client.query().table_name(&self.name).key_condition_expression("pk = :pk");
        let request = request.expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()));
        request.into_paginator().items().send().try_collect().await.unwrap()
    }

    /// Puts these items, many in one call. So a test gets thousands of items like those that the
    /// store wrote a few of.
    pub(crate) async fn put_all(&self, items: impl Iterator<Item = Item>) {
        let put =
            |item| WriteRequest::builder().put_request(PutRequest::builder().set_item(Some(item)).build().unwrap());
        let requests: Vec<WriteRequest> = items.map(|item| put(item).build()).collect();
        for batch in requests.chunks(ITEMS_PER_BATCH) {
            let request = self.client.batch_write_item().request_items(&self.name, batch.to_vec());
            let undone = request.send().await.unwrap().unprocessed_items;
            assert!(undone.is_none_or(|items| items.is_empty()));
        }
    }

    /// Deletes an entry of a ticket's log, which no function does.
    pub(crate) async fn lose_log_entry(&self, ticket: u64, seq: u64) {
        let request = self.client.delete_item().table_name(&self.name);
        let request = request.key("pk", AttributeValue::S(format!("TICKET#{ticket}")));
        request.key("sk", AttributeValue::S(format!("LOG#{seq:010}"))).send().await.unwrap();
    }
}
