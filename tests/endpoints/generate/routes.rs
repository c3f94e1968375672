//! `ROUTES`, the routes as the functions know them.

use std::fmt::Write as _;

use super::NOTICE;
use super::routed::Route;

/// Returns the module with the table.
pub(super) fn text(routes: &[Route]) -> String {
    let mut text = format!(
        "//! {NOTICE}\n//!\n//! From docs/openapi.yaml; the functions are those of template.yaml.\n\n\
         use super::{{Route, route}};\n\n\
         /// Every route.\n\
         #[rustfmt::skip]\n\
         pub const ROUTES: &[Route] = &[\n"
    );
    for Route { method, path, function } in routes {
        let _infallible = writeln!(text, "    route({method:?}, {path:?}, {function:?}),");
    }
    text + "    route(\"$default\", \"\", \"routes-refuse\"),\n];\n"
}
