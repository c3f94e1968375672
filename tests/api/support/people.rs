use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;

use super::{Caller, Desk};

/// Returns a number that is unique in this process.
pub(crate) fn unique() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

/// The password of every account.
pub(crate) const PASSWORD: &str = "correct horse battery";

impl Desk {
    /// Registers a user with this name and signs them in.
    pub(crate) async fn user(&self, name: &str) -> Caller {
        self.registered(name, format!("{}-{}@example.org", name.to_lowercase(), unique())).await
    }

    /// Registers a user with this name and address and signs them in.
    pub(crate) async fn registered(&self, name: &str, email: String) -> Caller {
        let body = json!({"name": name, "email": email, "password": PASSWORD});
        let user = self.anyone().post("/v1/auth/register", body).await.expect(201);
        let id = user.body["id"].as_str().unwrap().to_owned();
        self.signed_in(Caller { id, name: name.to_owned(), email, ..self.anyone() }).await
    }

    /// Creates an admin and signs them in.
    pub(crate) async fn admin(&self) -> Caller {
        let email = format!("admin-{}@example.org", unique());
        let payload = json!({"name": "Admin", "email": email, "password": PASSWORD});
        let user = self.stack.invoke("users-create-admin", &payload).await.unwrap();
        let id = user["id"].as_str().unwrap().to_owned();
        self.signed_in(Caller { id, name: "Admin".to_owned(), email, ..self.anyone() }).await
    }

    /// Registers a user, lets the admin make them a technician, and signs them in.
    pub(crate) async fn technician(&self, admin: &Caller, name: &str) -> Caller {
        let user = self.user(name).await;
        admin.put(&format!("/v1/users/{}/role", user.id), json!({"role": "technician"})).await.expect(200);
        self.signed_in(user).await
    }

    /// Returns the same person with new tokens.
    pub(crate) async fn signed_in(&self, caller: Caller) -> Caller {
        let body = json!({"email": caller.email, "password": PASSWORD});
        let tokens = self.anyone().post("/v1/auth/login", body).await.expect(200).body;
        let refresh_token = tokens["refresh_token"].as_str().unwrap().to_owned();
        Caller { refresh_token, ..caller.with_token(tokens["access_token"].as_str().unwrap()) }
    }
}
