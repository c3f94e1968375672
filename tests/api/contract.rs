//! Checks that the lists of functions agree: the files under `functions/`, the binaries of
//! `Cargo.toml`, `template.yaml`, the routes in the code, the sample invocations in `events/`, and
//! the names in the documentation. `tests/endpoints` checks that what `cargo regenerate` writes is
//! up to date.

use api::{ROUTES, Route, cors};
use local::template::{Function, Source, Template};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

const BINS: &str = "the [[bin]] list of Cargo.toml";
const TEMPLATE: &str = "template.yaml";

/// The function that answers requests that match no route.
const REFUSE: &str = "routes-refuse";

#[test]
fn every_file_in_functions_is_a_binary_of_its_name() {
    let expected: BTreeSet<_> =
        rust_files(&root().join("functions")).into_iter().map(|path| (binary_of(&path), path)).collect();
    let binaries = binaries(&cargo_metadata()).into_iter().collect();
    assert_same("functions/", &expected, BINS, &binaries);
}

#[test]
fn every_binary_is_a_function_of_the_template() {
    let binaries = binaries(&cargo_metadata()).into_keys().collect();
    let functions = functions();
    assert_same(BINS, &binaries, TEMPLATE, &functions);
}

#[test]
fn every_function_of_the_template_is_deployed_from_its_own_binary() {
    let text = read(&root().join(TEMPLATE));
    let deployed: Vec<_> = text.lines().filter_map(|line| line.trim().strip_prefix("CodeUri: ")).collect();
    let expected: Vec<_> =
        template().functions.iter().map(|function| format!("target/lambda/{}/", function.binary)).collect();
    assert_eq!(deployed, expected, "CodeUri lines of template.yaml");
}

#[test]
fn the_routes_in_the_code_match_the_template() {
    let functions = template().functions.into_iter();
    let in_template = functions
        .flat_map(|Function { binary, routes, .. }| {
            routes.into_iter().map(move |route| (route_key(&route.method, &route.path), binary.clone()))
        })
        .collect();
    let in_code = ROUTES.iter().map(|route| (key_in_template(route), route.function.to_owned())).collect();
    assert_same(TEMPLATE, &in_template, "ROUTES of the code", &in_code);
}

/// Returns the key of the template's route for a route of the code. The function that answers GET
/// takes every method that no other function of the path takes, including HEAD.
fn key_in_template(route: &Route) -> String {
    let same = |other: &&Route| other.path == route.path && other.function == route.function;
    let answers_get = ROUTES.iter().filter(same).any(|other| other.method == "GET");
    let method = if answers_get { "ANY" } else { route.method };
    format!("{method} {}", route.path).trim_end().to_owned()
}

#[test]
fn cors_settings_of_the_template_match_the_code() {
    let template = read(&root().join(TEMPLATE));
    let listed = |name: &str| {
        let (_, list) = template.split_once(&format!("{name}: [")).unwrap_or_else(|| panic!("no {name}"));
        let (list, _) = list.split_once(']').unwrap();
        list.split(", ").map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(listed("AllowMethods"), cors::METHODS);
    assert_eq!(listed("AllowHeaders"), cors::REQUEST_HEADERS);
    assert_eq!(listed("ExposeHeaders"), cors::EXPOSED_HEADERS);
    assert!(template.contains(&format!("MaxAge: {}\n", cors::MAX_AGE_SECONDS)));
    let methods: BTreeSet<&str> =
        ROUTES.iter().map(|route| route.method).filter(|method| *method != "$default").collect();
    assert!(methods.iter().all(|method| cors::METHODS.contains(method)), "{methods:?}");
}

#[test]
fn only_unmatched_routes_are_refused() {
    let template = template();
    let refuse = template.function(REFUSE).expect("template.yaml has no RoutesRefuse");
    let route_keys: Vec<_> = refuse.routes.iter().map(|route| route_key(&route.method, &route.path)).collect();
    assert_eq!(route_keys, ["$default"], "RoutesRefuse takes other routes than $default in template.yaml");
}

#[test]
fn every_function_has_one_sample_invocation() {
    let functions = functions();
    let samples = entries(&root().join("events"))
        .iter()
        .map(|path| path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned())
        .map(|name| name.strip_suffix(".json").map(str::to_owned).unwrap_or(name))
        .collect();
    assert_same(TEMPLATE, &functions, "events/", &samples);
}

#[test]
fn every_sample_invocation_matches_an_event_of_its_function() {
    let template = template();
    let problems: Vec<_> = template
        .functions
        .iter()
        .filter_map(|function| Some((function, sample_problem(&template, function)?)))
        .map(|(function, problem)| format!("events/{}.json: {problem}", function.binary))
        .collect();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn visibility_timeouts_are_six_times_the_function_timeout() {
    let template = template();
    for mapping in &template.mappings {
        let Source::Queue { queue } = &mapping.source else {
            continue;
        };
        let timeout_seconds = template.function(&mapping.function).expect("a mapped function").timeout_seconds;
        let queue = template.queues.iter().find(|candidate| candidate.id == *queue).expect("a mapped queue");
        let hidden = queue.attributes.get("VisibilityTimeout").map(String::as_str);
        assert_eq!(hidden, Some((6 * timeout_seconds).to_string().as_str()), "VisibilityTimeout of {}", queue.id);
    }
}

#[test]
fn every_dead_letter_queue_has_an_alarm_that_can_be_delivered() {
    let template = read(&root().join("template.yaml"));
    // CloudWatch may not use this key, so messages encrypted with it would never arrive.
    assert!(!template.contains("KmsMasterKeyId: alias/aws/sns"));
    let dead_letters = template.lines().filter_map(|line| line.strip_prefix("  ")?.strip_suffix("DeadLetters:"));
    for queue in dead_letters {
        assert!(template.contains(&format!("  {queue}DeadLettersAlarm:\n")), "{queue}DeadLetters has no alarm");
    }
}

#[test]
fn names_in_the_security_page_exist_in_the_code() {
    let page = read(&root().join("docs/SECURITY.md"));
    let named: Vec<(&str, &str)> = page.split('`').filter_map(|text| text.split_once(".rs::")).collect();
    assert!(named.len() > 30, "{}", named.len());
    for (file, name) in named {
        let code = read(&root().join(format!("{file}.rs")));
        assert!(code.contains(name), "docs/SECURITY.md names {file}.rs::{name}, which does not exist");
    }
}

#[test]
fn a_service_account_acts_for_people_where_the_contract_says_so() {
    let contract: Value = serde_json::from_str(&read(&root().join("shared/reference/openapi.json"))).unwrap();
    let mut on_tickets = 0;
    for (path, methods) in contract["paths"].as_object().unwrap() {
        for operation in methods.as_object().unwrap().values().filter(|value| value.get("operationId").is_some()) {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let has = parameters.into_iter().any(|one| one["$ref"] == "#/components/parameters/OnBehalfOf");
            assert_eq!(has, path.starts_with("/v1/tickets"), "{path} {}", operation["operationId"]);
            on_tickets += usize::from(has);
        }
    }
    assert!(on_tickets >= 17, "{on_tickets}");
}

#[test]
fn one_network_cannot_use_up_the_mails_of_registrations() {
    let template = read(&root().join(TEMPLATE));
    let default = |parameter: &str| -> u32 {
        let (_, from) = template.split_once(&format!("\n  {parameter}:\n")).unwrap();
        let value = from.lines().find_map(|line| line.trim().strip_prefix("Default: ")).unwrap();
        value.parse().unwrap()
    };
    // After its free ones, a network has one a minute.
    assert!(default("RegistrationsPerNetwork") + 60 < default("RegistrationMailsPerHour"));
}

#[test]
fn versions_of_crate_stack_and_changelog_are_equal() {
    let version = env!("CARGO_PKG_VERSION");
    let template = read(&root().join(TEMPLATE));
    assert!(template.contains(&format!("\n      Version: {version}\n")), "the property Version of FirstAdmin");
    let (_, output) = template.split_once("\nOutputs:").and_then(|(_, all)| all.split_once("\n  Version:")).unwrap();
    let value = output.lines().find_map(|line| line.trim().strip_prefix("Value: "));
    assert_eq!(value, Some(version), "the output Version of template.yaml");
    let contract = read(&root().join("docs/openapi.yaml"));
    assert!(contract.contains(&format!("\n  version: {version}\n")), "info.version of docs/openapi.yaml");
    let changes = read(&root().join("docs/CHANGELOG.md"));
    let last = changes.lines().find_map(|line| line.strip_prefix("## ")).unwrap_or_default();
    assert_eq!(last.split(' ').next(), Some(version), "the first entry of docs/CHANGELOG.md");
}

#[test]
fn each_stage_deploys_what_is_built_without_a_file_that_is_not_in_git() {
    let (settings, ignored) = (read(&root().join("samconfig.toml")), read(&root().join(".gitignore")));
    let stages = settings.lines().filter_map(|line| line.strip_prefix('[')?.strip_suffix(".deploy.parameters]"));
    for stage in stages {
        let (_, own) = settings.split_once(&format!("[{stage}.deploy.parameters]")).unwrap();
        let own = own.split("\n[").next().unwrap();
        assert!(own.contains("template_file = \"template.yaml\""), "{stage} could deploy an old build of sam's");
        assert!(!own.contains("file://"), "{stage} needs a file that is not in git");
    }
    assert!(ignored.lines().any(|line| line == "/parameters-*.yaml"));
}

/// Returns what is wrong with the sample invocation of `function`, if anything.
fn sample_problem(template: &Template, function: &Function) -> Option<String> {
    let sample = json(&root().join(format!("events/{}.json", function.binary)));
    if let Some(route) = function.routes.first() {
        return http_problem(&sample, &route.method, &route.path);
    }
    let mapping = template.mappings.iter().find(|mapping| mapping.function == function.binary);
    let expected = match mapping.map(|mapping| &mapping.source) {
        Some(Source::Stream { .. }) => Value::from("aws:dynamodb"),
        Some(Source::Queue { .. }) => Value::from("aws:sqs"),
        None => Value::Null,
    };
    differs("eventSource of the first record", &sample["Records"][0]["eventSource"], &expected)
        .or_else(|| differs("routeKey", &sample["routeKey"], &Value::Null))
}

/// Returns why `sample` is not a request of API Gateway to this route, if it is not.
fn http_problem(sample: &Value, method: &str, path: &str) -> Option<String> {
    let key = Value::from(route_key(method, path));
    let context = &sample["requestContext"];
    let http = &context["http"];
    let filled_in = fill_in(path, &sample["pathParameters"]);
    let sent = sample["rawPath"].as_str().unwrap_or_default();
    differs("version", &sample["version"], &Value::from("2.0"))
        .or_else(|| differs("routeKey", &sample["routeKey"], &key))
        .or_else(|| differs("requestContext.routeKey", &context["routeKey"], &key))
        .or_else(|| {
            let sent = &http["method"];
            let known = |route: &&Route| route.path == path && *sent == route.method;
            let answered = path == "$default" || (method == "ANY" && ROUTES.iter().any(|route| known(&route)));
            if answered { None } else { differs("http.method", sent, &Value::from(method)) }
        })
        .or_else(|| differs("http.path", &http["path"], &sample["rawPath"]))
        .or_else(|| (path != "$default" && sent != filled_in).then(|| format!("rawPath is {sent}, not {filled_in}")))
        .or_else(|| {
            let length = sample["headers"]["content-length"].as_str()?;
            let body = sample["body"].as_str().unwrap_or_default();
            (length != body.len().to_string()).then(|| format!("content-length is {length}, not {}", body.len()))
        })
        .or_else(|| differs("isBase64Encoded", &sample["isBase64Encoded"], &Value::from(false)))
        .or_else(|| {
            let body = sample["body"].as_str()?;
            serde_json::from_str::<Value>(body).err().map(|error| format!("body is not JSON: {error}"))
        })
}

fn differs(what: &str, found: &Value, expected: &Value) -> Option<String> {
    (found != expected).then(|| format!("{what} is {found}, not {expected}"))
}

/// Returns `path` with its parameters filled in.
fn fill_in(path: &str, parameters: &Value) -> String {
    let parameters = parameters.as_object().into_iter().flatten();
    parameters.fold(path.to_owned(), |path, (name, value)| {
        path.replace(&format!("{{{name}}}"), value.as_str().unwrap_or_default())
    })
}

/// Returns the route key as API Gateway writes it.
fn route_key(method: &str, path: &str) -> String {
    if path == "$default" { path.to_owned() } else { format!("{method} {path}") }
}

/// Returns the root package's binaries and their files, relative to the root.
fn binaries(metadata: &Value) -> BTreeMap<String, PathBuf> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages
        .filter(|package| package["name"] == "helpdesk")
        .flat_map(|package| package["targets"].as_array().into_iter().flatten())
        .filter(|target| target["kind"][0] == "bin")
        .map(|target| (text(&target["name"]), relative(Path::new(&text(&target["src_path"])))))
        .collect()
}

fn cargo_metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version=1"])
        .current_dir(root())
        .output()
        .expect("cargo metadata starts");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

/// Returns the binaries named by the template.
fn functions() -> BTreeSet<String> {
    let functions = template().functions.into_iter();
    functions.map(|function| function.binary).collect()
}

fn template() -> Template {
    Template::read(&root().join(TEMPLATE)).unwrap_or_else(|error| panic!("{error}"))
}

/// Returns the name of the binary of a file: `functions/users/set_role.rs` is `users-set-role`.
fn binary_of(path: &Path) -> String {
    let path = path.with_extension("");
    let parts: Vec<_> = path.iter().skip(1).map(|part| part.to_string_lossy().replace('_', "-")).collect();
    parts.join("-")
}

/// Returns every Rust file under `folder`, relative to the root.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let (folders, files): (Vec<_>, Vec<_>) = entries(folder).into_iter().partition(|path| path.is_dir());
    let own = files.iter().filter(|path| path.extension().is_some_and(|name| name == "rs"));
    own.map(|path| relative(path)).chain(folders.iter().flat_map(|folder| rust_files(folder))).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("a readable folder").path()).collect()
}

fn relative(path: &Path) -> PathBuf {
    path.strip_prefix(root()).unwrap_or(path).to_owned()
}

fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(endpoints::root);
    &ROOT
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&read(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a string")).to_owned()
}

/// Fails with the items that are only in one of the two places.
fn assert_same<T: Ord + Debug>(left_place: &str, left: &BTreeSet<T>, right_place: &str, right: &BTreeSet<T>) {
    let missing_right =
        left.difference(right).map(|item| format!("{item:?} of {left_place} is missing in {right_place}"));
    let missing_left =
        right.difference(left).map(|item| format!("{item:?} of {right_place} is missing in {left_place}"));
    let missing: Vec<_> = missing_right.chain(missing_left).collect();
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

#[test]
fn asyncapi_has_an_example_of_every_event() {
    let document = read(&root().join("docs/asyncapi.yaml"));
    for golden in ["events", "note-events", "account-events"] {
        let golden = read(&root().join(format!("shared/domain/tests-data/{golden}.jsonl")));
        for line in golden.lines() {
            assert!(document.contains(line), "docs/asyncapi.yaml lacks {line}");
        }
    }
}

#[test]
fn asyncapi_matches_the_queues_of_the_template() {
    let document = read(&root().join("docs/asyncapi.yaml"));
    for queue in template().queues {
        let described = document.split(&format!("{{ name: {}, fifoQueue", queue.id)).nth(1);
        let described = described.unwrap_or_else(|| panic!("docs/asyncapi.yaml lacks {}", queue.id));
        let described: String = described.lines().take(2).map(str::trim).collect::<Vec<_>>().join(" ");
        let attribute = |name: &str| queue.attributes.get(name).cloned();
        let numbers = [
            (":", Some(queue.fifo.to_string())),
            ("visibilityTimeout:", attribute("VisibilityTimeout")),
            ("messageRetentionPeriod:", attribute("MessageRetentionPeriod")),
            ("maxReceiveCount:", queue.redrive.map(|redrive| redrive.max_receive_count.to_string())),
        ];
        for (name, number) in numbers.into_iter().filter_map(|(name, number)| Some((name, number?))) {
            let said = described.split_once(&format!("{name} ")).map(|(_, rest)| rest.split([',', ' ']).next());
            assert_eq!(said, Some(Some(number.as_str())), "{name} of {} in docs/asyncapi.yaml", queue.id);
        }
    }
}

/// Checks that the documents state the limits in the code.
#[test]
fn numbers_in_the_documents_match_the_code() {
    use domain::text::{Category, Description, PersonName, Resolution, Tag, Title, WebhookDescription};
    use domain::user::{EmailAddress, Password};
    use domain::webhook::{FORMER_SECRETS_MAX, WEBHOOKS_MAX, WebhookUrl};
    let hours = |seconds: i64| seconds / 3_600;
    let schedule = domain::webhook::SCHEDULE_SECONDS.map(hours);
    let tried_again = format!(
        "5 s, 5 min, 30 min, {}, {}, {}, {}, {} and {} h,",
        schedule[4], schedule[5], schedule[6], schedule[7], schedule[8], schedule[9]
    );
    let disabled_after = domain::webhook::DISABLED_AFTER_SECONDS / (24 * 3_600);
    assert_eq!(disabled_after, 5, "the documents say five days");
    assert_eq!(FORMER_SECRETS_MAX, 3, "docs/API.md says at most three");
    for (page, sentences) in [
        (
            "docs/API.md",
            vec![
                format!("At most {WEBHOOKS_MAX} webhooks"),
                format!("`description` {} characters", WebhookDescription::CHARACTERS_MAX),
                format!("Names have 1–{} characters", PersonName::CHARACTERS_MAX),
                format!("Title 1–{} characters", Title::CHARACTERS_MAX),
                format!("description and comment 1–{}", thousands(Description::CHARACTERS_MAX, " ")),
                format!("resolution and reason 1–{}", thousands(Resolution::CHARACTERS_MAX, " ")),
                format!("category 1–{}, at most 10 tags of 1–{}", Category::CHARACTERS_MAX, Tag::CHARACTERS_MAX),
                format!("`url` has at most {} bytes", thousands(WebhookUrl::BYTES_MAX, ",")),
                format!("at most {}, in ASCII", EmailAddress::CHARACTERS_MAX),
                format!("passwords {}–{} characters", Password::CHARACTERS_MIN, Password::CHARACTERS_MAX),
                format!("access token is valid for {} seconds", edges::auth::access::ACCESS_TOKEN_SECONDS),
                format!("a session for {} days", edges::auth::refresh::SESSION_SECONDS / (24 * 3_600)),
                tried_again.clone(),
            ],
        ),
        (
            "docs/asyncapi.yaml",
            vec![
                format!("( v1,[A-Za-z0-9+/]{{43}}=){{0,{FORMER_SECRETS_MAX}}}$"),
                format!("name: {{ type: string, minLength: 1, maxLength: {} }}", PersonName::CHARACTERS_MAX),
                format!("{} h at most, with `Retry-After`", hours(domain::webhook::RETRY_AFTER_SECONDS_MAX)),
                tried_again,
            ],
        ),
    ] {
        let text = read(&root().join(page)).split_whitespace().collect::<Vec<_>>().join(" ");
        for sentence in sentences {
            assert!(text.contains(&sentence), "{page} does not say: {sentence}");
        }
    }
}

/// Formats a number as the pages do.
fn thousands(number: usize, separator: &str) -> String {
    let digits = number.to_string();
    let (head, tail) = digits.split_at(digits.len() - 3);
    format!("{head}{separator}{tail}")
}
