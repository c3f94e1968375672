//! The API, the logs, and the stack as a whole.

use super::{Expression, Kind, Read, choices, names, page, text};
use std::collections::BTreeSet;

/// What gives a resource a name of its own, by its type.
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
fn no_name_is_the_same_in_two_stacks_so_that_both_stages_have_room_in_an_account() {
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
                let omits = event.required("Properties").unwrap().get("OmitName").map(|omits| omits.truth());
                assert!(matches!(omits, Some(Ok(true))), "SAM names the schedule of {id} alike in every stack");
            }
        }
    }
}

#[test]
fn the_api_is_throttled_and_logged_and_open_to_named_origins_only() {
    let read = Read::new();
    let [(_, api)] = &read.properties("AWS::Serverless::HttpApi")[..] else { panic!("one API") };
    for key in ["ThrottlingRateLimit", "ThrottlingBurstLimit"] {
        assert!(api.required("DefaultRouteSettings").unwrap().get(key).is_some(), "{key}");
    }
    let format = text(&api.required("AccessLogSettings").unwrap(), "Format");
    let line = serde_json::from_str::<serde_json::Value>(&format).unwrap();
    // What API Gateway refuses itself reaches no function: here alone it is seen who floods.
    assert_eq!(line["ip"], "$context.identity.sourceIp", "{format}");
    let [condition, open, closed] = choices(&api.required("CorsConfiguration").unwrap());
    assert_eq!(condition.text().unwrap(), "HasCorsOrigins");
    assert_eq!(Expression::read(&closed).unwrap().reference(), Some("AWS::NoValue"));
    let origins = open.required("AllowOrigins").unwrap();
    let Kind::Other(split, argument) = &origins.node.kind else { panic!("the origins are written out") };
    let [comma, parameter] = &origins.part(argument).items().unwrap()[..] else { panic!("what is split?") };
    assert_eq!((split.as_str(), comma.text().unwrap().as_str()), ("!Split", ","));
    assert_eq!(Expression::read(parameter).unwrap().reference(), Some("CorsOrigins"));
    // Tokens travel in a header: no page needs a cookie of ours.
    assert!(open.get("AllowCredentials").is_none());
}

/// A page or a domain that is not the operator's would get what is theirs: tokens, above all.
#[test]
fn no_default_is_a_strangers() {
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

/// Parameters that are refused without others, the others, and why.
const TOGETHER: [(&[Given], &[Given], &str); 9] = [
    (&[("MailDomain", "example.org")], &[("PasswordResetPage", "https://example.org/reset")], "MailDomain needs"),
    (
        &[("MailDomain", "example.org"), ("PasswordResetPage", "https://example.org/reset-password")],
        &[("PasswordResetPage", "https://example.org/reset")],
        "PasswordResetPage is a stranger's page",
    ),
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
fn parameters_that_need_each_other_are_refused_alone() {
    let read = Read::new();
    let check = |given: &[&[Given]]| {
        let given = given.concat().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        read.template.check_parameters(&given.collect())
    };
    for (given, missing, told) in TOGETHER {
        let refused = check(&[given]).unwrap_err().to_string();
        assert!(refused.contains(told), "{refused}");
        check(&[given, missing]).unwrap();
    }
    for (name, rule) in read.root().required("Rules").unwrap().entries().unwrap() {
        for assertion in rule.required("Assertions").unwrap().items().unwrap() {
            let says = text(&assertion, "AssertDescription");
            assert!(TOGETHER.iter().any(|(.., told)| says.contains(told)), "{name} is not tried");
        }
    }
}

/// The routes that the page marks as public: `POST /v1/auth/login` *public*.
fn public_routes(page: &str) -> BTreeSet<String> {
    let cells = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` *public*"));
    cells.map(|(route, _)| route.to_owned()).collect()
}

#[test]
fn what_needs_no_token_has_a_limit_of_its_own_and_what_stands_before_a_domain_cannot_be_gone_around() {
    let read = Read::new();
    let [(_, api)] = &read.properties("AWS::Serverless::HttpApi")[..] else { panic!("one API") };
    // Where a GET is among them, the event is `ANY`, so that its function answers HEAD as well.
    let routes = read.template.functions.iter().flat_map(|function| &function.routes);
    let keys: BTreeSet<String> = routes.map(|route| format!("{} {}", route.method, route.path)).collect();
    let key = |route: String| {
        if keys.contains(&route) { route } else { format!("ANY {}", &route[route.find(' ').map_or(0, |at| at + 1)..]) }
    };
    let mut public: BTreeSet<String> = public_routes(&page("API.md")).into_iter().map(key).collect();
    assert!(public.len() > 5 && public.is_subset(&keys), "{public:?}");
    // And what no route takes.
    public.insert("$default".to_owned());
    let limited = api.required("RouteSettings").unwrap().entries().unwrap();
    assert_eq!(limited.iter().map(|(route, _)| route.clone()).collect::<BTreeSet<_>>(), public);
    for (route, limits) in limited {
        // Who is signed in refreshes every ten minutes: strangers must not use that up with few requests.
        let parameters = match route.as_str() {
            "POST /v1/auth/refresh" => ["RequestsPerSecond", "RequestsBurst"],
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
        (condition.text().unwrap().as_str(), yes.truth().unwrap(), no.truth().unwrap()),
        ("HasDomain", true, false)
    );
}

/// What a stack may hold (CloudFormation user guide, "Understand CloudFormation quotas"), and where we stop before it.
const RESOURCES_MAX: usize = 500;
const RESOURCES_ENOUGH: usize = 400;

/// What SAM makes of the template: a role for each function, a permission for each route and schedule, and a schedule's own role,
/// and the stage of the API (AWS SAM developer guide, "Generated CloudFormation resources").
fn resources_after_expansion(read: &Read) -> usize {
    let written = read.root().required("Resources").unwrap().entries().unwrap().len();
    let functions = &read.template.functions;
    let routes: usize = functions.iter().map(|function| function.routes.len()).sum();
    let schedules = functions.iter().filter(|function| function.every.is_some()).count();
    let stages = read.resources("AWS::Serverless::HttpApi").len();
    written + functions.len() + routes + 2 * schedules + stages
}

#[test]
fn there_is_room_for_more_in_one_stack() {
    let resources = resources_after_expansion(&Read::new());
    assert!(resources <= RESOURCES_ENOUGH, "{resources} resources of {RESOURCES_MAX}: time for a second stack");
    assert!(resources > 200, "{resources}: what is counted here?");
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
