//! The prices, in one place: us-east-1, on demand, list prices, without free tiers, in US dollars,
//! as of 2026-11.
//!
//! Sources: the pricing pages of DynamoDB (on-demand since its cut of 2024-11-01), API Gateway
//! (HTTP API, first 300 million a month), Lambda (arm64) and SQS (FIFO).

/// When the prices were looked up.
pub(super) const AS_OF: &str = "2026-11";
/// A million write units.
pub(super) const WRITE_UNITS: f64 = 0.625;
/// A million read units.
pub(super) const READ_UNITS: f64 = 0.125;
/// A million requests to the HTTP API, each up to 512 KB.
pub(super) const HTTP_REQUESTS: f64 = 1.00;
/// A million invocations.
pub(super) const INVOCATIONS: f64 = 0.20;
/// A million requests to a FIFO queue, each up to 64 KB.
pub(super) const FIFO_REQUESTS: f64 = 0.50;
/// A million gigabyte-seconds of functions.
pub(super) const GIGABYTE_SECONDS: f64 = 13.3334;

/// A gigabyte of ingested logs (CloudWatch pricing, "Logs", standard class), in dollars, not for a
/// million.
pub(super) const LOG_GIGABYTE: f64 = 0.5;
/// A gigabyte sent to the internet (EC2 on-demand pricing, "Data transfer", the first 10 TB a
/// month), in dollars, not for a million.
pub(super) const TRANSFER_GIGABYTE: f64 = 0.09;
/// A million traces recorded (X-Ray pricing); the first 100,000 of a month are free.
pub(super) const TRACES: f64 = 5.0;
/// A million mails (SES pricing, "Outbound email from applications").
pub(super) const MAILS: f64 = 100.0;
/// Alarms that are free (CloudWatch pricing).
pub(super) const FREE_ALARMS: usize = 10;
/// An alarm beyond them, in dollars a month.
pub(super) const ALARM: f64 = 0.1;
/// Our eleven metrics, and one for each of the 23 problems if all of them occur, minus the ten that
/// are free, at $0.30 each while they are published (CloudWatch pricing), in dollars a month.
pub(super) const METRICS_BEYOND_THE_FREE: f64 = 7.2;
/// Millions of requests a month with which Lambda polls our four queues: five pollers each, every
/// 20 s (Lambda developer guide, "Using Lambda with Amazon SQS"). The first million of an account
/// is free.
pub(super) const LOOKS_INTO_QUEUES: f64 = 2.6;

/// Returns how many traces X-Ray keeps a second of this many: the first, and 5 % of the others
/// (Lambda developer guide, "Visualize Lambda function invocations using AWS X-Ray", which adds
/// that no function can configure this).
pub(super) fn traces_kept(a_second: f64) -> f64 {
    a_second.min(1.0) + 0.05 * (a_second - 1.0).max(0.0)
}
