//! Password hashing: argon2id, stored as PHC strings.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{Error, PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use domain::user::{Password, SignInPassword};

use crate::clock;

/// The memory of one hash, in KiB: 46 MiB (OWASP ASVS 5.0 appendix C; OWASP Password Storage Cheat
/// Sheet).
const MEMORY_KIB: u32 = 46 * 1024;
/// The number of passes over that memory (same sources).
const PASSES: u32 = 1;
/// The number of lanes (same sources).
const LANES: u32 = 1;

/// The hash of a password that no one has, with the parameters above. An unknown address is
/// compared with it, so that it costs as much as a known one.
const DUMMY_HASH: &str =
    "$argon2id$v=19$m=47104,t=1,p=1$bm9ib2R5IGhhcyB0aGlzIQ$0R61awyt3UApJY6vNT3PW1Nh+u1SvaH2c2Xoycb5QE0";

fn argon2id() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| Error::ParamsInvalid)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password with a new random salt, and returns its PHC string.
///
/// # Errors
/// Fails if the operating system provides no random bytes or no memory.
pub fn hash(password: &Password) -> Result<String, Error> {
    phc_string(password.as_bytes())
}

/// Returns a PHC string with the parameters above that no known password matches: its salt and its
/// hash are random bytes.
#[must_use]
pub fn unmatched() -> String {
    let (salt, hash) = (clock::random::<16>(), clock::random::<32>());
    let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${hash}")
}

/// Hashes a password that was just verified, with a new random salt, and returns its PHC string.
///
/// # Errors
/// Fails if the operating system provides no random bytes or no memory.
pub fn rehash(password: &SignInPassword) -> Result<String, Error> {
    phc_string(password.as_bytes())
}

fn phc_string(password: &[u8]) -> Result<String, Error> {
    Ok(argon2id()?.hash_password(password)?.to_string())
}

/// The result of verifying a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordCheck {
    /// The password is wrong.
    Wrong,
    /// The password is right.
    Right,
    /// The password is right byte for byte as typed: it was hashed before passwords were
    /// normalised.
    RightAsTyped,
}

/// Verifies a password against a PHC string. If there is none, the password counts as wrong after
/// the same work. The work is one hash, and one more if the password was not typed in its normal
/// form, whatever is stored.
///
/// # Errors
/// Fails if the stored text is not a PHC string or there is no memory.
pub fn verify(password: &SignInPassword, stored_hash: Option<&str>) -> Result<PasswordCheck, Error> {
    let hash = PasswordHash::new(stored_hash.unwrap_or(DUMMY_HASH)).map_err(|_| Error::EncodingInvalid)?;
    let argon2id = argon2id()?;
    let is = |bytes: &[u8]| match argon2id.verify_password(bytes, &hash) {
        Ok(()) => Ok(stored_hash.is_some()),
        Err(Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(error),
    };
    if is(password.as_bytes())? {
        return Ok(PasswordCheck::Right);
    }
    let right_as_typed = password.as_typed().map(is).transpose()?.unwrap_or(false);
    Ok(if right_as_typed { PasswordCheck::RightAsTyped } else { PasswordCheck::Wrong })
}

/// Returns whether a stored hash was made with other parameters than the current ones.
#[must_use]
pub fn is_outdated(stored_hash: &str) -> bool {
    let now = Params::new(MEMORY_KIB, PASSES, LANES, None);
    let Ok(hash) = PasswordHash::new(stored_hash) else {
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

    fn hashed(password: &str) -> String {
        hash(&Password::parse(password).unwrap()).unwrap()
    }

    #[test]
    fn a_password_is_hashed_with_the_documented_parameters_and_verifies() {
        let stored_hash = hashed("correct horse battery");
        assert!(stored_hash.starts_with("$argon2id$v=19$m=47104,t=1,p=1$"), "{stored_hash}");
        assert_eq!(verify(&typed("correct horse battery"), Some(&stored_hash)).unwrap(), PasswordCheck::Right);
        assert_eq!(verify(&typed("correct horse batterz"), Some(&stored_hash)).unwrap(), PasswordCheck::Wrong);
    }

    #[test]
    fn no_password_matches_random_bytes_in_place_of_a_hash() {
        let stored_hash = unmatched();
        assert_ne!(stored_hash, unmatched());
        assert_eq!(verify(&typed("correct horse battery"), Some(&stored_hash)).unwrap(), PasswordCheck::Wrong);
        assert!(!is_outdated(&stored_hash), "it is compared like any other");
    }

    #[test]
    fn a_password_verifies_however_its_accents_and_spaces_are_typed() {
        let (composed, decomposed) = ("Größe, mañana é 1", "Gro\u{308}ße,\u{a0}man\u{303}ana e\u{301} 1");
        for stored_hash in [hashed(composed), hashed(decomposed)] {
            for password in [composed, decomposed] {
                assert_eq!(verify(&typed(password), Some(&stored_hash)).unwrap(), PasswordCheck::Right, "{password:?}");
            }
            assert_eq!(verify(&typed("Grosse, manana e 1"), Some(&stored_hash)).unwrap(), PasswordCheck::Wrong);
        }
        // A password that was hashed as typed is right only as typed.
        let before = phc_string(decomposed.as_bytes()).unwrap();
        assert_eq!(verify(&typed(decomposed), Some(&before)).unwrap(), PasswordCheck::RightAsTyped);
        assert_eq!(verify(&typed(composed), Some(&before)).unwrap(), PasswordCheck::Wrong);
        assert_eq!(verify(&typed(decomposed), None).unwrap(), PasswordCheck::Wrong);
    }

    #[test]
    fn a_hash_with_other_parameters_is_outdated() {
        assert!(!is_outdated(&hashed("correct horse battery")));
        assert!(!is_outdated(DUMMY_HASH));
        for (from, to) in
            [("m=47104", "m=19456"), ("t=1", "t=2"), ("p=1", "p=2"), ("argon2id", "argon2i"), ("v=19", "v=16")]
        {
            assert!(is_outdated(&DUMMY_HASH.replacen(from, to, 1)), "{to}");
        }
        assert!(is_outdated("nonsense"));
    }

    #[test]
    fn without_an_account_no_password_verifies() {
        assert_eq!(verify(&typed("correct horse battery"), None).unwrap(), PasswordCheck::Wrong);
    }
}
