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
                members.insert(text_of(key)?.to_owned(), convert(value)?);
            }
            Value::Object(members)
        }
        other => return Err(format!("{other:?} has no form in JSON")),
    })
}

/// Returns a YAML document as JSON whose members are in the same order. The two outer levels are
/// written line by line, so that a change of one path changes one line.
///
/// # Errors
/// When it is not a YAML document that could also have been written as JSON.
pub fn as_json(text: &str) -> Result<String, String> {
    let documents = Yaml::load_from_str(text).map_err(|error| format!("not valid YAML: {error}"))?;
    let [document] = documents.as_slice() else { return Err("must contain exactly one YAML document".to_owned()) };
    let mut json = String::new();
    write(document, 0, &mut json)?;
    Ok(json + "\n")
}

/// How many levels are written line by line.
const LEVELS_BY_LINE: usize = 2;

fn write(yaml: &Yaml<'_>, level: usize, json: &mut String) -> Result<(), String> {
    let (open, close, length) = match yaml {
        Yaml::Mapping(entries) => ('{', '}', entries.len()),
        Yaml::Sequence(items) => ('[', ']', items.len()),
        scalar => {
            json.push_str(&convert(scalar)?.to_string());
            return Ok(());
        }
    };
    let new_line = |json: &mut String, level: usize| {
        if level <= LEVELS_BY_LINE {
            json.push('\n');
            json.push_str(&" ".repeat(level));
        }
    };
    json.push(open);
    let begin = |place: usize, json: &mut String| {
        if place > 0 {
            json.push(',');
        }
        new_line(json, level + 1);
    };
    match yaml {
        Yaml::Mapping(entries) => {
            for (place, (key, value)) in entries.iter().enumerate() {
                begin(place, json);
                json.push_str(&Value::from(text_of(key)?).to_string());
                json.push(':');
                write(value, level + 1, json)?;
            }
        }
        Yaml::Sequence(items) => {
            for (place, item) in items.iter().enumerate() {
                begin(place, json);
                write(item, level + 1, json)?;
            }
        }
        _ => {}
    }
    if length > 0 && level < LEVELS_BY_LINE {
        new_line(json, level);
    }
    json.push(close);
    Ok(())
}

fn text_of<'a>(key: &'a Yaml<'_>) -> Result<&'a str, String> {
    key.as_str().ok_or_else(|| format!("{key:?} is not a text; quote it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_the_values_and_the_order_of_the_yaml() {
        let text = "b: 1\na:\n  d: {y: [1, {}, []], x: \"\\\"\"}\n  c: >-\n    one\n    two\ne: [null, true, 0.5]\n";
        let json = as_json(text).unwrap();
        assert_eq!(
            json,
            "{\n \"b\":1,\n \"a\":{\n  \"d\":{\"y\":[1,{},[]],\"x\":\"\\\"\"},\n  \"c\":\"one two\"\n },\n \
             \"e\":[\n  null,\n  true,\n  0.5\n ]\n}\n"
        );
        assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), parse(text).unwrap());
        for wrong in ["a: 1\n---\nb: 2\n", "1: a\n", "a: &x [*x]\n"] {
            assert!(as_json(wrong).is_err(), "{wrong}");
        }
    }
}
