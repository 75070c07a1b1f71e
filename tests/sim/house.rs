//! What holds for the practice contact center's own files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::Request;
use serde_json::Value;

use crate::support::{CONTRACT, Center, called, text};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sim")
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
