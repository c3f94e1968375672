//! `cargo local`: starts the stack, prints how to use it, and runs until it is stopped.

use super::admin::Admin;
use super::arguments::RunOptions;
use super::{DATA, MAILS, workspace};
use local::mails::Mail;
use local::{DatabaseLocation, Error, FunctionsMode, Result, Stack, StackOptions, Start, console, tools};
use std::collections::BTreeMap;
use std::path::PathBuf;
use tokio::signal::unix::{SignalKind, signal};

/// Limits for a laptop, where all callers have one address, and a developer's own test has to
/// register and sign in without being throttled.
const LIMITS: [(&str, &str); 3] =
    [("SignInsPerNetwork", "100000"), ("RegistrationsPerNetwork", "100000"), ("ResetsPerNetwork", "100000")];

/// Runs the stack until Ctrl-C or SIGTERM, which may also come while it starts.
pub(crate) async fn run(options: RunOptions) -> Result<()> {
    let stopped = stop_signal()?;
    tokio::pin!(stopped);
    let keeps = options.built.is_none();
    let (mut stack, admin) = tokio::select! {
        started = start(options) => started?,
        () = &mut stopped => {
            eprintln!("\nStopped before everything was started.");
            return Ok(());
        }
    };
    let greeting =
        if keeps { greeting(stack.base_url(), stack.mails_url(), &admin) } else { short_greeting(&stack, &admin) };
    print!("{greeting}");
    let mails = stack.mails().clone();
    let outcome = tokio::select! {
        () = &mut stopped => Ok(()),
        () = mails.follow(show_mail) => Ok(()),
        broken = stack.broken() => Err(broken),
    };
    eprintln!("\nStopping …");
    stack.stop().await;
    outcome
}

async fn start(run: RunOptions) -> Result<(Stack, Admin)> {
    match &run.built {
        Some(directory) => start_built(directory.clone(), run).await,
        None => start_watching(run).await,
    }
}

/// Starts built functions, without data.
async fn start_built(dir: PathBuf, run: RunOptions) -> Result<(Stack, Admin)> {
    let functions =
        FunctionsMode::Binaries { dir: dir.clone(), instances: 1, only: None, start: Start::AtOnce, proxy: None };
    let options = StackOptions {
        port: Some(run.port),
        parameters: with_limits(run.parameters)?,
        log_file: Some(dir.join("functions.log")),
        ..StackOptions::new(workspace(), functions)
    };
    let stack = Stack::start(options).await?;
    match Admin::create(&stack).await {
        Ok(admin) => Ok((stack, admin)),
        Err(error) => {
            stack.stop().await;
            Err(error)
        }
    }
}

/// Builds and starts functions that are built again when they change, with the data that is there.
async fn start_watching(run: RunOptions) -> Result<(Stack, Admin)> {
    let workspace = workspace();
    let data = workspace.join(DATA);
    let options = StackOptions {
        database: DatabaseLocation::Directory { path: data.clone(), fresh: run.fresh },
        port: Some(run.port),
        parameters: with_limits(run.parameters)?,
        log_file: Some(data.join("functions.log")),
        ..StackOptions::new(workspace.clone(), FunctionsMode::Watch { concurrency: run.concurrency })
    };
    // Checked before the build, which may take minutes.
    Stack::check(&options)?;
    console::build_if_stale(&workspace).await;
    tools::build_functions(&workspace).await?;
    eprintln!("Starting …");
    let stack = Stack::start(options).await?;
    let mails = std::fs::write(data.join(MAILS), stack.mails_url());
    mails.map_err(|error| Error::new(format!("Cannot write {DATA}/{MAILS}: {error}.")))?;
    match Admin::read_or_create(&data.join("admin.json"), &stack).await {
        Ok(admin) => Ok((stack, admin)),
        Err(error) => {
            stack.stop().await;
            Err(error)
        }
    }
}

/// Returns the given parameters, with the limits for those that were not given.
fn with_limits(given: Vec<(String, String)>) -> Result<BTreeMap<String, String>> {
    let mut parameters = BTreeMap::new();
    for (name, value) in given {
        if parameters.insert(name.clone(), value).is_some() {
            return Err(Error::new(format!("--parameter sets {name} twice. Set it once.")));
        }
    }
    for (name, value) in LIMITS {
        parameters.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    }
    Ok(parameters)
}

/// Prints a mail, because the local stack sends none.
fn show_mail(mail: &Mail) {
    println!("\n── Mail to {}: {}\n\n{}", mail.to, mail.subject, mail.text);
}

/// Resolves at the first Ctrl-C or SIGTERM.
fn stop_signal() -> Result<impl Future<Output = ()>> {
    let watch = |kind| signal(kind).map_err(|error| Error::new(format!("Cannot watch for signals: {error}.")));
    let (mut interrupt, mut terminate) = (watch(SignalKind::interrupt())?, watch(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

fn short_greeting(stack: &Stack, admin: &Admin) -> String {
    let (url, mails, Admin { email, password }) = (stack.base_url(), stack.mails_url(), admin);
    format!(
        "\nThe help desk runs at {url}\n\n  admin      {email}\n  password   {password}\n  mails      {mails}\n\n\
         Press Ctrl-C to stop. No data is kept.\n"
    )
}

fn greeting(url: &str, mails: &str, admin: &Admin) -> String {
    let Admin { email, password } = admin;
    format!(
        r#"
The help desk runs at {url}

  admin      {email}
  password   {password}   (also in {DATA}/admin.json)

Open the address in a browser, and sign in as the admin or register.

Or try the API: register, choose a password with the mailed token, sign in and open a ticket.

curl -s {url}/v1/auth/register -H 'content-type: application/json' -d '{{"name":"Ada","email":"ada@example.com"}}'

MAILED=$(curl -s {mails}/to/ada@example.com | sed -n 's/.*#token=//p')

curl -s {url}/v1/auth/password/reset -H 'content-type: application/json' -d '{{"token":"'$MAILED'","password":"a horse of a different colour"}}'

TOKEN=$(curl -s {url}/v1/auth/login -H 'content-type: application/json' -d '{{"email":"ada@example.com","password":"a horse of a different colour"}}' | sed 's/.*"access_token":"\([^"]*\)".*/\1/')

curl -s {url}/v1/tickets -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{{"title":"The printer is on fire","description":"Second floor, beside the kitchen."}}'

Mails are printed here and shown at {mails}/. None is sent.
The output of the functions is in {DATA}/functions.log, that of the previous run in {DATA}/functions.before.log.
Press Ctrl-C to stop. The data is kept.
"#
    )
}
