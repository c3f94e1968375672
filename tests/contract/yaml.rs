//! YAML as JSON, as OpenAPI asks for it (version 3.1, §4.4 "Format": YAML's JSON schema ruleset).

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value};

/// Reads a YAML document that could also have been written as JSON.
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    let documents = Yaml::load_from_str(text).map_err(|error| format!("not valid YAML: {error}"))?;
    match documents.as_slice() {
        [document] => convert(document),
        _ => Err("must contain exactly one YAML document".to_owned()),
    }
}

fn convert(yaml: &Yaml<'_>) -> Result<Value, String> {
    Ok(match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => Value::from(*value),
        Yaml::Value(Scalar::Integer(value)) => Value::from(*value),
        Yaml::Value(Scalar::FloatingPoint(value)) => Value::from(value.into_inner()),
        Yaml::Value(Scalar::String(value)) => Value::from(value.as_ref()),
        Yaml::Sequence(items) => Value::Array(items.iter().map(convert).collect::<Result<_, _>>()?),
        Yaml::Mapping(entries) => {
            let mut members = Map::new();
            for (key, value) in entries {
                let key = key.as_str().ok_or_else(|| format!("{key:?} is not a text; quote it"))?;
                members.insert(key.to_owned(), convert(value)?);
            }
            Value::Object(members)
        }
        other => return Err(format!("{other:?} has no form in JSON")),
    })
}
