//! Who may register.

use super::email::EmailAddress;

/// Who may register, as the operator decides.
///
/// | policy | who may register |
/// |---|---|
/// | `open` | everyone |
/// | `domains` | everyone with an address of one of the domains |
/// | `invited` | no one: admins invite people |
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistrationPolicy {
    /// Everyone may register.
    Open,
    /// Everyone with an address of one of these domains may register. Each is in lower case.
    Domains(Vec<String>),
    /// No one may register.
    Invited,
}

/// The reason why a registration is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationRefused {
    /// No one may register.
    #[error("no one may register")]
    Closed,
    /// The address is of another domain than these.
    #[error("the address is of none of these domains: {}", .0.join(", "))]
    OtherDomain(Vec<String>),
}

impl RegistrationPolicy {
    /// Parses the two settings: the policy, and the domains, separated by commas.
    ///
    /// # Errors
    /// Returns a sentence that says what is wrong.
    pub fn parse(policy: &str, domains: &str) -> Result<Self, String> {
        match policy {
            "open" => Ok(Self::Open),
            "invited" => Ok(Self::Invited),
            "domains" => {
                let domains = domains.split(',').map(|domain| domain.trim().to_lowercase());
                let domains: Vec<String> = domains.filter(|domain| !domain.is_empty()).collect();
                if domains.is_empty() { Err("there is no domain".to_owned()) } else { Ok(Self::Domains(domains)) }
            }
            other => Err(format!("the policy must be open, domains or invited, but is {other}")),
        }
    }

    /// Checks whether someone with this address may register. Subdomains are other domains.
    ///
    /// # Errors
    /// Fails if they may not.
    pub fn check(&self, email: &EmailAddress) -> Result<(), RegistrationRefused> {
        match self {
            Self::Open => Ok(()),
            Self::Domains(domains) if domains.contains(&email.domain()) => Ok(()),
            Self::Domains(domains) => Err(RegistrationRefused::OtherDomain(domains.clone())),
            Self::Invited => Err(RegistrationRefused::Closed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_policy_admits_its_addresses_and_no_others() {
        let closed = || Err(RegistrationRefused::Closed);
        let others = || Err(RegistrationRefused::OtherDomain(vec!["example.org".to_owned(), "b.co".to_owned()]));
        for (policy, domains, email, expected) in [
            ("open", "", "ana@example.org", Ok(())),
            ("open", "b.co", "ana@example.org", Ok(())),
            ("invited", "", "ana@example.org", closed()),
            ("invited", "example.org", "ana@example.org", closed()),
            ("domains", "example.org,b.co", "ana@example.org", Ok(())),
            ("domains", "Example.org, b.co,", "Ana@B.Co", Ok(())),
            ("domains", "example.org,b.co", "ana@mail.example.org", others()),
            ("domains", "example.org,b.co", "ana@badexample.org", others()),
            ("domains", "example.org,b.co", "ana@example.org.co", others()),
            ("domains", "example.org,b.co", "\"x@b.co\"@c.co", others()),
        ] {
            let policy = RegistrationPolicy::parse(policy, domains).unwrap();
            assert_eq!(policy.check(&EmailAddress::parse(email).unwrap()), expected, "{policy:?} {email}");
        }
    }

    #[test]
    fn an_unknown_policy_and_an_empty_list_of_domains_are_refused() {
        for (policy, domains) in [("", ""), ("Open", ""), ("closed", ""), ("domains", ""), ("domains", " , ")] {
            assert!(RegistrationPolicy::parse(policy, domains).is_err(), "{policy} {domains}");
        }
    }
}
