//! The columns of a sheet of users: what they are called in both generations of Amazon Connect's template, in the
//! guide's spreadsheet, and in what the desk writes.

use super::titles::TRANSLATED;
use crate::basics::clean;
use crate::basics::problem::Problem;
use crate::basics::text::{self, code};
use crate::profile::{Channel, Generation, ValueKind};

pub use crate::profile::Field as Column;

/// A column of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Counted from 0.
    pub position: usize,
    /// As the file spells it.
    pub title: String,
    pub column: Column,
}

/// Whose columns the file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Amazon Connect's template until 2025, with passwords, auto-accept and after contact work.
    Classic,
    /// Amazon Connect's template of 2026, with tags, persistent connection and audio enhancement.
    Current,
    /// The help desk guide's spreadsheet.
    Guide,
    /// What the desk itself writes: the classic template and everything it lacks.
    Desk,
}

impl Format {
    pub fn said(self) -> &'static str {
        match self {
            Format::Classic => "Amazon Connect's classic template",
            Format::Current => "Amazon Connect's template of 2026",
            Format::Guide => "The guide's spreadsheet",
            Format::Desk => "The desk's own export",
        }
    }
}

/// Whether it holds a name, which Amazon Connect keeps in one form only.
pub(super) fn is_name(column: Column) -> bool {
    let names = |kind| {
        use ValueKind::{Email, Name, Named, Names, Path, SecondaryEmail};
        matches!(kind, Name(_) | Email | SecondaryEmail | Named | Names | Path)
    };
    names(column.row().0.kind) || matches!(column, Column::HierarchyLevel(_))
}

/// The columns a file must have.
pub(super) fn required() -> impl Iterator<Item = Column> {
    let mut all: Vec<Column> =
        Column::all().filter(|(.., row)| row.required).map(|(column, ..)| column).collect();
    all.sort();
    all.into_iter()
}

/// The classic template, and behind it what newer ones have.
pub(super) fn written_always() -> Vec<Column> {
    let always = Column::all().filter(|(_, channel, row)| row.column_always && *channel == Channel::Voice);
    let mut all: Vec<Column> = always.map(|(column, ..)| column).collect();
    all.sort();
    all
}

/// Every column, in the order in which they are written: the classic template first.
pub(super) fn all() -> Vec<Column> {
    let mut all = written_always();
    let mut rest: Vec<Column> =
        Column::all().map(|(column, ..)| column).filter(|column| !all.contains(column)).collect();
    rest.sort();
    all.extend(rest);
    all
}

/// Titles of a whole name, which is two columns here.
const FULL_NAME: [&str; 4] = ["name", "full name", "agent name", "display name"];

/// The characters of a title that are looked at.
const TITLE_MAX: usize = 300;

/// A title without what people vary: case, underscores, hyphens, remarks in brackets, blanks.
fn normal(title: &str) -> String {
    let mut out = String::new();
    let mut depth = 0_u32;
    // No title that is known is longer.
    let title = match title.char_indices().nth(TITLE_MAX) {
        Some((end, _)) => title.get(..end).unwrap_or(title),
        None => title,
    };
    let title = clean::word(title);
    for c in title.trim_start_matches('\u{feff}').trim().trim_end_matches(['*', ':']).chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            '_' | '-' => out.push(' '),
            c => out.extend(c.to_lowercase()),
        }
    }
    let words: Vec<&str> = out.split_whitespace().collect();
    words.join(" ").replace(" | ", "|")
}

/// The title that a column is answered with in English, for a header in another language.
fn in_english() -> String {
    let names: Vec<String> = written_always().into_iter().map(|column| code(&column.title())).collect();
    format!("The titles in English are {}.", text::list(&names, "and"))
}

/// All names of all columns, so that a header is matched and a wrong one is answered with the nearest.
pub(super) struct Titles {
    all: Vec<(String, Column)>,
    /// The columns that a file must have.
    required: Vec<Column>,
}

impl Titles {
    pub fn new() -> Titles {
        let mut titles = Vec::new();
        for column in all() {
            titles.push((normal(&column.title()), column));
            titles.extend(column.aliases().into_iter().map(|alias| (alias, column)));
        }
        for (column, translated) in TRANSLATED {
            titles.extend(translated.iter().map(|title| (normal(title), *column)));
        }
        Titles { all: titles, required: required().collect() }
    }

    /// Those of a file that changes users: it must say who they are.
    pub fn of_some() -> Titles {
        Titles { required: vec![Column::Login], ..Titles::new() }
    }

    pub fn column(&self, title: &str) -> Option<Column> {
        let wanted = normal(title);
        self.all.iter().find(|(name, _)| *name == wanted).map(|(_, column)| *column)
    }

    /// How many of these titles are known.
    pub fn known(&self, titles: &[String]) -> usize {
        titles.iter().filter(|title| self.column(title).is_some()).count()
    }

    /// Whether a row is titles, so that each may be shown: most are known, or none looks like what is in a row of users. A password
    /// needs a digit.
    pub fn are_titles(&self, row: &[String]) -> bool {
        let filled = row.iter().filter(|cell| !cell.trim().is_empty());
        let data = |cell: &&String| cell.contains('@') || cell.contains(|c: char| c.is_ascii_digit());
        2 * self.known(row) >= filled.clone().count() || filled.filter(data).count() == 0
    }

    /// The columns of a header, or everything that is wrong with it in one problem.
    pub fn headings(&self, titles: &[String], row: usize) -> Result<Vec<Heading>, Problem> {
        let are_titles = self.are_titles(titles);
        if self.known(titles) == 0 || !are_titles {
            // A password may be anywhere but in front.
            let first = titles.iter().find(|title| !title.trim().is_empty()).filter(|_| are_titles);
            let first = first.map(|title| format!("; the first is {}", code(title))).unwrap_or_default();
            return Err(Problem::requester(
                "sheet_no_header",
                format!("Row {row} is not a header: its cells are not the titles of columns{first}."),
            )
            .hint(format!(
                "Put the titles of Amazon Connect's template into the first row; `/connect import` without a sheet gives them.{}",
                if titles.iter().all(|title| title.is_ascii()) { String::new() } else { format!(" {}", in_english()) }
            )));
        }
        let mut headings: Vec<Heading> = Vec::new();
        let (mut unknown, mut twice) = (Vec::new(), Vec::new());
        for (position, title) in titles.iter().enumerate() {
            if title.trim().is_empty() {
                continue;
            }
            let Some(column) = self.column(title) else {
                unknown.push(title);
                continue;
            };
            let same = |other: &&Heading| {
                other.column == column
                    && (!column.row().0.may_repeat || normal(&other.title) == normal(title))
            };
            if let Some(first) = headings.iter().find(same) {
                twice.push(format!("{} and {}", code(&first.title), code(title)));
            }
            headings.push(Heading { position, title: title.trim().to_owned(), column });
        }
        let mut message = Vec::new();
        let mut next = Vec::new();
        if !unknown.is_empty() {
            let names: Vec<String> = unknown.iter().take(10).map(|title| code(title)).collect();
            message.push(format!(
                "Nothing is known of the {} {}.",
                columns(unknown.len()),
                text::list(&names, "and")
            ));
            let mut taken: Vec<Column> = headings.iter().map(|heading| heading.column).collect();
            for title in unknown.iter().take(10) {
                let names = [Column::FirstName, Column::LastName];
                if FULL_NAME.contains(&normal(title).as_str())
                    && names.iter().all(|name| !taken.contains(name))
                {
                    let names = names.map(|name| code(&name.title()));
                    next.push(format!("Split {} into {}.", code(title), text::list(&names, "and")));
                    taken.extend([Column::FirstName, Column::LastName]);
                    continue;
                }
                next.push(match self.nearest(title, &taken) {
                    Some(near) => {
                        taken.push(near);
                        format!("For {} write {}.", code(title), code(&near.title()))
                    }
                    None => format!("Leave {} out.", code(title)),
                });
            }
        }
        if !twice.is_empty() {
            message
                .push(format!("The same setting is in more than one column: {}.", text::list(&twice, "and")));
            next.push("Keep one of each.".to_owned());
        }
        let missing: Vec<String> = self
            .required
            .iter()
            .filter(|wanted| !headings.iter().any(|heading| heading.column == **wanted))
            .map(|column| code(&column.title()))
            .collect();
        if !missing.is_empty() {
            message.push(format!(
                "The {} {} missing.",
                columns(missing.len()),
                match missing.len() {
                    1 => format!("{} is", missing.concat()),
                    _ => format!("{} are", text::list(&missing, "and")),
                }
            ));
            next.push("`/connect import` without a sheet gives one with all of them.".to_owned());
            if self.required.len() > 1 && headings.iter().any(|heading| heading.column == Column::Login) {
                next.push("To change existing users with fewer columns, add `update:true`.".to_owned());
            }
            if unknown.iter().any(|title| !title.is_ascii()) {
                next.push(in_english());
            }
        }
        match message.is_empty() {
            true => Ok(headings),
            false => Err(Problem::requester("sheet_columns", message.join(" ")).hint(next.join(" "))),
        }
    }

    /// The column that is meant by a wrong title; none of those that are taken.
    fn nearest(&self, title: &str, taken: &[Column]) -> Option<Column> {
        let free = self.all.iter().filter(|(_, column)| !taken.contains(column));
        let wanted = normal(title);
        let near = text::nearest(&wanted, free.map(|(name, _)| name.as_str()));
        near.first().and_then(|near| self.column(near))
    }
}

fn columns(n: usize) -> &'static str {
    if n == 1 { "column" } else { "columns" }
}

/// Whose columns these are.
pub(super) fn format(headings: &[Heading]) -> Format {
    let has = |generation: Generation| {
        headings
            .iter()
            .map(|heading| heading.column.row())
            .any(|(row, channel)| row.generation == Some(generation) && channel == Channel::Voice)
    };
    let spelled = |title: &str| headings.iter().any(|heading| normal(&heading.title) == title);
    let (classic, current) = (has(Generation::Classic), has(Generation::Current));
    match () {
        () if classic && current => Format::Desk,
        () if current || spelled("user hierarchy 1|user hierarchy 2") => Format::Current,
        () if spelled("security profile") || spelled("routing profile") => Format::Guide,
        () => Format::Classic,
    }
}
