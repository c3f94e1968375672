//! Queues, the stream and the table.

use super::{Cursor, Expression, Read, Source, choices, number, page, text};
use local::template::ResolvedFunction;
use std::collections::BTreeMap;
use support::rights;

/// Lambda recommends a visibility timeout of six times the function's timeout.
const VISIBILITY_TIMEOUTS: i64 = 6;
/// The minimum time for which each queue's messages are retried, in seconds: an outage of a working
/// day. For a reset request the day that it is valid (`REQUEST_SECONDS` of the store). For mails
/// and deliveries two days.
const TRIED_SECONDS_MIN: [(&str, i64); 4] = [
    ("EventsQueue", 16 * 3_600),
    ("AccountsQueue", 24 * 3_600),
    ("EmailQueue", 48 * 3_600),
    ("WebhooksQueue", 48 * 3_600),
];
/// The maximum number of receives that SQS counts (SQS developer guide, "Configuring a dead-letter
/// queue").
const RECEIVES_MAX: u32 = 1_000;
/// The retention of SQS by default, in seconds.
const RETENTION_SECONDS: i64 = 345_600;
/// The retention of the stream (DynamoDB developer guide, "Change data capture for DynamoDB
/// Streams"), in seconds.
const STREAM_SECONDS: i64 = 24 * 3_600;

#[test]
fn every_queue_has_a_consumer_or_keeps_dead_letters_and_has_an_alarm() {
    let read = Read::new();
    let (dead, old, waiting) = (
        read.dead_letter_queues(),
        read.alarm_targets("ApproximateAgeOfOldestMessage"),
        read.alarm_targets("ApproximateNumberOfMessagesVisible"),
    );
    for (id, properties) in read.properties("AWS::SQS::Queue") {
        assert!(properties.required("SqsManagedSseEnabled").unwrap().boolean().unwrap(), "{id} is not encrypted");
        let queue = read.template.queues.iter().find(|queue| queue.id == id).unwrap();
        if dead.contains(&id) {
            assert!(queue.redrive.is_none() && read.mapping_of(&id).is_none(), "{id}");
            assert!(waiting.contains(&id), "no alarm for dead letters in {id}");
            continue;
        }
        let redrive = queue.redrive.as_ref().unwrap_or_else(|| panic!("{id} has no dead-letter queue"));
        assert!(redrive.max_receive_count <= RECEIVES_MAX, "{id}");
        let tried = i64::from(redrive.max_receive_count) * number(&properties, "VisibilityTimeout").unwrap();
        let (_, least) = TRIED_SECONDS_MIN.iter().find(|(queue, _)| *queue == id).unwrap();
        assert!(tried >= *least, "{id} retries only for {tried} s");
        let mapping = read.mapping_of(&id).unwrap_or_else(|| panic!("no function reads {id}"));
        assert!(mapping.reports_item_failures, "{id}: one bad message would return its whole batch");
        let timeout = i64::from(read.template.function(&mapping.function).unwrap().timeout_seconds);
        assert!(number(&properties, "VisibilityTimeout").unwrap() >= VISIBILITY_TIMEOUTS * timeout, "{id}");
        assert!(old.contains(&id), "no alarm for messages that wait in {id}");
        let (target, _) = redrive.target.attribute().unwrap();
        let (_, dead_letters) = read.properties("AWS::SQS::Queue").into_iter().find(|(id, _)| id == target).unwrap();
        let kept = |queue: &Cursor<'_>| number(queue, "MessageRetentionPeriod").unwrap_or(RETENTION_SECONDS);
        // SQS silently deletes older messages. A message that waits behind one of its group begins
        // its attempts when that one ends.
        assert!(kept(&properties) > tried, "{id} deletes messages that it still retries");
        // In a standard queue, a message that SQS moves keeps its age. In a FIFO queue its age is
        // reset (SQS developer guide, "Setting-up dead-letter queue retention").
        let fifo = properties.get("FifoQueue").is_some();
        let kept_longer =
            if fifo { kept(&dead_letters) >= kept(&properties) } else { kept(&dead_letters) > kept(&properties) };
        assert!(kept_longer, "{id}: its dead letters are not kept long enough");
    }
}

#[test]
fn a_bad_stream_record_blocks_no_other_and_becomes_a_dead_letter() {
    let read = Read::new();
    for mapping in &read.template.mappings {
        let Source::Stream { retry, .. } = &mapping.source else { continue };
        assert!(retry.bisect && retry.on_failure_queue.is_some() && mapping.reports_item_failures, "{}", mapping.id);
        let of_mappings = read.properties("AWS::Lambda::EventSourceMapping");
        let (_, properties) = of_mappings.iter().find(|(id, _)| *id == mapping.id).unwrap();
        assert!(
            (60..STREAM_SECONDS).contains(&number(properties, "MaximumRecordAgeInSeconds").unwrap()),
            "{}",
            mapping.id
        );
    }
}

#[test]
fn the_table_is_on_demand_protected_and_backed_up() {
    let read = Read::new();
    let [(_, table)] = &read.resources("AWS::DynamoDB::Table")[..] else { panic!("one table") };
    assert_eq!((text(table, "DeletionPolicy"), text(table, "UpdateReplacePolicy")), ("Retain".into(), "Retain".into()));
    let properties = table.required("Properties").unwrap();
    assert_eq!(text(&properties, "BillingMode"), "PAY_PER_REQUEST");
    let switched_on = |cursor: Cursor<'_>, key: &str| cursor.required(key).unwrap().boolean().unwrap();
    assert!(switched_on(properties.clone(), "DeletionProtectionEnabled"));
    let recovery = properties.required("PointInTimeRecoverySpecification").unwrap();
    assert!(switched_on(recovery, "PointInTimeRecoveryEnabled"));
    assert!(switched_on(properties.required("SSESpecification").unwrap(), "SSEEnabled"));
}

#[test]
fn the_table_and_indexes_have_the_throughput_limits_of_the_parameters() {
    let read = Read::new();
    let [(_, table)] = &read.properties("AWS::DynamoDB::Table")[..] else { panic!("one table") };
    let indexes = table.required("GlobalSecondaryIndexes").unwrap().items().unwrap();
    for place in indexes.iter().chain([table]) {
        let [condition, units, none] = choices(&place.required("OnDemandThroughput").unwrap());
        assert_eq!(condition.text().unwrap(), "HasCeilings");
        for (unit, parameter) in
            [("MaxReadRequestUnits", "ReadUnitsPerSecond"), ("MaxWriteRequestUnits", "WriteUnitsPerSecond")]
        {
            let value = Expression::read(&units.required(unit).unwrap()).unwrap();
            assert_eq!(value.reference(), Some(parameter), "{}", place.place());
        }
        assert_eq!(Expression::read(&none).unwrap().reference(), Some("AWS::NoValue"));
    }
}

/// Returns the variable with the table's name and the rights to it, for each function, with these
/// parameters in addition to those without a default.
fn about_the_table(parameters: &[(&str, &str)]) -> BTreeMap<String, Vec<String>> {
    let template = Read::new().template;
    let given = [("TokenVerifyKeys", "{}")];
    let given = given.iter().chain(parameters).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let resolved = template.resolve(&given.collect(), "http://127.0.0.1:1", "http://127.0.0.1:2").unwrap();
    let granted = rights::granted(&template, &resolved).unwrap();
    let of = |function: &ResolvedFunction| {
        let rights = granted[&function.binary].iter().map(ToString::to_string);
        let rights = rights.filter(|right| right.starts_with("dynamodb:"));
        rights.chain(function.environment.get("TABLE_NAME").cloned()).collect()
    };
    resolved.functions.iter().map(|function| (function.binary.clone(), of(function))).collect()
}

#[test]
fn a_restored_table_replaces_the_stacks_own_everywhere() {
    let (own, restored) = (
        about_the_table(&[]),
        about_the_table(&[("RestoredTable", "restored"), ("RestoredStream", "2026-11-27T10:00:00.000")]),
    );
    for (function, of_own) in own {
        let swap = |text: &String| {
            let text = text.replace("helpdesk-Table/stream/local", "restored/stream/2026-11-27T10:00:00.000");
            text.replace("helpdesk-Table", "restored")
        };
        let expected: Vec<String> = of_own.iter().map(swap).collect();
        assert_eq!(restored[&function], expected, "{function}");
    }
    // What is written once for all functions: the mapping's source and the output use it too.
    let template = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml")).unwrap();
    for (written, times) in [("!Ref Table\n", 0), ("!Ref Table]", 1), ("!GetAtt Table.", 2), ("${Table.Arn}", 3)] {
        assert_eq!(template.matches(written).count(), times, "{written}");
    }
}

/// A restore does not restore these settings, so the commands must set them as the template does.
#[test]
fn the_restore_steps_configure_the_table_as_the_template_does() {
    let (read, page) = (Read::new(), page("OPERATIONS.md"));
    let [(_, table)] = &read.properties("AWS::DynamoDB::Table")[..] else { panic!("one table") };
    let view = text(&table.required("StreamSpecification").unwrap(), "StreamViewType");
    let ends = text(&table.required("TimeToLiveSpecification").unwrap(), "AttributeName");
    for command in [
        format!("--stream-specification StreamEnabled=true,StreamViewType={view}"),
        format!("--time-to-live-specification Enabled=true,AttributeName={ends}"),
        "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true".to_owned(),
        "update-table --table-name helpdesk-dev-restored --deletion-protection-enabled".to_owned(),
    ] {
        assert!(page.contains(&command), "{command}");
    }
}

#[test]
fn every_cloudformation_command_in_the_page_names_its_stack() {
    for command in page("OPERATIONS.md").split("aws cloudformation ").skip(1) {
        let command = command.split(['`', '\n']).next().unwrap_or_default();
        assert!(command.contains("--stack-name "), "aws cloudformation {command}");
    }
}
