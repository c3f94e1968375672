//! The options for starting a stack.

use crate::functions::{FunctionsMode, Start};
use crate::queues::ForeignCharacters;
use crate::records::RemoteEngine;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The location of the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseLocation {
    /// In memory. The data ends with the stack.
    Memory,
    /// In a directory, which also keeps the signing key and is used by one stack at a time.
    Directory {
        /// The directory, which is created if it is missing.
        path: PathBuf,
        /// Whether to start with an empty directory.
        fresh: bool,
    },
}

#[derive(Debug, Clone)]
pub struct StackOptions {
    /// The root of the workspace, with `template.yaml`, `Cargo.toml` and `.tools/`.
    pub workspace: PathBuf,
    pub database: DatabaseLocation,
    /// A DynamoDB in another process, instead of the engine in this one. The data ends with that
    /// process.
    pub engine: Option<Arc<dyn RemoteEngine>>,
    pub functions: FunctionsMode,
    /// The port of the HTTP API. If it is not set, any free port is used. The services that
    /// functions use always get free ports.
    pub port: Option<u16>,
    /// Values of the template's parameters by name, instead of the defaults.
    pub parameters: BTreeMap<String, String>,
    /// A file for everything that the functions print. The previous start's file is kept beside it,
    /// as `.before.log`.
    pub log_file: Option<PathBuf>,
    /// The visibility timeout of received messages, instead of the template's, so that a test does
    /// not wait for minutes.
    pub visibility_timeout: Option<Duration>,
    /// The queues' treatment of characters that SQS does not accept.
    pub foreign_characters: ForeignCharacters,
}

impl StackOptions {
    /// Returns the options of a stack in memory, on free ports.
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

    /// Returns the options of a stack for a test: `instances` processes of every binary in `dir`.
    #[must_use]
    pub fn for_tests(workspace: impl Into<PathBuf>, dir: impl Into<PathBuf>, instances: usize) -> Self {
        Self::new(
            workspace,
            FunctionsMode::Binaries { dir: dir.into(), instances, only: None, start: Start::AtOnce, proxy: None },
        )
    }
}
