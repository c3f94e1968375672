//! On what terms a request is to be carried out: `If-Match`, `If-None-Match` (RFC 9110 §13.1) and `Idempotency-Key`.

use desk::change::Terms;
use domain::id::whole_number;
use domain::user::Person;
use edges::auth::TokenHash;
use edges::store::ReplayKey;

use super::gateway::WHITE_SPACE;
use crate::{Problem, Request};

/// The longest key, in characters.
const KEY_CHARACTERS_MAX: usize = 255;

/// The entity tags of a condition.
#[derive(Debug, PartialEq, Eq)]
enum Tags {
    /// Any.
    Any,
    /// These, each with whether it is weak.
    Listed(Vec<(bool, String)>),
}

impl Request {
    /// The terms of a request that changes a ticket.
    ///
    /// # Errors
    /// [`Problem::BadRequest`].
    pub fn terms(&self, actor: &Person) -> Result<Terms, Problem> {
        let versions = match self.tags("if-match")? {
            None | Some(Tags::Any) => None,
            // Weak tags never match here (RFC 9110 §13.1.1), and a tag that is no version of ours matches none.
            Some(Tags::Listed(tags)) => {
                Some(tags.iter().filter(|(weak, _)| !weak).filter_map(|(_, tag)| whole_number(tag)).collect())
            }
        };
        Ok(Terms { versions, key: self.replay_key(actor)? })
    }

    /// Checks that the request says which version it changes.
    ///
    /// # Errors
    /// [`Problem::PreconditionRequired`] or [`Problem::BadRequest`].
    pub fn require_if_match(&self) -> Result<(), Problem> {
        if self.tags("if-match")?.is_some() { Ok(()) } else { Err(Problem::PreconditionRequired) }
    }

    /// Whether the caller has what is there now, of that version.
    ///
    /// # Errors
    /// [`Problem::BadRequest`].
    pub fn has_version(&self, version: u64) -> Result<bool, Problem> {
        Ok(match self.tags("if-none-match")? {
            None => false,
            Some(Tags::Any) => true,
            Some(Tags::Listed(tags)) => tags.iter().any(|(_, tag)| *tag == version.to_string()),
        })
    }

    fn tags(&self, header: &str) -> Result<Option<Tags>, Problem> {
        let Some(value) = self.header(header) else {
            return Ok(None);
        };
        let wrong = || Problem::BadRequest(format!("`{header}` must be * or entity tags such as \"7\"."));
        parsed(value).map(Some).ok_or_else(wrong)
    }

    /// The key of a POST, and what the request asks.
    pub(super) fn replay_key(&self, actor: &Person) -> Result<Option<ReplayKey>, Problem> {
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
        asked.extend_from_slice(&self.body()?);
        let (key, request) = (TokenHash::of(key.as_bytes()), TokenHash::of(&asked));
        Ok(Some(ReplayKey { actor: actor.id, key, request, at: self.received_at() }))
    }
}

/// Reads `*` or a list of entity tags (RFC 9110 §13.1.1, §8.8.3). Members of a list may be empty (§5.6.1.2), and a tag may hold
/// commas.
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
    use super::*;

    #[test]
    fn entity_tags_are_read_as_the_rfc_writes_them() {
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
