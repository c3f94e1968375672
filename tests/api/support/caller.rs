use std::time::Duration;

use ::contract::Exchange;
use http::Method;
use local::http::Client;
use local::{Instances, Stack};
use serde_json::Value;

use super::routing::functions_of;
use super::{Response, contract};

/// Longer than a response of megabytes takes while everything else of CI uses the same cores.
pub(super) const DEADLINE: Duration = Duration::from_mins(1);

/// A caller of the API, signed in or not.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) client: Client,
    pub(crate) base_url: String,
    /// The functions of the API, which start with their first call.
    pub(crate) instances: Instances,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) access_token: Option<String>,
    pub(crate) refresh_token: String,
}

impl Caller {
    pub(crate) fn anonymous(client: Client, stack: &Stack) -> Self {
        Self {
            client,
            base_url: stack.base_url().to_owned(),
            instances: stack.instances().unwrap().clone(),
            id: String::new(),
            name: String::new(),
            email: String::new(),
            access_token: None,
            refresh_token: String::new(),
        }
    }

    /// Returns the same caller with this access token.
    pub(crate) fn with_token(&self, token: impl Into<String>) -> Self {
        Self { access_token: Some(token.into()), ..self.clone() }
    }

    /// Returns the account `other`, calling the API of this caller.
    pub(crate) fn like(&self, other: &Self) -> Self {
        Self { base_url: self.base_url.clone(), instances: self.instances.clone(), ..other.clone() }
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path, &[], Vec::new()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Response {
        self.send_json(Method::POST, path, body).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Response {
        self.send_json(Method::PUT, path, body).await
    }

    /// Sends a POST without a body.
    pub(crate) async fn post_empty(&self, path: &str) -> Response {
        self.send(Method::POST, path, &[], Vec::new()).await
    }

    pub(crate) async fn send_json(&self, method: Method, path: &str, body: Value) -> Response {
        let headers = [("content-type", "application/json")];
        self.send(method, path, &headers, body.to_string().into_bytes()).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Response {
        let sent = self.exchange(method, path, headers, body, DEADLINE).await;
        // A process that ends takes the request that it works on with it.
        sent.unwrap_or_else(|error| panic!("{error} Processes that ended: {:?}", self.instances.all_unexpected_exits()))
    }

    /// Sends a request like [`Caller::send`], but returns `None` if there is no response.
    pub(crate) async fn try_send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
        deadline: Duration,
    ) -> Option<Response> {
        self.exchange(method, path, headers, body, deadline).await.ok()
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
        deadline: Duration,
    ) -> local::Result<Response> {
        let authorization = self.access_token.as_ref().map(|token| format!("Bearer {token}"));
        let mut headers = headers.to_vec();
        if let Some(authorization) = &authorization {
            headers.push(("authorization", authorization));
        }
        functions_of(path).for_each(|function| self.instances.want(function));
        let url = format!("{}{path}", self.base_url);
        let response = self.client.send(method.clone(), &url, &headers, body.clone(), deadline).await?;
        contract::hold(&Exchange {
            method: method.as_str(),
            target: path,
            request_headers: &headers,
            request_body: &body,
            status: response.status.as_u16(),
            headers: &response.headers,
            body: &response.body,
        });
        let kind = response.headers.get("content-type").map_or(&b""[..], |kind| kind.as_bytes());
        let is_text = kind.starts_with(b"text/") || kind == b"image/svg+xml";
        let body = if is_text && !response.body.is_empty() {
            Value::String(String::from_utf8_lossy(&response.body).into_owned())
        } else {
            response.json()?
        };
        Ok(Response { path: path.to_owned(), status: response.status, body, headers: response.headers })
    }

    /// Returns every item of a list, reading page after page. Each page except the last must be
    /// full.
    pub(crate) async fn all_pages(&self, path: &str, limit: usize) -> Vec<Value> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let mut items = Vec::new();
        let mut next = format!("{path}{separator}limit={limit}");
        loop {
            let page = self.get(&next).await.expect(200);
            assert!(!page.items().is_empty() || items.is_empty(), "{next} is an empty extra page");
            items.extend_from_slice(page.items());
            let Some(cursor) = page.body["next_cursor"].as_str() else {
                assert_eq!(page.header("link"), None);
                assert!(page.items().len() <= limit);
                return items;
            };
            assert_eq!(page.items().len(), limit, "{next} is not full, but there is more");
            assert!(cursor.len() <= 512, "{next}: {cursor}");
            next = format!("{path}{separator}limit={limit}&cursor={cursor}");
            let link = page.header("link").expect("a page that is not the last has a link to the next page");
            assert!(link.contains(cursor) && link.ends_with(r#"; rel="next""#), "{link}");
        }
    }
}
