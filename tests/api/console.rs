//! The console as it is served: the page, which is the one that says how to build it if there is no
//! other, and the files that it loads.

use std::time::Duration;

use console::{Content, File};
use http::Method;

use crate::support::{Desk, Response};

/// Returns the addresses that the page names.
fn addresses(page: &str) -> Vec<&str> {
    let after = |mark| page.split(mark).skip(1).filter_map(|rest| rest.split('"').next());
    after(" src=\"").chain(after(" href=\"")).collect()
}

/// Sends a request from a browser that takes these encodings.
async fn get(desk: &Desk, path: &str, encodings: &str) -> Response {
    desk.anyone().send(Method::GET, path, &[("accept-encoding", encodings)], Vec::new()).await
}

#[tokio::test]
async fn one_page_is_at_every_address_of_the_console() {
    let desk = Desk::open().await;
    let start = desk.anyone().get("/").await.expect(200);
    assert!(start.is_page());
    for path in ["/app/tickets", "/app/tickets/42", "/app/tickets?status=open&page=2", "/app/no-such-page", "/?x=1&x=2"]
    {
        let page = desk.anyone().get(path).await.expect(200);
        assert!(page.body == start.body, "{path}");
    }
    for path in ["/app", "/app/", "/app/tickets/42/more", "/index.html", "/favicon.ico"] {
        desk.anyone().get(path).await.expect_problem(404, "not-found");
    }
    for (name, value) in [
        ("cache-control", "no-cache"),
        ("cross-origin-opener-policy", "same-origin"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(start.header(name), Some(value), "{name}");
    }
    assert!(start.header("permissions-policy").unwrap().contains("camera=(), "));
    let policy = start.header("content-security-policy").unwrap();
    let rules: Vec<&str> = policy.split("; ").collect();
    for rule in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    ] {
        assert!(rules.contains(&rule), "{policy}");
    }
    assert!(!["unsafe", "*", "http"].iter().any(|loose| policy.contains(loose)), "{policy}");
}

#[tokio::test]
async fn the_page_loads_files_that_are_served() {
    let desk = Desk::open().await;
    let page = desk.anyone().get("/").await.expect(200);
    let page = page.body.as_str().unwrap();
    assert!(addresses(page).contains(&"/assets/icon.svg"), "{page}");
    for path in addresses(page) {
        let served = get(&desk, path, "gzip, deflate, br").await.expect(200);
        let (kept, is_icon) = (served.header("cache-control"), path == "/assets/icon.svg");
        if path.starts_with("/assets/") {
            assert_eq!(kept, Some(if is_icon { "no-cache" } else { api::FOREVER }), "{path}");
        }
    }
    assert_eq!(page.contains("<script"), console::IS_BUILT, "{page}");
}

#[tokio::test]
async fn a_file_is_compressed_as_the_browser_takes_it() {
    let desk = Desk::open().await;
    for path in console::asset_paths() {
        let Some(File { media_type, content, .. }) = console::file(&path) else { panic!("{path}") };
        for (encodings, taken) in [("gzip, deflate, br, zstd", "br"), ("gzip, br;q=0", "gzip"), ("gzip", "gzip")] {
            let caller = desk.anyone();
            caller.instances.want("console-serve");
            let (url, headers) = (format!("{}{path}", caller.base_url), [("accept-encoding", encodings)]);
            let served = caller.client.send(Method::GET, &url, &headers, Vec::new(), Duration::from_secs(30)).await;
            let served = served.unwrap();
            let header = |name| served.headers.get(name).map(|value| value.to_str().unwrap());
            assert_eq!(header("content-type"), Some(media_type), "{path}");
            let (expected, encoding) = match content {
                Content::Text(text) => (text.as_bytes(), None),
                Content::Bytes(bytes) => (bytes, None),
                Content::Compressed { brotli, gzip } => (if taken == "br" { brotli } else { gzip }, Some(taken)),
            };
            assert!(served.body == expected, "{path} as {encodings}");
            assert_eq!(header("content-encoding"), encoding, "{path}");
            assert_eq!(header("vary"), encoding.map(|_| "Accept-Encoding"), "{path}");
        }
    }
    for path in ["/assets/nothing.js", "/assets/..", "/assets/icon.svg.br", "/assets/index.html"] {
        desk.anyone().get(path).await.expect_problem(404, "not-found");
    }
    desk.anyone().get("/assets/icon.svg?x=1").await.expect_problem(400, "bad-request");
}
