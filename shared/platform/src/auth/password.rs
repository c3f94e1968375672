//! Passwords: argon2id, kept as PHC strings.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{Error, PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::user::{Password, SignInPassword};

/// Memory of one hash, in KiB: 46 MiB (OWASP ASVS 5.0 appendix C; OWASP Password Storage Cheat Sheet).
const MEMORY_KIB: u32 = 46 * 1024;
/// Passes over that memory (the same).
const PASSES: u32 = 1;
/// Lanes (the same).
const LANES: u32 = 1;

/// The hash of a password nobody has, with the parameters above: what an unknown address is compared with, so that it costs what
/// a known one costs.
const NOBODYS_HASH: &str =
    "$argon2id$v=19$m=47104,t=1,p=1$bm9ib2R5IGhhcyB0aGlzIQ$0R61awyt3UApJY6vNT3PW1Nh+u1SvaH2c2Xoycb5QE0";

fn argon2id() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| Error::ParamsInvalid)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The PHC string to keep of a password, with a new random salt.
///
/// # Errors
/// The operating system gives no random bytes or no memory.
pub fn hash(password: &Password) -> Result<String, Error> {
    phc_string(password.as_bytes())
}

/// The PHC string to keep of a password that was just found right, with a new random salt.
///
/// # Errors
/// The operating system gives no random bytes or no memory.
pub fn rehash(password: &SignInPassword) -> Result<String, Error> {
    phc_string(password.as_bytes())
}

fn phc_string(password: &[u8]) -> Result<String, Error> {
    Ok(argon2id()?.hash_password(password)?.to_string())
}

/// Whether the password is the one that was hashed. Without a hash to compare with the answer is no, after the same work.
///
/// # Errors
/// What is kept is no PHC string, or there is no memory.
pub fn verify(password: &SignInPassword, kept: Option<&str>) -> Result<bool, Error> {
    let hash = PasswordHash::new(kept.unwrap_or(NOBODYS_HASH)).map_err(|_| Error::EncodingInvalid)?;
    match argon2id()?.verify_password(password.as_bytes(), &hash) {
        Ok(()) => Ok(kept.is_some()),
        Err(Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether what is kept of a password was made with other parameters than a hash of today.
#[must_use]
pub fn is_outdated(kept: &str) -> bool {
    let now = Params::new(MEMORY_KIB, PASSES, LANES, None);
    let Ok(hash) = PasswordHash::new(kept) else {
        return true;
    };
    let same = Params::try_from(&hash).is_ok_and(|params| {
        now.is_ok_and(|now| {
            (params.m_cost(), params.t_cost(), params.p_cost()) == (now.m_cost(), now.t_cost(), now.p_cost())
        })
    });
    let current = hash.algorithm == Algorithm::Argon2id.ident() && hash.version == Some(Version::V0x13.into());
    !(same && current)
}

#[cfg(test)]
mod tests {
    use domain::user::Credentials;
    use serde_json::json;

    use super::*;

    fn typed(password: &str) -> SignInPassword {
        let body = json!({"email": "ana@example.org", "password": password});
        Credentials::from_body(body).unwrap().password
    }

    #[test]
    fn a_password_is_kept_with_the_documented_parameters_and_found_again() {
        let kept = hash(&Password::parse("correct horse battery".to_owned()).unwrap()).unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=47104,t=1,p=1$"), "{kept}");
        assert!(verify(&typed("correct horse battery"), Some(&kept)).unwrap());
        assert!(!verify(&typed("correct horse batterz"), Some(&kept)).unwrap());
    }

    #[test]
    fn a_hash_with_other_parameters_is_outdated() {
        assert!(!is_outdated(&hash(&Password::parse("correct horse battery".to_owned()).unwrap()).unwrap()));
        assert!(!is_outdated(NOBODYS_HASH));
        for (from, to) in
            [("m=47104", "m=19456"), ("t=1", "t=2"), ("p=1", "p=2"), ("argon2id", "argon2i"), ("v=19", "v=16")]
        {
            assert!(is_outdated(&NOBODYS_HASH.replacen(from, to, 1)), "{to}");
        }
        assert!(is_outdated("nonsense"));
    }

    #[test]
    fn without_an_account_no_password_is_right() {
        assert!(!verify(&typed("correct horse battery"), None).unwrap());
    }
}
