//! The real adapter for Salesforce against the practice Salesforce: who is found, what is changed, and what goes wrong.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use bytes::Bytes;
use connect_desk::clock::ScriptClock;
use connect_desk::practice::SameClock;
use connect_desk::systems::salesforce::{
    Agent, Found, Patience, RecordId, Salesforce, Settings, SignIn, User, UserField, UserRule,
};
use desk_sim::salesforce as practice;
use http::Request;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{self, in_time};

mod changes;
mod looks;
mod sign_in;

pub const KEY: &str = include_str!("../../files/salesforce/app.key");
const CERTIFICATE: &str = include_str!("../../files/salesforce/app.crt");

/// A practice Salesforce on a socket, and what a desk needs to come in.
pub struct Org {
    pub practice: practice::Salesforce,
    pub clock: Arc<ScriptClock>,
    pub settings: Settings,
    /// The world as it began.
    seed: Value,
    folder: TempDir,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Org {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Org {
    pub async fn begin() -> Org {
        let clock = support::clock();
        let practice = practice::Salesforce::open(practice::Options {
            state: None,
            certificate: Some(CERTIFICATE.to_owned()),
            clock: Arc::new(SameClock(clock.clone())),
        })
        .unwrap();
        let listener = desk_sim::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = practice.clone();
        let serving = tokio::spawn(async move { drop(served.serve(listener).await) });
        let folder = tempfile::tempdir().unwrap();
        let mut org = Org {
            practice,
            clock,
            settings: Settings {
                login_url: format!("http://{address}"),
                client_id: practice::CLIENT_ID.to_owned(),
                sign_in: SignIn::ClientCredentials { secret_file: None },
                api_version: 67,
                user: rule(UserField::Username, "{login}@practice.example.com"),
                call_center: "ACLightningAdapter".to_owned(),
            },
            seed: Value::Null,
            folder,
            serving,
        };
        org.seed = org.world().await;
        // A signature takes its time where nothing is optimized; `sign_in` is about them.
        org.settings.sign_in = org.with_secret(practice::CLIENT_SECRET);
        org
    }

    /// A file that only the desk can read.
    fn file(&self, name: &str, text: &str) -> std::path::PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    pub fn with_key(&self, pem: &str) -> SignIn {
        SignIn::Jwt {
            username: practice::API_USER.to_owned(),
            key_file: Some(self.file("key", pem)),
            audience: "https://login.salesforce.com".to_owned(),
        }
    }

    pub fn with_secret(&self, secret: &str) -> SignIn {
        SignIn::ClientCredentials { secret_file: Some(self.file("secret", secret)) }
    }

    /// A desk's adapter, with the settings of now.
    pub fn desk(&self) -> Salesforce {
        let patience = Patience { jitter_seed: Some(1), ..Patience::default() };
        Salesforce::open(&self.settings, None, patience, self.clock.clone()).unwrap()
    }

    pub async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let request = Request::builder().method(method).uri(format!("/_salesforce/{path}"));
        let request = request.body(Bytes::from(body.to_string())).unwrap();
        let answer = self.practice.handle(request).await.unwrap();
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        assert!(answer.status().is_success(), "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Orders a fault of the next calls of an operation.
    pub async fn fault(&self, operation: &str, fault: &Value) {
        let mut fault = fault.clone();
        fault["operation"] = json!(operation);
        self.control("POST", "faults", fault).await;
    }

    pub async fn calls(&self, operation: &str) -> u64 {
        self.control("GET", "calls", Value::Null).await[operation].as_u64().unwrap_or(0)
    }

    /// Everything in the org, but for when it was written.
    pub async fn world(&self) -> Value {
        let mut world = self.control("GET", "world", Value::Null).await;
        for records in world.as_object_mut().unwrap().values_mut() {
            for record in records.as_object_mut().unwrap().values_mut() {
                let record = record.as_object_mut().unwrap();
                record.remove("SystemModstamp");
                record.remove("LastModifiedDate");
            }
        }
        world
    }

    /// The id of the record of which this field held this when the org began.
    pub fn id(&self, object: &str, field: &str, is: &str) -> RecordId {
        let records = self.seed[object].as_object().unwrap();
        let found = records.values().find(|record| record[field] == is);
        RecordId::parse(found.unwrap()["Id"].as_str().unwrap()).unwrap()
    }

    pub fn user(&self, login: &str) -> RecordId {
        self.id("User", "Username", &format!("{login}@practice.example.com"))
    }

    /// The package's set; the org has one of its own under the same name.
    pub fn set(&self, name: &str) -> RecordId {
        self.id("PermissionSet", "Label", name)
    }

    pub fn center(&self, internal_name: &str) -> RecordId {
        self.id("CallCenter", "InternalName", internal_name)
    }
}

/// The rows of a world that give a user a permission set.
pub fn rows(world: &Value, user: &RecordId, set: &RecordId) -> Vec<String> {
    let rows = world["PermissionSetAssignment"].as_object().unwrap().values();
    let given =
        rows.filter(|row| row["AssigneeId"] == user.as_str() && row["PermissionSetId"] == set.as_str());
    given.map(|row| row["Id"].as_str().unwrap().to_owned()).collect()
}

pub fn rule(field: UserField, value: &str) -> UserRule {
    UserRule { field, value: value.to_owned() }
}

/// How much time has passed on the clock of the test.
pub fn passed(org: &Org) -> std::time::Duration {
    desk_core::ports::Clock::monotonic(&*org.clock)
}

pub async fn find(desk: &Salesforce, login: &str) -> User {
    let email = format!("{login}@example.com");
    let found = in_time(desk.find(&Agent { login, email: Some(&email) })).await.unwrap();
    match found {
        Found::One(user) => user,
        other => panic!("{login}: {other:?}"),
    }
}
