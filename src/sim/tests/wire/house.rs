//! What holds for the practice contact center's own files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::Request;
use serde_json::Value;

use crate::support::{CONTRACT, Center, called, text};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The files of the library by their modules, such as `operations::users`.
fn modules(folder: &Path, above: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() && name != "tests" {
            found.extend(modules(&path, &format!("{above}{name}::")));
        } else if path.extension().is_some_and(|extension| extension == "rs") && name != "lib" {
            found.insert(format!("{above}{name}"), std::fs::read_to_string(&path).unwrap());
        }
    }
    found
}

/// The modules that a file names, from the top of the library or from the folder that it is in.
fn named(module: &str, source: &str, modules: &BTreeMap<String, String>) -> BTreeSet<String> {
    let folder = module.rsplit_once("::").map_or(String::new(), |(folder, _)| format!("{folder}::"));
    let mut found = BTreeSet::new();
    for (start, above) in [("crate::", String::new()), ("super::", folder)] {
        for place in source.split(start).skip(1) {
            let group = place.strip_prefix('{').map_or(place, |group| group.split('}').next().unwrap());
            let count = if place.starts_with('{') { usize::MAX } else { 1 };
            for path in group.split(", ").take(count) {
                let end = path.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(path.len());
                found.insert(format!("{above}{}", path.chars().take(end).collect::<String>()));
            }
        }
    }
    // A file names the files of its own folder by `mod`.
    for line in source.lines() {
        if let Some(child) = line.strip_prefix("mod ").and_then(|line| line.strip_suffix(';')) {
            found.insert(format!("{module}::{child}"));
        }
    }
    found.retain(|name| modules.contains_key(name) && name != module);
    found
}

#[test]
fn no_file_needs_one_that_needs_it() {
    let modules = modules(&root(), "");
    assert!(modules.contains_key("operations::users"));
    let mut needs: BTreeMap<&str, BTreeSet<String>> =
        modules.iter().map(|(module, source)| (module.as_str(), named(module, source, &modules))).collect();
    assert!(needs["operations"].contains("operations::users") && needs["operations::users"].contains("call"));
    // Files that need nothing are taken away until none is left, or until only circles are.
    while let Some(free) = needs.iter().find(|(_, needed)| needed.is_empty()).map(|(module, _)| *module) {
        needs.remove(free);
        for needed in needs.values_mut() {
            needed.remove(free);
        }
    }
    assert!(needs.is_empty(), "{needs:#?}");
}

/// The contracts, with what the header begins with that names an operation of theirs.
fn contracts() -> [(Value, Option<&'static str>); 3] {
    let contract = |name: &str| {
        let text = std::fs::read_to_string(root().join("contract").join(name)).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    [
        (contract("connect.json"), None),
        (contract("directory.json"), Some("DirectoryService_20150416")),
        (contract("quotas.json"), Some("ServiceQuotasV20190624")),
    ]
}

/// The rows of `operations.rs`: the name of each operation, and whether it reads, searches or writes.
fn rows() -> Vec<(String, String)> {
    let source = std::fs::read_to_string(root().join("operations.rs")).unwrap();
    let rows = source.lines().filter_map(|line| line.strip_prefix("    (\"")?.split_once("\", "));
    rows.map(|(name, rest)| (name.to_owned(), rest.split('(').next().unwrap().to_owned())).collect()
}

#[test]
fn every_operation_of_the_contracts_is_carried_out_and_no_other() {
    let contracts = contracts();
    let all = contracts.iter().flat_map(|(contract, _)| contract["operations"].as_array().unwrap());
    let mut wanted: Vec<_> = all.map(|operation| text(&operation["name"])).collect();
    let mut found: Vec<_> = rows().into_iter().map(|(name, _)| name).collect();
    wanted.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, wanted);
}

#[test]
fn what_an_operation_does_is_in_its_name_and_method() {
    let contracts = contracts();
    let operations: Vec<_> =
        contracts.iter().flat_map(|(contract, _)| contract["operations"].as_array().unwrap()).collect();
    for (name, does) in rows() {
        let reads = ["Describe", "List", "Search", "Get"].iter().any(|verb| name.starts_with(verb));
        assert_eq!(does == "Write", !reads, "{name}");
        assert_eq!(does == "Search", name.starts_with("Search"), "{name}");
        let operation = operations.iter().find(|operation| operation["name"] == *name).unwrap();
        assert!(reads || operation["method"] != "GET", "{name}");
    }
}

#[tokio::test]
async fn the_contracts_hold_together() {
    let all = ["operations", "others"].map(|part| CONTRACT[part].as_array().unwrap().len());
    assert_eq!(all.iter().sum::<usize>(), 405);
    let center = Center::guide();
    for (contract, target) in contracts() {
        let shapes = contract["shapes"].as_object().unwrap();
        for operation in contract["operations"].as_array().unwrap() {
            for shape in [&operation["input"], &operation["output"]].into_iter().filter_map(Value::as_str) {
                assert_eq!(shapes[shape]["type"], "structure", "{shape}");
            }
            for error in operation["errors"].as_array().unwrap() {
                assert!(contract["errors"].get(error.as_str().unwrap()).is_some(), "{error}");
            }
            let name = text(&operation["name"]);
            let path = text(&operation["uri"]).replace("{resourceArn+}", "a").replace(['{', '}'], "");
            let mut request = Request::builder().method(operation["method"].as_str().unwrap()).uri(path);
            if let Some(target) = target {
                request = request.header("x-amz-target", format!("{target}.{name}"));
            }
            center.send(request.body(Bytes::new()).unwrap()).await.unwrap();
            assert_eq!(called(&center).await, [name], "it is routed");
        }
        for (name, shape) in shapes {
            let members = shape["members"].as_array().into_iter().flatten().map(|member| &member["shape"]);
            for named in members.chain(["item", "key", "value"].iter().filter_map(|part| shape.get(part))) {
                assert!(shapes.contains_key(named.as_str().unwrap()), "{name} names {named}");
            }
        }
    }
}

#[test]
fn the_documentation_names_every_operation() {
    let documentation =
        std::fs::read_to_string(root().join("../../docs/practice-contact-center.md")).unwrap();
    let words: BTreeSet<&str> = documentation.split(|c: char| !c.is_alphanumeric()).collect();
    let operations = CONTRACT["operations"].as_array().unwrap();
    let missing: Vec<_> = operations
        .iter()
        .map(|operation| text(&operation["name"]))
        .filter(|name| !words.contains(&**name))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
