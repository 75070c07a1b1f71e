//! What callers of `policy_tools` rely on.

mod coverage;
mod lint;
mod replay;

use serde_json::{Value, json};

/// A rule that one supervisor approves by, with more or other members.
fn rule(extra: Value) -> Value {
    let mut rule = json!({ "name": "r", "roles": ["l1"], "approvals": 1, "approvers": ["supervisor"] });
    rule.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    rule
}
