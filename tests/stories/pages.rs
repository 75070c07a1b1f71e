//! The pages are true: links lead somewhere, and commands, options and flags that a page names exist.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Every page, by its path from the project's folder.
fn pages() -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    for folder in ["", "docs"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "md") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.insert(Path::new(folder).join(path.file_name().unwrap()), text);
            }
        }
    }
    assert!(found.len() > 20, "{found:?}");
    found
}

/// The text outside of fences, and the lines in them; indented lines are code as well.
fn parts(page: &str) -> (String, Vec<&str>) {
    let (mut prose, mut code, mut fenced) = (String::new(), Vec::new(), false);
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced || line.starts_with("    ") && !line.trim_start().starts_with(['-', '*']) {
            code.push(line.trim());
        } else {
            prose.push_str(line);
            prose.push('\n');
        }
    }
    (prose, code)
}

/// Everything that a page shows as code: what is between backticks, and lines of code.
fn code(page: &str) -> Vec<String> {
    let (prose, lines) = parts(page);
    // A paragraph at a time, so that one forgotten backtick turns no page inside out.
    let spans = prose.split("\n\n").flat_map(|paragraph| paragraph.split('`').skip(1).step_by(2));
    let spans: Vec<String> = spans.map(|span| span.replace('\n', " ")).collect();
    spans.into_iter().chain(lines.into_iter().map(str::to_owned)).collect()
}

/// The anchor that GitHub gives a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || ['-', '_'].contains(c)).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let pages = pages();
    let anchors = |page: &Path| -> BTreeSet<String> {
        let text = &pages[page];
        text.lines().filter_map(|line| line.trim_start_matches('#').strip_prefix(' ')).map(anchor).collect()
    };
    let (mut links, mut wrong) = (0, Vec::new());
    for (path, text) in &pages {
        let (prose, _) = parts(text);
        let targets = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let pictures = prose.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next());
        for target in targets.chain(pictures).filter(|target| !target.contains("://")) {
            let (file, to) = target.split_once('#').unwrap_or((target, ""));
            let beside = path.parent().unwrap();
            let mut place = if file.is_empty() { path.clone() } else { beside.join(file) };
            if let Ok(above) = Path::new(file).strip_prefix("..") {
                place = above.to_owned();
            }
            if !root().join(&place).exists() {
                wrong.push(format!("{}: {target} doesn't exist", path.display()));
            } else if !to.is_empty() && !anchors(&place).contains(to) {
                wrong.push(format!("{}: {target}: the page has no such heading", path.display()));
            }
            links += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(links > 80, "{links}");
}

#[test]
fn the_readme_and_the_tour_are_short() {
    let pages = pages();
    for (page, most) in [("README.md", 119), ("docs/tour.md", 199)] {
        let lines = pages[Path::new(page)].lines().count();
        assert!(lines <= most, "{page} has {lines} lines");
    }
    let readme = &pages[Path::new("README.md")];
    let before = readme.split("## Documentation").next().unwrap();
    for shown in
        ["<img src=\"docs/pictures/", "    cargo run -- play", "    connect-desk init", "(docs/operate.md)"]
    {
        assert!(before.contains(shown), "the README leads with {shown}");
    }
}

#[test]
fn every_command_and_option_that_a_page_names_exists() {
    let commands = desk_commands::all();
    let groups: BTreeSet<&str> = commands.iter().filter_map(|entry| entry.path.split(' ').next()).collect();
    let (mut named, mut wrong) = (0, Vec::new());
    let mut pages = pages();
    // It is made from the list of commands, and has a test of its own.
    pages.remove(Path::new("docs/commands.md"));
    for (path, text) in pages {
        for code in code(&text) {
            let line = match code.split_once("> ") {
                Some((who, line)) if who.bytes().all(|b| b.is_ascii_alphanumeric()) => line,
                _ => &code,
            };
            let Some(line) = line.strip_prefix('/') else { continue };
            let words: Vec<&str> = line
                .split([' ', '|'])
                .take_while(|word| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'-'))
                .collect();
            if !words.first().is_some_and(|word| groups.contains(word)) {
                continue;
            }
            let place = || format!("{}: `{code}`", path.display());
            let whole = (1..=words.len().min(3)).rev().map(|n| words[..n].join(" "));
            let found = whole.clone().find_map(|whole| commands.iter().find(|entry| entry.path == whole));
            let Some(entry) = found else {
                // A group of commands: all words that are there lead to one.
                let group = whole.clone().next().unwrap();
                let is_group = commands.iter().any(|entry| entry.path.starts_with(&format!("{group} ")));
                if !is_group && words.len() > 1 {
                    wrong.push(format!("{}: there is no such command", place()));
                }
                continue;
            };
            named += 1;
            for name in options(line) {
                if entry.command.spec.arg(&name).is_none() {
                    wrong.push(format!("{}: there is no option `{name}`", place()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(named > 300, "{named}");
}

/// The names before a colon in a line, outside of quotes.
fn options(line: &str) -> BTreeSet<String> {
    let mut bare = String::new();
    let mut quote = None;
    for c in line.chars() {
        match quote {
            Some(end) if c == end => quote = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None => bare.push(c),
        }
    }
    let names = bare.split([' ', '[', '(']).filter_map(|word| word.split_once(':')).map(|(name, _)| name);
    let is_name = |name: &&str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    // Accounts are written like options.
    names
        .filter(is_name)
        .filter(|name| !["discord", "console", "account"].contains(name))
        .map(str::to_owned)
        .collect()
}

/// The subcommands and flags in the sources of the command line, as people type them.
fn command_line() -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut commands, mut flags) =
        (BTreeSet::new(), BTreeSet::from(["version".to_owned(), "help".to_owned()]));
    for file in ["cli.rs", "policy.rs", "setup.rs"] {
        let text = std::fs::read_to_string(root().join("src/bot").join(file)).unwrap();
        for item in syn::parse_file(&text).unwrap().items {
            let (attrs, fields): (_, Vec<syn::Fields>) = match item {
                syn::Item::Enum(item) => {
                    let subcommand = derives(&item.attrs, "Subcommand");
                    let variants = item.variants.iter();
                    if subcommand {
                        commands
                            .extend(variants.clone().map(|variant| variant.ident.to_string().to_lowercase()));
                    }
                    (item.attrs, variants.map(|variant| variant.fields.clone()).collect())
                }
                syn::Item::Struct(item) => (item.attrs, vec![item.fields]),
                _ => continue,
            };
            if derives(&attrs, "Args") || derives(&attrs, "Subcommand") {
                let names = fields.iter().flatten().filter_map(|field| field.ident.as_ref());
                flags.extend(names.map(|name| name.to_string().replace('_', "-")));
            }
        }
    }
    (commands, flags)
}

fn derives(attrs: &[syn::Attribute], what: &str) -> bool {
    attrs.iter().any(|attr| {
        let mut found = false;
        let _ = attr.parse_nested_meta(|meta| {
            found |= meta.path.is_ident(what);
            Ok(())
        });
        found && attr.path().is_ident("derive")
    })
}

#[test]
fn every_call_of_the_program_that_a_page_names_exists() {
    let (commands, flags) = command_line();
    assert!(commands.contains("doctor") && flags.contains("non-interactive"), "{commands:?} {flags:?}");
    let mut texts = pages();
    for file in
        ["config.example.toml", "deploy/connect-desk.service", "deploy/alerts.yaml", "deploy/Containerfile"]
    {
        texts.insert(file.into(), std::fs::read_to_string(root().join(file)).unwrap());
    }
    let (mut named, mut wrong) = (0, Vec::new());
    for (path, text) in texts {
        for code in code(&text) {
            let code = code.trim_start_matches("$ ");
            let Some(line) = code.strip_prefix("connect-desk ") else { continue };
            let mut words = line.split_whitespace();
            let first = words.next().unwrap_or_default();
            let place = || format!("{}: `{code}`", path.display());
            if !first.starts_with("--") && !commands.contains(first) {
                wrong.push(format!("{}: there is no such command", place()));
            }
            for flag in words.filter_map(|word| word.strip_prefix("--")) {
                let flag = flag.split(['=', '`', ',']).next().unwrap_or_default();
                if !flags.contains(flag) {
                    wrong.push(format!("{}: there is no flag --{flag}", place()));
                }
            }
            named += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(named > 40, "{named}");
}

#[test]
fn every_check_of_the_doctor_is_explained() {
    let mut checks = BTreeSet::new();
    for file in ["doctor.rs", "inspect.rs"] {
        let text = std::fs::read_to_string(root().join("src/bot").join(file)).unwrap();
        let code = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let found = ["Level::Failure, \"", "Level::Warning, \"", "Level::Untried, \""];
        for begins in found {
            let names = code.split(begins).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
            checks.extend(names);
        }
    }
    assert!(checks.len() > 12, "{checks:?}");
    let page = std::fs::read_to_string(root().join("docs/operate.md")).unwrap();
    let (_, table) = page.split_once("\n| check | message | what to do |\n").unwrap();
    let explained: BTreeSet<String> = table
        .lines()
        .take_while(|line| line.starts_with('|'))
        .filter_map(|line| line.split(" | ").next())
        .map(|cell| cell.trim_start_matches("| ").to_owned())
        .collect();
    let missing: Vec<&String> = checks.difference(&explained).collect();
    assert!(missing.is_empty(), "docs/operate.md doesn't explain {missing:?}");
}
