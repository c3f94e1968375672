//! `AWS::DynamoDB::Table`.

use super::cursor::Cursor;
use super::expression::Expression;
use super::node::Kind;
use crate::Result;
use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub struct Table {
    pub id: String,
    pub name: Option<Expression>,
    /// A `CreateTable` request without `TableName`.
    pub create_request: Value,
    pub ttl_attribute: Option<String>,
}

impl Table {
    /// Sets the name of the table in place of the template's.
    pub fn set_name(&mut self, name: String) {
        self.name = Some(Expression::literal(name));
    }
}

/// The property that limits the units a second of a table or an index. The local engine has no such
/// limit.
const CEILING: &str = "OnDemandThroughput";

/// Properties that are passed to `CreateTable` unchanged.
const PASSED_ON: [&str; 4] = ["AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema"];

/// Properties about safety and cost in the cloud, which do not change what the table returns.
const WITHOUT_EFFECT_HERE: [&str; 7] = [
    "ContributorInsightsSpecification",
    "DeletionProtectionEnabled",
    CEILING,
    "PointInTimeRecoverySpecification",
    "SSESpecification",
    "TableClass",
    "Tags",
];

pub(super) fn read(id: &str, properties: &Cursor<'_>) -> Result<Table> {
    let mut create_request = serde_json::Map::new();
    let mut table = Table { id: id.to_owned(), name: None, create_request: Value::Null, ttl_attribute: None };
    for (key, value) in properties.entries()? {
        match key.as_str() {
            "TableName" => table.name = Some(Expression::read(&value)?),
            "TimeToLiveSpecification" => {
                if value.required("Enabled")?.boolean()? {
                    table.ttl_attribute = Some(value.required("AttributeName")?.text()?);
                }
            }
            "StreamSpecification" => {
                value.only(&["StreamViewType"], &[])?;
                let view = value.required("StreamViewType")?.text()?;
                create_request.insert(key, json!({ "StreamEnabled": true, "StreamViewType": view }));
            }
            name if PASSED_ON.contains(&name) => {
                create_request.insert(key, literal(&value)?);
            }
            name if WITHOUT_EFFECT_HERE.contains(&name) => {}
            _ => return Err(value.unsupported("is set")),
        }
    }
    table.create_request = Value::Object(create_request);
    Ok(table)
}

/// Converts a tree of plain values to JSON.
pub(super) fn literal(cursor: &Cursor<'_>) -> Result<Value> {
    Ok(match &cursor.node.kind {
        Kind::Null => Value::Null,
        Kind::Bool(value) => json!(value),
        Kind::Integer(value) => json!(value),
        Kind::Real(value) => json!(value),
        Kind::Text(text) => json!(text),
        Kind::List(_) => Value::Array(cursor.items()?.iter().map(literal).collect::<Result<_>>()?),
        Kind::Map(_) => {
            let mut entries = cursor.entries()?;
            entries.retain(|(key, _)| key != CEILING);
            Value::Object(entries.iter().map(|(key, value)| Ok((key.clone(), literal(value)?))).collect::<Result<_>>()?)
        }
        Kind::Call(_) | Kind::Other(..) => return Err(cursor.unsupported("is computed")),
    })
}
