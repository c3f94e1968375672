//! `Rules` about which parameters go together.

use super::condition::Condition;
use super::cursor::Cursor;
use super::expression::Names;
use crate::{Error, Result};

#[derive(Debug, Clone)]
pub struct Rule {
    /// The condition under which the rule applies. Without one, it always applies.
    when: Option<Condition>,
    /// The conditions that must then hold, each with the error message for parameters that violate
    /// it.
    assertions: Vec<(Condition, String)>,
}

impl Rule {
    pub(super) fn read(rule: &Cursor<'_>) -> Result<Self> {
        let assertion = |assertion: &Cursor<'_>| {
            let holds = Condition::read(&assertion.required("Assert")?)?;
            Ok((holds, assertion.required("AssertDescription")?.text()?))
        };
        Ok(Self {
            when: rule.get("RuleCondition").map(|when| Condition::read(&when)).transpose()?,
            assertions: rule.required("Assertions")?.items()?.iter().map(assertion).collect::<Result<_>>()?,
        })
    }

    /// Rejects parameters that violate the rule, with the rule's own message.
    pub(super) fn check(&self, parameters: &Names) -> Result<()> {
        if let Some(when) = &self.when
            && !when.holds(parameters)?
        {
            return Ok(());
        }
        self.assertions.iter().try_for_each(|(assertion, told)| {
            if assertion.holds(parameters)? { Ok(()) } else { Err(Error::new(told.clone())) }
        })
    }
}
