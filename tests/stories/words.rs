//! People read plain American English: no source, page, configuration, email template or manual page has a word that docs/style.md
//! rules out.

use std::path::{Path, PathBuf};

/// A word that is not ours, and the phrases in which it may be all the same.
struct Ruled {
    word: String,
    except: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The table under "Words" in docs/style.md.
fn ruled(page: &str) -> Vec<Ruled> {
    let (_, table) =
        page.split_once("| not | but | except in |").expect("docs/style.md has the table of words");
    let mut all = Vec::new();
    for row in
        table.lines().map(str::trim).filter(|line| line.starts_with("| ") && !line.starts_with("| ---"))
    {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [words, _, except] = cells.as_slice() else { panic!("not three cells: {row}") };
        let except: Vec<String> = except
            .split(',')
            .map(|phrase| phrase.trim().trim_matches('`').to_lowercase())
            .filter(|phrase| !phrase.is_empty())
            .collect();
        for word in words.split(',').map(str::trim) {
            all.push(Ruled { word: word.to_lowercase(), except: except.clone() });
        }
    }
    assert!(all.len() > 20, "the table has {} words", all.len());
    all
}

/// What others wrote: what people type and attach, files of other programs.
const OF_OTHERS: [&str; 7] = ["target", "contract", "pictures", "cases", "typed", "files", "node_modules"];

/// Everything that people read: sources, pages, configurations, email templates, units, dashboards.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !OF_OTHERS.contains(&name.as_str()) && !name.starts_with('.') {
                files(&path, found);
            }
        } else if name != "style.md" {
            found.push(path);
        }
    }
}

/// Whether a line has these words, and not as a part of others.
fn has(line: &str, words: &str) -> bool {
    let ends = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
    line.match_indices(words)
        .any(|(at, _)| ends(line[..at].chars().next_back()) && ends(line[at + words.len()..].chars().next()))
}

/// The words of a line that are not ours.
fn faults(words: &[Ruled], line: &str) -> Vec<String> {
    let lower = line.to_lowercase();
    words
        .iter()
        .filter(|ruled| {
            let mut left = lower.clone();
            for phrase in &ruled.except {
                left = left.replace(phrase.as_str(), "");
            }
            has(&left, &ruled.word)
        })
        .map(|ruled| ruled.word.clone())
        .collect()
}

/// A line with the beginning of the next one, where a phrase may continue.
fn with_next(line: &str, next: &str) -> String {
    let bare =
        |line: &str| line.trim_start_matches(|c: char| c.is_whitespace() || "/!#>*·".contains(c)).to_owned();
    let next: Vec<String> = bare(next).split_whitespace().take(3).map(str::to_owned).collect();
    format!("{} {}", line.trim_end_matches(['\\', ' ']), next.join(" "))
}

/// The manual pages, as the program writes them into a folder.
fn manual_pages(folder: &Path) {
    let mut man = std::process::Command::new(env!("CARGO_BIN_EXE_connect-desk"));
    assert!(man.arg("man").arg(folder).status().unwrap().success());
}

#[test]
fn no_line_has_a_word_that_is_not_ours() {
    let root = root();
    let words = ruled(&std::fs::read_to_string(root.join("docs/style.md")).unwrap());
    let mut paths = Vec::new();
    for folder in ["src", "commands", "tests", "bench", "docs", "deploy"] {
        files(&root.join(folder), &mut paths);
    }
    paths.extend(
        ["README.md", "CHANGELOG.md", "ARCHITECTURE.md", "config.example.toml"].map(|name| root.join(name)),
    );
    let man = tempfile::tempdir().unwrap();
    manual_pages(man.path());
    files(man.path(), &mut paths);
    for (end, least) in [(".rs", 500), (".md", 20), (".txt", 6), (".service", 2), (".1", 10)] {
        let n = paths.iter().filter(|path| path.to_string_lossy().ends_with(end)).count();
        assert!(n >= least, "only {n} files end with {end}");
    }
    let mut found = Vec::new();
    for path in paths {
        // This file names some of them.
        if path.ends_with("stories/words.rs") {
            continue;
        }
        // What is no text has no words.
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let place = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in (1..).zip(&lines) {
            let here = faults(&words, line);
            let next = lines.get(number).copied().unwrap_or_default();
            // What begins here and ends there.
            let mut over = faults(&words, &with_next(line, next));
            let of_next = faults(&words, next);
            over.retain(|word| word.contains(' ') && !here.contains(word) && !of_next.contains(word));
            found.extend(here.into_iter().chain(over).map(|word| format!("{place}:{number}: {word}")));
        }
    }
    let shown: Vec<&String> = found.iter().take(60).collect();
    assert!(found.is_empty(), "{} words that docs/style.md rules out:\n{shown:#?}", found.len());
}

#[test]
fn the_table_is_read_as_it_is_written() {
    let page = "| not | but | except in |\n| --- | --- | --- |\n".to_owned()
        + &(0..21).map(|n| format!("| word{n} | other | |\n")).collect::<String>()
        + "| stands, stood | is | `stands for` |\n";
    let words = ruled(&page);
    for (line, wanted) in [
        ("It stands here.", vec!["stands"]),
        ("It Stood there, and stands too", vec!["stands", "stood"]),
        ("ACW stands for after contact work", vec![]),
        ("understands", vec![]),
        ("fn nothing_stands_here()", vec![]),
    ] {
        assert_eq!(faults(&words, line), wanted, "{line}");
    }
}
