//! Which alarms ring, and when.

use super::{Expression, Read, Source, decimal, names, number, text};
use local::template::binary_name;
use std::time::Duration;

/// What all alarms on a metric have in common.
struct Rule {
    metric: &'static str,
    /// Its namespace, as the template writes it.
    namespace: &'static str,
    /// The dimension that each alarm selects one value of, or `None` for all of the region or of
    /// this stack.
    dimension: Option<&'static str>,
    statistic: &'static str,
    /// The highest threshold allowed, in the metric's unit.
    threshold_at_most: f64,
    /// The time within which a failure rings.
    within: Duration,
}

const RULES: [Rule; 9] = [
    rule("FailedInvocations", "HelpDesk/${AWS::StackName}", None, "Sum", 0.0),
    rule("TooManyRequests", "HelpDesk/${AWS::StackName}", None, "Sum", 300.0),
    rule("5xx", "AWS/ApiGateway", Some("ApiId"), "Sum", 0.0),
    rule("Throttles", "AWS/Lambda", None, "Sum", 0.0),
    rule("IteratorAge", "AWS/Lambda", Some("FunctionName"), "Maximum", 3_600_000.0),
    rule("ApproximateAgeOfOldestMessage", "AWS/SQS", Some("QueueName"), "Maximum", 3_600.0),
    rule("ApproximateNumberOfMessagesVisible", "AWS/SQS", Some("QueueName"), "Maximum", 0.0),
    // AWS puts an account under review at these rates (SES developer guide, "Reputation metrics
    // messages").
    reputation("Reputation.BounceRate", 0.05),
    reputation("Reputation.ComplaintRate", 0.001),
];
/// The time within which a failure rings.
const RINGS_WITHIN: Duration = Duration::from_mins(15);
/// The same for the rates that SES computes over days of mails.
const REPUTATION_RINGS_WITHIN: Duration = Duration::from_hours(1);
/// What Lambda reports for an invocation that failed in any way.
const FAILED: &str = r#"{ $.type = "platform.report" && $.record.status != "success" }"#;

const fn rule(
    metric: &'static str,
    namespace: &'static str,
    dimension: Option<&'static str>,
    statistic: &'static str,
    threshold_at_most: f64,
) -> Rule {
    Rule { metric, namespace, dimension, statistic, threshold_at_most, within: RINGS_WITHIN }
}

const fn reputation(metric: &'static str, threshold_at_most: f64) -> Rule {
    Rule { within: REPUTATION_RINGS_WITHIN, ..rule(metric, "AWS/SES", None, "Maximum", threshold_at_most) }
}

#[test]
fn every_alarm_follows_the_rule_of_its_metric_and_rings_in_time() {
    for (id, alarm) in Read::new().properties("AWS::CloudWatch::Alarm") {
        let rule = RULES.iter().find(|rule| rule.metric == text(&alarm, "MetricName"));
        let rule = rule.unwrap_or_else(|| panic!("{id}: there is no rule for this metric"));
        assert!(names(&alarm, "Namespace").contains(&format!("{:?}", rule.namespace)), "{id}");
        assert_eq!(text(&alarm, "Statistic"), rule.statistic, "{id}");
        assert_eq!(text(&alarm, "ComparisonOperator"), "GreaterThanThreshold", "{id}");
        let dimensions = alarm.get("Dimensions").map_or_else(Vec::new, |all| all.items().unwrap());
        let dimensions: Vec<String> = dimensions.iter().map(|dimension| text(dimension, "Name")).collect();
        assert_eq!(dimensions, rule.dimension.as_slice(), "{id}");
        assert!((0.0..=rule.threshold_at_most).contains(&decimal(&alarm, "Threshold").unwrap()), "{id}");
        let seconds = number(&alarm, "Period").unwrap() * number(&alarm, "EvaluationPeriods").unwrap();
        assert!(Duration::from_secs(seconds.try_into().unwrap()) <= rule.within, "{id}");
    }
}

#[test]
fn every_failure_and_throttle_of_a_function_has_an_alarm() {
    let read = Read::new();
    for metric in ["FailedInvocations", "5xx", "Throttles"] {
        let alarms = read.properties("AWS::CloudWatch::Alarm");
        assert!(alarms.iter().any(|(_, alarm)| text(alarm, "MetricName") == metric), "no alarm for {metric}");
    }
    for mapping in &read.template.mappings {
        if let Source::Stream { .. } = mapping.source {
            let alarm_targets = read.alarm_targets("IteratorAge");
            assert!(alarm_targets.iter().any(|id| binary_name(id) == mapping.function), "{}", mapping.function);
        }
    }
}

/// SES pauses an account whose mails bounce, or are reported as spam, too often.
#[test]
fn mails_use_the_suppressing_configuration_set_and_both_rates_alarm() {
    let read = Read::new();
    let [(set, properties)] = &read.properties("AWS::SES::ConfigurationSet")[..] else { panic!("one set") };
    let reputation = properties.required("ReputationOptions").unwrap();
    assert!(reputation.required("ReputationMetricsEnabled").unwrap().boolean().unwrap());
    let suppressed = properties.required("SuppressionOptions").unwrap().required("SuppressedReasons").unwrap();
    let suppressed: Vec<String> = suppressed.items().unwrap().iter().map(|reason| reason.text().unwrap()).collect();
    assert_eq!(suppressed, ["BOUNCE", "COMPLAINT"]);
    for metric in ["Reputation.BounceRate", "Reputation.ComplaintRate"] {
        let alarms = read.properties("AWS::CloudWatch::Alarm");
        assert!(alarms.iter().any(|(_, alarm)| text(alarm, "MetricName") == metric), "no alarm for {metric}");
    }
    let mut senders = 0;
    for function in read.template.functions.iter().filter(|function| function.environment.contains_key("MAIL_SENDER")) {
        senders += 1;
        let sent_with = function.environment.get("MAIL_CONFIGURATION_SET").and_then(Expression::reference);
        assert_eq!(sent_with, Some(set.as_str()), "{}", function.id);
    }
    assert_eq!(senders, 2);
}

/// The metric filters: the metric, the log group, and the pattern.
const FILTERS: [(&str, &str, &str); 2] =
    [("FailedInvocations", "Logs", FAILED), ("TooManyRequests", "AccessLogs", r#"{ $.status = "429" }"#)];

#[test]
fn every_metric_filter_reads_its_log_group_and_feeds_its_alarm() {
    let read = Read::new();
    let filters = read.properties("AWS::Logs::MetricFilter");
    assert_eq!(filters.len(), FILTERS.len());
    for (id, filter) in filters {
        let counted = &filter.required("MetricTransformations").unwrap().items().unwrap()[0];
        let metric = text(counted, "MetricName");
        let known = FILTERS.iter().find(|(name, ..)| *name == metric);
        let (_, group, pattern) = known.unwrap_or_else(|| panic!("{id} counts into {metric}"));
        let reads = Expression::read(&filter.required("LogGroupName").unwrap()).unwrap();
        assert_eq!((reads.reference(), text(&filter, "FilterPattern").as_str()), (Some(*group), *pattern), "{id}");
        assert!(names(counted, "MetricNamespace").contains("\"HelpDesk/${AWS::StackName}\""), "{id}");
        let alarms = read.properties("AWS::CloudWatch::Alarm");
        assert!(alarms.iter().any(|(_, alarm)| text(alarm, "MetricName") == metric), "no alarm for {metric}");
    }
}

#[test]
fn every_alarm_has_a_description_and_an_action() {
    for (id, alarm) in Read::new().properties("AWS::CloudWatch::Alarm") {
        assert!(text(&alarm, "AlarmDescription").contains("docs/OPERATIONS.md"), "{id}");
        assert_eq!(text(&alarm, "TreatMissingData"), "notBreaching", "{id}");
        for actions in ["AlarmActions", "OKActions"] {
            let actions = alarm.required(actions).unwrap().items().unwrap();
            assert_eq!(Expression::read(&actions[0]).unwrap().reference(), Some("Alarms"), "{id}");
        }
    }
}
