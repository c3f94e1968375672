//! Values that depend on names, addresses and parameters, and are known only after these.

use super::cursor::Cursor;
use super::node::{Call, Kind, Node};
use crate::{ACCOUNT, Error, REGION, Result};
use std::collections::BTreeMap;

/// The local value of `AWS::StackName`.
const STACK_NAME: &str = "helpdesk";

/// A value of the template that may refer to parameters and resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    form: Form,
    place: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    Literal(String),
    Call(Call),
    /// The first expression, if the condition with this name holds, or else the second.
    If(String, Box<[Expression; 2]>),
}

impl Expression {
    /// Reads a text, a number, a boolean, `Ref`, `GetAtt`, `Sub` or `If`.
    pub fn read(cursor: &Cursor<'_>) -> Result<Self> {
        let form = match &cursor.node.kind {
            Kind::Text(text) => Form::Literal(text.clone()),
            Kind::Integer(number) => Form::Literal(number.to_string()),
            Kind::Bool(value) => Form::Literal(value.to_string()),
            Kind::Call(call) => Form::Call(call.clone()),
            Kind::Other(tag, argument) if tag == "!If" => Self::read_if(cursor, argument)?,
            Kind::Other(tag, _) => return Err(cursor.unsupported(format!("uses {tag}"))),
            _ => return Err(cursor.error("must be a string, !Ref, !GetAtt, !Sub or !If")),
        };
        Ok(Self { form, place: cursor.place() })
    }

    fn read_if(cursor: &Cursor<'_>, argument: &Node) -> Result<Form> {
        let [name, yes, no] = cursor.list_of(argument)?;
        Ok(Form::If(name.text()?, Box::new([Self::read(&yes)?, Self::read(&no)?])))
    }

    /// Creates a literal, for a value that the template leaves out.
    pub(crate) fn literal(text: impl Into<String>) -> Self {
        Self { form: Form::Literal(text.into()), place: "template.yaml".to_owned() }
    }

    /// Returns the resource and attribute of a `GetAtt`, or of the only one that an `If` chooses
    /// from.
    pub fn attribute(&self) -> Option<(&str, &str)> {
        match &self.form {
            Form::Call(Call::GetAtt(resource, attribute)) => Some((resource, attribute)),
            Form::If(_, both) => match [both[0].attribute(), both[1].attribute()] {
                [Some(_), Some(_)] => None,
                [yes, no] => yes.or(no),
            },
            _ => None,
        }
    }

    /// Returns the target of a `Ref`.
    pub fn reference(&self) -> Option<&str> {
        match &self.form {
            Form::Call(Call::Ref(target)) => Some(target),
            _ => None,
        }
    }

    /// Returns whether the written form contains this character.
    pub fn is_written_with(&self, character: char) -> bool {
        match &self.form {
            Form::Literal(text) | Form::Call(Call::Sub(text)) => text.contains(character),
            Form::Call(Call::Ref(_) | Call::GetAtt(..)) => false,
            Form::If(_, both) => both.iter().any(|one| one.is_written_with(character)),
        }
    }

    /// Returns the written form, without its place, for comparison.
    pub fn written(&self) -> String {
        match &self.form {
            Form::If(condition, both) => format!("If({condition}, {}, {})", both[0].written(), both[1].written()),
            form => format!("{form:?}"),
        }
    }

    /// Creates an error about this place.
    pub(crate) fn error(&self, complaint: impl std::fmt::Display) -> Error {
        Error::new(format!("{} {complaint}.", self.place))
    }

    /// Evaluates the value, with every name looked up in `names`.
    ///
    /// # Errors
    /// Fails if a parameter, resource or attribute is not known. The error names the place in the
    /// template.
    pub fn evaluate(&self, names: &Names) -> Result<String> {
        match &self.form {
            Form::Literal(text) => Ok(text.clone()),
            Form::Call(Call::Ref(target)) => self.known(target, names),
            Form::Call(Call::GetAtt(resource, attribute)) => self.known(&format!("{resource}.{attribute}"), names),
            Form::Call(Call::Sub(text)) => self.substitute(text, names),
            Form::If(condition, both) => {
                let holds = names
                    .conditions
                    .get(condition)
                    .ok_or_else(|| self.error(format!("uses the condition {condition}, which does not exist")))?;
                if *holds { both[0].evaluate(names) } else { both[1].evaluate(names) }
            }
        }
    }

    fn known(&self, name: &str, names: &Names) -> Result<String> {
        names.get(name).map(str::to_owned).ok_or_else(|| {
            self.error(format!("refers to {name}, which does not exist or is not supported by the local stack"))
        })
    }

    fn substitute(&self, text: &str, names: &Names) -> Result<String> {
        let mut result = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            result.push_str(before);
            let (name, remainder) = after.split_once('}').ok_or_else(|| self.error("has a ${ that is not closed"))?;
            // CloudFormation writes a literal ${name} as ${!name}.
            if let Some(literal) = name.strip_prefix('!') {
                result.extend(["${", literal, "}"]);
            } else {
                result.push_str(&self.known(name, names)?);
            }
            rest = remainder;
        }
        result.push_str(rest);
        Ok(result)
    }
}

/// The names that `Ref`, `GetAtt` and `Sub` can find.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// The values of `Ref` by name, and those of `GetAtt` by resource and attribute, with a dot.
    values: BTreeMap<String, String>,
    conditions: BTreeMap<String, bool>,
}

impl Names {
    /// Sets the value of `Ref` of `name`.
    pub fn set_reference(&mut self, name: &str, value: impl Into<String>) {
        self.values.insert(name.to_owned(), value.into());
    }

    /// Sets the value of `GetAtt` of `resource` and `attribute`.
    pub fn set_attribute(&mut self, resource: &str, attribute: &str, value: impl Into<String>) {
        self.values.insert(format!("{resource}.{attribute}"), value.into());
    }

    /// Sets whether the condition that `If` chooses by holds.
    pub(crate) fn set_condition(&mut self, name: &str, holds: bool) {
        self.conditions.insert(name.to_owned(), holds);
    }

    fn get(&self, name: &str) -> Option<&str> {
        match name {
            "AWS::Region" => Some(REGION),
            "AWS::AccountId" => Some(ACCOUNT),
            "AWS::Partition" => Some("aws"),
            "AWS::StackName" => Some(STACK_NAME),
            "AWS::URLSuffix" => Some("amazonaws.com"),
            _ => self.values.get(name).map(String::as_str),
        }
    }
}
