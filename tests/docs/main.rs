//! Runs the commands of README.md and docs/TUTORIAL.md as they are written there.
//!
//! A fenced block of `sh` is run. A block of `text` after it is its output: line by line and in
//! this order, with `…` for omissions. Blocks of `shell` are commands that a test cannot run, all
//! of which are in `NOT_RUN`. A page shows every refusal that its commands get.
#![cfg(test)]

mod guide;
mod page;
mod shell;

use std::fs;
use std::path::Path;

use guide::Guide;
use page::{Page, Run};

/// The commands that are not run: they start or deploy a help desk, or run this test.
const NOT_RUN: [&str; 8] = [
    "cargo local",
    "cargo local --fresh",
    "cargo local rotate-key",
    "cargo test --locked",
    ".ci/run",
    "npm --prefix shared/console ci && npm --prefix shared/console run build",
    "cargo lambda build --release --arm64 --package helpdesk",
    "sam deploy --guided --config-env dev",
];

const README: &str = "README.md";
const TUTORIAL: &str = "docs/TUTORIAL.md";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[tokio::test]
async fn the_demo_prints_what_the_readme_shows() {
    let guide = Guide::without_a_stack();
    guide.follow(&Page::parse(&read(README))).await;
}

#[tokio::test]
async fn the_commands_of_the_tutorial_work_as_described() {
    let guide = Guide::with_a_stack().await;
    guide.follow(&Page::parse(&read(TUTORIAL))).await;
}

#[test]
fn every_command_that_is_not_run_is_listed() {
    for name in [README, TUTORIAL] {
        for line in Page::parse(&read(name)).not_run {
            assert!(NOT_RUN.contains(&line.as_str()), "{name}: {line:?} is not run");
        }
    }
}

#[test]
fn the_pages_have_the_expected_blocks_of_commands() {
    let readme = Page::parse(&read(README));
    let demo: Vec<&str> = readme.runs.iter().map(|run| run.commands.trim()).collect();
    assert_eq!(demo, ["cargo local demo"]);
    let tutorial = Page::parse(&read(TUTORIAL));
    assert!(tutorial.runs.len() > 10, "{} blocks", tutorial.runs.len());
    let shown = |run: &&Run| !run.shown.is_empty();
    assert!(tutorial.runs.iter().filter(shown).count() > 10);
}

/// The page can be read in one sitting.
#[test]
fn the_readme_is_short() {
    let text = read(README);
    assert!(text.lines().count() <= 110, "{} lines", text.lines().count());
    for line in text.lines().filter(|line| !line.contains("](")) {
        assert!(line.chars().count() <= 120, "{line}");
    }
}

#[test]
fn every_link_and_path_in_the_pages_exists() {
    for name in [README, TUTORIAL] {
        let text = read(name);
        let folder = root().join(name);
        let folder = folder.parent().unwrap();
        for link in page::links(&text) {
            assert!(folder.join(link).exists(), "{name} links to {link}");
        }
        for path in page::paths_of_the_table(&text) {
            assert!(root().join(path).exists(), "{name} names {path}");
        }
    }
    assert!(page::paths_of_the_table(&read(README)).contains(&"shared/domain/"));
}
