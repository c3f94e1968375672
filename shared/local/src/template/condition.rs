//! `Conditions`, which `If` chooses by.

use super::cursor::Cursor;
use super::expression::{Expression, Names};
use super::node::{Kind, Node};
use crate::Result;

#[derive(Debug, Clone)]
pub enum Condition {
    Equals(Box<[Expression; 2]>),
    Not(Box<Condition>),
    And(Vec<Condition>),
    Or(Vec<Condition>),
}

impl Condition {
    /// Reads `Equals`, `Not`, `And` or `Or`.
    pub(super) fn read(cursor: &Cursor<'_>) -> Result<Self> {
        let Kind::Other(tag, argument) = &cursor.node.kind else {
            return Err(cursor.error("must be !Equals, !Not, !And or !Or"));
        };
        match tag.as_str() {
            "!Equals" => {
                let [one, other] = cursor.list_of(argument)?;
                Ok(Self::Equals(Box::new([Expression::read(&one)?, Expression::read(&other)?])))
            }
            "!Not" => {
                let [negated] = cursor.list_of(argument)?;
                Ok(Self::Not(Box::new(Self::read(&negated)?)))
            }
            "!And" => Ok(Self::And(all_of(cursor, argument)?)),
            "!Or" => Ok(Self::Or(all_of(cursor, argument)?)),
            tag => Err(cursor.unsupported(format!("uses {tag}"))),
        }
    }

    /// Returns whether the condition holds.
    pub(super) fn holds(&self, names: &Names) -> Result<bool> {
        match self {
            Self::Equals(both) => Ok(both[0].evaluate(names)? == both[1].evaluate(names)?),
            Self::Not(negated) => Ok(!negated.holds(names)?),
            Self::And(all) => all.iter().try_fold(true, |so_far, one| Ok(so_far && one.holds(names)?)),
            Self::Or(all) => all.iter().try_fold(false, |so_far, one| Ok(so_far || one.holds(names)?)),
        }
    }
}

fn all_of(cursor: &Cursor<'_>, argument: &Node) -> Result<Vec<Condition>> {
    cursor.part(argument).items()?.iter().map(Condition::read).collect()
}
