//! What can be asked for on the command line.

use super::{DATA, workspace};
use clap::builder::RangedU64ValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum, value_parser};
use std::path::PathBuf;

/// The whole help desk on this machine, at 127.0.0.1 only.
///
/// Without a command it starts everything and runs until Ctrl-C. The data is in .local/ and there again on the next start.
#[derive(Debug, Parser)]
#[command(name = "local", bin_name = "cargo local", args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Plays the main path over HTTP, against the stack at URL or, when none answers there, against a fresh one in memory
    Demo(At),
    /// Holds every ticket of the stack at URL against its log, and fails if one is not as it was written
    Verify(At),
    /// Puts dead letters back where they came from, once what kept them from being handled is mended
    Redrive {
        /// Whose dead letters
        queue: Queue,
        #[command(flatten)]
        at: At,
    },
    /// Makes a new key for signing access tokens, keeps the one before it among the keys that tokens are checked with, and says what
    /// to deploy
    RotateKey {
        /// Where the keys are
        #[arg(long, value_name = "DIR", default_value_os_t = workspace().join(DATA))]
        directory: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct RunOptions {
    /// The port of the HTTP API
    #[arg(long, default_value_t = 9000, value_parser = value_parser!(u16).range(1..))]
    pub(crate) port: u16,
    /// Begin empty: another administrator's password and another signing key too
    #[arg(long)]
    pub(crate) fresh: bool,
    // A killed instance keeps its slot, so one slot could be used up.
    /// The most instances of one function, 2 to 64; a killed one counts until a source changes
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = RangedU64ValueParser::<usize>::new().range(2..=64))]
    pub(crate) concurrency: usize,
    /// A parameter of template.yaml, as often as needed: CorsOrigins=http://localhost:5173 lets the page there call the API
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) parameters: Vec<(String, String)>,
}

#[derive(Debug, Args)]
pub(crate) struct At {
    /// Where it is
    #[arg(long, default_value = "http://127.0.0.1:9000", value_parser = address)]
    pub(crate) url: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Queue {
    Events,
    Accounts,
    Email,
    Webhooks,
    Relay,
}

fn pair(given: &str) -> Result<(String, String), &'static str> {
    let (name, value) = given.split_once('=').ok_or("must be NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn address(given: &str) -> Result<String, &'static str> {
    if given.starts_with("http://") {
        Ok(given.trim_end_matches('/').to_owned())
    } else {
        Err("must begin with http://")
    }
}
