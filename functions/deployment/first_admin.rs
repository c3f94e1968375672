//! No route: invites the first admin by mail, when `CloudFormation` creates the stack or updates it
//! to another version, and again once the invitation expired. A stack without mail has no such
//! resource (template.yaml, `AdminIsInvitedByMail`).
//!
//! Any other account of the address is left alone, which is no failure: the update would be rolled
//! back, and the roll-back asks for the former address, which might fail for the same reason and
//! leave the stack between two versions. The attribute `Outcome` says what was found, and the stack
//! has it as an output.
//!
//! The payload is `events/deployment-first-admin.json`.

use desk::Desk;
use domain::user::NewUser;
use edges::config::Config;
use edges::{Fatal, clock};
use events::Resource;
use serde::Deserialize;
use serde_json::json;

/// What the admin is called until they choose a name.
const NAME: &str = "Admin";

/// The properties of the custom resource in template.yaml.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    email: String,
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    events::serve_resource(&config, Desk::open(&config).await?, invite).await
}

async fn invite(desk: &Desk, Properties { email }: Properties) -> Result<Resource, Fatal> {
    let body = json!({"name": NAME, "email": email, "role": "admin"});
    let new = NewUser::from_body(body).map_err(|error| format!("AdminEmail: {error}"))?;
    let outcome = desk.invite_first_admin(new, clock::now()).await?;
    // The id is not the address, which would be a replacement when it changes.
    let attributes = [("Outcome".to_owned(), json!(outcome.to_string()))].into_iter().collect();
    Ok(Resource { id: "first-admin".to_owned(), attributes })
}
