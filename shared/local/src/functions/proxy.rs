//! The interface for a proxy between the functions and the services they call.

use super::environment::Endpoints;
use super::fleet::Instances;
use crate::Result;
use crate::template::{Resolved, Template};
use std::fmt;
use tokio::task::JoinSet;

/// A proxy between the functions and the services they call. A laptop has none. Tests insert one.
pub trait Proxy: fmt::Debug + Send + Sync {
    /// Passes calls on to `services` until `tasks` is dropped.
    fn serve(
        &self,
        services: &Endpoints,
        template: &Template,
        resolved: &Resolved,
        tasks: &mut JoinSet<()>,
    ) -> Result<()>;

    /// Returns the addresses at which this function finds the services.
    fn endpoints_of(&self, function: &str) -> Endpoints;

    /// Receives the handles on the functions' processes, once they are started.
    fn started(&self, instances: &Instances);
}
