//! What template.yaml keeps to, for every function, queue, mapping and alarm there is or will be.

use super::cursor::Cursor;
use super::expression::Expression;
use super::node::{self, Kind, Node};
use super::{Mapping, Source, Template, function};
use std::collections::BTreeSet;
use std::path::Path;

/// Functions that somebody with AWS rights invokes by hand.
const BY_HAND: [&str; 3] = ["TicketsVerifyPage", "UsersCreateAdmin", "WorkersRedrive"];
/// API Gateway waits no longer (API Gateway developer guide, "HTTP API quotas"), in seconds.
const API_GATEWAY_SECONDS: u32 = 30;
/// Lambda advises that a queue hides a message for six times as long as its function may take.
const VISIBILITY_TIMEOUTS: i64 = 6;
/// Lambda advises as many attempts at least before a message is a dead letter.
const RECEIVES_MIN: u32 = 5;
/// What SQS does where the template does not say, in seconds.
const RETENTION_SECONDS: i64 = 345_600;

struct Read {
    node: Node,
    template: Template,
}

impl Read {
    fn new() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
        let text = std::fs::read_to_string(path).unwrap();
        Self { node: node::parse(&text).unwrap(), template: Template::parse(&text).unwrap() }
    }

    fn root(&self) -> Cursor<'_> {
        Cursor::root(&self.node)
    }

    /// The resources of that type: their ids, and what is said of them.
    fn resources(&self, kind: &str) -> Vec<(String, Cursor<'_>)> {
        let all = self.root().required("Resources").unwrap().entries().unwrap();
        all.into_iter().filter(|(_, resource)| text(resource, "Type") == kind).collect()
    }

    fn properties(&self, kind: &str) -> Vec<(String, Cursor<'_>)> {
        let all = self.resources(kind).into_iter();
        all.map(|(id, resource)| (id, resource.required("Properties").unwrap())).collect()
    }

    fn globals(&self) -> Cursor<'_> {
        self.root().required("Globals").unwrap().required("Function").unwrap()
    }

    /// The alarms on that metric, and the resources in their dimensions.
    fn alarmed(&self, metric: &str) -> Vec<String> {
        let alarms = self.properties("AWS::CloudWatch::Alarm").into_iter();
        let on_it = alarms.filter(|(_, alarm)| text(alarm, "MetricName") == metric);
        on_it.flat_map(|(_, alarm)| alarm.get("Dimensions").map_or_else(Vec::new, |all| targets(&all))).collect()
    }

    fn mapping_of(&self, queue: &str) -> Option<&Mapping> {
        let reads = |mapping: &&Mapping| matches!(&mapping.source, Source::Queue { queue: id } if id == queue);
        self.template.mappings.iter().find(reads)
    }

    /// The ids of the queues that dead letters come to.
    fn dead_letter_queues(&self) -> BTreeSet<String> {
        let of_queues = self.template.queues.iter().filter_map(|queue| queue.redrive.as_ref());
        let of_queues = of_queues.filter_map(|redrive| Some(redrive.target.attribute()?.0.to_owned()));
        let of_streams = self.template.mappings.iter().filter_map(|mapping| match &mapping.source {
            Source::Stream { retry, .. } => retry.on_failure_queue.clone(),
            Source::Queue { .. } => None,
        });
        of_queues.chain(of_streams).collect()
    }
}

fn text(cursor: &Cursor<'_>, key: &str) -> String {
    cursor.get(key).and_then(|value| value.text().ok()).unwrap_or_default()
}

fn number(cursor: &Cursor<'_>, key: &str) -> Option<i64> {
    cursor.get(key).and_then(|value| value.integer().ok())
}

fn alarm_on<'a>(read: &'a Read, metric: &str) -> Cursor<'a> {
    let mut alarms = read.properties("AWS::CloudWatch::Alarm").into_iter();
    alarms.find(|(_, alarm)| text(alarm, "MetricName") == metric).unwrap_or_else(|| panic!("no alarm on {metric}")).1
}

/// What stands there, as it is written.
fn names(cursor: &Cursor<'_>, key: &str) -> String {
    Expression::read(&cursor.required(key).unwrap()).unwrap().written()
}

/// What the values of dimensions refer to.
fn targets(dimensions: &Cursor<'_>) -> Vec<String> {
    let values = dimensions.items().unwrap().into_iter().map(|dimension| dimension.required("Value").unwrap());
    let target = |value: Cursor<'_>| {
        let value = Expression::read(&value).unwrap();
        value.reference().or_else(|| value.attribute().map(|(id, _)| id)).map(str::to_owned)
    };
    values.filter_map(target).collect()
}

#[test]
fn every_function_is_packaged_from_where_cargo_lambda_puts_it_traced_logged_and_bounded() {
    let read = Read::new();
    for (id, resource) in read.resources("AWS::Serverless::Function") {
        let properties = resource.required("Properties").unwrap();
        let binary = function::binary_name(&id);
        assert_eq!(text(&properties, "CodeUri"), format!("target/lambda/{binary}/"), "{id}");
        let built = resource.get("Metadata").and_then(|metadata| metadata.get("SkipBuild")).map(|skip| skip.truth());
        assert!(matches!(built, Some(Ok(true))), "{id} would be built a second time");
    }
    let globals = read.globals();
    assert_eq!(text(&globals, "Runtime"), "provided.al2023");
    let logging = globals.required("LoggingConfig").unwrap();
    assert_eq!(text(&logging, "LogFormat"), "JSON");
    for (value, target) in [
        (logging.required("LogGroup").unwrap(), "Logs"),
        (globals.required("Tracing").unwrap(), "Tracing"),
        (globals.required("PermissionsBoundary").unwrap(), "Boundary"),
    ] {
        assert_eq!(Expression::read(&value).unwrap().reference(), Some(target));
    }
}

#[test]
fn every_function_is_invoked_by_something_and_answers_before_that_stops_waiting() {
    let read = Read::new();
    for function in &read.template.functions {
        let mapped = read.template.mappings.iter().any(|mapping| mapping.function == function.binary);
        let by_hand = BY_HAND.contains(&function.id.as_str());
        assert!(
            !function.routes.is_empty() || mapped || function.every.is_some() || by_hand,
            "{} is idle",
            function.id
        );
        assert!(function.routes.is_empty() || function.timeout_seconds < API_GATEWAY_SECONDS, "{}", function.id);
    }
}

#[test]
fn concurrency_is_reserved_where_it_protects() {
    let read = Read::new();
    let memory = number(&read.globals(), "MemorySize").unwrap();
    for (id, properties) in read.properties("AWS::Serverless::Function") {
        let hashes = number(&properties, "MemorySize").is_some_and(|own| own > memory);
        let function = read.template.functions.iter().find(|function| function.id == id).unwrap();
        // Two of them at once would get into each other's way.
        let alone = function.every.is_some() || id == "WorkersRedrive";
        let reserves = properties.get("ReservedConcurrentExecutions").is_some();
        assert_eq!(reserves, (function.routes.is_empty() && alone) || (hashes && id != "UsersCreateAdmin"), "{id}");
    }
}

#[test]
fn every_failure_and_throttle_of_every_function_rings() {
    let read = Read::new();
    let metrics: Vec<String> =
        read.properties("AWS::CloudWatch::Alarm").iter().map(|(_, alarm)| text(alarm, "MetricName")).collect();
    for metric in ["FailedInvocations", "5xx", "Throttles", "IteratorAge"] {
        assert!(metrics.iter().any(|name| name == metric), "nothing rings for {metric}");
    }
    // It reads the group that every function prints to, and rings where its alarm listens.
    let [(_, filter)] = &read.properties("AWS::Logs::MetricFilter")[..] else { panic!("one filter") };
    let group = Expression::read(&filter.required("LogGroupName").unwrap()).unwrap();
    assert_eq!(group.reference(), Some("Logs"));
    assert!(text(filter, "FilterPattern").contains(r#"$.record.status != "success""#));
    let counted = &filter.required("MetricTransformations").unwrap().items().unwrap()[0];
    assert_eq!(names(counted, "MetricNamespace"), names(&alarm_on(&read, "FailedInvocations"), "Namespace"));
    assert_eq!(text(counted, "MetricName"), "FailedInvocations");
    for mapping in &read.template.mappings {
        if let Source::Stream { .. } = mapping.source {
            let alarmed = read.alarmed("IteratorAge");
            assert!(alarmed.iter().any(|id| function::binary_name(id) == mapping.function), "{}", mapping.function);
        }
    }
}

#[test]
fn every_alarm_says_what_it_means_and_tells_somebody() {
    for (id, alarm) in Read::new().properties("AWS::CloudWatch::Alarm") {
        assert!(text(&alarm, "AlarmDescription").contains("docs/OPERATIONS.md"), "{id}");
        assert_eq!(text(&alarm, "TreatMissingData"), "notBreaching", "{id}");
        for actions in ["AlarmActions", "OKActions"] {
            let actions = alarm.required(actions).unwrap().items().unwrap();
            assert_eq!(Expression::read(&actions[0]).unwrap().reference(), Some("Alarms"), "{id}");
        }
    }
}

#[test]
fn every_queue_is_read_by_a_function_or_keeps_dead_letters_and_rings_when_they_wait() {
    let read = Read::new();
    let (dead, old, waiting) = (
        read.dead_letter_queues(),
        read.alarmed("ApproximateAgeOfOldestMessage"),
        read.alarmed("ApproximateNumberOfMessagesVisible"),
    );
    for (id, properties) in read.properties("AWS::SQS::Queue") {
        assert!(properties.required("SqsManagedSseEnabled").unwrap().truth().unwrap(), "{id} is not encrypted");
        let queue = read.template.queues.iter().find(|queue| queue.id == id).unwrap();
        if dead.contains(&id) {
            assert!(queue.redrive.is_none() && read.mapping_of(&id).is_none(), "{id}");
            assert!(waiting.contains(&id), "nothing rings for dead letters in {id}");
            continue;
        }
        let redrive = queue.redrive.as_ref().unwrap_or_else(|| panic!("{id} has no dead-letter queue"));
        assert!(redrive.max_receive_count >= RECEIVES_MIN, "{id}");
        let mapping = read.mapping_of(&id).unwrap_or_else(|| panic!("nobody reads {id}"));
        assert!(mapping.reports_item_failures, "{id}: one bad message would bring all of its batch again");
        let timeout = i64::from(read.template.function(&mapping.function).unwrap().timeout_seconds);
        assert!(number(&properties, "VisibilityTimeout").unwrap() >= VISIBILITY_TIMEOUTS * timeout, "{id}");
        assert!(old.contains(&id), "nothing rings when messages wait in {id}");
        let (target, _) = redrive.target.attribute().unwrap();
        let (_, dead_letters) = read.properties("AWS::SQS::Queue").into_iter().find(|(id, _)| id == target).unwrap();
        let kept = |queue: &Cursor<'_>| number(queue, "MessageRetentionPeriod").unwrap_or(RETENTION_SECONDS);
        assert!(kept(&dead_letters) > kept(&properties), "{id}: a dead letter is as old as its message was");
    }
}

#[test]
fn a_stream_is_read_so_that_one_bad_record_holds_up_no_other_and_is_not_lost() {
    let read = Read::new();
    for mapping in &read.template.mappings {
        let Source::Stream { retry, .. } = &mapping.source else { continue };
        assert!(retry.bisect && retry.on_failure_queue.is_some() && mapping.reports_item_failures, "{}", mapping.id);
    }
}

#[test]
fn the_table_costs_nothing_when_idle_and_is_not_lost() {
    let read = Read::new();
    let [(_, table)] = &read.resources("AWS::DynamoDB::Table")[..] else { panic!("one table") };
    assert_eq!((text(table, "DeletionPolicy"), text(table, "UpdateReplacePolicy")), ("Retain".into(), "Retain".into()));
    let properties = table.required("Properties").unwrap();
    assert_eq!(text(&properties, "BillingMode"), "PAY_PER_REQUEST");
    let switched_on = |cursor: Cursor<'_>, key: &str| cursor.required(key).unwrap().truth().unwrap();
    assert!(switched_on(properties.clone(), "DeletionProtectionEnabled"));
    let recovery = properties.required("PointInTimeRecoverySpecification").unwrap();
    assert!(switched_on(recovery, "PointInTimeRecoveryEnabled"));
    assert!(switched_on(properties.required("SSESpecification").unwrap(), "SSEEnabled"));
}

#[test]
fn the_api_is_throttled_and_logged_and_open_to_named_origins_only() {
    let read = Read::new();
    let [(_, api)] = &read.properties("AWS::Serverless::HttpApi")[..] else { panic!("one API") };
    for key in ["ThrottlingRateLimit", "ThrottlingBurstLimit"] {
        assert!(api.required("DefaultRouteSettings").unwrap().get(key).is_some(), "{key}");
    }
    let format = text(&api.required("AccessLogSettings").unwrap(), "Format");
    assert!(!format.contains("sourceIp") && serde_json::from_str::<serde_json::Value>(&format).is_ok(), "{format}");
    assert!(matches!(&api.required("CorsConfiguration").unwrap().node.kind, Kind::Other(tag, _) if tag == "!If"));
}

#[test]
fn logs_are_kept_for_a_time_and_whatever_can_be_set_or_is_given_out_is_described() {
    let read = Read::new();
    for (id, group) in read.properties("AWS::Logs::LogGroup") {
        assert!(group.get("RetentionInDays").is_some(), "{id} is kept for ever");
    }
    for (section, has_default) in [("Parameters", true), ("Outputs", false)] {
        for (name, described) in read.root().required(section).unwrap().entries().unwrap() {
            assert!(!text(&described, "Description").is_empty(), "{name} is not described");
            assert!(!has_default || described.get("Default").is_some(), "{name} has no default");
        }
    }
}

/// What statements grant, as it is written.
fn granted(statements: &[super::Statement]) -> BTreeSet<String> {
    let each = |statement: &super::Statement| {
        let resources = statement.resources.clone();
        let actions = statement.actions.clone().into_iter();
        actions
            .flat_map(move |action| resources.clone().into_iter().map(move |on| format!("{action} {}", on.written())))
    };
    statements.iter().flat_map(each).collect()
}

#[test]
fn the_boundary_lets_every_function_do_what_its_policies_grant() {
    let read = Read::new();
    let [(_, boundary)] = &read.properties("AWS::IAM::ManagedPolicy")[..] else { panic!("one boundary") };
    let statements = boundary.required("PolicyDocument").unwrap().required("Statement").unwrap().items().unwrap();
    // Writing logs and traces is what SAM grants; AWS knows no resource of the latter.
    let of_ours = statements.iter().filter(|one| {
        let action = one.required("Action").unwrap().items().unwrap()[0].text().unwrap();
        !action.starts_with("logs:") && !action.starts_with("xray:")
    });
    let statements: Vec<_> = of_ours.map(|statement| super::policy::read_statement(statement).unwrap()).collect();
    let bounded = granted(&statements);
    for function in &read.template.functions {
        let beyond: Vec<String> = granted(&function.policies).difference(&bounded).cloned().collect();
        assert!(beyond.is_empty(), "{} is granted in vain, because Boundary is without it: {beyond:?}", function.id);
    }
}

#[test]
fn whoever_operates_it_finds_every_alarm_and_parameter_in_the_page_for_them() {
    let read = Read::new();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/OPERATIONS.md");
    let page = std::fs::read_to_string(path).unwrap();
    let alarms = read.resources("AWS::CloudWatch::Alarm").into_iter();
    let parameters = read.root().required("Parameters").unwrap().entries().unwrap().into_iter();
    for (name, _) in alarms.chain(parameters) {
        assert!(page.contains(&format!("`{name}`")), "docs/OPERATIONS.md does not speak of {name}");
    }
}

/// The line of the document of events that describes that queue, and the one after it.
fn documented(document: &str, queue: &str) -> String {
    let (_, rest) = document.split_once(&format!("name: {queue}, ")).unwrap_or_else(|| panic!("{queue} is not there"));
    rest.lines().take(2).collect()
}

#[test]
fn the_document_of_the_events_has_the_figures_of_the_queues() {
    let read = Read::new();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/asyncapi.yaml");
    let document = std::fs::read_to_string(path).unwrap();
    for (id, properties) in read.properties("AWS::SQS::Queue") {
        let Some(redrive) = properties.get("RedrivePolicy") else { continue };
        let said = documented(&document, &id);
        for (name, value) in [
            ("visibilityTimeout", number(&properties, "VisibilityTimeout")),
            ("messageRetentionPeriod", number(&properties, "MessageRetentionPeriod")),
            ("maxReceiveCount", number(&redrive, "maxReceiveCount")),
        ] {
            assert!(said.contains(&format!("{name}: {}", value.unwrap())), "{name} of {id}: {said}");
        }
    }
    for mapping in &read.template.mappings {
        let Source::Queue { .. } = mapping.source else { continue };
        let batch = match mapping.batch_size {
            1 => "one message at a time",
            10 => "up to ten messages at once",
            other => panic!("{other} messages at once: say so in the document and here"),
        };
        let said = format!("`{}` takes {batch}", mapping.function);
        assert!(document.contains(&said), "{said}");
    }
}
