//! The IAM policy for exactly what a configuration lets people ask for.

use std::collections::{BTreeMap, BTreeSet};

use desk_core::basics::roles::Role;
use desk_core::command::Entry;
use desk_core::policy::Policy;
use desk_core::words::Risk;
use serde_json::{Value, json};

use crate::config::Config;
use crate::systems::mail::MailService;

/// What AWS checks for an operation beside the operation itself ("Dependent actions" in its Service Authorization Reference).
const ALSO: [(&str, &[&str]); 11] = [
    ("DescribeInstance", &["ds:DescribeDirectories"]),
    ("SearchAgentStatuses", &["DescribeAgentStatus"]),
    ("SearchHoursOfOperationOverrides", &["DescribeHoursOfOperation", "ListHoursOfOperationOverrides"]),
    ("SearchHoursOfOperations", &["DescribeHoursOfOperation"]),
    ("SearchPredefinedAttributes", &["DescribePredefinedAttribute"]),
    ("SearchQueues", &["DescribeQueue"]),
    ("SearchQuickConnects", &["DescribeQuickConnect"]),
    ("SearchRoutingProfiles", &["DescribeRoutingProfile"]),
    ("SearchSecurityProfiles", &["DescribeSecurityProfile"]),
    ("SearchUserHierarchyGroups", &["DescribeUserHierarchyGroup"]),
    ("SearchUsers", &["DescribeUser", "ListUserProficiencies"]),
];

/// Operations that are about phone numbers, which are beside the instance and not below it.
const OF_PHONE_NUMBERS: [&str; 3] = ["CreateQueue", "ListPhoneNumbersV2", "UpdateQueueOutboundCallerConfig"];

/// What is in the policy for an account that isn't known. AWS allows nothing by it.
pub const ACCOUNT: &str = "ACCOUNT";

/// Operations that AWS restricts to no resource.
const UNRESTRICTED: [&str; 1] = ["ds:DescribeDirectories"];

/// Every operation of AWS that the commands need which some rule allows; those of other services with their prefix.
pub(crate) fn operations(config: &Config) -> BTreeSet<&'static str> {
    let commands = desk_commands::all();
    let allowed = commands.iter().flat_map(|entry| allowed(&config.policy, entry));
    let mut operations: BTreeSet<&'static str> = allowed.collect();
    // Asked at each start, whatever the rules say.
    operations.insert("DescribeInstance");
    if config.site.directory.is_none() {
        operations.retain(|operation| !operation.starts_with("ds:"));
    }
    if matches!(
        config.systems.email.outgoing.as_ref().map(|outgoing| &outgoing.by),
        Some(MailService::Ses(_))
    ) {
        // AWS checks the second one for a message that is sent as it is.
        operations.extend(["ses:SendEmail", "ses:SendRawEmail"]);
    }
    operations
}

/// The operations of a command as far as anyone may use it: those of its effects only where someone's plan may be carried out.
fn allowed(policy: &Policy, entry: &Entry) -> BTreeSet<&'static str> {
    let spec = entry.command.spec;
    let anyone = |risk, is_planned| {
        Role::ALL.into_iter().any(|role| policy.could_allow(entry.path, risk, is_planned, &[role].into()))
    };
    // Of a command that plans, lines that only look have no effects.
    let mut acting = entry.risks().filter(|risk| spec.risk == Risk::Read || *risk != Risk::Read);
    if acting.any(|risk| anyone(risk, true)) {
        entry.operations()
    } else if anyone(spec.risk, false) {
        spec.operations.iter().copied().collect()
    } else {
        BTreeSet::new()
    }
}

/// The policy as JSON for these operations and what they need as well, one statement for each kind of resource. `resources` are those
/// of a service, or of what `phone-number` is.
pub(crate) fn allowing(operations: &BTreeSet<&str>, resources: impl Fn(&str) -> Vec<String>) -> String {
    let also = ALSO.iter().filter(|(operation, _)| operations.contains(operation));
    let also = also.flat_map(|(_, also)| also.iter().copied());
    let all: BTreeSet<&str> = operations.iter().copied().chain(also).collect();
    let mut by_resource: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for operation in all {
        let (service, action) = operation.split_once(':').unwrap_or(("connect", operation));
        let phone_number = OF_PHONE_NUMBERS.contains(&operation).then_some("phone-number");
        let of = if UNRESTRICTED.contains(&operation) { "unrestricted" } else { service };
        for of in std::iter::once(of).chain(phone_number) {
            by_resource.entry(of).or_default().push(format!("{service}:{action}"));
        }
    }
    let statements: Vec<Value> = by_resource
        .into_iter()
        .map(|(of, actions)| json!({ "Effect": "Allow", "Action": actions, "Resource": resources(of) }))
        .collect();
    let policy = json!({ "Version": "2012-10-17", "Statement": statements });
    serde_json::to_string_pretty(&policy).unwrap_or_default()
}

/// The number of an AWS account, also with hyphens as the AWS console shows it.
pub fn account(text: &str) -> Result<String, String> {
    let number = text.replace('-', "");
    match number.len() == 12 && number.bytes().all(|b| b.is_ascii_digit()) {
        true => Ok(number),
        false => Err("an AWS account has 12 digits, such as 123456789012".to_owned()),
    }
}

/// The policy as JSON, with [`ACCOUNT`] where the number of the AWS account isn't given.
pub fn policy(config: &Config, account: Option<&str>) -> String {
    let account = account.unwrap_or(ACCOUNT);
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
        "phone-number" => vec![format!("arn:{partition}:connect:{region}:{account}:phone-number/*")],
        "ds" => {
            let id = config.site.directory.as_deref().unwrap_or("*");
            vec![format!("arn:{partition}:ds:{region}:{account}:directory/{id}")]
        }
        "ses" => {
            let ses = match config.systems.email.outgoing.as_ref().map(|outgoing| &outgoing.by) {
                Some(MailService::Ses(ses)) => Some(ses),
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
