//! `cargo local rotate-key`: a new signing key, and what to deploy so that no good token is refused meanwhile.

use local::keys::KeyRing;
use local::{Result, Stack};
use std::path::Path;

/// Makes the key and says what to do with it.
pub(crate) fn rotate(directory: &Path) -> Result<()> {
    let KeyRing { signing, verify_keys } = Stack::rotate_keys(directory)?;
    let directory = directory.display().to_string();
    if verify_keys == signing.jwks {
        print!("{}", first_key(&directory, &signing.key_id, &verify_keys));
    } else {
        print!("{}", instructions(&directory, &signing.key_id, &signing.jwks, &verify_keys));
    }
    Ok(())
}

fn first_key(directory: &str, key_id: &str, verify_keys: &str) -> String {
    format!(
        "\
The first signing key here, {key_id}, is in {directory}/signing-key.pem.

Where tokens are signed with another key already, they would all be refused. Put that deployment's /.well-known/jwks.json into
{directory}/verify-keys.json, remove {directory}/signing-key.pem, and run this again: both keys are accepted then.

On AWS, for a first deployment: keep the private key,
   aws ssm put-parameter --type SecureString --name /helpdesk-dev/signing-key --value file://{directory}/signing-key.pem
(another stage has another name: TokenSigningKeyName in samconfig.toml), write into parameters-dev.yaml
   TokenVerifyKeys: '{verify_keys}'
and deploy.
"
    )
}

fn instructions(directory: &str, key_id: &str, new_alone: &str, verify_keys: &str) -> String {
    let short = key_id.get(..8).unwrap_or(key_id);
    format!(
        "\
A new signing key, {key_id}, is in {directory}/signing-key.pem; the keys that tokens are checked with are in {directory}/verify-keys.json.

On this machine: start `cargo local` again.

On AWS, each step once the one before is done, and the next exchange not within ten minutes of step 3:

1. Every function checks tokens with the new key too. Write into parameters-dev.yaml, and deploy:
   TokenVerifyKeys: '{verify_keys}'
2. Keep the private key where the functions that issue tokens may read it, under a name of its own:
   aws ssm put-parameter --type SecureString --name /helpdesk-dev/signing-key-{short} --value file://{directory}/signing-key.pem
   (for the stage dev; another stage's names begin with its own stack's name, as in samconfig.toml)
3. Tokens are signed with it. Write into parameters-dev.yaml, and deploy:
   TokenSigningKeyName: /helpdesk-dev/signing-key-{short}
4. Ten minutes later no good token needs the old key. Write into parameters-dev.yaml, deploy, and delete the old SSM parameter:
   TokenVerifyKeys: '{new_alone}'
"
    )
}
