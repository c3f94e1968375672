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

#[derive(Debug, Clone)]
pub struct StackOptions {
    /// The root of the workspace: `template.yaml`, `Cargo.toml` and `.tools/` are there.
    pub workspace: PathBuf,
    pub database: DatabaseLocation,
    /// A DynamoDB of another process, in place of the one in this; the data ends with that process.
    pub engine: Option<Arc<dyn RemoteEngine>>,
    pub functions: FunctionsMode,
    /// The port of the HTTP API; any free one without. What the functions use always takes free ones.
    pub port: Option<u16>,
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
    /// A stack in memory, on free ports.
    #[must_use]
    pub fn new(workspace: impl Into<PathBuf>, functions: FunctionsMode) -> Self {
        Self {
            workspace: workspace.into(),
            database: DatabaseLocation::Memory,
            engine: None,
            functions,
            port: None,
            parameters: BTreeMap::new(),
            log_file: None,
            visibility_timeout: None,
            foreign_characters: ForeignCharacters::default(),
        }
    }

    /// A stack for a test: `instances` processes of every binary in `dir`.
    #[must_use]
    pub fn for_tests(workspace: impl Into<PathBuf>, dir: impl Into<PathBuf>, instances: usize) -> Self {
        Self::new(workspace, FunctionsMode::Binaries { dir: dir.into(), instances, only: None, proxy: None })
    }
}
