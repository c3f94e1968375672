//! The conditions of a request: `If-Match`, `If-None-Match` (RFC 9110 §13.1) and `Idempotency-Key`.

use desk::change::{Preconditions, Versions};
use domain::id::whole_number;
use domain::permission::Actor;
use edges::auth::TokenHash;
use edges::store::IdempotencyKey;

use super::request::WHITE_SPACE;
use crate::{Problem, Request, routes};

/// The longest idempotency key, in characters.
const KEY_CHARACTERS_MAX: usize = 255;

/// The functions whose path names a ticket that they show or change as a whole. A condition on them
/// names a version of the ticket. The responses of all other functions have no `ETag`.
const OF_A_TICKET: [&str; 10] = [
    "comments-create",
    "notes-create",
    "tickets-assign",
    "tickets-close",
    "tickets-get",
    "tickets-release",
    "tickets-reopen",
    "tickets-resolve",
    "tickets-update",
    "tickets-withdraw",
];

/// The headers that make a request conditional on a version.
const IF_MATCH: &str = "if-match";
/// See [`IF_MATCH`].
const IF_NONE_MATCH: &str = "if-none-match";

/// Rejects a condition on a request that has no version to compare with, because a client that
/// sends a condition relies on it.
pub(super) fn check(request: &Request) -> Result<(), Problem> {
    if routes::function_of(request.method(), request.path()).is_none_or(|function| OF_A_TICKET.contains(&function)) {
        return Ok(());
    }
    let sent = [(IF_MATCH, "If-Match"), (IF_NONE_MATCH, "If-None-Match")];
    match sent.into_iter().find(|(header, _)| request.header(header).is_some()) {
        Some((_, name)) => Err(Problem::BadRequest(format!(
            "`{name}` is not supported here, because this resource has no version. No change was made. Send the request without it."
        ))),
        None => Ok(()),
    }
}

/// The versions of a ticket that a request is conditional on, with each header read and checked.
#[derive(Debug, PartialEq, Eq)]
pub struct VersionConditions {
    if_match: Option<Versions>,
    if_none_match: Option<Versions>,
}

impl VersionConditions {
    /// Returns whether there is no condition.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.if_match.is_none() && self.if_none_match.is_none()
    }

    /// Returns whether the caller already has this version. This decides the response to a request
    /// that changes nothing.
    ///
    /// # Errors
    /// Fails with [`Problem::PreconditionFailed`] if `If-Match` does not allow this version.
    pub fn is_not_modified(&self, version: u64) -> Result<bool, Problem> {
        Preconditions { if_match: self.if_match.clone(), ..Preconditions::default() }.check_version(version)?;
        Ok(self.if_none_match.as_ref().is_some_and(|if_none_match| if_none_match.contains(version)))
    }
}

/// The entity tags of a condition.
#[derive(Debug, PartialEq, Eq)]
enum Tags {
    /// Any version.
    Any,
    /// The listed tags, each with whether it is weak.
    Listed(Vec<(bool, String)>),
}

impl Tags {
    /// Returns the versions that the tags name. A tag that is not a version of a ticket names none.
    fn versions(self, accept_weak: bool) -> Versions {
        match self {
            Self::Any => Versions::Any,
            Self::Listed(tags) => {
                let tags = tags.iter().filter(|(weak, _)| accept_weak || !weak);
                Versions::Listed(tags.filter_map(|(_, tag)| whole_number(tag)).collect())
            }
        }
    }
}

impl Request {
    /// Reads the preconditions and the idempotency key of a request that changes a ticket.
    pub fn preconditions(&self, actor: Actor<'_>) -> Result<Preconditions, Problem> {
        let VersionConditions { if_match, if_none_match } = self.version_conditions()?;
        Ok(Preconditions { if_match, if_none_match, key: self.idempotency_key(actor)?, limit: None })
    }

    /// Reads the conditions of a request that shows or changes a ticket. Weak tags match in
    /// `If-None-Match` alone (RFC 9110 §13.1.1, §13.1.2).
    pub fn version_conditions(&self) -> Result<VersionConditions, Problem> {
        let if_match = self.tags(IF_MATCH)?.map(|tags| tags.versions(false));
        let if_none_match = self.tags(IF_NONE_MATCH)?.map(|tags| tags.versions(true));
        Ok(VersionConditions { if_match, if_none_match })
    }

    /// Checks that the request says which version it changes.
    ///
    /// # Errors
    /// Fails with [`Problem::PreconditionRequired`] if it does not, or with [`Problem::BadRequest`]
    /// if the header is malformed.
    pub fn require_if_match(&self) -> Result<(), Problem> {
        if self.tags(IF_MATCH)?.is_some() { Ok(()) } else { Err(Problem::PreconditionRequired) }
    }

    fn tags(&self, header: &str) -> Result<Option<Tags>, Problem> {
        let Some(value) = self.header(header) else {
            return Ok(None);
        };
        let wrong = || Problem::BadRequest(format!("`{header}` must be * or entity tags such as \"7\"."));
        parsed(value).map(Some).ok_or_else(wrong)
    }

    /// Returns the idempotency key of a POST, with the content of the request.
    pub(super) fn idempotency_key(&self, actor: Actor<'_>) -> Result<Option<IdempotencyKey>, Problem> {
        let Some(key) = self.header("idempotency-key").filter(|_| self.method() == "POST") else {
            return Ok(None);
        };
        let key = key.strip_prefix('"').and_then(|key| key.strip_suffix('"')).unwrap_or(key);
        let printable = key.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if key.is_empty() || key.len() > KEY_CHARACTERS_MAX || !printable {
            let detail = format!("`Idempotency-Key` must be 1 to {KEY_CHARACTERS_MAX} printable ASCII characters.");
            return Err(Problem::BadRequest(detail));
        }
        let mut asked = format!("{}\n{}\n", self.method(), self.path()).into_bytes();
        asked.extend_from_slice(self.body()?);
        // A key of one program may not give what was done for one person to another.
        if actor.via.is_some() {
            asked.extend_from_slice(format!("\n{}", actor.person.id).as_bytes());
        }
        let (key, request) = (TokenHash::of(key.as_bytes()), TokenHash::of(&asked));
        Ok(Some(IdempotencyKey { actor: actor.owner().id, key, request, at: self.received_at() }))
    }
}

/// Parses `*` or a list of entity tags (RFC 9110 §13.1.1, §8.8.3). Members of a list may be empty
/// (§5.6.1.2), and a tag may contain commas.
fn parsed(value: &str) -> Option<Tags> {
    if value == "*" {
        return Some(Tags::Any);
    }
    let (mut tags, mut rest) = (Vec::new(), value);
    loop {
        rest = rest.trim_start_matches(WHITE_SPACE);
        if let Some(next) = rest.strip_prefix(',') {
            rest = next;
            continue;
        }
        if rest.is_empty() {
            return Some(Tags::Listed(tags));
        }
        let (weak, quoted) = rest.strip_prefix("W/").map_or((false, rest), |quoted| (true, quoted));
        let (tag, behind) = quoted.strip_prefix('"')?.split_once('"')?;
        rest = behind.trim_start_matches(WHITE_SPACE);
        let ends = rest.is_empty() || rest.starts_with(',');
        if !ends || !tag.chars().all(|character| character > ' ' && character != '\u{7f}') {
            return None;
        }
        tags.push((weak, tag.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use domain::user::Person;

    use super::*;

    #[test]
    fn every_function_that_reads_preconditions_has_a_ticket_in_its_path() {
        for function in OF_A_TICKET {
            let route = routes::ROUTES.iter().find(|route| route.function == function);
            assert!(route.is_some_and(|route| route.path.starts_with("/v1/tickets/{number}")), "{function}");
        }
    }

    /// The outcome of a request about a ticket of version 7, `ok`, `304` or `412`, for a read and
    /// for a change.
    const CONDITIONS: &str = r#"
        if-match     if-none-match  see  change
        -            -              ok   ok
        *            -              ok   ok
        "7"          -              ok   ok
        "6","7"      -              ok   ok
        "6"          -              412  412
        W/"7"        -              412  412
        "07"         -              412  412
        ""           -              412  412
        -            *              304  412
        -            "7"            304  412
        -            W/"7"          304  412
        -            "6"            ok   ok
        -            "07"           ok   ok
        *            *              304  412
        *            "6"            ok   ok
        "7"          "7"            304  412
        "6"          "7"            412  412
        bad          -              400  400
        -            bad            400  400
        "7"          bad            400  400"#;

    #[test]
    fn both_preconditions_are_compared_with_the_ticket_version() {
        for line in CONDITIONS.trim().lines().skip(1) {
            let row: Vec<&str> = line.split_whitespace().collect();
            let given = |cell: &&str| *cell != "-";
            let headers: std::collections::BTreeMap<&str, &str> =
                [("if-match", row[0]), ("If-None-Match", row[1])].into_iter().filter(|(_, cell)| given(cell)).collect();
            let event = serde_json::json!({
                "rawPath": "/v1/tickets/1", "headers": headers, "requestContext": {"http": {"method": "PATCH"}}
            });
            let request = Request::of_event(&event);
            let shown = |answer: Result<bool, Problem>| match answer {
                Ok(false) => "ok".to_owned(),
                Ok(true) => "304".to_owned(),
                Err(problem) => problem.status().to_string(),
            };
            let see = request.version_conditions().and_then(|conditions| conditions.is_not_modified(7));
            let person = Person::system();
            let change = request
                .preconditions(Actor::of(&person))
                .and_then(|preconditions| Ok(preconditions.check_version(7)?))
                .map(|()| false);
            assert_eq!([shown(see), shown(change)], [row[2], row[3]], "{line}");
        }
    }

    #[test]
    fn entity_tags_are_parsed_as_the_rfc_specifies() {
        let listed = |tags: &[(bool, &str)]| {
            Some(Tags::Listed(tags.iter().map(|(weak, tag)| (*weak, (*tag).to_owned())).collect()))
        };
        for (value, expected) in [
            ("*", Some(Tags::Any)),
            ("\"7\"", listed(&[(false, "7")])),
            ("\"7\" , W/\"8\"", listed(&[(false, "7"), (true, "8")])),
            ("\"7\",\t\"8\"", listed(&[(false, "7"), (false, "8")])),
            ("\"\"", listed(&[(false, "")])),
            ("\"1\",", listed(&[(false, "1")])),
            (", \"1\"", listed(&[(false, "1")])),
            ("\"1\" ,, ,\"2\" ,", listed(&[(false, "1"), (false, "2")])),
            ("", listed(&[])),
            (",", listed(&[])),
            ("\"a,b\"", listed(&[(false, "a,b")])),
            ("\"é\", \"*\"", listed(&[(false, "é"), (false, "*")])),
            ("7", None),
            ("*, \"7\"", None),
            ("\"7\", *", None),
            ("\"7\"\"8\"", None),
            ("\"a b\"", None),
            ("\"a\u{1}\"", None),
            ("W/ \"7\"", None),
            ("W/7", None),
            ("\"7", None),
            ("\"7\" \"8\"", None),
            ("w/\"7\"", None),
        ] {
            assert_eq!(parsed(value), expected, "{value}");
        }
    }
}
