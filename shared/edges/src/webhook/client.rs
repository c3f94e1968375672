//! The requests. A name is resolved and its address is checked at the moment of connecting, and the
//! connection uses that very address, because a second lookup could return another.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::time::Timestamp;
use domain::webhook::{Attempt, AttemptResult, CompletedAttempt, Delivery, Reach, Webhook, is_public};
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::redirect::Policy;

use super::signature;
use crate::aws::Call;
use crate::telemetry::causes;
use crate::{Fatal, clock};

/// The timeout for a receiver's response (Standard Webhooks: 15 to 30 s).
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(15);
/// The timeout for establishing a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest error that is stored, in characters.
const ERROR_CHARACTERS_MAX: usize = 300;

/// A client that posts deliveries.
#[derive(Clone, Debug)]
pub struct WebhookClient {
    client: reqwest::Client,
    reach: Reach,
}

impl WebhookClient {
    /// Returns a client that posts to receivers within `reach`.
    ///
    /// # Errors
    /// Fails if TLS cannot be set up.
    pub fn new(reach: Reach) -> Result<Self, Fatal> {
        Self::resolving(reach, Arc::new(SystemResolver))
    }

    /// Returns a client that resolves names with `resolver`.
    ///
    /// # Errors
    /// Fails if TLS cannot be set up.
    pub fn resolving(reach: Reach, resolver: Arc<dyn Resolve>) -> Result<Self, Fatal> {
        let client = reqwest::Client::builder()
            .user_agent("helpdesk-webhooks/1")
            .redirect(Policy::none())
            .no_proxy()
            .dns_resolver(FilteringResolver { reach, resolver })
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(RESPONSE_TIMEOUT)
            // A reused connection would skip the lookup.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self { client, reach })
    }

    /// Posts a delivery, and returns the result of the attempt.
    pub async fn post(&self, webhook: &Webhook, delivery: &Delivery, now: Timestamp) -> CompletedAttempt {
        let begun = clock::now();
        let answer = self.answer(webhook, delivery, now).await;
        let taken = clock::now().unix_milliseconds() - begun.unix_milliseconds();
        let duration_ms = u64::try_from(taken).unwrap_or(0);
        match answer {
            Ok((status, retry_after)) => CompletedAttempt {
                attempt: Attempt { at: now, status: Some(status), error: None, duration_ms },
                result: AttemptResult::of(status, retry_after),
            },
            Err(error) => CompletedAttempt {
                attempt: Attempt { at: now, status: None, error: Some(error), duration_ms },
                result: AttemptResult::Failed { retry_after: None },
            },
        }
    }

    /// Returns the status of the response and the wait that it requests. Does not read the body.
    fn answer<'a>(
        &'a self,
        webhook: &'a Webhook,
        delivery: &'a Delivery,
        now: Timestamp,
    ) -> Call<'a, Result<(u16, Option<i64>), String>> {
        Box::pin(self.request(webhook, delivery, now))
    }

    async fn request(
        &self,
        webhook: &Webhook,
        delivery: &Delivery,
        now: Timestamp,
    ) -> Result<(u16, Option<i64>), String> {
        // An IP address is not looked up, so it is checked here.
        webhook.url.check(self.reach)?;
        let id = delivery.event_id.to_string();
        let signed = signature(&webhook.secrets(now), &id, now, &delivery.body);
        let request = self
            .client
            .post(webhook.url.as_url().clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", now.unix_seconds().to_string())
            .header("webhook-signature", signed)
            .body(delivery.body.clone());
        let answer = request.send().await.map_err(|error| shortened(&error))?;
        Ok((answer.status().as_u16(), retry_after(answer.headers(), now)))
    }
}

/// Describes the error without the address, whose query may contain a secret.
fn shortened(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no response within {} s", RESPONSE_TIMEOUT.as_secs());
    }
    let cause = std::error::Error::source(error).map_or_else(|| "no response".to_owned(), causes);
    cause.chars().take(ERROR_CHARACTERS_MAX).collect()
}

/// Returns the wait that a response requests, in seconds. The header holds a number of seconds or a
/// date (RFC 9110 §10.2.3).
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<i64> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(seconds);
    }
    let date = DateTimeParser::new().parse_timestamp(value).ok()?;
    Some(date.as_second() - now.unix_seconds())
}

/// The system's resolver.
struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(Box::new(found.collect::<Vec<SocketAddr>>().into_iter()) as Addrs)
        })
    }
}

/// A resolver that returns only addresses that may be reached.
struct FilteringResolver {
    reach: Reach,
    resolver: Arc<dyn Resolve>,
}

impl Resolve for FilteringResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (reach, looked_up) = (self.reach, self.resolver.resolve(name));
        Box::pin(async move {
            let reachable = |address: &SocketAddr| {
                let here = reach == Reach::PublicOrLoopback && address.ip().to_canonical().is_loopback();
                here || is_public(address.ip())
            };
            let found: Vec<SocketAddr> = looked_up.await?.filter(reachable).collect();
            if found.is_empty() {
                return Err("the host name does not resolve to an address on the public internet".into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_parsed_in_both_forms() {
        let now = Timestamp::from_unix_milliseconds(784_111_700_000).unwrap();
        for (value, wait) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(77)),
            ("soon", None),
            ("", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]);
            assert_eq!(retry_after(&headers, now), wait, "{value}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
