//! Functions and their permissions.

use super::{Cursor, Expression, Function, Read, Source, Statement, choices, number, page, text};
use local::template::binary_name;
use std::collections::BTreeSet;
use support::policy::read_statement;

/// Functions that an operator with AWS permissions invokes by hand.
const BY_HAND: [&str; 3] = ["TicketsVerifyPage", "UsersCreateAdmin", "WorkersRedrive"];
/// The time limit of API Gateway (API Gateway developer guide, "HTTP API quotas"), in seconds.
const API_GATEWAY_SECONDS: u32 = 30;
/// The number of executions that AWS leaves unreserved (Lambda developer guide, "Configuring
/// reserved concurrency").
const UNRESERVED_CONCURRENCY: i64 = 100;
/// What SAM grants every role, on any resource: to write logs, and traces, for which AWS knows no
/// resource.
const GRANTED_BY_SAM: [&str; 4] =
    ["logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"];

#[test]
fn functions_are_packaged_traced_logged_and_have_a_permissions_boundary() {
    let read = Read::new();
    for (id, resource) in read.resources("AWS::Serverless::Function") {
        let properties = resource.required("Properties").unwrap();
        let binary = binary_name(&id);
        assert_eq!(text(&properties, "CodeUri"), format!("target/lambda/{binary}/"), "{id}");
        let built = resource.get("Metadata").and_then(|metadata| metadata.get("SkipBuild")).map(|skip| skip.boolean());
        assert!(matches!(built, Some(Ok(true))), "{id} would be built again");
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
fn every_function_has_an_invoker_and_a_timeout_below_its_limit() {
    let read = Read::new();
    for function in &read.template.functions {
        let mapped = read.template.mappings.iter().any(|mapping| mapping.function == function.binary);
        let by_hand = BY_HAND.contains(&function.id.as_str()) || read.makes_resources().contains(&function.id);
        assert!(
            !function.routes.is_empty() || mapped || function.every.is_some() || by_hand,
            "{} is never invoked",
            function.id
        );
        assert!(function.routes.is_empty() || function.timeout_seconds < API_GATEWAY_SECONDS, "{}", function.id);
    }
}

/// How long Lambda waits in all before it invokes a function twice more that failed, in seconds
/// (Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation").
const RETRY_SECONDS: u32 = 60 + 120;

#[test]
fn custom_resources_outlast_the_retries_of_their_functions_and_are_not_waited_for_longer() {
    let read = Read::new();
    for (id, resource) in read.custom_resources() {
        let properties = resource.required("Properties").unwrap();
        let token = Expression::read(&properties.required("ServiceToken").unwrap()).unwrap();
        let timeout = read.function(token.attribute().unwrap().0).timeout_seconds;
        let waits = number(&properties, "ServiceTimeout").unwrap();
        let needed = i64::from(RETRY_SECONDS + 3 * timeout);
        assert!((needed..2 * needed).contains(&waits), "{id} waits for {waits} s, not {needed}");
    }
}

#[test]
fn functions_get_the_signing_key_of_the_stack_and_one_of_them_may_make_it() {
    let read = Read::new();
    let (mut checks, mut readers, mut makers) = (0, BTreeSet::new(), BTreeSet::new());
    for function in &read.template.functions {
        // A reference to the resource, so that no function is there before the key.
        if let Some(keys) = function.environment.get("TOKEN_VERIFY_KEYS") {
            assert_eq!(keys.attribute(), Some(("SigningKey", "VerifyKeys")), "{}", function.id);
            checks += 1;
        }
        let issues = function.environment.get("TOKEN_SIGNING_KEY_NAME");
        assert!(issues.is_none_or(|name| name.reference() == Some("SigningKey")), "{}", function.id);
        for statement in read.policies(function) {
            let may = |action: &str| statement.actions.iter().any(|granted| granted == action);
            if may("ssm:GetParameter") {
                readers.insert((function.id.as_str(), issues.is_some()));
            }
            if may("ssm:PutParameter") {
                assert!(statement.never_overwrites, "{} could replace the key", function.id);
                makers.insert(function.id.as_str());
            }
        }
    }
    assert!(checks > 40, "{checks}");
    let expected = [("AuthLogin", true), ("AuthRefresh", true), ("DeploymentSigningKey", false)];
    assert_eq!((readers, makers), (BTreeSet::from(expected), BTreeSet::from(["DeploymentSigningKey"])));
}

#[test]
fn concurrency_is_reserved_where_it_protects() {
    let read = Read::new();
    let memory = number(&read.globals(), "MemorySize").unwrap();
    // No flood reaches these.
    let of_operators = ["DeploymentFirstAdmin", "UsersCreateAdmin"];
    for (id, properties) in read.properties("AWS::Serverless::Function") {
        let hashes = number(&properties, "MemorySize").is_some_and(|own| own > memory);
        let function = read.function(&id);
        // Two concurrent runs would conflict.
        let alone = function.every.is_some() || id == "WorkersRedrive";
        let reserves = properties.get("ReservedConcurrentExecutions").is_some();
        assert_eq!(
            reserves,
            (function.routes.is_empty() && alone) || (hashes && !of_operators.contains(&id.as_str())),
            "{id}"
        );
    }
}

#[test]
fn the_total_reserved_concurrency_is_documented() {
    let read = Read::new();
    let of_each = read.properties("AWS::Serverless::Function").into_iter();
    let reserved: i64 = of_each
        .filter_map(|(_, properties)| properties.get("ReservedConcurrentExecutions"))
        .map(|reserved| {
            let [condition, yes, no] = choices(&reserved);
            assert_eq!(condition.text().unwrap(), "ReservesConcurrency");
            assert_eq!(Expression::read(&no).unwrap().reference(), Some("AWS::NoValue"));
            yes.integer().unwrap()
        })
        .sum();
    let needed = reserved + UNRESERVED_CONCURRENCY;
    let parameter = read.root().required("Parameters").unwrap().required("ReserveConcurrency").unwrap();
    let (described, page) = (text(&parameter, "Description"), page("OPERATIONS.md"));
    for (said, figure) in [
        (&described, format!("It sets {reserved} of ")),
        (&described, format!("it needs {needed}.")),
        (&page, format!("sets {reserved} of it aside")),
        (&page, format!("a quota of {needed} concurrent executions")),
    ] {
        assert!(said.contains(&figure), "{figure}");
    }
}

/// Returns the functions that get what this one sends to a queue.
fn receivers<'a>(read: &'a Read, function: &'a Function) -> impl Iterator<Item = &'a Function> {
    let policies = read.policies(function);
    let sends_to = move |queue: &str| {
        let on_it = |one: &Statement| one.resources.iter().any(|on| on.attribute() == Some((queue, "Arn")));
        policies.iter().any(|one| one.actions.iter().any(|action| action == "sqs:SendMessage") && on_it(one))
    };
    let of_them = read
        .template
        .mappings
        .iter()
        .filter(move |mapping| matches!(&mapping.source, Source::Queue { queue } if sends_to(queue)));
    of_them.filter_map(|mapping| read.template.function(&mapping.function))
}

/// Returns whether messages of a function can reach the function itself, directly or through
/// others.
fn loops(read: &Read, function: &Function) -> bool {
    let (mut seen, mut ahead) = (BTreeSet::new(), vec![function]);
    while let Some(sender) = ahead.pop() {
        ahead.extend(receivers(read, sender).filter(|receiver| seen.insert(receiver.id.as_str())));
    }
    seen.contains(function.id.as_str())
}

#[test]
fn functions_that_send_messages_to_themselves_allow_recursive_loops() {
    let read = Read::new();
    assert!(loops(&read, read.function("WorkersWebhooks")), "this test no longer detects a loop");
    for (id, properties) in read.properties("AWS::Serverless::Function") {
        let said = if loops(&read, read.function(&id)) { "Allow" } else { "" };
        assert_eq!(text(&properties, "RecursiveLoop"), said, "{id}");
    }
}

/// Returns what statements grant, as written.
fn granted(statements: &[Statement]) -> BTreeSet<String> {
    let each = |statement: &Statement| {
        let resources = statement.resources.clone();
        let actions = statement.actions.clone().into_iter();
        actions
            .flat_map(move |action| resources.clone().into_iter().map(move |on| format!("{action} {}", on.written())))
    };
    statements.iter().flat_map(each).collect()
}

fn written_actions(statement: &Cursor<'_>) -> Vec<String> {
    statement.required("Action").unwrap().items().unwrap().iter().map(|action| action.text().unwrap()).collect()
}

#[test]
fn the_permissions_boundary_allows_exactly_what_the_policies_grant() {
    let read = Read::new();
    let [(_, boundary)] = &read.properties("AWS::IAM::ManagedPolicy")[..] else { panic!("one boundary") };
    let statements = boundary.required("PolicyDocument").unwrap().required("Statement").unwrap().items().unwrap();
    let (of_sam, of_ours): (Vec<_>, Vec<_>) = statements.iter().partition(|statement| {
        written_actions(statement).iter().all(|action| GRANTED_BY_SAM.contains(&action.as_str()))
    });
    for statement in of_sam {
        let traces = written_actions(statement).iter().all(|action| action.starts_with("xray:"));
        let resource = Expression::read(&statement.required("Resource").unwrap()).unwrap();
        assert!(traces || resource.attribute() == Some(("Logs", "Arn")), "Boundary lets functions write to any log");
    }
    let statements: Vec<_> = of_ours.into_iter().map(|statement| read_statement(statement).unwrap()).collect();
    let bounded = granted(&statements);
    for function in &read.template.functions {
        let beyond: Vec<String> = granted(&read.policies(function)).difference(&bounded).cloned().collect();
        assert!(beyond.is_empty(), "{} is granted more than Boundary allows: {beyond:?}", function.id);
    }
    let actions = |statements: &[Statement]| -> BTreeSet<String> {
        statements.iter().flat_map(|statement| statement.actions.clone()).collect()
    };
    let used = read.template.functions.iter().flat_map(|function| actions(&read.policies(function))).collect();
    let unused: Vec<String> = actions(&statements).difference(&used).cloned().collect();
    assert!(unused.is_empty(), "Boundary allows what no function may do: {unused:?}");
}

/// The prefixes of the partitions of each index. The table has none of these.
const OF_INDEXES: [(&str, &[&str]); 3] = [
    ("/index/by_assignee", &["ASSIGNEE#"]),
    ("/index/by_requester", &["REQUESTER#"]),
    ("/index/by_status", &["STATUS#", "ROLE#", "AUDIT#"]),
];

#[test]
fn every_table_permission_is_limited_to_named_partitions() {
    let read = Read::new();
    for function in &read.template.functions {
        let policies = read.policies(function);
        let of_the_table = policies.iter().filter(|statement| {
            let on_the_stream = statement.resources.iter().any(|on| on.written().contains("Stream"));
            !on_the_stream && statement.actions.iter().any(|action| action.starts_with("dynamodb:"))
        });
        for Statement { actions, resources, keys, .. } in of_the_table {
            let [resource] = &resources[..] else {
                panic!("{}: {actions:?} on more than one table or index", function.id)
            };
            assert!(!keys.is_empty(), "{}: {actions:?} on any partition", function.id);
            let index = OF_INDEXES.iter().find(|(index, _)| resource.written().contains(index));
            for key in keys {
                let begins_with = |kinds: &&[&str]| kinds.iter().any(|kind| key.starts_with(kind));
                let is_its_own = match index {
                    Some((_, kinds)) => begins_with(kinds),
                    None => !OF_INDEXES.iter().any(|(_, kinds)| begins_with(kinds)),
                };
                assert!(is_its_own, "{}: {} has no partition {key}", function.id, resource.written());
            }
        }
    }
}

/// The actions that change an item. A `ConditionCheckItem` only reads it.
const WRITES: [&str; 4] = ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"];
/// The prefixes of the functions that serve tickets and webhooks.
const OF_TICKETS_AND_WEBHOOKS: [&str; 6] = ["Tickets", "Comments", "Notes", "Events", "Timeline", "Webhooks"];

#[test]
fn functions_for_tickets_and_webhooks_cannot_write_accounts() {
    let read = Read::new();
    for function in &read.template.functions {
        if !OF_TICKETS_AND_WEBHOOKS.iter().any(|begins| function.id.starts_with(begins)) {
            continue;
        }
        for statement in read.policies(function) {
            let writes = statement.actions.iter().any(|action| WRITES.contains(&action.as_str()));
            let of_accounts = statement.keys.iter().any(|key| key.starts_with("USER#") || key.starts_with("EMAIL#"));
            assert!(!(writes && of_accounts), "{} may write accounts", function.id);
        }
    }
}
