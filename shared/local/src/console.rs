//! Builds the console, if there is the Node.js to do it with.
//!
//! Nothing else needs Node.js: without it, the functions have a page that says how to build the
//! console.

use crate::error::during;
use crate::functions::guard::Guard;
use crate::{Error, Result};
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, SystemTime};
use tokio::process::Command;

/// The first version of Node.js that Vite runs on: 20.19.
const NODE_MIN: (u32, u32) = (20, 19);

/// How long npm may take: its packages over a slow line.
const BUILD_WITHIN: Duration = Duration::from_mins(10);

/// The commands that build the console, as the documents show them.
const COMMANDS: &str = "npm --prefix shared/console ci && npm --prefix shared/console run build";

/// What the console is built from, relative to its folder.
const SOURCES: [&str; 6] =
    ["page", "package.json", "package-lock.json", "svelte.config.js", "tsconfig.json", "vite.config.ts"];

/// A file among the sources that the build itself writes.
const WRITTEN_BY_BUILD: &str = "schema.d.ts";

/// Builds the console if its sources are newer than what was built of them. If it cannot be built,
/// this says why and what to do, because the help desk works without it.
pub async fn build_if_stale(workspace: &Path) {
    let folder = workspace.join("shared/console");
    let Some(state) = staleness(&folder) else { return };
    if !has_node(&folder).await {
        let (major, minor) = NODE_MIN;
        eprintln!(
            "The page {state}. To build it, install Node.js {major}.{minor} or newer with npm, and run: {COMMANDS}"
        );
        return;
    }
    eprintln!("Building the page (some seconds) …");
    if let Err(error) = build(&folder).await {
        eprintln!("{error}\nThe page {state}, and could not be built. To try again, run: {COMMANDS}");
    }
}

/// Returns what is wrong with what was built, or `None` if it is up to date.
fn staleness(folder: &Path) -> Option<&'static str> {
    let Ok(built) = fs::metadata(folder.join("dist/index.html")).and_then(|file| file.modified()) else {
        return Some("is not built");
    };
    let newest = SOURCES.iter().map(|source| newest(&folder.join(source))).max();
    (newest > Some(built)).then_some("is older than its sources")
}

/// Returns when something at or below this path last changed.
fn newest(path: &Path) -> SystemTime {
    if path.ends_with(WRITTEN_BY_BUILD) {
        return SystemTime::UNIX_EPOCH;
    }
    let own = fs::metadata(path).and_then(|file| file.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let below = fs::read_dir(path).into_iter().flatten().flatten().map(|entry| newest(&entry.path()));
    below.fold(own, SystemTime::max)
}

/// Returns whether npm is there, and a Node.js that is new enough.
async fn has_node(folder: &Path) -> bool {
    let node = run(folder, "node", &["--version"]).await;
    node.is_ok_and(|printed| version_of_node(&printed) >= Some(NODE_MIN))
        && run(folder, "npm", &["--version"]).await.is_ok()
}

/// Returns the version that Node.js printed: `v20.19.3`.
fn version_of_node(printed: &str) -> Option<(u32, u32)> {
    let mut parts = printed.trim().strip_prefix('v')?.split('.').map_while(|part| part.parse().ok());
    Some((parts.next()?, parts.next()?))
}

async fn build(folder: &Path) -> Result<()> {
    if newest(&folder.join("node_modules/.package-lock.json")) < newest(&folder.join("package-lock.json")) {
        run(folder, "npm", &["ci", "--no-audit", "--no-fund"]).await?;
    }
    run(folder, "npm", &["run", "build"]).await.map(drop)
}

/// Runs a program to its end and returns what it printed, which is also the error if it fails.
async fn run(folder: &Path, program: &str, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // A caller that stops waiting ends npm and what npm started.
    let guard = Guard::start()?;
    let child = guard.spawn(&mut command).map_err(during(format!("Starting {program}")))?;
    let pid = child.id().unwrap_or_default();
    let output = tokio::time::timeout(BUILD_WITHIN, child.wait_with_output()).await;
    let output = output
        .map_err(|_| Error::new(format!("{program} did not finish within {} s.", BUILD_WITHIN.as_secs())))?
        .map_err(during(format!("Waiting for {program}")))?;
    guard.remove(pid);
    let printed = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    if output.status.success() { Ok(printed) } else { Err(Error::new(printed.trim_end())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes a file whose date is this many seconds after the epoch.
    fn write(folder: &Path, name: &str, seconds: u64) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "").unwrap();
        let old = SystemTime::UNIX_EPOCH;
        for (touched, date) in [(path.parent().unwrap(), old), (&path, old + Duration::from_secs(seconds))] {
            fs::File::open(touched).unwrap().set_modified(date).unwrap();
        }
    }

    #[test]
    fn a_node_that_is_too_old_or_unknown_is_not_enough() {
        for (printed, is_enough) in
            [("v20.19.0\n", true), ("v24.0.1\n", true), ("v20.18.3\n", false), ("v9.20.0\n", false), ("", false)]
        {
            assert_eq!(version_of_node(printed) >= Some(NODE_MIN), is_enough, "{printed}");
        }
    }

    #[test]
    fn the_console_is_built_again_when_a_source_is_newer() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        write(folder, "page/ui/Button.svelte", 10);
        write(folder, "package-lock.json", 10);
        assert_eq!(staleness(folder), Some("is not built"));
        write(folder, "dist/index.html", 10);
        write(folder, "page/api/schema.d.ts", 20);
        write(folder, "tests/any.ts", 20);
        write(folder, "page/ui/Button.svelte", 10);
        fs::File::open(folder.join("page")).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(staleness(folder), None);
        for source in ["page/ui/Button.svelte", "package-lock.json"] {
            write(folder, source, 11);
            assert_eq!(staleness(folder), Some("is older than its sources"), "{source}");
            write(folder, source, 10);
        }
    }
}
