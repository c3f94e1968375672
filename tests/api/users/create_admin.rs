use serde_json::json;

use crate::support::Desk;

#[tokio::test]
async fn an_admin_is_created_only_by_invoking_the_function() {
    let desk = Desk::open().await.signing_in_over_http();
    let admin = desk.admin().await;
    assert_eq!(admin.get("/v1/me").await.expect(200).body["role"], "admin");
    let again = json!({"name": "Other", "email": admin.email, "password": "correct horse battery"});
    let error = desk.stack.invoke("users-create-admin", &again).await.unwrap_err().to_string();
    assert!(error.contains("email-taken"), "{error}");
    let error = desk.stack.invoke("users-create-admin", &json!({"name": "Other"})).await.unwrap_err().to_string();
    assert!(error.contains("/email is required") && error.contains("/password is required"), "{error}");
    desk.assert_no_process_died();
}
