//! What calls to DynamoDB consume, computed from the bytes of the items (DynamoDB developer guide,
//! "Read and write operations" and "Item sizes and formats"), to be compared with what the engine
//! reports.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use support::wire::{Exchange, Service};

use crate::support::Desk;

/// The bytes of one write unit.
const WRITE_BYTES: usize = 1024;
/// The bytes of one read unit.
const READ_BYTES: usize = 4096;

/// The key attributes of the indexes in template.yaml. Every index has whole items.
const INDEXES: [[&str; 2]; 3] =
    [["requester_key", "number"], ["assignee_key", "work_key"], ["status_key", "queue_key"]];

/// Read and write units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Units {
    pub(super) read: f64,
    pub(super) write: f64,
}

impl Units {
    const fn read(read: f64) -> Self {
        Self { read, write: 0.0 }
    }

    const fn write(write: f64) -> Self {
        Self { read: 0.0, write }
    }
}

impl std::iter::Sum for Units {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self { read: sum.read + one.read, write: sum.write + one.write })
    }
}

/// Items by key.
pub(super) type Table = BTreeMap<(String, String), Value>;

/// Returns everything in the table.
pub(super) async fn table(desk: &Desk) -> Table {
    let mut table = Table::new();
    let mut start = Value::Null;
    loop {
        let page = scan(desk, &start).await;
        table.extend(page["Items"].as_array().unwrap().iter().map(|item| (key(item), item.clone())));
        start = page["LastEvaluatedKey"].clone();
        if start.is_null() {
            return table;
        }
    }
}

async fn scan(desk: &Desk, start: &Value) -> Value {
    let mut request = json!({"TableName": desk.stack.table_name()});
    if !start.is_null() {
        request["ExclusiveStartKey"] = start.clone();
    }
    desk.call_dynamodb("Scan", &request).await
}

fn key(item: &Value) -> (String, String) {
    let part = |name: &str| item[name]["S"].as_str().unwrap().to_owned();
    (part("pk"), part("sk"))
}

fn units(bytes: usize, of: usize) -> f64 {
    f64::from(u32::try_from(bytes.div_ceil(of).max(1)).unwrap())
}

/// Returns the size of an item: the names and the values of its attributes.
fn size(item: &Value) -> usize {
    item.as_object().map_or(0, |item| item.iter().map(|(name, value)| name.len() + value_size(value)).sum())
}

fn value_size(value: &Value) -> usize {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    match kind.as_str() {
        "S" => value.as_str().unwrap().len(),
        // One byte for every two digits, plus one.
        "N" => value.as_str().unwrap().trim_start_matches('-').trim_end_matches('0').len().div_ceil(2) + 1,
        "BOOL" | "NULL" => 1,
        "SS" => value.as_array().unwrap().iter().map(|element| element.as_str().unwrap().len()).sum(),
        // A set of binary values, each in base64, which encodes three bytes in four letters.
        "BS" => {
            let bytes = |text: &str| text.trim_end_matches('=').len() * 3 / 4;
            value.as_array().unwrap().iter().map(|element| bytes(element.as_str().unwrap())).sum()
        }
        // Three bytes, plus one for each element.
        "L" => 3 + value.as_array().unwrap().iter().map(|element| 1 + value_size(element)).sum::<usize>(),
        "M" => 3 + value.as_object().unwrap().len() + size(value),
        other => panic!("the table holds a value of type {other}"),
    }
}

/// Returns the cost of writing an item: in the table, multiplied by `factor`, and in the indexes
/// that contain it.
fn write(before: Option<&Value>, after: Option<&Value>, factor: f64) -> f64 {
    let of = |item: Option<&Value>| item.map_or(0, size);
    let table = units(of(before).max(of(after)), WRITE_BYTES);
    let indexes = INDEXES.iter().map(|keys| index_write(keys, before, after));
    table * factor + indexes.sum::<f64>()
}

fn index_write(keys: &[&str; 2], before: Option<&Value>, after: Option<&Value>) -> f64 {
    let entry = |item: Option<&Value>| {
        let item = item.filter(|item| keys.iter().all(|key| item.get(key).is_some()))?;
        Some((keys.map(|key| item[key].to_string()), item.clone(), units(size(item), WRITE_BYTES)))
    };
    match (entry(before), entry(after)) {
        (None, None) => 0.0,
        (None, Some((_, _, cost))) | (Some((_, _, cost)), None) => cost,
        (Some((key_before, item_before, cost_before)), Some((key_after, item_after, cost_after))) => {
            if key_before != key_after {
                cost_before + cost_after
            } else if item_before == item_after {
                0.0
            } else {
                cost_before.max(cost_after)
            }
        }
    }
}

/// Computes what a call consumed from the items in its response, and for a write from the items
/// before and after it.
pub(super) fn computed(exchange: &Exchange, before: &Table, after: &Table) -> Units {
    let (request, response) = (&exchange.call.request, &exchange.answer);
    let strong = |request: &Value| request["ConsistentRead"].as_bool() == Some(true);
    let factor = |request: &Value| if strong(request) { 1.0 } else { 0.5 };
    let changed = |key: &(String, String), factor| Units::write(write(before.get(key), after.get(key), factor));
    match exchange.call.operation.as_str() {
        "GetItem" => Units::read(units(size(&response["Item"]), READ_BYTES) * factor(request)),
        "BatchGetItem" => {
            let (name, asked) = request["RequestItems"].as_object().unwrap().iter().next().unwrap();
            let found = response["Responses"][name].as_array().unwrap();
            let asked_for = asked["Keys"].as_array().unwrap().len();
            // A key without an item costs as much as the smallest item.
            let sizes = found.iter().map(size).chain(std::iter::repeat(0)).take(asked_for);
            Units::read(sizes.map(|bytes| units(bytes, READ_BYTES)).sum::<f64>() * factor(asked))
        }
        "Query" => {
            let bytes = response["Items"].as_array().unwrap().iter().map(size).sum();
            Units::read(units(bytes, READ_BYTES) * factor(request))
        }
        "PutItem" => changed(&key(&request["Item"]), 1.0),
        "UpdateItem" | "DeleteItem" => changed(&key(&request["Key"]), 1.0),
        "TransactWriteItems" => {
            let actions = request["TransactItems"].as_array().unwrap().iter();
            actions.map(|action| transacted(action, before, after)).sum()
        }
        "BatchWriteItem" => {
            let requests = request["RequestItems"].as_object().unwrap().values().next().unwrap().as_array().unwrap();
            requests.iter().map(|write| changed(&key(&write["DeleteRequest"]["Key"]), 1.0)).sum()
        }
        other => panic!("functions do not call {other}"),
    }
}

/// Computes the cost of one action of a transaction, where an item costs twice as much but its
/// index entries do not.
fn transacted(action: &Value, before: &Table, after: &Table) -> Units {
    let (kind, action) = action.as_object().unwrap().iter().next().unwrap();
    let key = if kind == "Put" { key(&action["Item"]) } else { key(&action["Key"]) };
    if kind == "ConditionCheck" {
        return Units::write(2.0 * units(before.get(&key).map_or(0, size), WRITE_BYTES));
    }
    Units::write(write(before.get(&key), after.get(&key), 2.0))
}

/// Returns the exchange with all items that the call evaluated, including those that a filter
/// excluded.
pub(super) async fn evaluated(desk: &Desk, exchange: &Exchange) -> Exchange {
    let mut exchange = exchange.clone();
    let request = exchange.call.request.clone();
    if request.get("FilterExpression").is_none() {
        return exchange;
    }
    // A request without a filter must not contain the filter's values and names.
    let key_condition = request["KeyConditionExpression"].as_str().unwrap();
    let used = |placeholders: &Value| -> Value {
        let placeholders = placeholders.as_object().unwrap().iter();
        placeholders
            .filter(|(name, _)| key_condition.contains(name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    let mut unfiltered = request.clone();
    unfiltered["ExpressionAttributeNames"] = used(&request["ExpressionAttributeNames"]);
    unfiltered["ExpressionAttributeValues"] = used(&request["ExpressionAttributeValues"]);
    unfiltered.as_object_mut().unwrap().remove("FilterExpression");
    exchange.answer["Items"] = desk.call_dynamodb("Query", &unfiltered).await["Items"].clone();
    exchange
}

/// Returns what the engine says a call consumed.
pub(super) fn reported(exchange: &Exchange) -> Units {
    assert_eq!(exchange.call.service, Service::DynamoDb);
    let said = &exchange.answer["ConsumedCapacity"];
    let all = said.as_array().cloned().unwrap_or_else(|| vec![said.clone()]);
    let consumed = all.iter().filter_map(|one| one["CapacityUnits"].as_f64()).sum();
    match exchange.call.operation.as_str() {
        "GetItem" | "BatchGetItem" | "Query" => Units::read(consumed),
        _ => Units::write(consumed),
    }
}

#[test]
fn item_sizes_match_the_developer_guide() {
    for (item, bytes) in [
        (json!({}), 0),
        (json!({"pk": {"S": "abc"}}), 5),
        (json!({"n": {"N": "7"}}), 3),
        (json!({"n": {"N": "1042"}}), 4),
        (json!({"b": {"BOOL": true}}), 2),
        (json!({"l": {"L": [{"S": "ab"}, {"S": "c"}]}}), 9),
        (json!({"m": {"M": {"k": {"S": "ab"}}}}), 8),
    ] {
        assert_eq!(size(&item), bytes, "{item}");
    }
    assert_eq!((units(0, WRITE_BYTES), units(1024, WRITE_BYTES), units(1025, WRITE_BYTES)), (1.0, 1.0, 2.0));
}
