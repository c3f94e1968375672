//! Holds every exchange of every test to docs/openapi.yaml.

use std::sync::{LazyLock, Mutex, PoisonError};

use contract::coverage::Coverage;
use contract::{Contract, Exchange};

static CONTRACT: LazyLock<Contract> =
    LazyLock::new(|| Contract::read(&endpoints::root()).unwrap_or_else(|error| panic!("{error}")));

static COVERAGE: LazyLock<Mutex<Coverage>> =
    LazyLock::new(|| Mutex::new(Coverage::open(&endpoints::root()).unwrap_or_else(|error| panic!("{error}"))));

/// Fails if the exchange does not fit the contract, and records what it shows. Skips answers that
/// no function gave: `cargo lambda watch` answers for one that ended.
pub(super) fn hold(exchange: &Exchange<'_>) {
    if !exchange.headers.contains_key("helpdesk-version") {
        return;
    }
    match CONTRACT.check(exchange) {
        Ok(Some(seen)) => {
            let recorded = COVERAGE.lock().unwrap_or_else(PoisonError::into_inner).record(seen);
            recorded.unwrap_or_else(|error| panic!("{error}"));
        }
        Ok(None) => {}
        Err(misfits) => panic!("docs/openapi.yaml does not allow this exchange:\n{}", misfits.join("\n")),
    }
}
