//! The runtime loop around an endpoint.

use std::future::Future;
use std::panic::AssertUnwindSafe;

use domain::id::TicketNumber;
use edges::clock::Deadline;
use edges::config::Config;
use edges::telemetry::{self, Level, Line, Metric, Trace};
use edges::{Fatal, aws, clock};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, LocalBoxFuture};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::{LambdaEvent, http, lambda_runtime, service_fn};
use serde_json::value::RawValue;

use super::cors::{self, Origins};
use crate::network::Front;
use crate::request::{SeenActor, SeenAddress};
use crate::{Problem, Reply, Request, acting_for, gateway, preconditions, routes, token_transport};

#[cfg(not(panic = "unwind"))]
compile_error!("Build with panic = \"unwind\": a panic has to become an answer, and not the end of the process.");

/// Handles requests with `endpoint`, as long as the runtime sends any. `state` is created once and
/// passed to every call. The endpoint takes no query parameters. A request with one is refused
/// before the endpoint sees it.
///
/// # Errors
/// Fails if the configuration of the log is missing, or if the runtime can no longer be reached.
pub async fn serve<S, F, Fut>(config: &Config, state: S, endpoint: F) -> Result<(), Fatal>
where
    S: Send + Sync + 'static,
    F: Fn(&'static S, Request) -> Fut,
    Fut: Future<Output = crate::Result<Reply>> + Send,
{
    let endpoint = &endpoint;
    serve_queries(config, state, |state, request| {
        let answer = request.query(&[]).map(|_none| endpoint(state, request));
        async move { answer?.await }
    })
    .await
}

/// Serves like [`serve`], for an endpoint that reads the request's query itself.
pub async fn serve_queries<S, F, Fut>(config: &Config, state: S, endpoint: F) -> Result<(), Fatal>
where
    S: Send + Sync + 'static,
    F: Fn(&'static S, Request) -> Fut,
    Fut: Future<Output = crate::Result<Reply>> + Send,
{
    // The state lives as long as the process, and the process serves nothing else.
    let state: &'static S = Box::leak(Box::new(state));
    run(config, &|request| Box::pin(endpoint(state, request))).await
}

/// An endpoint with its state. Boxed, so that what surrounds it is compiled once and not for each
/// function, and because the compiler gives up on the size of a future that nests the SDK's so
/// deep.
type Endpoint<'a> = dyn Fn(Request) -> BoxFuture<'a, crate::Result<Reply>> + 'a;

fn run<'a>(config: &'a Config, endpoint: &'a Endpoint<'a>) -> LocalBoxFuture<'a, Result<(), Fatal>> {
    Box::pin(handle_requests(config, endpoint))
}

async fn handle_requests(config: &Config, endpoint: &Endpoint<'_>) -> Result<(), Fatal> {
    telemetry::init(config)?;
    gateway::silence_conversions();
    let (origins, front) = (&Origins::configured(config), &Front::configured(config));
    aws::warmed().await;
    lambda_runtime::run(service_fn(|invocation: LambdaEvent<Box<RawValue>>| async move {
        let trace = Trace::of(&invocation.context);
        let deadline = Deadline::of(&invocation.context);
        let request = Request::new(gateway::request(&invocation.payload)?, front.as_ref(), deadline);
        let call = Call::of(&request, origins);
        // Created inside the guard too, because not even the first step of an endpoint may end the
        // process.
        let answer = AssertUnwindSafe(async {
            if let Some(answer) = origins.preflight(&request).map(Ok).or_else(|| routes::answer(&request)) {
                return answer;
            }
            acting_for::check(&request)?;
            preconditions::check(&request)?;
            token_transport::check(&request)?;
            endpoint(request).await
        })
        .catch_unwind();
        let answered = async {
            let result = match tokio::time::timeout(deadline.remaining(), answer).await {
                Ok(Ok(result)) => result,
                Ok(Err(_panic)) => Err(Problem::Internal("the endpoint panicked".into())),
                Err(_elapsed) => Err(Problem::Unavailable("the endpoint ran out of time".into())),
            };
            call.finish(result)
        };
        telemetry::within(trace, answered).await
    }))
    .await
}

/// The data of a request that is needed after the endpoint has taken it.
struct Call {
    id: String,
    method: String,
    route: &'static str,
    ticket: Option<u64>,
    actor: SeenActor,
    cors: cors::Headers,
    address: SeenAddress,
    network: Option<String>,
    received_at_milliseconds: i64,
}

impl Call {
    fn of(request: &Request, origins: &Origins) -> Self {
        Self {
            id: request.id().to_owned(),
            method: request.method().to_owned(),
            route: routes::route_of(request.method(), request.path()),
            ticket: request.ticket_number().ok().map(TicketNumber::get),
            actor: request.seen_actor(),
            cors: origins.headers(request),
            address: request.seen_address(),
            network: request.network(),
            received_at_milliseconds: request.received_at().unix_milliseconds(),
        }
    }

    /// Builds the response to the request and writes one line to the log.
    ///
    /// # Errors
    /// Fails if a header of a problem is invalid.
    fn finish(self, result: crate::Result<Reply>) -> Result<ApiGatewayV2httpResponse, Fatal> {
        let created_ticket_number = result.as_ref().ok().and_then(Reply::created_ticket_number);
        let result = result.and_then(Reply::within_limits).and_then(|reply| {
            self.response(reply).map_err(|error| Problem::Internal(format!("a header is invalid: {error}").into()))
        });
        let problem = result.as_ref().err().map(Problem::slug);
        let cause = result.as_ref().err().and_then(Problem::cause);
        // The network is logged only for refused requests that are not signed in. It identifies the
        // source of a flood.
        let network = self.network.as_deref().filter(|_| problem.is_some() && self.actor.get().is_none());
        let response = match result {
            Ok(response) => response,
            Err(problem) => self.response(Reply::problem(&problem, &self.id))?,
        };
        let status = response.status_code;
        let line = Line::new("answered")
            .at(if status >= 500 { Level::Error } else { Level::Info })
            .field("request_id", Some(self.id.as_str()))
            .field("method", Some(self.method.as_str()))
            .field("route", Some(self.route))
            .field("status", Some(status))
            .field("problem", problem)
            .field("cause", cause)
            .field("duration_ms", Some(clock::now().unix_milliseconds() - self.received_at_milliseconds))
            .field("ticket", self.ticket.or(created_ticket_number.map(TicketNumber::get)))
            .field("actor_id", self.actor.get().map(|seen| seen.actor.to_string()))
            .field("via_id", self.actor.get().and_then(|seen| seen.via).map(|service| service.to_string()))
            .field("token_id", self.actor.get().and_then(|seen| seen.token).map(|token| token.to_string()))
            .field("network", network)
            .field("address_hash", self.address.get().cloned())
            .metric(Metric::Requests, 1);
        counted(line, problem).print();
        Ok(response)
    }

    /// Converts a reply to the response to this request.
    fn response(&self, mut reply: Reply) -> Result<ApiGatewayV2httpResponse, http::Error> {
        if self.method == "HEAD" {
            reply = reply.without_body();
        }
        for (name, value) in &self.cors {
            reply = reply.with_header(name, value.clone());
        }
        reply.into_response(&self.id)
    }
}

/// Adds the other counters of the request to the log line.
fn counted(line: Line, problem: Option<&str>) -> Line {
    match problem {
        None => line,
        Some("conflict" | "precondition-failed") => line.metric(Metric::Problems, 1).metric(Metric::Conflicts, 1),
        Some(_) => line.metric(Metric::Problems, 1),
    }
}
