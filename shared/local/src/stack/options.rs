//! How to start a stack.

use crate::functions::FunctionsMode;
use crate::queues::ForeignCharacters;
use crate::records::RemoteEngine;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Where the data is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseLocation {
    /// Nowhere: it ends with the stack.
    Memory,
    /// In a directory, which also keeps the signing key and is used by one stack at a time.
    Directory {
        /// The directory, created when it is missing.
        path: PathBuf,
        /// Whether to begin empty.
        fresh: bool,
    },
}

/// Which DynamoDB the table is in.
#[derive(Debug, Clone, Default)]
pub enum Engine {
    /// The one in this process.
    #[default]
    Embedded,
    /// One of another process, in a table of the stack's own; the data ends with that process.
    Remote(Arc<dyn RemoteEngine>),
}

/// The ports on 127.0.0.1. What the functions use always takes free ones.
#[derive(Debug, Clone, Default)]
pub struct Ports {
    /// The HTTP API's port; any free one when it is left out.
    pub http: Option<u16>,
}

/// How to start a [`Stack`].
#[derive(Debug, Clone)]
pub struct StackOptions {
    /// The root of the workspace: `template.yaml`, `Cargo.toml` and `.tools/` are there.
    pub workspace: PathBuf,
    /// Where the data is.
    pub database: DatabaseLocation,
    /// Which DynamoDB it is in.
    pub engine: Engine,
    /// Who starts the functions.
    pub functions: FunctionsMode,
    /// The ports.
    pub ports: Ports,
    /// Values of the template's parameters, by their names, in place of the defaults.
    pub parameters: BTreeMap<String, String>,
    /// A file for everything the functions print. The one of the start before is kept beside it, as `.before.log`.
    pub log_file: Option<PathBuf>,
    /// How long a message that was taken is hidden, in place of what the template says: so that a test does not wait for minutes.
    pub visibility_timeout: Option<Duration>,
    /// What the queues do with characters that SQS does not take.
    pub foreign_characters: ForeignCharacters,
}

impl StackOptions {
    /// A stack for a test: in memory, on free ports, `instances` processes of every binary in `dir`.
    #[must_use]
    pub fn for_tests(workspace: impl Into<PathBuf>, dir: impl Into<PathBuf>, instances: usize) -> Self {
        Self {
            workspace: workspace.into(),
            database: DatabaseLocation::Memory,
            engine: Engine::default(),
            functions: FunctionsMode::Binaries { dir: dir.into(), instances, only: None, proxy: None },
            ports: Ports::default(),
            parameters: BTreeMap::new(),
            log_file: None,
            visibility_timeout: None,
            foreign_characters: ForeignCharacters::default(),
        }
    }
}
