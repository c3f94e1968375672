//! Compares docs/openapi.yaml with the rules in the code.

use std::collections::BTreeSet;

use contract::Contract;
use domain::audit::AuditAction;
use domain::language::Language;
use domain::lifecycle::{EventType, Status};
use domain::permission::{PermittedBy, Scope};
use domain::text::{Category, Description, PersonName, Resolution, Tag, Title, TokenName, WebhookDescription};
use domain::ticket::Priority;
use domain::user::Role;
use domain::webhook::WebhookUrl;
use endpoints::row::Row;
use endpoints::table::ENDPOINTS;
use serde_json::{Value, json};

fn contract() -> Contract {
    Contract::read(&endpoints::root()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn limits_are_those_of_the_domain() {
    let contract = contract();
    let schemas = &contract.document.json()["components"]["schemas"];
    for (place, limit) in [
        ("/NewTicket/properties/title/maxLength", Title::CHARACTERS_MAX),
        ("/TicketPatch/properties/title/maxLength", Title::CHARACTERS_MAX),
        ("/NewTicket/properties/description/maxLength", Description::CHARACTERS_MAX),
        ("/TicketPatch/properties/description/maxLength", Description::CHARACTERS_MAX),
        ("/NewTicket/properties/category/oneOf/0/maxLength", Category::CHARACTERS_MAX),
        ("/TicketPatch/properties/category/oneOf/0/maxLength", Category::CHARACTERS_MAX),
        ("/NewTags/items/maxLength", Tag::CHARACTERS_MAX),
        ("/ReasonBody/properties/reason/oneOf/0/maxLength", Resolution::CHARACTERS_MAX),
        ("/ResolutionBody/properties/resolution/maxLength", Resolution::CHARACTERS_MAX),
        ("/PersonName/maxLength", PersonName::CHARACTERS_MAX),
        ("/ApiTokenName/maxLength", TokenName::CHARACTERS_MAX),
        ("/Webhook/properties/url/maxLength", WebhookUrl::BYTES_MAX),
        ("/NewWebhook/properties/description/maxLength", WebhookDescription::CHARACTERS_MAX),
    ] {
        assert_eq!(schemas.pointer(place), Some(&json!(limit)), "{place}");
    }
}

#[test]
fn enums_are_those_of_the_domain() {
    let contract = contract();
    let logged: Vec<EventType> = EventType::ALL.into_iter().filter(|kind| *kind != EventType::Commented).collect();
    for (schema, expected) in [
        ("Role", json!(Role::ALL)),
        ("Status", json!(Status::ALL)),
        ("Priority", json!(Priority::ALL)),
        ("Scope", json!(Scope::ALL.map(Scope::as_str))),
        ("Language", json!(Language::ALL)),
        ("EventType", json!(logged)),
    ] {
        let listed = &contract.document.json()["components"]["schemas"][schema]["enum"];
        assert_eq!(texts(listed), texts(&expected), "{schema}");
    }
}

#[test]
fn every_type_of_audit_entry_is_described() {
    let contract = contract();
    let entry = &contract.document.json()["components"]["schemas"]["AuditEntry"];
    let described = entry["properties"]["type"]["description"].as_str().unwrap();
    let rows = described.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    assert_eq!(rows.collect::<Vec<_>>(), AuditAction::NAMES);
}

/// Compares the `security` of each operation with the scopes of the domain.
#[test]
fn scopes_of_operations_are_those_of_the_domain() {
    let contract = contract();
    for endpoint in ENDPOINTS {
        let row = Row { endpoint, call: &endpoint.calls[0] };
        let token =
            |scopes: &[Scope]| json!({"apiToken": scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>()});
        let expected: Vec<Value> = match row.permitted_by() {
            None => Vec::new(),
            Some(PermittedBy::Any) => vec![json!({"accessToken": []}), token(&[])],
            Some(PermittedBy::OneOf(scopes)) => {
                let tokens = scopes.iter().map(|scope| token(&[*scope]));
                std::iter::once(json!({"accessToken": []})).chain(tokens).collect()
            }
        };
        let operation = &contract.document.json()["paths"][endpoint.path()][endpoint.method().to_lowercase()];
        assert_eq!(operation["security"], json!(expected), "{}", endpoint.route);
    }
}

fn texts(list: &Value) -> BTreeSet<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[test]
fn examples_fit_their_schemas() {
    let contract = contract();
    let misfits = contract.example_misfits();
    assert!(misfits.is_empty(), "\n{}", misfits.join("\n"));
}
