//! The API, the logs, and the stack as a whole.

use super::{Expression, Kind, Read, choices, names, text};
use contract::Contract;
use std::collections::BTreeSet;
use std::path::Path;

/// The property that names a resource, by its type.
const NAMING: [(&str, &str); 10] = [
    ("AWS::CloudWatch::Alarm", "AlarmName"),
    ("AWS::CloudWatch::Dashboard", "DashboardName"),
    ("AWS::DynamoDB::Table", "TableName"),
    ("AWS::IAM::ManagedPolicy", "ManagedPolicyName"),
    ("AWS::Logs::LogGroup", "LogGroupName"),
    ("AWS::Logs::MetricFilter", "FilterName"),
    ("AWS::SES::ConfigurationSet", "Name"),
    ("AWS::SNS::Topic", "TopicName"),
    ("AWS::SQS::Queue", "QueueName"),
    ("AWS::Serverless::Function", "FunctionName"),
];

#[test]
fn no_resource_name_clashes_between_two_stacks_of_an_account() {
    let read = Read::new();
    for (kind, property) in NAMING {
        for (id, resource) in read.resources(kind) {
            let Some(properties) = resource.get("Properties").filter(|all| all.get(property).is_some()) else {
                continue;
            };
            let of_the_stack = names(&properties, property).contains("${AWS::StackName}");
            assert!(of_the_stack, "{id} has a {property} that the next stack would have too");
        }
    }
    for (id, properties) in read.properties("AWS::Serverless::Function") {
        for (_, event) in properties.get("Events").map_or_else(Vec::new, |events| events.entries().unwrap()) {
            if text(&event, "Type") == "ScheduleV2" {
                let omits = event.required("Properties").unwrap().get("OmitName").map(|omits| omits.boolean());
                assert!(matches!(omits, Some(Ok(true))), "SAM names the schedule of {id} alike in every stack");
            }
        }
    }
}

#[test]
fn the_api_is_throttled_logged_and_open_only_to_named_origins() {
    let read = Read::new();
    let [(_, api)] = &read.properties("AWS::Serverless::HttpApi")[..] else { panic!("one API") };
    for key in ["ThrottlingRateLimit", "ThrottlingBurstLimit"] {
        assert!(api.required("DefaultRouteSettings").unwrap().get(key).is_some(), "{key}");
    }
    let format = text(&api.required("AccessLogSettings").unwrap(), "Format");
    let line = serde_json::from_str::<serde_json::Value>(&format).unwrap();
    // What API Gateway itself refuses reaches no function, so only this log shows who floods.
    assert_eq!(line["ip"], "$context.identity.sourceIp", "{format}");
    let [condition, open, closed] = choices(&api.required("CorsConfiguration").unwrap());
    assert_eq!(condition.text().unwrap(), "HasCorsOrigins");
    assert_eq!(Expression::read(&closed).unwrap().reference(), Some("AWS::NoValue"));
    let origins = open.required("AllowOrigins").unwrap();
    let Kind::Other(split, argument) = &origins.node.kind else { panic!("the origins are written out") };
    let [comma, parameter] = &origins.part(argument).items().unwrap()[..] else {
        panic!("one argument of the split expected")
    };
    assert_eq!((split.as_str(), comma.text().unwrap().as_str()), ("!Split", ","));
    assert_eq!(Expression::read(parameter).unwrap().reference(), Some("CorsOrigins"));
    // Only pages of the own origin get a cookie. Others send tokens in a header.
    assert!(open.get("AllowCredentials").is_none());
}

/// A foreign page or domain as a default would receive what belongs to the operator, above all
/// tokens.
#[test]
fn no_parameter_defaults_to_a_foreign_page_or_domain() {
    let read = Read::new();
    for (name, parameter) in read.root().required("Parameters").unwrap().entries().unwrap() {
        let default = text(&parameter, "Default");
        assert!(!default.contains("://") && !default.contains("example."), "{name} is {default} by default");
    }
    for parameter in ["MailDomain", "PasswordResetPage", "TicketPage"] {
        let parameters = read.root().required("Parameters").unwrap();
        assert_eq!(text(&parameters.required(parameter).unwrap(), "Default"), "", "{parameter}");
    }
}

/// Parameters that are refused without others, the others, and the message.
const TOGETHER: [(&[Given], &[Given], &str); 11] = [
    (
        &[("MailDomain", "example.org"), ("PasswordResetPage", "https://example.org/reset-password")],
        &[("PasswordResetPage", "")],
        "PasswordResetPage is a stranger's page",
    ),
    (&[("Registration", "open")], &[("MailDomain", "example.org")], "it needs MailDomain"),
    (
        &[("Registration", "domains"), ("MailDomain", "example.org")],
        &[("RegistrationDomains", "example.org")],
        "needs RegistrationDomains",
    ),
    (&[("AdminEmail", "ada@example.org")], &[("MailDomain", "example.org")], "AdminEmail needs"),
    (&[("DomainName", "api.example.org")], &[("DomainCertificate", "arn:aws:acm:x")], "DomainName needs"),
    (&[("RestoredTable", "restored")], &[("RestoredStream", "2026-11-27T10:00:00.000")], "RestoredTable needs"),
    (&[("ReadUnitsPerSecond", "500")], &[("WriteUnitsPerSecond", "500")], "are set together"),
    (&[("WriteUnitsPerSecond", "500")], &[("ReadUnitsPerSecond", "500")], "are set together"),
    (&[("MonthlyBudget", "10")], &[("BudgetEmail", "ada@example.org")], "MonthlyBudget needs"),
    (&[("ViewerHeader", "x-viewer")], &[("FrontSecret", SECRET)], "ViewerHeader needs"),
    (&[("FrontSecret", SECRET)], &[("ViewerHeader", "x-viewer")], "FrontSecret needs"),
];
type Given = (&'static str, &'static str);
const SECRET: &str = "thirty-two-characters-or-more-as-it-is";

#[test]
fn parameters_that_depend_on_each_other_are_refused_alone() {
    let read = Read::new();
    let check = |given: &[&[Given]]| {
        let given = given.concat().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        read.template.check_parameters(&given.collect())
    };
    for (given, missing, message) in TOGETHER {
        let refused = check(&[given]).unwrap_err().to_string();
        assert!(refused.contains(message), "{refused}");
        check(&[given, missing]).unwrap();
    }
    for (name, rule) in read.root().required("Rules").unwrap().entries().unwrap() {
        for assertion in rule.required("Assertions").unwrap().items().unwrap() {
            let says = text(&assertion, "AssertDescription");
            assert!(TOGETHER.iter().any(|(.., message)| says.contains(message)), "{name} is not tested");
        }
    }
}

#[test]
fn mails_link_to_the_console_or_to_pages_of_ones_own() {
    let (api, own, domain) = ("https://api.example.org", "https://example.org/reset", "desk.example.org");
    let with_domain = [("DomainName", domain), ("DomainCertificate", "arn:aws:acm:x")];
    let own_pages = [("PasswordResetPage", own), ("TicketPage", "https://example.org/{number}")];
    for (given, password, ticket) in [
        (&[][..], "https://api.example.org/app/password", "https://api.example.org/app/tickets/{number}"),
        (&with_domain, "https://desk.example.org/app/password", "https://desk.example.org/app/tickets/{number}"),
        (&own_pages, own, "https://example.org/{number}"),
    ] {
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let resolved = Read::new().template.resolve(&given.collect(), "http://127.0.0.1:1", api).unwrap();
        let variable = |binary: &str, name: &str| {
            let function = resolved.functions.iter().find(|function| function.binary == binary).unwrap();
            function.environment[name].clone()
        };
        assert_eq!(variable("workers-accounts", "PASSWORD_RESET_PAGE"), password);
        assert_eq!(variable("workers-email", "TICKET_PAGE"), ticket);
    }
}

/// Returns the routes that the contract calls public: `POST /v1/auth/login`.
fn public_routes() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let contract = Contract::read(&root).unwrap();
    let public = contract.operations.iter().filter(|operation| operation.is_public(&contract.document));
    public.map(|operation| format!("{} {}", operation.method, operation.path)).collect()
}

#[test]
fn public_routes_have_their_own_limit_and_a_domain_cannot_be_bypassed() {
    let read = Read::new();
    let [(_, api)] = &read.properties("AWS::Serverless::HttpApi")[..] else { panic!("one API") };
    // Where a path has a GET, the event is `ANY`, so that its function answers HEAD as well.
    let routes = read.template.functions.iter().flat_map(|function| &function.routes);
    let keys: BTreeSet<String> = routes.map(|route| format!("{} {}", route.method, route.path)).collect();
    let key = |route: String| {
        if keys.contains(&route) { route } else { format!("ANY {}", &route[route.find(' ').map_or(0, |at| at + 1)..]) }
    };
    let mut public: BTreeSet<String> = public_routes().into_iter().map(key).collect();
    assert!(public.len() > 5 && public.is_subset(&keys), "{public:?}");
    // And requests that match no route.
    public.insert("$default".to_owned());
    let limited = api.required("RouteSettings").unwrap().entries().unwrap();
    assert_eq!(limited.iter().map(|(route, _)| route.clone()).collect::<BTreeSet<_>>(), public);
    for (route, limits) in limited {
        // Signed-in users refresh every ten minutes, so strangers must not use up that limit with
        // few requests.
        let parameters = match route.as_str() {
            "POST /v1/auth/refresh" => ["RequestsPerSecond", "RequestsBurst"],
            // The files of the reference are the largest responses of all, so a flood of them costs
            // most. A reader gets three of them, and a burst is for sixteen readers at once.
            "ANY /openapi.json" | "ANY /docs/{asset}" => {
                let limit = |name| limits.required(name).unwrap().integer().unwrap();
                assert_eq!((limit("ThrottlingRateLimit"), limit("ThrottlingBurstLimit")), (5, 50), "{route}");
                continue;
            }
            // A browser asks for many at once, and then keeps them.
            "ANY /assets/{file}" => {
                let rate = Expression::read(&limits.required("ThrottlingRateLimit").unwrap()).unwrap();
                assert_eq!(rate.reference(), Some("PublicRequestsPerSecond"), "{route}");
                assert_eq!(limits.required("ThrottlingBurstLimit").unwrap().integer().unwrap(), 800, "{route}");
                continue;
            }
            _ => ["PublicRequestsPerSecond", "PublicRequestsBurst"],
        };
        for (limit, parameter) in ["ThrottlingRateLimit", "ThrottlingBurstLimit"].into_iter().zip(parameters) {
            let value = Expression::read(&limits.required(limit).unwrap()).unwrap();
            assert_eq!(value.reference(), Some(parameter), "{route}");
        }
    }
    let default = |name: &str| {
        let parameter = read.root().required("Parameters").unwrap().required(name).unwrap();
        parameter.required("Default").unwrap().integer().unwrap()
    };
    assert!(default("PublicRequestsPerSecond") < default("RequestsPerSecond"));
    assert!(default("PublicRequestsBurst") < default("RequestsBurst"));
    let [condition, yes, no] = choices(&api.required("DisableExecuteApiEndpoint").unwrap());
    assert_eq!(
        (condition.text().unwrap().as_str(), yes.boolean().unwrap(), no.boolean().unwrap()),
        ("HasDomain", true, false)
    );
}

/// The limit of resources in a stack (CloudFormation user guide, "Understand CloudFormation
/// quotas"), and the limit that we set.
const RESOURCES_MAX: usize = 500;
const RESOURCES_ENOUGH: usize = 400;

/// Returns the number of resources after SAM's expansion: those of the template, a role for each
/// function, a permission for each route and schedule, a role for each schedule, and the stage of
/// the API (AWS SAM developer guide, "Generated CloudFormation resources").
fn resources_after_expansion(read: &Read) -> usize {
    let written = read.root().required("Resources").unwrap().entries().unwrap().len();
    let functions = &read.template.functions;
    let routes: usize = functions.iter().map(|function| function.routes.len()).sum();
    let schedules = functions.iter().filter(|function| function.every.is_some()).count();
    let stages = read.resources("AWS::Serverless::HttpApi").len();
    written + functions.len() + routes + 2 * schedules + stages
}

#[test]
fn the_stack_is_well_below_the_resource_limit() {
    let resources = resources_after_expansion(&Read::new());
    assert!(resources <= RESOURCES_ENOUGH, "{resources} resources of {RESOURCES_MAX}: time for a second stack");
    assert!(resources > 200, "{resources} resources: the count is too low");
}

#[test]
fn logs_expire_and_parameters_and_outputs_are_described() {
    let read = Read::new();
    for (id, group) in read.properties("AWS::Logs::LogGroup") {
        assert!(group.get("RetentionInDays").is_some(), "{id} is kept forever");
    }
    for (section, has_default) in [("Parameters", true), ("Outputs", false)] {
        for (name, described) in read.root().required(section).unwrap().entries().unwrap() {
            assert!(!text(&described, "Description").is_empty(), "{name} is not described");
            assert!(!has_default || described.get("Default").is_some(), "{name} has no default");
        }
    }
}
