//! The IAM policy for exactly what a configuration lets people ask for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::config::Config;
use crate::systems::mail::Way;

/// Every operation of AWS that the commands need which some rule allows; those of other services with their prefix.
pub(crate) fn operations(config: &Config) -> BTreeSet<&'static str> {
    let is_allowed = |path: &str| config.policy.rules.iter().any(|rule| !rule.deny && rule.is_about(path));
    let commands = desk_commands::all();
    let allowed = commands.iter().filter(|entry| is_allowed(entry.path));
    let mut operations: BTreeSet<&'static str> = allowed.flat_map(|entry| entry.operations()).collect();
    // Asked at each start, whatever the rules say.
    operations.insert("DescribeInstance");
    if config.site.directory.is_none() {
        operations.retain(|operation| !operation.starts_with("ds:"));
    }
    if matches!(config.systems.email.outgoing.as_ref().map(|outgoing| &outgoing.by), Some(Way::Ses(_))) {
        operations.insert("ses:SendEmail");
    }
    operations
}

/// The policy as JSON for these operations, one statement for each service, in the order of their names. `resources` are those of a
/// service.
pub(crate) fn allowing(operations: &BTreeSet<&str>, resources: impl Fn(&str) -> Vec<String>) -> String {
    let mut by_service: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for operation in operations {
        let (service, action) = operation.split_once(':').unwrap_or(("connect", operation));
        by_service.entry(service).or_default().push(format!("{service}:{action}"));
    }
    let statements: Vec<Value> = by_service
        .into_iter()
        .map(|(service, actions)| json!({ "Effect": "Allow", "Action": actions, "Resource": resources(service) }))
        .collect();
    let policy = json!({ "Version": "2012-10-17", "Statement": statements });
    serde_json::to_string_pretty(&policy).unwrap_or_default()
}

/// The policy as JSON. `account` is the number of the AWS account, or a placeholder.
pub fn policy(config: &Config, account: &str) -> String {
    let center = &config.contact_center;
    let (region, instance) = (center.region.as_str(), center.instance_id.as_str());
    let partition = match region {
        region if region.starts_with("us-gov-") => "aws-us-gov",
        region if region.starts_with("cn-") => "aws-cn",
        _ => "aws",
    };
    allowing(&operations(config), |service| match service {
        "connect" => vec![
            format!("arn:{partition}:connect:{region}:{account}:instance/{instance}"),
            format!("arn:{partition}:connect:{region}:{account}:instance/{instance}/*"),
        ],
        "ds" => {
            let id = config.site.directory.as_deref().unwrap_or("*");
            vec![format!("arn:{partition}:ds:{region}:{account}:directory/{id}")]
        }
        "ses" => {
            let ses = match config.systems.email.outgoing.as_ref().map(|outgoing| &outgoing.by) {
                Some(Way::Ses(ses)) => Some(ses),
                _ => None,
            };
            let region = ses.map_or(region, |ses| ses.region.as_str());
            let set = ses.and_then(|ses| ses.configuration_set.as_ref());
            let set =
                set.map(|set| format!("arn:{partition}:ses:{region}:{account}:configuration-set/{set}"));
            [format!("arn:{partition}:ses:{region}:{account}:identity/*")].into_iter().chain(set).collect()
        }
        _ => vec!["*".to_owned()],
    })
}
