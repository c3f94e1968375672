//! `template.yaml` as the local stack needs it: functions, the table, queues and event source mappings.
//!
//! Only what matters locally is kept; what would change the behaviour and cannot be honoured here is an error that
//! names the line.

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

use crate::{Error, Result};
use std::collections::BTreeMap;
use std::path::Path;

/// Resource types that change nothing about how the help desk behaves on a laptop.
const WITHOUT_EFFECT_HERE: [&str; 11] = [
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::Budgets::Budget",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::IAM::ManagedPolicy",
    "AWS::Logs::LogGroup",
    "AWS::Logs::MetricFilter",
    "AWS::Serverless::HttpApi",
    // Its name alone is known: mails are sent with it, and nothing bounces here.
    "AWS::SES::ConfigurationSet",
    "AWS::SNS::Topic",
];

/// The parsed template, with references still unresolved.
#[derive(Debug, Clone)]
pub struct Template {
    /// All that is written in it, for what is read beside the rest.
    pub document: Node,
    /// Every parameter by its name.
    pub parameters: BTreeMap<String, Parameter>,
    /// Which parameters go together.
    pub rules: Vec<Rule>,
    /// What `If` chooses by.
    pub conditions: BTreeMap<String, Condition>,
    /// Every function, in the order of the template.
    pub functions: Vec<Function>,
    /// The one table.
    pub table: Table,
    /// Every queue, in the order of the template.
    pub queues: Vec<Queue>,
    /// Every event source mapping, in the order of the template.
    pub mappings: Vec<Mapping>,
}

impl Template {
    /// Reads and parses the file at `path`.
    ///
    /// # Errors
    /// When it cannot be read, is no valid template, or asks for something the local stack cannot honour.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::new(format!("Cannot read {}: {error}.", path.display())))?;
        Self::parse(&text)
    }

    /// Parses the text of a template.
    ///
    /// # Errors
    /// When it is no valid template, or asks for something the local stack cannot honour.
    pub fn parse(text: &str) -> Result<Self> {
        let node = node::parse(text)?;
        let root = Cursor::root(&node);
        let globals = root.get("Globals").and_then(|globals| globals.get("Function"));
        let mut sections = Sections::default();
        for (id, resource) in root.required("Resources")?.entries()? {
            sections.add(&id, &resource, globals.as_ref())?;
        }
        let [table] = <[Table; 1]>::try_from(sections.tables).map_err(|tables| {
            Error::new(format!("template.yaml has {} tables; the help desk has one.", tables.len()))
        })?;
        let template = Self {
            parameters: parameters(&root)?,
            rules: rules(&root)?,
            conditions: conditions(&root)?,
            functions: sections.functions,
            table,
            queues: sections.queues,
            mappings: sections.mappings,
            document: node.clone(),
        };
        template.check_mappings()?;
        Ok(template)
    }

    /// The function whose binary is called `binary`.
    #[must_use]
    pub fn function(&self, binary: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.binary == binary)
    }

    fn check_mappings(&self) -> Result<()> {
        let queue_exists = |id: &str| self.queues.iter().any(|queue| queue.id == id);
        for mapping in &self.mappings {
            let known = match &mapping.source {
                Source::Stream { table, .. } => *table == self.table.id,
                Source::Queue { queue } => queue_exists(queue),
            };
            if !known {
                return Err(Error::new(format!(
                    "template.yaml: {} has a source that is no resource here.",
                    mapping.id
                )));
            }
            if self.function(&mapping.function).is_none() {
                return Err(Error::new(format!("template.yaml: {} invokes a function that is not there.", mapping.id)));
            }
            if let Source::Stream { retry, .. } = &mapping.source
                && let Some(queue) = &retry.on_failure_queue
                && !queue_exists(queue)
            {
                return Err(Error::new(format!(
                    "template.yaml: {} gives up to a queue that is not there.",
                    mapping.id
                )));
            }
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
        match kind.text()?.as_str() {
            "AWS::Serverless::Function" => {
                self.functions.push(function::read(id, &resource.required("Properties")?, globals)?);
            }
            "AWS::DynamoDB::Table" => self.tables.push(table::read(id, &resource.required("Properties")?)?),
            "AWS::SQS::Queue" => self.queues.push(queue::read(id, resource.get("Properties").as_ref())?),
            "AWS::Lambda::EventSourceMapping" => {
                self.mappings.push(mapping::read(id, &resource.required("Properties")?)?);
            }
            other if WITHOUT_EFFECT_HERE.contains(&other) => {}
            other => return Err(kind.unsupported(format!("is {other}"))),
        }
        Ok(())
    }
}

fn conditions(root: &Cursor<'_>) -> Result<BTreeMap<String, Condition>> {
    let Some(section) = root.get("Conditions") else { return Ok(BTreeMap::new()) };
    section.entries()?.into_iter().map(|(name, condition)| Ok((name, Condition::read(&condition)?))).collect()
}

fn rules(root: &Cursor<'_>) -> Result<Vec<Rule>> {
    let Some(section) = root.get("Rules") else { return Ok(Vec::new()) };
    section.entries()?.iter().map(|(_, rule)| Rule::read(rule)).collect()
}

fn parameters(root: &Cursor<'_>) -> Result<BTreeMap<String, Parameter>> {
    let Some(section) = root.get("Parameters") else { return Ok(BTreeMap::new()) };
    section.entries()?.into_iter().map(|(name, parameter)| Ok((name, Parameter::read(&parameter)?))).collect()
}

#[cfg(test)]
mod tests;
