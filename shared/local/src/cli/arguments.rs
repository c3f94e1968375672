//! The arguments of the command line. Their doc comments are the help text.

use super::{DATA, workspace};
use clap::builder::RangedU64ValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Run the whole help desk on this machine, at 127.0.0.1 only
///
/// Without a command, starts everything and runs until you press Ctrl-C. The data is kept in
/// .local/ for the next start.
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
    /// Run the main path over HTTP and print each request and response
    ///
    /// Uses the help desk at URL. If none runs there, starts a new one in memory.
    Demo(ServerAddress),
    /// Verify every ticket of the help desk at URL against its log
    ///
    /// Prints each ticket that does not match its log, and fails if there is one.
    Verify(ServerAddress),
    /// Put the dead letters of a queue back, so that they are handled again
    ///
    /// Remove the cause first. Fails if a dead letter still cannot be put back.
    Redrive {
        /// The queue whose dead letters to put back; relay is the table's stream
        queue: Queue,
        #[command(flatten)]
        at: ServerAddress,
    },
    /// Create a new key for signing access tokens, and print what to deploy
    ///
    /// Tokens that the previous key signed are still accepted.
    RotateKey {
        /// The directory of the keys
        #[arg(long, value_name = "DIR", default_value_os_t = workspace().join(DATA))]
        directory: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct RunOptions {
    /// The port of the HTTP API; 0 is any free one
    #[arg(long, default_value_t = 9000)]
    pub(crate) port: u16,
    /// Delete the data and start empty, with a new admin password and a new signing key
    #[arg(long)]
    pub(crate) fresh: bool,
    // A killed instance keeps its slot, so one slot could be used up.
    /// The most instances of one function, 2 to 64; a killed one counts until a source file changes
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = RangedU64ValueParser::<usize>::new().range(2..=64))]
    pub(crate) concurrency: usize,
    /// Run the functions that are built in DIR, such as target/debug, one instance of each
    ///
    /// Builds nothing, begins with no data and keeps none. For programs that test the API.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["fresh", "concurrency"])]
    pub(crate) built: Option<PathBuf>,
    /// Set a parameter of template.yaml; may be repeated
    ///
    /// For example, CorsOrigins=http://localhost:5173 lets a web page at that address call the API.
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) parameters: Vec<(String, String)>,
}

#[derive(Debug, Args)]
pub(crate) struct ServerAddress {
    /// The address of the running help desk
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
