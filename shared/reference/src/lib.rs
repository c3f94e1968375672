//! The reference of the API: the contract as JSON, and a page that shows it with Redoc.
//!
//! The page loads nothing from another server. Redoc runs in a sandbox without an origin, so that
//! it cannot read what a page of the help desk keeps in the browser.

use std::borrow::Cow;

/// docs/openapi.yaml as JSON. `cargo regenerate` writes it.
pub const CONTRACT: &str = include_str!("../openapi.json");

/// The policy of the page: scripts of this server only, in a sandbox that lets them run and do
/// nothing else (CSP level 3, "sandbox"). Redoc sets styles from its scripts and has its icons in
/// `data:` addresses.
pub const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data:; \
     base-uri 'none'; form-action 'none'; sandbox allow-scripts; frame-ancestors 'none'";

/// Redoc as its maker publishes it on npm, compressed. `.ci/contract` compares it with the package
/// of this version.
const REDOC: &[u8] = include_bytes!("../assets/redoc/redoc.standalone.js.gz");

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// A file of the reference.
#[derive(Clone, Debug)]
pub struct File {
    pub media_type: &'static str,
    pub content: Content,
    /// Whether its name says its version, so that a browser may keep it.
    pub is_immutable: bool,
    /// The policy under which a browser shows it, if it is a page.
    pub policy: Option<&'static str>,
}

/// The content of a file.
#[derive(Clone, Debug)]
pub enum Content {
    Text(Cow<'static, str>),
    /// Compressed with gzip.
    Gzip(&'static [u8]),
}

/// Returns the file at a path, such as `/docs`.
#[must_use]
pub fn file(path: &str) -> Option<File> {
    let text = |media_type, text: &'static str| File {
        media_type,
        content: Content::Text(Cow::Borrowed(text)),
        is_immutable: false,
        policy: None,
    };
    Some(match path {
        "/openapi.json" => text("application/json", CONTRACT),
        "/docs" => {
            File { policy: Some(PAGE_POLICY), ..text("text/html; charset=utf-8", include_str!("../assets/page.html")) }
        }
        "/docs/page.js" => text(JAVASCRIPT, include_str!("../assets/page.js")),
        // As a script, because a page without an origin may fetch nothing.
        "/docs/openapi.js" => File {
            content: Content::Text(Cow::Owned(format!("const contract = {CONTRACT};\n"))),
            ..text(JAVASCRIPT, "")
        },
        "/docs/redoc-2.5.4.js" => File { content: Content::Gzip(REDOC), is_immutable: true, ..text(JAVASCRIPT, "") },
        // The name that Redoc itself gives.
        "/docs/redoc.standalone.js.LICENSE.txt" => text(
            "text/plain; charset=utf-8",
            concat!(
                include_str!("../assets/redoc/LICENSE"),
                "\n",
                include_str!("../assets/redoc/redoc.standalone.js.LICENSE.txt")
            ),
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_loads_what_is_served_and_nothing_else() {
        let Some(File { content: Content::Text(page), .. }) = file("/docs") else { panic!("a page of text") };
        let after = |mark| page.split(mark).skip(1).filter_map(|rest| rest.split('"').next());
        let addresses: Vec<&str> = after(" src=\"").chain(after(" href=\"")).collect();
        assert!(addresses.len() >= 5, "{addresses:?}");
        for address in addresses {
            assert!(file(address).is_some() || address == "data:,", "{address}");
        }
    }

    #[test]
    fn a_path_that_is_no_file_has_none() {
        for path in ["", "/", "/docs/", "/docs/openapi.json", "/docs/../openapi.json", "/docs/redoc-2.5.3.js"] {
            assert!(file(path).is_none(), "{path}");
        }
    }
}
