//! What a change of the contract would break for a client that was made for an earlier one.
//!
//! `released.yaml` beside this file is the contract as it was last released. It is copied from
//! docs/openapi.yaml when a version is released (docs/CONTRIBUTING.md).

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{Contract, Node, Operation};

/// Whose value a schema describes. A client fails when less of what it sends is taken, and when it
/// is sent less, or something else, than it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    ByClient,
    ByServer,
}

/// Returns whether the version of `current` tells clients that something may break: its first
/// number is higher, or while that is 0, its second (Semantic Versioning 2.0.0, items 4 and 8).
#[must_use]
pub fn is_announced(released: &Contract, current: &Contract) -> bool {
    match (compatibility(released), compatibility(current)) {
        (Some(before), Some(now)) => now > before,
        _ => false,
    }
}

/// Returns the numbers of a contract's version that are raised when clients may break.
fn compatibility(contract: &Contract) -> Option<(u32, u32)> {
    let version = contract.document.at(&["info", "version"])?.value().as_str()?.to_owned();
    let mut numbers = version.split('.').map_while(|number| number.parse().ok());
    match (numbers.next()?, numbers.next()?) {
        (0, second) => Some((0, second)),
        (first, _) => Some((first, 0)),
    }
}

/// Returns every way in which `current` breaks a client of `released`, one line for each.
#[must_use]
pub fn changes(released: &Contract, current: &Contract) -> Vec<String> {
    let mut comparison = Comparison::default();
    for operation in &released.operations {
        comparison.operation(operation, released, current);
    }
    comparison.changes
}

#[derive(Debug, Default)]
struct Comparison {
    changes: Vec<String>,
    /// The pairs of schemas that were compared, because schemas may contain themselves.
    compared: BTreeSet<(String, String, bool)>,
}

impl Comparison {
    fn operation(&mut self, before: &Operation, released: &Contract, current: &Contract) {
        let what = format!("{} {}", before.method, before.path);
        let same = |other: &&Operation| other.method == before.method && other.path == before.path;
        let Some(now) = current.operations.iter().find(same) else { return self.report(&what, "is gone") };
        if now.id != before.id {
            self.report(&what, &format!("has the operationId {}, which was {}", now.id, before.id));
        }
        let (Some(before), Some(now)) = (before.node(&released.document), now.node(&current.document)) else { return };
        self.parameters(&what, &before, &now);
        self.request_body(&what, &before, &now);
        self.responses(&what, &before, &now);
    }

    fn parameters(&mut self, what: &str, before: &Node<'_>, now: &Node<'_>) {
        let (before, now) = (parameters(before), parameters(now));
        for (name, parameter) in &before {
            match now.iter().find(|(other, _)| other == name) {
                None => self.report(what, &format!("no longer takes {name}")),
                Some((_, now)) => self.child(&format!("{what}, {name}"), Sent::ByClient, parameter, now, "schema"),
            }
        }
        for (name, _) in now.iter().filter(|(_, parameter)| parameter.is("required")) {
            if !before.iter().any(|(other, parameter)| other == name && parameter.is("required")) {
                self.report(what, &format!("now requires {name}"));
            }
        }
    }

    fn request_body(&mut self, what: &str, before: &Node<'_>, now: &Node<'_>) {
        let (before, now) = (before.child("requestBody"), now.child("requestBody"));
        let is_required = |body: &Option<Node<'_>>| body.as_ref().is_some_and(|body| body.is("required"));
        if is_required(&now) && !is_required(&before) {
            self.report(what, "now requires a body");
        }
        match (before, now) {
            (Some(_), None) => self.report(what, "no longer takes a body"),
            (Some(before), Some(now)) => self.content(&format!("{what}, request"), Sent::ByClient, &before, &now),
            (None, _) => {}
        }
    }

    fn responses(&mut self, what: &str, before: &Node<'_>, now: &Node<'_>) {
        let now = now.child("responses");
        for (status, before) in children(before, "responses") {
            let what = format!("{what} -> {status}");
            let Some(now) = now.as_ref().and_then(|now| now.child(&status)) else {
                self.report(&what, "is gone");
                continue;
            };
            for (name, header) in children(&before, "headers") {
                match now.child("headers").and_then(|headers| headers.child(&name)) {
                    None => self.report(&what, &format!("no longer has the header {name}")),
                    Some(now) if header.is("required") && !now.is("required") => {
                        self.report(&what, &format!("may lack the header {name}"));
                    }
                    Some(_) => {}
                }
            }
            self.content(&what, Sent::ByServer, &before, &now);
        }
    }

    fn content(&mut self, what: &str, sent: Sent, before: &Node<'_>, now: &Node<'_>) {
        for (kind, before) in children(before, "content") {
            match now.child("content").and_then(|content| content.child(&kind)) {
                None => self.report(what, &format!("is no longer {kind}")),
                Some(now) => self.child(what, sent, &before, &now, "schema"),
            }
        }
    }

    /// Compares the schemas that are members of this name.
    fn child(&mut self, what: &str, sent: Sent, before: &Node<'_>, now: &Node<'_>, name: &str) {
        match (before.child(name), now.child(name)) {
            (Some(before), Some(now)) => self.schema(what, sent, &before, &now),
            (Some(_), None) if sent == Sent::ByServer => self.report(what, &format!("`{name}` is no longer described")),
            _ => {}
        }
    }

    fn schema(&mut self, what: &str, sent: Sent, before: &Node<'_>, now: &Node<'_>) {
        if !self.compared.insert((before.fragment(), now.fragment(), sent == Sent::ByClient)) {
            return;
        }
        self.types(what, sent, before, now);
        for gone in values(before).difference(&values(now)).filter(|_| !values(now).is_empty()) {
            self.report(what, &format!("no longer has the value {gone}"));
        }
        match (sent, values(before).is_empty(), values(now).is_empty()) {
            (Sent::ByClient, true, false) => self.report(what, "takes only certain values"),
            (Sent::ByServer, false, true) => self.report(what, "may have other values than those listed"),
            _ => {}
        }
        if sent == Sent::ByClient {
            self.limits(what, before, now);
        }
        self.members(what, sent, before, now);
        self.child(&format!("{what}[]"), sent, before, now, "items");
        for several in ["oneOf", "anyOf", "allOf"] {
            for (place, before) in children(before, several) {
                match now.child(several).and_then(|all| all.child(&place)) {
                    Some(now) => self.schema(what, sent, &before, &now),
                    None => self.report(what, &format!("has fewer forms (`{several}`)")),
                }
            }
        }
    }

    fn types(&mut self, what: &str, sent: Sent, before: &Node<'_>, now: &Node<'_>) {
        let (before, now) = (types(before), types(now));
        let (narrow, wide) = if sent == Sent::ByClient { (&before, &now) } else { (&now, &before) };
        if !narrow.is_subset(wide) && !wide.is_empty() {
            self.report(what, &format!("is of type {now:?}, which was {before:?}"));
        }
    }

    /// Compares what the values that a client sends may be, and how long, large or many.
    fn limits(&mut self, what: &str, before: &Node<'_>, now: &Node<'_>) {
        if now.text("pattern").is_some_and(|pattern| before.text("pattern") != Some(pattern)) {
            self.report(what, "has another `pattern`");
        }
        for name in ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"] {
            let limit = |schema: &Node<'_>| number(schema, name).unwrap_or(f64::INFINITY);
            if limit(now) < limit(before) {
                self.report(what, &format!("has a lower `{name}`"));
            }
        }
        for name in ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"] {
            let limit = |schema: &Node<'_>| number(schema, name).unwrap_or(f64::NEG_INFINITY);
            if limit(now) > limit(before) {
                self.report(what, &format!("has a higher `{name}`"));
            }
        }
    }

    fn members(&mut self, what: &str, sent: Sent, before: &Node<'_>, now: &Node<'_>) {
        for (name, property) in children(before, "properties") {
            let what = format!("{what} {name}");
            match now.child("properties").and_then(|all| all.child(&name)) {
                None => self.report(&what, "is gone"),
                Some(now) => self.schema(&what, sent, &property, &now),
            }
        }
        let (before, now) = (texts(before, "required"), texts(now, "required"));
        match sent {
            Sent::ByClient => {
                now.difference(&before).for_each(|name| self.report(what, &format!("now requires {name}")));
            }
            Sent::ByServer => before.difference(&now).for_each(|name| self.report(what, &format!("may lack {name}"))),
        }
    }

    fn report(&mut self, what: &str, change: &str) {
        self.changes.push(format!("{what} {change}"));
    }
}

/// Returns the parameters of an operation, each with its place and name.
fn parameters<'a>(operation: &Node<'a>) -> Vec<(String, Node<'a>)> {
    let named = |(_, parameter): (String, Node<'a>)| {
        Some((format!("{} {}", parameter.text("in")?, parameter.text("name")?), parameter))
    };
    children(operation, "parameters").into_iter().filter_map(named).collect()
}

fn children<'a>(node: &Node<'a>, name: &str) -> Vec<(String, Node<'a>)> {
    node.child(name).map(|node| node.children().collect()).unwrap_or_default()
}

/// Returns the only values that a schema takes, or none if it takes any.
fn values(schema: &Node<'_>) -> BTreeSet<String> {
    let listed = schema.value().get("enum").and_then(Value::as_array).into_iter().flatten();
    listed.chain(schema.value().get("const")).map(Value::to_string).collect()
}

fn number(schema: &Node<'_>, name: &str) -> Option<f64> {
    schema.value().get(name)?.as_f64()
}

fn types(schema: &Node<'_>) -> BTreeSet<String> {
    match schema.text("type") {
        Some(one) => BTreeSet::from([one.to_owned()]),
        None => texts(schema, "type"),
    }
}

fn texts(node: &Node<'_>, name: &str) -> BTreeSet<String> {
    let listed = node.value().get(name).and_then(Value::as_array).into_iter().flatten();
    listed.filter_map(Value::as_str).map(str::to_owned).collect()
}
