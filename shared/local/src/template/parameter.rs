//! A parameter of the template, and the checks that `CloudFormation` makes of a given value.

use super::cursor::Cursor;
use super::expression::{Expression, Names};
use crate::{Error, Result};
use regex_lite::Regex;

#[derive(Debug, Clone, Default)]
pub struct Parameter {
    /// The value if none is given.
    pub default: Option<String>,
    pattern: Option<Regex>,
    values: Vec<String>,
    range: (Option<i64>, Option<i64>),
    /// The end of the sentence "the parameter …", for a value that does not fit.
    complaint: Option<String>,
}

impl Parameter {
    pub(super) fn read(parameter: &Cursor<'_>) -> Result<Self> {
        let literal = |value: &Cursor<'_>| Expression::read(value)?.evaluate(&Names::default());
        let number = |key: &str| parameter.get(key).map(|value| value.integer()).transpose();
        let pattern = parameter.get("AllowedPattern").map(|pattern| pattern.text()).transpose()?;
        let pattern = pattern.map(|pattern| {
            // The pattern has to match the whole value.
            Regex::new(&format!("^(?:{pattern})$"))
                .map_err(|error| parameter.error(format!("has an AllowedPattern that is not a valid pattern: {error}")))
        });
        let values = parameter.get("AllowedValues").map_or(Ok(Vec::new()), |values| values.items())?;
        Ok(Self {
            default: parameter.get("Default").map(|default| literal(&default)).transpose()?,
            pattern: pattern.transpose()?,
            values: values.iter().map(literal).collect::<Result<_>>()?,
            range: (number("MinValue")?, number("MaxValue")?),
            complaint: parameter.get("ConstraintDescription").map(|text| text.text()).transpose()?,
        })
    }

    /// Checks a value that is given for the parameter with this name.
    pub(super) fn check(&self, name: &str, value: &str) -> Result<()> {
        let (least, most) = self.range;
        let range = least.unwrap_or(i64::MIN)..=most.unwrap_or(i64::MAX);
        let in_range = self.range == (None, None) || value.parse().is_ok_and(|number: i64| range.contains(&number));
        let fits = self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(value));
        if in_range && fits && (self.values.is_empty() || self.values.iter().any(|allowed| allowed == value)) {
            return Ok(());
        }
        let expected = match (&self.complaint, least, most) {
            (Some(complaint), ..) => complaint.trim_end_matches('.').to_owned(),
            (None, ..) if !self.values.is_empty() => format!("must be one of {}", self.values.join(", ")),
            (None, Some(least), Some(most)) => format!("must be a whole number from {least} to {most}"),
            (None, Some(least), None) => format!("must be a whole number from {least}"),
            (None, ..) => format!("must match {}", self.pattern.as_ref().map_or("its type", Regex::as_str)),
        };
        Err(Error::new(format!("The parameter {name} {expected}, but is {value:?}.")))
    }
}
