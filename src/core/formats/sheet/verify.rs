//! A sheet against the contact center: who is new, who is the same, who differs, and what cannot be.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use secrecy::{ExposeSecret as _, SecretString};

use super::cell::{is_date, left_empty, path, proficiencies_joined};
use super::columns::{self, Column};
use super::model::{Change, Differs, Fault, Finding, Row, Severity, Sheet, Skills, settle};
use super::readings;
use crate::basics::numbers::is_shown_as;
use crate::basics::problem::Problem;
use crate::basics::text::{self, code};
use crate::center::names::{predefined, resolve};
use crate::center::{IdentityType, Proficiency};
use crate::profile::{Named, Phone, Profile, Settings, Value, ValueKind, blank};
use crate::user::changes;

/// A wrong name is compared with every right one to find the nearest, about 2 µs each. After this many comparisons of a kind,
/// further wrong names are only said to be wrong: a file with so many was made for another contact center.
const COMPARISONS_MAX: usize = 15_000;

/// The longest login that Amazon documents where users don't come by SAML.
const LOGIN_DOCUMENTED: usize = 20;

/// What a sheet is checked against, read from the contact center beforehand.
#[derive(Clone, Copy, Debug)]
pub struct Catalog<'a> {
    pub identity: IdentityType,
    pub routing_profiles: &'a [Named],
    pub security_profiles: &'a [Named],
    /// Under their paths, such as `East/Team 1`.
    pub hierarchy_groups: &'a [Named],
    /// Every user that exists, under its login.
    pub users: &'a BTreeMap<String, Profile>,
    /// What a new user gets where its row says nothing.
    pub defaults: &'a Settings,
    /// Needed where a row says something of proficiencies.
    pub skills: &'a Skills,
}

/// What a sheet comes to.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    pub new: Vec<New>,
    pub same: Vec<Same>,
    /// Rows that repeat an earlier one.
    pub repeated: Vec<Same>,
    pub differs: Vec<Differs>,
    /// The rows of the sheet with the logins that they mean, and without what their users have already.
    pub rows: Vec<Row>,
    /// Those of the sheet too; errors first, phone numbers and security profiles before others.
    pub findings: Vec<Finding>,
    /// What the guide warns of, once for all rows that it is about.
    pub warnings: Vec<String>,
    /// The same if existing users are changed as well.
    pub warnings_if_changed: Vec<String>,
}

impl Verified {
    /// How many findings are errors. With one or more of them nothing should be created.
    pub fn errors(&self) -> usize {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error).count()
    }
}

/// A user to be created.
#[derive(Clone, Debug)]
pub struct New {
    pub row: usize,
    pub login: String,
    pub profile: Profile,
    pub proficiencies: Vec<Proficiency>,
    pub password: Option<SecretString>,
}

/// A row that changes nothing: its user exists and is as it wishes, or it repeats an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Same {
    pub row: usize,
    pub login: String,
}

/// Checks every row, whatever is wrong with the others. Changes nothing and asks no one.
pub fn verify(sheet: &Sheet, catalog: &Catalog<'_>) -> Verified {
    let mut sheet = sheet.clone();
    let known: BTreeSet<(usize, Column)> =
        sheet.rows.iter_mut().flat_map(|row| untouched(row, catalog)).collect();
    sheet.findings.retain(|finding| finding.at.is_none_or(|column| !known.contains(&(finding.row, column))));
    let sheet = &sheet;
    let mut out = Verified { findings: sheet.findings.clone(), ..Verified::default() };
    let mut bad: HashSet<usize> =
        out.findings.iter().filter(|f| f.severity == Severity::Error).map(|f| f.row).collect();
    let errors: BTreeSet<(usize, Column)> = out
        .findings
        .iter()
        .filter(|f| f.severity == Severity::Error)
        .filter_map(|f| f.at.map(|column| (f.row, column)))
        .collect();
    let mut names = Names::new(catalog);
    let repeated = repeats(sheet, catalog, &mut out, &mut bad);
    let similar = similar(sheet, catalog);
    let only_changes = lacks_columns(sheet, catalog);
    let emails = emails(sheet, catalog, &bad);
    let (mut of_new, mut of_changes) = (Notices::default(), Notices::default());

    for row in &sheet.rows {
        if repeated.contains(&row.number) {
            continue;
        }
        let existing = catalog.users.get(&row.login);
        let mut check = Check { row, findings: &mut out.findings, errors: &errors, bad: false };
        if is_example(row) {
            check.say(
                Severity::Warning,
                Column::Login,
                &row.login,
                Fault::new("example_row", "This is the example row of the template; it is skipped.", ""),
            );
            continue;
        }
        if existing.is_none() && only_changes && !row.login.is_empty() {
            check.unknown(similar.get(row.login.as_str()).copied());
            bad.insert(row.number);
            continue;
        }
        if existing.is_none() {
            check.required(catalog, similar.get(row.login.as_str()).copied());
            check.shared_email(&emails);
        }
        check.elsewhere(catalog, existing.is_none());
        check.garbled(existing);
        check.lost_letters();
        let found = names.find(&mut check);
        let before = existing.cloned().or_else(|| new_user(&found, catalog));
        let after = before.map(|before| wished(before, row, found, existing.is_none(), catalog));
        let password = check.password(catalog, existing.is_some());
        let proficiencies = check.proficiencies(catalog.skills);
        check.phone(existing, after.as_ref());
        if check.bad {
            bad.insert(row.number);
        }
        let Some(after) = after else { continue };
        if bad.contains(&row.number) || row.login.is_empty() {
            continue;
        }
        let (number, login) = (row.number, row.login.clone());
        match existing {
            None => {
                of_new.count(None, &after);
                let proficiencies = proficiencies.unwrap_or_default();
                out.new.push(New { row: number, login, profile: after, proficiencies, password });
            }
            Some(before) => {
                let mut changes = differences(before, &after);
                let has = catalog.skills.of.get(&login).map(Vec::as_slice).unwrap_or_default();
                let joined = proficiencies_joined;
                let proficiencies = proficiencies.filter(|wished| joined(has) != joined(wished));
                changes.extend(proficiencies.as_ref().map(|wished| Change {
                    field: Column::Proficiencies.title(),
                    before: joined(has),
                    after: joined(wished),
                }));
                if changes.is_empty() {
                    out.same.push(Same { row: number, login });
                } else {
                    of_changes.count(Some(before), &after);
                    let proficiencies = proficiencies.map(|wished| (has.to_vec(), wished));
                    out.differs.push(Differs { row: number, login, profile: after, proficiencies, changes });
                }
            }
        }
    }
    out.warnings = of_new.said();
    out.warnings_if_changed = of_new.and(&of_changes).said();
    settle(&mut out.findings, &sheet.headings, &sheet.rows);
    out.rows.clone_from(&sheet.rows);
    out
}

/// Leaves out of a row what its user has already, and gives the cells that are as an export writes them. No one has touched those, so
/// they are neither a difference nor wrong, however strange they are.
fn untouched(row: &mut Row, catalog: &Catalog<'_>) -> Vec<(usize, Column)> {
    let found = row.logins().find_map(|login| Some((login.to_owned(), catalog.users.get(login)?)));
    let Some((login, user)) = found else { return Vec::new() };
    let mut written = super::write::cells(user);
    let skills = catalog.skills.of.get(&login).map(|all| (Column::Proficiencies, proficiencies_joined(all)));
    written.extend(skills);
    written.insert(Column::Login, login.clone());
    row.login = login;
    written.retain(|column, is| row.cell(*column).is_some_and(|cell| is_written(*column, is, cell)));
    row.wishes =
        written.keys().fold(row.wishes.clone().unlike(user), |wishes, column| wishes.without(*column));
    if written.contains_key(&Column::Proficiencies) {
        row.proficiencies = None;
    }
    written.into_keys().map(|column| (row.number, column)).collect()
}

/// Whether a cell is what an export writes for a value, or what a spreadsheet makes of that: it takes the plus from what looks like a number,
/// and may show fewer of its digits.
fn is_written(column: Column, is: &str, cell: &str) -> bool {
    let is_number = matches!(column.row().0.kind, ValueKind::Phone);
    let digits = is.strip_prefix('+').filter(|_| is_number);
    is.trim() == cell || digits.is_some_and(|digits| is_shown_as(digits, cell))
}

/// What is wrong with a name that was read in another encoding.
fn garbled(what: &str, name: &str) -> Option<Fault> {
    let was = readings::garbled(name)?;
    let message = format!(
        "The {what} {} was {} before the file was opened in another encoding.",
        code(name),
        code(&was)
    );
    let next = "Write it so, or open the original as Unicode (UTF-8) and save it as `.xlsx`.";
    Some(Fault::new("name_garbled", message, next))
}

/// The row that `template` gives as an example.
fn is_example(row: &Row) -> bool {
    let example = |column: Column| column.row().0.example;
    row.login == example(Column::Login) && row.wishes.text(Column::Email) == Some(example(Column::Email))
}

/// Rows under a login that is further up too: the same again is skipped, anything else is an error in both.
fn repeats(
    sheet: &Sheet,
    catalog: &Catalog<'_>,
    out: &mut Verified,
    bad: &mut HashSet<usize>,
) -> HashSet<usize> {
    let mut first: HashMap<String, &Row> = HashMap::new();
    let mut repeated = HashSet::new();
    for row in sheet.rows.iter().filter(|row| !row.login.is_empty()) {
        let Some(earlier) = first.get(&login_key(&row.login)) else {
            first.insert(login_key(&row.login), row);
            continue;
        };
        let password = |row: &Row| {
            row.password.as_ref().map(|p| p.expose_secret().to_owned()).map(zeroize::Zeroizing::new)
        };
        let same_login = row.login == earlier.login;
        if !same_login && [row, earlier].iter().all(|row| catalog.users.contains_key(&row.login)) {
            continue;
        }
        let same = same_login
            && row.wishes == earlier.wishes
            && row.proficiencies == earlier.proficiencies
            && password(row) == password(earlier);
        let at = earlier.number;
        let (severity, fault) = if same {
            repeated.insert(row.number);
            out.repeated.push(Same { row: row.number, login: row.login.clone() });
            let message = format!("This row repeats row {at} and is skipped.");
            (Severity::Warning, Fault::new("row_twice", message, ""))
        } else {
            bad.extend([at, row.number]);
            let message = match same_login {
                true => format!("The login {} is in row {at} too, with different details.", code(&row.login)),
                false => format!(
                    "The login {} and {} in row {at} differ only in {}.",
                    code(&row.login),
                    code(&earlier.login),
                    differ_in(&row.login, &earlier.login)
                ),
            };
            (Severity::Error, Fault::new("login_twice", message, "Keep one of the two rows."))
        };
        out.findings.push(Finding::new(severity, row.number, Column::Login, &row.login, fault));
    }
    repeated
}

/// Whether a sheet lacks a column that every new user needs, so that it can only be meant to change users.
fn lacks_columns(sheet: &Sheet, catalog: &Catalog<'_>) -> bool {
    let has = |column: Column| sheet.headings.iter().any(|heading| heading.column == column);
    columns::required().any(|column| !has(column) && is_needed(column, catalog))
}

/// Whether a new user can't be without it.
fn is_needed(column: Column, catalog: &Catalog<'_>) -> bool {
    let is_name = matches!(column, Column::FirstName | Column::LastName);
    !is_name || catalog.identity != IdentityType::ExistingDirectory
}

/// The columns that can't be set here.
fn kept_elsewhere(kept: IdentityType, of_new: bool) -> impl Iterator<Item = Column> {
    IdentityType::KEPT_ELSEWHERE.into_iter().filter(move |column| !kept.sets(*column, of_new))
}

/// Who has each email address: users that exist and those of the sheet, by their logins. What is in the place of a login in a row with an
/// error could be a password.
fn emails<'a>(
    sheet: &'a Sheet,
    catalog: &Catalog<'a>,
    bad: &HashSet<usize>,
) -> HashMap<String, BTreeSet<&'a str>> {
    let rows = sheet.rows.iter().filter(|row| !bad.contains(&row.number));
    let rows = rows.filter_map(|row| Some((row.wishes.text(Column::Email)?, row.login.as_str())));
    let users = catalog.users.iter();
    let users = users.filter_map(|(login, user)| Some((user.identity.email.as_deref()?, login.as_str())));
    let mut emails: HashMap<String, BTreeSet<&str>> = HashMap::new();
    for (email, login) in rows.chain(users).filter(|(_, login)| !login.is_empty()) {
        emails.entry(email.to_lowercase()).or_default().insert(login);
    }
    emails
}

/// A login as two that a spreadsheet makes one of are compared: in lower case, and without zeros before a number.
fn login_key(login: &str) -> String {
    match login.bytes().all(|byte| byte.is_ascii_digit()) {
        true => login.trim_start_matches('0').to_owned(),
        false => login.to_lowercase(),
    }
}

/// How two logins differ that have one key.
fn differ_in(one: &str, other: &str) -> &'static str {
    if one.len() == other.len() { "upper and lower case" } else { "zeros in front" }
}

/// For logins no one has exactly, the user whose login differs only in upper and lower case, or in zeros in front.
fn similar<'a>(sheet: &'a Sheet, catalog: &Catalog<'a>) -> HashMap<&'a str, &'a str> {
    let mut wanted: HashMap<String, Vec<&str>> = HashMap::new();
    for row in
        sheet.rows.iter().filter(|row| !row.login.is_empty() && !catalog.users.contains_key(&row.login))
    {
        wanted.entry(login_key(&row.login)).or_default().push(&row.login);
    }
    let mut similar = HashMap::new();
    if !wanted.is_empty() {
        for login in catalog.users.keys() {
            for row in wanted.get(&login_key(login)).into_iter().flatten() {
                similar.insert(*row, login.as_str());
            }
        }
    }
    similar
}

/// The checks of one row.
struct Check<'a> {
    row: &'a Row,
    findings: &'a mut Vec<Finding>,
    /// The cells in which the sheet itself has an error.
    errors: &'a BTreeSet<(usize, Column)>,
    bad: bool,
}

impl Check<'_> {
    fn say(&mut self, severity: Severity, column: Column, value: &str, fault: Fault) {
        self.bad |= severity == Severity::Error;
        self.findings.push(Finding::new(severity, self.row.number, column, value, fault));
    }

    /// Whether the cell was refused already, so that it is not called empty too.
    fn has_error(&self, column: Column) -> bool {
        self.errors.contains(&(self.row.number, column))
    }

    /// No one has the login, in a sheet that can only change users.
    fn unknown(&mut self, similar: Option<&str>) {
        let message = format!("No user {}.", code(&self.row.login));
        let near = similar.and_then(|similar| text::did_you_mean(&[similar]));
        let next = near.unwrap_or_else(|| "Search with `/connect find`.".to_owned());
        let login = &self.row.login;
        self.say(Severity::Error, Column::Login, login, Fault::new("user_unknown", message, next));
    }

    /// Two users with one email address are most often the same person.
    fn shared_email(&mut self, emails: &HashMap<String, BTreeSet<&str>>) {
        let row = self.row;
        let Some(email) = row.wishes.text(Column::Email) else { return };
        let mut all = emails.get(&email.to_lowercase()).into_iter().flatten();
        let Some(other) = all.find(|login| login_key(login) != login_key(&row.login)) else { return };
        let message = format!("The email address {} is also that of {}.", code(email), code(other));
        let next = "Check whether it is the same person.";
        self.say(Severity::Warning, Column::Email, email, Fault::new("email_shared", message, next));
    }

    /// What a new user cannot be without.
    fn required(&mut self, catalog: &Catalog<'_>, similar: Option<&str>) {
        let row = self.row;
        let wishes = &row.wishes;
        for column in columns::required() {
            let given = match column {
                Column::Login => !row.login.is_empty(),
                column => wishes.has(column),
            };
            if is_needed(column, catalog) && !given && !self.has_error(column) {
                let what = match column {
                    Column::SecurityProfiles => "security profile name".to_owned(),
                    column => column.title(),
                };
                let message = format!("The {what} is missing; a new user needs it.");
                self.say(
                    Severity::Error,
                    column,
                    "",
                    Fault::new("cell_missing", message, "Fill in the cell."),
                );
            }
        }
        if let Some(similar) = similar {
            let only = differ_in(similar, &row.login);
            let message = format!("There is a user {}, which differs only in {only}.", code(similar));
            let next = format!("Write {} if it is the same person, or choose another login.", code(similar));
            self.say(Severity::Error, Column::Login, &row.login, Fault::new("login_case", message, next));
        }
        if is_date(&row.login) {
            let message = format!(
                "The login {} may be a date that a spreadsheet made of another one.",
                code(&row.login)
            );
            let next = "Check it; if it is, format the column as text and write it again.";
            self.say(Severity::Warning, Column::Login, &row.login, Fault::new("login_date", message, next));
        }
        let length = row.login.chars().count();
        if catalog.identity == IdentityType::ConnectManaged && length > LOGIN_DOCUMENTED {
            let message = format!(
                "The login {} has {length} characters; Amazon Connect documents {LOGIN_DOCUMENTED} unless users come by SAML.",
                code(&row.login)
            );
            let next = "Choose a shorter one if the contact center refuses it.";
            self.say(Severity::Warning, Column::Login, &row.login, Fault::new("login_long", message, next));
        }
        if !row.login.is_empty()
            && let Err(problem) = catalog.identity.check_new_login(&row.login)
        {
            let fault = Fault::new("login_not_new", problem.message, problem.hint);
            self.say(Severity::Error, Column::Login, &row.login, fault);
        }
        match wishes.text(Column::Email) {
            None if catalog.identity == IdentityType::ConnectManaged
                && row.password.is_none()
                && !self.has_error(Column::Email)
                && !self.has_error(Column::Password) =>
            {
                let message = "There is neither an email address nor a password: the user is created with a password that \
                            no one knows, and cannot sign in until a reset.";
                let next = "Fill in one of the two, or use `/connect reset` after the import.";
                self.say(Severity::Warning, Column::Email, "", Fault::new("way_in_missing", message, next));
            }
            None if catalog.identity == IdentityType::ConnectManaged && !self.has_error(Column::Email) => {
                let message = "Without an email address the user cannot reset their own password.";
                let next = "Fill in the cell.";
                self.say(Severity::Warning, Column::Email, "", Fault::new("email_missing", message, next));
            }
            _ => {}
        }
    }

    /// What Amazon Connect doesn't take, because an identity provider or a directory keeps it.
    fn elsewhere(&mut self, catalog: &Catalog<'_>, is_new: bool) {
        let row = self.row;
        for column in kept_elsewhere(catalog.identity, is_new) {
            let Some(typed) = row.wishes.text(column) else { continue };
            let (code, message) = match catalog.identity {
                IdentityType::Saml => (
                    "email_saml",
                    "The instance's users come by SAML, so it keeps no email address; this one is left out."
                        .to_owned(),
                ),
                IdentityType::ExistingDirectory | IdentityType::ConnectManaged => (
                    "kept_in_directory",
                    format!(
                        "The {} is kept in the instance's directory; this one is left out.",
                        column.title()
                    ),
                ),
            };
            self.say(Severity::Warning, column, typed, Fault::new(code, message, ""));
        }
    }

    /// Programs that open a file in another encoding make other letters of its own, and say nothing. A tag that the user has already is
    /// theirs, however it came there.
    fn garbled(&mut self, existing: Option<&Profile>) {
        let row = self.row;
        for (column, value) in row.wishes.values() {
            let has = existing.map(|profile| &profile.tags);
            let texts: Vec<&str> = match value {
                Value::Text(text) => vec![text],
                Value::Tags(tags) => {
                    let new =
                        tags.iter().filter(|(key, value)| has.and_then(|has| has.get(*key)) != Some(*value));
                    new.flat_map(|(key, value)| [key.as_str(), value]).collect()
                }
                _ => continue,
            };
            let fault = texts.into_iter().find_map(|text| Some((text, garbled(&column.title(), text)?)));
            if let Some((text, fault)) = fault {
                self.say(Severity::Error, column, text, fault);
            }
        }
    }

    /// Programs that save in an encoding without a letter write a question mark in its place, and say nothing.
    fn lost_letters(&mut self) {
        let row = self.row;
        for column in [Column::FirstName, Column::LastName] {
            let Some(name) = row.wishes.text(column).filter(|name| name.contains('?')) else { continue };
            let message = format!(
                "The {} {} has a `?`, which may be a letter that was lost in saving.",
                column.title(),
                code(name)
            );
            let next = "Check it; if a letter is lost, save the sheet as `.xlsx` or as `CSV UTF-8`.";
            self.say(Severity::Warning, column, name, Fault::new("name_damaged", message, next));
        }
    }

    /// The password, where one can be set.
    fn password(&mut self, catalog: &Catalog<'_>, exists: bool) -> Option<SecretString> {
        let password = self.row.password.clone()?;
        let message = match catalog.identity {
            IdentityType::ConnectManaged if !exists => return Some(password),
            IdentityType::ConnectManaged => "The user exists, so the password is not used.",
            IdentityType::Saml => "The instance's users come by SAML, so the password is not used.",
            IdentityType::ExistingDirectory => {
                "Passwords are kept in the instance's directory, so this one is not used."
            }
        };
        let next = if exists { "Give a new one with `/connect reset`." } else { "" };
        self.say(Severity::Warning, Column::Password, "", Fault::new("password_unused", message, next));
        None
    }

    /// The proficiencies under the names that the contact center has for them; only what is predefined can be given.
    fn proficiencies(&mut self, skills: &Skills) -> Option<Vec<Proficiency>> {
        let wished = self.row.proficiencies.as_ref()?;
        let mut found = Vec::new();
        for one in wished {
            let typed = proficiencies_joined(std::slice::from_ref(one));
            let attributes = skills.attributes.keys().map(String::as_str);
            let Some(attribute) = self.predefined("attribute", &one.attribute, attributes, &typed) else {
                continue;
            };
            let values = skills.attributes.get(&attribute).into_iter().flatten().map(String::as_str);
            let what = format!("value of {}", code(&attribute));
            let Some(value) = self.predefined(&what, &one.value, values, &typed) else { continue };
            found.push(Proficiency { attribute, value, level: one.level });
        }
        found.sort_by(|a, b| (&a.attribute, &a.value).cmp(&(&b.attribute, &b.value)));
        let mut pairs = found.windows(2);
        if pairs.any(|two| matches!(two, [a, b] if a.attribute == b.attribute && a.value == b.value)) {
            let fault =
                Fault::new("proficiency_twice", "Two proficiencies are the same one.", "Keep one of them.");
            self.say(Severity::Error, Column::Proficiencies, &proficiencies_joined(wished), fault);
        }
        Some(found)
    }

    /// What is predefined under this name, as people compare names; or what is nearest to it.
    fn predefined<'n>(
        &mut self,
        what: &str,
        name: &str,
        all: impl Iterator<Item = &'n str> + Clone,
        typed: &str,
    ) -> Option<String> {
        let problem = match predefined(what, name, all) {
            Ok(found) => return Some(found),
            Err(problem) => problem,
        };
        let fault = garbled(what, name)
            .unwrap_or_else(|| Fault::new("proficiency_unknown", problem.message, problem.hint));
        self.say(Severity::Error, Column::Proficiencies, typed, fault);
        None
    }

    /// A desk phone needs its number, unless the user has had none so far either.
    fn phone(&mut self, before: Option<&Profile>, after: Option<&Profile>) {
        let wishes = &self.row.wishes;
        let without = match (before, after) {
            (Some(before), Some(after)) => {
                after.settings.phone == Some(Phone::Desk { number: None })
                    && before.settings.phone != after.settings.phone
            }
            _ => {
                wishes.value(Column::PhoneType) == Some(&Value::Choice("desk"))
                    && !wishes.has(Column::PhoneNumber)
            }
        };
        if without && !self.has_error(Column::PhoneNumber) {
            let message = "A desk phone needs its number.";
            let next =
                "Write it with its country, such as `+12025550123`, or write `soft` as the phone type.";
            self.say(Severity::Error, Column::PhoneNumber, "", Fault::new("phone_missing", message, next));
        }
    }
}

/// The things a row names, as far as they were found.
type Found = Vec<(Column, Value)>;

/// One kind of named thing.
struct Kind<'a> {
    word: &'static str,
    column: Column,
    given: &'a [Named],
    /// The same things under the names they are compared by.
    all: Cow<'a, [Named]>,
    exact: HashMap<String, Vec<usize>>,
    /// Whole names and last parts as people compare them: what `resolve` finds without looking for the nearest.
    lower: HashSet<String>,
    /// The answers to names that are no exact ones.
    asked: HashMap<String, Result<usize, Problem>>,
}

impl<'a> Kind<'a> {
    fn new(word: &'static str, column: Column, given: &'a [Named], all: Cow<'a, [Named]>) -> Kind<'a> {
        let mut exact: HashMap<String, Vec<usize>> = HashMap::new();
        let mut lower = HashSet::new();
        for (i, named) in all.iter().enumerate() {
            exact.entry(named.name.clone()).or_default().push(i);
            let name = text::folded(&named.name);
            lower.extend(name.rsplit('/').next().map(str::to_owned));
            lower.insert(name);
        }
        Kind { word, column, given, all, exact, lower, asked: HashMap::new() }
    }

    fn find(&mut self, check: &mut Check<'_>, typed: &str) -> Option<Named> {
        if let Some([only]) = self.exact.get(typed).map(Vec::as_slice) {
            return self.given.get(*only).cloned();
        }
        let answer = match self.asked.get(typed) {
            Some(answer) => answer.clone(),
            None => {
                let answer = self.look(typed);
                self.asked.insert(typed.to_owned(), answer.clone());
                answer
            }
        };
        match answer {
            Ok(i) => {
                let name = self.all.get(i).map(|named| code(&named.name)).unwrap_or_default();
                let message = format!("{} is read as the {} {name}.", code(typed), self.word);
                check.say(Severity::Note, self.column, typed, Fault::new("name_read_as", message, ""));
                self.given.get(i).cloned()
            }
            Err(problem) => {
                if let Some(fault) = garbled(self.word, typed) {
                    check.say(Severity::Error, self.column, typed, fault);
                    return None;
                }
                let kind = match (problem.code.as_str(), self.column) {
                    ("name_ambiguous", _) => "name_ambiguous",
                    (_, Column::SecurityProfiles) => "security_profile_not_found",
                    (_, Column::RoutingProfile) => "routing_profile_not_found",
                    _ => "hierarchy_group_not_found",
                };
                let parts: Vec<&str> = typed.split([',', ';']).map(str::trim).collect();
                let listed = parts.len() > 1 && parts.iter().all(|part| self.exact.contains_key(*part));
                let next = match self.column {
                    Column::SecurityProfiles if listed => {
                        format!("Write a `|` between them: {}.", code(&parts.join("|")))
                    }
                    Column::Hierarchy => left_empty(self.column, typed).map_or(problem.hint, str::to_owned),
                    _ => problem.hint,
                };
                check.say(Severity::Error, self.column, typed, Fault::new(kind, problem.message, next));
                None
            }
        }
    }

    fn look(&self, typed: &str) -> Result<usize, Problem> {
        if self.exact.get(typed).is_some_and(|several| several.len() > 1) {
            let message = format!("{} names more than one {}.", code(typed), self.word);
            return Err(Problem::requester("name_ambiguous", message)
                .hint("Leave the cell empty and set it afterwards with `/connect edit`."));
        }
        let compared = self.asked.len().saturating_mul(self.all.len());
        if compared >= COMPARISONS_MAX && !self.lower.contains(&text::folded(typed)) {
            return Err(Problem::requester("name_unknown", format!("No {} {}.", self.word, code(typed))));
        }
        let found = resolve(self.word, typed, &self.all)?;
        let at = self.all.iter().position(|named| named.id == found.id);
        at.ok_or_else(|| Problem::requester("name_unknown", format!("No {} {}.", self.word, code(typed))))
    }
}

/// Everything a row can name.
struct Names<'a> {
    routing: Kind<'a>,
    security: Kind<'a>,
    groups: Kind<'a>,
}

impl<'a> Names<'a> {
    fn new(catalog: &Catalog<'a>) -> Names<'a> {
        let (routing, security) = (catalog.routing_profiles, catalog.security_profiles);
        let groups = catalog.hierarchy_groups;
        let paths: Vec<Named> =
            groups.iter().map(|group| Named { id: group.id.clone(), name: path(&group.name) }).collect();
        Names {
            routing: Kind::new("routing profile", Column::RoutingProfile, routing, Cow::Borrowed(routing)),
            security: Kind::new(
                "security profile",
                Column::SecurityProfiles,
                security,
                Cow::Borrowed(security),
            ),
            groups: Kind::new("hierarchy group", Column::Hierarchy, groups, Cow::Owned(paths)),
        }
    }

    fn find(&mut self, check: &mut Check<'_>) -> Found {
        let wishes = &check.row.wishes;
        let mut all = Found::new();
        let security: Vec<Option<Named>> = wishes
            .typed(Column::SecurityProfiles)
            .iter()
            .map(|name| self.security.find(check, name))
            .collect();
        let security: Option<BTreeSet<(String, String)>> =
            security.into_iter().map(|named| named.map(|named| (named.name, named.id))).collect();
        // In the order of their names, each once, as a profile has them.
        if let Some(security) = security.filter(|all| !all.is_empty()) {
            let names = security.into_iter().map(|(name, id)| Named { id, name }).collect();
            all.push((Column::SecurityProfiles, Value::Names(names)));
        }
        for (kind, column) in
            [(&mut self.routing, Column::RoutingProfile), (&mut self.groups, Column::Hierarchy)]
        {
            let found = wishes.typed(column).first().and_then(|name| kind.find(check, name));
            all.extend(found.map(|named| (column, Value::Named(named))));
        }
        all
    }
}

/// What a new user is made from: nothing but the defaults. Without its profiles there is none.
fn new_user(found: &Found, catalog: &Catalog<'_>) -> Option<Profile> {
    let has = |column: Column| found.iter().any(|(other, _)| *other == column);
    let complete = has(Column::RoutingProfile) && has(Column::SecurityProfiles);
    complete.then(|| Profile { settings: catalog.defaults.clone(), ..blank() })
}

/// The profile with the wishes of a row in it.
fn wished(mut profile: Profile, row: &Row, found: Found, new: bool, catalog: &Catalog<'_>) -> Profile {
    let mut wishes = row.wishes.clone().with_names(found);
    for column in kept_elsewhere(catalog.identity, new) {
        wishes = wishes.without(column);
    }
    wishes.unlike(&profile).put(&mut profile);
    if new { catalog.identity.to_create(profile) } else { profile }
}

/// What became different, in the order and under the titles of the columns.
fn differences(before: &Profile, after: &Profile) -> Vec<Change> {
    if before == after {
        return Vec::new();
    }
    let (was, is) = (super::write::cells(before), super::write::cells(after));
    let columns: BTreeSet<Column> = was.keys().chain(is.keys()).copied().collect();
    let said = |cells: &BTreeMap<Column, String>, column: &Column| match column {
        Column::Hierarchy => cells.get(column).map(|path| path.replace('|', "/")),
        _ => cells.get(column).cloned(),
    };
    columns
        .into_iter()
        .map(|column| Change {
            field: match column {
                Column::SecurityProfiles => "security profiles".to_owned(),
                column => column.title(),
            },
            before: said(&was, &column).unwrap_or_default(),
            after: said(&is, &column).unwrap_or_default(),
        })
        .filter(|change| change.before != change.after)
        .collect()
}

/// What the guide warns of, counted over all rows.
#[derive(Default)]
struct Notices(BTreeMap<usize, usize>);

impl Notices {
    fn count(&mut self, was: Option<&Profile>, is: &Profile) {
        for (at, warning) in changes::warning_rows().enumerate() {
            if !warning.counted.is_empty() && (warning.when)(was, is) {
                *self.0.entry(at).or_default() += 1;
            }
        }
    }

    /// Both counts as one.
    fn and(mut self, other: &Notices) -> Notices {
        for (at, users) in &other.0 {
            *self.0.entry(*at).or_default() += users;
        }
        self
    }

    fn said(&self) -> Vec<String> {
        let users = |at: usize| self.0.get(&at).copied().filter(|users| *users > 0);
        changes::warning_rows()
            .enumerate()
            .filter_map(|(at, warning)| {
                Some(format!("{} ({}).", warning.counted, text::count(users(at)?, "user")))
            })
            .collect()
    }
}
