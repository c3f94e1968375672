//! The DynamoDB API over HTTP, for the functions.
//!
//! The engine's own server looks at every transaction of the last ten minutes with each further
//! one (`evict_expired` in `src/lib.rs` of dynoxide-rs 3.2.0, called by `run_idempotent`), so that
//! a write takes the longer, the more were made. The calls that functions make are therefore
//! answered here, by the same engine, and [`Tokens`] forgets in the order of time. Any other call,
//! and any that the engine refuses for another reason than a condition, goes to the engine's own
//! server, which checks requests and words refusals as DynamoDB does.

use super::tokens::{Found, Tokens};
use crate::error::during;
use crate::http::Client;
use crate::{Result, serve};
use bytes::Bytes;
use dynoxide::actions::transact_write_items::TransactWriteItemsRequest;
use dynoxide::{Database, DynoxideError};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use serde::Serialize;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// The largest request that the engine's own server reads, in bytes.
const MAX_REQUEST_BYTES: usize = 16 * 1024 * 1024;

/// The longest token (DynamoDB API reference, `TransactWriteItems`). The engine refuses a longer
/// one.
const MAX_TOKEN_LENGTH: usize = 36;

/// How long the engine's own server may take, which is longer than any function waits.
const PASSED_ON_WITHIN: Duration = Duration::from_mins(1);

const OPERATION: &str = "x-amz-target";
const PREFIX: &str = "DynamoDB_20120810.";
const JSON: &str = "application/x-amz-json-1.0";

type BoxError = Box<dyn std::error::Error + Send + Sync>;

struct Server {
    database: Database,
    tokens: Mutex<Tokens>,
    /// The address of the engine's own server.
    own: String,
    client: Client,
}

#[derive(Debug, Clone, PartialEq)]
struct Answer {
    status: StatusCode,
    body: Bytes,
}

/// Serves the DynamoDB API on `listener` until `tasks` is dropped.
pub(super) async fn spawn(database: &Database, listener: TcpListener, tasks: &mut JoinSet<()>) -> Result<()> {
    let own = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(during("Starting the engine's server"))?;
    let address = own.local_addr().map_err(during("Starting the engine's server"))?;
    tasks.spawn(dynoxide::server::serve_on(own, database.clone()));
    let server = Arc::new(Server {
        database: database.clone(),
        tokens: Mutex::default(),
        own: format!("http://{address}"),
        client: Client::default(),
    });
    let service = service_fn(move |request| {
        let server = Arc::clone(&server);
        async move { server.handle(request).await }
    });
    serve::spawn(listener, service, tasks);
    Ok(())
}

impl Server {
    async fn handle(&self, request: Request<Incoming>) -> std::result::Result<Response<Full<Bytes>>, BoxError> {
        let (parts, body) = request.into_parts();
        let body = Limited::new(body, MAX_REQUEST_BYTES).collect().await?.to_bytes();
        let answer = operation(&parts.headers).and_then(|operation| self.call(operation, &body));
        if let Some(Answer { status, body }) = answer {
            return Ok(Response::builder().status(status).header(CONTENT_TYPE, JSON).body(Full::new(body))?);
        }
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        self.pass_on(parts.method, path, &parts.headers, body).await
    }

    /// Returns the answer to a call, unless it is for the engine's own server.
    fn call(&self, operation: &str, body: &[u8]) -> Option<Answer> {
        let database = &self.database;
        match operation {
            "BatchGetItem" => answer(serde_json::from_slice(body).ok()?, |request| database.batch_get_item(request)),
            "BatchWriteItem" => {
                answer(serde_json::from_slice(body).ok()?, |request| database.batch_write_item(request))
            }
            "DeleteItem" => answer(serde_json::from_slice(body).ok()?, |request| database.delete_item(request)),
            "GetItem" => answer(serde_json::from_slice(body).ok()?, |request| database.get_item(request)),
            "PutItem" => answer(serde_json::from_slice(body).ok()?, |request| database.put_item(request)),
            "Query" => answer(serde_json::from_slice(body).ok()?, |request| database.query(request)),
            "TransactWriteItems" => self.transact(body),
            "UpdateItem" => answer(serde_json::from_slice(body).ok()?, |request| database.update_item(request)),
            _ => None,
        }
    }

    /// Executes a transaction, unless its token was used before.
    fn transact(&self, body: &[u8]) -> Option<Answer> {
        let mut request: TransactWriteItemsRequest = serde_json::from_slice(body).ok()?;
        let execute = |request| answer(request, |request| self.database.transact_write_items(request));
        let Some(token) = request.client_request_token.take() else { return execute(request) };
        if token.len() > MAX_TOKEN_LENGTH {
            return None;
        }
        // Held until the transaction is done, so that the same one at the same time waits for it.
        // The engine executes one call at a time anyway.
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        match tokens.find(now, &token, body) {
            Found::Nothing => {
                let answer = execute(request)?;
                if answer.status.is_success() {
                    tokens.record(now, token, body, answer.body.clone());
                }
                Some(answer)
            }
            Found::Same(body) => Some(Answer { status: StatusCode::OK, body }),
            Found::Other => {
                let text = "An error occurred (IdempotentParameterMismatchException)".to_owned();
                Some(refusal(&DynoxideError::IdempotentParameterMismatchException(text)))
            }
        }
    }

    async fn pass_on(
        &self,
        method: Method,
        path: &str,
        headers: &HeaderMap,
        body: Bytes,
    ) -> std::result::Result<Response<Full<Bytes>>, BoxError> {
        let url = format!("{}{path}", self.own);
        let text = |(name, value): (&'_ http::HeaderName, &'_ http::HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        let headers: Vec<(String, String)> = headers.iter().filter_map(text).collect();
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = self.client.send(method, &url, &headers, body.to_vec(), PASSED_ON_WITHIN).await?;
        let mut response = Response::new(Full::new(answer.body));
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }
}

/// Returns the operation that is called, if the request is made as the SDKs make it.
fn operation(headers: &HeaderMap) -> Option<&str> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let signed = headers.contains_key(AUTHORIZATION) && text(CONTENT_TYPE.as_str()) == Some(JSON);
    text(OPERATION)?.strip_prefix(PREFIX).filter(|_| signed)
}

/// Executes a call, and returns its answer unless the engine refuses it for another reason than a
/// condition. Then nothing was written, and the engine's own server may refuse it again.
fn answer<Q, A: Serialize>(request: Q, call: impl FnOnce(Q) -> dynoxide::Result<A>) -> Option<Answer> {
    match call(request) {
        Ok(done) => Some(match serde_json::to_vec(&done) {
            Ok(body) => Answer { status: StatusCode::OK, body: body.into() },
            Err(error) => refusal(&DynoxideError::InternalServerError(error.to_string())),
        }),
        Err(
            error @ (DynoxideError::ConditionalCheckFailedException(..)
            | DynoxideError::TransactionCanceledException(..)),
        ) => Some(refusal(&error)),
        Err(_) => None,
    }
}

fn refusal(error: &DynoxideError) -> Answer {
    let status = StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::BAD_REQUEST);
    Answer { status, body: error.to_json().into() }
}

#[cfg(test)]
mod tests;
