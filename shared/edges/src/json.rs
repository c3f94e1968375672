//! Parses JSON input and rejects objects with duplicate members.
//!
//! `serde_json` keeps the last of two members with one name. A body could then show one value to a
//! component that checks it on its way here and another to the endpoint. RFC 8259 §4 leaves the
//! handling of such an object open. RFC 7493 §2.3 forbids it.

use std::fmt;

use domain::field::pointer_to;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The longest pointer shown, in characters. A response must not grow with the names in the input.
const POINTER_CHARACTERS_MAX: usize = 500;

/// The reason why a text is rejected.
#[derive(Debug)]
pub enum JsonFault {
    /// The text is not JSON.
    Syntax(serde_json::Error),
    /// An object has a duplicate member. Holds the JSON pointer (RFC 6901) to it.
    DuplicateMember(String),
}

/// Reads a JSON text, nested at most 127 levels deep, which is the limit of `serde_json`.
pub fn read(text: &[u8]) -> Result<Value, JsonFault> {
    let mut walk = Walk::default();
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = Unique(&mut walk).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|fault| match walk.duplicate {
        Some(pointer) => JsonFault::DuplicateMember(pointer.chars().take(POINTER_CHARACTERS_MAX).collect()),
        None => JsonFault::Syntax(fault),
    })
}

/// The payload of a function that is not an endpoint and reads the fields itself.
#[derive(Debug)]
pub struct Payload(pub Value);

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Unique(&mut Walk::default()).deserialize(deserializer).map(Self)
    }
}

/// The position of the reader, and the duplicate member it has found.
#[derive(Default)]
struct Walk {
    pointer: String,
    duplicate: Option<String>,
}

/// Reads one value and everything within it.
struct Unique<'w>(&'w mut Walk);

impl<'de> DeserializeSeed<'de> for Unique<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let (mut values, outside) = (Vec::new(), self.0.pointer.len());
        loop {
            self.0.pointer.extend(["/", &values.len().to_string()]);
            let Some(value) = items.next_element_seed(Unique(self.0))? else { break };
            values.push(value);
            self.0.pointer.truncate(outside);
        }
        self.0.pointer.truncate(outside);
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let (mut values, outside) = (Map::new(), self.0.pointer.len());
        while let Some(name) = members.next_key::<String>()? {
            self.0.pointer.push_str(&pointer_to(&name));
            if values.contains_key(&name) {
                self.0.duplicate = Some(self.0.pointer.clone());
                return Err(A::Error::custom(format!("the member {} is repeated", self.0.pointer)));
            }
            values.insert(name, members.next_value_seed(Unique(self.0))?);
            self.0.pointer.truncate(outside);
        }
        Ok(values.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_parsed_as_serde_json_parses_them() {
        for text in [
            r#"{"a": [1, -1, 1.5, 1e3, 18446744073709551615, "x", "\u00e9", true, null, {"a": {"a": []}}], "b": {}}"#,
            "[]",
            "\"text\"",
            " null ",
        ] {
            assert_eq!(read(text.as_bytes()).unwrap(), serde_json::from_str::<Value>(text).unwrap(), "{text}");
        }
        for text in ["", "{", "[1,]", "{\"a\":1,}", "nul", "1 2", "1e999", "\"\\ud800\"", "{1:2}"] {
            assert!(matches!(read(text.as_bytes()), Err(JsonFault::Syntax(_))), "{text}");
            assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
        }
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(read(nested(127).as_bytes()).is_ok());
        assert!(matches!(read(nested(128).as_bytes()), Err(JsonFault::Syntax(_))));
    }

    #[test]
    fn a_duplicate_member_is_reported_by_its_pointer() {
        let long = "x".repeat(10_000);
        for (text, pointer) in [
            (r#"{"role": "nonsense", "role": "user"}"#.to_owned(), "/role".to_owned()),
            (r#"{"a": 1, "b": 2, "a": 1}"#.to_owned(), "/a".to_owned()),
            (r#"{"a": 1, "\u0061": 1}"#.to_owned(), "/a".to_owned()),
            (r#"{"": 1, "": 2}"#.to_owned(), "/".to_owned()),
            (r#"{"email": {"closed": true, "closed": false}}"#.to_owned(), "/email/closed".to_owned()),
            (r#"[{"a": [[], {"b/~": 1, "b/~": {}}]}]"#.to_owned(), "/0/a/1/b~1~0".to_owned()),
            (r#"{"b": [{"x": 1}, {"x": 2}], "b": {"#.to_owned(), "/b".to_owned()),
            (format!(r#"{{"{long}": 1, "{long}": 2}}"#), format!("/{}", &long[..100])),
        ] {
            let Err(JsonFault::DuplicateMember(found)) = read(text.as_bytes()) else { panic!("{text}") };
            assert_eq!(found, pointer, "{text}");
        }
        let deep = format!(r#"{{"{long}":"#).repeat(100);
        let Err(JsonFault::DuplicateMember(found)) = read(format!(r#"{deep}{{"a":1,"a":2"#).as_bytes()) else {
            panic!("deep")
        };
        assert_eq!(found.chars().count(), POINTER_CHARACTERS_MAX);
    }

    #[test]
    fn a_payload_with_a_duplicate_member_is_refused() {
        let payload: Payload = serde_json::from_str(r#"{"a": {"b": 1}}"#).unwrap();
        assert_eq!(payload.0, serde_json::json!({"a": {"b": 1}}));
        let error = serde_json::from_str::<Payload>(r#"{"a": {"b": 1, "b": 2}}"#).unwrap_err().to_string();
        assert!(error.starts_with("the member /a/b is repeated"), "{error}");
    }
}
