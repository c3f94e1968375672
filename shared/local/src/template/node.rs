//! The template's YAML as a tree that keeps line numbers and CloudFormation's intrinsic functions.

use crate::{Error, Result};
use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};

/// A value of the template and the line it is on.
#[derive(Debug, Clone)]
pub struct Node {
    pub line: usize,
    pub kind: Kind,
}

#[derive(Debug, Clone)]
pub enum Kind {
    Null,
    Bool(bool),
    Integer(i64),
    Real(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
    Call(Call),
    /// Another tag or function and its argument. It is an error only if its value is needed and
    /// cannot be determined.
    Other(String, Box<Node>),
}

/// The intrinsic functions that a template may use where the local stack reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    Ref(String),
    GetAtt(String, String),
    Sub(String),
}

pub(super) fn parse(text: &str) -> Result<Node> {
    let documents = MarkedYaml::load_from_str(text)
        .map_err(|error| Error::new(format!("template.yaml is not valid YAML: {error}.")))?;
    match documents.as_slice() {
        [document] => convert(document),
        _ => Err(Error::new("template.yaml must contain exactly one YAML document.")),
    }
}

fn convert(yaml: &MarkedYaml<'_>) -> Result<Node> {
    let line = yaml.span.start.line();
    let kind = match &yaml.data {
        YamlData::Value(scalar) => scalar_kind(scalar),
        YamlData::Sequence(items) => Kind::List(items.iter().map(convert).collect::<Result<_>>()?),
        YamlData::Mapping(entries) => {
            let entries =
                entries.iter().map(|(key, value)| Ok((key_text(key)?, convert(value)?))).collect::<Result<Vec<_>>>()?;
            long_form(entries)
        }
        YamlData::Tagged(tag, inner) => short_form(&tag.suffix, &convert(inner)?),
        other => {
            return Err(Error::new(format!("template.yaml line {line}: {other:?} is not supported.")));
        }
    };
    Ok(Node { line, kind })
}

fn scalar_kind(scalar: &Scalar<'_>) -> Kind {
    match scalar {
        Scalar::Null => Kind::Null,
        Scalar::Boolean(value) => Kind::Bool(*value),
        Scalar::Integer(value) => Kind::Integer(*value),
        Scalar::FloatingPoint(value) => Kind::Real(value.into_inner()),
        Scalar::String(text) => Kind::Text(text.to_string()),
    }
}

fn key_text(key: &MarkedYaml<'_>) -> Result<String> {
    match &key.data {
        YamlData::Value(Scalar::String(text)) => Ok(text.to_string()),
        YamlData::Value(Scalar::Integer(number)) => Ok(number.to_string()),
        _ => Err(Error::new(format!("template.yaml line {}: a key must be a string.", key.span.start.line()))),
    }
}

/// Reads `!Ref`, `!GetAtt` and `!Sub`. Any other tag is kept by name, with its argument.
fn short_form(tag: &str, inner: &Node) -> Kind {
    call(tag, &inner.kind).unwrap_or_else(|| Kind::Other(format!("!{tag}"), Box::new(inner.clone())))
}

/// Reads `{Ref: …}`, `{Fn::GetAtt: …}` and `{Fn::Sub: …}`. Any other map stays a map.
fn long_form(entries: Vec<(String, Node)>) -> Kind {
    if let [(key, value)] = entries.as_slice()
        && let Some(function) = key.strip_prefix("Fn::").or((key == "Ref").then_some("Ref"))
    {
        return short_form(function, value);
    }
    Kind::Map(entries)
}

fn call(name: &str, argument: &Kind) -> Option<Kind> {
    match (name, argument) {
        // A name with a dot is an attribute, which is not for Ref.
        ("Ref", Kind::Text(target)) if !target.contains('.') => Some(Kind::Call(Call::Ref(target.clone()))),
        ("Sub", Kind::Text(text)) => Some(Kind::Call(Call::Sub(text.clone()))),
        ("GetAtt", Kind::Text(text)) => {
            let (resource, attribute) = text.split_once('.')?;
            Some(Kind::Call(Call::GetAtt(resource.to_owned(), attribute.to_owned())))
        }
        _ => None,
    }
}
