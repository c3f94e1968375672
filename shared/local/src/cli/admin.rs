//! The first admin of a local help desk.

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use local::keys::{read_if_there, write_private};
use local::{Error, Result, Stack};
use serde_json::{Value, json};
use std::path::Path;

/// Random bytes of a password: 24 characters.
const PASSWORD_BYTES: usize = 18;

#[derive(Debug, Clone)]
pub(crate) struct Admin {
    pub(crate) email: String,
    pub(crate) password: String,
}

impl Admin {
    /// Reads the credentials from the file at `path`. Returns `None` if there is no file.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>> {
        let Some(text) = read_if_there(path)? else { return Ok(None) };
        let broken =
            || Error::new(format!("{} is damaged. Remove it and try again: a new admin is created.", path.display()));
        let value: Value = serde_json::from_str(&text).map_err(|_| broken())?;
        let field = |name: &str| value[name].as_str().map(str::to_owned).ok_or_else(broken);
        Ok(Some(Self { email: field("email")?, password: field("password")? }))
    }

    /// Reads the credentials at `path`, and registers the admin again if the data is gone. On the
    /// first start, creates an admin and writes the credentials to `path`, readable by the owner
    /// only.
    pub(crate) async fn read_or_create(path: &Path, stack: &Stack) -> Result<Self> {
        if let Some(admin) = Self::read(path)? {
            return match admin.register(stack).await {
                Err(error) if !is_there(&error) => Err(error),
                _ => Ok(admin),
            };
        }
        let admin = Self::create(stack).await?;
        let text = json!({ "email": admin.email, "password": admin.password });
        write_private(path, &format!("{text:#}\n"))?;
        Ok(admin)
    }

    pub(crate) async fn create(stack: &Stack) -> Result<Self> {
        let password = random(PASSWORD_BYTES)?;
        let first = Self { email: "admin@example.com".to_owned(), password };
        match first.register(stack).await {
            Ok(()) => Ok(first),
            // The file was lost, but the data was not: a second admin is created.
            Err(error) if is_there(&error) => {
                let email = format!("admin-{}@example.com", random(6)?.to_lowercase().replace(['-', '_'], "0"));
                let other = Self { email, ..first };
                other.register(stack).await?;
                Ok(other)
            }
            Err(error) => Err(Error::new(format!("Could not create the admin: {error}"))),
        }
    }

    async fn register(&self, stack: &Stack) -> Result<()> {
        let payload = json!({ "name": "Administrator", "email": self.email, "password": self.password });
        stack.invoke("users-create-admin", &payload).await.map(drop)
    }
}

/// Returns whether the error says that an account with this address exists.
fn is_there(error: &Error) -> bool {
    error.to_string().contains("email-taken")
}

/// Returns `bytes` random bytes in base64url.
pub(crate) fn random(bytes: usize) -> Result<String> {
    let mut buffer = vec![0; bytes];
    rand::fill(&mut buffer).map_err(|_| Error::new("The system returned no random bytes."))?;
    Ok(URL_SAFE_NO_PAD.encode(buffer))
}
