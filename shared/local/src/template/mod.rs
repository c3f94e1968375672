//! The parts of `template.yaml` that the local stack needs: functions, the table, queues and event
//! source mappings.
//!
//! Only properties with a local effect are kept. A property that would change the behaviour and
//! is not supported here is an error that names the line.

mod condition;
mod cursor;
mod expression;
mod function;
mod mapping;
mod node;
mod parameter;
mod queue;
mod resolve;
mod rule;
mod table;

pub use condition::Condition;
pub use cursor::Cursor;
pub use expression::{Expression, Names};
pub use function::{Function, Route, binary_name};
pub use mapping::{Mapping, Source, StreamRetry};
pub use node::{Call, Kind, Node};
pub use parameter::Parameter;
pub use queue::{Queue, Redrive};
pub use resolve::{Resolved, ResolvedFunction, ResolvedQueue, ResolvedTable};
pub use rule::Rule;
pub use table::Table;

use crate::error::cannot;
use crate::{Error, Result};
use std::collections::BTreeMap;
use std::path::Path;

/// Resource types that do not change how the help desk behaves on a laptop.
const WITHOUT_EFFECT_HERE: [&str; 13] = [
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::Budgets::Budget",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::IAM::ManagedPolicy",
    "AWS::Logs::LogGroup",
    "AWS::Logs::MetricFilter",
    "AWS::Serverless::HttpApi",
    // Only its name is used. Mails are sent with it, and nothing bounces here.
    "AWS::SES::ConfigurationSet",
    "AWS::SNS::Topic",
    // The local stack has a key and an admin of its own.
    "Custom::FirstAdmin",
    "Custom::SigningKey",
];

/// The parsed template, with references still unresolved.
#[derive(Debug, Clone)]
pub struct Template {
    /// The whole document, for the parts that are read separately.
    pub document: Node,
    pub parameters: BTreeMap<String, Parameter>,
    pub rules: Vec<Rule>,
    /// The conditions that `If` chooses by.
    pub conditions: BTreeMap<String, Condition>,
    pub functions: Vec<Function>,
    pub table: Table,
    pub queues: Vec<Queue>,
    pub mappings: Vec<Mapping>,
}

impl Template {
    pub fn read(path: &Path) -> Result<Self> {
        Self::parse(&std::fs::read_to_string(path).map_err(cannot("read", path))?)
    }

    pub fn parse(text: &str) -> Result<Self> {
        let node = node::parse(text)?;
        let root = Cursor::root(&node);
        let globals = root.get("Globals").and_then(|globals| globals.get("Function"));
        let mut sections = Sections::default();
        for (id, resource) in root.required("Resources")?.entries()? {
            sections.add(&id, &resource, globals.as_ref())?;
        }
        let [table] = <[Table; 1]>::try_from(sections.tables).map_err(|tables| {
            Error::new(format!("template.yaml has {} tables, but the help desk needs exactly one.", tables.len()))
        })?;
        let template = Self {
            parameters: named(root.section("Parameters")?, Parameter::read)?,
            rules: root.section("Rules")?.iter().map(|(_, rule)| Rule::read(rule)).collect::<Result<_>>()?,
            conditions: named(root.section("Conditions")?, Condition::read)?,
            functions: sections.functions,
            table,
            queues: sections.queues,
            mappings: sections.mappings,
            document: node.clone(),
        };
        template.check_mappings()?;
        Ok(template)
    }

    pub fn function(&self, binary: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.binary == binary)
    }

    fn check_mappings(&self) -> Result<()> {
        let queue_exists = |id: &str| self.queues.iter().any(|queue| queue.id == id);
        for mapping in &self.mappings {
            let (known, gives_up) = match &mapping.source {
                Source::Stream { table, retry } => (*table == self.table.id, retry.on_failure_queue.as_ref()),
                Source::Queue { queue } => (queue_exists(queue), None),
            };
            let complaint = if !known {
                "has a source that does not exist"
            } else if self.function(&mapping.function).is_none() {
                "invokes a function that does not exist"
            } else if gives_up.is_some_and(|queue| !queue_exists(queue)) {
                "has an on-failure queue that does not exist"
            } else {
                continue;
            };
            return Err(Error::new(format!("template.yaml: {} {complaint}.", mapping.id)));
        }
        Ok(())
    }
}

#[derive(Default)]
struct Sections {
    functions: Vec<Function>,
    tables: Vec<Table>,
    queues: Vec<Queue>,
    mappings: Vec<Mapping>,
}

impl Sections {
    fn add(&mut self, id: &str, resource: &Cursor<'_>, globals: Option<&Cursor<'_>>) -> Result<()> {
        let kind = resource.required("Type")?;
        if let Some(condition) = resource.get("Condition")
            && !WITHOUT_EFFECT_HERE.contains(&kind.text()?.as_str())
        {
            return Err(condition.unsupported("makes a resource conditional"));
        }
        let properties = || resource.required("Properties");
        match kind.text()?.as_str() {
            "AWS::Serverless::Function" => self.functions.push(function::read(id, &properties()?, globals)?),
            "AWS::DynamoDB::Table" => self.tables.push(table::read(id, &properties()?)?),
            "AWS::SQS::Queue" => self.queues.push(queue::read(id, resource.get("Properties").as_ref())?),
            "AWS::Lambda::EventSourceMapping" => self.mappings.push(mapping::read(id, &properties()?)?),
            other if WITHOUT_EFFECT_HERE.contains(&other) => {}
            other => return Err(kind.unsupported(format!("is {other}"))),
        }
        Ok(())
    }
}

fn named<T>(
    section: Vec<(String, Cursor<'_>)>,
    read: impl Fn(&Cursor<'_>) -> Result<T>,
) -> Result<BTreeMap<String, T>> {
    section.into_iter().map(|(name, cursor)| Ok((name, read(&cursor)?))).collect()
}

#[cfg(test)]
mod tests;
