//! The threads and processes that must not outlive the stack.

use crate::Result;
use crate::error::during;
use crate::functions::guard::Guard;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Handle, Runtime};

/// How long the tasks may take to end in an orderly stop.
const STOP_WITHIN: Duration = Duration::from_secs(1);

/// The stack's own runtime and the list of its processes.
///
/// It is created before the first task and the first process. Dropping it ends them all at once and
/// without waiting. An unfinished start can therefore be dropped too, even in async code, where a
/// bare runtime would panic.
#[derive(Debug)]
pub(crate) struct StackRuntime {
    runtime: Option<Runtime>,
    pub(crate) handle: Handle,
    pub(crate) guard: Arc<Guard>,
}

impl StackRuntime {
    pub(crate) fn begin() -> Result<Self> {
        let guard = Arc::new(Guard::start()?);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("local-stack")
            .enable_all()
            .build()
            .map_err(during("Starting the runtime"))?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime), guard })
    }

    /// Waits for the tasks to end. The processes are killed afterwards.
    pub(crate) async fn end(mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        // This blocks until the last clone of the database is closed, which an async thread must
        // not do.
        let stopped = tokio::task::spawn_blocking(move || runtime.shutdown_timeout(STOP_WITHIN));
        drop(stopped.await);
    }
}

impl Drop for StackRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        self.guard.kill_all();
    }
}
