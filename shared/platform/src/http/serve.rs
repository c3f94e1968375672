//! From the runtime to an endpoint and back.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use lambda_http::{Body, Response, service_fn};

use super::{Problem, Reply, Request};
use crate::{Fatal, clock, telemetry};

/// How long an endpoint may take if the invocation does not say, in milliseconds: a second less than `Timeout` in template.yaml.
const DEADLINE_MILLISECONDS_MAX: i64 = 9_000;
/// What is kept back from the invocation's time to answer in, in milliseconds.
const ANSWER_MILLISECONDS: i64 = 500;

/// Answers requests with `endpoint`, for as long as the runtime sends any. `state` is what the endpoint needs, made once.
///
/// # Errors
/// The runtime went away.
pub async fn serve<S, F, Fut>(state: S, endpoint: F) -> Result<(), Fatal>
where
    S: Send + Sync + 'static,
    F: Fn(&'static S, Request) -> Fut,
    Fut: Future<Output = super::Result<Reply>> + Send,
{
    telemetry::init();
    // The state lives as long as the process, and the process serves nothing else.
    let state: &'static S = Box::leak(Box::new(state));
    lambda_http::run(service_fn(|request| {
        let request = Request::new(request);
        let call = Call::of(&request);
        let answer = AssertUnwindSafe(endpoint(state, request)).catch_unwind();
        async move {
            let limit = Duration::from_millis(call.milliseconds_left);
            let result = match tokio::time::timeout(limit, answer).await {
                Ok(Ok(result)) => result,
                Ok(Err(_panic)) => Err(Problem::Internal("the endpoint panicked".into())),
                Err(_elapsed) => Err(Problem::Unavailable("the endpoint ran out of time".into())),
            };
            Ok::<_, Fatal>(call.finish(result))
        }
    }))
    .await
}

/// What is kept of a request while its endpoint has it.
struct Call {
    id: String,
    method: String,
    path: String,
    received_at_milliseconds: i64,
    milliseconds_left: u64,
}

impl Call {
    fn of(request: &Request) -> Self {
        let now = request.received_at().unix_milliseconds();
        let deadline = request.lambda_context().and_then(|context| i64::try_from(context.deadline).ok());
        let left = deadline.map_or(0, |deadline| deadline - now - ANSWER_MILLISECONDS);
        // The local runtime sends a deadline in 1970.
        let left = if left > 0 { left } else { DEADLINE_MILLISECONDS_MAX };
        Self {
            id: request.id().to_owned(),
            method: request.method().to_string(),
            path: request.path().to_owned(),
            received_at_milliseconds: now,
            milliseconds_left: u64::try_from(left.min(DEADLINE_MILLISECONDS_MAX)).unwrap_or(0),
        }
    }

    /// The answer to the request, noted in the log: one line for each.
    fn finish(self, result: super::Result<Reply>) -> Response<Body> {
        let problem = result.as_ref().err().map(Problem::slug);
        let cause = result.as_ref().err().and_then(Problem::cause);
        let reply = result.unwrap_or_else(|problem| Reply::problem(&problem, &self.id));
        let duration_ms = clock::now().unix_milliseconds() - self.received_at_milliseconds;
        let Self { id, method, path, .. } = &self;
        let status = reply.status();
        if status >= 500 {
            tracing::error!(request_id = id, method, path, status, problem, cause, duration_ms, "answered");
        } else {
            tracing::info!(request_id = id, method, path, status, problem, cause, duration_ms, "answered");
        }
        reply.into_response(id)
    }
}
