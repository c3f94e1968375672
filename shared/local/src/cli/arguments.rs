//! A few flags and three words: parsed by hand, which is shorter than describing them to a library.

use super::{DATA, workspace};
use local::{Error, Result};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::PathBuf;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
The whole help desk on this machine, at 127.0.0.1 only.

cargo local [--port PORT] [--fresh] [--concurrency N] [--parameter NAME=VALUE]...
    Starts everything and runs until Ctrl-C. The data is in .local/ and there again on the next start.
    --port PORT        the port of the HTTP API (9000)
    --fresh            begin empty: another administrator's password and another signing key too
    --concurrency N    the most instances of one function, 2 to 64 (4); a killed one counts until a source changes
    --parameter NAME=VALUE
                       a parameter of template.yaml, as often as needed: CorsOrigins=http://localhost:5173 lets the
                       page there call the API

cargo local demo [--url URL]
    Plays the main path over HTTP, against the stack at URL (http://127.0.0.1:9000) or, when none answers there,
    against a fresh one in memory.

cargo local verify [--url URL]
    Holds every ticket of the stack at URL (http://127.0.0.1:9000) against its log, and fails if one is not as it was
    written.

cargo local redrive QUEUE [--url URL]
    Puts the dead letters of QUEUE (events, accounts, email, webhooks or relay) back where they came from, once what
    kept them from being handled is mended.

cargo local rotate-key [--directory DIR]
    Makes a new key for signing access tokens in DIR (.local/), keeps the one before it among the keys that tokens
    are checked with, and says what to deploy.
";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Run(RunOptions),
    Demo { url: String },
    Verify { url: String },
    Redrive { queue: String, url: String },
    RotateKey { directory: PathBuf },
}

/// How to run the stack.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RunOptions {
    pub(crate) port: u16,
    pub(crate) fresh: bool,
    pub(crate) concurrency: usize,
    pub(crate) parameters: BTreeMap<String, String>,
}

/// The port when none is given.
const DEFAULT_PORT: u16 = 9000;

/// Instances of one function when the number is not given.
const DEFAULT_CONCURRENCY: usize = 4;

/// Reads the arguments after the program's name.
pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Command> {
    let mut arguments = arguments.peekable();
    if arguments.next_if(|word| word == "demo").is_some() {
        return Ok(parse_url(arguments)?.map_or(Command::Help, |url| Command::Demo { url }));
    }
    if arguments.next_if(|word| word == "verify").is_some() {
        return Ok(parse_url(arguments)?.map_or(Command::Help, |url| Command::Verify { url }));
    }
    if arguments.next_if(|word| word == "redrive").is_some() {
        let queues = ["events", "accounts", "email", "webhooks", "relay"];
        let Some(queue) = arguments.next_if(|word| queues.contains(&word.as_str())) else {
            return Err(Error::new("Say whose dead letters: events, accounts, email, webhooks or relay."));
        };
        return Ok(parse_url(arguments)?.map_or(Command::Help, |url| Command::Redrive { queue, url }));
    }
    if arguments.next_if(|word| word == "rotate-key").is_some() {
        return parse_rotate_key(arguments);
    }
    parse_run(arguments)
}

fn parse_run(mut arguments: impl Iterator<Item = String>) -> Result<Command> {
    let mut options =
        RunOptions { port: DEFAULT_PORT, fresh: false, concurrency: DEFAULT_CONCURRENCY, parameters: BTreeMap::new() };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "-h" | "--help" | "help" => return Ok(Command::Help),
            "--fresh" => options.fresh = true,
            "--port" => options.port = number(&argument, arguments.next(), &(1..=u16::MAX))?,
            // A killed instance keeps its slot, so one slot could be used up.
            "--concurrency" => options.concurrency = number(&argument, arguments.next(), &(2..=64))?,
            "--parameter" => {
                let given = arguments.next();
                let Some((name, value)) = given.as_deref().and_then(|given| given.split_once('=')) else {
                    return Err(Error::new("--parameter needs NAME=VALUE behind it."));
                };
                if options.parameters.insert(name.to_owned(), value.to_owned()).is_some() {
                    return Err(Error::new(format!("--parameter gives {name} twice.")));
                }
            }
            _ => return Err(unknown(&argument)),
        }
    }
    Ok(Command::Run(options))
}

/// The address of a running stack; none if help is wanted instead.
fn parse_url(mut arguments: impl Iterator<Item = String>) -> Result<Option<String>> {
    let mut url = format!("http://127.0.0.1:{DEFAULT_PORT}");
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "-h" | "--help" => return Ok(None),
            "--url" => {
                let value = arguments.next().ok_or_else(|| Error::new("--url needs an address behind it."))?;
                if !value.starts_with("http://") {
                    return Err(Error::new("--url needs an address that begins with http://."));
                }
                value.trim_end_matches('/').clone_into(&mut url);
            }
            _ => return Err(unknown(&argument)),
        }
    }
    Ok(Some(url))
}

fn parse_rotate_key(mut arguments: impl Iterator<Item = String>) -> Result<Command> {
    let mut directory = workspace().join(DATA);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "-h" | "--help" => return Ok(Command::Help),
            "--directory" => {
                let value = arguments.next().ok_or_else(|| Error::new("--directory needs a path behind it."))?;
                directory = PathBuf::from(value);
            }
            _ => return Err(unknown(&argument)),
        }
    }
    Ok(Command::RotateKey { directory })
}

fn number<N: std::str::FromStr + PartialOrd + std::fmt::Display>(
    name: &str,
    value: Option<String>,
    allowed: &RangeInclusive<N>,
) -> Result<N> {
    let parsed = value.and_then(|text| text.parse().ok()).filter(|number| allowed.contains(number));
    let (least, most) = (allowed.start(), allowed.end());
    parsed.ok_or_else(|| Error::new(format!("{name} needs a whole number from {least} to {most} behind it.")))
}

fn unknown(argument: &str) -> Error {
    Error::new(format!("There is no {argument:?}; `cargo local --help` says what there is."))
}
