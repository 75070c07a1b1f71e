//! Reads a request by the contract and refuses what the contract forbids, before any operation looks at it.
//!
//! A missing required member is an InvalidRequestException; a member of the wrong type, length, pattern, range or choice
//! is an InvalidParameterException. Refusals name the member and never repeat its value, which may be a password.

use std::collections::HashMap;

use http::HeaderMap;
use serde_json::{Map, Number, Value};

use crate::answer::Refusal;
use crate::contract::{Bounds, Contract, Location, Member, Operation, Shape, Text};

/// The parts of a request as they arrived.
pub(crate) struct Parts<'a> {
    pub(crate) path: &'a HashMap<&'a str, String>,
    pub(crate) query: &'a [(String, String)],
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// The members of the request by their names, wherever they traveled; members that no one knows are left out.
pub(crate) fn read(
    contract: &Contract,
    operation: &Operation,
    parts: &Parts<'_>,
) -> Result<Map<String, Value>, Refusal> {
    let Shape::Structure { members } = contract.shape(&operation.input) else {
        return Err(Refusal::internal("The contract gives this operation no input."));
    };
    let mut body = read_body(members, parts.body)?;
    let mut input = Map::new();
    for member in members {
        let shape = contract.shape(&member.shape);
        let found = match member.location {
            Location::Path => parts.path.get(member.wire()).cloned().map(Value::String),
            Location::Query => from_query(contract, shape, member, parts.query)?,
            Location::Header => {
                let header = parts.headers.get(member.wire()).and_then(|value| value.to_str().ok());
                header.map(|text| Value::String(text.to_owned()))
            }
            Location::Body => body.remove(member.wire()).filter(|value| !value.is_null()),
        };
        match found {
            Some(value) => {
                drop(input.insert(member.name.clone(), checked(contract, shape, &member.name, value)?))
            }
            None if member.required => return Err(missing(&member.name)),
            None => {}
        }
    }
    Ok(input)
}

fn read_body(members: &[Member], body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    if body.is_empty() || !members.iter().any(|member| member.location == Location::Body) {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) => Err(Refusal::invalid_request("The body of the request must be a JSON object.")),
        Err(error) => Err(Refusal::invalid_request(format!(
            "The body of the request is not JSON: line {}, column {}.",
            error.line(),
            error.column()
        ))),
    }
}

fn missing(name: &str) -> Refusal {
    Refusal::invalid_request(format!("{name} is required."))
}

/// A query knows only text: numbers are read, and a list is the same name several times.
fn from_query(
    contract: &Contract,
    shape: &Shape,
    member: &Member,
    query: &[(String, String)],
) -> Result<Option<Value>, Refusal> {
    let mut texts = query.iter().filter(|(name, _)| name == member.wire()).map(|(_, text)| text.as_str());
    let read = |shape: &Shape, text: &str| match shape {
        Shape::Integer(_) => {
            text.parse::<i64>().map(Value::from).map_err(|_| wrong(&member.name, "must be a whole number"))
        }
        _ => Ok(Value::from(text)),
    };
    match shape {
        Shape::List { item, .. } => {
            let item = contract.shape(item);
            let items = texts.map(|text| read(item, text)).collect::<Result<Vec<_>, _>>()?;
            Ok((!items.is_empty()).then_some(Value::Array(items)))
        }
        _ => texts.next().map(|text| read(shape, text)).transpose(),
    }
}

fn wrong(name: &str, rule: &str) -> Refusal {
    Refusal::invalid_parameter(format!("{name} {rule}."))
}

/// The value in the form that handlers read: nulls and unknown members are gone, whole numbers are integers.
fn checked(contract: &Contract, shape: &Shape, name: &str, value: Value) -> Result<Value, Refusal> {
    match (shape, value) {
        (Shape::Structure { members }, Value::Object(mut given)) => {
            let mut known = Map::new();
            for member in members {
                let name = format!("{name}.{}", member.name);
                match given.remove(&member.name).filter(|value| !value.is_null()) {
                    Some(value) => {
                        let value = checked(contract, contract.shape(&member.shape), &name, value)?;
                        known.insert(member.name.clone(), value);
                    }
                    None if member.required => return Err(missing(&name)),
                    None => {}
                }
            }
            Ok(Value::Object(known))
        }
        (Shape::List { item, bounds }, Value::Array(items)) => {
            counted(bounds, name, items.len(), "entries")?;
            let item = contract.shape(item);
            let items = items.into_iter().enumerate();
            let items = items.map(|(at, value)| checked(contract, item, &format!("{name}[{at}]"), value));
            items.collect::<Result<_, _>>().map(Value::Array)
        }
        (Shape::Map { key, value, bounds }, Value::Object(entries)) => {
            counted(bounds, name, entries.len(), "entries")?;
            let (key, value) = (contract.shape(key), contract.shape(value));
            let mut known = Map::new();
            for (entry_key, entry) in entries {
                checked(contract, key, &format!("A key of {name}"), Value::from(entry_key.as_str()))?;
                known.insert(entry_key, checked(contract, value, &format!("A value of {name}"), entry)?);
            }
            Ok(Value::Object(known))
        }
        (Shape::String(rules), Value::String(text)) => {
            text_allowed(rules, name, &text).map(|()| Value::String(text))
        }
        (Shape::Integer(bounds), Value::Number(number)) => {
            let whole = as_whole(&number).ok_or_else(|| wrong(name, "must be a whole number"))?;
            in_range(bounds, name, number.as_f64())?;
            Ok(Value::from(whole))
        }
        (Shape::Number(bounds), Value::Number(number)) => {
            in_range(bounds, name, number.as_f64())?;
            Ok(Value::Number(number))
        }
        (Shape::Boolean, value @ Value::Bool(_)) | (Shape::Timestamp, value @ Value::Number(_)) => Ok(value),
        (shape, _) => Err(wrong(name, kind(shape))),
    }
}

fn kind(shape: &Shape) -> &'static str {
    match shape {
        Shape::Structure { .. } | Shape::Map { .. } => "must be a JSON object",
        Shape::List { .. } => "must be a JSON list",
        Shape::String(_) => "must be a string",
        Shape::Integer(_) => "must be a whole number",
        Shape::Number(_) | Shape::Timestamp => "must be a number",
        Shape::Boolean => "must be true or false",
    }
}

/// Some JSON writers put `.0` behind every number.
fn as_whole(number: &Number) -> Option<i64> {
    let whole = || number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 9e15);
    #[allow(clippy::cast_possible_truncation)] // The float is whole and far below what an i64 holds.
    number.as_i64().or_else(|| whole().map(|float| float as i64))
}

fn in_range(bounds: &Bounds, name: &str, value: Option<f64>) -> Result<(), Refusal> {
    let value = value.ok_or_else(|| wrong(name, "must be a number that fits"))?;
    if let Some(min) = bounds.min.filter(|min| value < *min) {
        return Err(wrong(name, &format!("must be at least {min}")));
    }
    if let Some(max) = bounds.max.filter(|max| value > *max) {
        return Err(wrong(name, &format!("must be at most {max}")));
    }
    Ok(())
}

fn counted(bounds: &Bounds, name: &str, count: usize, what: &str) -> Result<(), Refusal> {
    #[allow(clippy::cast_precision_loss)] // No request holds as many entries as a float cannot count.
    let count = count as f64;
    if let Some(min) = bounds.min.filter(|min| count < *min) {
        return Err(wrong(name, &format!("must have at least {min} {what}")));
    }
    if let Some(max) = bounds.max.filter(|max| count > *max) {
        return Err(wrong(name, &format!("must have at most {max} {what}")));
    }
    Ok(())
}

fn text_allowed(rules: &Text, name: &str, text: &str) -> Result<(), Refusal> {
    counted(&rules.bounds, name, text.chars().count(), "characters")?;
    if let Some(choices) =
        rules.one_of.as_ref().filter(|choices| !choices.iter().any(|choice| choice == text))
    {
        return Err(wrong(name, &format!("must be one of {}", choices.join(", "))));
    }
    if let Some(prefix) = rules.not_prefix.as_ref().filter(|prefix| text.starts_with(prefix.as_str())) {
        return Err(wrong(name, &format!("must not start with {prefix}")));
    }
    let matches = rules.pattern.iter().chain(&rules.contains).all(|pattern| pattern.is_match(text));
    if !matches {
        let parts = rules.contains.iter().map(|part| format!(" with a character of {part}"));
        let whole = rules.pattern.as_ref().map_or("anything", |pattern| pattern.as_str());
        return Err(wrong(name, &format!("must match {whole}{}", parts.collect::<Vec<_>>().join(" and"))));
    }
    Ok(())
}

/// What Connect is known to say though its model does not: clients have to bear it.
#[cfg(debug_assertions)]
const BEYOND_THE_MODEL: [(&str, &str); 1] = [("ContactState", "PAUSED")];

/// What an answer holds that the contract does not know, or holds in another type. Every answer of a debug build goes
/// through here, so that all tests are tests of it.
#[cfg(debug_assertions)]
pub(crate) fn unlike_contract(contract: &Contract, shape: &str, value: &Value, at: &str) -> Vec<String> {
    let here = |text: &str| vec![format!("{at}: {text}")];
    match (contract.shape(shape), value) {
        (Shape::Structure { members }, Value::Object(fields)) => {
            let of_field = |(name, value): (&String, &Value)| match members
                .iter()
                .find(|member| member.wire() == name)
            {
                Some(member) => unlike_contract(contract, &member.shape, value, &format!("{at}.{name}")),
                None => vec![format!("{at}.{name}: the contract has no such member")],
            };
            let gone = members.iter().filter(|member| member.required && !fields.contains_key(member.wire()));
            let gone = gone.map(|member| format!("{at}.{}: is required", member.name));
            fields.iter().flat_map(of_field).chain(gone).collect()
        }
        (Shape::List { item, .. }, Value::Array(items)) => items
            .iter()
            .flat_map(|value| unlike_contract(contract, item, value, &format!("{at}[]")))
            .collect(),
        (Shape::Map { value: shape, .. }, Value::Object(entries)) => entries
            .values()
            .flat_map(|value| unlike_contract(contract, shape, value, &format!("{at}{{}}")))
            .collect(),
        (Shape::String(Text { one_of: Some(choices), .. }), Value::String(text))
            if !choices.contains(text) && !BEYOND_THE_MODEL.contains(&(shape, text)) =>
        {
            here("is none of the contract's choices")
        }
        (Shape::String(_), Value::String(_)) | (Shape::Boolean, Value::Bool(_)) => vec![],
        (Shape::Integer(_), Value::Number(number)) if number.is_i64() || number.is_u64() => vec![],
        (Shape::Number(_) | Shape::Timestamp, Value::Number(_)) => vec![],
        (shape, _) => here(kind(shape)),
    }
}
