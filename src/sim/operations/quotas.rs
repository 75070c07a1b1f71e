//! AWS Service Quotas, as far as it knows the quotas of the instance.
//!
//! Every quota here is one of the resource level: it is listed once for all instances, with AWS's default, and once more
//! for this one where another value is applied to it. Who asks for the account's level only, which is the default, gets
//! none of them.

use serde_json::{Value, json};

use super::lists::page;
use crate::answer::{Outcome, Refusal};
use crate::call::{Call, Rules};
use crate::ids::{ACCOUNT, REGION};
use crate::quota::{QUOTAS, QuotaInfo};
use crate::world::World;

const SERVICE: &str = "connect";
/// The context of a quota that holds for every instance.
const EVERY_INSTANCE: &str = "*";

fn described(row: &QuotaInfo, context: &str, value: usize) -> Option<Value> {
    let code = row.code?;
    Some(json!({
        "ServiceCode": SERVICE,
        "ServiceName": "Amazon Connect",
        "QuotaArn": format!("arn:aws:servicequotas:{REGION}:{ACCOUNT}:{SERVICE}/{code}"),
        "QuotaCode": code,
        "QuotaName": row.name,
        "Value": value,
        "Unit": "None",
        "Adjustable": true,
        "GlobalQuota": false,
        "QuotaAppliedAtLevel": "RESOURCE",
        "QuotaContext": {
            "ContextScope": "RESOURCE",
            "ContextScopeType": "AWS::Connect::Instance",
            "ContextId": context,
        },
    }))
}

/// The default, and the value that is applied to the instance where it is another.
fn applied(world: &World, rules: &Rules, row: &QuotaInfo) -> Vec<Value> {
    let value = rules.quotas.of(row.quota);
    let own = (value != row.default).then(|| described(row, &world.instance.names.instance_arn, value));
    described(row, EVERY_INSTANCE, row.default).into_iter().chain(own.flatten()).collect()
}

fn of_connect(call: &Call) -> Result<(), Refusal> {
    match call.text("ServiceCode") {
        Some(SERVICE) => Ok(()),
        _ => Err(Refusal::not_found(
            "The practice contact center knows the quotas of the service connect only.",
        )),
    }
}

pub(super) fn list(world: &World, call: &Call) -> Outcome {
    of_connect(call)?;
    let wanted = call.text("QuotaCode");
    let level = call.text("QuotaAppliedAtLevel").unwrap_or("ACCOUNT");
    let rows =
        QUOTAS.iter().filter(|row| level != "ACCOUNT" && wanted.is_none_or(|code| row.code == Some(code)));
    let quotas = rows.flat_map(|row| applied(world, &call.rules, row)).enumerate();
    page(world, call, "Quotas", quotas.map(|(at, quota)| (format!("{at:04}"), quota)), |quota| quota)
}

pub(super) fn get(world: &World, call: &Call) -> Outcome {
    of_connect(call)?;
    let row = QUOTAS.iter().find(|row| row.code.is_some() && row.code == call.text("QuotaCode"));
    let row = row.ok_or_else(|| Refusal::not_found("The service has no quota with this code."))?;
    let context = call.text("ContextId").unwrap_or(EVERY_INSTANCE);
    let quotas = applied(world, &call.rules, row);
    let found = quotas.into_iter().find(|quota| quota["QuotaContext"]["ContextId"] == context);
    let quota = found.ok_or_else(|| Refusal::not_found("No value is applied in this context."))?;
    Ok(json!({ "Quota": quota }))
}
