//! The wire between the functions and the services they call. It records calls and can disturb
//! them.
//!
//! ```text
//! function ──▶ /<function>/… on the wire ──▶ DynamoDB, SQS, SSM or SES
//!                    │ what happens to this call? (the plan)
//!                    └ pass · throttle · break before · pass and lose or delay the response
//! ```
//!
//! Only tests use a wire. Each function has its own path on it, so that a call says who made it.

pub use crate::call::{Call, Service};

use crate::refusals::{answered, denied, lagging, throttled, undone};
use crate::rights::{self, LeadingKeys, Right, Rights};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use local::http::Client;
use local::template::{Resolved, Template};
use local::{Endpoints, Error, Instances, Proxy, serve};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt;
use std::net::{Ipv4Addr, TcpListener as Unserved};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// The largest request that is passed on, in bytes: a DynamoDB transaction has up to 4 MB.
const REQUEST_BYTES_MAX: usize = 5 * 1024 * 1024;

/// The time limit of a service, longer than any function waits.
const RESPONSE_TIMEOUT: Duration = Duration::from_mins(1);

/// A call and the service's response, whether or not the function received it.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The call.
    pub call: Call,
    /// The status of the response, or `None` if the call never reached the service.
    pub status: Option<StatusCode>,
    /// The body of the response.
    pub answer: Value,
}

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It passes.
    Pass,
    /// The service throttles it: nothing is done, and the response says so.
    Throttle,
    /// The same, but within a response: a batch that leaves everything undone, or a transaction
    /// that is cancelled. Other calls pass.
    ThrottleWithin,
    /// IAM denies it, as it may shortly after a role was created: nothing is done.
    Deny,
    /// The connection breaks before the service gets the call.
    Break,
    /// The service executes it, and the connection breaks before the response returns.
    LoseAnswer,
    /// The service executes it, and the response comes this much later.
    Hold(Duration),
    /// The service executes it. If it is an eventually consistent read, a replica answers that
    /// lacks the newest of the items.
    Lag,
    /// The function's processes are killed before the service gets the call.
    KillBefore,
    /// The service executes it, and the function's processes are killed before the response
    /// returns.
    KillAfter,
}

type Plan = dyn Fn(&Call) -> Fate + Send + Sync;

/// The handle of the wire for a test.
#[derive(Clone, Default)]
pub struct Wire {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    instances: Option<Instances>,
    plan: Option<Arc<Plan>>,
    recorded: Option<Vec<Exchange>>,
    endpoints: Endpoints,
    granted: Rights,
    needed_by_mappings: Rights,
    leading: LeadingKeys,
    used: Rights,
}

impl Proxy for Wire {
    /// Passes on only what the roles of the template allow, as AWS would.
    fn serve(
        &self,
        services: &Endpoints,
        template: &Template,
        resolved: &Resolved,
        tasks: &mut JoinSet<()>,
    ) -> local::Result<()> {
        let mut wired = services.clone();
        for (service, url) in [
            (Service::DynamoDb, &mut wired.dynamodb),
            (Service::Sqs, &mut wired.sqs),
            (Service::Ssm, &mut wired.ssm),
            (Service::Ses, &mut wired.ses),
        ] {
            let (listener, address) = listen().map_err(|error| Error::new(format!("The wire has no port: {error}")))?;
            let target = std::mem::replace(url, address);
            self.pass_on(service, target, listener, tasks);
        }
        let mut state = self.state();
        state.endpoints = wired;
        state.granted = rights::granted(template, resolved)?;
        state.needed_by_mappings = rights::of_mappings(template, resolved);
        state.leading = LeadingKeys::of(&resolved.table.create_request);
        Ok(())
    }

    /// Returns endpoints below a path with the function's name, so that a call says who made it.
    fn endpoints_of(&self, function: &str) -> Endpoints {
        let Endpoints { dynamodb, sqs, ssm, ses } = self.state().endpoints.clone();
        let [dynamodb, sqs, ssm, ses] = [dynamodb, sqs, ssm, ses].map(|url| format!("{url}/{function}"));
        Endpoints { dynamodb, sqs, ssm, ses }
    }

    fn started(&self, instances: &Instances) {
        self.state().instances = Some(instances.clone());
    }
}

/// Listens on a free port and returns its address too.
fn listen() -> std::io::Result<(TcpListener, String)> {
    let listener = Unserved::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let address = format!("http://{}", listener.local_addr()?);
    Ok((TcpListener::from_std(listener)?, address))
}

impl fmt::Debug for Wire {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Wire").finish_non_exhaustive()
    }
}

impl Wire {
    /// Lets `plan` decide what happens to every call from now on.
    pub fn disturb(&self, plan: impl Fn(&Call) -> Fate + Send + Sync + 'static) {
        self.state().plan = Some(Arc::new(plan));
    }

    /// Lets every call pass from now on.
    pub fn calm(&self) {
        self.state().plan = None;
    }

    /// Records every exchange from now on. Calls to DynamoDB are made to return what they consume.
    pub fn record(&self) {
        self.state().recorded = Some(Vec::new());
    }

    /// Returns the exchanges since [`Wire::record`], in the order in which they ended, and stops
    /// recording.
    #[must_use]
    pub fn recorded(&self) -> Vec<Exchange> {
        self.state().recorded.take().unwrap_or_default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes requests to `listener` on to `service` at the URL `target`, until `tasks` is dropped.
    fn pass_on(&self, service: Service, target: String, listener: TcpListener, tasks: &mut JoinSet<()>) {
        let (wire, client, target) = (self.clone(), Client::default(), Arc::<str>::from(target));
        let passing = service_fn(move |request| {
            let (wire, client, target) = (wire.clone(), client.clone(), Arc::clone(&target));
            async move { wire.pass(service, &client, &target, request).await }
        });
        serve::spawn(listener, passing, tasks);
    }

    /// Passes a request on. An error closes the connection without a response.
    async fn pass(
        &self,
        service: Service,
        client: &Client,
        target: &str,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Broken> {
        let (parts, body) = request.into_parts();
        let body = Limited::new(body, REQUEST_BYTES_MAX).collect().await.map_err(|_| Broken)?.to_bytes();
        let (function, path) = parts.uri.path()[1..].split_once('/').unwrap_or((&parts.uri.path()[1..], ""));
        let path = format!("{target}/{path}");
        let Some(operation) = operation(service, &parts.method, &parts.headers, parts.uri.path()) else {
            // A connection that is opened in advance, not a call.
            return forward(client, &parts.method, &path, &parts.headers, body).await;
        };
        let request = serde_json::from_slice(&body).unwrap_or_default();
        let call = Call { function: function.to_owned(), service, operation, request };
        if let Some(right) = self.missing_right(&call) {
            eprintln!("template.yaml does not grant {}: {right}", call.function);
            return Ok(self.end(call, None, denied()));
        }
        let fate = self.fate(&call);
        match fate {
            Fate::Break => Err(self.end(call, None, Broken)),
            Fate::KillBefore => {
                self.kill(&call.function).await;
                Err(self.end(call, None, Broken))
            }
            Fate::Throttle => Ok(self.end(call, None, throttled(service))),
            Fate::Deny => Ok(self.end(call, None, denied())),
            Fate::ThrottleWithin if undone(&call).is_some() => {
                let (status, answer) = undone(&call).unwrap_or_default();
                Ok(self.end(call, None, answered(status, &answer)))
            }
            Fate::Pass | Fate::LoseAnswer | Fate::ThrottleWithin | Fate::Hold(_) | Fate::Lag | Fate::KillAfter => {
                let function = call.function.clone();
                let body = if self.is_recording() { metered(&call, body) } else { body };
                let mut answer = forward(client, &parts.method, &path, &parts.headers, body).await?;
                if fate == Fate::Lag && service == Service::DynamoDb {
                    answer = lagging(&call, answer).await.ok_or(Broken)?;
                }
                let answer = self.end_with(call, answer).await?;
                match fate {
                    Fate::LoseAnswer => return Err(Broken),
                    Fate::KillAfter => {
                        self.kill(&function).await;
                        return Err(Broken);
                    }
                    Fate::Hold(time) => tokio::time::sleep(time).await,
                    _ => {}
                }
                Ok(answer)
            }
        }
    }

    /// Returns the rights of each function's role in the template.
    #[must_use]
    pub fn granted(&self) -> Rights {
        self.state().granted.clone()
    }

    /// Returns what Lambda itself needs in each function's role to pass it the contents of a queue
    /// or a stream.
    #[must_use]
    pub fn needed_by_mappings(&self) -> Rights {
        self.state().needed_by_mappings.clone()
    }

    /// Returns the granted rights that were used so far, and those that were lacking.
    #[must_use]
    pub fn used(&self) -> Rights {
        self.state().used.clone()
    }

    /// Returns a right that the call needs and its function does not have.
    fn missing_right(&self, call: &Call) -> Option<Right> {
        let mut state = self.state();
        // A wire without a template lets everything pass. A wire with one refuses every call of an
        // unknown function.
        if state.granted.is_empty() {
            return None;
        }
        let granted = state.granted.get(&call.function).cloned().unwrap_or_default();
        let (mut used, mut missing) = (BTreeSet::new(), None);
        for needed in call.rights(&state.leading) {
            used.extend(granted.iter().filter(|right| right.covers(&needed)).cloned());
            if !granted.iter().any(|right| right.covers(&needed)) {
                let lacking = needed.on_same_prefix();
                used.insert(lacking.clone());
                missing = Some(lacking);
            }
        }
        state.used.entry(call.function.clone()).or_default().extend(used);
        missing
    }

    async fn kill(&self, function: &str) {
        let instances = self.state().instances.clone();
        if let Some(instances) = instances
            && let Err(error) = instances.kill(function).await
        {
            eprintln!("{function} was not killed: {error}");
        }
    }

    fn fate(&self, call: &Call) -> Fate {
        // The plan is called without the lock, because it may take time or end a process.
        let plan = self.state().plan.clone();
        plan.map_or(Fate::Pass, |plan| plan(call))
    }

    fn is_recording(&self) -> bool {
        self.state().recorded.is_some()
    }

    fn end<T>(&self, call: Call, answer: Option<(StatusCode, Value)>, passed: T) -> T {
        if let Some(recorded) = &mut self.state().recorded {
            let (status, answer) = answer.map_or((None, Value::Null), |(status, answer)| (Some(status), answer));
            recorded.push(Exchange { call, status, answer });
        }
        passed
    }

    async fn end_with(&self, call: Call, answer: Response<Full<Bytes>>) -> Result<Response<Full<Bytes>>, Broken> {
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
        let seen = (parts.status, serde_json::from_slice(&body).unwrap_or_default());
        Ok(self.end(call, Some(seen), Response::from_parts(parts, Full::new(body))))
    }
}

/// The error that closes a connection without a response.
#[derive(Debug)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("broken on purpose")
    }
}

impl std::error::Error for Broken {}

/// Returns the operation, if the request is a call: AWS's JSON protocols name it in `X-Amz-Target`,
/// after a dot.
fn operation(service: Service, method: &Method, headers: &HeaderMap, path: &str) -> Option<String> {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    match target {
        Some(target) => Some(target.rsplit('.').next().unwrap_or(target).to_owned()),
        None if service == Service::Ses && method == Method::POST => path.rsplit('/').next().map(str::to_owned),
        None => None,
    }
}

/// Returns the request with the option to return the consumed capacity.
fn metered(call: &Call, body: Bytes) -> Bytes {
    match &call.request {
        Value::Object(request) if call.service == Service::DynamoDb => {
            let mut request = request.clone();
            request.insert("ReturnConsumedCapacity".to_owned(), json!("INDEXES"));
            Bytes::from(Value::Object(request).to_string())
        }
        _ => body,
    }
}

async fn forward(
    client: &Client,
    method: &Method,
    url: &str,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<Response<Full<Bytes>>, Broken> {
    let own = [header::HOST, header::CONTENT_LENGTH, header::CONNECTION, header::TRANSFER_ENCODING];
    let passed = headers.iter().filter(|(name, _)| !own.contains(name));
    let passed: Vec<(&str, &str)> =
        passed.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let answer =
        client.send(method.clone(), url, &passed, body.to_vec(), RESPONSE_TIMEOUT).await.map_err(|_| Broken)?;
    let mut response = Response::new(Full::new(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    for name in own {
        response.headers_mut().remove(name);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Starts a service that counts its calls, and returns the count, the wire to the service, and
    /// its URL on the wire.
    async fn wired(tasks: &mut JoinSet<()>) -> (Arc<AtomicUsize>, Wire, String) {
        let done = Arc::new(AtomicUsize::new(0));
        let (service, wired) = (listener().await, listener().await);
        let target = format!("http://{}", service.local_addr().unwrap());
        let url = format!("http://{}/some-function/", wired.local_addr().unwrap());
        let counted = Arc::clone(&done);
        let doing = service_fn(move |_request| {
            counted.fetch_add(1, Ordering::SeqCst);
            async { Ok::<_, Broken>(Response::new(Full::new(Bytes::from_static(b"{\"Answer\":1}")))) }
        });
        serve::spawn(service, doing, tasks);
        let wire = Wire::default();
        wire.pass_on(Service::DynamoDb, target, wired, tasks);
        (done, wire, url)
    }

    async fn listener() -> TcpListener {
        TcpListener::bind("127.0.0.1:0").await.unwrap()
    }

    async fn call(url: &str) -> Option<StatusCode> {
        let headers = [("x-amz-target", "DynamoDB_20120810.GetItem")];
        let sent = Client::default().send(Method::POST, url, &headers, b"{\"A\":1}".to_vec(), RESPONSE_TIMEOUT).await;
        sent.ok().map(|answer| answer.status)
    }

    #[test]
    fn every_function_has_a_path_of_its_own() {
        let wire = Wire::default();
        wire.state().endpoints.dynamodb = "http://127.0.0.1:1".to_owned();
        assert_eq!(wire.endpoints_of("a").dynamodb, "http://127.0.0.1:1/a");
    }

    #[tokio::test]
    async fn each_fate_lets_the_request_and_the_response_through_as_described() {
        let mut tasks = JoinSet::new();
        let (done, wire, url) = wired(&mut tasks).await;
        for (fate, answer, reached) in [
            (Fate::Pass, Some(StatusCode::OK), 1),
            (Fate::Throttle, Some(StatusCode::BAD_REQUEST), 0),
            (Fate::Deny, Some(StatusCode::BAD_REQUEST), 0),
            (Fate::Break, None, 0),
            (Fate::LoseAnswer, None, 1),
            (Fate::Hold(Duration::from_millis(1)), Some(StatusCode::OK), 1),
        ] {
            let before = done.load(Ordering::SeqCst);
            wire.disturb(move |_| fate);
            assert_eq!(call(&url).await, answer, "{fate:?}");
            assert_eq!(done.load(Ordering::SeqCst) - before, reached, "{fate:?}");
        }
    }

    #[tokio::test]
    async fn calls_are_recorded_with_caller_operation_and_response() {
        let mut tasks = JoinSet::new();
        let (_done, wire, url) = wired(&mut tasks).await;
        call(&url).await.unwrap();
        wire.record();
        call(&url).await.unwrap();
        wire.disturb(|_| Fate::Break);
        assert_eq!(call(&url).await, None);
        wire.calm();
        let recorded = wire.recorded();
        call(&url).await.unwrap();
        let seen: Vec<_> =
            recorded.iter().map(|exchange| (exchange.status, exchange.answer["Answer"].as_u64())).collect();
        assert_eq!(seen, [(Some(StatusCode::OK), Some(1)), (None, None)]);
        let Call { function, operation, request, service: _ } = &recorded[0].call;
        assert_eq!((function.as_str(), operation.as_str(), request), ("some-function", "GetItem", &json!({"A": 1})));
        assert!(wire.recorded().is_empty());
    }
}
