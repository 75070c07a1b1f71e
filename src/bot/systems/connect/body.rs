//! `false` and `0` really arrive: the SDK leaves them out of some request bodies, and here they are put back.
//!
//! Measured with aws-sdk-connect 1.220.0: an after contact work limit of 0 is sent as an empty object, which the service
//! may read as "unchanged". The desk always states the limit it wants, so an object without one means 0.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

/// Puts the zeros back into the body of a CreateUser or UpdateUserConfig request, before it is signed.
pub(super) fn state_zeros(request: &mut HttpRequest) {
    let Some(mut body) = request.body().bytes().and_then(|bytes| serde_json::from_slice(bytes).ok()) else {
        return;
    };
    if !fill(&mut body) {
        return;
    }
    let bytes = body.to_string().into_bytes();
    let length = bytes.len();
    *request.body_mut() = SdkBody::from(bytes);
    request.headers_mut().insert("content-length", length.to_string());
}

/// `true` when something was missing.
pub fn fill(body: &mut Value) -> bool {
    const LIMIT: &str = "AfterContactWorkTimeLimit";
    let mut filled = false;
    let configs = body.get_mut("AfterContactWorkConfigs").and_then(Value::as_array_mut);
    for config in configs.into_iter().flatten() {
        for member in ["AfterContactWorkConfig", "AgentFirstCallbackAfterContactWorkConfig"] {
            if let Some(limits) = config.get_mut(member).and_then(Value::as_object_mut)
                && !limits.contains_key(LIMIT)
            {
                limits.insert(LIMIT.to_owned(), Value::from(0));
                filled = true;
            }
        }
    }
    filled
}
