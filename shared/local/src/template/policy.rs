//! `Policies` of a function: what its role may do.

use super::cursor::Cursor;
use super::expression::Expression;
use super::node::Kind;
use crate::Result;

/// One statement of a policy: each of these actions on each of these resources.
#[derive(Debug, Clone)]
pub struct Statement {
    /// IAM actions, such as `dynamodb:GetItem`.
    pub actions: Vec<String>,
    /// ARNs.
    pub resources: Vec<Expression>,
}

/// Reads the policies of a function. They are written out: what stands for many actions or resources, or for a policy kept elsewhere, is
/// refused, because it would grant what nobody sees here.
pub(super) fn read(policies: &Cursor<'_>) -> Result<Vec<Statement>> {
    let mut statements = Vec::new();
    for policy in policies.items()? {
        policy.only(&["Statement"], &["Version"])?;
        for statement in policy.required("Statement")?.items()? {
            statements.push(read_statement(&statement)?);
        }
    }
    Ok(statements)
}

pub(super) fn read_statement(statement: &Cursor<'_>) -> Result<Statement> {
    statement.only(&["Action", "Effect", "Resource"], &["Sid"])?;
    let effect = statement.required("Effect")?;
    if effect.text()? != "Allow" {
        return Err(effect.unsupported("is not Allow"));
    }
    let actions = one_or_many(&statement.required("Action")?)?.iter().map(action).collect::<Result<_>>()?;
    let resources = one_or_many(&statement.required("Resource")?)?.iter().map(resource).collect::<Result<_>>()?;
    Ok(Statement { actions, resources })
}

fn one_or_many<'a>(value: &Cursor<'a>) -> Result<Vec<Cursor<'a>>> {
    match &value.node.kind {
        Kind::List(_) => value.items(),
        _ => Ok(vec![value.clone()]),
    }
}

fn action(cursor: &Cursor<'_>) -> Result<String> {
    let action = cursor.text()?;
    if action.contains(['*', '?']) { Err(cursor.error("must name one action")) } else { Ok(action) }
}

fn resource(cursor: &Cursor<'_>) -> Result<Expression> {
    let resource = Expression::read(cursor)?;
    if resource.is_written_with('*') || resource.is_written_with('?') {
        Err(cursor.error("must name one resource"))
    } else {
        Ok(resource)
    }
}
