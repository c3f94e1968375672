//! What calls to DynamoDB consume, computed from the bytes of the items (DynamoDB developer guide, "Read and write operations" and
//! "Item sizes and formats"), to be held against what the engine says it consumed.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use support::wire::{Exchange, Service};

use crate::support::Desk;

/// Bytes that one write unit writes.
const WRITE_BYTES: usize = 1024;
/// Bytes that one read unit reads.
const READ_BYTES: usize = 4096;

/// The indexes' key attributes, as template.yaml has them; all of them hold whole items.
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

/// Items by their keys.
pub(super) type Table = BTreeMap<(String, String), Value>;

/// Everything the table holds.
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

/// An item's size: the names and the values of its attributes.
fn size(item: &Value) -> usize {
    item.as_object().map_or(0, |item| item.iter().map(|(name, value)| name.len() + value_size(value)).sum())
}

fn value_size(value: &Value) -> usize {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    match kind.as_str() {
        "S" => value.as_str().unwrap().len(),
        // One byte for every two digits, and one more.
        "N" => value.as_str().unwrap().trim_start_matches('-').trim_end_matches('0').len().div_ceil(2) + 1,
        "BOOL" | "NULL" => 1,
        "SS" => value.as_array().unwrap().iter().map(|element| element.as_str().unwrap().len()).sum(),
        // The bytes of a set of bytes, written in base64 of three bytes in four letters.
        "BS" => {
            let bytes = |text: &str| text.trim_end_matches('=').len() * 3 / 4;
            value.as_array().unwrap().iter().map(|element| bytes(element.as_str().unwrap())).sum()
        }
        // Three bytes, and one for each element.
        "L" => 3 + value.as_array().unwrap().iter().map(|element| 1 + value_size(element)).sum::<usize>(),
        "M" => 3 + value.as_object().unwrap().len() + size(value),
        other => panic!("the table holds a value of type {other}"),
    }
}

/// What writing an item costs, in the table, that many times, and in the indexes it stands in.
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

/// What a call consumed, by the items it gave, and for a write by the items before and after it.
pub(super) fn computed(exchange: &Exchange, before: &Table, after: &Table) -> Units {
    let (request, answer) = (&exchange.call.request, &exchange.answer);
    let strong = |request: &Value| request["ConsistentRead"].as_bool() == Some(true);
    let factor = |request: &Value| if strong(request) { 1.0 } else { 0.5 };
    let changed = |key: &(String, String), factor| Units::write(write(before.get(key), after.get(key), factor));
    match exchange.call.operation.as_str() {
        "GetItem" => Units::read(units(size(&answer["Item"]), READ_BYTES) * factor(request)),
        "BatchGetItem" => {
            let (name, asked) = request["RequestItems"].as_object().unwrap().iter().next().unwrap();
            let found = answer["Responses"][name].as_array().unwrap();
            let asked_for = asked["Keys"].as_array().unwrap().len();
            // A key without an item costs what the smallest item costs.
            let sizes = found.iter().map(size).chain(std::iter::repeat(0)).take(asked_for);
            Units::read(sizes.map(|bytes| units(bytes, READ_BYTES)).sum::<f64>() * factor(asked))
        }
        "Query" => {
            let bytes = answer["Items"].as_array().unwrap().iter().map(size).sum();
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

/// In a transaction an item costs twice, its places in the indexes do not.
fn transacted(action: &Value, before: &Table, after: &Table) -> Units {
    let (kind, action) = action.as_object().unwrap().iter().next().unwrap();
    let key = if kind == "Put" { key(&action["Item"]) } else { key(&action["Key"]) };
    if kind == "ConditionCheck" {
        return Units::write(2.0 * units(before.get(&key).map_or(0, size), WRITE_BYTES));
    }
    Units::write(write(before.get(&key), after.get(&key), 2.0))
}

/// The exchange with all items that the call looked at, those a filter left out included.
pub(super) async fn evaluated(desk: &Desk, exchange: &Exchange) -> Exchange {
    let mut exchange = exchange.clone();
    let request = exchange.call.request.clone();
    if request.get("FilterExpression").is_none() {
        return exchange;
    }
    // The values of the filter may not be sent with a request that has none, and its names neither.
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

/// What the engine says a call consumed.
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
fn sizes_are_those_of_the_developer_guide() {
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
