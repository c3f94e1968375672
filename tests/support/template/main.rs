//! The rules of template.yaml for every function, queue, mapping and alarm, now and later.
#![cfg(test)]

mod alarms;
mod documents;
mod functions;
mod stack;
mod storage;

use local::template::{Cursor, Expression, Function, Kind, Mapping, Source, Template};
use std::collections::BTreeSet;
use std::path::Path;
use support::policy::{self, Statement};

struct Read {
    template: Template,
}

impl Read {
    fn new() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
        Self { template: Template::read(&path).unwrap() }
    }

    fn root(&self) -> Cursor<'_> {
        Cursor::root(&self.template.document)
    }

    /// Returns the resources of this type, by id.
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

    fn function(&self, id: &str) -> &Function {
        self.template.functions.iter().find(|function| function.id == id).unwrap()
    }

    /// Returns the custom resources, by id.
    fn custom_resources(&self) -> Vec<(String, Cursor<'_>)> {
        let all = self.root().required("Resources").unwrap().entries().unwrap();
        all.into_iter().filter(|(_, resource)| text(resource, "Type").starts_with("Custom::")).collect()
    }

    /// Returns the ids of the functions that make the custom resources.
    fn makes_resources(&self) -> BTreeSet<String> {
        let maker = |(_, resource): (String, Cursor<'_>)| {
            let token = resource.required("Properties").unwrap().required("ServiceToken").unwrap();
            Expression::read(&token).unwrap().attribute().unwrap().0.to_owned()
        };
        self.custom_resources().into_iter().map(maker).collect()
    }

    /// Returns the policies of a function.
    fn policies(&self, function: &Function) -> Vec<Statement> {
        policy::of(&self.template, &function.id).unwrap()
    }

    /// Returns the resources that the alarms on this metric refer to.
    fn alarm_targets(&self, metric: &str) -> Vec<String> {
        let alarms = self.properties("AWS::CloudWatch::Alarm").into_iter();
        let on_it = alarms.filter(|(_, alarm)| text(alarm, "MetricName") == metric);
        on_it.flat_map(|(_, alarm)| alarm.get("Dimensions").map_or_else(Vec::new, |all| targets(&all))).collect()
    }

    fn mapping_of(&self, queue: &str) -> Option<&Mapping> {
        let reads = |mapping: &&Mapping| matches!(&mapping.source, Source::Queue { queue: id } if id == queue);
        self.template.mappings.iter().find(reads)
    }

    /// Returns the ids of the dead-letter queues.
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

/// Reads a number that may be a fraction.
fn decimal(cursor: &Cursor<'_>, key: &str) -> Option<f64> {
    match cursor.get(key)?.node.kind {
        Kind::Real(number) => Some(number),
        Kind::Integer(number) => i32::try_from(number).ok().map(f64::from),
        _ => None,
    }
}

/// Returns the value as it is written.
fn names(cursor: &Cursor<'_>, key: &str) -> String {
    Expression::read(&cursor.required(key).unwrap()).unwrap().written()
}

/// Returns what the values of dimensions refer to.
fn targets(dimensions: &Cursor<'_>) -> Vec<String> {
    let values = dimensions.items().unwrap().into_iter().map(|dimension| dimension.required("Value").unwrap());
    let target = |value: Cursor<'_>| {
        let value = Expression::read(&value).unwrap();
        value.reference().or_else(|| value.attribute().map(|(id, _)| id)).map(str::to_owned)
    };
    values.filter_map(target).collect()
}

/// Returns the condition of an `!If` and its two values.
fn choices<'a>(cursor: &Cursor<'a>) -> [Cursor<'a>; 3] {
    let Kind::Other(tag, argument) = &cursor.node.kind else { panic!("{} is not an !If", cursor.place()) };
    assert_eq!(tag, "!If", "{}", cursor.place());
    cursor.part(argument).items().unwrap().try_into().unwrap()
}

/// Reads a page of `docs/`.
fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    std::fs::read_to_string(path).unwrap()
}
