//! What the pages say of the template.

use super::{Path, Read, Source, number, page};
use local::tools::CARGO_LAMBDA_VERSION;

#[test]
fn whoever_operates_it_finds_every_alarm_and_parameter_in_the_page_for_them() {
    let read = Read::new();
    let page = page("OPERATIONS.md");
    let alarms = read.resources("AWS::CloudWatch::Alarm").into_iter();
    let parameters = read.root().required("Parameters").unwrap().entries().unwrap().into_iter();
    for (name, _) in alarms.chain(parameters) {
        assert!(page.contains(&format!("`{name}`")), "docs/OPERATIONS.md does not speak of {name}");
    }
}

#[test]
fn the_tools_that_deploy_it_are_those_it_is_rehearsed_and_run_with() {
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.ci/sam-requirements.txt");
    let requirements = std::fs::read_to_string(requirements).unwrap();
    let sam = requirements.lines().find_map(|line| line.strip_prefix("aws-sam-cli==")).unwrap();
    let tools = format!("`pip install cargo-lambda=={CARGO_LAMBDA_VERSION} aws-sam-cli=={sam}`");
    assert!(page("OPERATIONS.md").contains(&tools), "{tools}");
}

/// The line of the document of events that describes that queue, and the one after it.
fn documented(document: &str, queue: &str) -> String {
    let (_, rest) = document.split_once(&format!("name: {queue}, ")).unwrap_or_else(|| panic!("{queue} is not there"));
    rest.lines().take(2).collect()
}

#[test]
fn the_document_of_the_events_has_the_figures_of_the_queues() {
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
