//! The `Policies` of a function: what its role may do.

use local::Result;
use local::template::{Cursor, Expression, Kind, Template};

/// The operator for `dynamodb:LeadingKeys`, which may have many values (DynamoDB developer guide,
/// "Using IAM policy conditions").
const EACH_IS_LIKE: &str = "ForAllValues:StringLike";
const LEADING_KEYS: &str = "dynamodb:LeadingKeys";

/// The action and the condition of the only statement that may deny something: that a parameter is
/// overwritten (Systems Manager user guide, "Preventing changes to existing parameters using
/// `ssm:Overwrite`").
pub(crate) const PUT_PARAMETER: &str = "ssm:PutParameter";
const EQUALS: &str = "StringEquals";
const OVERWRITE: &str = "ssm:Overwrite";

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
    /// Whether it is denied to overwrite these parameters.
    pub never_overwrites: bool,
}

/// Reads the policies of the function with this id in the template. Refuses wildcards and policies
/// that are kept elsewhere, because either would grant more than the template shows.
pub fn of(template: &Template, function: &str) -> Result<Vec<Statement>> {
    let resource = Cursor::root(&template.document).required("Resources")?.required(function)?;
    let Some(policies) = resource.required("Properties")?.get("Policies") else { return Ok(Vec::new()) };
    let (mut statements, mut denied): (Vec<Statement>, Vec<Expression>) = (Vec::new(), Vec::new());
    for policy in policies.items()? {
        policy.only(&["Statement"], &["Version"])?;
        for cursor in policy.required("Statement")?.items()? {
            if cursor.required("Effect")?.text()? == "Deny" {
                denied.extend(read_denial(&cursor)?);
                continue;
            }
            let statement = read_statement(&cursor)?;
            if let Some(action) = statements.iter().find_map(|before| before.action_in_common(&statement)) {
                return Err(
                    cursor.error(format!("grants {action} a second time: all its keys belong into one statement"))
                );
            }
            statements.push(statement);
        }
    }
    for statement in &mut statements {
        let is_denied = |resource: &Expression| denied.iter().any(|one| one.written() == resource.written());
        statement.never_overwrites = !denied.is_empty() && statement.resources.iter().all(is_denied);
    }
    Ok(statements)
}

/// Reads a statement that denies to overwrite parameters, and returns which.
fn read_denial(statement: &Cursor<'_>) -> Result<Vec<Expression>> {
    statement.only(&["Action", "Condition", "Effect", "Resource"], &["Sid"])?;
    let action = statement.required("Action")?;
    for denied in one_or_many(&action)? {
        if denied.text()? != PUT_PARAMETER {
            return Err(denied.error("may only deny ssm:PutParameter"));
        }
    }
    let condition = statement.required("Condition")?;
    condition.only(&[EQUALS], &[])?;
    let equals = condition.required(EQUALS)?;
    equals.only(&[OVERWRITE], &[])?;
    let overwrites = equals.required(OVERWRITE)?;
    if overwrites.text()? != "true" {
        return Err(overwrites.error("must be true: a parameter that exists is kept"));
    }
    one_or_many(&statement.required("Resource")?)?.iter().map(resource).collect()
}

impl Statement {
    /// Returns whether parameters are overwritten with this action: never, or `None` if both are
    /// allowed or the action is another.
    pub(crate) fn overwrites(&self, action: &str) -> Option<bool> {
        (self.never_overwrites && action == PUT_PARAMETER).then_some(false)
    }

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
    Ok(Statement { actions, resources, keys, never_overwrites: false })
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
