//! CargoLambda.toml: the routes as `cargo lambda watch` serves them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use local::template::Template;

use super::NOTICE;

/// The function that answers requests that match no route.
const REFUSE: &str = "routes-refuse";

/// Every method that a caller may use on a path.
const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

const ABOUT: &str = "\
# The routes of template.yaml as `cargo lambda watch` serves them.
# API Gateway hands a method that no route of the path names to the path's ANY route, and what no route takes to
# $default. `watch` knows a catch-all for paths but none for methods, so the function of an ANY route lists what it gets,
# and a path without one what is refused.
";

/// The methods of a path that a function takes.
#[derive(Debug, PartialEq, Eq)]
struct Line {
    path: String,
    methods: Vec<&'static str>,
    function: String,
}

/// Returns the whole file.
pub(super) fn text(template: &Template) -> String {
    let mut text = format!("# {NOTICE}\n{ABOUT}[watch]\nrouter = [\n");
    for Line { path, methods, function } in lines(template) {
        let _infallible = writeln!(text, "    {{ path = {path:?}, methods = {methods:?}, function = {function:?} }},");
    }
    let _infallible = writeln!(text, "    {{ path = \"/{{*path}}\", function = {REFUSE:?} }},");
    text + "]\n"
}

fn lines(template: &Template) -> Vec<Line> {
    let mut paths: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for function in &template.functions {
        for route in function.routes.iter().filter(|route| route.path != "$default") {
            paths.entry(&route.path).or_default().insert(&route.method, &function.binary);
        }
    }
    let mut lines: Vec<Line> = Vec::new();
    for (path, takers) in paths {
        for method in METHODS {
            let function = takers.get(method).or_else(|| takers.get("ANY")).copied().unwrap_or(REFUSE);
            if let Some(line) = lines.iter_mut().find(|line| line.path == path && line.function == function) {
                line.methods.push(method);
            } else {
                lines.push(Line { path: path.to_owned(), methods: vec![method], function: function.to_owned() });
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_routed_as_api_gateway_does() {
        let template = Template::read(&crate::root().join("template.yaml")).unwrap();
        let lines = lines(&template);
        for (path, method, expected) in [
            ("/v1/tickets", "POST", "tickets-create"),
            ("/v1/tickets", "GET", "tickets-list"),
            ("/v1/tickets", "DELETE", "tickets-list"),
            ("/v1/auth/login", "POST", "auth-login"),
            ("/v1/auth/login", "GET", REFUSE),
            ("/v1/unsubscribe/{token}", "POST", "preferences-unsubscribe"),
        ] {
            let takers = lines.iter().filter(|line| line.path == path && line.methods.contains(&method));
            assert_eq!(takers.map(|line| line.function.as_str()).collect::<Vec<_>>(), [expected], "{method} {path}");
        }
    }

    #[test]
    fn every_method_of_every_path_has_one_function() {
        let template = Template::read(&crate::root().join("template.yaml")).unwrap();
        let lines = lines(&template);
        for function in &template.functions {
            for route in function.routes.iter().filter(|route| route.path != "$default") {
                let of_path = lines.iter().filter(|line| line.path == route.path);
                let mut methods: Vec<&str> = of_path.flat_map(|line| line.methods.clone()).collect();
                methods.sort_unstable();
                assert_eq!(methods, METHODS, "{}", route.path);
            }
        }
        let all = template.functions.iter().flat_map(|function| &function.routes);
        let paths: std::collections::BTreeSet<&str> = all.map(|route| route.path.as_str()).collect();
        assert_eq!(
            paths.len() - 1,
            lines.iter().map(|line| &line.path).collect::<std::collections::BTreeSet<_>>().len()
        );
    }
}
