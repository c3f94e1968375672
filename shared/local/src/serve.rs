//! Serves a hyper service on a listener.

use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// How long to wait after a failed accept, so that running out of file descriptors does not cause a
/// busy loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves requests on `listener` with `service` until `tasks` is dropped. An error of the service
/// ends the connection without a response.
pub fn spawn<S, B>(listener: TcpListener, service: S, tasks: &mut JoinSet<()>)
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service.clone());
            // A caller that hangs up is no error here.
            connections.spawn(async move { drop(connection.await) });
            while connections.try_join_next().is_some() {}
        }
    });
}
