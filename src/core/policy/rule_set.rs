//! Everything that decides who may do what, as one value: the log keeps it, and says what differs when it changes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::basics::ids::PersonId;
use crate::basics::roles::{Person, Role};
use crate::basics::text::hex;
use crate::basics::text::{code, count, list};
use crate::policy::Emergencies;
use crate::policy::Policy;
use crate::policy::schedule::{Schedule, ScheduleRecord};
use crate::policy::site::Protected;

/// The rules of a site, and what else in its configuration decides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSet {
    pub rules: Policy,
    #[serde(default)]
    pub protected: Protected,
    #[serde(default)]
    pub emergency: Emergencies,
    /// What the configuration says of people, by their first account.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub people: BTreeMap<PersonId, Principal>,
    /// What the roles of chat platforms are at the desk, by the platform and their id there, such as `discord:80351110224678912`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub platform_roles: BTreeMap<String, Role>,
    /// Whether two admins approve even someone's first authenticator.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub first_authenticator_approved: bool,
    /// What runs at a time, as whom and for whom, by its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub schedules: BTreeMap<String, ScheduleRecord>,
    /// Domains of the addresses that a new user may have without an approval.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub email_domains: BTreeSet<String>,
    /// What of the sections of platforms and systems decides, such as `salesforce user`: which one belongs to an agent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sections: BTreeMap<String, String>,
    /// How often one person may ask in a minute, where the site says it: `commands`, `decisions`, or a command.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub per_minute: BTreeMap<String, u32>,
}

/// What decides about a person. Names decide nothing and are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub roles: BTreeSet<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub also: BTreeSet<PersonId>,
}

impl From<&Person> for Principal {
    fn from(person: &Person) -> Principal {
        Principal { roles: person.roles.clone(), login: person.login.clone(), also: person.also.clone() }
    }
}

/// That the desk uses a different policy, in its log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleChange {
    /// The digest of the rules before; none when the log knows of none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    pub after: String,
    /// What differs, a sentence each.
    pub difference: Vec<String>,
    pub started_by: StartedBy,
    /// The [`RuleSet`] from now on, in full, so that the next change can be told. As it was written: rules of an older
    /// version may have had other keys, and its lines have to be read for ever.
    pub rules: Value,
}

/// Whom the operating system ran the desk as, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartedBy {
    /// The name of the account; its number where it has none, and `unknown` where the system has no such thing.
    pub user: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    pub host: String,
}

impl std::fmt::Display for StartedBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", code(&self.user))?;
        if let Some(uid) = self.uid {
            write!(f, " (uid {uid})")?;
        }
        write!(f, " on {}", code(&self.host))
    }
}

impl RuleChange {
    /// The change from the newest one that the log knows to these rules; none when they are the same.
    pub fn between(
        before: Option<&RuleChange>,
        rules: &RuleSet,
        started_by: StartedBy,
    ) -> Option<RuleChange> {
        let value = rules.value();
        if before.is_some_and(|before| before.rules == value) {
            return None;
        }
        let difference = match before {
            Some(before) => difference(&before.rules, &value),
            None => {
                vec![format!("First policy in this log: {}.", count(rules.rules.rules.len(), "rule"))]
            }
        };
        let before = before.map(|before| before.after.clone());
        Some(RuleChange { before, after: rules.digest(), difference, started_by, rules: value })
    }

    /// Whether this schedule is part of them, with these times and this account.
    pub fn has_schedule(&self, schedule: &Schedule) -> bool {
        let known = &self.rules["schedules"][&schedule.name];
        known["at"] == schedule.times.words() && known["as"] == schedule.by.to_string()
    }

    /// What differs on one line, at most so many sentences of it.
    pub fn summary(&self, most: usize) -> String {
        let shown: Vec<&str> = self.difference.iter().take(most).map(String::as_str).collect();
        let more = self.difference.len() - shown.len();
        let more = if more > 0 { format!(" And {} more.", count(more, "difference")) } else { String::new() };
        format!("{}{more}", shown.join(" "))
    }
}

impl RuleSet {
    /// The first twelve characters of the SHA-256 of its canonical JSON: the log says by which rules the desk ran.
    pub fn digest(&self) -> String {
        let bytes = serde_json_canonicalizer::to_vec(self)
            .expect("rules have string keys and whole numbers, which is all that canonical JSON asks");
        hex(&Sha256::digest(bytes)).chars().take(12).collect()
    }

    fn value(&self) -> Value {
        serde_json::to_value(self).expect("rules have string keys, which is all that JSON asks")
    }
}

/// What differs between two rule sets, a sentence each; empty only when nothing does.
fn difference(before: &Value, after: &Value) -> Vec<String> {
    let mut out = Vec::new();
    let rules_of = |set: &Value| set["rules"].as_array().cloned().unwrap_or_default();
    rules(&rules_of(before), &rules_of(after), &mut out);
    let rest = |set: &Value| {
        let mut rest = set.as_object().cloned().unwrap_or_default();
        rest.remove("rules");
        // Their names say which section it is.
        if let Some(Value::Object(sections)) = rest.remove("sections") {
            rest.extend(sections);
        }
        Value::Object(rest)
    };
    differ("", Some(&rest(before)), Some(&rest(after)), &mut out);
    out
}

/// Rules are known by their names, which a configuration has once each.
fn rules(before: &[Value], after: &[Value], out: &mut Vec<String>) {
    let name_of = |rule: &Value| rule["name"].as_str().unwrap_or_default().to_owned();
    let places = |rules: &[Value]| -> BTreeMap<String, usize> {
        rules.iter().enumerate().map(|(i, rule)| (name_of(rule), i)).collect()
    };
    let (was, is) = (places(before), places(after));
    for name in before.iter().map(name_of).filter(|name| !is.contains_key(name)) {
        out.push(format!("The rule {} was removed.", code(&name)));
    }
    let common: Vec<usize> = after.iter().filter_map(|rule| was.get(&name_of(rule)).copied()).collect();
    let stayed = longest_rising(&common);
    for (i, rule) in after.iter().enumerate() {
        let name = code(&name_of(rule));
        let Some(old) = was.get(&name_of(rule)) else {
            let fields = rule.as_object().into_iter().flatten().filter(|(key, _)| *key != "name");
            let fields: Vec<String> = fields
                .map(|(key, value)| format!("{} {}", key.replace('_', " "), shown(Some(value))))
                .collect();
            out.push(format!("The rule {name} was added at position {}: {}.", i + 1, fields.join(", ")));
            continue;
        };
        if !stayed.contains(old) {
            out.push(format!("The rule {name} moved from position {} to position {}.", old + 1, i + 1));
        }
        differ(&format!("The rule {name}: "), before.get(*old), Some(rule), out);
    }
}

/// The numbers of the longest rising part of these, which are different: what kept its order while the rest was moved.
fn longest_rising(numbers: &[usize]) -> BTreeSet<usize> {
    // For each length the place of the smallest last number of a rising part of that length, and for each place the one before.
    let (mut ends, mut before): (Vec<usize>, Vec<Option<usize>>) = (Vec::new(), Vec::new());
    for (place, number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|end| numbers[*end] < *number);
        before.push(length.checked_sub(1).map(|length| ends[length]));
        match ends.get_mut(length) {
            Some(end) => *end = place,
            None => ends.push(place),
        }
    }
    let mut rising = BTreeSet::new();
    let mut next = ends.last().copied();
    while let Some(place) = next {
        rising.insert(numbers[place]);
        next = before[place];
    }
    rising
}

/// What differs between two values under a name.
fn differ(name: &str, before: Option<&Value>, after: Option<&Value>, out: &mut Vec<String>) {
    if before == after {
        return;
    }
    let empty = serde_json::Map::new();
    let object = |value: Option<&Value>| {
        value.is_some_and(|value| value.as_object().is_some_and(|all| !all.is_empty()))
    };
    match (before, after) {
        (old, new) if object(old) || object(new) => {
            let [old, new] = [old, new].map(|value| value.and_then(Value::as_object).unwrap_or(&empty));
            let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for key in keys {
                // A name ends in a blank when something is before the key, and a key of people or roles is data.
                let key_name = if key.contains(':') { code(key) } else { key.replace('_', " ") };
                differ(&format!("{name}{key_name} "), old.get(key), new.get(key), out);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            let without = |these: &[Value], those: &[Value]| -> Vec<String> {
                these.iter().filter(|one| !those.contains(one)).map(|one| shown(Some(one))).collect()
            };
            let (gone, added) = (without(old, new), without(new, old));
            let mut said = Vec::new();
            if !gone.is_empty() {
                said.push(format!("without {}", list(&gone, "and")));
            }
            if !added.is_empty() {
                said.push(format!("with {}", list(&added, "and")));
            }
            let said = if said.is_empty() { "in another order".to_owned() } else { said.join(", ") };
            out.push(format!("{} {said} now.", name.trim_end()));
        }
        _ => out.push(format!("{} {} became {}.", name.trim_end(), shown(before), shown(after))),
    }
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(Value::String(text)) => code(text),
        Some(Value::Array(items)) if items.iter().all(Value::is_string) => {
            list(&items.iter().map(|item| shown(Some(item))).collect::<Vec<_>>(), "and")
        }
        Some(other) => code(&other.to_string()),
    }
}
