//! Reads the fields of a request's body. Finds every fault in one pass, each with its location.

use std::fmt;

use serde_json::{Map, Value};

/// The maximum number of faults reported, so that a body full of unknown fields does not produce an
/// even larger response.
pub const VIOLATIONS_MAX: usize = 50;

/// A fault in a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The location: a JSON pointer (RFC 6901) into the body.
    pub pointer: String,
    /// What is wrong there and what would be right, for the caller to read.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.pointer, self.detail)
    }
}

/// All faults of a body, in the order in which its fields are read. Never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// Creates a list with a single fault.
    #[must_use]
    pub fn one(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self(vec![Violation { pointer: pointer.into(), detail: detail.into() }])
    }

    /// Returns the faults.
    #[must_use]
    pub fn as_slice(&self) -> &[Violation] {
        &self.0
    }
}

/// The faults of a value. Each is worded as the end of the sentence "this field …", with its
/// location inside the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(Vec<Violation>);

impl Faults {
    /// Creates the same fault for each of these items of a list.
    #[must_use]
    pub fn at_items(indexes: impl IntoIterator<Item = usize>, detail: &str) -> Self {
        let at = |index| Violation { pointer: format!("/{index}"), detail: detail.to_owned() };
        Self(indexes.into_iter().map(at).collect())
    }

    /// Creates the faults of members of an object, by name.
    #[must_use]
    pub fn at_members(faults: impl IntoIterator<Item = (String, Self)>) -> Self {
        let within = |(name, faults): (String, Self)| {
            let at = pointer_to(&name);
            faults.0.into_iter().map(move |fault| Violation { pointer: format!("{at}{}", fault.pointer), ..fault })
        };
        Self(faults.into_iter().flat_map(within).collect())
    }

    /// Returns the faults, relocated for a value that is an item of a list.
    fn within_item(self, index: usize) -> impl Iterator<Item = Violation> {
        self.0.into_iter().map(move |fault| Violation { pointer: format!("/{index}{}", fault.pointer), ..fault })
    }
}

impl From<String> for Faults {
    fn from(detail: String) -> Self {
        Self(vec![Violation { pointer: String::new(), detail }])
    }
}

/// A value that can be read from a field of a body.
pub trait FromField: Sized {
    /// Reads the value of the field.
    fn from_field(value: Value) -> Result<Self, Faults>;
}

impl FromField for String {
    fn from_field(value: Value) -> Result<Self, Faults> {
        match value {
            Value::String(text) => Ok(text),
            other => Err(format!("must be a string, not {}", kind_of(&other)).into()),
        }
    }
}

impl FromField for bool {
    fn from_field(value: Value) -> Result<Self, Faults> {
        value.as_bool().ok_or_else(|| format!("must be true or false, not {}", kind_of(&value)).into())
    }
}

impl<T: FromField> FromField for Vec<T> {
    fn from_field(value: Value) -> Result<Self, Faults> {
        let Value::Array(items) = value else {
            return Err(format!("must be a list, not {}", kind_of(&value)).into());
        };
        let mut values = Vec::with_capacity(items.len());
        let mut faults = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            match T::from_field(item) {
                Ok(value) => values.push(value),
                Err(found) => faults.extend(found.within_item(index)),
            }
        }
        if faults.is_empty() { Ok(values) } else { Err(Faults(faults)) }
    }
}

/// What a merge patch does to an optional field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit<T> {
    /// Sets the field to this value.
    Set(T),
    /// Removes the value.
    Remove,
}

impl<T> Edit<T> {
    /// Returns the value after the edit.
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Remove => None,
        }
    }
}

/// A marker for a value that is not available, because its fault was recorded. Only [`Fields`]
/// creates one.
#[derive(Clone, Copy, Debug)]
pub struct Rejected(());

/// The fields of a body that are not read yet, and the faults found so far.
#[derive(Debug)]
pub struct Fields {
    unread: Map<String, Value>,
    violations: Vec<Violation>,
}

impl Fields {
    /// Reads a body with `read`, which takes the fields one by one.
    ///
    /// # Errors
    /// Fails with all faults: those that `read` found, and every field that it did not read.
    pub fn read<T>(body: Value, read: impl FnOnce(&mut Self) -> Result<T, Rejected>) -> Result<T, Violations> {
        let Value::Object(unread) = body else {
            return Err(Violations::one("", format!("the request body must be an object, not {}", kind_of(&body))));
        };
        let mut fields = Self { unread, violations: Vec::new() };
        let value = read(&mut fields);
        fields.reject_unread();
        match value {
            Ok(value) if fields.violations.is_empty() => Ok(value),
            _ => Err(Violations(fields.violations)),
        }
    }

    /// Reads a required field.
    pub fn required<T: FromField>(&mut self, name: &str) -> Result<T, Rejected> {
        match self.unread.remove(name) {
            Some(value) => self.convert(name, value),
            None => Err(self.reject(name, "is required".to_owned())),
        }
    }

    /// Reads a field that may be left out or null.
    pub fn optional<T: FromField>(&mut self, name: &str) -> Result<Option<T>, Rejected> {
        match self.unread.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => self.convert(name, value).map(Some),
        }
    }

    /// Reads a field of a merge patch (RFC 7396) that may be left out but cannot be removed: null
    /// is a fault.
    pub fn replaced<T: FromField>(&mut self, name: &str) -> Result<Option<T>, Rejected> {
        self.unread.remove(name).map(|value| self.convert(name, value)).transpose()
    }

    /// Reads a field of a merge patch (RFC 7396) that may be left out, and that null removes.
    pub fn edited<T: FromField>(&mut self, name: &str) -> Result<Option<Edit<T>>, Rejected> {
        match self.unread.remove(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(Edit::Remove)),
            Some(value) => self.convert(name, value).map(|value| Some(Edit::Set(value))),
        }
    }

    /// Rejects a field that callers may expect here, with the reason why it is none.
    pub fn refuse(&mut self, name: &str, reason: &str) -> Result<(), Rejected> {
        self.unread.remove(name).map_or(Ok(()), |_| Err(self.reject(name, reason.to_owned())))
    }

    /// Records faults of a field that was already read, found by checking more than its own value.
    pub fn reject(&mut self, name: &str, faults: impl Into<Faults>) -> Rejected {
        for fault in faults.into().0 {
            if self.violations.len() < VIOLATIONS_MAX {
                let pointer = pointer_to(name) + &fault.pointer;
                self.violations.push(Violation { pointer, ..fault });
            }
        }
        Rejected(())
    }

    fn convert<T: FromField>(&mut self, name: &str, value: Value) -> Result<T, Rejected> {
        T::from_field(value).map_err(|faults| self.reject(name, faults))
    }

    fn reject_unread(&mut self) {
        let names: Vec<String> = self.unread.keys().cloned().collect();
        for name in names {
            let _rejected = self.reject(&name, "is not a field of this request".to_owned());
        }
    }
}

/// Returns the name of a JSON value's type, as used in a sentence.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Returns the pointer to a member of the body's object, escaped as RFC 6901 §3 says. Names are cut
/// at 100 characters, because the response to a huge name must not be huge.
#[must_use]
pub fn pointer_to(name: &str) -> String {
    let shown: String = name.chars().take(100).collect();
    format!("/{}", shown.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::text::Tag;

    type Read = (String, Option<Vec<Tag>>);

    fn read(body: Value) -> Result<Read, Vec<(String, String)>> {
        Fields::read(body, |fields| {
            let name = fields.required("name");
            let tags = fields.optional("tags");
            Ok((name?, tags?))
        })
        .map_err(|Violations(all)| all.into_iter().map(|v| (v.pointer, v.detail)).collect())
    }

    fn faults(expected: &[(&str, &str)]) -> Result<Read, Vec<(String, String)>> {
        Err(expected.iter().map(|(pointer, detail)| ((*pointer).to_owned(), (*detail).to_owned())).collect())
    }

    #[test]
    fn all_faults_are_reported_at_once() {
        assert_eq!(
            read(json!({"tags": "x", "a/b~c": 1, "role": "admin"})),
            faults(&[
                ("/name", "is required"),
                ("/tags", "must be a list, not a string"),
                ("/a~1b~0c", "is not a field of this request"),
                ("/role", "is not a field of this request"),
            ])
        );
    }

    #[test]
    fn null_means_absent_only_for_optional_fields() {
        assert_eq!(read(json!({"name": "x", "tags": null})), Ok(("x".to_owned(), None)));
        assert_eq!(read(json!({"name": null})), faults(&[("/name", "must be a string, not null")]));
    }

    #[test]
    fn faults_in_a_list_point_to_their_items() {
        assert_eq!(
            read(json!({"name": "x", "tags": ["vpn", 7, ""]})),
            faults(&[("/tags/1", "must be a string, not a number"), ("/tags/2", "must not be blank")])
        );
    }

    #[test]
    fn a_body_of_many_unknown_fields_gets_a_bounded_response() {
        let many: Map<String, Value> = (0..1_000).map(|n| (n.to_string(), json!(n))).collect();
        assert_eq!(read(Value::Object(many)).unwrap_err().len(), VIOLATIONS_MAX);
    }

    #[test]
    fn a_list_of_many_faults_gets_a_bounded_response() {
        let found = read(json!({"name": "x", "tags": vec![""; 1_000]})).unwrap_err();
        assert_eq!(found.len(), VIOLATIONS_MAX);
        assert_eq!(found[49], ("/tags/49".to_owned(), "must not be blank".to_owned()));
    }

    #[test]
    fn faults_in_nested_lists_give_the_full_pointer() {
        let found =
            Fields::read(json!({"a/b": [["x"], ["y", 1], 2]}), |fields| fields.required::<Vec<Vec<String>>>("a/b"));
        let shown: Vec<String> = found.unwrap_err().as_slice().iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["/a~1b/1/1 must be a string, not a number", "/a~1b/2 must be a list, not a number"]);
    }

    #[test]
    fn a_body_that_is_not_an_object_is_refused() {
        assert_eq!(read(json!([1])), faults(&[("", "the request body must be an object, not a list")]));
    }
}
