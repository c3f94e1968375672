//! The console: the page of the help desk for people, with its scripts, its styles and its icon.
//!
//! `npm run build` builds it into dist/, which is not in git. The build script embeds what is there
//! or, if nothing is, a page that says how to build it, so that nothing else needs Node.js.

include!(concat!(env!("OUT_DIR"), "/table.rs"));

/// The policy of the page: scripts, styles and requests of this server only, and no text becomes
/// markup except by the one policy that Svelte makes templates with (CSP level 3; Trusted Types).
pub const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types svelte-trusted-html";

/// What the page may not do, because it never does it (W3C Permissions Policy).
const SWITCHED_OFF: &str = "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), display-capture=(), \
     encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), \
     midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), \
     usb=(), xr-spatial-tracking=()";

const ICON_NAME: &str = "icon.svg";

/// Lets a browser keep a file, and ask each time whether it is still the one.
const ASK_EACH_TIME: (&str, &str) = ("cache-control", "no-cache");

const PAGE_HEADERS: &[(&str, &str)] = &[
    ASK_EACH_TIME,
    ("content-security-policy", PAGE_POLICY),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", SWITCHED_OFF),
];

/// A file of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    pub media_type: &'static str,
    pub content: Content,
    /// Whether its name changes with its content, so that a browser may keep it.
    pub is_immutable: bool,
    /// The headers in which it differs from other responses.
    pub headers: &'static [(&'static str, &'static str)],
}

/// The content of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    Text(&'static str),
    Bytes(&'static [u8]),
    /// The same text, compressed in two ways.
    Compressed {
        brotli: &'static [u8],
        gzip: &'static [u8],
    },
}

/// Returns the file at a path, such as `/assets/icon.svg`. The page is at every path below `/app/`,
/// and says itself if it has nothing to show there.
#[must_use]
pub fn file(path: &str) -> Option<File> {
    let (media_type, content, is_immutable, headers) = if path == "/" || path.starts_with("/app/") {
        ("text/html; charset=utf-8", Content::Text(PAGE), false, PAGE_HEADERS)
    } else {
        match path.strip_prefix("/assets/")? {
            ICON_NAME => ("image/svg+xml", Content::Text(ICON), false, &[ASK_EACH_TIME][..]),
            name => {
                let (_, media_type, content) = ASSETS.iter().find(|(known, ..)| *known == name)?;
                (*media_type, *content, true, &[][..])
            }
        }
    };
    Some(File { media_type, content, is_immutable, headers })
}

/// Returns the paths of the files that the page loads, now or later.
pub fn asset_paths() -> impl Iterator<Item = String> {
    [ICON_NAME].into_iter().chain(ASSETS.iter().map(|(name, ..)| *name)).map(|name| format!("/assets/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_loads_what_is_served_and_nothing_else() {
        let after = |mark| PAGE.split(mark).skip(1).filter_map(|rest| rest.split('"').next());
        let addresses: Vec<&str> = after(" src=\"").chain(after(" href=\"")).collect();
        assert!(addresses.contains(&"/assets/icon.svg"), "{addresses:?}");
        for address in addresses.into_iter().filter(|address| *address != "/docs") {
            assert!(file(address).is_some(), "{address}");
        }
        // The policy allows no script and no style within the page.
        let mut scripts = PAGE.split("<script").skip(1).filter_map(|rest| rest.split('>').next());
        assert!(scripts.all(|script| script.contains(" src=\"")), "{PAGE}");
        assert!(!PAGE.contains("<style") && !PAGE.contains(" style="), "{PAGE}");
    }

    #[test]
    fn a_path_that_is_no_file_has_none() {
        for path in ["", "/app", "/assets/", "/assets/index.html", "/assets/../index.html", "/icon.svg", "/docs"] {
            assert!(file(path).is_none(), "{path}");
        }
    }
}
