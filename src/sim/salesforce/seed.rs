//! What a new practice org holds: the agents of the practice contact center as Salesforce users, and the CTI adapter's
//! package, with the odd cases that a help desk meets.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::org::{App, Org, Record};
use super::schema::{Object, Permission};

/// The same people as in the practice contact center.
const GUIDE: &str = include_str!("../seeds/guide.json");

/// Every user name of the practice org ends like this.
const DOMAIN: &str = "practice.example.com";

/// The user as whom programs come in.
pub const API_USER: &str = "connect.desk@practice.example.com";
/// The consumer key of the practice org's app.
pub const CLIENT_ID: &str = "3MVG9.practice.consumer.key";
/// Its consumer secret.
pub const CLIENT_SECRET: &str = "practice-consumer-secret";

#[derive(Deserialize)]
struct Guide {
    agents: Vec<Agent>,
}

#[derive(Deserialize)]
struct Agent {
    login: String,
    first: String,
    last: String,
    /// As in the practice contact center: their own if it is left out, and none if it is null.
    #[serde(default, deserialize_with = "present")]
    email: Option<Option<String>>,
}

fn present<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

fn record(value: Value) -> Record {
    match value {
        Value::Object(record) => record,
        _ => Record::new(),
    }
}

struct Seeding {
    org: Org,
    /// Ids by a name of their own.
    ids: BTreeMap<&'static str, String>,
}

impl Seeding {
    fn insert(&mut self, object: &str, value: Value) -> String {
        match Object::named(object) {
            Some(object) => self.org.insert(object, record(value)),
            None => String::new(),
        }
    }

    fn named(&mut self, name: &'static str, object: &str, value: Value) {
        let id = self.insert(object, value);
        self.ids.insert(name, id);
    }

    fn id(&self, name: &str) -> Value {
        self.ids.get(name).map_or(Value::Null, |id| json!(id))
    }

    fn assign(&mut self, user: &str, set: &str, expires: Option<&str>) {
        let assignment =
            json!({ "AssigneeId": user, "PermissionSetId": self.id(set), "ExpirationDate": expires });
        self.insert("PermissionSetAssignment", assignment);
    }
}

/// A new org, whose app has this certificate.
pub(super) fn org(certificate: Option<String>) -> Org {
    let app = App {
        client_id: CLIENT_ID.to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
        certificate,
        run_as: Some(API_USER.to_owned()),
        approved: vec![API_USER.to_owned()],
        installed: true,
        sandbox: false,
        permissions: BTreeSet::from(Permission::ALL),
    };
    let mut seeding = Seeding { org: Org::empty(app), ids: BTreeMap::new() };
    licenses(&mut seeding);
    permission_sets(&mut seeding);
    call_centers(&mut seeding);
    users(&mut seeding);
    seeding.org
}

fn licenses(to: &mut Seeding) {
    for (name, lacks) in [("Salesforce", json!([])), ("Salesforce Platform", json!(["Run Flows"]))] {
        let license = json!({ "Name": name, "MasterLabel": name, "TotalLicenses": 100, "UsedLicenses": 50, "_lacks": lacks });
        to.named(name, "UserLicense", license);
    }
    let seats = json!({ "DeveloperName": "AmazonQForConnectPsl", "MasterLabel": "Amazon Q for Connect", "TotalLicenses": 5,
        "UsedLicenses": 5 });
    to.named("Amazon Q for Connect", "PermissionSetLicense", seats);
    for (name, license) in [
        ("Service Agent", "Salesforce"),
        ("Platform User", "Salesforce Platform"),
        ("API Only", "Salesforce"),
    ] {
        let profile = json!({ "Name": name, "UserLicenseId": to.id(license) });
        to.named(name, "Profile", profile);
    }
}

/// The package's sets have its namespace; the org has two of its own, one of them with the same name.
fn permission_sets(to: &mut Seeding) {
    for (name, namespace, permissions, license) in [
        ("AC_Agent", Some("amazonconnect"), json!(["Run Flows"]), None),
        ("AC_Manager", Some("amazonconnect"), json!([]), None),
        ("AC_Administrator", Some("amazonconnect"), json!([]), None),
        ("AC_CallRecording", Some("amazonconnect"), json!([]), Some("Salesforce")),
        ("AC_AmazonQ", Some("amazonconnect"), json!([]), Some("Amazon Q for Connect")),
        ("AC_Supervisor", None, json!([]), None),
    ] {
        let license = license.map_or(Value::Null, |license| to.id(license));
        let set = json!({ "Name": name, "Label": name, "NamespacePrefix": namespace, "IsOwnedByProfile": false,
            "IsCustom": namespace.is_none(), "LicenseId": license, "_permissions": permissions });
        to.named(name, "PermissionSet", set);
    }
    let own = json!({ "Name": "AC_Agent", "Label": "AC Agent (ours)", "IsOwnedByProfile": false, "IsCustom": true });
    to.named("AC_Agent (ours)", "PermissionSet", own);
    // Each profile has a set of its own, which no one assigns.
    let profile = json!({ "Name": "X00ex0000_profile", "Label": "Service Agent", "IsOwnedByProfile": true,
        "IsCustom": true, "ProfileId": to.id("Service Agent") });
    to.named("of the profile", "PermissionSet", profile);
}

/// Three of the package, a copy of one of them under the same label, and one of Salesforce Voice.
fn call_centers(to: &mut Seeding) {
    let adapter = "https://practice.example.com/apex/amazonconnect__CTI_Adapter";
    for (name, internal) in [
        ("AC Classic Adapter", "ACClassicAdapter"),
        ("AC Console Adapter", "ACConsoleAdapter"),
        ("AC Lightning Adapter", "ACLightningAdapter"),
        ("AC Lightning Adapter", "ACLightningAdapterCopy"),
    ] {
        let settings = r#"{"reqGeneralInfo":{"reqUseApi":"true"}}"#;
        let center = json!({ "Name": name, "InternalName": internal, "AdapterUrl": adapter, "Version": 4.0,
            "CustomSettings": settings });
        to.named(internal, "CallCenter", center);
    }
    let settings = r#"{"reqCallCenterType":"SCV","reqGeneralInfo":{"reqVendorInfoApiName":"amazonConnect"}}"#;
    let voice = json!({ "Name": "Amazon Connect Voice", "InternalName": "AmazonConnectVoice", "Version": 4.0,
        "CustomSettings": settings });
    to.named("AmazonConnectVoice", "CallCenter", voice);
}

fn users(to: &mut Seeding) {
    let guide: Guide = serde_json::from_str(GUIDE).unwrap_or_else(|_| Guide { agents: Vec::new() });
    let desk =
        Agent { login: "connect.desk".into(), first: "Connect".into(), last: "Desk".into(), email: None };
    // Someone new, who has a Salesforce user and none in the contact center yet.
    let new = Agent {
        login: "nora.nowak".into(),
        first: "Nora".into(),
        last: "Nowak".into(),
        email: Some(Some("nora.nowak@example.com".into())),
    };
    for (number, agent) in [desk].into_iter().chain(guide.agents).chain([new]).enumerate() {
        let login = agent.login.as_str();
        // An agent who has no Salesforce user.
        if login == "kofi.mensah" {
            continue;
        }
        let profile = match login {
            "connect.desk" => "API Only",
            "hugo.berg" => "Platform User",
            _ => "Service Agent",
        };
        let center = match login {
            "aaron.fields" => to.id("ACLightningAdapter"),
            "ahmed.farouk" => to.id("ACClassicAdapter"),
            "grace.lee" => to.id("AmazonConnectVoice"),
            _ => Value::Null,
        };
        let own = || Some(format!("{login}@example.com"));
        let email = agent.email.clone().unwrap_or_else(own).unwrap_or_else(|| format!("{login}@{DOMAIN}"));
        let user = user(to, &agent, number, &format!("{login}@{DOMAIN}"), &email, profile, center);
        match login {
            "aaron.fields" | "ahmed.farouk" => to.assign(&user, "AC_Agent", None),
            "jane.doe" => to.assign(&user, "AC_Administrator", None),
            "omar.aziz" => to.assign(&user, "AC_Agent", Some("2026-01-31T00:00:00.000+0000")),
            "grace.lee" => to.assign(&user, "AC_Agent (ours)", None),
            _ => {}
        }
        if login == "mike.turner" {
            // Their user from before, who still has the email.
            self::user(to, &agent, number, &format!("{login}.old@{DOMAIN}"), &email, profile, Value::Null);
        }
    }
}

fn user(
    to: &mut Seeding,
    agent: &Agent,
    number: usize,
    username: &str,
    email: &str,
    profile: &str,
    center: Value,
) -> String {
    let own = !username.contains(".old@");
    let user = to.insert(
        "User",
        json!({
            "Username": username, "FirstName": agent.first, "LastName": agent.last,
            "Name": format!("{} {}", agent.first, agent.last), "Email": email,
            "Alias": agent.login.chars().take(8).collect::<String>(),
            "FederationIdentifier": own.then_some(&agent.login),
            "EmployeeNumber": own.then(|| format!("E{number:04}")),
            "IsActive": own && agent.login != "victor.hale",
            "ProfileId": to.id(profile), "CallCenterId": center, "UserType": "Standard",
            "TimeZoneSidKey": "America/New_York", "LocaleSidKey": "en_US", "EmailEncodingKey": "UTF-8",
            "LanguageLocaleKey": "en_US", "CreatedDate": "2025-11-03T14:00:00.000+0000",
            "LastModifiedDate": "2025-11-03T14:00:00.000+0000", "SystemModstamp": "2025-11-03T14:00:00.000+0000",
        }),
    );
    to.insert(
        "PermissionSetAssignment",
        json!({ "AssigneeId": user, "PermissionSetId": to.id("of the profile") }),
    );
    if agent.login == "laura.pace"
        && let Some(logins) = Object::named("UserLogin")
    {
        let login = to.org.all(logins).find(|login| login.get("UserId") == Some(&json!(user)));
        let id =
            login.and_then(|login| login.get("Id")).and_then(Value::as_str).unwrap_or_default().to_owned();
        to.org.set(logins, &id, record(json!({ "IsFrozen": true })));
    }
    user
}
