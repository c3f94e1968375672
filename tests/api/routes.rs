use http::Method;

use crate::support::Desk;

#[tokio::test]
async fn what_no_route_takes_is_told_what_there_is() {
    let desk = Desk::open().await;
    let anyone = desk.anyone();
    for path in ["/", "/v1", "/v1/nothing", "/v2/tickets", "/v1/tickets/1/nothing", "/v1/tickets/"] {
        anyone.get(path).await.expect_problem(404, "not-found");
    }
    for (method, path, allow) in [
        (Method::DELETE, "/v1/tickets", "GET, POST"),
        (Method::PUT, "/v1/tickets/1", "GET, PATCH"),
        (Method::GET, "/v1/auth/login", "POST"),
    ] {
        let answer = anyone.send(method, path, &[], Vec::new()).await.expect_problem(405, "method-not-allowed");
        assert_eq!(answer.header("allow"), Some(allow), "{path}");
    }
}
