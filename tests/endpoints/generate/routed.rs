//! The operations of docs/openapi.yaml, each with the function that template.yaml routes it to.

use std::collections::BTreeSet;

use contract::Operation;
use local::template::{Function, Template};

/// A route of the contract and the function that the template assigns to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) function: String,
}

/// Returns the routes of the contract, by path and method, each with its function.
pub(super) fn routes(operations: &[Operation], template: &Template) -> Result<Vec<Route>, String> {
    let mut routes = Vec::new();
    for Operation { id, method, path } in operations {
        let function = function(template, method, path).ok_or_else(|| {
            format!("docs/openapi.yaml has {method} {path}, which no function of template.yaml takes.")
        })?;
        if !names(id, function, template) {
            return Err(format!("docs/openapi.yaml calls {method} {path} {id}, and its function is {function}."));
        }
        routes.push(Route { method: (*method).to_owned(), path: path.clone(), function: function.to_owned() });
    }
    routes.sort_by(|one, other| one.path.cmp(&other.path));
    let known: BTreeSet<(&str, &str)> =
        routes.iter().map(|route| (route.path.as_str(), route.function.as_str())).collect();
    for function in &template.functions {
        for route in function.routes.iter().filter(|route| route.path != "$default") {
            let fits = |listed: &&Route| ["ANY", &listed.method].contains(&route.method.as_str());
            let mut of_path = routes.iter().filter(|listed| listed.path == route.path);
            if !known.contains(&(&route.path, &function.binary)) || !of_path.any(|listed| fits(&listed)) {
                let (method, path) = (&route.method, &route.path);
                return Err(format!(
                    "template.yaml gives {} {method} {path}, which docs/openapi.yaml lacks.",
                    function.id
                ));
            }
        }
    }
    Ok(routes)
}

/// Returns whether this is the name of the function, or the name of an operation of it: the
/// function's name and more, which is no other function's name.
fn names(id: &str, function: &str, template: &Template) -> bool {
    let more = id.strip_prefix(function).is_some_and(|more| more.starts_with('-'));
    id == function || more && template.functions.iter().all(|other| other.binary != id)
}

/// Returns the function of a route: the one for the method, or else the one for any method.
pub(super) fn function<'a>(template: &'a Template, method: &str, path: &str) -> Option<&'a str> {
    exact(template, method, path).or_else(|| exact(template, "ANY", path))
}

/// Returns the function that the template assigns to exactly this method of the path.
pub(super) fn exact<'a>(template: &'a Template, method: &str, path: &str) -> Option<&'a str> {
    let takes = |function: &&Function| function.routes.iter().any(|route| route.method == method && route.path == path);
    template.functions.iter().find(takes).map(|function| function.binary.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::Contract;

    #[test]
    fn differences_between_contract_and_template_are_reported() {
        let root = crate::root();
        let template = Template::read(&root.join("template.yaml")).unwrap();
        let operations = Contract::read(&root).unwrap().operations;
        assert!(routes(&operations, &template).is_ok());
        let changed = |change: fn(&mut Vec<Operation>, usize), id: &str| {
            let mut operations = operations.clone();
            let place = operations.iter().position(|operation| operation.id == id).unwrap();
            change(&mut operations, place);
            routes(&operations, &template).unwrap_err()
        };
        for (id, change, message) in [
            (
                "me-get",
                (|all, at| all[at].path = "/v1/you".to_owned()) as fn(&mut Vec<Operation>, usize),
                "GET /v1/you, which no function",
            ),
            ("me-get", |all, at| all[at].id = "me".to_owned(), "calls GET /v1/me me, and its function is me-get"),
            (
                "tickets-verify",
                |all, at| all[at].id = "tickets-verify-page".to_owned(),
                "tickets-verify-page, and its function is tickets-verify",
            ),
            ("users-list", |all, at| drop(all.remove(at)), "ANY /v1/users, which docs/openapi.yaml lacks"),
            (
                "users-set-role",
                |all, at| drop(all.remove(at)),
                "PUT /v1/users/{id}/role, which docs/openapi.yaml lacks",
            ),
        ] {
            let error = changed(change, id);
            assert!(error.contains(message), "{error}");
        }
    }
}
