//! What the pages say about the template.

use super::{Path, Read, Source, number, page};
use local::tools::CARGO_LAMBDA_VERSION;

#[test]
fn the_operations_page_covers_every_alarm_and_parameter() {
    let read = Read::new();
    let page = page("OPERATIONS.md");
    let alarms = read.resources("AWS::CloudWatch::Alarm").into_iter();
    let parameters = read.root().required("Parameters").unwrap().entries().unwrap().into_iter();
    for (name, _) in alarms.chain(parameters) {
        assert!(page.contains(&format!("`{name}`")), "docs/OPERATIONS.md does not mention {name}");
    }
}

#[test]
fn deployment_uses_the_tool_versions_of_rehearsal_and_local_stack() {
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.ci/sam-requirements.txt");
    let requirements = std::fs::read_to_string(requirements).unwrap();
    let sam = requirements.lines().find_map(|line| line.strip_prefix("aws-sam-cli==")).unwrap();
    let tools = format!("`pip install cargo-lambda=={CARGO_LAMBDA_VERSION} aws-sam-cli=={sam}`");
    assert!(page("OPERATIONS.md").contains(&tools), "{tools}");
}

/// Returns the line of asyncapi.yaml that describes the queue, and the one after it.
fn documented(document: &str, queue: &str) -> String {
    let (_, rest) = document.split_once(&format!("name: {queue}, ")).unwrap_or_else(|| panic!("{queue} is missing"));
    rest.lines().take(2).collect()
}

#[test]
fn asyncapi_has_the_figures_of_the_queues() {
    let read = Read::new();
    let document = page("asyncapi.yaml");
    for (id, properties) in read.properties("AWS::SQS::Queue") {
        let Some(redrive) = properties.get("RedrivePolicy") else { continue };
        let said = documented(&document, &id);
        for (name, value) in [
            ("visibilityTimeout", number(&properties, "VisibilityTimeout")),
            ("messageRetentionPeriod", number(&properties, "MessageRetentionPeriod")),
            ("maxReceiveCount", number(&redrive, "maxReceiveCount")),
        ] {
            assert!(said.contains(&format!("{name}: {}", value.unwrap())), "{name} of {id}: {said}");
        }
    }
    for mapping in &read.template.mappings {
        let Source::Queue { .. } = mapping.source else { continue };
        let batch = match mapping.batch_size {
            1 => "one message at a time",
            10 => "up to ten messages at once",
            other => panic!("{other} messages at once: say so in the document and here"),
        };
        let said = format!("`{}` takes {batch}", mapping.function);
        assert!(document.contains(&said), "{said}");
    }
}
