//! Names and credentials, and the bodies of the requests that hold them.

use serde_json::{Value, json};

use super::*;
use crate::field::{FromField as _, Violations};
use crate::id::UserId;
use crate::language::Language;
use crate::text::PersonName;
use crate::time::Timestamp;

#[test]
fn addresses_are_compared_case_insensitively_and_kept_as_written() {
    let address = EmailAddress::parse("Ana.Lima@Example.ORG").unwrap();
    assert_eq!(address.as_str(), "Ana.Lima@Example.ORG");
    assert_eq!(address.normalised(), "ana.lima@example.org");
}

#[test]
fn whitespace_around_an_address_is_ignored_wherever_one_is_entered() {
    for text in [" ana@example.org", "ana@example.org\n", "\t\u{a0}ana@example.org\u{200b} ", "\u{feff}ana@example.org"]
    {
        assert_eq!(EmailAddress::parse(text).unwrap().as_str(), "ana@example.org", "{text:?}");
        assert_eq!(SignInEmail::from_field(json!(text)).unwrap().normalised(), "ana@example.org", "{text:?}");
    }
    let longest = format!(" {} ", "a".repeat(EmailAddress::CHARACTERS_MAX));
    assert!(SignInEmail::from_field(json!(longest)).is_ok(), "removed characters do not count");
}

#[test]
fn an_invalid_address_is_refused() {
    for text in [
        "",
        "ana",
        "ana@",
        "@example.org",
        "a b@example.org",
        "Ana <ana@example.org>",
        "ana@[127.0.0.1]",
        "ana@exam\u{200b}ple.org",
        "ana@-example.org",
        "ana@example-.org",
        "ana@example..org",
        "ana@example.org bea@example.org",
    ] {
        assert!(EmailAddress::parse_for_lookup(text).is_err(), "{text:?}");
        assert!(EmailAddress::parse(text).is_err(), "{text:?}");
    }
    assert!(EmailAddress::parse(&format!("{}@{}.org", "a".repeat(64), "b".repeat(200))).is_err());
}

#[test]
fn an_address_that_cannot_be_mailed_is_refused_but_can_be_looked_up() {
    let unmailable = [
        ("\"a b1\"@b.co", "spaces"),
        ("\" 1\"@b.co", "spaces"),
        ("\"tab\t1\"@b.co", "spaces"),
        ("ana@b_c.co", "domain"),
        ("ana@b!c.co", "domain"),
    ];
    for (text, fault) in unmailable {
        let found = EmailAddress::parse(text).unwrap_err();
        assert!(found.contains(fault), "{text}: {found}");
    }
    // Earlier rules accepted these.
    for (text, _) in unmailable {
        assert_eq!(EmailAddress::parse_for_lookup(text).unwrap().as_str(), text);
        assert_eq!(serde_json::from_value::<EmailAddress>(json!(text)).unwrap().as_str(), text);
    }
    for text in ["\"q\\\"1\"@b.co", "\"a,b\"@b.co", "\"a@b\"@b.co", "\"<x>\"@b.co", "o'neil+x=y@b-c.co", "a@1.co"] {
        assert_eq!(EmailAddress::parse(text).unwrap().as_str(), text);
    }
}

#[test]
fn passwords_have_12_to_256_characters_of_any_kind() {
    for (text, accepted) in [
        ("eleven char".to_owned(), false),
        ("twelve chars".to_owned(), true),
        ("пароль пароль".to_owned(), true),
        ("🔑".repeat(256), true),
        ("🔑".repeat(257), false),
        ("Password1234".to_owned(), false),
        ("password12345678".to_owned(), false),
        ("qwertyuiop123".to_owned(), false),
        // A password is counted and looked up in its normal form.
        ("e\u{301}".repeat(6), false),
        ("e\u{301}".repeat(256), true),
        ("Did\u{a0}not\u{2009}renew".to_owned(), false),
        ("\u{958}".repeat(129), false),
    ] {
        assert_eq!(Password::parse(&text).is_ok(), accepted, "{text}");
    }
}

#[test]
fn debug_output_hides_passwords() {
    let secret = "correct horse battery";
    let shown = format!("{:?} {:?}", Password::parse(secret).unwrap(), SignInPassword::new(secret.to_owned()));
    assert!(!shown.contains("horse"), "{shown}");
}

fn shown(violations: &Violations) -> Vec<String> {
    let faults = violations.as_slice().iter();
    faults.map(|fault| format!("{} {}", fault.pointer, fault.detail)).collect()
}

/// Reads a registration with these fields added or overridden.
fn new_account(fields: Value) -> Result<NewAccount, Vec<String>> {
    let body = json!({
        "name": "Ana", "email": "ana@example.org", "password": "correct horse battery"
    });
    NewAccount::from_body(merged(body, fields)).map_err(|violations| shown(&violations))
}

/// Reads a sign-in with these fields added or overridden.
fn credentials(fields: Value) -> Result<Credentials, Vec<String>> {
    let body = json!({"email": "ana@example.org", "password": "correct horse battery"});
    Credentials::from_body(merged(body, fields)).map_err(|violations| shown(&violations))
}

fn merged(mut body: Value, fields: Value) -> Value {
    let Value::Object(fields) = fields else {
        return fields;
    };
    body.as_object_mut().unwrap().extend(fields);
    body
}

#[test]
fn a_registration_has_a_name_an_address_and_a_password() {
    let read = new_account(json!({})).unwrap();
    assert_eq!(read.name.as_str(), "Ana");
    assert_eq!(read.email.as_str(), "ana@example.org");
    assert_eq!(read.password.as_bytes(), b"correct horse battery");
}

#[test]
fn faults_of_a_registration_are_reported_together_without_the_password() {
    let found = new_account(json!({"name": " ", "email": "ana", "password": "hunter2", "role": "admin"}));
    assert_eq!(
        found.unwrap_err(),
        [
            "/name must not be blank",
            "/email must be an e-mail address such as ana@example.org",
            "/password must be 12 to 256 characters long, but is 7",
            "/role is not a field of this request",
        ]
    );
    let found = NewAccount::from_body(json!({})).unwrap_err();
    assert_eq!(shown(&found), ["/name is required", "/email is required", "/password is required"]);
    let found = NewAccount::from_body(json!("Ana")).unwrap_err();
    assert_eq!(shown(&found), [" the request body must be an object, not a string"]);
}

#[test]
fn a_registration_with_a_password_is_told_where_it_is_chosen() {
    let body = json!({"name": "Ana", "email": "ana@example.org"});
    let registration = Registration::from_body(body).unwrap();
    assert_eq!((registration.name.as_str(), registration.email.as_str()), ("Ana", "ana@example.org"));
    let body = json!({"name": " ", "email": "ana@example.org", "password": "correct horse battery"});
    assert_eq!(
        shown(&Registration::from_body(body).unwrap_err()),
        [
            "/name must not be blank",
            "/password is not sent here: it is chosen with the link that is mailed to the address",
        ]
    );
}

#[test]
fn fields_set_by_the_service_cannot_be_sent() {
    for name in ["id", "role", "active", "status", "version", "created_at", "updated_at"] {
        let expected = [format!("/{name} is not a field of this request")];
        assert_eq!(new_account(json!({name: "admin"})).unwrap_err(), expected);
        assert_eq!(credentials(json!({name: "admin"})).unwrap_err(), expected);
    }
}

#[test]
fn a_registration_needs_an_address_that_can_be_mailed() {
    let parse = |text: &str| EmailAddress::parse(text);
    for (refused, expected) in [
        ("ü@example.org", "ASCII"),
        ("ana@bücher.example", "xn--bcher-kva.example"),
        ("ana@localhost", "such as ana@example.org"),
        ("Ana <ana@example.org>", "such as ana@example.org"),
        ("ana@[127.0.0.1]", "such as ana@example.org"),
    ] {
        let sentence = parse(refused).unwrap_err();
        assert!(sentence.contains(expected), "{refused}: {sentence}");
    }
    for valid in ["ana+desk@example.org", "ana@xn--bcher-kva.example", "o'hara@mail.example.co.uk"] {
        assert_eq!(parse(valid).unwrap().as_str(), valid);
    }
}

/// Returns an address of that many characters, with labels no longer than a domain allows (RFC 1035
/// §2.3.4).
fn address(characters: usize) -> String {
    let label = "b".repeat(60);
    let begin = format!("{}@{label}.{label}.{label}.", "a".repeat(60));
    format!("{begin}{}", "c".repeat(characters - begin.len()))
}

#[test]
fn limits_of_a_registration_hold_at_the_boundary() {
    for (field, accepted, refused) in [
        ("name", "ü".repeat(100), "ü".repeat(101)),
        ("name", "A".to_owned(), String::new()),
        ("email", address(254), address(255)),
        ("password", "🔑".repeat(12), "🔑".repeat(11)),
        ("password", "🔑".repeat(256), "🔑".repeat(257)),
    ] {
        assert!(new_account(json!({field: accepted})).is_ok(), "{field} {accepted}");
        let found = new_account(json!({field: refused})).unwrap_err();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(&format!("/{field} must ")), "{found:?}");
    }
}

#[test]
fn any_bounded_string_may_be_used_in_a_sign_in_attempt() {
    let read = credentials(json!({"email": "ANA", "password": ""})).unwrap();
    assert_eq!((read.email.normalised().as_str(), read.password.as_bytes()), ("ana", &b""[..]));
    for (field, longest) in [("email", 254), ("password", 256)] {
        assert!(credentials(json!({field: "ü".repeat(longest)})).is_ok(), "{field}");
        assert_eq!(
            credentials(json!({field: "ü".repeat(longest + 1)})).unwrap_err(),
            [format!("/{field} must be at most {longest} characters long")]
        );
    }
    // Either form may be the one that was set.
    for password in ["e\u{301}".repeat(256), "\u{958}".repeat(256)] {
        assert!(credentials(json!({"password": password})).is_ok());
    }
    assert!(credentials(json!({"password": "e\u{301}".repeat(257)})).is_err());
}

#[test]
fn all_faults_of_a_sign_in_are_reported_at_once() {
    let found = credentials(json!({"email": 1, "password": null, "remember": true}));
    assert_eq!(
        found.unwrap_err(),
        [
            "/email must be a string, not a number",
            "/password must be a string, not null",
            "/remember is not a field of this request",
        ]
    );
}

#[test]
fn only_an_active_technician_counts_as_a_technician() {
    for role in Role::ALL {
        for active in [true, false] {
            let email = EmailAddress::parse("ana@example.org").unwrap();
            let name = PersonName::parse("Ana".to_owned()).unwrap();
            let now = Timestamp::from_unix_milliseconds(0).unwrap();
            let mut user = User::register(UserId::from_bytes([1; 16]), name, email, role, now);
            assert!(user.active, "a new account may sign in");
            user.active = active;
            let expected = active && role == Role::Technician;
            assert_eq!(user.is_active_technician(), expected, "{role:?} {active}");
        }
    }
}

fn ana(role: Role) -> User {
    let email = EmailAddress::parse("Ana@example.org").unwrap();
    let name = PersonName::parse("Ana".to_owned()).unwrap();
    User::register(UserId::from_bytes([1; 16]), name, email, role, Timestamp::UNIX_EPOCH)
}

#[test]
fn a_patch_changes_only_the_fields_it_names() {
    let now = Timestamp::UNIX_EPOCH.plus_seconds(60);
    let patched = |body: Value| ana(Role::User).patched(&UserPatch::from_body(body).unwrap(), now);
    assert_eq!(patched(json!({})), ana(Role::User));
    assert_eq!(
        patched(json!({"name": "Ana", "email": "Ana@example.org"})),
        ana(Role::User),
        "not even the time of the update"
    );
    let renamed = patched(json!({"name": "Bea"}));
    assert_eq!((renamed.name.as_str(), renamed.stored_email(), renamed.updated_at), ("Bea", "Ana@example.org", now));
    let to_move = patched(json!({"email": "bea@example.org"}));
    let pending = to_move.pending_email.as_ref().map(EmailAddress::as_str);
    assert_eq!((to_move.stored_email(), pending), ("Ana@example.org", Some("bea@example.org")));
    let moved = to_move.with_verified_email(now).unwrap();
    assert_eq!((moved.stored_email(), &moved.pending_email), ("bea@example.org", &None));
    let patch = UserPatch::from_body(json!({"email": "ANA@example.org"})).unwrap();
    let ended = to_move.patched(&patch, now);
    assert_eq!((ended.pending_email, ended.pending_since), (None, None), "the present address ends the change");
    let (same, later) = (UserPatch::from_body(json!({"email": "bea@example.org"})).unwrap(), now.plus_seconds(1));
    assert_eq!(to_move.patched(&same, later), to_move, "the same address again is the same change");
    assert_eq!(ana(Role::User).patched(&same, later).pending_since, Some(later));
    let gone = to_move.deactivated(now);
    assert_eq!((&gone.pending_email, gone.pending_since), (&None, None), "nothing is pending for an inactive account");
    assert_eq!(gone.patched(&same, now).with_verified_email(now), None, "until it is active");
    assert_eq!(moved.with_verified_email(now), None);
    let moved = patched(json!({"email": "ana@example.org"}));
    assert_eq!((moved.name.as_str(), moved.stored_email(), moved.updated_at), ("Ana", "ana@example.org", now));
}

#[test]
fn a_service_account_has_no_address_and_gets_none() {
    let later = Timestamp::UNIX_EPOCH.plus_seconds(60);
    let User { id, name, role, created_at, .. } = ana(Role::Technician);
    let service = User::service(id, name, role, created_at);
    assert!(service.is_service() && !ana(Role::Technician).is_service());
    let patched = |body: Value| service.patched(&UserPatch::from_body(body).unwrap(), later);
    assert_eq!(patched(json!({"name": "Bea", "email": "bea@example.org"})), service, "nothing of the patch is done");
    let renamed = patched(json!({"name": "Bea"}));
    assert_eq!((renamed.name.as_str(), renamed.is_service(), renamed.updated_at), ("Bea", true, later));
}

#[test]
fn a_version_without_service_accounts_reads_and_keeps_them() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct OldUser {
        email: EmailAddress,
        #[serde(flatten)]
        others: serde_json::Map<String, Value>,
    }
    let User { id, name, role, created_at, .. } = ana(Role::User);
    let service = User::service(id, name, role, created_at);
    let stored = serde_json::to_value(&service).unwrap();
    assert_eq!(stored["email"], "");
    let read_by_old: OldUser = serde_json::from_value(stored.clone()).unwrap();
    let written_by_old = serde_json::to_value(read_by_old).unwrap();
    assert_eq!(written_by_old, stored);
    assert_eq!(serde_json::from_value::<User>(written_by_old).unwrap(), service);
    let person = serde_json::to_value(ana(Role::User)).unwrap();
    assert_eq!(person["email"], "Ana@example.org");
    assert_eq!(serde_json::from_value::<User>(person).unwrap(), ana(Role::User));
}

#[test]
fn a_patch_cannot_remove_fields_and_all_its_faults_are_reported() {
    let found = |read: fn(Value) -> Result<UserPatch, Violations>, body| shown(&read(body).unwrap_err());
    assert_eq!(
        found(UserPatch::from_body, json!({"name": null, "email": null, "role": "admin"})),
        [
            "/name must be a string, not null",
            "/email must be a string, not null",
            "/role is not a field of this request"
        ]
    );
    assert_eq!(
        found(UserPatch::from_body_for_self, json!({"email": "x@example.org"})),
        ["/email is not a field of this request"]
    );
}

#[test]
fn a_change_without_effect_leaves_the_account_untouched() {
    let now = Timestamp::UNIX_EPOCH.plus_seconds(60);
    assert_eq!(ana(Role::User).with_role(Role::User, now), ana(Role::User));
    let promoted = ana(Role::User).with_role(Role::Admin, now);
    assert_eq!((promoted.role, promoted.updated_at), (Role::Admin, now));
    let inactive = ana(Role::User).deactivated(now);
    assert_eq!((inactive.active, inactive.updated_at), (false, now));
    assert_eq!(inactive.deactivated(now.plus_seconds(1)), inactive);
}

#[test]
fn debug_output_of_a_reset_hides_token_and_password() {
    let body = json!({"token": "a-secret-token", "password": "correct horse battery"});
    let shown = format!("{:?}", PasswordReset::from_body(body).unwrap());
    assert!(!shown.contains("secret") && !shown.contains("horse"), "{shown}");
}

#[test]
fn a_stored_address_is_not_validated_by_the_current_rules() {
    for text in ["ana@bücher.example", "root@localhost", ""] {
        assert!(EmailAddress::from_field(json!(text)).is_err(), "{text:?}");
        assert_eq!(serde_json::from_value::<EmailAddress>(json!(text)).unwrap().as_str(), text);
    }
}

#[test]
fn the_help_desks_own_name_is_valid_and_its_id_is_not_an_account_id() {
    let desk = Person::system();
    assert_eq!(PersonName::parse(desk.name.as_str().to_owned()), Ok(desk.name.clone()));
    assert_eq!(Role::named(desk.role.as_str()), None);
    assert_eq!(desk.id.at(), Timestamp::UNIX_EPOCH);
}

#[test]
fn only_accepting_activates_an_invited_account() {
    let User { id, name, email, role, .. } = ana(Role::Technician);
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let (now, later) = (at("2026-01-15T09:00:00.000Z"), at("2026-01-16T09:00:00.000Z"));
    let invited = User::invited(id, name, email.unwrap(), role, now);
    assert!(invited.is_invited() && !invited.active && !invited.is_active_technician());
    let withdrawn = invited.deactivated(later);
    assert_eq!((withdrawn.active, withdrawn.invitation), (false, Some(Invitation::Withdrawn)));
    assert_eq!(withdrawn.deactivated(later), withdrawn);
    let again = withdrawn.invited_again(later).unwrap();
    assert!(again.is_invited() && !again.active);
    let accepted = again.accepted(later);
    assert!(accepted.active && accepted.invitation.is_none() && accepted.updated_at == later);
    for settled in [&accepted, &accepted.deactivated(later)] {
        assert_eq!(settled.invitation, None);
        assert_eq!(settled.invited_again(later), None);
    }
    for user in [&invited, &withdrawn, &accepted] {
        let stored = serde_json::to_value(user).unwrap();
        assert_eq!(stored.get("invitation"), user.invitation.map(|state| json!(state.as_str())).as_ref());
        assert_eq!(serde_json::from_value::<User>(stored).unwrap(), *user);
    }
}

#[test]
fn an_invitation_has_a_name_an_address_a_role_and_may_have_a_language() {
    let new = |body: Value| NewUser::from_body(body).map_err(|violations| shown(&violations));
    let noah = json!({"name": "Noah", "email": "noah@example.org", "role": "admin"});
    assert_eq!(new(noah.clone()).unwrap().language, None);
    let new_user = new(merged(noah.clone(), json!({"language": "pt-BR"}))).unwrap();
    assert_eq!(new_user.language, Some(Language::BrazilianPortuguese));
    assert_eq!(new_user.role, Role::Admin);
    for (fields, pointer) in [
        (json!({"role": "system"}), "/role"),
        (json!({"role": null}), "/role"),
        (json!({"language": "fr"}), "/language"),
        (json!({"password": "a long walk by the sea"}), "/password"),
        (json!({"active": true}), "/active"),
    ] {
        let found = new(merged(noah.clone(), fields)).unwrap_err();
        assert!(found.len() == 1 && found[0].starts_with(pointer), "{found:?}");
    }
}
