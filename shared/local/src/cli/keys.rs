//! `cargo local rotate-key`: creates a signing key, and prints what to deploy so that valid tokens
//! are accepted during the rotation.

use local::keys::KeyRing;
use local::{Result, Stack};
use std::path::Path;

pub(crate) fn rotate(directory: &Path) -> Result<()> {
    let KeyRing { signing, verify_keys } = Stack::rotate_keys(directory)?;
    let directory = directory.display().to_string();
    if verify_keys == signing.jwks {
        print!("{}", first_key(&directory, &signing.key_id));
    } else {
        print!("{}", instructions(&directory, &signing.key_id, &signing.jwks, &verify_keys));
    }
    Ok(())
}

fn first_key(directory: &str, key_id: &str) -> String {
    format!(
        "\
Created the first signing key in this directory, {key_id}: {directory}/signing-key.pem

A deployment on AWS makes its first key itself. To exchange it for another, save its /.well-known/jwks.json as
{directory}/verify-keys.json, remove {directory}/signing-key.pem, and run this command again. It then prints the steps in which
both keys are accepted.
"
    )
}

fn instructions(directory: &str, key_id: &str, new_alone: &str, verify_keys: &str) -> String {
    let short = key_id.get(..8).unwrap_or(key_id);
    format!(
        "\
Created a new signing key, {key_id}: {directory}/signing-key.pem
Tokens are verified with the keys in {directory}/verify-keys.json.

On this machine: restart `cargo local`.

On AWS: docs/OPERATIONS.md says under Settings how to set a parameter. Finish each step before you begin the next, and wait at
least ten minutes after step 3 before you rotate the key again.

1. Let every function accept tokens that the new key signs. Set this, and deploy:
   TokenVerifyKeys: '{verify_keys}'
2. Store the private key under a new name, where the functions that issue tokens can read it:
   aws ssm put-parameter --type SecureString --name /helpdesk-dev/signing-key-{short} --value file://{directory}/signing-key.pem
   (for the stage dev; the names of another stage begin with its stack's name)
3. Sign tokens with the new key. Set this, and deploy:
   TokenSigningKeyName: /helpdesk-dev/signing-key-{short}
4. Wait ten minutes: then no valid token was signed with the old key. Set this, deploy, and delete the old SSM parameter:
   TokenVerifyKeys: '{new_alone}'
"
    )
}
