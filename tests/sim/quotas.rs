//! What Service Quotas says of the instance.

use bytes::Bytes;
use desk_sim::Seed;
use http::Request;
use serde_json::{Value, json};

use crate::support::{Center, each, read};

async fn call(center: &Center, operation: &str, input: Value) -> (u16, Value) {
    let request = Request::post("/")
        .header("x-amz-target", format!("ServiceQuotasV20190624.{operation}"))
        .header("content-type", "application/x-amz-json-1.1")
        .body(Bytes::from(input.to_string()))
        .unwrap();
    read(&center.send(request).await.unwrap())
}

async fn listed(center: &Center, more: &[(&str, Value)]) -> Vec<Value> {
    let mut input = json!({ "ServiceCode": "connect" });
    for (name, value) in more {
        input[name] = value.clone();
    }
    let (status, output) = call(center, "ListServiceQuotas", input).await;
    assert_eq!(status, 200, "{output}");
    output["Quotas"].as_array().unwrap().clone()
}

#[tokio::test]
async fn the_quotas_of_instances_are_on_the_resource_level() {
    let center = Center::guide();
    assert!(
        listed(&center, &[]).await.is_empty(),
        "the account's level is the default, and has none of them"
    );
    let all = listed(&center, &[("QuotaAppliedAtLevel", json!("ALL"))]).await;
    let users = all.iter().find(|quota| quota["QuotaName"] == "Users per instance").unwrap();
    assert_eq!((&users["QuotaCode"], &users["Value"]), (&json!("L-9A46857E"), &json!(500)));
    assert!(all.iter().all(|quota| quota["QuotaContext"]["ContextId"] == "*"), "nothing else is applied");
    // Not adjustable, and not in Service Quotas.
    assert!(!each(&json!(all), "QuotaName").contains(&"Agent status per instance"));

    // The value that is applied to the instance is listed next to the default.
    center.set(json!({ "user_quota": 800 })).await;
    let arn = center.sim.instance_arn();
    let code = ("QuotaCode", json!("L-9A46857E"));
    let users = listed(&center, &[("QuotaAppliedAtLevel", json!("RESOURCE")), code]).await;
    let applied = |context: &str| {
        users.iter().find(|quota| quota["QuotaContext"]["ContextId"] == context).unwrap()["Value"].clone()
    };
    assert_eq!((users.len(), applied("*"), applied(arn)), (2, json!(500), json!(800)));
    let get = |code: &str, context: Value| {
        let mut input = json!({ "ServiceCode": "connect", "QuotaCode": code });
        if !context.is_null() {
            input["ContextId"] = context;
        }
        async { call(&center, "GetServiceQuota", input).await }
    };
    assert_eq!(get("L-9A46857E", Value::Null).await.1["Quota"]["Value"], 500);
    assert_eq!(get("L-9A46857E", json!(arn)).await.1["Quota"]["Value"], 800);
    for (code, context) in [("L-19A87C94", json!(arn)), ("L-00000000", Value::Null)] {
        let (status, answer) = get(code, context).await;
        assert_eq!((status, &answer["__type"]), (400, &json!("NoSuchResourceException")));
    }
}

#[tokio::test]
async fn mistakes_have_the_names_that_the_service_declares() {
    let center = Center::with(|options| options.seed = Seed::Large);
    for (operation, input, wanted) in table! {
        ("ListServiceQuotas", json!({ "ServiceCode": "lambda" }), "NoSuchResourceException"),
        ("ListServiceQuotas", json!({}), "IllegalArgumentException"),
        ("ListServiceQuotas", json!({ "ServiceCode": "connect", "MaxResults": 101 }), "IllegalArgumentException"),
        ("ListServiceQuotas", json!({ "ServiceCode": "connect", "NextToken": "x" }), "IllegalArgumentException"),
        ("GetServiceQuota", json!({ "ServiceCode": "connect" }), "IllegalArgumentException"),
        ("RequestServiceQuotaIncrease", json!({}), "NotImplementedException"),
        ("MakeRoom", json!({}), "UnknownOperationException"),
    } {
        let (_, answer) = call(&center, operation, input).await;
        assert_eq!(answer["__type"], wanted, "{operation}");
    }
    center.fault(json!({ "operation": "ListServiceQuotas", "fault": "throttle" })).await;
    let (status, answer) = call(&center, "ListServiceQuotas", json!({ "ServiceCode": "connect" })).await;
    assert_eq!((status, &answer["__type"]), (400, &json!("TooManyRequestsException")));
}
