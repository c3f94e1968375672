//! The `Policies` of a function: what its role may do.

use local::Result;
use local::template::{Cursor, Expression, Kind, Template};

/// The operator for `dynamodb:LeadingKeys`, which may have many values (DynamoDB developer guide,
/// "Using IAM policy conditions").
const EACH_IS_LIKE: &str = "ForAllValues:StringLike";
const LEADING_KEYS: &str = "dynamodb:LeadingKeys";

/// One statement of a policy: these actions on these resources.
#[derive(Debug, Clone)]
pub struct Statement {
    /// IAM actions, such as `dynamodb:GetItem`.
    pub actions: Vec<String>,
    /// ARNs.
    pub resources: Vec<Expression>,
    /// The partitions of a table or index that it covers, as `dynamodb:LeadingKeys` has them. Empty
    /// for all partitions.
    pub keys: Vec<String>,
}

/// Reads the policies of the function with this id in the template. Refuses wildcards and policies
/// that are kept elsewhere, because either would grant more than the template shows.
pub fn of(template: &Template, function: &str) -> Result<Vec<Statement>> {
    let resource = Cursor::root(&template.document).required("Resources")?.required(function)?;
    let Some(policies) = resource.required("Properties")?.get("Policies") else { return Ok(Vec::new()) };
    let mut statements: Vec<Statement> = Vec::new();
    for policy in policies.items()? {
        policy.only(&["Statement"], &["Version"])?;
        for cursor in policy.required("Statement")?.items()? {
            let statement = read_statement(&cursor)?;
            if let Some(action) = statements.iter().find_map(|before| before.action_in_common(&statement)) {
                return Err(
                    cursor.error(format!("grants {action} a second time: all its keys belong into one statement"))
                );
            }
            statements.push(statement);
        }
    }
    Ok(statements)
}

impl Statement {
    /// Returns an action that both grant on the same resource. AWS judges a batch by the keys of
    /// all its items together, and does not say whether it judges a transaction item by item. Two
    /// statements that each cover some of the keys might therefore allow neither.
    fn action_in_common<'a>(&self, other: &'a Self) -> Option<&'a String> {
        let on_the_same =
            self.resources.iter().any(|resource| other.resources.iter().any(|one| one.written() == resource.written()));
        other.actions.iter().find(|action| on_the_same && self.actions.contains(action))
    }
}

/// Reads one statement.
pub fn read_statement(statement: &Cursor<'_>) -> Result<Statement> {
    statement.only(&["Action", "Condition", "Effect", "Resource"], &["Sid"])?;
    let effect = statement.required("Effect")?;
    if effect.text()? != "Allow" {
        return Err(effect.unsupported("is not Allow"));
    }
    let actions = one_or_many(&statement.required("Action")?)?.iter().map(action).collect::<Result<_>>()?;
    let resources = one_or_many(&statement.required("Resource")?)?.iter().map(resource).collect::<Result<_>>()?;
    let keys = statement.get("Condition").map_or(Ok(Vec::new()), |condition| leading_keys(&condition))?;
    Ok(Statement { actions, resources, keys })
}

/// Reads the only supported condition: every partition key of a call must match one of these
/// patterns.
fn leading_keys(condition: &Cursor<'_>) -> Result<Vec<String>> {
    condition.only(&[EACH_IS_LIKE], &[])?;
    let each = condition.required(EACH_IS_LIKE)?;
    each.only(&[LEADING_KEYS], &[])?;
    let patterns = each.required(LEADING_KEYS)?.items()?;
    if patterns.is_empty() {
        return Err(each.error("must name the keys"));
    }
    patterns.iter().map(pattern).collect()
}

/// Reads a pattern: a whole key, or a prefix and a star.
fn pattern(cursor: &Cursor<'_>) -> Result<String> {
    let pattern = cursor.text()?;
    let beginning = pattern.strip_suffix('*').unwrap_or(&pattern);
    if beginning.is_empty() || beginning.contains(['*', '?', '$']) {
        Err(cursor.error("must be a key, or the beginning of keys and a star"))
    } else {
        Ok(pattern)
    }
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

#[cfg(test)]
mod tests;
