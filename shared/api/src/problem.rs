//! All refusals of the API, and the problem documents that they become (RFC 9457).
//!
//! Inner layers know nothing of HTTP. Their errors become a [`Problem`] in problem/from.rs, and
//! nowhere else. A problem's `detail` is for the caller. Internal details go to the log.

mod document;
mod from;

use std::error::Error;

use domain::field::Violations;
use domain::lifecycle::Status;
use domain::limit::LimitReached;
use domain::permission::{PermittedBy, Scope};
use edges::auth::InvalidToken;

/// The reason why a request is refused.
#[derive(Debug)]
pub enum Problem {
    /// The request is malformed. Says what to change.
    BadRequest(String),
    /// The body is well-formed but has invalid values. Says where and why.
    ValidationFailed(Violations),
    /// The cursor was not given out for this list.
    InvalidCursor,
    /// The request has no access token.
    Unauthenticated,
    /// The request has a token that is not valid.
    InvalidToken(InvalidToken),
    /// The token is valid, but its session has ended.
    SignedOut,
    /// The address and the password do not match.
    InvalidCredentials,
    /// The caller may see the resource but may not do this.
    Forbidden {
        /// Who may do it, and what would make it possible.
        detail: String,
        /// What the caller may do with the ticket instead, if the request is about a ticket.
        allowed: Option<Vec<&'static str>>,
    },
    /// The caller's API token may not be used for this, whatever the caller's role.
    OutOfScope(PermittedBy),
    /// No one may register here.
    RegistrationClosed,
    /// The resource does not exist, or the caller may not see it.
    NotFound,
    /// The path exists but does not have the method.
    MethodNotAllowed {
        /// The methods that the path has.
        allow: String,
    },
    /// Another account has this address.
    EmailTaken,
    /// The person has not accepted an invitation, and only they can activate their account.
    NotAccepted,
    /// The person accepted an invitation or needs none.
    NotInvited,
    /// The ticket's status does not allow the change.
    InvalidTransition {
        /// The ticket's current status.
        status: Status,
        /// What the caller may do instead.
        allowed: Vec<&'static str>,
    },
    /// The ticket is closed, which is final.
    TicketClosed,
    /// Users may not do this to themselves.
    NotOnYourself,
    /// Admins make API tokens of active service accounts only.
    NotAServiceAccount,
    /// Others kept changing the same resource.
    Conflict,
    /// The ticket does not have the version that the caller expects.
    PreconditionFailed {
        /// The ticket's current version.
        version: u64,
        /// Whether the caller excluded this version.
        excluded: bool,
    },
    /// The caller must say which version of the ticket they change.
    PreconditionRequired,
    /// The idempotency key was used with a different request.
    IdempotencyKeyReused,
    /// The body is too large.
    TooLarge,
    /// The body does not declare itself to be JSON.
    UnsupportedMediaType,
    /// Tickets are assigned to active technicians only.
    NotATechnician,
    /// The caller made too many requests of this kind and is throttled.
    TooManyRequests {
        /// The number of seconds until the next request is allowed.
        retry_after_seconds: i64,
    },
    /// The caller did this as often as they may in this hour.
    LimitReached(LimitReached),
    /// An error of the API itself.
    Internal(Box<dyn Error + Send + Sync>),
    /// A dependency did not respond in time.
    Unavailable(Box<dyn Error + Send + Sync>),
}

/// The document's `type`, status and title.
type Kind = (&'static str, u16, &'static str);

impl Problem {
    /// Rejects one field of the body, for a reason that the body alone does not show.
    fn field(pointer: &str, detail: &str) -> Self {
        Self::ValidationFailed(Violations::one(pointer, detail))
    }

    /// Refuses a person whose account is deactivated.
    fn inactive() -> Self {
        Self::no_longer_allowed("Your account is deactivated. Ask an admin to reactivate it.")
    }

    /// Refuses a person who may no longer do this, whatever their token says.
    fn no_longer_allowed(detail: &str) -> Self {
        Self::Forbidden { detail: detail.to_owned(), allowed: None }
    }

    const fn kind(&self) -> Kind {
        match self {
            Self::BadRequest(_) => ("bad-request", 400, "Bad request"),
            Self::ValidationFailed(_) => ("validation-failed", 422, "Validation failed"),
            Self::InvalidCursor => ("invalid-cursor", 400, "Invalid cursor"),
            Self::Unauthenticated => ("unauthenticated", 401, "Authentication required"),
            Self::InvalidToken(_) | Self::SignedOut => ("invalid-token", 401, "Invalid token"),
            Self::InvalidCredentials => ("invalid-credentials", 401, "Invalid credentials"),
            Self::Forbidden { .. } => ("forbidden", 403, "Forbidden"),
            Self::OutOfScope(_) => ("insufficient-scope", 403, "Insufficient scope"),
            Self::RegistrationClosed => ("registration-closed", 403, "Registration closed"),
            Self::NotFound => ("not-found", 404, "Not found"),
            Self::MethodNotAllowed { .. } => ("method-not-allowed", 405, "Method not allowed"),
            Self::EmailTaken => ("email-taken", 409, "E-mail address already in use"),
            Self::NotAccepted => ("invitation-not-accepted", 409, "Invitation not accepted"),
            Self::NotInvited => ("not-invited", 409, "Not invited"),
            Self::InvalidTransition { .. } => ("invalid-transition", 409, "Invalid status transition"),
            Self::TicketClosed => ("ticket-closed", 409, "Ticket closed"),
            Self::NotOnYourself => ("not-on-yourself", 409, "Not allowed on your own account"),
            Self::NotAServiceAccount => ("not-a-service-account", 409, "Not a service account"),
            Self::Conflict => ("conflict", 409, "Conflict"),
            Self::PreconditionFailed { .. } => ("precondition-failed", 412, "Precondition failed"),
            Self::PreconditionRequired => ("precondition-required", 428, "Precondition required"),
            Self::IdempotencyKeyReused => ("idempotency-key-reused", 422, "Idempotency key reused"),
            Self::TooLarge => ("too-large", 413, "Request body too large"),
            Self::UnsupportedMediaType => ("unsupported-media-type", 415, "Unsupported media type"),
            Self::NotATechnician => ("not-a-technician", 422, "Assignee is not a technician"),
            Self::TooManyRequests { .. } | Self::LimitReached(_) => ("too-many-requests", 429, "Too many requests"),
            Self::Internal(_) => ("internal", 500, "Internal error"),
            Self::Unavailable(_) => ("unavailable", 503, "Service unavailable"),
        }
    }

    /// Returns the last part of the document's `type`.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        self.kind().0
    }

    /// Returns the status of the response.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.kind().1
    }

    /// Returns the explanation for the caller: what is wrong, and what to do.
    fn detail(&self) -> String {
        let told = match self {
            Self::BadRequest(detail) | Self::Forbidden { detail, .. } => detail,
            Self::ValidationFailed(_) => "The request body has invalid fields. `errors` lists them.",
            Self::InvalidCursor => "The cursor is not valid for this list. Start again without `cursor`.",
            Self::Unauthenticated => {
                "An access token is required. Get one from POST /v1/auth/login and send it as `Authorization: Bearer <access token>`."
            }
            Self::SignedOut => {
                "Your session has ended, or your permissions have changed. No change was made. Sign in again."
            }
            Self::InvalidToken(_) => {
                "The token is invalid or has expired. Refresh it, sign in again, or request another e-mail."
            }
            Self::InvalidCredentials => "The e-mail address or password is incorrect.",
            Self::OutOfScope(by) => return out_of_scope(*by),
            Self::RegistrationClosed => "People are invited to this help desk. Ask an admin for an invitation.",
            Self::NotFound => "The resource does not exist, or you are not allowed to see it.",
            Self::MethodNotAllowed { allow } => {
                return format!("Allowed methods: {allow}.");
            }
            Self::EmailTaken => EMAIL_TAKEN,
            Self::NotAccepted => NOT_ACCEPTED,
            Self::NotInvited => NOT_INVITED,
            Self::InvalidTransition { status, .. } => {
                return format!(
                    "The ticket is {}, so this action is not possible. `allowed` lists what you can do now.",
                    status.display_name()
                );
            }
            Self::TicketClosed => "The ticket is closed permanently. Open a new one with `follow_up_of`.",
            Self::NotOnYourself => "You cannot do this to your own account. Ask another admin.",
            Self::NotAServiceAccount => "Admins make API tokens for active service accounts only.",
            Self::Conflict => "Another request changed this at the same time. No change was made. Try again.",
            Self::PreconditionFailed { version, excluded: true } => {
                return format!(
                    "The ticket's version is {version}, which `If-None-Match` excludes. No change was made. Send `If-Match` \
                     with the version that you want to change."
                );
            }
            Self::PreconditionFailed { version, excluded: false } => {
                return format!(
                    "The ticket has changed: its version is now {version}. No change was made. Read it again before you change it."
                );
            }
            Self::PreconditionRequired => {
                "`If-Match` is required. Send it with the `ETag` of the ticket, or with * for any version."
            }
            Self::IdempotencyKeyReused => {
                "This `Idempotency-Key` was already used for a different request. Use a new key."
            }
            Self::TooLarge => "The request body is too large. It must be at most 131,072 bytes.",
            Self::UnsupportedMediaType => {
                "The request body must be JSON. Send it with `Content-Type: application/json`."
            }
            Self::NotATechnician => {
                "A ticket can only be assigned to an active technician. GET /v1/users?role=technician lists the technicians."
            }
            Self::TooManyRequests { retry_after_seconds } => {
                return format!("Too many attempts. Try again in {}.", seconds(*retry_after_seconds));
            }
            Self::LimitReached(reached) => return limit_reached(*reached),
            Self::Internal(_) => {
                "An internal error occurred. Report the `instance`, which identifies the request in the logs."
            }
            Self::Unavailable(_) => {
                "A service that the help desk depends on did not respond in time. Try again in a few seconds."
            }
        };
        told.to_owned()
    }

    /// Returns the details that only the log gets.
    #[must_use]
    pub fn cause(&self) -> Option<String> {
        match self {
            Self::Internal(error) | Self::Unavailable(error) => Some(error.to_string()),
            Self::InvalidToken(InvalidToken(fault)) => Some((*fault).to_owned()),
            _ => None,
        }
    }

    /// Returns the headers that go with the document, besides those of every response.
    pub(super) fn headers(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Unauthenticated | Self::InvalidCredentials => {
                vec![("www-authenticate", r#"Bearer realm="helpdesk""#.to_owned())]
            }
            // RFC 6750 §3.1, here and below.
            Self::InvalidToken(_) | Self::SignedOut => {
                vec![("www-authenticate", r#"Bearer realm="helpdesk", error="invalid_token""#.to_owned())]
            }
            Self::OutOfScope(by) => {
                // The first of several is the narrowest.
                let scope = first_of(*by).map_or(String::new(), |scope| format!(r#", scope="{}""#, scope.as_str()));
                let challenge = format!(r#"Bearer realm="helpdesk", error="insufficient_scope"{scope}"#);
                vec![("www-authenticate", challenge)]
            }
            Self::PreconditionFailed { version, .. } => vec![("etag", format!("\"{version}\""))],
            Self::MethodNotAllowed { allow } => vec![("allow", allow.clone())],
            Self::TooManyRequests { retry_after_seconds } => vec![("retry-after", retry_after_seconds.to_string())],
            // draft-ietf-httpapi-ratelimit-headers-10: the quota and its window, and what is left
            // of it until the window ends.
            Self::LimitReached(LimitReached { limit, seconds_left }) => {
                let (policy, quota) = (limit.of.policy(), limit.per_hour);
                vec![
                    ("retry-after", seconds_left.to_string()),
                    ("ratelimit-policy", format!("\"{policy}\";q={quota};w=3600")),
                    ("ratelimit", format!("\"{policy}\";r=0;t={seconds_left}")),
                ]
            }
            Self::Unavailable(_) => vec![("retry-after", RETRY_AFTER_SECONDS.to_string())],
            _ => Vec::new(),
        }
    }
}

/// How long to wait before a retry when a dependency did not respond, in seconds. This is longer
/// than a function waits for one call.
const RETRY_AFTER_SECONDS: u32 = 5;

const EMAIL_TAKEN: &str = "An account with this e-mail address already exists. Sign in to it, reset its password, or \
    use another address. If the account is deactivated, an admin can reactivate it.";
const NOT_ACCEPTED: &str = "The person has not accepted an invitation, so only they can activate the account. Invite \
    them again with POST /v1/users/{id}/invitation.";
const NOT_INVITED: &str = "The person has accepted an invitation or needs none. If the account is deactivated, \
    reactivate it with PATCH /v1/users/{id}.";

fn limit_reached(LimitReached { limit, seconds_left }: LimitReached) -> String {
    let (what, per_hour) = (limit.of.policy(), limit.per_hour);
    format!("The limit is {per_hour} {what} an hour. Try again in {}.", seconds(seconds_left))
}

fn seconds(count: i64) -> String {
    format!("{count} {}", if count == 1 { "second" } else { "seconds" })
}

/// Returns what a caller is told whose API token may not be used for this.
fn out_of_scope(by: PermittedBy) -> String {
    let PermittedBy::OneOf(scopes @ [_, ..]) = by else {
        return "No API token may be used for this. Sign in, and use the access token.".to_owned();
    };
    let names: Vec<String> = scopes.iter().map(|scope| format!("`{}`", scope.as_str())).collect();
    format!("The API token needs the scope {}. Use a token that has it.", names.join(" or "))
}

fn first_of(by: PermittedBy) -> Option<Scope> {
    match by {
        PermittedBy::Any => None,
        PermittedBy::OneOf(scopes) => scopes.first().copied(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use contract::{Contract, Node};

    #[test]
    fn a_problem_states_waits_in_seconds_and_statuses_in_words() {
        use super::Problem;
        use domain::lifecycle::Status;
        let wait = |retry_after_seconds| Problem::TooManyRequests { retry_after_seconds }.detail();
        assert_eq!(wait(1), "Too many attempts. Try again in 1 second.");
        assert_eq!(wait(2), "Too many attempts. Try again in 2 seconds.");
        let detail = Problem::InvalidTransition { status: Status::InProgress, allowed: Vec::new() }.detail();
        assert!(detail.starts_with("The ticket is in progress, so this action is not possible."), "{detail}");
    }

    /// Compares the rows of `kind`, as written in this file, with the contract and the guide.
    #[test]
    fn every_problem_is_documented_with_its_status() {
        let in_code: BTreeSet<(&str, &str)> = include_str!("problem.rs")
            .lines()
            .filter_map(|line| line.trim().strip_prefix("Self::")?.split_once(" => (\""))
            .filter_map(|(_, row)| row.split_once("\", "))
            .filter_map(|(slug, rest)| Some((slug, rest.split_once(", \"")?.0)))
            .collect();
        assert!(in_code.len() > 20, "{in_code:?}");
        let (_, table) = include_str!("../../../docs/API.md").split_once("| slug | status | when |").unwrap();
        let documented: BTreeSet<(&str, &str)> = table
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
            .filter_map(|(slug, rest)| Some((slug, rest.split_once(" |")?.0)))
            .collect();
        assert_eq!(in_code, documented);
        let contract = Contract::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap();
        let schemas = contract.document.at(&["components", "schemas"]).unwrap();
        let fixed = |schema: &Node<'_>, member: &str| {
            Some(schema.child("properties")?.child(member)?.value().get("const")?.clone())
        };
        let in_contract: BTreeSet<(String, String)> = schemas
            .children()
            .filter_map(|(_, schema)| Some((fixed(&schema, "type")?, fixed(&schema, "status")?)))
            .filter_map(|(kind, status)| {
                Some((kind.as_str()?.strip_prefix("/problems/")?.to_owned(), status.to_string()))
            })
            .collect();
        let in_code: BTreeSet<(String, String)> =
            in_code.into_iter().map(|(slug, status)| (slug.to_owned(), status.to_owned())).collect();
        assert_eq!(in_code, in_contract);
    }
}
