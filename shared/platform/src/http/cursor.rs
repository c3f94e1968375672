//! Lists page by page: `limit`, `cursor`, `next_cursor`, and the `Link` to the next page.
//!
//! A cursor is opaque, versioned and bounded. It holds where a page ended, and a digest of which list it is of and for whom, so
//! that it is of no use on another list or to another caller. It is not secret and need not be: it says where to go on within a
//! list the caller may read anyway, never which list.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::user::Person;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::request::{Query, Request};
use super::{Problem, Reply};
use crate::store::Page;

/// Items on a page if the caller does not say.
const LIMIT_DEFAULT: usize = 25;
/// Items on a page at most.
const LIMIT_MAX: usize = 100;
/// The longest cursor read, in bytes; ours are far shorter.
const CURSOR_BYTES_MAX: usize = 512;
/// The version of the form below.
const VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cursor {
    v: u8,
    list: String,
    after: String,
}

/// What part of a list is wanted, and what list.
#[derive(Debug)]
pub struct Paging {
    /// How many items a page has at most.
    pub limit: usize,
    after: Option<String>,
    list: String,
    path: String,
    parameters: String,
}

impl Paging {
    /// What a request for a list asks for. `known` names its query parameters beside `limit` and `cursor`.
    ///
    /// # Errors
    /// [`Problem::BadRequest`] or [`Problem::InvalidCursor`].
    pub fn read(request: &Request, actor: &Person, known: &[&str]) -> Result<(Self, Query), Problem> {
        let query = request.query(&[known, &["limit", "cursor"]].concat())?;
        let expected = format!("a whole number from 1 to {LIMIT_MAX}");
        let limit = query
            .parse("limit", &expected, |text| text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit)))?;
        let list = list_digest(request.path(), actor, &query);
        let after = query.get("cursor").map(|cursor| position_in(cursor, &list)).transpose()?;
        let mut parameters = String::new();
        for (name, value) in query.sorted().into_iter().filter(|(name, _)| *name != "cursor") {
            parameters.extend([name, "="]);
            parameters.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
            parameters.push('&');
        }
        let paging =
            Self { limit: limit.unwrap_or(LIMIT_DEFAULT), after, list, path: request.path().to_owned(), parameters };
        Ok((paging, query))
    }

    /// Where the page before ended, in the words of the list's store.
    #[must_use]
    pub fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// The answer that shows this page, each item as `view` shows it.
    ///
    /// # Errors
    /// An item that cannot be written as JSON.
    pub fn reply<T, V: Serialize>(&self, page: Page<T>, view: impl FnMut(T) -> V) -> Result<Reply, Problem> {
        let next_cursor = page.next.map(|after| self.cursor(after)).transpose()?;
        let link = next_cursor.as_ref().map(|cursor| {
            let Self { path, parameters, .. } = self;
            format!(r#"<{path}?{parameters}cursor={cursor}>; rel="next""#)
        });
        let reply = Reply::ok(&PageView { items: page.items.into_iter().map(view).collect(), next_cursor })?;
        Ok(match link {
            Some(link) => reply.with_header("link", link),
            None => reply,
        })
    }

    fn cursor(&self, after: String) -> Result<String, Problem> {
        let cursor = Cursor { v: VERSION, list: self.list.clone(), after };
        let json = serde_json::to_vec(&cursor).map_err(|error| Problem::Internal(Box::new(error)))?;
        Ok(URL_SAFE_NO_PAD.encode(json))
    }
}

#[derive(Serialize)]
struct PageView<V> {
    items: Vec<V>,
    next_cursor: Option<String>,
}

/// Which list it is: its path, its filters, and who asks. The size of its pages may change on the way.
fn list_digest(path: &str, actor: &Person, query: &Query) -> String {
    let mut sha = Sha256::new();
    sha.update(path);
    sha.update([0]);
    sha.update(actor.id.as_bytes());
    for (name, value) in query.sorted() {
        if !matches!(name, "limit" | "cursor") {
            sha.update([0]);
            sha.update(name);
            sha.update([0]);
            sha.update(value);
        }
    }
    URL_SAFE_NO_PAD.encode(&sha.finalize()[..12])
}

fn position_in(cursor: &str, list: &str) -> Result<String, Problem> {
    if cursor.len() > CURSOR_BYTES_MAX {
        return Err(Problem::InvalidCursor);
    }
    let json = URL_SAFE_NO_PAD.decode(cursor).ok();
    let cursor = json.and_then(|json| serde_json::from_slice::<Cursor>(&json).ok());
    cursor
        .filter(|cursor| cursor.v == VERSION && cursor.list == list)
        .map(|cursor| cursor.after)
        .ok_or(Problem::InvalidCursor)
}
