//! The directory behind an instance with an existing one: JSON 1.1, named by a header.

use bytes::Bytes;
use desk_sim::{IdentityType, Limits};
use http::Request;
use serde_json::{Value, json};

use crate::support::{Center, merged, read};

const GOOD: &str = "A-Good-Password-1";

fn center() -> Center {
    Center::with(|options| options.identity = IdentityType::ExistingDirectory)
}

async fn target(center: &Center, operation: &str, input: &Value) -> (u16, Value) {
    let request = Request::builder()
        .method("POST")
        .uri("/")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("DirectoryService_20150416.{operation}"))
        .body(Bytes::from(input.to_string()))
        .unwrap();
    read(&center.send(request).await.unwrap())
}

/// The status and, where it is refused, the error.
async fn reset(center: &Center, other: Value) -> String {
    let directory = center.sim.directory_id().unwrap_or("d-9067f1d0c5");
    let usual = json!({ "DirectoryId": directory, "UserName": "john.doe", "NewPassword": GOOD });
    let (status, output) = target(center, "ResetUserPassword", &merged(usual, other)).await;
    match status {
        200 => {
            assert_eq!(output, json!({}));
            "200".to_owned()
        }
        _ => format!("{status} {}", output["__type"].as_str().unwrap()),
    }
}

async fn opens(center: &Center, password: &str) -> u16 {
    center.control("POST", "/login", json!({ "login": "john.doe", "password": password })).await.0
}

#[tokio::test]
async fn a_reset_is_a_new_password_and_nothing_that_connect_shows() {
    let center = center();
    let before = center.user("john.doe").await;
    assert_eq!(opens(&center, GOOD).await, 401);
    assert_eq!(reset(&center, json!({})).await, "200");
    assert_eq!(opens(&center, GOOD).await, 200);
    assert_eq!(center.user("john.doe").await, before);
    let other = "Another-Password-2";
    assert_eq!(reset(&center, json!({ "NewPassword": other })).await, "200");
    assert_eq!((opens(&center, GOOD).await, opens(&center, other).await), (401, 200));
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_the_names_of_the_directory() {
    let center = center();
    for (other, wanted) in [
        (json!({ "UserName": "no one" }), "400 UserDoesNotExistException"),
        (json!({ "DirectoryId": "d-0000000000" }), "400 EntityDoesNotExistException"),
        (json!({ "NewPassword": "short1A" }), "200"),
        (json!({ "NewPassword": "sh1A" }), "400 InvalidPasswordException"),
        (json!({ "NewPassword": "alllowercaseletters" }), "400 InvalidPasswordException"),
        (json!({ "NewPassword": "a".repeat(128) }), "400 ValidationException"),
        (json!({ "NewPassword": "" }), "400 ValidationException"),
        (json!({ "NewPassword": null }), "400 ValidationException"),
        (json!({ "DirectoryId": "D-9067F1D0C5" }), "400 ValidationException"),
        (json!({ "DirectoryId": "corp.example.com" }), "400 ValidationException"),
        (json!({ "UserName": "john@example.com" }), "400 ValidationException"),
        (json!({ "UserName": "EXAMPLE\\john" }), "400 ValidationException"),
        (json!({ "UserName": "x".repeat(65) }), "400 ValidationException"),
    ] {
        assert_eq!(reset(&center, other.clone()).await, wanted, "{other}");
    }
    for identity in [IdentityType::ConnectManaged, IdentityType::Saml] {
        let center = Center::with(|options| options.identity = identity);
        assert_eq!(center.sim.directory_id(), None);
        assert_eq!(reset(&center, json!({})).await, "400 EntityDoesNotExistException", "{identity}");
    }
}

#[tokio::test]
async fn other_operations_are_named_as_not_carried_out_or_not_known() {
    let center = center();
    assert_eq!(target(&center, "DescribeDirectories", &json!({})).await.0, 501);
    assert_eq!(target(&center, "ResetEverything", &json!({})).await.0, 404);
}

#[tokio::test]
async fn faults_quota_and_counts_are_those_of_every_operation() {
    let center = Center::with(|options| {
        options.identity = IdentityType::ExistingDirectory;
        options.limits = Limits::default();
    });
    center.fault(json!({ "operation": "ResetUserPassword", "fault": "fail_after" })).await;
    assert_eq!(reset(&center, json!({})).await, "500 ServiceException");
    assert_eq!(opens(&center, GOOD).await, 200, "it happened all the same");
    center
        .fault(json!({
            "operation": "ResetUserPassword", "fault": "fail_before", "error": "DirectoryUnavailableException"
        }))
        .await;
    assert_eq!(reset(&center, json!({})).await, "400 DirectoryUnavailableException");
    for _ in 0..4 {
        assert_eq!(reset(&center, json!({})).await, "200");
    }
    assert_eq!(reset(&center, json!({})).await, "400 ThrottlingException");
    let counts = center.control("GET", "/calls", Value::Null).await.1;
    assert_eq!(counts["operations"]["ResetUserPassword"], json!({ "calls": 7, "writes": 5, "throttled": 1 }));
    let about = center.control("GET", "", Value::Null).await.1;
    assert_eq!(about["directory_id"], "d-9067f1d0c5");
}
