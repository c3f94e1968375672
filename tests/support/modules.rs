//! No module imports one that imports it, directly or indirectly. Between crates the compiler
//! ensures that. This test checks the sibling modules in every folder of every crate. A module and
//! the file that declares it count as one.
#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const CRATES: [&str; 6] = ["domain", "edges", "desk", "api", "events", "local"];

/// A module, by the names in its path.
type Module = Vec<String>;

/// Reads the code of every module below `folder`, without comments and tests.
fn read_modules(folder: &Path, parent: &[String], modules: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if ["tests", "samples"].contains(&name.as_str()) {
            continue;
        }
        let module = match name.as_str() {
            "lib" | "main" | "mod" => parent.to_vec(),
            _ => [parent, &[name]].concat(),
        };
        if path.is_dir() {
            read_modules(&path, &module, modules);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let (code, _tests) = text.split_once("#[cfg(test)]\nmod tests {").unwrap_or((&text, ""));
            let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            modules.insert(module, code.join("\n"));
        }
    }
}

/// Parses a path, or the list in braces at its end, from the start of the text.
fn take_paths(text: &mut &str, mut path: Module, paths: &mut Vec<Module>) {
    loop {
        *text = text.trim_start();
        if let Some(rest) = text.strip_prefix('{') {
            *text = rest;
            while let Some(character) = text.chars().next() {
                if character == '}' {
                    *text = &text[1..];
                    return;
                }
                if character.is_alphanumeric() || character == '_' {
                    take_paths(text, path.clone(), paths);
                } else {
                    *text = &text[character.len_utf8()..];
                }
            }
            return;
        }
        let end = text.find(|character: char| !(character.is_alphanumeric() || character == '_'));
        let (name, rest) = text.split_at(end.unwrap_or(text.len()));
        path.push(name.to_owned());
        *text = rest;
        match rest.strip_prefix("::") {
            Some(rest) => *text = rest,
            None => return paths.push(path),
        }
    }
}

/// Returns every path in the code that begins in this crate.
fn paths_in(code: &str) -> Vec<Module> {
    let mut paths = Vec::new();
    for (start, _) in code.match_indices("crate::").chain(code.match_indices("super::")) {
        let is_within_a_path = code[..start].ends_with("::");
        if !is_within_a_path {
            take_paths(&mut &code[start..], Vec::new(), &mut paths);
        }
    }
    paths
}

/// Returns the module that a path of this module leads into.
fn module_at(path: &[String], from: &[String], modules: &BTreeMap<Module, String>) -> Module {
    let mut module = from.to_vec();
    for name in path {
        match name.as_str() {
            "crate" => module.clear(),
            "super" => drop(module.pop()),
            name => {
                let below = [module.as_slice(), &[name.to_owned()]].concat();
                if !modules.contains_key(&below) {
                    break;
                }
                module = below;
            }
        }
    }
    module
}

/// Returns which sibling modules import which.
fn imports(modules: &BTreeMap<Module, String>) -> BTreeMap<Module, BTreeSet<Module>> {
    let mut imports: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    for (from, code) in modules {
        for path in paths_in(code) {
            let to = module_at(&path, from, modules);
            let shared = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
            if from.len() > shared && to.len() > shared {
                imports.entry(from[..=shared].to_vec()).or_default().insert(to[..=shared].to_vec());
            }
        }
    }
    imports
}

/// Removes modules that import none of the others until all that remain are in a cycle or import
/// one that is.
fn cycles(mut imports: BTreeMap<Module, BTreeSet<Module>>) -> BTreeMap<Module, BTreeSet<Module>> {
    loop {
        let left: BTreeSet<Module> = imports.keys().cloned().collect();
        let count = imports.len();
        for imported in imports.values_mut() {
            imported.retain(|module| left.contains(module));
        }
        imports.retain(|_, imported| !imported.is_empty());
        if imports.len() == count {
            return imports;
        }
    }
}

#[test]
fn modules_have_no_import_cycles() {
    let mut read = 0;
    for name in CRATES {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(name).join("src");
        let mut modules = BTreeMap::new();
        read_modules(&source, &[], &mut modules);
        let imports = imports(&modules);
        read += imports.values().map(BTreeSet::len).sum::<usize>();
        assert_eq!(cycles(imports), BTreeMap::new(), "in {name}");
    }
    assert!(read > 100, "{read} imports were read");
}

#[test]
fn indirect_cycles_and_imports_in_braces_are_detected() {
    let modules = [
        ("a", "use crate::{Fatal, b::{self, B}};"),
        ("b", "use super::c::inner::C;"),
        ("c", "mod inner;"),
        ("c/inner", "fn f(x: super::super::a::A) {}"),
        ("d", "use crate::a;"),
    ];
    let module = |name: &str| name.split('/').map(str::to_owned).collect::<Module>();
    let modules = modules.into_iter().map(|(name, code)| (module(name), code.to_owned())).collect();
    let found: Vec<String> = cycles(imports(&modules)).into_keys().map(|module| module.join("/")).collect();
    assert_eq!(found, ["a", "b", "c", "d"], "d imports a, which is in the cycle");
}
