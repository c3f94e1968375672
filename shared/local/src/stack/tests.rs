use super::*;
use rustix::process::{Pid, test_kill_process_group};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;
use tokio::time::{sleep, timeout};

const WITHIN: Duration = Duration::from_secs(10);

/// Creates a workspace with a `cargo-lambda` that reports its version and then never listens.
fn workspace() -> tempfile::TempDir {
    let workspace = tempfile::tempdir().unwrap();
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
    fs::copy(template, workspace.path().join("template.yaml")).unwrap();
    let tool = workspace.path().join(".tools/cargo-lambda");
    fs::create_dir_all(tool.join("bin")).unwrap();
    fs::write(tool.join("version"), tools::CARGO_LAMBDA_VERSION).unwrap();
    let program = tool.join("bin/cargo-lambda");
    fs::write(&program, "#!/bin/sh\nsleep 60 &\necho $$ > unfinished && mv unfinished pid\nwait\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    workspace
}

async fn until<T>(look: impl Fn() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = look() {
                return found;
            }
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(WITHIN, looking).await.expect("the condition is met")
}

#[tokio::test]
async fn dropping_an_unfinished_start_leaves_no_process() {
    let workspace = workspace();
    let mut options = StackOptions::for_tests(workspace.path(), workspace.path(), 1);
    options.functions = FunctionsMode::Watch { concurrency: 2 };
    let started = || async {
        let pid = until(|| fs::read_to_string(workspace.path().join("pid")).ok()).await;
        Pid::from_raw(pid.trim().parse().unwrap()).unwrap()
    };
    let group = tokio::select! {
        outcome = Stack::start(options) => panic!("the start ended: {outcome:?}"),
        group = started() => group,
    };
    // Waits for the end of the whole group, which comes once its leader is reaped.
    until(|| test_kill_process_group(group).is_err().then_some(())).await;
}
