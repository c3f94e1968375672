use serde_json::json;

use super::*;
use crate::permission::Scope;
use crate::samples::{ada, minute, tina};
use crate::user::EmailAddress;
use crate::webhook::{DisabledReason, NewWebhook, Reach, WebhookSecret, WebhookUrl};

fn actions() -> Vec<AuditAction> {
    let session_id = SessionId::from_bytes([5; 16]);
    vec![
        AuditAction::Registered,
        AuditAction::AdminCreated,
        AuditAction::Invited { role: Role::Technician },
        AuditAction::InvitationAccepted,
        AuditAction::InvitationWithdrawn,
        AuditAction::ProfileChanged { fields: vec![ProfileField::Name, ProfileField::Email] },
        AuditAction::EmailChangeRequested,
        AuditAction::EmailChangeCancelled,
        AuditAction::RoleChanged { from: Role::User, to: Role::Technician },
        AuditAction::Deactivated,
        AuditAction::Reactivated,
        AuditAction::PasswordChanged,
        AuditAction::PasswordReset,
        AuditAction::SignedIn { session_id },
        AuditAction::SessionEnded { session_id },
        AuditAction::RefreshTokenReused { session_id },
        AuditAction::TokenCreated {
            token_id: TokenId::from_bytes([6; 16]),
            scopes: [Scope::Work].into_iter().collect(),
        },
        AuditAction::TokenRevoked { token_id: TokenId::from_bytes([6; 16]) },
        AuditAction::ServiceAccountCreated { role: Role::Technician },
        AuditAction::WebhookCreated,
        AuditAction::WebhookUpdated {
            fields: vec![WebhookField::Url, WebhookField::Events, WebhookField::Description, WebhookField::Enabled],
        },
        AuditAction::WebhookDeleted,
        AuditAction::WebhookSecretRotated,
    ]
}

fn account() -> User {
    let tina = tina();
    User::register(tina.id, tina.name, EmailAddress::parse("tina@example.org").unwrap(), tina.role, minute(0))
}

fn webhook() -> Webhook {
    let new = NewWebhook::from_body(json!({"url": "https://example.org/hook"}), Reach::Public).unwrap();
    new.into_webhook(WebhookId::from_bytes([1; 16]), WebhookSecret::new([7; 32]), minute(0))
}

#[test]
fn every_action_is_read_as_it_was_written() {
    let subject = AuditSubject::account(&tina());
    let mut names = Vec::new();
    for action in actions() {
        let ada = ada();
        let entry = AuditEntry::new(Actor::of(&ada), subject.clone(), action, minute(9), [9; UUID_RANDOM_BYTES]);
        let record: AuditRecord = serde_json::from_value(serde_json::to_value(&entry).unwrap()).unwrap();
        assert_eq!((record.id, record.at, &record.actor, record.token_id), (entry.id, minute(9), &ada, None));
        assert_eq!(record.id.at(), record.at, "the id holds the time");
        assert_eq!(Value::Object(record.subject), json!({"kind": "account", "id": tina().id, "name": "Tina"}));
        names.push(record.action);
    }
    assert_eq!(names, AuditAction::NAMES);
}

#[test]
fn an_entry_names_the_token_of_a_program_and_nothing_if_there_was_none() {
    let (ada, token) = (ada(), TokenId::from_bytes([6; 16]));
    let scopes = [Scope::Administer].into_iter().collect();
    for (actor, token) in [(Actor::with_token(&ada, token, scopes), Some(token)), (Actor::of(&ada), None)] {
        let subject = AuditSubject::account(&tina());
        let entry = AuditEntry::new(actor, subject, AuditAction::Deactivated, minute(9), [9; UUID_RANDOM_BYTES]);
        let written = serde_json::to_value(&entry).unwrap();
        assert_eq!(written.get("token_id"), token.map(|token| json!(token)).as_ref(), "as before, if there was none");
        assert_eq!(serde_json::from_value::<AuditRecord>(written).unwrap().token_id, token);
    }
}

#[test]
fn an_action_holds_roles_sessions_and_names_of_fields() {
    let written = |action: &AuditAction| serde_json::to_value(action).unwrap()["data"].clone();
    let session = json!({"session_id": "05050505-0505-0505-0505-050505050505"});
    for (action, data) in [
        (2, json!({"role": "technician"})),
        (5, json!({"fields": ["name", "email"]})),
        (8, json!({"from": "user", "to": "technician"})),
        (9, Value::Null),
        (13, session.clone()),
        (14, session.clone()),
        (15, session),
        (16, json!({"token_id": "06060606-0606-0606-0606-060606060606", "scopes": ["work"]})),
        (17, json!({"token_id": "06060606-0606-0606-0606-060606060606"})),
        (18, json!({"role": "technician"})),
        (20, json!({"fields": ["url", "events", "description", "enabled"]})),
    ] {
        assert_eq!(written(&actions()[action]), data);
    }
}

#[test]
fn an_entry_of_a_newer_version_is_read() {
    let newer = json!({
        "id": EventId::new(minute(9), [9; UUID_RANDOM_BYTES]), "at": minute(9), "actor": ada(),
        "subject": {"kind": "team", "id": 7}, "type": "team_created", "data": {"size": 3}, "colour": "green"
    });
    let record: AuditRecord = serde_json::from_value(newer).unwrap();
    assert_eq!((record.action.as_str(), &record.data["size"]), ("team_created", &json!(3)));
    assert_eq!(record.subject["kind"], "team");
}

#[test]
fn the_actions_of_an_account_change_follow_from_what_differs() {
    let tina = account();
    let named = User { name: ada().name, ..tina.clone() };
    let moved = User { email: EmailAddress::parse("t@example.org").ok(), ..named.clone() };
    let promoted = User { role: Role::Admin, active: false, ..moved.clone() };
    let invited = User::invited(tina.id, tina.name.clone(), tina.email.clone().unwrap(), tina.role, minute(0));
    let profile = |fields: &[ProfileField]| AuditAction::ProfileChanged { fields: fields.to_vec() };
    let all = [ProfileField::Name, ProfileField::Email];
    let role_changed = AuditAction::RoleChanged { from: Role::Technician, to: Role::Admin };
    for (old, new, actions) in [
        (&tina, &tina, vec![]),
        (&tina, &named, vec![profile(&all[..1])]),
        (&named, &moved, vec![profile(&all[1..])]),
        (&tina, &moved, vec![profile(&all)]),
        (&tina, &promoted, vec![profile(&all), role_changed, AuditAction::Deactivated]),
        (&User { active: false, ..tina.clone() }, &tina, vec![AuditAction::Reactivated]),
        (&invited, &invited.deactivated(minute(9)), vec![AuditAction::InvitationWithdrawn]),
    ] {
        assert_eq!(AuditAction::of_account_change(old, new), actions);
    }
    let later = User { updated_at: minute(9), ..tina.clone() };
    assert_eq!(AuditAction::of_account_change(&tina, &later), [], "the time alone is no change");
}

#[test]
fn the_actions_of_a_webhook_change_follow_from_what_differs() {
    let hook = webhook();
    let url = Webhook { url: WebhookUrl::parse("https://example.net/").unwrap(), ..hook.clone() };
    let off = Webhook { disabled: Some(DisabledReason::SwitchedOff), ..hook.clone() };
    let failing = Webhook { failing_since: Some(minute(3)), ..hook.clone() };
    let rotated = hook.with_secret(WebhookSecret::new([8; 32]), minute(9));
    let updated = |field: WebhookField| AuditAction::WebhookUpdated { fields: vec![field] };
    for (old, new, actions) in [
        (&hook, &hook, vec![]),
        (&hook, &url, vec![updated(WebhookField::Url)]),
        (&failing, &url, vec![updated(WebhookField::Url)]),
        (&hook, &off, vec![updated(WebhookField::Enabled)]),
        (&failing, &hook, vec![updated(WebhookField::Enabled)]),
        (&hook, &rotated, vec![AuditAction::WebhookSecretRotated]),
    ] {
        assert_eq!(AuditAction::of_webhook_change(old, new), actions);
    }
}
