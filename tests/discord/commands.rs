//! The registered commands: one list for each server and a global one.

use std::collections::{HashMap, HashSet, VecDeque};

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::refusal::{Done, Errors, Refusal, Reply};
use crate::rules::{command, field};
use crate::world::{Id, World};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// New commands of one scope within a day.
const CREATES_A_DAY: usize = 200;

#[derive(Debug, Default)]
pub(crate) struct CommandBook {
    scopes: HashMap<Option<Id>, Vec<Value>>,
    created: HashMap<Option<Id>, VecDeque<i64>>,
}

impl CommandBook {
    pub fn of(&self, scope: Option<Id>) -> &[Value] {
        self.scopes.get(&scope).map(Vec::as_slice).unwrap_or_default()
    }

    pub fn created_since(&self, scope: Option<Id>, now_ms: i64) -> usize {
        let times = self.created.get(&scope);
        times.map_or(0, |times| times.iter().filter(|at| **at > now_ms - DAY_MS).count())
    }

    /// A slash command by its name.
    pub fn slash(&self, scope: Option<Id>, name: &str) -> Option<&Value> {
        self.of(scope).iter().find(|it| kind(it) == 1 && name_of(it) == name)
    }
}

fn kind(command: &Value) -> i64 {
    command["type"].as_i64().unwrap_or(1)
}

fn name_of(command: &Value) -> &str {
    command["name"].as_str().unwrap_or_default()
}

fn id_of(command: &Value) -> Option<Id> {
    command.get("id")?.as_str()?.parse().ok()
}

impl World {
    pub(crate) fn commands_route(
        &mut self,
        method: &Method,
        scope: Option<Id>,
        rest: &[&str],
        body: &Value,
    ) -> Done {
        if let Some(guild) = scope
            && !self.guilds.get(&guild).is_some_and(|guild| guild.has_bot)
        {
            return Err(Refusal::missing_access());
        }
        match (method.as_str(), rest) {
            ("GET", []) => Ok(Reply::ok(&Value::from(self.commands.of(scope).to_vec()))),
            ("PUT", []) => self.overwrite(scope, body),
            _ => Err(Refusal::wrong_method()),
        }
    }

    fn overwrite(&mut self, scope: Option<Id>, body: &Value) -> Done {
        let Some(wanted) = body.as_array() else {
            return Err(Errors::one("", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType"));
        };
        let mut errors = Errors::default();
        let mut names = HashSet::new();
        for (index, command) in wanted.iter().enumerate() {
            command::check(command, &index.to_string(), &mut errors);
            if !names.insert((kind(command), name_of(command))) {
                errors.add(
                    &index.to_string(),
                    "APPLICATION_COMMANDS_DUPLICATE_NAME",
                    "Application command names must be unique",
                );
            }
        }
        errors.check()?;
        for of in 1..=3 {
            at_most(wanted.iter().filter(|command| kind(command) == of).count(), of)?;
        }
        let existing = self.commands.of(scope);
        let fresh = wanted.iter().filter(|command| !existing.iter().any(|it| same(it, command))).count();
        self.count(scope, fresh)?;
        let made: Vec<_> = wanted.iter().map(|command| self.shaped(scope, command)).collect();
        self.commands.scopes.insert(scope, made.clone());
        Ok(Reply::ok(&Value::from(made)))
    }

    fn count(&mut self, scope: Option<Id>, fresh: usize) -> Done<()> {
        let now = self.now_ms();
        if fresh > 0 && self.commands.created_since(scope, now) + fresh > CREATES_A_DAY {
            let message = "Max number of daily application command creates has been reached (200)";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, 30034, message));
        }
        let times = self.commands.created.entry(scope).or_default();
        times.extend(std::iter::repeat_n(now, fresh));
        Ok(())
    }

    /// A command as the API shows it: it keeps its id with its name, and its version while nothing changes.
    fn shaped(&mut self, scope: Option<Id>, wanted: &Value) -> Value {
        let old = self.commands.of(scope).iter().find(|it| same(it, wanted)).cloned();
        let id = old.as_ref().and_then(id_of).unwrap_or_else(|| self.next_id());
        let empty = Map::new();
        let wanted = wanted.as_object().unwrap_or(&empty);
        let take = |name: &str, otherwise: Value| field(wanted, name).cloned().unwrap_or(otherwise);
        let permissions = match field(wanted, "default_member_permissions") {
            Some(Value::Number(bits)) => Value::from(bits.to_string()),
            Some(bits) => bits.clone(),
            None => Value::Null,
        };
        let mut made = json!({
            "id": id.to_string(), "application_id": self.options.application.to_string(),
            "type": take("type", Value::from(1)), "name": take("name", Value::Null),
            "name_localizations": take("name_localizations", Value::Null),
            "description": take("description", Value::from("")),
            "description_localizations": take("description_localizations", Value::Null),
            "default_member_permissions": permissions,
            "nsfw": take("nsfw", Value::from(false)),
            "integration_types": take("integration_types", json!([0])),
            "contexts": take("contexts", Value::Null),
        });
        if let Some(made) = made.as_object_mut() {
            if let Some(options) =
                field(wanted, "options").filter(|list| list.as_array().is_some_and(|it| !it.is_empty()))
            {
                made.insert("options".to_owned(), options.clone());
            }
            if let Some(guild) = scope {
                made.insert("guild_id".to_owned(), Value::from(guild.to_string()));
            } else {
                made.insert("dm_permission".to_owned(), take("dm_permission", Value::from(true)));
            }
        }
        let version = old.as_ref().and_then(|old| {
            let mut same_but_version = old.clone();
            let version = same_but_version.as_object_mut()?.remove("version")?;
            (same_but_version == made).then_some(version)
        });
        let version = version.unwrap_or_else(|| Value::from(self.next_id().to_string()));
        made["version"] = version;
        made
    }
}

fn same(one: &Value, other: &Value) -> bool {
    kind(one) == kind(other) && name_of(one) == name_of(other)
}

fn at_most(count: usize, kind: i64) -> Done<()> {
    let most = if kind == 1 { 100 } else { 15 };
    if count > most {
        let message = format!("Maximum number of application commands reached ({most})");
        return Err(Refusal::new(StatusCode::BAD_REQUEST, 30032, message));
    }
    Ok(())
}
