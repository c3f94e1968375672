//! Conditions on items and changes of their attributes, as values.
//!
//! Each names its attribute and carries its values. The placeholders of DynamoDB's expressions are
//! assigned when a request is built (DynamoDB developer guide, "Expression attribute names
//! (aliases) in DynamoDB"). So no attribute can be a reserved word, and no two values share a
//! placeholder.

use std::borrow::Cow;
use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::item::number;
use super::keys::PK;

/// The name of an attribute.
pub(super) type Attribute = Cow<'static, str>;

/// A condition that an item has to meet.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    /// A condition on one attribute.
    One(Term),
    /// All of these hold.
    All(Vec<Condition>),
    /// At least one of these holds.
    Any(Vec<Condition>),
}

/// A part of an expression about one attribute. In its form, `#` stands for the attribute's name
/// and each `?` for the next of the values.
#[derive(Clone, Debug)]
pub(super) struct Term {
    form: &'static str,
    attribute: Attribute,
    values: Vec<AttributeValue>,
}

impl Term {
    fn new(form: &'static str, attribute: impl Into<Attribute>, values: impl Into<Vec<AttributeValue>>) -> Self {
        Self { form, attribute: attribute.into(), values: values.into() }
    }
}

fn one(form: &'static str, attribute: impl Into<Attribute>, values: impl Into<Vec<AttributeValue>>) -> Condition {
    Condition::One(Term::new(form, attribute, values))
}

/// Requires that there is no item with the key yet.
pub(super) fn absent() -> Condition {
    lacks(PK)
}

/// Requires that there is an item with the key.
pub(super) fn present() -> Condition {
    one("attribute_exists(#)", PK, [])
}

/// Requires that the item does not have the attribute.
pub(super) fn lacks(attribute: impl Into<Attribute>) -> Condition {
    one("attribute_not_exists(#)", attribute, [])
}

/// Requires that the attribute has the value.
pub(super) fn is(attribute: impl Into<Attribute>, value: AttributeValue) -> Condition {
    one("# = ?", attribute, [value])
}

/// Requires that the attribute does not have the value.
pub(super) fn is_not(attribute: impl Into<Attribute>, value: AttributeValue) -> Condition {
    one("# <> ?", attribute, [value])
}

/// Requires that the attribute is greater than the value.
pub(super) fn above(attribute: impl Into<Attribute>, value: AttributeValue) -> Condition {
    one("# > ?", attribute, [value])
}

/// Requires that the attribute is less than the value.
pub(super) fn below(attribute: impl Into<Attribute>, value: AttributeValue) -> Condition {
    one("# < ?", attribute, [value])
}

/// Requires that the attribute is the value or greater.
pub(super) fn at_least(attribute: impl Into<Attribute>, value: AttributeValue) -> Condition {
    one("# >= ?", attribute, [value])
}

/// Requires that the attribute is the value or less.
pub(super) fn at_most(attribute: impl Into<Attribute>, value: AttributeValue) -> Condition {
    one("# <= ?", attribute, [value])
}

/// Requires that the attribute is one of the two values or between them.
pub(super) fn between(attribute: impl Into<Attribute>, low: AttributeValue, high: AttributeValue) -> Condition {
    one("# BETWEEN ? AND ?", attribute, [low, high])
}

/// Requires that the attribute, a string, begins with the value.
pub(super) fn begins_with(attribute: impl Into<Attribute>, value: AttributeValue) -> Condition {
    one("begins_with(#, ?)", attribute, [value])
}

/// Requires that the attribute, a list or a set, contains the value.
pub(super) fn contains(attribute: impl Into<Attribute>, value: AttributeValue) -> Condition {
    one("contains(#, ?)", attribute, [value])
}

/// Requires that the attribute, a list or a set, does not contain the value.
pub(super) fn does_not_contain(attribute: impl Into<Attribute>, value: AttributeValue) -> Condition {
    one("NOT contains(#, ?)", attribute, [value])
}

/// Requires that the attribute, a list or a set, has fewer elements than the value says.
pub(super) fn has_fewer_than(attribute: impl Into<Attribute>, value: AttributeValue) -> Condition {
    one("size(#) < ?", attribute, [value])
}

/// Requires all of these conditions.
pub(super) fn all(conditions: impl Into<Vec<Condition>>) -> Condition {
    Condition::All(conditions.into())
}

/// Requires at least one of these conditions.
pub(super) fn any(conditions: impl Into<Vec<Condition>>) -> Condition {
    Condition::Any(conditions.into())
}

/// Changes of the attributes of an item.
#[derive(Clone, Debug)]
pub(super) struct Changes(Vec<(&'static str, Term)>);

impl Changes {
    /// Returns no change.
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Sets the attribute to the value.
    pub(super) fn set(self, attribute: impl Into<Attribute>, value: AttributeValue) -> Self {
        self.and(SET, "# = ?", attribute, [value])
    }

    /// Sets the attribute to the value unless the item has the attribute.
    pub(super) fn set_once(self, attribute: impl Into<Attribute>, value: AttributeValue) -> Self {
        self.and(SET, "# = if_not_exists(#, ?)", attribute, [value])
    }

    /// Adds one to the attribute, a number that the item has.
    pub(super) fn increment(self, attribute: impl Into<Attribute>) -> Self {
        self.and(SET, "# = # + ?", attribute, [number(1)])
    }

    /// Takes one from the attribute, a number that the item has.
    pub(super) fn decrement(self, attribute: impl Into<Attribute>) -> Self {
        self.and(SET, "# = # - ?", attribute, [number(1)])
    }

    /// Removes the attribute.
    pub(super) fn remove(self, attribute: impl Into<Attribute>) -> Self {
        self.and(REMOVE, "#", attribute, [])
    }

    /// Adds a number to the attribute, or a set's elements. The item may lack the attribute.
    pub(super) fn add(self, attribute: impl Into<Attribute>, value: AttributeValue) -> Self {
        self.and(ADD, "# ?", attribute, [value])
    }

    /// Takes a set's elements from the attribute.
    pub(super) fn take(self, attribute: impl Into<Attribute>, value: AttributeValue) -> Self {
        self.and(DELETE, "# ?", attribute, [value])
    }

    fn and(
        mut self,
        clause: &'static str,
        form: &'static str,
        attribute: impl Into<Attribute>,
        values: impl Into<Vec<AttributeValue>>,
    ) -> Self {
        self.0.push((clause, Term::new(form, attribute, values)));
        self
    }
}

/// A clause of an update expression.
const SET: &str = "SET";
const REMOVE: &str = "REMOVE";
const ADD: &str = "ADD";
const DELETE: &str = "DELETE";

/// The placeholders of one request. Its expressions share them.
#[derive(Debug, Default)]
pub(super) struct Placeholders {
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Placeholders {
    /// Returns the expression of a condition.
    pub(super) fn condition(&mut self, condition: Condition) -> String {
        match condition {
            Condition::One(term) => self.term(term),
            Condition::All(conditions) => self.joined(conditions, " AND "),
            Condition::Any(conditions) => self.joined(conditions, " OR "),
        }
    }

    fn joined(&mut self, conditions: Vec<Condition>, operator: &str) -> String {
        let part = |condition| match condition {
            Condition::One(term) => self.term(term),
            compound => format!("({})", self.condition(compound)),
        };
        conditions.into_iter().map(part).collect::<Vec<_>>().join(operator)
    }

    /// Returns the expression of these changes, each clause once.
    pub(super) fn changes(&mut self, changes: Changes) -> String {
        let terms = changes.0.into_iter().map(|(clause, term)| (clause, self.term(term))).collect::<Vec<_>>();
        let of_clause = |wanted: &str| {
            let of_it: Vec<&str> =
                terms.iter().filter(|(clause, _)| *clause == wanted).map(|(_, term)| term.as_str()).collect();
            (!of_it.is_empty()).then(|| format!("{wanted} {}", of_it.join(", ")))
        };
        [SET, REMOVE, ADD, DELETE].into_iter().filter_map(of_clause).collect::<Vec<_>>().join(" ")
    }

    fn term(&mut self, term: Term) -> String {
        let mut expression = term.form.replace('#', &self.name(term.attribute));
        for value in term.values {
            let placeholder = format!(":v{}", self.values.len());
            expression = expression.replacen('?', &placeholder, 1);
            self.values.insert(placeholder, value);
        }
        expression
    }

    fn name(&mut self, attribute: Attribute) -> String {
        if let Some((name, _)) = self.names.iter().find(|(_, named)| **named == attribute) {
            return name.clone();
        }
        let name = format!("#n{}", self.names.len());
        self.names.insert(name.clone(), attribute.into_owned());
        name
    }

    /// Returns the names, or none where none is used: DynamoDB refuses an empty map.
    pub(super) fn names(&self) -> Option<HashMap<String, String>> {
        (!self.names.is_empty()).then(|| self.names.clone())
    }

    /// Returns the values, or none where none is used.
    pub(super) fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::item::text;
    use super::*;

    #[test]
    fn a_condition_becomes_an_expression_with_its_own_placeholders() {
        let due = any([absent(), at_most("expires_at", number(7))]);
        let condition = all([is("role", text("admin")), due, between("last_at", text("a"), text("b"))]);
        let mut placeholders = Placeholders::default();
        assert_eq!(
            placeholders.condition(condition),
            "#n0 = :v0 AND (attribute_not_exists(#n1) OR #n2 <= :v1) AND #n3 BETWEEN :v2 AND :v3"
        );
        let names = placeholders.names().unwrap();
        assert_eq!(["#n0", "#n1", "#n2", "#n3"].map(|name| &names[name]), ["role", "pk", "expires_at", "last_at"]);
        let values = placeholders.values().unwrap();
        assert_eq!(
            [":v0", ":v1", ":v2", ":v3"].map(|value| &values[value]),
            [&text("admin"), &number(7), &text("a"), &text("b")]
        );
    }

    #[test]
    fn changes_are_gathered_by_clause_and_share_no_placeholder_with_the_condition() {
        let mut placeholders = Placeholders::default();
        assert_eq!(placeholders.condition(is("version", number(1))), "#n0 = :v0");
        let changes =
            Changes::new().set("hash", text("x")).remove("ended").increment("version").add("late", text("id"));
        assert_eq!(placeholders.changes(changes), "SET #n1 = :v1, #n0 = #n0 + :v2 REMOVE #n2 ADD #n3 :v3");
    }

    #[test]
    fn without_a_value_none_are_sent() {
        let mut placeholders = Placeholders::default();
        assert!(placeholders.names().is_none());
        placeholders.condition(absent());
        assert!(placeholders.names().is_some() && placeholders.values().is_none());
    }
}
