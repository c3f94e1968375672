use std::path::Path;
use std::sync::LazyLock;

use http::HeaderMap;
use serde_json::json;

use crate::{Contract, Exchange, Seen, breaking, coverage};

/// A contract with most of what the real one uses.
const THINGS: &str = "
openapi: 3.1.0
paths:
  /things:
    post:
      operationId: things-create
      parameters:
        - { in: query, name: limit, schema: { type: integer, maximum: 100 } }
        - { in: header, name: If-Match, required: true, schema: { type: string } }
      requestBody:
        required: true
        content:
          application/json: { schema: { $ref: '#/components/schemas/NewThing' } }
      responses:
        '201':
          description: Created.
          headers:
            ETag: { required: true, schema: { type: string, pattern: '^\"[0-9]+\"$' } }
          content:
            application/json: { schema: { $ref: '#/components/schemas/Thing' } }
        '404': { description: Not found. }
  /things/{id}:
    get:
      operationId: things-get
      security: []
      parameters:
        - { in: path, name: id, required: true, schema: { type: integer } }
        - { in: query, name: view, explode: true, schema: { type: object } }
      responses:
        '200':
          description: A thing.
          content:
            application/json: { schema: { $ref: '#/components/schemas/Thing' } }
components:
  schemas:
    Thing:
      type: object
      additionalProperties: false
      required: [name, kind]
      properties:
        name: { type: string }
        kind: { enum: [old, new] }
    NewThing:
      type: object
      additionalProperties: false
      required: [name]
      properties:
        name: { type: string, maxLength: 5 }
        note: { type: [string, 'null'] }
";

static NO_HEADERS: LazyLock<HeaderMap> = LazyLock::new(HeaderMap::new);

fn things() -> Contract {
    Contract::parse(THINGS).unwrap()
}

const HEADERS: [(&str, &str); 3] =
    [("content-type", "application/json"), ("if-match", "*"), ("authorization", "Bearer x")];

/// Returns why this exchange with `POST /things` does not fit.
fn misfits(change: impl FnOnce(&mut Exchange<'_>)) -> Vec<String> {
    let headers: HeaderMap = [("content-type", "application/json"), ("etag", "\"1\"")]
        .into_iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect();
    let mut exchange = Exchange {
        method: "POST",
        target: "/things?limit=7",
        request_headers: &HEADERS,
        request_body: br#"{"name": "a"}"#,
        status: 201,
        headers: &headers,
        body: br#"{"name": "a", "kind": "new"}"#,
    };
    change(&mut exchange);
    things().check(&exchange).err().unwrap_or_default()
}

#[test]
fn an_exchange_that_fits_shows_its_operation_and_status() {
    let none = HeaderMap::new();
    let exchange = Exchange {
        method: "HEAD",
        target: "/things/7",
        request_headers: &[],
        request_body: b"",
        status: 200,
        headers: &none,
        body: b"",
    };
    let seen = Seen { operation: "things-get".to_owned(), status: 200 };
    assert_eq!(things().check(&exchange), Ok(Some(seen.clone())));
    // Any query, where the contract has an exploded object.
    assert_eq!(things().check(&Exchange { target: "/things/7?sort=x&view=y", ..exchange }), Ok(Some(seen)));
    assert_eq!(things().check(&Exchange { target: "/others", ..exchange }), Ok(None));
    assert!(misfits(|_| {}).is_empty());
}

#[test]
fn every_difference_from_the_contract_is_named() {
    for (change, expected) in [
        (&(|e: &mut Exchange<'_>| e.status = 200) as &dyn Fn(&mut Exchange<'_>), "the contract has no such status"),
        (&|e| e.status = 404, "has the header etag, which the contract lacks"),
        (&|e| e.status = 404, "the response has a body"),
        (&|e| e.headers = &NO_HEADERS, "has no header ETag"),
        (&|e| e.body = br#"{"name": "a", "kind": "odd"}"#, "the response at `/kind`"),
        (&|e| e.body = br#"{"name": "a", "kind": "new", "more": 1}"#, "'more' was unexpected"),
        (&|e| e.body = br#"{"kind": "new"}"#, "\"name\" is a required property"),
        (&|e| e.body = b"{", "the response is not JSON"),
        (&|e| e.target = "/things?limit=101", "query limit at ``: 101 is greater than the maximum of 100"),
        (&|e| e.target = "/things?limit=x", "query limit at ``: \"x\" is not of type \"integer\""),
        (&|e| e.target = "/things?sort=x", "succeeds with query sort, which the contract lacks"),
        (&|e| e.request_body = br#"{"name": "too long"}"#, "the request at `/name`"),
        (&|e| e.request_body = b"", "the request is not JSON"),
        (&|e| e.request_headers = &HEADERS[..2], "succeeds without the credentials"),
        (&|e| e.request_headers = &HEADERS[2..], "succeeds without header If-Match"),
        (&|e| e.request_headers = &HEADERS[1..], "the request is of type \"\", which the contract lacks"),
    ] {
        let found = misfits(change);
        assert!(found.iter().any(|misfit| misfit.contains(expected)), "{expected}: {found:#?}");
    }
}

#[test]
fn a_dangling_reference_is_refused() {
    let error = Contract::parse(&THINGS.replacen("schemas/NewThing'", "schemas/Gone'", 1)).unwrap_err();
    assert!(error.contains("#/components/schemas/Gone leads nowhere"), "{error}");
}

#[test]
fn what_breaks_a_client_is_reported_and_what_does_not_is_not() {
    for (before, now, expected) in [
        ("  /things/{id}:", "  /things/{number}:", Some("GET /things/{id} is gone")),
        ("things-get", "things-read", Some("has the operationId things-read, which was things-get")),
        ("        '404': { description: Not found. }\n", "", Some("POST /things -> 404 is gone")),
        ("name: limit,", "name: size,", Some("no longer takes query limit")),
        ("name: limit,", "name: limit, required: true,", Some("now requires query limit")),
        ("ETag: { required: true,", "ETag: {", Some("POST /things -> 201 may lack the header ETag")),
        ("kind: { enum", "type: { enum", Some("POST /things -> 201 kind is gone")),
        ("[old, new]", "[new]", Some("POST /things -> 201 kind no longer has the value \"old\"")),
        ("required: [name, kind]", "required: [name]", Some("POST /things -> 201 may lack kind")),
        ("required: [name]\n", "required: [name, note]\n", Some("POST /things, request now requires note")),
        ("note: { type: [string, 'null'] }", "", Some("POST /things, request note is gone")),
        ("note: { type: [string, 'null'] }", "note: { type: string }", Some("request note is of type")),
        ("[old, new]", "[old, new, newest]", None),
        ("note: {", "more: { type: string }\n        note: {", None),
        ("required: [name, kind]", "required: [name, kind, more]", None),
        ("'404': {", "'409': { description: Conflict. }\n        '404': {", None),
        ("name: limit, schema", "name: limit, description: More., schema", None),
        ("maxLength: 5", "maxLength: 4", Some("request name has a lower `maxLength`")),
        ("maxLength: 5", "minLength: 1, maxLength: 5", Some("request name has a higher `minLength`")),
        ("maximum: 100", "maximum: 99", Some("query limit has a lower `maximum`")),
        ("maxLength: 5", "maxLength: 5, pattern: '^[a-z]'", Some("request name has another `pattern`")),
        ("maxLength: 5", "maxLength: 5, enum: [a, b]", Some("request name takes only certain values")),
        ("{ enum: [old, new] }", "{ type: string }", Some("kind may have other values than those listed")),
        ("maxLength: 5", "maxLength: 6", None),
        ("name: { type: string }", "name: { type: string, maxLength: 5 }", None),
    ] {
        assert!(THINGS.contains(before), "{before}");
        let later = Contract::parse(&THINGS.replacen(before, now, 1)).unwrap();
        let changes = breaking::changes(&things(), &later);
        match expected {
            Some(expected) => {
                assert!(changes.iter().any(|change| change.contains(expected)), "{expected}: {changes:?}");
            }
            None => assert!(changes.is_empty(), "{now}: {changes:?}"),
        }
    }
}

#[test]
fn the_contract_breaks_no_client_of_the_released_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let released = Contract::parse(include_str!("released.yaml")).unwrap();
    let current = Contract::read(&root).unwrap();
    if !breaking::is_announced(&released, &current) {
        let changes = breaking::changes(&released, &current);
        assert!(changes.is_empty(), "raise the version, or take back:\n{}", changes.join("\n"));
    }
}

#[test]
fn a_raised_version_announces_what_breaks() {
    let of_version = |version: &str| {
        let info = format!("openapi: 3.1.0\ninfo: {{ title: Things, version: {version} }}");
        Contract::parse(&THINGS.replacen("openapi: 3.1.0", &info, 1)).unwrap()
    };
    for (before, now, announced) in [
        ("0.1.0", "0.2.0", true),
        ("0.1.0", "1.0.0", true),
        ("1.4.0", "2.0.0", true),
        ("0.1.0", "0.1.1", false),
        ("1.4.0", "1.5.0", false),
        ("0.10.0", "0.9.0", false),
        ("1.4.0", "0.5.0", false),
        ("1.4.0", "1.4.0", false),
    ] {
        let is_announced = breaking::is_announced(&of_version(before), &of_version(now));
        assert_eq!(is_announced, announced, "{before} to {now}");
    }
}

#[test]
fn answers_that_no_test_has_seen_are_gaps() {
    let gaps = |excused: &[_]| coverage::gaps_except(excused, &things(), "things-create 201\nthings-get 200\n");
    assert_eq!(gaps(&[]), ["no test sees things-create 404"]);
    for id in ["*", "things-create"] {
        assert_eq!(gaps(&[(id, 404, "why")]), Vec::<String>::new(), "{id}");
    }
    let excused = [("*", 404, "why"), ("things-create", 201, "why"), ("things-get", 404, "why"), ("*", 409, "why")];
    assert_eq!(
        gaps(&excused),
        [
            "things-create 201 is excused but seen",
            "things-get 404 is excused but not documented",
            "* 409 is excused but not documented",
        ]
    );
}

#[test]
fn yaml_becomes_json() {
    let contract = things();
    let parameter = contract.document.at(&["paths", "/things", "post", "parameters", "0"]).unwrap();
    assert_eq!(
        parameter.value(),
        &json!({"in": "query", "name": "limit", "schema": {"type": "integer", "maximum": 100}})
    );
    let schema = contract.document.at(&["components", "schemas", "NewThing", "properties", "note", "type"]).unwrap();
    assert_eq!(schema.value(), &json!(["string", "null"]));
}
