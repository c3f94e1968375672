//! The header with which a service account acts for a person.

use domain::id::UserId;

use crate::{Problem, Request, routes};

const ON_BEHALF_OF: &str = "helpdesk-on-behalf-of";

/// Rejects the header on a request that does not concern tickets. Nothing else is done for people,
/// and a client that sends the header relies on it.
pub(super) fn check(request: &Request) -> Result<(), Problem> {
    let is_on_tickets = routes::route_of(request.method(), request.path()).starts_with("/v1/tickets");
    if request.acts_for()?.is_none() || is_on_tickets {
        return Ok(());
    }
    Err(Problem::BadRequest(
        "`Helpdesk-On-Behalf-Of` is supported on tickets only. Nothing was done. Send the request without it."
            .to_owned(),
    ))
}

impl Request {
    /// Returns the person that the request asks to act for, if it names one.
    pub(super) fn acts_for(&self) -> Result<Option<UserId>, Problem> {
        let id = self.header(ON_BEHALF_OF).map(str::parse).transpose();
        id.map_err(|_| Problem::BadRequest("`Helpdesk-On-Behalf-Of` must be the id of an account.".to_owned()))
    }
}
