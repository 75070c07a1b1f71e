//! What holds for the practice contact center's own files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::support::{CONTRACT, text};

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
    let code = source.split("\n#[cfg(test)]\nmod tests").next().unwrap();
    let mut found = BTreeSet::new();
    for (start, above) in [("crate::", String::new()), ("super::", folder)] {
        for place in code.split(start).skip(1) {
            let group = place.strip_prefix('{').map_or(place, |group| group.split('}').next().unwrap());
            let count = if place.starts_with('{') { usize::MAX } else { 1 };
            for path in group.split(", ").take(count) {
                let end = path.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(path.len());
                found.insert(format!("{above}{}", path.chars().take(end).collect::<String>()));
            }
        }
    }
    // A file names the files of its own folder by `mod`.
    for line in code.lines() {
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
