use super::*;
use crate::rights;
use std::collections::BTreeMap;

/// Returns a template whose only function has these statements as its policy.
fn template(statements: &str) -> Template {
    let template = format!(
        "
Resources:
  Table: {{ Type: AWS::DynamoDB::Table, Properties: {{}} }}
  WorkersRelay:
    Type: AWS::Serverless::Function
    Properties: {{ Policies: [{{ Statement: [{statements}] }}] }}
"
    );
    Template::parse(&template).unwrap()
}

fn complaint_about(statements: &str) -> String {
    of(&template(statements), "WorkersRelay").unwrap_err().to_string()
}

#[test]
fn a_policy_lists_each_action_and_key_once_without_wildcards() {
    let statement = |action: &str, condition: &str| {
        format!("{{ Effect: Allow, Action: [{action}], Resource: !GetAtt Table.Arn, Condition: {{ {condition} }} }}")
    };
    let keys = |keys: &str| format!(r#""ForAllValues:StringLike": {{ "dynamodb:LeadingKeys": [{keys}] }}"#);
    let get = "dynamodb:GetItem";
    for (statements, complaint) in [
        (statement("dynamodb:*", &keys(r#""A#*""#)), "must name one action"),
        (
            statement(get, r#""StringEquals": { "aws:SourceIp": ["::1"] }"#),
            "StringEquals is set, which the local stack does not support",
        ),
        (statement(get, &keys(r#""*""#)), "must be a key, or the beginning of keys and a star"),
        (statement(get, &keys(r#""A#*#B""#)), "must be a key, or the beginning of keys and a star"),
        (statement(get, &keys("")), "must name the keys"),
        (
            [statement(get, &keys(r#""A#*""#)), statement(get, &keys(r#""B""#))].join(", "),
            "grants dynamodb:GetItem a second time: all its keys belong into one statement",
        ),
    ] {
        let said = complaint_about(&statements);
        assert!(said.contains(complaint), "{said}");
    }
}

#[test]
fn permissions_are_granted_for_each_key() {
    let template = template(
        r#"{
            Effect: Allow,
            Action: dynamodb:GetItem,
            Resource: !GetAtt Table.Arn,
            Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["A#*", "B"] } },
        }"#,
    );
    let resolved = template.resolve(&BTreeMap::new(), "http://127.0.0.1:1", "http://127.0.0.1:2").unwrap();
    let rights = rights::granted(&template, &resolved).unwrap();
    let rights: Vec<String> = rights["workers-relay"].iter().map(ToString::to_string).collect();
    let of = |key: &str| {
        format!("dynamodb:GetItem on arn:aws:dynamodb:us-east-1:000000000000:table/helpdesk-Table, leading key {key}")
    };
    assert_eq!(rights, [of("A#*"), of("B")]);
}

#[test]
fn a_policy_denies_nothing_but_to_overwrite_parameters() {
    let policy = |condition: &str| {
        format!(
            r#"{{ Effect: Allow, Action: ["ssm:GetParameter", "ssm:PutParameter"], Resource: "arn:a" }},
               {{ Effect: Deny, Action: "ssm:PutParameter", Resource: "arn:a", Condition: {{ {condition} }} }}"#
        )
    };
    let template = template(&policy(r#"StringEquals: { "ssm:Overwrite": "true" }"#));
    let resolved = template.resolve(&BTreeMap::new(), "http://127.0.0.1:1", "http://127.0.0.1:2").unwrap();
    let rights = rights::granted(&template, &resolved).unwrap();
    let rights: Vec<String> = rights["workers-relay"].iter().map(ToString::to_string).collect();
    assert_eq!(rights, ["ssm:GetParameter on arn:a", "ssm:PutParameter on arn:a, ssm:Overwrite false"]);
    for (statements, complaint) in [
        (policy(r#"StringEquals: { "ssm:Overwrite": "false" }"#), "must be true"),
        (policy(r#"StringEquals: { "aws:SourceIp": "::1" }"#), "aws:SourceIp is set"),
        (
            policy("").replace(r#"Deny, Action: "ssm:Put"#, r#"Deny, Action: "ssm:Get"#),
            "may only deny ssm:PutParameter",
        ),
    ] {
        let said = complaint_about(&statements);
        assert!(said.contains(complaint), "{said}");
    }
}
