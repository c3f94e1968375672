//! Follows a page: runs its commands in one shell, against a stack of its own.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use local::{Stack, StackOptions};
use serde_json::json;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use super::page::{Page, Run};
use super::root;
use super::shell::Shell;

/// The time limit for notifications to arrive.
const NOTIFIED_WITHIN: Duration = Duration::from_secs(90);
const POLL_EVERY: Duration = Duration::from_millis(100);

/// The port of the API on the pages.
const PORT: &str = "9000";
/// The port that the tutorial's webhook posts to.
const RECEIVER_PORT: &str = "8088";
/// The placeholder for a token that the reader takes from a mail.
const MAILED_TOKEN: &str = "<token>";

/// A folder that looks like the repository, and the help desk that is called from it.
pub(crate) struct Guide {
    folder: TempDir,
    port: u16,
    stack: Option<Stack>,
}

impl Guide {
    /// Prepares a guide without a running stack, because `cargo local demo` starts its own.
    pub(crate) fn without_a_stack() -> Self {
        Self::at(free_port(), None)
    }

    /// Prepares a guide in the state after `cargo local --fresh`.
    pub(crate) async fn with_a_stack() -> Self {
        let binaries = Path::new(env!("CARGO_BIN_EXE_tickets-create")).parent().unwrap();
        let stack = Stack::start(StackOptions::for_tests(root(), binaries, 1)).await;
        let stack = stack.unwrap_or_else(|error| panic!("{error}"));
        let admin = json!({"name": "Administrator", "email": "admin@example.com", "password": "the test's own admin"});
        stack.invoke("users-create-admin", &admin).await.unwrap();
        let port = stack.base_url().rsplit(':').next().unwrap().parse().unwrap();
        let guide = Self::at(port, Some(stack));
        let kept = guide.folder.path().join(".local");
        fs::create_dir(&kept).unwrap();
        fs::write(kept.join("admin.json"), format!("{admin:#}\n")).unwrap();
        guide
    }

    fn at(port: u16, stack: Option<Stack>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in [".tools", "events"] {
            symlink(root().join(name), folder.path().join(name)).unwrap();
        }
        let guide = Self { folder, port, stack };
        guide.put_cargo();
        guide
    }

    /// Installs a `cargo` whose `cargo local …` uses the test's own port, and whose `cargo build`
    /// does nothing, because the functions are built before this test.
    fn put_cargo(&self) {
        let cargo = self.folder.path().join("bin").join("cargo");
        let script = format!(
            "#!/bin/sh\ncase $1 in\n\
             local) shift; exec '{}' \"$@\" --url http://127.0.0.1:{} ;;\n\
             build) ;;\n\
             *) exec '{}' \"$@\" ;;\nesac\n",
            program().display(),
            self.port,
            env!("CARGO")
        );
        fs::create_dir(cargo.parent().unwrap()).unwrap();
        fs::write(&cargo, script).unwrap();
        fs::set_permissions(&cargo, fs::Permissions::from_mode(0o700)).unwrap();
    }

    /// Runs the page's commands and compares their output with the page.
    pub(crate) async fn follow(self, page: &Page) {
        let mut shell = Shell::start(self.folder.path());
        let ports = [(PORT, self.port.to_string()), (RECEIVER_PORT, free_port().to_string())];
        let mut used = 0;
        for run in &page.runs {
            let own = |text: String, (page, own): &(&str, String)| text.replace(page, own);
            let mut commands = ports.iter().fold(run.commands.clone(), own);
            if commands.contains(MAILED_TOKEN) {
                commands = commands.replace(MAILED_TOKEN, &self.mailed_token(used).await);
                used += 1;
            }
            follow(&mut shell, run, &commands, &ports).await;
        }
        if let Some(stack) = self.stack {
            stack.stop().await;
        }
    }

    /// Waits for the next token, after this many that were used.
    async fn mailed_token(&self, used: usize) -> String {
        let mails = self.stack.as_ref().expect("a stack that mails").mails();
        let begun = Instant::now();
        while begun.elapsed() < NOTIFIED_WITHIN {
            let mut tokens = mails.all().into_iter().filter_map(|mail| {
                let rest = mail.text.split("#token=").nth(1)?;
                rest.split_whitespace().next().map(str::to_owned)
            });
            if let Some(token) = tokens.nth(used) {
                return token;
            }
            sleep(POLL_EVERY).await;
        }
        panic!("no mail with a token");
    }
}

/// Runs one block. A block that only reads is repeated until the expected output has arrived.
async fn follow(shell: &mut Shell, run: &Run, commands: &str, ports: &[(&str, String)]) {
    let as_on_the_page = |line: String| {
        let address = |port: &str| format!("127.0.0.1:{port}");
        ports.iter().fold(line, |line, (page, own)| line.replace(&address(own), &address(page)))
    };
    let begun = Instant::now();
    loop {
        let printed = shell.run(commands);
        let printed = printed.unwrap_or_else(|lines| panic!("failed: {commands}\n{}", lines.join("\n")));
        let printed: Vec<String> = printed.into_iter().map(as_on_the_page).collect();
        match run.check(&printed) {
            Ok(()) => return,
            Err(_) if run.only_reads() && begun.elapsed() < NOTIFIED_WITHIN => sleep(POLL_EVERY).await,
            Err(wrong) => panic!("{commands}\n{wrong}"),
        }
    }
}

/// Returns a port on which nothing listens.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Builds the program behind `cargo local`, which no test builds, and returns its path.
fn program() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_tickets-create")).with_file_name("local");
    let mut cargo = Command::new(env!("CARGO"));
    // Without `--package`, so that it has the same features as the functions.
    let built = cargo.args(["build", "--locked", "--quiet", "--bin", "local"]).current_dir(root()).status();
    assert!(built.is_ok_and(|status| status.success()), "{} is not built", program.display());
    program
}
