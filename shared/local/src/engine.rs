//! DynamoDB: the crate `dynoxide-rs` on a listener of this process, in memory or in an `SQLite`
//! file.

use crate::error::during;
use crate::template::ResolvedTable;
use crate::{Error, Result};
use dynoxide::actions::describe_table::DescribeTableRequest;
use dynoxide::actions::update_time_to_live::{TimeToLiveSpecification, UpdateTimeToLiveRequest};
use dynoxide::{Database, DynoxideError};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

mod server;
mod tokens;

/// When expired items are removed for the first time, and how often after it. The engine reads the
/// whole table for it. DynamoDB itself promises "within a few days". Nothing may rely on it.
const FIRST_SWEEP_AFTER: Duration = Duration::from_mins(1);
const SWEEP_EVERY: Duration = Duration::from_hours(1);

/// Opens the database: the file at `path`, or one in memory.
pub fn open(path: Option<&Path>) -> Result<Database> {
    let location = match path {
        None => memory_location(),
        Some(path) => path.to_str().map(str::to_owned).ok_or_else(|| {
            Error::new(format!(
                "The path {} is not valid UTF-8, which the database requires. Use another directory.",
                path.display()
            ))
        })?,
    };
    let database = Database::new(&location).map_err(|error| {
        let remedy = "start with an empty one: `cargo local --fresh`.";
        Error::new(format!("Cannot open the database {location}: {error}. If it is damaged, {remedy}"))
    })?;
    tend_stream_records(&location)?;
    // With these settings a commit does not wait for the disk (`synchronous = NORMAL`). The end of
    // a process loses nothing, and that of the machine the last transactions at most (SQLite,
    // "PRAGMA synchronous").
    database.disable_bulk_loading().map_err(during("Setting up the database"))?;
    Ok(database)
}

/// Returns the name of a new database in this process's memory, which a second connection can open
/// too.
fn memory_location() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("file:/helpdesk-{}?vfs=memdb", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Indexes the stream records, and removes those older than DynamoDB's 24 hours. The engine keeps
/// stream records forever and without an index, and scans all of them with every write. After
/// 30,000 records a write takes 15 ms. With an index it stays at half a millisecond.
fn tend_stream_records(location: &str) -> Result<()> {
    let statements = "
        CREATE INDEX IF NOT EXISTS local_stream_table
            ON _stream_records (table_name, CAST(sequence_number AS INTEGER));
        CREATE INDEX IF NOT EXISTS local_stream_shard
            ON _stream_records (table_name, shard_id, CAST(sequence_number AS INTEGER));
        DELETE FROM _stream_records WHERE created_at < unixepoch('now', '-1 day');";
    let connection = rusqlite::Connection::open(location).map_err(during("Opening the database"))?;
    connection.execute_batch(statements).map_err(during("Indexing the database's stream records"))
}

/// Creates the table as the template describes it, if it is missing, and enables its time to live.
///
/// # Errors
/// Fails if the engine rejects the definition, or if the existing table has other keys, other
/// indexes or another stream.
pub fn prepare(database: &Database, table: &ResolvedTable) -> Result<()> {
    let describe = DescribeTableRequest { table_name: table.name.clone() };
    match database.describe_table(describe) {
        Ok(answer) => {
            let present = serde_json::to_value(&answer).map_err(during("Reading the table's description"))?;
            return require_same(&present["Table"], &table.create_request);
        }
        Err(DynoxideError::ResourceNotFoundException(_)) => {}
        Err(error) => return Err(during("Looking for the table")(error)),
    }
    let request = serde_json::from_value(table.create_request.clone())
        .map_err(during("Reading the table's definition in template.yaml"))?;
    database.create_table(request).map_err(during("Creating the table of template.yaml"))?;
    let Some(attribute) = &table.ttl_attribute else { return Ok(()) };
    let specification = TimeToLiveSpecification { attribute_name: attribute.clone(), enabled: true };
    let request = UpdateTimeToLiveRequest { table_name: table.name.clone(), time_to_live_specification: specification };
    database.update_time_to_live(request).map_err(during("Switching on the table's time to live"))?;
    Ok(())
}

/// Rejects a database of an older template at the start, because it would return wrong results
/// instead of failing.
fn require_same(present: &Value, wanted: &Value) -> Result<()> {
    let shape = |table: &Value| {
        let indexes = table["GlobalSecondaryIndexes"].as_array();
        let mut indexes: Vec<Value> = indexes
            .into_iter()
            .flatten()
            .map(|index| json!([index["IndexName"], index["KeySchema"], index["Projection"]]))
            .collect();
        indexes.sort_by_key(ToString::to_string);
        json!([table["KeySchema"], indexes, table["StreamSpecification"]])
    };
    if shape(present) == shape(wanted) {
        return Ok(());
    }
    Err(Error::new("The stored table no longer matches template.yaml. Start with an empty one: `cargo local --fresh`."))
}

/// Serves the DynamoDB API on `listener` and regularly removes expired items, until `tasks` is
/// dropped.
///
/// # Errors
/// Fails if there is no free port.
pub async fn serve(database: &Database, listener: TcpListener, tasks: &mut JoinSet<()>) -> Result<()> {
    server::spawn(database, listener, tasks).await?;
    let database = database.clone();
    tasks.spawn(async move {
        let mut pause = FIRST_SWEEP_AFTER;
        loop {
            tokio::time::sleep(std::mem::replace(&mut pause, SWEEP_EVERY)).await;
            let database = database.clone();
            match tokio::task::spawn_blocking(move || database.sweep_ttl()).await {
                Ok(Ok(_)) | Err(_) => {}
                Ok(Err(error)) => eprintln!("Cannot remove expired items: {error}."),
            }
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{Embedded, Records as _};

    fn table(range: &str) -> ResolvedTable {
        ResolvedTable {
            name: "things".to_owned(),
            arn: String::new(),
            stream_arn: String::new(),
            create_request: json!({
                "TableName": "things",
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [
                    {"AttributeName": "pk", "AttributeType": "S"},
                    {"AttributeName": range, "AttributeType": "S"},
                ],
                "KeySchema": [
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": range, "KeyType": "RANGE"},
                ],
                "GlobalSecondaryIndexes": [{
                    "IndexName": "other",
                    "KeySchema": [{"AttributeName": range, "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }],
                "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
            }),
            ttl_attribute: Some("expires_at".to_owned()),
        }
    }

    #[test]
    fn a_table_is_created_once_and_persists_in_its_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("data.db");
        let label = |database: &Database| Embedded::open(database.clone(), "things").unwrap().label().to_owned();
        let first = {
            let database = open(Some(&path)).unwrap();
            prepare(&database, &table("sk")).unwrap();
            prepare(&database, &table("sk")).unwrap();
            label(&database)
        };
        let database = open(Some(&path)).unwrap();
        prepare(&database, &table("sk")).unwrap();
        assert_eq!(label(&database), first);
    }

    #[test]
    fn in_memory_databases_are_separate() {
        let (first, second) = (open(None).unwrap(), open(None).unwrap());
        prepare(&first, &table("sk")).unwrap();
        assert_eq!((first.table_count().unwrap(), second.table_count().unwrap()), (1, 0));
    }

    /// Checks the engine's statements that would otherwise scan every stream record.
    #[test]
    fn stream_records_are_read_by_an_index() {
        let location = memory_location();
        let database = Database::new(&location).unwrap();
        tend_stream_records(&location).unwrap();
        let connection = rusqlite::Connection::open(&location).unwrap();
        for statement in [
            "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = 't'",
            "SELECT event_id FROM _stream_records WHERE table_name = 't' AND shard_id = 's' \
             AND CAST(sequence_number AS INTEGER) > 7 ORDER BY CAST(sequence_number AS INTEGER) ASC LIMIT 9",
        ] {
            let explain = format!("EXPLAIN QUERY PLAN {statement}");
            let plan: String = connection.query_row(&explain, [], |row| row.get(3)).unwrap();
            assert!(
                plan.contains("USING INDEX local_stream") || plan.contains("COVERING INDEX local_stream"),
                "{plan}"
            );
        }
        drop(database);
    }

    #[test]
    fn a_table_with_another_schema_is_refused() {
        let database = open(None).unwrap();
        prepare(&database, &table("sk")).unwrap();
        let error = prepare(&database, &table("other")).unwrap_err().to_string();
        assert!(error.contains("--fresh"), "{error}");
    }
}
