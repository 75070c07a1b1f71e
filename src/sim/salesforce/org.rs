//! The practice org itself: its records, its app, and the rules by which records are written.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::Refusal;
use super::ids;
use super::schema::{Field, Kind, OBJECTS, Object, Permission};

pub(super) type Record = Map<String, Value>;

/// Everything that is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Org {
    /// Records by object and id.
    pub(super) records: BTreeMap<String, BTreeMap<String, Record>>,
    deleted: BTreeSet<String>,
    /// How many ids were given out.
    given: u64,
    pub(super) app: App,
}

/// The External Client App through which programs come in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct App {
    pub(super) client_id: String,
    pub(super) client_secret: String,
    /// PEM; none is registered, or it was removed.
    pub(super) certificate: Option<String>,
    /// The user as whom client credentials run.
    pub(super) run_as: Option<String>,
    /// The users who are pre-authorized.
    pub(super) approved: Vec<String>,
    /// An app of production is missing in a sandbox, also after each refresh.
    pub(super) installed: bool,
    pub(super) sandbox: bool,
    /// What its users may do.
    pub(super) permissions: BTreeSet<Permission>,
}

impl Org {
    pub(super) fn empty(app: App) -> Org {
        let records = OBJECTS.iter().map(|object| (object.name.to_owned(), BTreeMap::new())).collect();
        Org { records, deleted: BTreeSet::new(), given: 0, app }
    }

    pub(super) fn all(&self, object: &Object) -> impl Iterator<Item = &Record> {
        self.records.get(object.name).into_iter().flat_map(BTreeMap::values)
    }

    /// The record with an id in either length.
    pub(super) fn get(&self, object: &Object, id: &str) -> Option<&Record> {
        self.records.get(object.name)?.get(&ids::read(id)?)
    }

    /// The same, or what Salesforce says when there is none.
    pub(super) fn need(&self, object: &Object, id: &str) -> Result<&Record, Refusal> {
        let Some(id) = ids::read(id) else {
            let message = format!("Provided external ID field does not exist or is not accessible: {id}");
            return Err(Refusal::new("NOT_FOUND", message));
        };
        match self.get(object, &id) {
            Some(record) => Ok(record),
            None if self.deleted.contains(&id) => Err(Refusal::new("ENTITY_IS_DELETED", "entity is deleted")),
            None => Err(Refusal::no_such_resource()),
        }
    }

    /// What a field of a record holds now; null where it holds nothing.
    pub(super) fn value(&self, object: &Object, record: &Record, field: &Field, now: &str) -> Value {
        if (object.name, field.name) == ("PermissionSetAssignment", "IsActive") {
            let expires = record.get("ExpirationDate").and_then(Value::as_str);
            return json!(expires.is_none_or(|expires| expires > now));
        }
        record.get(field.name).cloned().unwrap_or(Value::Null)
    }

    /// The record that a reference leads to, and which object it is of.
    pub(super) fn follow(&self, record: &Record, field: &Field) -> Option<(&'static Object, &Record)> {
        let Kind::Reference(objects) = field.kind else { return None };
        let id = record.get(field.name)?.as_str()?;
        objects
            .iter()
            .filter_map(|name| Object::named(name))
            .find_map(|object| Some((object, self.get(object, id)?)))
    }

    /// Puts a record in without asking anyone, as an administrator or a package would. Gives its id.
    pub(super) fn insert(&mut self, object: &Object, mut record: Record) -> String {
        self.given += 1;
        let id = ids::made(object.prefix, self.given);
        record.insert("Id".to_owned(), json!(id));
        self.records.entry(object.name.to_owned()).or_default().insert(id.clone(), record);
        if object.name == "User" {
            let login = json!({ "UserId": id, "IsFrozen": false, "IsPasswordLocked": false });
            let (Value::Object(login), Some(object)) = (login, Object::named("UserLogin")) else { return id };
            self.insert(object, login);
        }
        id
    }

    /// Changes fields of a record without asking anyone.
    pub(super) fn set(&mut self, object: &Object, id: &str, values: Record) {
        let id = ids::read(id).unwrap_or_default();
        if let Some(record) = self.records.get_mut(object.name).and_then(|records| records.get_mut(&id)) {
            record.extend(values);
            if object.name == "User" {
                let name =
                    |field: &str| record.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
                let whole = format!("{} {}", name("FirstName"), name("LastName")).trim().to_owned();
                record.insert("Name".to_owned(), json!(whole));
            }
        }
    }

    pub(super) fn create(&mut self, object: &Object, body: Record, now: &str) -> Result<String, Refusal> {
        self.allowed(object, "create", object.create)?;
        let mut record = self.read_body(object, body, |field| field.create)?;
        let missing: Vec<&str> = object
            .fields
            .iter()
            .filter(|field| field.required && record.get(field.name).is_none_or(Value::is_null))
            .map(|field| field.name)
            .collect();
        if !missing.is_empty() {
            let message = format!("Required fields are missing: [{}]", missing.join(", "));
            return Err(Refusal::about("REQUIRED_FIELD_MISSING", message, &missing));
        }
        self.unique(object, &record, None)?;
        match object.name {
            "PermissionSetAssignment" => self.assignable(&record)?,
            "User" => {
                record.entry("IsActive").or_insert(json!(true));
                record.insert("UserType".to_owned(), json!("Standard"));
                record.insert("CreatedDate".to_owned(), json!(now));
            }
            "PermissionSet" => {
                record.insert("IsOwnedByProfile".to_owned(), json!(false));
                record.insert("IsCustom".to_owned(), json!(true));
            }
            _ => {}
        }
        stamp(object, &mut record, now);
        let id = self.insert(object, record);
        // Names are put together from their parts.
        self.set(object, &id, Record::new());
        Ok(id)
    }

    pub(super) fn update(
        &mut self,
        object: &Object,
        id: &str,
        body: Record,
        now: &str,
    ) -> Result<(), Refusal> {
        self.allowed(object, "update", object.update)?;
        let mut values = self.read_body(object, body, |field| field.update)?;
        self.need(object, id)?;
        self.unique(object, &values, Some(id))?;
        if values.get("IsPasswordLocked") == Some(&json!(true)) {
            let message = "Unable to create/update fields: IsPasswordLocked. It can only be set to false.";
            return Err(Refusal::about("INVALID_FIELD_FOR_INSERT_UPDATE", message, &["IsPasswordLocked"]));
        }
        stamp(object, &mut values, now);
        self.set(object, id, values);
        Ok(())
    }

    pub(super) fn delete(&mut self, object: &Object, id: &str) -> Result<(), Refusal> {
        self.allowed(object, "delete", object.delete)?;
        let record = self.need(object, id)?;
        if record.get("NamespacePrefix").is_some_and(Value::is_string) {
            return Err(Refusal::new("DELETE_FAILED", "The record belongs to a managed package."));
        }
        let id = ids::read(id).unwrap_or_default();
        self.records.entry(object.name.to_owned()).or_default().remove(&id);
        self.deleted.insert(id);
        Ok(())
    }

    fn may(&self, permission: Permission) -> bool {
        self.app.permissions.contains(&permission)
    }

    /// Whether the API user knows of the object at all.
    pub(super) fn sees(&self, object: &Object) -> bool {
        object.visible.is_empty() || object.visible.iter().any(|permission| self.may(*permission))
    }

    fn allowed(&self, object: &Object, verb: &str, possible: bool) -> Result<(), Refusal> {
        if !possible {
            let message = format!("HTTP Method not allowed: entity type cannot be {verb}d: {}", object.name);
            return Err(Refusal::new("METHOD_NOT_ALLOWED", message));
        }
        if self.may(object.writable) {
            return Ok(());
        }
        Err(match (object.name, verb) {
            ("PermissionSetAssignment", "create") => Refusal::new(
                "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
                "insufficient access rights on cross-reference id",
            ),
            _ => Refusal::new("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id"),
        })
    }

    /// The fields of a request, if each is one, may be written and holds what it can hold.
    fn read_body(
        &self,
        object: &Object,
        body: Record,
        writable: impl Fn(&Field) -> bool,
    ) -> Result<Record, Refusal> {
        let mut read = Record::new();
        for (name, value) in body {
            if name == "attributes" {
                continue;
            }
            let Some(field) = object.field(&name) else {
                let message = format!("No such column '{name}' on sobject of type {}", object.name);
                return Err(Refusal::new("INVALID_FIELD", message));
            };
            if !writable(field) {
                let message = format!(
                    "Unable to create/update fields: {}. Please check the security settings of this field and verify that \
                     it is read/write for your profile or permission set.",
                    field.name
                );
                return Err(Refusal::about("INVALID_FIELD_FOR_INSERT_UPDATE", message, &[field.name]));
            }
            read.insert(field.name.to_owned(), self.read_value(field, value)?);
        }
        Ok(read)
    }

    fn read_value(&self, field: &Field, value: Value) -> Result<Value, Refusal> {
        let of_wrong_kind = |kind: &str| {
            Refusal::new(
                "JSON_PARSER_ERROR",
                format!("Cannot deserialize instance of {kind} from the value of {}", field.name),
            )
        };
        match (field.kind, &value) {
            (Kind::Bool, Value::Bool(_)) | (Kind::Number, Value::Number(_)) => Ok(value),
            (Kind::Bool, _) => Err(of_wrong_kind("boolean")),
            (Kind::Number, _) => Err(of_wrong_kind("double")),
            (_, Value::Null) => Ok(value),
            (Kind::Reference(objects), Value::String(id)) if !id.is_empty() => {
                self.reference(field, objects, id)
            }
            // An empty text is the same as none.
            (_, Value::String(text)) if text.is_empty() => Ok(Value::Null),
            (Kind::DateTime, Value::String(text)) => match text.get(..19) {
                Some(second) => Ok(json!(format!("{second}.000+0000"))),
                None => Err(of_wrong_kind("datetime")),
            },
            (_, Value::String(_)) => Ok(value),
            _ => Err(of_wrong_kind("string")),
        }
    }

    fn reference(&self, field: &Field, objects: &[&str], id: &str) -> Result<Value, Refusal> {
        let known: Vec<&Object> = objects.iter().filter_map(|name| Object::named(name)).collect();
        let full = ids::read(id).filter(|id| known.iter().any(|object| id.starts_with(object.prefix)));
        let Some(full) = full else {
            let message = format!("{}: id value of incorrect type: {id}", field.name);
            return Err(Refusal::about("MALFORMED_ID", message, &[field.name]));
        };
        if known.iter().any(|object| self.get(object, &full).is_some()) {
            return Ok(json!(full));
        }
        Err(Refusal::about("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", &[field.name]))
    }

    fn unique(&self, object: &Object, record: &Record, own: Option<&str>) -> Result<(), Refusal> {
        let own = own.and_then(ids::read);
        for field in object.fields.iter().filter(|field| field.unique) {
            let Some(wanted) = record.get(field.name).and_then(Value::as_str) else { continue };
            let other = self.all(object).find(|other| {
                let same = other.get(field.name).and_then(Value::as_str);
                same.is_some_and(|same| same.to_lowercase() == wanted.to_lowercase())
                    && other.get("Id").and_then(Value::as_str) != own.as_deref()
            });
            if let Some(other) = other {
                let id = other.get("Id").and_then(Value::as_str).unwrap_or_default();
                return Err(match field.name {
                    "Username" => Refusal::about(
                        "DUPLICATE_USERNAME",
                        "Duplicate Username. Choose another.",
                        &["Username"],
                    ),
                    name => Refusal::about(
                        "DUPLICATE_VALUE",
                        format!("duplicate value found: {name} duplicates value on record with id: {id}"),
                        &[name],
                    ),
                });
            }
        }
        Ok(())
    }

    /// Whether the assignee can have the permission set. Everything that speaks against it is said.
    fn assignable(&mut self, record: &Record) -> Result<(), Refusal> {
        let id = |field: &str| record.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (user, set) = (id("AssigneeId"), id("PermissionSetId"));
        let text = |record: &Record, field: &str| {
            record.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let named = |name| Object::named(name).ok_or_else(Refusal::no_such_resource);
        let (users, sets) = (named("User")?, named("PermissionSet")?);
        let assignee = self.need(users, &user)?;
        let wanted = self.need(sets, &set)?;
        if assignee.get("IsActive") != Some(&json!(true)) {
            let message =
                format!("operation performed with inactive user [{user}] as assignee of permission set");
            return Err(Refusal::new("INACTIVE_OWNER_OR_USER", message));
        }
        let assignments = named("PermissionSetAssignment")?;
        let is_there = self
            .all(assignments)
            .any(|other| text(other, "AssigneeId") == user && text(other, "PermissionSetId") == set);
        if is_there {
            let message =
                format!("Duplicate PermissionSetAssignment. Assignee: {user}; Permission Set: {set}");
            return Err(Refusal::about("DUPLICATE_VALUE", message, &["PermissionSetId", "AssigneeId"]));
        }
        let (label, username) = (text(wanted, "Label"), text(assignee, "Username"));
        let refuse = |why: &str| {
            let message = format!("Can't assign permission set {label} to user {username}. {why}");
            Refusal::about("FIELD_INTEGRITY_EXCEPTION", message, &["PermissionSetId"])
        };
        let license = users
            .field("ProfileId")
            .and_then(|field| self.follow(assignee, field))
            .and_then(|(profiles, profile)| self.follow(profile, profiles.field("UserLicenseId")?))
            .map(|(_, license)| license);
        let lacks = |permission: &Value| {
            let lacking = license.and_then(|license| license.get("_lacks")).and_then(Value::as_array);
            lacking.is_some_and(|lacking| lacking.contains(permission))
        };
        let needed = wanted.get("_permissions").and_then(Value::as_array);
        if let Some(permission) = needed.into_iter().flatten().find(|permission| lacks(permission)) {
            let permission = permission.as_str().unwrap_or_default();
            return Err(refuse(&format!("The user license doesn't allow the permission: {permission}")));
        }
        let tied = sets.field("LicenseId").and_then(|field| self.follow(wanted, field));
        if let Some((object, tied)) = tied {
            let name = text(tied, "MasterLabel");
            if object.name == "UserLicense" && license != Some(tied) {
                return Err(refuse(&format!("The user license doesn't match: {name}")));
            }
            if object.name == "PermissionSetLicense" {
                let count = |field: &str| tied.get(field).and_then(Value::as_u64).unwrap_or(0);
                let (used, total) = (count("UsedLicenses"), count("TotalLicenses"));
                if used >= total {
                    let message = format!("You have reached the limit of available {name} licenses.");
                    let exhausted = Refusal::new("LICENSE_LIMIT_EXCEEDED", message);
                    return Err(
                        exhausted.and(refuse(&format!("The user needs the permission set license: {name}")))
                    );
                }
                let (id, seat) =
                    (text(tied, "Id"), Record::from_iter([("UsedLicenses".to_owned(), json!(used + 1))]));
                self.set(object, &id, seat);
            }
        }
        Ok(())
    }
}

/// Notes when a record was last written.
fn stamp(object: &Object, record: &mut Record, now: &str) {
    for name in ["LastModifiedDate", "SystemModstamp"] {
        if object.field(name).is_some() {
            record.insert(name.to_owned(), json!(now));
        }
    }
}
