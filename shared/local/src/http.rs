//! A small HTTP client for the loopback interface. It is `hyper-util`'s, which the AWS SDK depends
//! on anyway.

use crate::error::during;
use crate::{Error, Result};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use std::time::Duration;

/// The largest response that is read, in bytes. Lambda's own limit is 6 MB.
const MAX_ANSWER_BYTES: usize = 8 * 1024 * 1024;

#[derive(Debug, Clone)]
pub struct Client {
    pool: Pool<HttpConnector, Full<Bytes>>,
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// Parses the body as JSON. An empty body is `null`.
    pub fn json(&self) -> Result<Value> {
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            let text = String::from_utf8_lossy(&self.body);
            Error::new(format!("The response {} is not valid JSON ({error}): {text}", self.status))
        })
    }
}

impl Default for Client {
    fn default() -> Self {
        Self { pool: Pool::builder(TokioExecutor::new()).build_http() }
    }
}

impl Client {
    /// Sends one request and reads the whole response within `deadline`.
    ///
    /// # Errors
    /// Fails if nothing listens at the address, the connection breaks, the response is too large,
    /// or the deadline passes.
    pub async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
        deadline: Duration,
    ) -> Result<Answer> {
        let what = format!("{method} {url}");
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from(body))).map_err(during(&what))?;
        let exchange = async {
            let response = self.pool.request(request).await.map_err(during(&what))?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await.map_err(during(&what))?;
            Ok(Answer { status: parts.status, headers: parts.headers, body: body.to_bytes() })
        };
        tokio::time::timeout(deadline, exchange)
            .await
            .map_err(|_| Error::new(format!("{what} got no response within {} s.", deadline.as_secs_f32())))?
    }
}
