//! No route: invites the first admin by mail, when `CloudFormation` creates the stack. An address
//! that has an account already is left alone, so that no deployment fails for it. A stack without
//! mail has no such resource (template.yaml, `AdminIsInvitedByMail`).
//!
//! The payload is `events/deployment-first-admin.json`.

use desk::invitations::InvitationDelivery;
use desk::{AccountError, Desk};
use domain::user::NewUser;
use edges::config::Config;
use edges::store::{ChangeUserError, Inviter};
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
    match desk.invite(new, Inviter::System, &InvitationDelivery::ByMail, clock::now()).await {
        // The id is not the address, which would be a replacement when it changes.
        Ok(_) | Err(AccountError::Refused(ChangeUserError::EmailTaken)) => {
            Ok(Resource { id: "first-admin".to_owned(), ..Resource::default() })
        }
        Err(error) => Err(error.into()),
    }
}
