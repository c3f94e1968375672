//! The routes: the table that template.yaml, the local router and this code are held equal to.

use super::{Problem, Reply, Request};

/// One route: which function answers which method on which path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// The function.
    pub function: &'static str,
}

const fn route(method: &'static str, path: &'static str, function: &'static str) -> Route {
    Route { method, path, function }
}

/// Every route.
pub const ROUTES: [Route; 51] = [
    route("GET", "/.well-known/jwks.json", "auth-keys"),
    route("POST", "/v1/auth/login", "auth-login"),
    route("POST", "/v1/auth/logout", "auth-logout"),
    route("POST", "/v1/auth/password/forgot", "auth-forgot-password"),
    route("POST", "/v1/auth/password/reset", "auth-reset-password"),
    route("POST", "/v1/auth/refresh", "auth-refresh"),
    route("POST", "/v1/auth/register", "auth-register"),
    route("GET", "/v1/me", "me-get"),
    route("PATCH", "/v1/me", "me-update"),
    route("GET", "/v1/me/notification-preferences", "preferences-get"),
    route("PUT", "/v1/me/notification-preferences", "preferences-replace"),
    route("POST", "/v1/me/password", "me-change-password"),
    route("GET", "/v1/me/sessions", "sessions-list"),
    route("DELETE", "/v1/me/sessions/{id}", "sessions-end"),
    route("GET", "/v1/notifications", "notifications-list"),
    route("POST", "/v1/notifications/read-all", "notifications-mark-all-read"),
    route("GET", "/v1/notifications/unread-count", "notifications-count-unread"),
    route("POST", "/v1/notifications/{id}/read", "notifications-mark-read"),
    route("GET", "/v1/tickets", "tickets-list"),
    route("POST", "/v1/tickets", "tickets-create"),
    route("GET", "/v1/tickets/{number}", "tickets-get"),
    route("PATCH", "/v1/tickets/{number}", "tickets-update"),
    route("POST", "/v1/tickets/{number}/assign", "tickets-assign"),
    route("POST", "/v1/tickets/{number}/close", "tickets-close"),
    route("GET", "/v1/tickets/{number}/comments", "comments-list"),
    route("POST", "/v1/tickets/{number}/comments", "comments-create"),
    route("GET", "/v1/tickets/{number}/events", "events-list"),
    route("GET", "/v1/tickets/{number}/notes", "notes-list"),
    route("POST", "/v1/tickets/{number}/notes", "notes-create"),
    route("POST", "/v1/tickets/{number}/release", "tickets-release"),
    route("POST", "/v1/tickets/{number}/reopen", "tickets-reopen"),
    route("POST", "/v1/tickets/{number}/resolve", "tickets-resolve"),
    route("GET", "/v1/tickets/{number}/timeline", "timeline-get"),
    route("GET", "/v1/tickets/{number}/verify", "tickets-verify"),
    route("POST", "/v1/tickets/{number}/withdraw", "tickets-withdraw"),
    route("POST", "/v1/unsubscribe/{token}", "preferences-unsubscribe"),
    route("GET", "/v1/users", "users-list"),
    route("GET", "/v1/users/{id}", "users-get"),
    route("PATCH", "/v1/users/{id}", "users-update"),
    route("DELETE", "/v1/users/{id}", "users-deactivate"),
    route("PUT", "/v1/users/{id}/role", "users-set-role"),
    route("GET", "/v1/webhooks", "webhooks-list"),
    route("POST", "/v1/webhooks", "webhooks-create"),
    route("GET", "/v1/webhooks/{id}", "webhooks-get"),
    route("PATCH", "/v1/webhooks/{id}", "webhooks-update"),
    route("DELETE", "/v1/webhooks/{id}", "webhooks-delete"),
    route("GET", "/v1/webhooks/{id}/deliveries", "webhooks-list-deliveries"),
    route("POST", "/v1/webhooks/{id}/deliveries/{delivery}/replay", "webhooks-replay-delivery"),
    route("POST", "/v1/webhooks/{id}/ping", "webhooks-ping"),
    route("POST", "/v1/webhooks/{id}/rotate-secret", "webhooks-rotate-secret"),
    route("$default", "", "routes-refuse"),
];

/// The refusal of a request that no route takes: the methods its path knows, if it is a path of ours.
///
/// # Errors
/// Always: [`Problem::MethodNotAllowed`] or [`Problem::NotFound`].
pub fn refuse(request: &Request) -> Result<Reply, Problem> {
    let known: Vec<&str> =
        ROUTES.iter().filter(|route| matches(route.path, request.path())).map(|route| route.method).collect();
    if known.is_empty() { Err(Problem::NotFound) } else { Err(Problem::MethodNotAllowed { allow: known.join(", ") }) }
}

/// The route that takes that request, as it is written in the table: what a log may show of a path, which may hold a token.
pub(super) fn route_of(method: &str, path: &str) -> &'static str {
    let taken = ROUTES.iter().find(|route| route.method == method && matches(route.path, path));
    taken.map_or("$default", |route| route.path)
}

fn matches(pattern: &str, path: &str) -> bool {
    let same =
        |(expected, actual): (&str, &str)| expected == actual || (expected.starts_with('{') && !actual.is_empty());
    pattern.split('/').count() == path.split('/').count() && pattern.split('/').zip(path.split('/')).all(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_matches_its_pattern_part_by_part() {
        for (path, expected) in [
            ("/v1/tickets/42", true),
            ("/v1/tickets/", false),
            ("/v1/tickets/42/", false),
            ("/v1/tickets", false),
            ("/v2/tickets/42", false),
        ] {
            assert_eq!(matches("/v1/tickets/{number}", path), expected, "{path}");
        }
        assert!(!matches("", "/"));
    }
}
