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

use std::time::Duration;

use desk::Desk;
use domain::user::NewUser;
use edges::config::Config;
use edges::{Fatal, clock};
use events::Resource;
use serde::Deserialize;
use serde_json::json;
use tokio::time::sleep;

/// What the admin is called until they choose a name.
const NAME: &str = "Admin";

/// How often the table may refuse, before the deployment fails. A change of the role that the
/// deployment made before takes some seconds until it is seen everywhere (IAM user guide,
/// "Troubleshooting IAM", "Changes that I make are not always immediately visible").
const DENIED_MAX: u32 = 10;
const RETRY_EVERY: Duration = Duration::from_secs(1);

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
    let mut denied = 0;
    let outcome = loop {
        let new = NewUser::from_body(body.clone()).map_err(|error| format!("AdminEmail: {error}"))?;
        match desk.invite_first_admin(new, clock::now()).await {
            Err(error) if error.is_refused_by_table() && denied < DENIED_MAX => denied += 1,
            outcome => break outcome?,
        }
        sleep(RETRY_EVERY).await;
    };
    // The id is not the address, which would be a replacement when it changes.
    let attributes = [("Outcome".to_owned(), json!(outcome.to_string()))].into_iter().collect();
    Ok(Resource { id: "first-admin".to_owned(), attributes })
}
