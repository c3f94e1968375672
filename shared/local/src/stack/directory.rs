//! The directory in which a stack keeps its data: the database, the signing key, and a lock.

use super::DatabaseLocation;
use crate::error::{cannot, during};
use crate::functions::logs::Logs;
use crate::keys::KeyRing;
use crate::{Error, Result};
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

/// Creates and locks the directory, empties it if the stack starts fresh, and loads its keys. A
/// stack in memory has keys alone. The lock is held as long as the stack runs.
pub(super) fn prepare(location: &DatabaseLocation) -> Result<(Option<DirectoryLock>, KeyRing)> {
    let DatabaseLocation::Directory { path, fresh } = location else { return Ok((None, KeyRing::generate()?)) };
    let lock = DirectoryLock::take(path)?;
    if *fresh {
        empty(path)?;
    }
    Ok((Some(lock), KeyRing::load_or_generate(path)?))
}

/// Keeps a second stack out of a directory until it is dropped.
#[derive(Debug)]
pub(super) struct DirectoryLock(File);

impl DirectoryLock {
    /// Creates the directory if it is missing, readable by its owner only, and locks it.
    pub(super) fn take(directory: &Path) -> Result<Self> {
        // The database holds password hashes and the directory a private key.
        let created = fs::DirBuilder::new().recursive(true).mode(0o700).create(directory);
        created.map_err(cannot("create", directory))?;
        let path = directory.join("lock");
        let file = File::create(&path).map_err(cannot("write", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(Error::new(format!(
                "Another help desk is running with the data in {}. Use it, or stop it first.",
                directory.display()
            ))),
            Err(TryLockError::Error(error)) => Err(during("Locking the data directory")(error)),
        }
    }
}

impl Drop for DirectoryLock {
    fn drop(&mut self) {
        // Closing the file is not enough. A process that another thread is just starting holds a
        // copy of the descriptor until its exec, and with it the lock (flock(2)).
        let _ = self.0.unlock();
    }
}

/// Removes every file except the lock that is held.
fn empty(directory: &Path) -> Result<()> {
    for entry in fs::read_dir(directory).map_err(cannot("empty", directory))? {
        let path = entry.map_err(cannot("empty", directory))?.path();
        if path.is_file() && !path.ends_with("lock") {
            fs::remove_file(&path).map_err(cannot("empty", directory))?;
        }
    }
    Ok(())
}

/// Opens the log file, if there is to be one, and keeps the previous start's file beside it.
pub(super) fn open_logs(file: Option<&Path>) -> Result<Logs> {
    let Some(path) = file else { return Ok(Logs::default()) };
    // The output before a crash is what a reader looks for after it.
    match fs::rename(path, path.with_extension("before.log")) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(cannot("write", path)(error)),
        _ => {}
    }
    let file = File::create(path).map_err(cannot("write", path))?;
    Ok(Logs::with_file(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropping_the_lock_unlocks_a_directory_even_if_a_child_inherited_it() {
        let directory = tempfile::tempdir().unwrap();
        let lock = DirectoryLock::take(directory.path()).unwrap();
        let refused = DirectoryLock::take(directory.path()).unwrap_err().to_string();
        assert!(refused.contains("stop it first"), "{refused}");
        let copy = lock.0.try_clone().unwrap();
        drop(lock);
        DirectoryLock::take(directory.path()).unwrap();
        drop(copy);
    }
}
