//! The binary of the black-box tests: every function, selected by the program name.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use super::NOTICE;

/// Returns the source, whose file is two folders below the root of the workspace.
pub(super) fn text(binaries: &BTreeMap<String, PathBuf>) -> String {
    let mut modules = String::new();
    let mut rows = String::new();
    for (name, path) in binaries {
        let module = name.replace('-', "_");
        let _infallible = write!(modules, "#[path = \"../../{}\"]\nmod {module};\n", path.display());
        let _infallible = writeln!(rows, "    (\"{name}\", {module}::main),");
    }
    format!(
        "// {NOTICE}\n\
         //! All functions in one binary, so that the tests link only one. It runs the function\n\
         //! whose name it is started by.\n\n\
         {modules}\n\
         type Main = fn() -> Result<(), edges::Fatal>;\n\n\
         const FUNCTIONS: &[(&str, Main)] = &[\n\
         {rows}\
         ];\n\n\
         fn main() -> Result<(), edges::Fatal> {{\n\
         \x20   let program = std::env::args().next().unwrap_or_default();\n\
         \x20   let name = program.rsplit('/').next().unwrap_or_default();\n\
         \x20   let Some((_, function)) = FUNCTIONS.iter().find(|(function, _)| *function == name) else {{\n\
         \x20       return Err(edges::Fatal::from(format!(\"there is no function {{name}}\")));\n\
         \x20   }};\n\
         \x20   function()\n\
         }}\n"
    )
}
