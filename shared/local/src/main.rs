//! `cargo local`: runs the whole help desk on this machine, runs a demo of its main path, verifies
//! tickets, redrives dead letters and rotates keys.

mod cli;

use clap::Parser as _;
use cli::arguments::{Arguments, Command};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { command, run } = Arguments::parse();
    let outcome = match command {
        None => cli::run::run(run).await,
        Some(Command::Demo(at)) => cli::demo::run(&at.url).await,
        Some(Command::Verify(at)) => cli::verify::run(&at.url).await,
        Some(Command::Redrive { queue, at }) => cli::redrive::run(queue, &at.url).await,
        Some(Command::RotateKey { directory }) => cli::keys::rotate(&directory),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
