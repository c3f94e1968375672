//! The routes: which function handles which method and path.

use crate::{Problem, Reply, Request};

mod table;

pub use table::ROUTES;

/// A route: the function that handles a method on a path. A `GET` covers `HEAD` too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    pub method: &'static str,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    pub function: &'static str,
}

const fn route(method: &'static str, path: &'static str, function: &'static str) -> Route {
    Route { method, path, function }
}

/// Responds to a request that is for no endpoint: `OPTIONS`, a method that the path does not have,
/// or an unknown path. Returns `None` if the request is for an endpoint.
///
/// The template routes to the function of a path's `GET` every method that no other function of the
/// path takes, including `HEAD`. It routes the rest to `$default`. Any function may therefore get
/// any method.
pub(super) fn answer(request: &Request) -> Option<Result<Reply, Problem>> {
    let methods = methods(request.path());
    if methods.is_empty() {
        return Some(Err(Problem::NotFound));
    }
    let allow = methods.join(", ");
    match request.method() {
        // RFC 9110 §9.3.7.
        "OPTIONS" => Some(Ok(Reply::no_content().with_header("allow", allow))),
        method if methods.contains(&method) => None,
        _ => Some(Err(Problem::MethodNotAllowed { allow })),
    }
}

/// Returns the methods of a path, as `Allow` lists them, or none for an unknown path. `HEAD` is
/// allowed wherever `GET` is (RFC 9110 §9.1), and `OPTIONS` everywhere.
fn methods(path: &str) -> Vec<&'static str> {
    let routes = ROUTES.iter().filter(|route| route.path.starts_with('/') && matches(route.path, path));
    let mut methods: Vec<_> =
        routes.flat_map(|route| [Some(route.method), (route.method == "GET").then_some("HEAD")]).flatten().collect();
    if !methods.is_empty() {
        methods.push("OPTIONS");
    }
    methods
}

/// Returns the function that the request is for, or `None` if no route matches.
pub(super) fn function_of(method: &str, path: &str) -> Option<&'static str> {
    matching_route(method, path).map(|route| route.function)
}

/// Returns the path of the matching route, as written in the table. A log may show it, unlike the
/// actual path, which may contain a token.
pub(super) fn route_of(method: &str, path: &str) -> &'static str {
    matching_route(method, path).map_or("$default", |route| route.path)
}

fn matching_route(method: &str, path: &str) -> Option<&'static Route> {
    let method = if method == "HEAD" { "GET" } else { method };
    ROUTES.iter().find(|route| route.method == method && matches(route.path, path))
}

fn matches(pattern: &str, path: &str) -> bool {
    let same =
        |(expected, actual): (&str, &str)| expected == actual || (expected.starts_with('{') && !actual.is_empty());
    pattern.split('/').count() == path.split('/').count() && pattern.split('/').zip(path.split('/')).all(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_answers_options_and_answers_head_where_it_answers_get() {
        for (path, expected) in [
            ("/v1/tickets", "GET, HEAD, POST, OPTIONS"),
            ("/v1/auth/login", "POST, OPTIONS"),
            ("/v1/users/x", "GET, HEAD, PATCH, DELETE, OPTIONS"),
            ("/v1/nothing", ""),
            ("", ""),
        ] {
            assert_eq!(methods(path).join(", "), expected, "{path}");
        }
    }

    #[test]
    fn a_path_matches_its_pattern_segment_by_segment() {
        for (path, expected) in [
            ("/v1/tickets/42", true),
            ("/v1/tickets/", false),
            ("/v1/tickets/42/", false),
            ("/v1/tickets", false),
            ("/v2/tickets/42", false),
        ] {
            assert_eq!(matches("/v1/tickets/{number}", path), expected, "{path}");
        }
        assert!(!matches("", "/"));
    }
}
