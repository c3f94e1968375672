//! Lambda's filter patterns: JSON documents whose leaves are lists of alternatives.
//!
//! Exact texts, numbers, booleans and null are supported, and `prefix`. Any other operator is an
//! error when the pattern is read, so that no event passes by mistake.

use crate::{Error, Result};
use serde_json::Value;

#[derive(Debug, Clone, PartialEq)]
pub struct Pattern(Vec<(String, Rule)>);

#[derive(Debug, Clone, PartialEq)]
enum Rule {
    Nested(Pattern),
    AnyOf(Vec<Test>),
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    Equals(Value),
    Prefix(String),
}

impl Pattern {
    pub fn parse(text: &str) -> Result<Self> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| Error::new(format!("is not valid JSON ({error})")))?;
        Self::from_value(&value)
    }

    fn from_value(value: &Value) -> Result<Self> {
        let Value::Object(entries) = value else { return Err(Error::new("must be a JSON object")) };
        let rule = |(key, value): (&String, &Value)| {
            if key.starts_with('$') {
                return Err(Error::new(format!("uses {key}, which the local stack does not support")));
            }
            let rule = match value {
                Value::Array(tests) => Rule::AnyOf(tests.iter().map(Test::from_value).collect::<Result<_>>()?),
                nested => Rule::Nested(Self::from_value(nested)?),
            };
            Ok((key.clone(), rule))
        };
        entries.iter().map(rule).collect::<Result<_>>().map(Self)
    }

    /// Returns whether `event` passes. It must match every key of the pattern.
    pub fn matches(&self, event: &Value) -> bool {
        self.0.iter().all(|(key, rule)| match (rule, event.get(key)) {
            (Rule::Nested(pattern), nested) => pattern.matches(nested.unwrap_or(&Value::Null)),
            (Rule::AnyOf(_), None) => false,
            (Rule::AnyOf(tests), Some(Value::Array(items))) => {
                items.iter().any(|item| tests.iter().any(|test| test.passes(item)))
            }
            (Rule::AnyOf(tests), Some(value)) => tests.iter().any(|test| test.passes(value)),
        })
    }
}

impl Test {
    fn from_value(value: &Value) -> Result<Self> {
        let Value::Object(operators) = value else { return Ok(Self::Equals(value.clone())) };
        let unsupported = || Error::new(format!("uses {value}, which the local stack does not support"));
        let mut operators = operators.iter();
        let (Some((name, argument)), None) = (operators.next(), operators.next()) else { return Err(unsupported()) };
        match (name.as_str(), argument) {
            ("prefix", Value::String(text)) => Ok(Self::Prefix(text.clone())),
            _ => Err(unsupported()),
        }
    }

    fn passes(&self, value: &Value) -> bool {
        match self {
            Self::Equals(wanted) => value == wanted,
            Self::Prefix(prefix) => value.as_str().is_some_and(|text| text.starts_with(prefix.as_str())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn matches(pattern: &str, event: &Value) -> bool {
        Pattern::parse(pattern).unwrap().matches(event)
    }

    #[test]
    fn the_relay_sees_only_new_log_entries() {
        let pattern = r#"{"eventName":["INSERT"],"dynamodb":{"Keys":{"sk":{"S":[{"prefix":"LOG#"}]}}}}"#;
        let record = |name: &str, sk: &str| json!({"eventName": name, "dynamodb": {"Keys": {"sk": {"S": sk}}}});
        assert!(matches(pattern, &record("INSERT", "LOG#0000000001")));
        assert!(!matches(pattern, &record("MODIFY", "LOG#0000000001")));
        assert!(!matches(pattern, &record("INSERT", "NOTE#1")));
        assert!(!matches(pattern, &json!({"eventName": "INSERT"})));
    }

    #[test]
    fn every_key_of_a_filter_must_match_one_of_its_alternatives() {
        assert!(matches(r#"{"a":[null, 7, true]}"#, &json!({"a": 7})));
        assert!(matches(r#"{"a":[null]}"#, &json!({"a": null})));
        assert!(!matches(r#"{"a":[null]}"#, &json!({})));
        assert!(!matches(r#"{"a":[{"prefix":"7"}]}"#, &json!({"a": 7})));
        assert!(matches(r#"{"a":["x"]}"#, &json!({"a": ["y", "x"]})));
        assert!(!matches(r#"{"a":["x"],"b":["x"]}"#, &json!({"a": "x"})));
    }

    #[test]
    fn an_unknown_operator_is_refused() {
        for pattern in [
            r#"{"a":[{"numeric":[">",1]}]}"#,
            r#"{"a":[{"wildcard":"x*"}]}"#,
            r#"{"a":[{"suffix":"x"}]}"#,
            r#"{"a":[{"exists":true}]}"#,
            r#"{"a":[{"anything-but":["x"]}]}"#,
            r#"{"a":[{"prefix":7}]}"#,
            r#"{"$or":[{"a":["x"]}]}"#,
            r#"{"a":"x"}"#,
            "[]",
        ] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }
}
