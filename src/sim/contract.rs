//! The API contracts as data: what `contract/connect.json` says, read once, and the way from a method and a path to an
//! operation; and the contracts of two other services, whose operations are named by a header.
//!
//! The files are written by `contract/generate.py` from botocore's service models. No rule of an operation is in here.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Deserializer};

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| read(include_str!("contract/connect.json")));
static DIRECTORY: LazyLock<Contract> = LazyLock::new(|| read(include_str!("contract/directory.json")));
static QUOTAS: LazyLock<Contract> = LazyLock::new(|| read(include_str!("contract/quotas.json")));

fn read(text: &str) -> Contract {
    let written: Written =
        serde_json::from_str(text).expect("the contract is part of the program and a test reads it");
    Contract::from(written)
}

/// The page size of a list that is asked for without one.
const DEFAULT_PAGE: u64 = 100;

/// The contract of Amazon Connect that the program was built with.
pub(crate) fn contract() -> &'static Contract {
    &CONTRACT
}

/// All contracts: Amazon Connect's, AWS Directory Service's and Service Quotas'.
pub(crate) fn contracts() -> [&'static Contract; 3] {
    [&CONTRACT, &DIRECTORY, &QUOTAS]
}

/// The contract of a service whose operations are named in the header `X-Amz-Target`, and the name in it.
pub(crate) fn targeted(target: &str) -> Option<(&'static Contract, &str)> {
    let services: [(&str, &'static Contract); 2] =
        [("DirectoryService_20150416.", &DIRECTORY), ("ServiceQuotasV20190624.", &QUOTAS)];
    services.into_iter().find_map(|(prefix, contract)| Some((contract, target.strip_prefix(prefix)?)))
}

/// An operation of any contract.
pub(crate) fn operation(name: &str) -> Option<&'static Operation> {
    contracts().into_iter().find_map(|contract| contract.operation(name))
}

#[derive(Deserialize)]
struct Written {
    source: Source,
    errors: BTreeMap<String, u16>,
    operations: Vec<Operation>,
    shapes: HashMap<String, Shape>,
    others: Vec<(String, String, String)>,
}

#[derive(Deserialize)]
pub(crate) struct Source {
    pub(crate) botocore: String,
    pub(crate) api: String,
}

#[derive(Deserialize)]
pub(crate) struct Operation {
    pub(crate) name: String,
    pub(crate) method: String,
    pub(crate) uri: String,
    pub(crate) errors: Vec<String>,
    pub(crate) input: String,
    /// What answers are checked against, which only debug builds do.
    #[cfg(debug_assertions)]
    pub(crate) output: Option<String>,
    /// How many entries a page has that is asked for without a size.
    #[serde(skip)]
    pub(crate) page: u64,
}

impl Operation {
    pub(crate) fn declares(&self, error: &str) -> bool {
        self.errors.iter().any(|declared| declared == error)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Location {
    Path,
    Query,
    Header,
    #[default]
    Body,
}

#[derive(Deserialize)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) shape: String,
    #[serde(default)]
    pub(crate) required: bool,
    #[serde(default, rename = "in")]
    pub(crate) location: Location,
    wire: Option<String>,
}

impl Member {
    /// What the member is called where it travels.
    pub(crate) fn wire(&self) -> &str {
        self.wire.as_deref().unwrap_or(&self.name)
    }
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Shape {
    Structure {
        members: Vec<Member>,
    },
    List {
        item: String,
        #[serde(flatten)]
        bounds: Bounds,
    },
    Map {
        key: String,
        value: String,
        #[serde(flatten)]
        bounds: Bounds,
    },
    String(Text),
    Integer(Bounds),
    Number(Bounds),
    Boolean,
    Timestamp,
}

/// The least and the most: of a number its value, of a text its characters, of a list or map its entries.
#[derive(Deserialize)]
pub(crate) struct Bounds {
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
}

#[derive(Deserialize)]
pub(crate) struct Text {
    #[serde(flatten)]
    pub(crate) bounds: Bounds,
    #[serde(rename = "enum")]
    pub(crate) one_of: Option<Vec<String>>,
    #[serde(default, deserialize_with = "whole")]
    pub(crate) pattern: Option<Regex>,
    #[serde(default, deserialize_with = "parts")]
    pub(crate) contains: Vec<Regex>,
    pub(crate) not_prefix: Option<String>,
}

fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Regex>, D::Error> {
    let pattern = String::deserialize(from)?;
    Regex::new(&format!("^(?:{pattern})$")).map(Some).map_err(serde::de::Error::custom)
}

fn parts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Regex>, D::Error> {
    let patterns = Vec::<String>::deserialize(from)?;
    patterns.iter().map(|pattern| Regex::new(pattern).map_err(serde::de::Error::custom)).collect()
}

/// Where a request goes.
pub(crate) enum Route<'c> {
    /// An operation that is carried out here, with the values that stand in the path.
    Here(&'c Operation, HashMap<&'c str, String>),
    /// An operation that Connect has and the practice contact center has not.
    Elsewhere(&'c str),
    Nowhere,
}

pub(crate) struct Contract {
    pub(crate) source: Source,
    pub(crate) errors: BTreeMap<String, u16>,
    pub(crate) operations: Vec<Operation>,
    pub(crate) shapes: HashMap<String, Shape>,
    others: Vec<(String, String, String)>,
    templates: Vec<Template>,
}

struct Template {
    method: String,
    segments: Vec<Segment>,
    target: Target,
}

enum Segment {
    Literal(String),
    Value(String),
    /// The rest of the path, slashes and all.
    Rest(String),
}

#[derive(Clone, Copy)]
enum Target {
    Operation(usize),
    Other(usize),
}

impl From<Written> for Contract {
    fn from(written: Written) -> Self {
        let Written { source, errors, mut operations, shapes, others } = written;
        for operation in &mut operations {
            operation.page = page(&shapes, &operation.input);
        }
        let here = operations
            .iter()
            .enumerate()
            .map(|(at, operation)| Template::read(&operation.method, &operation.uri, Target::Operation(at)));
        let elsewhere = others
            .iter()
            .enumerate()
            .map(|(at, (method, uri, _))| Template::read(method, uri, Target::Other(at)));
        let mut templates: Vec<_> = here.chain(elsewhere).collect();
        // Where two templates fit, the one that says more of the path itself is meant.
        templates.sort_by_key(|template| std::cmp::Reverse(template.literals()));
        Self { source, errors, operations, shapes, others, templates }
    }
}

/// A page has a hundred entries, or as many as the operation gives at most.
fn page(shapes: &HashMap<String, Shape>, input: &str) -> u64 {
    let largest = match shapes.get(input) {
        Some(Shape::Structure { members }) => members.iter().find(|member| member.name == "MaxResults"),
        _ => None,
    };
    match largest.and_then(|member| shapes.get(&member.shape)) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Page sizes are small and whole.
        Some(Shape::Integer(Bounds { max: Some(max), .. })) => DEFAULT_PAGE.min(*max as u64),
        _ => DEFAULT_PAGE,
    }
}

impl Contract {
    pub(crate) fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.name == name)
    }

    pub(crate) fn shape(&self, name: &str) -> &Shape {
        self.shapes.get(name).expect("every shape that the contract names is in it, which a test proves")
    }

    /// The HTTP status of an error; what neither the model nor every service knows is a fault.
    pub(crate) fn status(&self, error: &str) -> u16 {
        let common = || ["ThrottlingException", "ValidationException"].contains(&error).then_some(400);
        self.errors.get(error).copied().or_else(common).unwrap_or(500)
    }

    /// Finds the operation by its name, where requests carry that.
    pub(crate) fn named(&self, name: &str) -> Route<'_> {
        let other = || self.others.iter().find(|(_, _, other)| other == name);
        match self.operation(name) {
            Some(operation) => Route::Here(operation, HashMap::new()),
            None => other().map_or(Route::Nowhere, |(_, _, name)| Route::Elsewhere(name)),
        }
    }

    /// Finds the operation by method and raw path: split at the slashes first, then decoded.
    pub(crate) fn route(&self, method: &str, path: &str) -> Route<'_> {
        let segments: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
        let fitting = self.templates.iter().find_map(|template| {
            (template.method == method)
                .then(|| template.read_path(&segments))
                .flatten()
                .map(|found| (template, found))
        });
        match fitting {
            None => Route::Nowhere,
            Some((Template { target: Target::Operation(at), .. }, values)) => {
                Route::Here(&self.operations[*at], values)
            }
            Some((Template { target: Target::Other(at), .. }, _)) => Route::Elsewhere(&self.others[*at].2),
        }
    }
}

impl Template {
    fn read(method: &str, uri: &str, target: Target) -> Self {
        let segment = |text: &str| match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            None => Segment::Literal(text.to_owned()),
            Some(name) => match name.strip_suffix('+') {
                None => Segment::Value(name.to_owned()),
                Some(name) => Segment::Rest(name.to_owned()),
            },
        };
        let segments = uri.trim_start_matches('/').split('/').map(segment).collect();
        Self { method: method.to_owned(), segments, target }
    }

    fn literals(&self) -> usize {
        self.segments.iter().filter(|segment| matches!(segment, Segment::Literal(_))).count()
    }

    fn read_path(&self, path: &[&str]) -> Option<HashMap<&str, String>> {
        let takes_the_rest = matches!(self.segments.last(), Some(Segment::Rest(_)));
        if path.len() != self.segments.len() && !(takes_the_rest && path.len() > self.segments.len()) {
            return None;
        }
        let mut values = HashMap::new();
        for (at, segment) in self.segments.iter().enumerate() {
            match segment {
                Segment::Literal(text) if decode(path[at]) != *text => return None,
                Segment::Literal(_) => {}
                Segment::Value(_) if path[at].is_empty() => return None,
                Segment::Value(name) => drop(values.insert(name.as_str(), decode(path[at]).into_owned())),
                Segment::Rest(name) => {
                    drop(values.insert(name.as_str(), decode(&path[at..].join("/")).into_owned()))
                }
            }
        }
        Some(values)
    }
}

/// Percent-decodes a part of a path or query. Bytes that are no UTF-8 become replacement characters, which match nothing.
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = |at: usize| after.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        match (first, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// The names and values of a query, decoded, in their order.
pub(crate) fn read_query(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| decode(&text.replace('+', " ")).into_owned();
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}
