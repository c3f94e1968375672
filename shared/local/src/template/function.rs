//! `AWS::Serverless::Function`.

use super::cursor::Cursor;
use super::expression::Expression;
use crate::Result;
use std::collections::BTreeMap;
use std::time::Duration;

/// Lambda's own defaults, for properties that neither the function nor `Globals` sets.
const DEFAULT_TIMEOUT_SECONDS: u32 = 3;
const DEFAULT_MEMORY_MEGABYTES: u32 = 128;

#[derive(Debug, Clone)]
pub struct Function {
    /// The id in the template, such as `TicketsCreate`.
    pub id: String,
    /// The name of the binary, derived from the id, such as `tickets-create`.
    pub binary: String,
    /// The routes of the function. A worker has none.
    pub routes: Vec<Route>,
    /// The interval of its schedule, if it has one.
    pub every: Option<Duration>,
    /// The variables as the template writes them, `Globals` included.
    pub environment: BTreeMap<String, Expression>,
    /// How long Lambda lets one invocation run, in seconds.
    pub timeout_seconds: u32,
    /// The memory in megabytes. The function sees the value, but it is not enforced here.
    pub memory_megabytes: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// The method in upper case. `ANY` stands for every method.
    pub method: String,
    /// The path, such as `/v1/tickets/{number}`. `$default` stands for requests that no other route
    /// takes.
    pub path: String,
}

/// The properties of one function that the local stack reads.
const OWN: [&str; 4] = ["Environment", "Events", "MemorySize", "Timeout"];
/// The properties of all functions that the local stack reads.
const SHARED: [&str; 3] = ["Environment", "MemorySize", "Timeout"];
/// Other properties that one function may have: the place of its package, the permissions of its
/// role, whether it may send messages to itself, and how many instances run at once.
const OWN_WITHOUT_EFFECT_HERE: [&str; 4] = ["CodeUri", "Policies", "RecursiveLoop", "ReservedConcurrentExecutions"];
/// Other properties that all functions share.
const SHARED_WITHOUT_EFFECT_HERE: [&str; 6] =
    ["Architectures", "Handler", "LoggingConfig", "PermissionsBoundary", "Runtime", "Tracing"];

/// Reads one function, its routes and its schedule. It may have no other events.
pub(super) fn read(id: &str, properties: &Cursor<'_>, globals: Option<&Cursor<'_>>) -> Result<Function> {
    properties.only(&OWN, &OWN_WITHOUT_EFFECT_HERE)?;
    globals.map_or(Ok(()), |globals| globals.only(&SHARED, &SHARED_WITHOUT_EFFECT_HERE))?;
    let either = |key: &str| properties.get(key).or_else(|| globals.and_then(|globals| globals.get(key)));
    let count_or = |key: &str, default| either(key).map_or(Ok(default), |value| value.count());
    let (mut routes, mut every) = (Vec::new(), None);
    for (_, event) in properties.section("Events")? {
        let kind = event.required("Type")?;
        match kind.text()?.as_str() {
            "HttpApi" => routes.push(route(&event)?),
            "ScheduleV2" => every = Some(rate(&event.required("Properties")?.required("ScheduleExpression")?)?),
            other => return Err(kind.unsupported(format!("is an event of type {other}"))),
        }
    }
    Ok(Function {
        id: id.to_owned(),
        binary: binary_name(id),
        routes,
        every,
        environment: environment(properties, globals)?,
        timeout_seconds: count_or("Timeout", DEFAULT_TIMEOUT_SECONDS)?,
        memory_megabytes: count_or("MemorySize", DEFAULT_MEMORY_MEGABYTES)?,
    })
}

/// Reads a rate of `EventBridge`, such as `rate(1 hour)`. Its cron expressions are not supported
/// here.
fn rate(expression: &Cursor<'_>) -> Result<Duration> {
    let text = expression.text()?;
    let parsed = text.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')')).and_then(|rate| {
        let (count, unit) = rate.split_once(' ')?;
        let seconds = match unit.trim_end_matches('s') {
            "minute" => 60,
            "hour" => 3_600,
            "day" => 86_400,
            _ => return None,
        };
        Some(Duration::from_secs(count.parse::<u64>().ok().filter(|count| *count > 0)? * seconds))
    });
    parsed.ok_or_else(|| expression.unsupported(format!("is the schedule {text}")))
}

fn route(event: &Cursor<'_>) -> Result<Route> {
    let Some(properties) = event.get("Properties") else {
        return Ok(Route { method: "ANY".to_owned(), path: "$default".to_owned() });
    };
    properties.only(&["Method", "Path"], &["ApiId"])?;
    let text_or = |key: &str, default: &str| properties.get(key).map_or(Ok(default.to_owned()), |value| value.text());
    Ok(Route { method: text_or("Method", "ANY")?.to_uppercase(), path: text_or("Path", "$default")? })
}

/// Returns the variables of `Globals`, overridden by the function's own, as SAM merges them.
fn environment(properties: &Cursor<'_>, globals: Option<&Cursor<'_>>) -> Result<BTreeMap<String, Expression>> {
    let mut variables = BTreeMap::new();
    for level in globals.into_iter().chain([properties]) {
        let Some(section) = level.get("Environment").and_then(|section| section.get("Variables")) else { continue };
        for (name, value) in section.entries()? {
            variables.insert(name, Expression::read(&value)?);
        }
    }
    Ok(variables)
}

/// Converts an id to the binary's name, such as `TicketsCreate` to `tickets-create`.
pub fn binary_name(id: &str) -> String {
    let mut name = String::new();
    for letter in id.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}
