//! The contract and the page that shows it, as they are served. `.ci/contract` looks at the page in
//! a browser.

use std::time::Duration;

use contract::Contract;
use http::Method;
use serde_json::Value;

use crate::support::Desk;

#[tokio::test]
async fn the_contract_is_served_as_it_is_written() {
    let desk = Desk::open().await;
    let served = desk.anyone().get("/openapi.json").await.expect(200);
    assert_eq!(served.header("content-type"), Some("application/json"));
    let contract = Contract::read(&endpoints::root()).unwrap();
    assert!(served.body == *contract.document.json(), "run `cargo regenerate`");
    // Which the page gets as a script.
    let script = desk.anyone().get("/docs/openapi.js").await.expect(200);
    let script = script.body.as_str().unwrap().to_owned();
    let json = script.strip_prefix("const contract = ").and_then(|rest| rest.trim_end().strip_suffix(';'));
    assert!(serde_json::from_str::<Value>(json.unwrap()).unwrap() == served.body);
}

#[tokio::test]
async fn the_page_runs_scripts_of_this_server_in_a_sandbox() {
    let desk = Desk::open().await;
    let page = desk.anyone().get("/docs").await.expect(200);
    assert!(page.is_page());
    let policy = page.header("content-security-policy").unwrap();
    let rules: Vec<&str> = policy.split("; ").collect();
    for rule in
        ["default-src 'none'", "script-src 'self'", "img-src data:", "sandbox allow-scripts", "form-action 'none'"]
    {
        assert!(rules.contains(&rule), "{policy}");
    }
    let text = page.body.as_str().unwrap();
    let scripts: Vec<&str> = text.split("<script src=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(scripts, ["/docs/redoc-2.5.4.js", "/docs/openapi.js", "/docs/page.js"]);
    for script in scripts {
        let served = desk.anyone().get(script).await.expect(200);
        assert_eq!(served.header("content-type"), Some("text/javascript; charset=utf-8"), "{script}");
        // Only a name with a version in it may be kept.
        let kept = served.header("cache-control") != Some("no-store");
        assert_eq!(kept, script.contains("2.5.4"), "{script}");
    }
    let licenses = desk.anyone().get("/docs/redoc.standalone.js.LICENSE.txt").await.expect(200);
    assert!(licenses.body.as_str().unwrap().contains("Permission is hereby granted, free of charge"));
    for path in ["/docs/nothing.js", "/docs/..", "/docs/redoc-2.5.3.js"] {
        desk.anyone().get(path).await.expect_problem(404, "not-found");
    }
    for path in ["/docs?x=1", "/openapi.json?x=1", "/docs/page.js?x=1"] {
        desk.anyone().get(path).await.expect_problem(400, "bad-request");
    }
}

#[tokio::test]
async fn redoc_arrives_as_its_maker_compressed_it() {
    let desk = Desk::open().await;
    let caller = desk.anyone();
    caller.instances.want("docs-get");
    let url = format!("{}/docs/redoc-2.5.4.js", caller.base_url);
    let answer = caller.client.send(Method::GET, &url, &[], Vec::new(), Duration::from_secs(30)).await.unwrap();
    assert_eq!(answer.headers["content-encoding"], "gzip");
    assert_eq!(answer.headers["cache-control"], "public, max-age=31536000, immutable");
    let file = endpoints::root().join("shared/reference/assets/redoc/redoc.standalone.js.gz");
    assert!(answer.body[..] == std::fs::read(file).unwrap(), "{} bytes", answer.body.len());
}
