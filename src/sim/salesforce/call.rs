//! What a request asks for.

use bytes::Bytes;
use http::{Method, Request};

use super::schema::{OBJECTS, Object};
use crate::contract::read_query;

/// The versions of the API that are answered, all alike. Salesforce retired those before 31 in Summer 2025.
pub(super) const VERSIONS: std::ops::RangeInclusive<u16> = 31..=68;

/// One request of the API.
pub(super) enum Call {
    Versions,
    Token,
    Query(String),
    More(String),
    Get(&'static Object, String),
    Create(&'static Object),
    Update(&'static Object, String),
    Delete(&'static Object, String),
    Nothing,
    NotAllowed,
}

impl Call {
    /// The name under which faults are ordered and calls are counted.
    pub(super) fn name(&self) -> String {
        match self {
            Call::Versions => "Versions".to_owned(),
            Call::Token => "Token".to_owned(),
            Call::Query(_) => "Query".to_owned(),
            Call::More(_) => "QueryMore".to_owned(),
            Call::Get(object, _) => format!("Get{}", object.name),
            Call::Create(object) => format!("Create{}", object.name),
            Call::Update(object, _) => format!("Update{}", object.name),
            Call::Delete(object, _) => format!("Delete{}", object.name),
            Call::Nothing | Call::NotAllowed => "Other".to_owned(),
        }
    }

    /// Every name that there is.
    pub(super) fn names() -> impl Iterator<Item = String> {
        let of_objects = OBJECTS.iter().flat_map(|object| {
            ["Get", "Create", "Update", "Delete"].map(|verb| format!("{verb}{}", object.name))
        });
        ["Versions", "Token", "Query", "QueryMore"].map(str::to_owned).into_iter().chain(of_objects)
    }

    /// What a request asks for, and the version that it names.
    pub(super) fn read(request: &Request<Bytes>) -> (Call, String) {
        let path = request.uri().path();
        let query = || {
            let given = read_query(request.uri().query().unwrap_or_default());
            given.into_iter().find(|(name, _)| name == "q").map(|(_, query)| query).unwrap_or_default()
        };
        let steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty()).collect();
        let get = request.method() == Method::GET;
        let version = steps.get(2).copied().unwrap_or_default().to_owned();
        let known = |version: &str| {
            let number = version.strip_prefix('v').and_then(|number| number.strip_suffix(".0"));
            number.and_then(|number| number.parse().ok()).is_some_and(|number| VERSIONS.contains(&number))
        };
        let object = |name: &str| Object::named(name).ok_or(Call::Nothing);
        let call = match steps.as_slice() {
            ["services", "oauth2", "token"] if request.method() == Method::POST => Ok(Call::Token),
            ["services", "oauth2", "token"] => Ok(Call::NotAllowed),
            ["services", "data"] if get => Ok(Call::Versions),
            ["services", "data", version, rest @ ..] if known(version) => match (rest, request.method()) {
                (["query"], &Method::GET) => Ok(Call::Query(query())),
                (["query", locator], &Method::GET) => Ok(Call::More((*locator).to_owned())),
                (["sobjects", name], &Method::POST) => object(name).map(Call::Create),
                (["sobjects", name, id], method) => object(name).map(|object| match *method {
                    Method::GET => Call::Get(object, (*id).to_owned()),
                    Method::PATCH => Call::Update(object, (*id).to_owned()),
                    Method::DELETE => Call::Delete(object, (*id).to_owned()),
                    _ => Call::NotAllowed,
                }),
                _ => Ok(Call::Nothing),
            },
            _ => Ok(Call::Nothing),
        };
        (call.unwrap_or_else(|nothing| nothing), version)
    }
}
