//! The threat model claims nothing that no test holds: each row of its tables and each of its secrets names tests that exist.

use std::path::Path;

const PAGE: &str = "docs/threat-model.md";

/// A row or a bullet, and where its tests are named.
struct Claim {
    line: usize,
    text: String,
    tests: String,
}

/// The rows of all tables, and the bullets of `## Secrets`.
fn claims(page: &str) -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    let (mut section, mut in_table) = ("", false);
    for (at, line) in page.lines().enumerate() {
        let is_row = line.starts_with('|');
        if let Some(heading) = line.strip_prefix("## ") {
            section = heading;
        } else if is_row && in_table && !line.starts_with("| ---") {
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            // A row without its fourth cell has no tests.
            let tests = cells.get(3).copied().unwrap_or_default().to_owned();
            claims.push(Claim { line: at + 1, text: cells[..cells.len().min(2)].join(": "), tests });
        } else if section == "Secrets" && line.starts_with("- ") {
            claims.push(Claim { line: at + 1, text: line.to_owned(), tests: line.to_owned() });
        } else if section == "Secrets"
            && line.starts_with("  ")
            && let Some(bullet) = claims.last_mut()
        {
            bullet.tests.push_str(line);
        }
        in_table = is_row;
    }
    // What is written in a bullet beside its tests says what it claims.
    for claim in &mut claims {
        if claim.text.starts_with("- ") {
            let codes = claim.tests.split('`').skip(1).step_by(2);
            let named: Vec<String> =
                codes.filter(|code| code.contains("::")).map(|code| format!("`{code}`")).collect();
            claim.tests = named.join(", ");
        }
    }
    claims
}

/// Whether a file has a test of this name that is run.
fn has_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let starts = [format!("fn {name}("), format!("async fn {name}(")];
    lines.iter().enumerate().any(|(at, line)| {
        let above = || lines[..at].iter().rev().take_while(|line| line.starts_with(['#', '/']));
        starts.iter().any(|start| line.starts_with(start))
            && above().any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"))
            && !above().any(|line| line.starts_with("#[ignore"))
    })
}

/// What is wrong with a page: one sentence for each claim that no test holds.
fn faults(page: &str, read: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut faults = Vec::new();
    for Claim { line, text, tests } in claims(page) {
        if tests.is_empty() {
            faults.push(format!("line {line}: no test holds {text:?}"));
        }
        for test in tests.split(", ").filter(|test| !test.is_empty()) {
            let name = test.strip_prefix('`').and_then(|test| test.strip_suffix('`'));
            let Some((file, function)) = name.and_then(|name| name.split_once("::")) else {
                faults.push(format!("line {line}: {test} is not `path::test`"));
                continue;
            };
            match read(file) {
                None => faults.push(format!("line {line}: there is no file {file}")),
                Some(source) if !has_test(&source, function) => {
                    faults.push(format!("line {line}: there is no test {function} in {file}"));
                }
                Some(_) => {}
            }
        }
    }
    faults
}

#[test]
fn each_claim_of_the_threat_model_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |file: &str| std::fs::read_to_string(root.join(file)).ok();
    let page = read(PAGE).unwrap();
    let found = faults(&page, read);
    assert!(found.is_empty(), "{PAGE}:\n{}", found.join("\n"));
    let claims = claims(&page).len();
    assert!(claims > 100, "only {claims} claims were found");
}

#[test]
fn a_claim_without_a_test_is_found() {
    let page = "\
| who | what they try | what prevents it | test |
| --- | --- | --- | --- |
| a | b | c | `t.rs::held`, `t.rs::held_too` |
| a | b | c |
| a | b | c | |
| a | b | c | see the code |
| a | b | c | `t.rs::gone` |
| a | b | c | `gone.rs::held` |
| a | b | c | `t.rs::helper` |
| a | b | c | `t.rs::ignored` |
| a | b | c | `t.rs::held` and more |

## Secrets

- A claim with a `word`
  (`t.rs::held`).
- A claim with a `word` and nothing else.
- A claim (`t.rs::gone`,
  `t.rs::held_too`).

## Other

- Nothing is claimed here.
";
    let source = "\
#[test]
fn held() {}
/// Why.
#[tokio::test(flavor = \"multi_thread\")]
// How.
    async fn held_too() {}
fn helper() {}
#[test]
#[ignore]
fn ignored() {}
";
    let read = |file: &str| (file == "t.rs").then(|| source.to_owned());
    let lines: Vec<String> = faults(page, read)
        .iter()
        .map(|fault| fault.split(':').next().unwrap_or_default().to_owned())
        .collect();
    let expected = [4, 5, 6, 7, 8, 9, 10, 11, 17, 18].map(|line| format!("line {line}"));
    assert_eq!(lines, expected);
}
