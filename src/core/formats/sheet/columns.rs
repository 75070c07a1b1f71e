//! The columns of a sheet of users: what they are called in both generations of Amazon Connect's template, in the
//! guide's spreadsheet, and in what the desk writes.

use crate::basics::problem::Problem;
use crate::basics::text::{self, code};
use crate::center::Channel;

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

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    FirstName,
    LastName,
    Email,
    Password,
    Login,
    RoutingProfile,
    /// Several names in a cell stand between `|`; further columns may be numbered.
    SecurityProfiles,
    PhoneType,
    PhoneNumber,
    AutoAccept(Channel),
    /// In seconds.
    AfterContactWork(Channel),
    SecondaryEmail,
    Mobile,
    /// The levels of the group's path stand between `|` or `/`.
    Hierarchy,
    /// One level of that path, 1 to 5.
    HierarchyLevel(u8),
    /// `key:value`, several between `|`; a backslash keeps a `|`, `:` or backslash as it is.
    Tags,
    PersistentConnection,
    AudioEnhancement,
    FirstCallbackAutoAccept(Channel),
    /// In seconds.
    FirstCallbackAfterContactWork(Channel),
    DirectoryUserId,
}

impl Column {
    /// The columns a file must have.
    pub(super) const REQUIRED: [Column; 5] = [
        Column::FirstName,
        Column::LastName,
        Column::Login,
        Column::RoutingProfile,
        Column::SecurityProfiles,
    ];

    /// Every column, in the order in which they are written: the classic template first.
    pub(super) fn all() -> Vec<Column> {
        use Channel::{Chat, Email, Task, Voice};
        let mut all = Column::written_always().to_vec();
        all.extend([Chat, Task, Email].map(Column::AutoAccept));
        all.extend([Chat, Task, Email].map(Column::AfterContactWork));
        all.extend([Voice, Chat, Task, Email].map(Column::FirstCallbackAutoAccept));
        all.extend([Voice, Chat, Task, Email].map(Column::FirstCallbackAfterContactWork));
        all.push(Column::DirectoryUserId);
        all.extend([1, 2, 3, 4, 5].map(Column::HierarchyLevel));
        all
    }

    /// The classic template, and behind it what newer ones have.
    pub(super) fn written_always() -> [Column; 17] {
        [
            Column::FirstName,
            Column::LastName,
            Column::Email,
            Column::Password,
            Column::Login,
            Column::RoutingProfile,
            Column::SecurityProfiles,
            Column::PhoneType,
            Column::PhoneNumber,
            Column::AutoAccept(Channel::Voice),
            Column::AfterContactWork(Channel::Voice),
            Column::SecondaryEmail,
            Column::Mobile,
            Column::Hierarchy,
            Column::Tags,
            Column::PersistentConnection,
            Column::AudioEnhancement,
        ]
    }

    /// The title that is written, as in Amazon Connect's templates where they have the column.
    pub fn title(self) -> String {
        let fixed = match self {
            Column::FirstName => "first name",
            Column::LastName => "last name",
            Column::Email => "email address",
            Column::Password => "password",
            Column::Login => "user login",
            Column::RoutingProfile => "routing profile name",
            Column::SecurityProfiles => "security_profile_name_1|security_profile_name_2",
            Column::PhoneType => "phone type (soft/desk)",
            Column::PhoneNumber => "phone number",
            Column::AutoAccept(Channel::Voice) => "soft phone auto accept (yes/no)",
            Column::AfterContactWork(Channel::Voice) => "ACW timeout (seconds)",
            Column::SecondaryEmail => "secondary email address",
            Column::Mobile => "mobile",
            Column::Hierarchy => "agent hierarchy",
            Column::Tags => "tags",
            Column::PersistentConnection => "persistent connection",
            Column::AudioEnhancement => "audio enhancement(none/isolate voice/suppress noise)",
            Column::DirectoryUserId => "directory user id",
            Column::AutoAccept(channel) => return format!("{} auto accept (yes/no)", channel.word()),
            Column::AfterContactWork(channel) => {
                return format!("{} ACW timeout (seconds)", channel.word());
            }
            Column::FirstCallbackAutoAccept(channel) => {
                return format!("{} first callback auto accept (yes/no)", channel.word());
            }
            Column::FirstCallbackAfterContactWork(channel) => {
                return format!("{} first callback ACW timeout (seconds)", channel.word());
            }
            Column::HierarchyLevel(level) => return format!("agent hierarchy level {level}"),
        };
        fixed.to_owned()
    }

    /// What people and other tools call it too, as [`normal`] gives it.
    fn aliases(self) -> &'static [&'static str] {
        match self {
            Column::FirstName => &["firstname", "given name"],
            Column::LastName => &["lastname", "surname", "family name"],
            Column::Email => &["email", "e mail", "e mail address", "mail"],
            Column::Login => &["login", "login name", "username", "user name", "user id"],
            Column::RoutingProfile => &["routing profile"],
            Column::SecurityProfiles => &[
                "security profile name",
                "security profile",
                "security profiles",
                "security profile names",
                "security profile name 1",
                "security profile name 2",
                "security profile name 3",
                "security profile name 4",
                "security profile name 5",
                "security profile name 6",
                "security profile name 7",
                "security profile name 8",
                "security profile name 9",
                "security profile name 10",
            ],
            Column::PhoneType => &["phonetype"],
            Column::PhoneNumber => &["desk phone number", "phone", "desk phone"],
            Column::AutoAccept(Channel::Voice) => {
                &["auto accept", "auto accept call", "auto accept calls", "voice auto accept"]
            }
            Column::AfterContactWork(Channel::Voice) => &[
                "acw",
                "acw seconds",
                "after call work",
                "after call work timeout",
                "after contact work",
                "after contact work timeout",
                "voice acw timeout",
            ],
            Column::SecondaryEmail => &["secondary email", "secondary e mail"],
            Column::Mobile => &["mobile number", "mobile phone", "mobile phone number"],
            Column::Hierarchy => {
                &["hierarchy", "user hierarchy", "userhierarchy", "user hierarchy 1|user hierarchy 2"]
            }
            Column::HierarchyLevel(1) => &["hierarchy level 1", "user hierarchy 1", "level 1"],
            Column::HierarchyLevel(2) => &["hierarchy level 2", "user hierarchy 2", "level 2"],
            Column::HierarchyLevel(3) => &["hierarchy level 3", "user hierarchy 3", "level 3"],
            Column::HierarchyLevel(4) => &["hierarchy level 4", "user hierarchy 4", "level 4"],
            Column::HierarchyLevel(5) => &["hierarchy level 5", "user hierarchy 5", "level 5"],
            Column::Tags => &["tag"],
            Column::PersistentConnection => &["softphone persistent connection"],
            Column::AudioEnhancement => &["voice enhancement"],
            _ => &[],
        }
    }

    /// Whether it holds a name, which Amazon Connect keeps in one form only.
    pub(super) fn is_name(self) -> bool {
        use Column::{
            Email, FirstName, Hierarchy, HierarchyLevel, LastName, RoutingProfile, SecondaryEmail,
            SecurityProfiles,
        };
        matches!(
            self,
            FirstName
                | LastName
                | Email
                | SecondaryEmail
                | RoutingProfile
                | SecurityProfiles
                | Hierarchy
                | HierarchyLevel(_)
        )
    }

    /// Several columns of a file may hold parts of this.
    fn may_repeat(self) -> bool {
        matches!(self, Column::SecurityProfiles | Column::Hierarchy)
    }

    /// The order in which findings are told: Amazon's troubleshooting begins with phone numbers, then security profiles.
    pub(super) fn order(self) -> u8 {
        match self {
            Column::PhoneNumber | Column::Mobile => 0,
            Column::SecurityProfiles => 1,
            Column::RoutingProfile => 2,
            Column::Login => 3,
            _ => 4,
        }
    }
}

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

/// All names of all columns, so that a header is matched and a wrong one is answered with the nearest.
pub(super) struct Titles(Vec<(String, Column)>);

impl Titles {
    pub fn new() -> Titles {
        let mut titles = Vec::new();
        for column in Column::all() {
            titles.push((normal(&column.title()), column));
            titles.extend(column.aliases().iter().map(|alias| ((*alias).to_owned(), column)));
        }
        Titles(titles)
    }

    fn column(&self, title: &str) -> Option<Column> {
        let wanted = normal(title);
        self.0.iter().find(|(name, _)| *name == wanted).map(|(_, column)| *column)
    }

    /// How many of these titles are known.
    pub fn known(&self, titles: &[String]) -> usize {
        titles.iter().filter(|title| self.column(title).is_some()).count()
    }

    /// The columns of a header, or everything that is wrong with it in one problem.
    pub fn headings(&self, titles: &[String], row: usize) -> Result<Vec<Heading>, Problem> {
        if self.known(titles) == 0 {
            let shown: Vec<String> =
                titles.iter().filter(|t| !t.trim().is_empty()).take(4).map(|t| code(t)).collect();
            return Err(Problem::asker(
                "sheet_no_header",
                format!(
                    "Row {row} is not a header: none of {} is the title of a column.",
                    text::list(&shown, "and")
                ),
            )
            .hint("Put the titles of Amazon Connect's template into the first row; `/connect template` gives them."));
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
                other.column == column && (!column.may_repeat() || normal(&other.title) == normal(title))
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
            for title in unknown.iter().take(10) {
                next.push(match self.nearest(title, &headings) {
                    Some(near) => format!("For {} write {}.", code(title), code(&near)),
                    None => format!("Leave {} out.", code(title)),
                });
            }
        }
        if !twice.is_empty() {
            message.push(format!("The same stands in more than one column: {}.", text::list(&twice, "and")));
            next.push("Keep one of each.".to_owned());
        }
        let missing: Vec<String> = Column::REQUIRED
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
            next.push("`/connect template` gives a sheet with all of them.".to_owned());
        }
        match message.is_empty() {
            true => Ok(headings),
            false => Err(Problem::asker("sheet_columns", message.join(" ")).hint(next.join(" "))),
        }
    }

    /// The title to write instead of a wrong one; not one that the file has already.
    fn nearest(&self, title: &str, taken: &[Heading]) -> Option<String> {
        let free = self.0.iter().filter(|(_, column)| !taken.iter().any(|heading| heading.column == *column));
        let wanted = normal(title);
        let near = text::nearest(&wanted, free.map(|(name, _)| name.as_str()));
        near.first().and_then(|near| self.column(near)).map(Column::title)
    }
}

fn columns(n: usize) -> &'static str {
    if n == 1 { "column" } else { "columns" }
}

/// Whose columns these are.
pub(super) fn format(headings: &[Heading]) -> Format {
    let has = |column: Column| headings.iter().any(|heading| heading.column == column);
    let spelled = |title: &str| headings.iter().any(|heading| normal(&heading.title) == title);
    let classic = has(Column::AutoAccept(Channel::Voice)) || has(Column::AfterContactWork(Channel::Voice));
    let current = has(Column::PersistentConnection) || has(Column::AudioEnhancement);
    match () {
        () if classic && current => Format::Desk,
        () if current || spelled("user hierarchy 1|user hierarchy 2") => Format::Current,
        () if spelled("security profile") || spelled("routing profile") => Format::Guide,
        () => Format::Classic,
    }
}
