use super::*;
use serde_json::json;
use std::time::Duration;

const PARTS: &str = r#"
Parameters:
  Issuer: { Type: String, Default: helpdesk }
  Keys: { Type: String }
Globals:
  Function:
    Timeout: 10
    Environment: { Variables: { SHARED: yes-it-is } }
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      SSESpecification: { SSEEnabled: true }
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
      StreamSpecification: { StreamViewType: NEW_IMAGE }
      TimeToLiveSpecification: { AttributeName: expires_at, Enabled: true }
  Events:
    Type: AWS::SQS::Queue
    Properties:
      FifoQueue: true
      VisibilityTimeout: 60
      RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5 }
  Dead:
    Type: AWS::SQS::Queue
    Properties: { FifoQueue: true }
  Given:
    Type: AWS::SQS::Queue
  WorkersRelay:
    Type: AWS::Serverless::Function
    Properties:
      MemorySize: 512
      Environment: &stores
        Variables:
          QUEUE: !Ref Events
          TABLE: {"Ref": "Table"}
          WHO: !Sub "${Issuer}/${AWS::Region}/${Table.Arn}/${!kept}"
      Events:
        Route: { Type: HttpApi, Properties: { Method: get, Path: "/v1/tickets/{number}" } }
  TicketsMarkRead:
    Type: AWS::Serverless::Function
    Properties: { Timeout: 3, Environment: *stores }
  Relay:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref WorkersRelay
      EventSourceArn: !GetAtt Table.StreamArn
      StartingPosition: TRIM_HORIZON
      BatchSize: 7
      BisectBatchOnFunctionError: true
      MaximumRetryAttempts: 4
      FunctionResponseTypes: [ReportBatchItemFailures]
      FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] }
      DestinationConfig: { OnFailure: { Destination: !GetAtt Given.Arn } }
"#;

fn given() -> BTreeMap<String, String> {
    BTreeMap::from([("Keys".to_owned(), "{}".to_owned())])
}

/// Returns the error of parsing [`PARTS`] with `from` replaced by `to`.
fn complaint(from: &str, to: &str) -> String {
    assert!(PARTS.contains(from), "{from}");
    Template::parse(&PARTS.replace(from, to)).unwrap_err().to_string()
}

#[test]
fn functions_get_globals_routes_and_kebab_case_names() {
    let template = Template::parse(PARTS).unwrap();
    let relay = template.function("workers-relay").unwrap();
    assert_eq!((relay.timeout_seconds, relay.memory_megabytes), (10, 512));
    assert_eq!(relay.routes, [Route { method: "GET".to_owned(), path: "/v1/tickets/{number}".to_owned() }]);
    let marked = template.function("tickets-mark-read").unwrap();
    assert_eq!((marked.timeout_seconds, marked.memory_megabytes), (3, 128));
}

#[test]
fn the_environment_matches_the_template() {
    let resolved =
        Template::parse(PARTS).unwrap().resolve(&given(), "http://127.0.0.1:1", "http://127.0.0.1:2").unwrap();
    let expected = BTreeMap::from(
        [
            ("QUEUE", "http://127.0.0.1:1/000000000000/helpdesk-Events.fifo"),
            ("SHARED", "yes-it-is"),
            ("TABLE", "helpdesk-Table"),
            ("WHO", "helpdesk/us-east-1/arn:aws:dynamodb:us-east-1:000000000000:table/helpdesk-Table/${kept}"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    assert_eq!(resolved.functions[0].environment, expected);
    assert_eq!(resolved.functions[1].environment, expected);
}

#[test]
fn the_table_becomes_a_create_table_request() {
    let resolved =
        Template::parse(PARTS).unwrap().resolve(&given(), "http://127.0.0.1:1", "http://127.0.0.1:2").unwrap();
    assert_eq!(
        resolved.table.create_request,
        json!({
            "TableName": "helpdesk-Table",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
        })
    );
    assert_eq!(resolved.table.ttl_attribute.as_deref(), Some("expires_at"));
}

#[test]
fn a_dead_letter_queue_is_made_before_its_user() {
    let resolved =
        Template::parse(PARTS).unwrap().resolve(&given(), "http://127.0.0.1:1", "http://127.0.0.1:2").unwrap();
    let ids: Vec<&str> = resolved.queues.iter().map(|queue| queue.id.as_str()).collect();
    assert_eq!(ids, ["Dead", "Given", "Events"]);
    let policy = &resolved.queues[2].attributes["RedrivePolicy"];
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(policy).unwrap(),
        json!({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:helpdesk-Dead.fifo", "maxReceiveCount": 5})
    );
    assert_eq!(resolved.queues[1].name, "helpdesk-Given");
}

#[test]
fn an_event_source_mapping_keeps_every_setting() {
    let template = Template::parse(PARTS).unwrap();
    let mapping = &template.mappings[0];
    assert_eq!((mapping.function.as_str(), mapping.batch_size), ("workers-relay", 7));
    assert!(mapping.reports_item_failures);
    assert_eq!(mapping.filters.len(), 1);
    let Source::Stream { retry, .. } = &mapping.source else { panic!("a stream") };
    let expected = StreamRetry { max_attempts: Some(4), bisect: true, on_failure_queue: Some("Given".to_owned()) };
    assert_eq!(*retry, expected);
}

#[test]
fn unsupported_settings_are_reported_with_their_line() {
    let line = |text: &str| 1 + PARTS.lines().position(|line| line.contains(text)).unwrap();
    let says = |from: &str, to: &str, complaint_here: &str| {
        let expected =
            format!("template.yaml line {}: {complaint_here}, which the local stack does not support.", line(from));
        assert_eq!(complaint(from, to), expected);
    };
    says(
        r#"["INSERT"]"#,
        r#"[{"wildcard":"I*"}]"#,
        "Resources.Relay.Properties.FilterCriteria.Filters[0].Pattern uses {\"wildcard\":\"I*\"}",
    );
    says(
        "Route: { Type: HttpApi",
        "Route: { Type: SQS",
        "Resources.WorkersRelay.Properties.Events.Route.Type is an event of type SQS",
    );
    says("BatchSize: 7", "TumblingWindowInSeconds: 7", "Resources.Relay.Properties.TumblingWindowInSeconds is set");
    says(
        "QUEUE: !Ref Events",
        "QUEUE: !ImportValue Events",
        "Resources.WorkersRelay.Properties.Environment.Variables.QUEUE uses !ImportValue",
    );
    says(
        "MemorySize: 512",
        "FunctionUrlConfig: { AuthType: NONE }",
        "Resources.WorkersRelay.Properties.FunctionUrlConfig is set",
    );
    says("Timeout: 10", "VpcConfig: {}", "Globals.Function.VpcConfig is set");
    says("Timeout: 10", "Policies: []", "Globals.Function.Policies is set");
    assert!(complaint("AWS::SQS::Queue", "AWS::S3::Bucket").contains("is AWS::S3::Bucket"));
    assert!(complaint("!Ref WorkersRelay", "!Ref Nobody").contains("invokes a function that does not exist"));
    assert!(complaint("!GetAtt Given.Arn", "!GetAtt Nowhere.Arn").contains("queue that does not exist"));
}

#[test]
fn unknown_names_and_missing_values_are_errors() {
    let parse = |text: &str| Template::parse(text).unwrap();
    let error = parse(PARTS).resolve(&BTreeMap::new(), "", "").unwrap_err().to_string();
    assert_eq!(error, "The parameter Keys of template.yaml has no value.");
    let strange = BTreeMap::from([("Other".to_owned(), String::new())]);
    assert_eq!(
        parse(PARTS).resolve(&strange, "", "").unwrap_err().to_string(),
        "template.yaml has no parameter Other."
    );
    let lost = parse(&PARTS.replace("${Table.Arn}", "${Table.Colour}")).resolve(&given(), "", "").unwrap_err();
    assert!(lost.to_string().contains("refers to Table.Colour"), "{lost}");
}

/// Checks that the real template of this repository can be read.
#[test]
fn the_help_desks_own_template_is_parsed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
    let template = Template::read(&path).unwrap();
    let given = BTreeMap::from([("TokenVerifyKeys".to_owned(), r#"{"keys":[]}"#.to_owned())]);
    let resolved = template.resolve(&given, "http://127.0.0.1:1", "http://127.0.0.1:2").unwrap();
    assert!(resolved.functions.iter().any(|function| function.environment.contains_key("TABLE_NAME")));
    assert_eq!(template.mappings.len(), 5);
    let hourly = template.functions.iter().filter(|function| function.every == Some(Duration::from_hours(1)));
    assert_eq!(hourly.map(|function| function.binary.as_str()).collect::<Vec<_>>(), ["workers-auto-close"]);
}
