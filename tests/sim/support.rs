//! A practice contact center with a clock that tests move, and a client that builds its requests from the contract.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use desk_sim::{Clock, ConnectionDropped, Limits, ManualClock, Options, Sim};
use http::{Request, Response};
use serde_json::{Map, Value, json};

pub static CONTRACT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../src/sim/contract/connect.json")).unwrap());

/// 2026-01-01T00:00:00Z.
pub const START_MS: i64 = 1_767_225_600_000;
pub const START: f64 = 1_767_225_600.0;

pub struct Center {
    pub sim: Sim,
    pub clock: Arc<ManualClock>,
}

/// The guide's house without a quota, with counted ids.
pub fn options(clock: &Arc<ManualClock>) -> Options {
    let clock: Arc<dyn Clock> = clock.clone();
    Options { limits: Limits::Unthrottled, deterministic_ids: true, clock, ..Options::default() }
}

pub fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(START_MS))
}

impl Center {
    pub fn guide() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Options)) -> Self {
        let clock = clock();
        let mut options = options(&clock);
        change(&mut options);
        Self { sim: Sim::open(options).unwrap(), clock }
    }

    pub fn in_file(path: &Path) -> Self {
        Self::with(|options| options.state = Some(path.to_owned()))
    }

    pub fn id(&self) -> String {
        self.sim.instance_id()
    }

    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ConnectionDropped> {
        self.sim.handle(request).await
    }

    /// Sends an operation's input, put where the contract wants it; the instance's id is added.
    pub async fn send_operation(
        &self,
        operation: &str,
        input: Value,
    ) -> Result<Response<Bytes>, ConnectionDropped> {
        self.send(request(operation, input, &self.id())).await
    }

    /// A string such as `@queues/Help Desk` in the input means the id of what has this name.
    pub async fn call(&self, operation: &str, input: Value) -> (u16, Value) {
        let input = self.ids(input).await;
        read(&self.send_operation(operation, input).await.unwrap())
    }

    pub async fn ids(&self, mut value: Value) -> Value {
        if value.to_string().contains("\"@") {
            put_ids(&mut value, &self.control("GET", "/world", Value::Null).await.1);
        }
        value
    }

    /// Each of these changes of an input is refused, with this status and error.
    pub async fn refuses(
        &self,
        operation: &str,
        base: &Value,
        changes: impl IntoIterator<Item = (Value, &str)>,
    ) {
        for (change, wanted) in changes {
            let input = merged(base.clone(), change.clone());
            assert_eq!(self.refused(operation, input).await, wanted, "{operation} {change}");
        }
    }

    /// What an operation of one output describes.
    pub async fn shown(&self, describe: &str, id: &Value) -> Value {
        let output = self.ok(describe, id.clone()).await;
        output.as_object().unwrap().values().next().unwrap().clone()
    }

    /// Each of these calls about one resource sets this member of it, and no other.
    pub async fn changes<'r>(
        &self,
        describe: &str,
        id: &Value,
        rows: impl IntoIterator<Item = (&'r str, Value, &'r str, Value)>,
    ) {
        for (operation, change, member, value) in rows {
            let mut before = self.shown(describe, id).await;
            self.ok(operation, merged(id.clone(), change.clone())).await;
            let mut after = self.shown(describe, id).await;
            assert_eq!(after[member].take(), self.ids(value).await, "{operation} {change}");
            before[member].take();
            assert_eq!(after, before, "{operation} {change}");
        }
    }

    /// The output of a call that has to work.
    pub async fn ok(&self, operation: &str, input: Value) -> Value {
        let (status, output) = self.call(operation, input).await;
        assert_eq!(status, 200, "{operation}: {output}");
        output
    }

    /// The status and name of the error of a call that has to be refused, such as `404 ResourceNotFoundException`.
    pub async fn refused(&self, operation: &str, input: Value) -> String {
        let (status, output) = self.call(operation, input).await;
        assert_ne!(status, 200, "{operation} was carried out: {output}");
        format!("{status} {}", output["__type"].as_str().unwrap_or_default())
    }

    pub async fn control(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let request = Request::builder().method(method).uri(format!("/_sim{path}")).body(body).unwrap();
        read(&self.send(request).await.unwrap())
    }

    pub async fn set(&self, settings: Value) {
        let (status, answer) = self.control("PUT", "/settings", settings).await;
        assert_eq!(status, 200, "{answer}");
    }

    pub async fn fault(&self, fault: Value) {
        let (status, answer) = self.control("POST", "/faults", fault).await;
        assert_eq!(status, 201, "{answer}");
    }

    /// The whole world without what differs from run to run.
    pub async fn world(&self) -> Value {
        self.control("GET", "/world?ids=false", Value::Null).await.1
    }

    pub async fn user_id(&self, login: &str) -> String {
        let output = self.search(equals("Username", login)).await;
        assert_eq!(output["Users"].as_array().unwrap().len(), 1, "{login}");
        text(&output["Users"][0]["Id"])
    }

    pub async fn user(&self, login: &str) -> Value {
        let id = self.user_id(login).await;
        self.ok("DescribeUser", json!({ "UserId": id })).await["User"].take()
    }

    pub async fn search(&self, criteria: Value) -> Value {
        self.ok("SearchUsers", json!({ "SearchCriteria": criteria })).await
    }

    /// The id of a resource by its name.
    pub async fn named(&self, kind: &str, name: &str) -> String {
        let world = self.control("GET", "/world", Value::Null).await.1;
        let id = &world[kind][name]["id"];
        assert!(id.is_string(), "there is no {name} among {kind}");
        text(id)
    }

    /// What CreateUser needs, for a new agent.
    pub async fn new_agent(&self, login: &str) -> Value {
        json!({
            "Username": login,
            "Password": "Practice1",
            "IdentityInfo": { "FirstName": "New", "LastName": "Agent" },
            "SecurityProfileIds": [self.named("security_profiles", "Agent").await],
            "RoutingProfileId": self.named("routing_profiles", "Case Investigator Profile").await,
        })
    }

    /// Creates an agent, with more input or other input; gives back the id.
    pub async fn create(&self, login: &str, input: Value) -> String {
        text(&self.ok("CreateUser", merged(self.new_agent(login).await, input)).await["UserId"])
    }
}

fn put_ids(value: &mut Value, world: &Value) {
    match value {
        Value::String(text) => {
            if let Some((kind, name)) = text.strip_prefix('@').and_then(|text| text.split_once('/')) {
                let id = world[kind][name]["id"].clone();
                assert!(id.is_string(), "there is no {name} among {kind}");
                *value = id;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| put_ids(item, world)),
        Value::Object(members) => members.values_mut().for_each(|member| put_ids(member, world)),
        _ => {}
    }
}

pub const PARAMETER: &str = "400 InvalidParameterException";
pub const REQUEST: &str = "400 InvalidRequestException";
pub const MISSING: &str = "404 ResourceNotFoundException";
pub const DUPLICATE: &str = "409 DuplicateResourceException";
pub const IN_USE: &str = "409 ResourceInUseException";
pub const FULL: &str = "429 LimitExceededException";

pub fn equals(field: &str, value: &str) -> Value {
    condition(field, value, "EXACT")
}

pub fn condition(field: &str, value: &str, comparison: &str) -> Value {
    json!({ "StringCondition": { "FieldName": field, "Value": value, "ComparisonType": comparison } })
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| unreachable!("{value} is no text")).to_owned()
}

/// The one list of an output, each entry by this member.
pub fn each<'v>(list: &'v Value, member: &str) -> Vec<&'v str> {
    list.as_array().unwrap().iter().map(|entry| entry[member].as_str().unwrap()).collect()
}

/// The first with the members of the second; null takes a member away.
pub fn merged(mut first: Value, second: Value) -> Value {
    for (name, value) in second.as_object().unwrap() {
        if value.is_null() {
            first.as_object_mut().unwrap().remove(name);
        } else {
            first[name] = value.clone();
        }
    }
    first
}

pub fn read(response: &Response<Bytes>) -> (u16, Value) {
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
}

/// The request of an operation by the contract.
pub fn request(operation: &str, mut input: Value, instance: &str) -> Request<Bytes> {
    let operations = CONTRACT["operations"].as_array().unwrap();
    let operation =
        operations.iter().find(|known| known["name"] == operation).expect("the contract has the operation");
    let members = CONTRACT["shapes"][operation["input"].as_str().unwrap()]["members"].as_array().unwrap();
    if members.iter().any(|member| member["name"] == "InstanceId") && input.get("InstanceId").is_none() {
        input["InstanceId"] = json!(instance);
    }
    let mut uri = text(&operation["uri"]).replace('+', "");
    let mut query = Vec::new();
    let mut body = Map::new();
    for (name, value) in input.as_object().unwrap() {
        let member = members.iter().find(|member| member["name"] == *name);
        let wire = member.and_then(|member| member["wire"].as_str()).unwrap_or(name);
        match member.and_then(|member| member["in"].as_str()) {
            Some("path") => uri = uri.replace(&format!("{{{wire}}}"), &encoded(&plain(value))),
            Some("query") => {
                let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
                query.extend(values.iter().map(|value| format!("{wire}={}", encoded(&plain(value)))));
            }
            _ => drop(body.insert(wire.to_owned(), value.clone())),
        }
    }
    if !query.is_empty() {
        uri = format!("{uri}?{}", query.join("&"));
    }
    let body = if body.is_empty() { Bytes::new() } else { Bytes::from(Value::Object(body).to_string()) };
    Request::builder().method(operation["method"].as_str().unwrap()).uri(uri).body(body).unwrap()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Percent-encodes as the AWS SDKs do.
pub fn encoded(text: &str) -> String {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes()
        .map(|b| if unreserved(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

/// The operations that were called since this was last asked.
pub async fn called(center: &Center) -> Vec<String> {
    let (_, calls) = center.control("GET", "/calls", Value::Null).await;
    center.control("DELETE", "/calls", Value::Null).await;
    calls["operations"].as_object().unwrap().keys().cloned().collect()
}

/// All the pages of a list: what the operation lists, page size by page size.
pub async fn pages(
    center: &Center,
    operation: &str,
    list: &str,
    size: usize,
    input: Value,
) -> Vec<Vec<Value>> {
    let mut pages = Vec::new();
    let mut token = Value::Null;
    loop {
        let asked = merged(input.clone(), json!({ "MaxResults": size, "NextToken": token }));
        let mut output = center.ok(operation, asked).await;
        let page = output[list].as_array().unwrap().clone();
        assert!(page.len() <= size);
        pages.push(page);
        token = output["NextToken"].take();
        if token.is_null() {
            return pages;
        }
    }
}
