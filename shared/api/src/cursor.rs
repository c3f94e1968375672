//! Pagination of lists: `limit`, `cursor`, `next_cursor`, and the `Link` to the next page.
//!
//! A cursor is opaque, versioned and bounded. It holds where a page ended, and a digest of the list
//! and the caller. It is therefore useless on another list or to another caller. It need not be
//! secret, because it only says where to continue within a list that the caller may read anyway,
//! never which list.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use desk::read::PageRequest;
use domain::id::whole_number;
use domain::permission::Actor;
use edges::store::{PAGE_BYTES_MAX, Page};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use sha2::{Digest as _, Sha256};

use super::reply::bytes_in_answer;
use crate::request::{Query, Request};
use crate::{Problem, Reply};

/// The default number of items on a page.
const LIMIT_DEFAULT: usize = 25;
/// The largest number of items on a page.
const LIMIT_MAX: usize = 100;
/// The longest cursor that is read, in bytes. Cursors given out here are far shorter.
const CURSOR_BYTES_MAX: usize = 512;
/// The version of the format below.
const VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cursor {
    v: u8,
    list: String,
    after: String,
}

/// The part of a list that a request asks for, and which list it is.
#[derive(Debug)]
pub struct Paging {
    /// The largest number of items on the page.
    pub limit: usize,
    after: Option<String>,
    list: String,
    path: String,
    parameters: String,
}

impl Paging {
    /// Reads the paging parameters and the query of a request for a list. `known` names the query
    /// parameters besides `limit` and `cursor`.
    pub fn read(request: &Request, actor: Actor<'_>, known: &[&str]) -> Result<(Self, Query), Problem> {
        let query = request.query(&[known, &["limit", "cursor"]].concat())?;
        let expected = format!("a whole number from 1 to {LIMIT_MAX}, digits only");
        let number = |text: &str| usize::try_from(whole_number(text)?).ok();
        let limit =
            query.parse("limit", &expected, |text| number(text).filter(|limit| (1..=LIMIT_MAX).contains(limit)))?;
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

    /// Returns the requested part of the list.
    pub fn page_request(&self) -> PageRequest<'_> {
        PageRequest { after: self.after(), limit: self.limit }
    }

    /// Returns where the previous page ended, in the format of the list's store.
    #[must_use]
    pub fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// Replies with this page, each item as `view` shows it. A page that does not fit a response is
    /// cut short, but shows at least one item.
    ///
    /// # Errors
    /// Fails with [`Problem::Internal`] if an item cannot be written as JSON.
    pub fn reply<T, V: Serialize>(&self, page: Page<T>, mut view: impl FnMut(T) -> V) -> Result<Reply, Problem> {
        let mut next = page.next.clone();
        let (mut items, mut bytes, mut last) = (Vec::new(), 0, None);
        for (item, position) in page.into_positioned() {
            let shown = to_raw_value(&view(item)).map_err(|error| Problem::Internal(Box::new(error)))?;
            bytes += bytes_in_answer(shown.get());
            if bytes > PAGE_BYTES_MAX && last.is_some() {
                next = last;
                break;
            }
            items.push(shown);
            last = Some(position);
        }
        let next_cursor = next.map(|after| self.cursor(after)).transpose()?;
        let link = next_cursor.as_ref().map(|cursor| {
            let Self { path, parameters, .. } = self;
            format!(r#"<{path}?{parameters}cursor={cursor}>; rel="next""#)
        });
        let reply = Reply::ok(&PageView { items, next_cursor })?;
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
struct PageView {
    items: Vec<Box<RawValue>>,
    next_cursor: Option<String>,
}

/// Identifies a list by its path, its filters and its caller. The page size may change between
/// pages.
fn list_digest(path: &str, actor: Actor<'_>, query: &Query) -> String {
    let mut sha = Sha256::new();
    sha.update(path);
    sha.update([0]);
    sha.update(actor.person.id.as_bytes());
    if let Some(service) = actor.via {
        sha.update(service.id.as_bytes());
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn paging() -> Paging {
        let (after, list, path, parameters) = (None, "list".to_owned(), "/v1/list".to_owned(), String::new());
        Paging { limit: 100, after, list, path, parameters }
    }

    /// Returns how many of these items fit on the page, and where the next page begins.
    fn shown(texts: &[String], next: Option<&str>) -> (usize, Option<String>) {
        let items = texts.iter().cloned().zip((1..).map(|place| format!("after {place}")));
        let reply = paging().reply(Page::of(items, next.map(str::to_owned)), |text| text).unwrap();
        let answer: serde_json::Value = serde_json::from_str(&reply.to_stored_response().body).unwrap();
        let cursor = answer["next_cursor"].as_str();
        (answer["items"].as_array().unwrap().len(), cursor.map(|cursor| position_in(cursor, "list").unwrap()))
    }

    #[test]
    fn a_page_ends_before_an_item_that_does_not_fit_but_has_at_least_one() {
        let megabyte = |letter: &str| letter.repeat(1_000_000);
        let after = |place: &str| Some(place.to_owned());
        assert_eq!(shown(&vec![megabyte("a"); 3], None), (3, None));
        assert_eq!(shown(&vec![megabyte("a"); 3], Some("the end")), (3, after("the end")));
        assert_eq!(shown(&vec![megabyte("a"); 4], None), (3, after("after 3")), "the quotes around them count too");
        let quotes = vec!["\"".repeat(500_000); 3];
        assert_eq!(shown(&quotes, None), (1, after("after 1")), "each quote is four bytes");
        assert_eq!(shown(&[megabyte("a").repeat(5), "b".to_owned()], None), (1, after("after 1")));
        assert_eq!(shown(&[], None), (0, None));
    }
}
