//! Installs the one tool that Cargo does not provide: `cargo-lambda`, which serves the Lambda
//! runtime interface.
//!
//! If it is missing, it is installed with pip into the workspace's `.tools/`, so that nothing
//! outside the repository changes. Its dependencies are left out. They are a linker for cross
//! builds, which nothing here needs.

use crate::error::{cannot, during};
use crate::functions::guard::Guard;
use crate::template::Template;
use crate::{Error, Result};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// The version that this project is tested with.
pub const CARGO_LAMBDA_VERSION: &str = "1.9.2";

/// How long pip may take: 12 MB over a slow line.
const INSTALL_WITHIN: Duration = Duration::from_mins(10);

/// How long another process may hold the lock: as long as an installation may take.
const LOCK_WITHIN: Duration = INSTALL_WITHIN;
const LOCK_POLL: Duration = Duration::from_millis(100);

/// How long `cargo-lambda --version` may take.
const VERSION_WITHIN: Duration = Duration::from_secs(20);

/// Returns the path of `cargo-lambda` in `<workspace>/.tools/`, and first installs it if it is
/// missing or has another version.
///
/// Concurrent processes wait for the one that installs.
///
/// # Errors
/// Fails if there is no Python 3, no pip or no network, if pip has no cargo-lambda for this
/// machine, or if the directory cannot be written. The error is one sentence that says what to do.
pub async fn cargo_lambda(workspace: &Path) -> Result<PathBuf> {
    let tools = workspace.join(".tools");
    let directory = tools.join("cargo-lambda");
    let program = directory.join("bin").join("cargo-lambda");
    if installed_version(&directory).as_deref() == Some(CARGO_LAMBDA_VERSION) && program.is_file() {
        return Ok(program);
    }
    fs::create_dir_all(&tools).map_err(cannot("create", &tools))?;
    let _lock = lock(&tools.join("lock")).await?;
    if installed_version(&directory).as_deref() != Some(CARGO_LAMBDA_VERSION) || !program.is_file() {
        install(&tools, &directory).await?;
    }
    Ok(program)
}

/// Installs the tool and builds every function, with Cargo's own progress on stderr, so that the
/// first request is quick.
pub async fn build_functions(workspace: &Path) -> Result<()> {
    cargo_lambda(workspace).await?;
    eprintln!("Building the functions …");
    let template = Template::read(&workspace.join("template.yaml"))?;
    let mut command = Command::new("cargo");
    command.args(["build", "--locked"]).current_dir(workspace).stdin(Stdio::null());
    // Built one by one and without `--package`, so that they get the same features as with
    // cargo-lambda's `cargo run --bin`, which would otherwise build each again at its first
    // request. This program, which is running, is not rebuilt either.
    for function in &template.functions {
        command.args(["--bin", &function.binary]);
    }
    // A caller that stops waiting ends Cargo and its compilers.
    let guard = Guard::start()?;
    let mut cargo = guard.spawn(&mut command).map_err(during("Starting cargo"))?;
    let pid = cargo.id().unwrap_or_default();
    let status = cargo.wait().await.map_err(during("Waiting for cargo"))?;
    guard.remove(pid);
    if status.success() {
        return Ok(());
    }
    Err(Error::new("The functions do not compile. Cargo's errors are above."))
}

/// Returns the version that was written beside the program when its installation was complete.
fn installed_version(directory: &Path) -> Option<String> {
    fs::read_to_string(directory.join("version")).ok()
}

/// Waits for the lock on the file at `path`. Dropping the file releases it, and so does the death
/// of the process.
async fn lock(path: &Path) -> Result<File> {
    let file = File::create(path).map_err(cannot("write", path))?;
    let locked = async {
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(()),
                Err(fs::TryLockError::WouldBlock) => tokio::time::sleep(LOCK_POLL).await,
                Err(fs::TryLockError::Error(error)) => return Err(during("Locking .tools")(error)),
            }
        }
    };
    tokio::time::timeout(LOCK_WITHIN, locked).await.map_err(|_| {
        Error::new(format!(
            "Another process has been installing into {} for ten minutes. End it and try again.",
            path.display()
        ))
    })??;
    Ok(file)
}

/// Installs beside the final place and renames, so that an unfinished installation is never used.
async fn install(tools: &Path, directory: &Path) -> Result<()> {
    eprintln!("Installing cargo-lambda {CARGO_LAMBDA_VERSION} into .tools (once; about 12 MB) …");
    let python = python().await?;
    let unfinished = tools.join("cargo-lambda.unfinished");
    remove(&unfinished)?;
    pip_install(python, &unfinished).await?;
    check_program(&unfinished.join("bin").join("cargo-lambda")).await?;
    let version = unfinished.join("version");
    fs::write(&version, CARGO_LAMBDA_VERSION).map_err(during("Writing into .tools"))?;
    remove(directory)?;
    fs::rename(&unfinished, directory).map_err(during("Finishing the installation of cargo-lambda"))
}

fn remove(directory: &Path) -> Result<()> {
    match fs::remove_dir_all(directory) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(cannot("remove", directory)(error)),
    }
}

/// Finds a Python 3 with pip.
async fn python() -> Result<&'static str> {
    let mut found = None;
    for name in ["python3", "python"] {
        let version = run(Command::new(name).arg("--version"), VERSION_WITHIN).await;
        if !matches!(version, Ok(Outcome { success: true, ref text }) if text.contains("Python 3")) {
            continue;
        }
        found = Some(name);
        let pip = run(Command::new(name).args(["-m", "pip", "--version"]), VERSION_WITHIN).await;
        if matches!(pip, Ok(Outcome { success: true, .. })) {
            return Ok(name);
        }
    }
    Err(Error::new(match found {
        None => {
            "Python 3 is needed to install cargo-lambda, but it was not found. Install Python 3 with pip and try again."
        }
        Some(_) => {
            "pip is needed to install cargo-lambda, but Python 3 was found without it. Install pip (on Debian and Ubuntu \
             with `apt install python3-pip`, elsewhere with `python3 -m ensurepip`) and try again."
        }
    }))
}

async fn pip_install(python: &str, target: &Path) -> Result<()> {
    let mut command = Command::new(python);
    command
        .args(["-m", "pip", "install", "--no-deps", "--only-binary=:all:", "--no-compile", "--quiet", "--target"])
        .arg(target)
        .arg(format!("cargo-lambda=={CARGO_LAMBDA_VERSION}"))
        // Set as variables and not as arguments, because an older pip would reject an argument it
        // does not know.
        .envs([("PIP_DISABLE_PIP_VERSION_CHECK", "1"), ("PIP_ROOT_USER_ACTION", "ignore"), ("PIP_NO_INPUT", "1")]);
    let Outcome { success, text } = run(&mut command, INSTALL_WITHIN).await?;
    if success {
        return Ok(());
    }
    Err(Error::new(pip_complaint(&text)))
}

/// Explains pip's error message to the reader.
fn pip_complaint(text: &str) -> String {
    // pip says "No matching distribution" without a network too, so the network's own messages are
    // checked first.
    let network =
        ["NewConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ProxyError", "SSLError", "Retrying ("];
    if network.iter().any(|sign| text.contains(sign)) {
        return format!(
            "Cannot download cargo-lambda {CARGO_LAMBDA_VERSION}: the Python package index is not reachable. \
             Connect to the network and try again. It is only needed this once."
        );
    }
    if text.contains("No matching distribution") || text.contains("Could not find a version") {
        return format!(
            "The Python package index has no cargo-lambda {CARGO_LAMBDA_VERSION} for this machine. See \
             https://www.cargo-lambda.info for other ways to install it."
        );
    }
    let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it printed nothing");
    format!("pip could not install cargo-lambda {CARGO_LAMBDA_VERSION}: {}", last.trim())
}

async fn check_program(program: &Path) -> Result<()> {
    let outcome = run(Command::new(program).args(["lambda", "--version"]), VERSION_WITHIN).await;
    match outcome {
        Ok(Outcome { success: true, text }) if text.contains(CARGO_LAMBDA_VERSION) => Ok(()),
        Ok(Outcome { text, .. }) => Err(Error::new(format!(
            "The cargo-lambda in .tools is not version {CARGO_LAMBDA_VERSION}: `cargo lambda --version` printed {:?}.",
            text.trim()
        ))),
        Err(error) => Err(Error::new(format!("The cargo-lambda in .tools does not run on this machine ({error})."))),
    }
}

struct Outcome {
    success: bool,
    text: String,
}

/// Runs a command to its end within `deadline`, and returns what it printed.
async fn run(command: &mut Command, deadline: Duration) -> Result<Outcome> {
    let command = command.stdin(Stdio::null()).kill_on_drop(true);
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    let output = tokio::time::timeout(deadline, command.output())
        .await
        .map_err(|_| Error::new(format!("{name} did not finish within {} s.", deadline.as_secs())))?
        .map_err(during(format!("Starting {name}")))?;
    let text = [output.stdout, output.stderr].concat();
    Ok(Outcome { success: output.status.success(), text: String::from_utf8_lossy(&text).into_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_pip_become_advice() {
        let offline = "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError'\n\
                       ERROR: No matching distribution found for cargo-lambda==1.9.2";
        assert!(pip_complaint(offline).contains("Connect to the network"));
        let absent = "ERROR: No matching distribution found for cargo-lambda==1.9.2";
        assert!(pip_complaint(absent).contains("for this machine"));
        assert!(pip_complaint("ERROR: disk full\n\n").ends_with("ERROR: disk full"));
    }

    #[tokio::test]
    async fn a_complete_installation_is_used_as_it_is() {
        let workspace = tempfile::tempdir().unwrap();
        let directory = workspace.path().join(".tools/cargo-lambda");
        fs::create_dir_all(directory.join("bin")).unwrap();
        fs::write(directory.join("bin/cargo-lambda"), "").unwrap();
        fs::write(directory.join("version"), CARGO_LAMBDA_VERSION).unwrap();
        assert_eq!(cargo_lambda(workspace.path()).await.unwrap(), directory.join("bin/cargo-lambda"));
    }
}
