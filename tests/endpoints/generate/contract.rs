//! The routes that docs/API.md lists.

use std::collections::BTreeSet;

use local::template::{Function, Template};

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// A route of the contract and the function that the template assigns to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) function: String,
}

/// Returns the routes of docs/API.md, by path and method, each with its function.
pub(super) fn routes(document: &str, template: &Template) -> Result<Vec<Route>, String> {
    let mut routes = Vec::new();
    for (method, path) in listed(document) {
        let function = function(template, method, path)
            .ok_or_else(|| format!("docs/API.md lists {method} {path}, which no function of template.yaml takes."))?;
        routes.push(Route { method: method.to_owned(), path: path.to_owned(), function: function.to_owned() });
    }
    let place = |route: &Route| METHODS.iter().position(|method| *method == route.method);
    routes.sort_by(|one, other| (&one.path, place(one)).cmp(&(&other.path, place(other))));
    if let Some(twice) = routes.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("docs/API.md lists {} {} twice.", twice[0].method, twice[0].path));
    }
    let known: BTreeSet<(&str, &str)> =
        routes.iter().map(|route| (route.path.as_str(), route.function.as_str())).collect();
    for function in &template.functions {
        for route in function.routes.iter().filter(|route| route.path != "$default") {
            let fits = |listed: &&Route| ["ANY", &listed.method].contains(&route.method.as_str());
            let mut of_path = routes.iter().filter(|listed| listed.path == route.path);
            if !known.contains(&(&route.path, &function.binary)) || !of_path.any(|listed| fits(&listed)) {
                let (method, path) = (&route.method, &route.path);
                return Err(format!("template.yaml gives {} {method} {path}, which docs/API.md lacks.", function.id));
            }
        }
    }
    Ok(routes)
}

/// Returns the method and path at the start of each table row.
fn listed(document: &str) -> impl Iterator<Item = (&str, &str)> {
    let first = |line| str::split_once(str::strip_prefix(line, "| `")?, '`')?.0.split_once(' ');
    document.lines().filter_map(first).filter(|(method, path)| METHODS.contains(method) && path.starts_with('/'))
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

    #[test]
    fn a_table_row_lists_the_route_it_starts_with() {
        let document = "\
            | `GET /v1/users` `?role=` | of `POST /v1/x` |\n\
            | `DELETE /v1/users/{id}` *public* | 204 |\n\
            | `bad-request` | 400 |\n\
            `GET /v1/prose` | x |\n";
        assert_eq!(listed(document).collect::<Vec<_>>(), [("GET", "/v1/users"), ("DELETE", "/v1/users/{id}")]);
    }

    #[test]
    fn differences_between_document_and_template_are_reported() {
        let root = crate::root();
        let template = Template::read(&root.join("template.yaml")).unwrap();
        let document = std::fs::read_to_string(root.join("docs/API.md")).unwrap();
        assert!(routes(&document, &template).is_ok());
        for (now, then, message) in [
            ("| `GET /v1/me` ", "| `GET /v1/you` ", "GET /v1/you, which no function"),
            ("| `GET /v1/users` ", "| ", "ANY /v1/users, which docs/API.md lacks"),
            ("| `PUT /v1/users/{id}/role` ", "| ", "PUT /v1/users/{id}/role, which docs/API.md lacks"),
            ("| `GET /v1/me` ", "| `GET /v1/me` | |\n| `GET /v1/me` ", "lists GET /v1/me twice"),
        ] {
            assert!(document.contains(now), "{now}");
            let error = routes(&document.replacen(now, then, 1), &template).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
    }
}
