//! The template with every name, address and parameter filled in.

use super::expression::{Expression, Names};
use super::{Function, Parameter, Queue, Template};
use crate::{ACCOUNT, Error, REGION, Result};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The template as resolved for one machine.
#[derive(Debug, Clone)]
pub struct Resolved {
    pub parameters: BTreeMap<String, String>,
    pub table: ResolvedTable,
    /// The queues, with each dead-letter queue before the queues that use it.
    pub queues: Vec<ResolvedQueue>,
    pub functions: Vec<ResolvedFunction>,
    /// The names that references find.
    pub names: Names,
}

impl Resolved {
    /// Returns the queue with this id in the template.
    pub(crate) fn queue(&self, id: &str) -> Result<&ResolvedQueue> {
        let found = self.queues.iter().find(|queue| queue.id == id);
        found.ok_or_else(|| Error::new(format!("template.yaml has no queue {id}.")))
    }
}

#[derive(Debug, Clone)]
pub struct ResolvedTable {
    pub name: String,
    pub arn: String,
    /// The ARN of its stream as `GetAtt` returns it here. AWS appends the time at which the stream
    /// was created.
    pub stream_arn: String,
    pub create_request: Value,
    pub ttl_attribute: Option<String>,
}

#[derive(Debug, Clone)]
pub struct ResolvedQueue {
    pub id: String,
    pub name: String,
    /// The address at the local SQS.
    pub url: String,
    pub arn: String,
    /// The attributes for `CreateQueue`, the redrive policy included.
    pub attributes: BTreeMap<String, String>,
}

/// A function with the variables that Lambda would give it.
#[derive(Debug, Clone)]
pub struct ResolvedFunction {
    pub binary: String,
    /// The variables exactly as the template sets them, without those that Lambda itself sets.
    pub environment: BTreeMap<String, String>,
    pub timeout_seconds: u32,
    pub memory_megabytes: u32,
}

/// The id of the HTTP API in the template.
const API: &str = "Api";
/// The id of the SES configuration set in the template.
const MAIL_CONFIGURATION: &str = "MailConfiguration";

impl Template {
    /// Resolves the template with the `given` parameters (the template's defaults for the others)
    /// and the resources as the local stack creates them, with queues at `sqs_url` and the HTTP API
    /// at `api_url`.
    pub fn resolve(&self, given: &BTreeMap<String, String>, sqs_url: &str, api_url: &str) -> Result<Resolved> {
        let parameters = self.parameter_values(given)?;
        let mut names = Names::default();
        for (name, value) in &parameters {
            names.set_reference(name, value);
        }
        for (name, condition) in &self.conditions {
            let holds = condition.holds(&names)?;
            names.set_condition(name, holds);
        }
        names.set_attribute(API, "ApiEndpoint", api_url);
        names.set_reference(MAIL_CONFIGURATION, "helpdesk-MailConfiguration");
        // What a deployment's function makes of these, `cargo local` has as parameters.
        for (parameter, name) in [("TokenSigningKeyName", "SigningKey"), ("TokenVerifyKeys", "SigningKey.VerifyKeys")] {
            if let Some(value) = parameters.get(parameter) {
                names.set_reference(name, value);
            }
        }
        let table = self.resolve_table(&mut names)?;
        let queues = self.resolve_queues(&mut names, sqs_url)?;
        for function in &self.functions {
            names.set_reference(&function.id, &function.binary);
        }
        let functions = self.functions.iter().map(|function| resolve_function(function, &names));
        Ok(Resolved { functions: functions.collect::<Result<_>>()?, parameters, table, queues, names })
    }

    /// Checks the given values of parameters, as `CloudFormation` does before it begins.
    pub fn check_parameters(&self, given: &BTreeMap<String, String>) -> Result<()> {
        given.iter().try_for_each(|(name, value)| match self.parameters.get(name) {
            Some(parameter) => parameter.check(name, value),
            None => Err(Error::new(format!("template.yaml has no parameter {name}."))),
        })?;
        let mut names = Names::default();
        let defaults = self.parameters.iter().filter_map(|(name, parameter)| Some((name, parameter.default.as_ref()?)));
        for (name, value) in defaults.chain(given) {
            names.set_reference(name, value);
        }
        self.rules.iter().try_for_each(|rule| rule.check(&names))
    }

    fn parameter_values(&self, given: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>> {
        self.check_parameters(given)?;
        let value = |(name, parameter): (&String, &Parameter)| {
            let value = given.get(name).or(parameter.default.as_ref());
            let value =
                value.ok_or_else(|| Error::new(format!("The parameter {name} of template.yaml has no value.")))?;
            Ok((name.clone(), value.clone()))
        };
        self.parameters.iter().map(value).collect()
    }

    fn resolve_table(&self, names: &mut Names) -> Result<ResolvedTable> {
        let default = Expression::literal(format!("helpdesk-{}", self.table.id));
        let name = self.table.name.as_ref().unwrap_or(&default).evaluate(names)?;
        let arn = format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}");
        names.set_reference(&self.table.id, &name);
        names.set_attribute(&self.table.id, "Arn", &arn);
        let stream_arn = format!("{arn}/stream/local");
        names.set_attribute(&self.table.id, "StreamArn", &stream_arn);
        let mut create_request = self.table.create_request.clone();
        if let Value::Object(request) = &mut create_request {
            request.insert("TableName".to_owned(), json!(name));
        }
        Ok(ResolvedTable { name, arn, stream_arn, create_request, ttl_attribute: self.table.ttl_attribute.clone() })
    }

    fn resolve_queues(&self, names: &mut Names, sqs_url: &str) -> Result<Vec<ResolvedQueue>> {
        let mut resolved = Vec::new();
        for queue in &self.queues {
            let queue = resolve_queue(queue, names, sqs_url)?;
            names.set_reference(&queue.id, &queue.url);
            names.set_attribute(&queue.id, "Arn", &queue.arn);
            names.set_attribute(&queue.id, "QueueName", &queue.name);
            names.set_attribute(&queue.id, "QueueUrl", &queue.url);
            resolved.push(queue);
        }
        for (queue, resolved) in self.queues.iter().zip(&mut resolved) {
            let Some(redrive) = &queue.redrive else { continue };
            let policy = json!({
                "deadLetterTargetArn": redrive.target.evaluate(names)?,
                "maxReceiveCount": redrive.max_receive_count,
            });
            resolved.attributes.insert("RedrivePolicy".to_owned(), policy.to_string());
        }
        resolved.sort_by_key(|queue| queue.attributes.contains_key("RedrivePolicy"));
        Ok(resolved)
    }
}

fn resolve_function(function: &Function, names: &Names) -> Result<ResolvedFunction> {
    let variables = function.environment.iter();
    let environment = variables.map(|(name, value)| Ok((name.clone(), value.evaluate(names)?)));
    Ok(ResolvedFunction {
        binary: function.binary.clone(),
        environment: environment.collect::<Result<_>>()?,
        timeout_seconds: function.timeout_seconds,
        memory_megabytes: function.memory_megabytes,
    })
}

fn resolve_queue(queue: &Queue, names: &Names, sqs_url: &str) -> Result<ResolvedQueue> {
    let name = match &queue.name {
        Some(name) => name.evaluate(names)?,
        // SQS requires the suffix in the name of a FIFO queue, and CloudFormation adds it to the
        // names it makes.
        None if queue.fifo => format!("helpdesk-{}.fifo", queue.id),
        None => format!("helpdesk-{}", queue.id),
    };
    Ok(ResolvedQueue {
        id: queue.id.clone(),
        url: format!("{sqs_url}/{ACCOUNT}/{name}"),
        arn: format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"),
        attributes: queue.attributes.clone(),
        name,
    })
}
