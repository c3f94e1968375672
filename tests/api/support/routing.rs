//! The functions that a request may be routed to.

use std::sync::LazyLock;

use local::template::Template;

/// The routes of template.yaml: the segments of the path, and the function's name.
static ROUTES: LazyLock<Vec<(Vec<String>, String)>> = LazyLock::new(|| {
    let template = Template::read(&endpoints::root().join("template.yaml")).unwrap();
    let routes = |function: local::template::Function| {
        let binary = function.binary;
        function.routes.into_iter().map(move |route| (segments(&route.path), binary.clone()))
    };
    template.functions.into_iter().flat_map(routes).collect()
});

fn segments(path: &str) -> Vec<String> {
    path.split('/').map(str::to_owned).collect()
}

/// Returns the functions with a route for this path under any method, and the one that refuses the
/// rest. For a path that the router may rewrite, returns all.
pub(super) fn functions_of(path: &str) -> impl Iterator<Item = &'static str> {
    let (path, _query) = path.split_once('?').unwrap_or((path, ""));
    let may_be_rewritten = path.contains('%') || path.contains("..") || path.contains("//");
    let asked = segments(path);
    let is_of = move |route: &[String]| {
        route.len() == asked.len() && route.iter().zip(&asked).all(|(one, other)| one == other || one.starts_with('{'))
    };
    let matching = ROUTES.iter().filter(move |(route, _)| may_be_rewritten || route == &["$default"] || is_of(route));
    matching.map(|(_, binary)| binary.as_str())
}
