//! `cargo local`: the whole help desk on this machine, a demo of its main path, and the exchange of its keys.

mod cli;

use cli::arguments::{Command, HELP, parse};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match parse(std::env::args().skip(1)) {
        Ok(Command::Help) => {
            print!("{HELP}");
            Ok(())
        }
        Ok(Command::Run(options)) => cli::run::run(options).await,
        Ok(Command::Demo { url }) => cli::demo::run(&url).await,
        Ok(Command::Verify { url }) => cli::verify::run(&url).await,
        Ok(Command::Redrive { queue, url }) => cli::redrive::run(&queue, &url).await,
        Ok(Command::RotateKey { directory }) => cli::keys::rotate(&directory),
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
