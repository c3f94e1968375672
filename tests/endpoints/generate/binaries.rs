//! The `[[bin]]` list of Cargo.toml.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use local::template::Template;

use super::NOTICE;

const END: &str = "# End of what is generated.\n";

/// Returns the file of every function of the template, by the name of its binary.
pub(super) fn list(root: &Path, template: &Template) -> Result<BTreeMap<String, PathBuf>, String> {
    let files = rust_files(&root.join("functions")).map_err(|error| format!("Cannot read functions/: {error}."))?;
    let mut files: BTreeMap<String, PathBuf> = files
        .into_iter()
        .map(|path| path.strip_prefix(root).unwrap_or(&path).to_owned())
        .map(|path| (binary_of(&path), path))
        .collect();
    let mut list = BTreeMap::new();
    for function in &template.functions {
        let Some(file) = files.remove(&function.binary) else {
            let (id, binary) = (&function.id, &function.binary);
            return Err(format!("{id} of template.yaml has no file: no file below functions/ is named for {binary}."));
        };
        list.insert(function.binary.clone(), file);
    }
    Ok(list)
}

/// Returns the manifest with that list.
pub(super) fn in_manifest(manifest: &str, binaries: &BTreeMap<String, PathBuf>) -> Result<String, String> {
    let begin = format!("# {NOTICE} The functions of template.yaml.\n");
    let parts = manifest.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.ok_or_else(|| format!("Cargo.toml lacks the lines {begin:?} and {END:?}."))?;
    let mut list = String::new();
    for (name, path) in binaries {
        let _infallible = write!(list, "[[bin]]\nname = \"{name}\"\npath = \"{}\"\ntest = false\n\n", path.display());
    }
    Ok(format!("{before}{begin}{list}{END}{after}"))
}

/// Returns the name of the binary of a file: `functions/users/set_role.rs` is `users-set-role`.
fn binary_of(path: &Path) -> String {
    let path = path.with_extension("");
    let parts: Vec<_> = path.iter().skip(1).map(|part| part.to_string_lossy().replace('_', "-")).collect();
    parts.join("-")
}

fn rust_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}
