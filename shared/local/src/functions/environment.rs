//! The variables that a function sees: the template's, and those that Lambda itself sets.

use crate::template::ResolvedFunction;
use crate::{Error, REGION, Result};
use std::collections::BTreeMap;

/// The addresses of the services that functions call.
#[derive(Debug, Clone, Default)]
pub struct Endpoints {
    pub dynamodb: String,
    pub sqs: String,
    pub ssm: String,
    pub ses: String,
}

/// Returns the variables that every function sees besides the template's. The credentials give
/// access to nothing.
fn common(endpoints: &Endpoints) -> BTreeMap<String, String> {
    let pairs = [
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_SESSION_TOKEN", "local"),
        ("AWS_REGION", REGION),
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_ENDPOINT_URL_DYNAMODB", &endpoints.dynamodb),
        ("AWS_ENDPOINT_URL_SQS", &endpoints.sqs),
        ("AWS_ENDPOINT_URL_SSM", &endpoints.ssm),
        ("AWS_ENDPOINT_URL_SESV2", &endpoints.ses),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Returns the whole environment of one instance whose runtime interface is at the URL
/// `runtime_api`. The runtime accepts a bare `address` as Lambda gives it, but not `address/path`.
pub(crate) fn instance_environment(
    function: &ResolvedFunction,
    endpoints: &Endpoints,
    runtime_api: &str,
) -> BTreeMap<String, String> {
    let mut environment = function.environment.clone();
    environment.extend(common(endpoints));
    let memory = function.memory_megabytes.to_string();
    let pairs = [
        ("AWS_LAMBDA_FUNCTION_NAME", function.binary.as_str()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "local"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "local"),
        ("AWS_LAMBDA_RUNTIME_API", runtime_api),
        ("_HANDLER", "bootstrap"),
        ("TZ", ":UTC"),
    ];
    environment.extend(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
    environment
}

/// Returns one environment for all functions. Everything that `cargo lambda watch` starts inherits
/// the same.
pub(crate) fn shared_environment(
    functions: &[ResolvedFunction],
    endpoints: &Endpoints,
) -> Result<BTreeMap<String, String>> {
    let mut environment = common(endpoints);
    for function in functions {
        for (name, value) in &function.environment {
            // An empty value counts as unset, and takes nothing from a function that has one.
            let shared = environment.entry(name.clone()).or_default();
            if shared.is_empty() {
                shared.clone_from(value);
            } else if !value.is_empty() && shared != value {
                return Err(Error::new(format!(
                    "template.yaml sets {name} to different values in different functions, but `cargo lambda watch` \
                     gives all functions the same environment. Set it to one value."
                )));
            }
        }
    }
    Ok(environment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(binary: &str, variables: &[(&str, &str)]) -> ResolvedFunction {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        ResolvedFunction {
            binary: binary.to_owned(),
            environment: variables.iter().map(owned).collect(),
            timeout_seconds: 10,
            memory_megabytes: 512,
        }
    }

    #[test]
    fn an_instance_sees_only_its_own_variables_and_those_of_lambda() {
        let environment = instance_environment(
            &function("a", &[("TABLE_NAME", "t")]),
            &Endpoints::default(),
            "http://127.0.0.1:1/.rt/a",
        );
        assert_eq!(environment["TABLE_NAME"], "t");
        assert_eq!(environment["AWS_LAMBDA_RUNTIME_API"], "http://127.0.0.1:1/.rt/a");
        assert!(!environment.contains_key("PATH"));
    }

    #[test]
    fn a_shared_environment_must_not_have_contradictions() {
        let agreeing = [
            function("a", &[("X", "1"), ("Y", "")]),
            function("b", &[("X", "1"), ("Y", "2")]),
            function("c", &[("X", ""), ("Z", "")]),
        ];
        let environment = shared_environment(&agreeing, &Endpoints::default()).unwrap();
        assert_eq!(["X", "Y", "Z"].map(|name| environment[name].as_str()), ["1", "2", ""]);
        let contradicting = [function("a", &[("X", "1")]), function("b", &[("X", "2")])];
        assert!(shared_environment(&contradicting, &Endpoints::default()).is_err());
    }
}
