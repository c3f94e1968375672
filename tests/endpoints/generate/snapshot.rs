//! tests/snapshots/routes.txt: the expected status for each caller, to be reviewed when it changes.

use std::fmt::Write as _;

use crate::expected::Caller;
use crate::table::rows;

/// Returns the table.
pub(super) fn text() -> String {
    let mut text = format!(
        "{:<46}{:<10}{:<10}{:<10}{:<12}{:<7}API token\n",
        "route", "whose", "no token", "user", "technician", "admin"
    );
    for row in rows() {
        for relation in row.relations() {
            let name = row.name().replacen(" /v1/", " /", 1);
            let cell = |caller: Caller| row.expected(caller, *relation).map_or("-".to_owned(), |it| it.to_string());
            let [anonymous, user, technician, admin, token] = Caller::ALL.map(cell);
            let whose = relation.name();
            let _infallible =
                writeln!(text, "{name:<46}{whose:<10}{anonymous:<10}{user:<10}{technician:<12}{admin:<7}{token}");
        }
    }
    text
}
