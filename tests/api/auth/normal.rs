//! A password verifies however a keyboard encodes its accents and spaces.

use serde_json::json;

use crate::support::table::{sort_key_begins, text};
use crate::support::{Desk, Response, unique};

const COMPOSED: &str = "Größe, mañana é 1";
const DECOMPOSED: &str = "Gro\u{308}ße,\u{a0}man\u{303}ana e\u{301} 1";

async fn sign_in(desk: &Desk, email: &str, password: &str) -> Response {
    desk.anyone().post("/v1/auth/login", json!({"email": email, "password": password})).await
}

#[tokio::test]
async fn a_password_set_on_one_keyboard_works_on_another() {
    let desk = Desk::open().await.signing_in_over_http();
    for (set, other) in [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)] {
        let email = format!("ana-{}@example.org", unique());
        desk.sign_up("Ana", &email, set).await;
        for password in [set, other] {
            sign_in(&desk, &email, password).await.expect(200);
        }
        sign_in(&desk, &email, "Grosse, manana e 1").await.expect_problem(401, "invalid-credentials");
        // Change the password by typing the other form.
        let token = sign_in(&desk, &email, other).await.expect(200).body["access_token"].as_str().unwrap().to_owned();
        let body = json!({"current_password": other, "new_password": format!("{set} neu")});
        desk.anyone().with_token(token).post("/v1/me/password", body).await.expect(204);
        sign_in(&desk, &email, &format!("{other} neu")).await.expect(200);
        // Reset the password.
        desk.anyone().post("/v1/auth/password/forgot", json!({"email": email})).await.expect(202);
        let token = desk.mailed_tokens(&email, 2).await.remove(1);
        let body = json!({"token": token, "password": set});
        desk.anyone().post("/v1/auth/password/reset", body).await.expect(204);
        sign_in(&desk, &email, other).await.expect(200);
    }
    let admin = format!("admin-{}@example.org", unique());
    let payload = json!({"name": "Admin", "email": admin, "password": DECOMPOSED});
    desk.stack.invoke("users-create-admin", &payload).await.unwrap();
    sign_in(&desk, &admin, COMPOSED).await.expect(200);
}

#[tokio::test]
async fn a_password_hashed_without_normalisation_still_works_and_is_rehashed() {
    let desk = Desk::open().await.signing_in_over_http();
    let ana = desk.user("Ana").await;
    // The hash of the decomposed form, but with plain spaces, with today's parameters.
    let typed = DECOMPOSED.replace('\u{a0}', " ");
    let old = "$argon2id$v=19$m=47104,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$Xh6nReKJ8uN6sh6iZf0EZP2b3NluCjenv/ZB116H5/A";
    desk.set(|item| sort_key_begins(item, "CREDENTIAL"), "password_hash", text(old)).await;
    sign_in(&desk, &ana.email, COMPOSED).await.expect_problem(401, "invalid-credentials");
    sign_in(&desk, &ana.email, &typed).await.expect(200);
    for password in [COMPOSED, DECOMPOSED, &typed] {
        sign_in(&desk, &ana.email, password).await.expect(200);
    }
}
