//! What the contract forbids is refused before any operation looks at it.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::support::{CONTRACT, Center, MISSING, PARAMETER, REQUEST, called, merged, read, request, text};

#[tokio::test]
async fn each_kind_of_mistake_in_a_request_has_its_error() {
    let center = Center::guide();
    let agent = center.new_agent("new.agent").await;
    center
        .refuses("CreateUser", &agent, table! {
        (json!({ "Username": null }), REQUEST),
        (json!({ "RoutingProfileId": null }), REQUEST),
        (json!({ "SecurityProfileIds": null }), REQUEST),
        (json!({ "AutoAcceptConfigs": [{ "Channel": "VOICE" }] }), REQUEST),
        (json!({ "AfterContactWorkConfigs": [{ "AfterContactWorkConfig": {} }] }), REQUEST),
        (json!({ "Username": "" }), PARAMETER),
        (json!({ "Username": "a".repeat(101) }), PARAMETER),
        (json!({ "Username": 7 }), PARAMETER),
        (json!({ "Username": "two words" }), PARAMETER),
        (json!({ "Username": "someone@example" }), PARAMETER),
        (json!({ "SecurityProfileIds": [] }), PARAMETER),
        (json!({ "SecurityProfileIds": "Agent" }), PARAMETER),
        (json!({ "SecurityProfileIds": vec!["x"; 11] }), PARAMETER),
        (json!({ "Password": "short1A" }), PARAMETER),
        (json!({ "Password": "nouppercase1" }), PARAMETER),
        (json!({ "Password": "NOLOWERCASE1" }), PARAMETER),
        (json!({ "Password": "NoDigitsHere" }), PARAMETER),
        (json!({ "Password": "With blank 1" }), PARAMETER),
        (json!({ "Password": format!("aA1{}", "x".repeat(62)) }), PARAMETER),
        (json!({ "IdentityInfo": [] }), PARAMETER),
        (json!({ "IdentityInfo": { "FirstName": "a".repeat(256), "LastName": "b" } }), PARAMETER),
        (json!({ "IdentityInfo": { "FirstName": "a", "LastName": "b".repeat(257) } }), PARAMETER),
        (json!({ "IdentityInfo": { "FirstName": "Jose\u{301}", "LastName": "b" } }), PARAMETER),
        (json!({ "IdentityInfo": { "FirstName": "a", "LastName": "Mu\u{308}ller" } }), PARAMETER),
        (json!({ "IdentityInfo": { "FirstName": "a", "LastName": "b", "Mobile": "5550100" } }), PARAMETER),
        (json!({ "IdentityInfo": { "FirstName": "a", "LastName": "b", "Mobile": "x+15550100" } }), PARAMETER),
        (json!({ "PhoneConfig": { "PhoneType": "soft_phone" } }), PARAMETER),
        (json!({ "PhoneConfig": { "AutoAccept": "yes" } }), PARAMETER),
        (json!({ "PhoneConfig": { "AfterContactWorkTimeLimit": -1 } }), PARAMETER),
        (json!({ "PhoneConfig": { "AfterContactWorkTimeLimit": 1.5 } }), PARAMETER),
        (json!({ "PhoneConfig": { "AfterContactWorkTimeLimit": 1e300 } }), PARAMETER),
        (json!({ "PhoneConfig": { "DeskPhoneNumber": "+0555" } }), PARAMETER),
        (json!({ "PhoneConfig": { "DeskPhoneNumber": "" } }), PARAMETER),
        (json!({ "AutoAcceptConfigs": [{ "Channel": "FAX", "AutoAccept": true }] }), PARAMETER),
        (json!({ "Tags": {} }), PARAMETER),
        (json!({ "Tags": { "aws:mine": "x" } }), PARAMETER),
        (json!({ "Tags": { "what?": "x" } }), PARAMETER),
        (json!({ "Tags": { "long": "x".repeat(257) } }), PARAMETER),
        (json!({ "Tags": { "number": 5 } }), PARAMETER),
    })
        .await;
    assert!(center.world().await["users"]["new.agent"].is_null());
}

#[tokio::test]
async fn what_the_contract_allows_at_its_edges_is_taken() {
    let center = Center::guide();
    for (login, change) in [
        ("nulls.and.unknown", json!({ "Unknown": 1, "HierarchyGroupId": "" })),
        ("longest.password", json!({ "Password": format!("aA1{}", "ü".repeat(61)) })),
        ("someone@example.com", json!({})),
        ("most.acw", json!({ "PhoneConfig": { "AfterContactWorkTimeLimit": 2_000_000.0 } })),
        ("dots_and-more.1", json!({ "Tags": { "ключ 1": "" } })),
    ] {
        let mut input = merged(center.new_agent(login).await, change);
        // A null is a member that is not there.
        input["HierarchyGroupId"] = Value::Null;
        center.ok("CreateUser", input).await;
    }
}

#[tokio::test]
async fn a_refusal_repeats_no_value() {
    let center = Center::guide();
    let input = merged(center.new_agent("new.agent").await, json!({ "Password": "secret-but-bad" }));
    let (_, answer) = center.call("CreateUser", input).await;
    assert!(!answer.to_string().contains("secret-but-bad"), "{answer}");
}

#[tokio::test]
async fn bodies_that_are_no_json_objects_are_refused() {
    let center = Center::guide();
    for body in ["{", "[]", "\"text\"", "nonsense", "{\"InstanceId\":", &"[".repeat(5000)] {
        let request = Request::post("/search-users").body(Bytes::from(body.to_owned())).unwrap();
        let (status, answer) = read(&center.send(request).await.unwrap());
        assert_eq!((status, &answer["__type"]), (400, &json!("InvalidRequestException")), "{body:.20}");
    }
}

#[tokio::test]
async fn queries_are_checked_too() {
    let center = Center::guide();
    for (operation, query, wanted) in [
        ("ListUsers", json!({ "MaxResults": 0 }), "InvalidParameterException"),
        ("ListUsers", json!({ "MaxResults": 1001 }), "InvalidParameterException"),
        ("ListUsers", json!({ "MaxResults": "ten" }), "InvalidParameterException"),
        ("ListUserProficiencies", json!({ "MaxResults": 101, "UserId": "x" }), "InvalidParameterException"),
        ("ListQueues", json!({ "QueueTypes": ["STANDARD", "OTHER"] }), "InvalidParameterException"),
        ("ListQueues", json!({ "QueueTypes": ["STANDARD", "AGENT", "AGENT"] }), "InvalidParameterException"),
        ("UntagResource", json!({ "resourceArn": "x" }), "InvalidRequestException"),
        ("ListPhoneNumbersV2", json!({ "PhoneNumberPrefix": "1555" }), "InvalidParameterException"),
        // This one declares no InvalidParameterException.
        ("ListInstances", json!({ "MaxResults": 11 }), "InvalidRequestException"),
        ("ListInstances", json!({ "NextToken": "x" }), "InvalidRequestException"),
    ] {
        assert_eq!(center.refused(operation, query).await, format!("400 {wanted}"), "{operation}");
    }
}

#[tokio::test]
async fn queries_are_decoded() {
    let center = Center::guide();
    let arn = text(&center.user("omar.aziz").await["Arn"]);
    let tags = json!({ "1": "", "2": "", "x y+z": "", "c": "" });
    center.ok("TagResource", json!({ "resourceArn": arn, "tags": tags })).await;
    for (query, wanted) in [
        ("tagKeys=1&tagKeys=2&tagKeys=x+y%2Bz&c&&d=", "200 "),
        // A name without a value has an empty one, which is no key.
        ("tagKeys", "400 InvalidParameterException"),
        ("tagKeys=", "400 InvalidParameterException"),
        ("c&&d=", "400 InvalidRequestException"),
    ] {
        let request = Request::delete(format!("/tags/{arn}?{query}")).body(Bytes::new()).unwrap();
        let (status, answer) = read(&center.send(request).await.unwrap());
        assert_eq!(format!("{status} {}", answer["__type"].as_str().unwrap_or_default()), wanted, "{query}");
    }
    let left = center.ok("ListTagsForResource", json!({ "resourceArn": arn })).await;
    assert_eq!(left, json!({ "tags": { "c": "" } }));
}

#[tokio::test]
async fn errors_are_named_in_the_header_and_in_the_body() {
    let center = Center::guide();
    let response = center.send_operation("DescribeUser", json!({ "UserId": "no one" })).await.unwrap();
    assert_eq!(response.status(), 404);
    assert_eq!(response.headers()["x-amzn-errortype"], "ResourceNotFoundException");
    assert!(response.headers().contains_key("x-amzn-requestid"));
    let (_, body) = read(&response);
    assert_eq!(body["__type"], "ResourceNotFoundException");
    assert_eq!(body["message"], body["Message"]);
    assert!(body["message"].as_str().unwrap().starts_with("There is no user"));
}

#[tokio::test]
async fn what_is_not_carried_out_says_so() {
    let center = Center::guide();
    for (method, path, status, wanted) in [
        ("PUT", "/prompts/i", 501, "does not carry out CreatePrompt"),
        ("PUT", "/contact/outbound-voice", 501, "does not carry out StartOutboundVoiceContact"),
        ("GET", "/users", 404, "has no operation GET /users"),
        ("GET", "/", 404, "has no operation"),
    ] {
        let request = Request::builder().method(method).uri(path).body(Bytes::new()).unwrap();
        let (answered, body) = read(&center.send(request).await.unwrap());
        assert_eq!(answered, status);
        assert!(body["message"].as_str().unwrap().contains(wanted), "{body}");
    }
}

#[tokio::test]
async fn requests_find_their_operation() {
    let center = Center::guide();
    let (i, u) = (center.id(), center.user_id("john.doe").await);
    let arn = format!("{}/agent/{u}", center.sim.instance_arn());
    let encoded = arn.replace(':', "%3A").replace('/', "%2F");
    let h = center.named("hours_of_operations", "Basic Hours").await;
    let day = json!([{ "Day": "MONDAY", "StartTime": { "Hours": 9, "Minutes": 0 }, "EndTime": { "Hours": 12, "Minutes": 0 } }]);
    let over = json!({ "HoursOfOperationId": h, "Name": "Short day", "Config": day, "EffectiveFrom": "2026-03-06", "EffectiveTill": "2026-03-10" });
    let o = text(&center.ok("CreateHoursOfOperationOverride", over).await["HoursOfOperationOverrideId"]);
    let agent = center.new_agent("new.agent").await;
    let voice = json!({ "AutoAcceptConfigs": [{ "Channel": "VOICE", "AutoAccept": true }] });
    let contact = json!({ "InstanceId": i, "ContactId": u });
    called(&center).await;
    // What is in the answer shows that the values in the path came along.
    for (method, path, body, operation, shown) in table! {
        ("PUT", format!("/users/{i}"), agent, "CreateUser", "UserArn"),
        ("GET", format!("/users/{i}/{u}"), Value::Null, "DescribeUser", "john.doe"),
        ("GET", format!("/users-summary/{i}"), Value::Null, "ListUsers", "john.doe"),
        ("POST", format!("/users/{i}/{u}/config"), voice, "UpdateUserConfig", "{}"),
        ("GET", format!("/users/{i}/{encoded}"), Value::Null, "DescribeUser", "john.doe"),
        ("GET", format!("/tags/{encoded}"), Value::Null, "ListTagsForResource", "\"tags\""),
        ("GET", format!("/tags/{arn}"), Value::Null, "ListTagsForResource", "\"tags\""),
        ("DELETE", format!("/tags/{arn}?tagKeys=a"), Value::Null, "UntagResource", "{}"),
        ("POST", "/search-users".to_owned(), json!({ "InstanceId": i }), "SearchUsers", "john.doe"),
        ("POST", "/contact/stop".to_owned(), contact, "StopContact", "ContactNotFoundException"),
        ("POST", "/contact/transfer".to_owned(), Value::Null, "", "does not carry out TransferContact"),
        ("GET", format!("/hours-of-operations/{i}/{h}/overrides/{o}"), Value::Null, "DescribeHoursOfOperationOverride", "Short day"),
        ("PUT", "/instance".to_owned(), Value::Null, "", "does not carry out CreateInstance"),
        ("POST", "/auth/sessions/delete-all-entity-sessions".to_owned(), Value::Null, "", "does not carry out DeleteAllEntitySessions"),
        ("PATCH", format!("/users/{i}"), Value::Null, "", "has no operation"),
        ("GET", format!("/users//{u}"), Value::Null, "", "has no operation"),
        ("GET", format!("/users/{i}/"), Value::Null, "", "has no operation"),
        ("GET", "/".to_owned(), Value::Null, "", "has no operation"),
        ("GET", "/no/such/thing/at/all".to_owned(), Value::Null, "", "has no operation"),
    } {
        let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let request = Request::builder().method(method).uri(&path).body(body).unwrap();
        let answer = read(&center.send(request).await.unwrap()).1.to_string();
        assert!(answer.contains(shown), "{method} {path}: {answer}");
        assert_eq!(called(&center).await.join(" "), operation, "{method} {path}");
    }
}

#[tokio::test]
async fn instances_and_users_may_be_named_by_arn() {
    let center = Center::guide();
    let id = center.user_id("john.doe").await;
    let user_arn = format!("{}/agent/{id}", center.sim.instance_arn());
    let input = json!({ "InstanceId": center.sim.instance_arn(), "UserId": user_arn });
    assert_eq!(center.ok("DescribeUser", input).await["User"]["Username"], "john.doe");
    let profile = center.named("routing_profiles", "Contact Tracers Profile").await;
    let profile_arn = format!("{}/routing-profile/{profile}", center.sim.instance_arn());
    center.ok("UpdateUserRoutingProfile", json!({ "UserId": id, "RoutingProfileId": profile_arn })).await;
    assert_eq!(center.user("john.doe").await["RoutingProfileId"], profile);
    let input =
        json!({ "InstanceId": center.sim.instance_arn(), "UserId": format!("{}/queue/{id}", center.id()) });
    assert_eq!(center.refused("DescribeUser", input).await, MISSING);
}

#[tokio::test]
async fn every_operation_refuses_another_instance() {
    let center = Center::guide();
    for operation in CONTRACT["operations"].as_array().unwrap() {
        let name = operation["name"].as_str().unwrap();
        let members = CONTRACT["shapes"][operation["input"].as_str().unwrap()]["members"].as_array().unwrap();
        if !members.iter().any(|member| member["name"] == "InstanceId") {
            continue;
        }
        // Whatever is required gets some value of its type.
        let mut input = json!({ "InstanceId": "36bb0d43-8856-4662-82f3-000000000000" });
        for member in
            members.iter().filter(|member| member["required"] == true && member["name"] != "InstanceId")
        {
            input[member["name"].as_str().unwrap()] = some(member["shape"].as_str().unwrap());
        }
        let (status, answer) = read(&center.send(request(name, input, "")).await.unwrap());
        assert_eq!(
            (status, &answer["__type"]),
            (404, &json!("ResourceNotFoundException")),
            "{name}: {answer}"
        );
    }
}

pub fn some(shape: &str) -> Value {
    let shape = &CONTRACT["shapes"][shape];
    match shape["type"].as_str().unwrap() {
        "string" if shape["pattern"].as_str().is_some_and(|pattern| pattern.starts_with("[0-9]{4}-")) => {
            json!("2026-01-01")
        }
        "string" => shape["enum"].get(0).cloned().unwrap_or(json!("x")),
        "list" => json!([some(shape["item"].as_str().unwrap())]),
        "integer" | "number" => json!(1),
        "boolean" => json!(true),
        "map" => json!({ "x": "x" }),
        _ => {
            let required =
                shape["members"].as_array().unwrap().iter().filter(|member| member["required"] == true);
            required
                .map(|m| (m["name"].as_str().unwrap().to_owned(), some(m["shape"].as_str().unwrap())))
                .collect()
        }
    }
}
