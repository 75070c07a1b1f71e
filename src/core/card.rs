//! What people see, as data. One card is drawn by each platform within its own limits; here nothing is cut.
//!
//! Texts are plain; a span in backticks is a code span, a moment or a person ([`crate::basics::span`]). Everything that came from
//! outside is in one (see [`crate::basics::text::code`]) or in a cell, which renderers escape.

use serde::{Deserialize, Serialize};

use crate::basics::ids::{PersonId, RequestNo};
use crate::basics::problem::{Owner, Problem};
use crate::basics::secret::Secret;
use crate::basics::span::{spoken, to_reader};
use crate::basics::text::DID_YOU_MEAN;

/// The color and mark of a card: what it means before a word is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// An answer.
    Plain,
    /// Waits for someone.
    Asks,
    /// Is being carried out.
    Runs,
    /// Ended as wanted.
    Good,
    /// Refused, denied or failed.
    Bad,
    /// Expired or canceled: over, and nothing is wrong.
    Over,
    /// Someone has to look.
    Alarm,
}

/// One card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    pub tone: Tone,
    pub title: String,
    pub blocks: Vec<Block>,
    /// What a reader can do with it, as commands on its request.
    pub actions: Vec<Button>,
    /// Small print: the plan's digest, a rule, a count.
    pub footer: Option<String>,
    /// The request it stands for.
    pub request: Option<RequestNo>,
    /// Only the person whom it answers may read it.
    pub private: bool,
    /// The line that shows it again, for turning the pages of a long table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// How the rows of its table are shown one by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<Opens>,
}

/// What shows one row of a card's table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opens {
    /// What a row is, such as `user`.
    pub what: String,
    /// The command, with the place of the name: `/connect show <login>`.
    pub how: String,
    /// The name of each row and the line that shows it, in the order of the rows.
    pub rows: Vec<(String, String)>,
}

impl Opens {
    /// Those of the rows on a page, from 1.
    pub fn page(&self, page: usize) -> impl Iterator<Item = &(String, String)> {
        self.rows.iter().skip((page.max(1) - 1) * PAGE).take(PAGE)
    }
}

/// A part of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// Short facts, name and value.
    Facts(Vec<(String, String)>),
    /// What differs: what, before, after.
    Changes(Vec<(String, String, String)>),
    /// Things to do or done, each with its mark.
    Steps(Vec<(Mark, String)>),
    /// What is needed: whether it is there, and what it is.
    Checklist(Vec<(bool, String)>),
    /// A reason to stop.
    Warning(String),
    /// A heading and its points. Without a heading the points belong to what is above them.
    Points(String, Vec<String>),
    /// Rows under columns.
    Table { columns: Vec<String>, rows: Vec<Vec<String>> },
    /// A list in which each item has a title and one line, such as requests; the heading may be empty.
    Items { heading: String, items: Vec<Item> },
    /// How far something is, and what is being done.
    Progress { done: usize, total: usize, what: String },
    /// A file to look at elsewhere: attached where the platform can, saved where it cannot.
    File { name: String, text: String },
    /// A secret that a phone reads off the screen, as a QR code.
    Scan { label: String, value: Secret },
    /// A secret: shown to the one reader of a private card, never logged.
    Secret { label: String, value: Secret },
}

impl Block {
    pub fn table<'c>(
        columns: impl IntoIterator<Item = &'c str>,
        rows: impl IntoIterator<Item = Vec<String>>,
    ) -> Block {
        Block::Table {
            columns: columns.into_iter().map(str::to_owned).collect(),
            rows: rows.into_iter().collect(),
        }
    }
}

/// One item of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The request it is about; platforms show its number in front of the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestNo>,
    /// The address of that request's card, where the reader's channel shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    pub title: String,
    /// Empty where the title says it all.
    pub line: String,
}

/// Where a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    Todo,
    Doing,
    Done,
    Failed,
    TakenBack,
    /// Someone should look at it.
    Look,
}

/// Something a reader can do: a command on the card's request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// The command, such as `desk approve`; empty where it says a line.
    pub path: String,
    pub label: String,
    pub style: Style,
    /// What is said instead when it is no command on the card's request, such as `/connect reset john.doe`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// It is in the menu "More".
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
    /// Its line gives this card again: what it gives takes the card's place where only one person sees it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub turns: bool,
}

/// The path of the button that sends a line which may have been meant.
pub const SEND: &str = "send";

/// How much a button should stand out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    Yes,
    No,
    Quiet,
}

/// Rows of a table that a phone shows at a time.
pub const PAGE: usize = 10;

/// A table as people read it: what every row has in common is said once, above it, and what no row has is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrowed {
    /// The column and what it has in every row.
    pub shared: Vec<(String, String)>,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// The first column stays whatever it has.
pub fn narrowed(columns: &[String], rows: &[Vec<String>]) -> Narrowed {
    let cell = |row: &Vec<String>, at: usize| row.get(at).cloned().unwrap_or_default();
    let mut shared = Vec::new();
    let mut kept = vec![0];
    for (at, column) in columns.iter().enumerate().skip(1) {
        let first = rows.first().map(|row| cell(row, at)).unwrap_or_default();
        match rows.iter().all(|row| cell(row, at) == first) {
            true if first.is_empty() => {}
            true if rows.len() > 1 => shared.push((column.clone(), first)),
            _ => kept.push(at),
        }
    }
    Narrowed {
        shared,
        columns: kept.iter().filter_map(|at| columns.get(*at).cloned()).collect(),
        rows: rows.iter().map(|row| kept.iter().map(|at| cell(row, *at)).collect()).collect(),
    }
}

/// Whether a line is left free between two blocks.
pub fn is_gap(before: &Block, after: &Block) -> bool {
    !matches!(
        (before, after),
        (Block::Text(_), Block::Text(_) | Block::Progress { .. } | Block::File { .. })
            | (Block::Progress { .. }, Block::Text(_))
            | (Block::Warning(_), Block::Warning(_) | Block::Text(_))
            | (Block::Changes(_), Block::Text(_))
            | (Block::File { .. }, Block::File { .. })
    )
}

/// The code of the problem that no one knows whether something was recorded.
pub const NOT_KNOWN: &str = "log_not_known";

/// The code of the problem that something was recorded, and what follows from it can't be.
pub const ONLY_RECORDED: &str = "log_only_recorded";

impl Card {
    pub fn new(tone: Tone, title: impl Into<String>) -> Card {
        Card {
            tone,
            title: title.into(),
            blocks: Vec::new(),
            actions: Vec::new(),
            footer: None,
            request: None,
            private: false,
            line: None,
            opens: None,
        }
    }

    /// The card of a refusal: private, because it is no one else's business.
    pub fn problem(problem: &Problem) -> Card {
        let (tone, title) = match &problem.owner {
            Owner::Requester => (Tone::Bad, "That didn't work".to_owned()),
            Owner::Operator => (Tone::Alarm, "The bot's operator needs to fix this".to_owned()),
            Owner::System(system) => (Tone::Alarm, format!("{system} didn't do this")),
            Owner::Log if problem.code == NOT_KNOWN => {
                (Tone::Alarm, "It is not known whether this was recorded".to_owned())
            }
            Owner::Log if problem.code == ONLY_RECORDED => {
                (Tone::Alarm, "It is recorded, but not done yet".to_owned())
            }
            Owner::Log => (Tone::Alarm, "Safe mode: nothing can be changed".to_owned()),
            Owner::Human => (Tone::Alarm, "A person has to look at this".to_owned()),
        };
        let mut card = Card::new(tone, title).text(&problem.message);
        if !problem.hint.is_empty() {
            card = card.text(&problem.hint);
        }
        card = card.details(problem).offers(&problem.lines);
        if let Some(rule) = &problem.rule {
            card = card.footer(format!("rule: {rule}"));
        }
        card.private()
    }

    /// The card of what a start found, and which stops nothing.
    pub fn found(problem: &Problem) -> Card {
        Card { title: "Found at the start".to_owned(), ..Card::problem(problem) }
    }

    /// The file of a problem that has one.
    pub fn details(self, problem: &Problem) -> Card {
        match &problem.file {
            Some(file) => self.block(Block::File { name: file.name.clone(), text: file.text.clone() }),
            None => self,
        }
    }

    /// Lines that may have been meant, each with a button that sends it.
    pub fn offers(mut self, lines: &[String]) -> Card {
        // A line is as someone typed it: one line, and nothing in it ends the code span around it.
        let shown = |line: &String| format!("`{}`", crate::basics::text::plain(line, usize::MAX));
        match lines {
            [] => return self,
            [only] => self = self.text(format!("{DID_YOU_MEAN} {}?", shown(only))),
            several => {
                let points = several.iter().map(shown).collect();
                self = self.block(Block::Points(DID_YOU_MEAN.to_owned(), points));
            }
        }
        for line in lines {
            let mut label = line.clone();
            if lines.len() == 1 {
                label = "Send it".to_owned();
            }
            self.actions.push(Button {
                path: SEND.to_owned(),
                label,
                style: Style::Quiet,
                line: Some(line.clone()),
                more: false,
                turns: false,
            });
        }
        self
    }

    /// The lines that this card offers.
    pub fn offered(&self) -> Vec<&str> {
        let offers = self.actions.iter().filter(|action| action.path == SEND);
        offers.filter_map(|action| action.line.as_deref()).collect()
    }

    /// The requests of its lists, each once.
    pub fn requests(&self) -> Vec<RequestNo> {
        let mut numbers = Vec::new();
        for block in &self.blocks {
            let Block::Items { items, .. } = block else { continue };
            for no in items.iter().filter_map(|item| item.request) {
                if !numbers.contains(&no) {
                    numbers.push(no);
                }
            }
        }
        numbers
    }

    /// The items of its lists that are about requests.
    pub fn requests_mut(&mut self) -> impl Iterator<Item = (RequestNo, &mut Item)> {
        let items = self.blocks.iter_mut().filter_map(|block| match block {
            Block::Items { items, .. } => Some(items),
            _ => None,
        });
        items.flatten().filter_map(|item| Some((item.request?, item)))
    }

    /// The card as someone with these accounts reads it for themselves: where it names them as the one who has to do something, it
    /// says so.
    pub fn to_reader(mut self, accounts: &[PersonId]) -> Card {
        for block in &mut self.blocks {
            let texts: Vec<&mut String> = match block {
                Block::Text(text) | Block::Warning(text) => vec![text],
                Block::Checklist(needs) => needs.iter_mut().map(|(_, need)| need).collect(),
                Block::Points(_, points) => points.iter_mut().collect(),
                Block::Facts(facts) => facts.iter_mut().map(|(_, value)| value).collect(),
                Block::Items { items, .. } => {
                    items.iter_mut().flat_map(|item| [&mut item.title, &mut item.line]).collect()
                }
                Block::Changes(_)
                | Block::Steps(_)
                | Block::Table { .. }
                | Block::Progress { .. }
                | Block::File { .. }
                | Block::Scan { .. }
                | Block::Secret { .. } => Vec::new(),
            };
            for text in texts {
                *text = to_reader(text, accounts);
            }
        }
        self
    }

    pub fn text(self, text: impl Into<String>) -> Card {
        self.block(Block::Text(text.into()))
    }

    pub fn warning(self, text: impl Into<String>) -> Card {
        self.block(Block::Warning(text.into()))
    }

    pub fn block(mut self, block: Block) -> Card {
        self.blocks.push(block);
        self
    }

    /// Everything that people read on it, secrets and files left out.
    pub fn words(&self) -> String {
        let mut words = vec![self.title.clone()];
        for block in &self.blocks {
            match block {
                Block::Text(text) | Block::Warning(text) => words.push(text.clone()),
                Block::Facts(facts) => {
                    words.extend(facts.iter().flat_map(|(name, value)| [name, value]).cloned())
                }
                Block::Changes(changes) => {
                    words.extend(
                        changes.iter().flat_map(|(what, before, after)| [what, before, after]).cloned(),
                    );
                }
                Block::Steps(steps) => words.extend(steps.iter().map(|(_, step)| step.clone())),
                Block::Checklist(needs) => words.extend(needs.iter().map(|(_, need)| need.clone())),
                Block::Progress { what, .. } => words.push(what.clone()),
                Block::Points(heading, points) => {
                    words.push(heading.clone());
                    words.extend(points.iter().cloned());
                }
                Block::Table { columns, rows } => {
                    words.extend(columns.iter().chain(rows.iter().flatten()).cloned());
                }
                Block::Items { heading, items } => {
                    words.push(heading.clone());
                    for item in items {
                        words.extend(item.request.map(|no| no.to_string()));
                        words.extend([&item.title, &item.line].map(String::clone));
                    }
                }
                Block::File { .. } | Block::Scan { .. } | Block::Secret { .. } => {}
            }
        }
        words.extend(self.footer.clone());
        spoken(&words.join("\n"))
    }

    pub fn action(mut self, path: &str, label: &str, style: Style) -> Card {
        self.actions.push(Button {
            path: path.to_owned(),
            label: label.to_owned(),
            style,
            line: None,
            more: false,
            turns: false,
        });
        self
    }

    /// A button that says a line, as if anyone who presses it had typed it.
    pub fn says(mut self, line: impl Into<String>, label: &str, style: Style) -> Card {
        let line = Some(line.into());
        let (path, label) = (String::new(), label.to_owned());
        self.actions.push(Button { path, label, style, line, more: false, turns: false });
        self
    }

    /// A button that says a line of the command that made this card: another page, or the same once more.
    pub fn turns(mut self, line: impl Into<String>, label: &str) -> Card {
        self = self.says(line, label, Style::Quiet);
        if let Some(last) = self.actions.last_mut() {
            last.turns = true;
        }
        self
    }

    /// The last button goes into the menu "More".
    pub fn in_menu(mut self) -> Card {
        if let Some(last) = self.actions.last_mut() {
            last.more = true;
        }
        self
    }

    pub fn footer(mut self, footer: impl Into<String>) -> Card {
        self.footer = Some(footer.into());
        self
    }

    pub fn private(mut self) -> Card {
        self.private = true;
        self
    }
}
