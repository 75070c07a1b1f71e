use std::collections::{BTreeMap, BTreeSet};

use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, folded, list};
use desk_core::card::{Block, Card, Tone};
use desk_core::center::{IdentityType, Instance, Named, Profile, User};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::email::EmailKind;
use desk_core::formats::sheet::{
    self, Catalog, Differs, Finding, New, Same, Severity, Sheet, Skills, Verified,
};
use desk_core::plan::effect::{EffectKind as _, UserHas};
use desk_core::plan::{AffectedUser, Password, Plan, Row};
use desk_core::user::changes;
use desk_core::words::{AttachedFile, Kind, REASON, Risk, Spec};

use crate::parts::edit_plan::{self, Editing, Levels};
use crate::parts::salesforce::{self, Beside};
use crate::parts::{Part as _, emails, profile, subject, users};

pub(crate) const COMMAND: Command = command!(SPEC, answer, users::CREATES, &[UserHas::NEEDS])
    .that_only_looks(|args| args.text("file").is_none())
    .titled(|asked| format!("Import {}", subject::users(asked)));

/// Findings that a refusal says in its own words.
const FINDINGS_SAID: usize = 3;

args! {
    struct ImportArgs {
        file: Option<AttachedFile> =
            optional(Kind::File, "The sheet, .xlsx or CSV; without one, you get an empty sheet to fill in").in_place(),
        update: bool = optional(Kind::Flag, "Also update existing users to match the sheet"),
        encoding: Option<String> = optional(Kind::Word(40), "The encoding of a CSV that isn't UTF-8, such as shift_jis"),
        salesforce: bool = optional(Kind::Flag, "Also grant AC_Agent and add them to the call center in Salesforce"),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Create users from a sheet (Excel or CSV), or update existing ones; every row is checked first",
    help: "Takes Amazon Connect's templates, the guide's spreadsheet, and files from /connect export, up to 1,000 users. If any row has an error, nothing is created or changed, and the card has all findings as a file. Users that already match the sheet are skipped, so you can import the same file again after a failure. Other existing users stay unchanged unless you add `update:true`: then an empty cell keeps a setting and `none` clears it. At the end, a file shows the result of each row. Without a file, you get an empty sheet to fill in; docs/import.md describes each column. `salesforce:true` also gives their existing Salesforce users what the softphone needs; at most 50 users in one request.",
    risk: Risk::Sensitive,
    also: &["upload", "bulk", "template"],
    args: ImportArgs::ARGS,
    examples: &[
        "/connect import users.csv",
        "/connect import changes.csv update:true",
        "/connect import newcomers.csv salesforce:true",
    ],
    operations: &[
        "DescribeInstance",
        "ListUsers",
        "DescribeUser",
        "ListRoutingProfiles",
        "ListSecurityProfilePermissions",
        "SearchPredefinedAttributes",
        "GetCurrentUserData",
        "ListAgentStatuses",
        "ListQueues",
        "SearchRoutingProfiles",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let ImportArgs { file, update, encoding, salesforce } = ImportArgs::of(ask.args)?;
    let Some(AttachedFile { kept, shown: name }) = file else {
        return Ok(Answer::Card(empty_sheet()));
    };
    let bytes = ask.files.file(&kept).await?.ok_or_else(|| {
        Problem::requester("file_gone", format!("The file {} has expired and was destroyed.", code(&name)))
            .hint("Attach it to a new request.")
    })?;
    let sheet = match update {
        true => sheet::read_some(&bytes, encoding.as_deref())?,
        false => sheet::read_in(&bytes, encoding.as_deref())?,
    };
    let instance = ask.center.instance().await?;
    let Checked { mut verified, users } = checked(ask, &instance, &sheet).await?;
    if verified.errors() > 0 {
        return Err(errors(&name, &verified));
    }
    if verified.new.is_empty() && (!update || verified.differs.is_empty()) {
        return Err(nothing_to_do(&name, &verified, update));
    }
    no_protected(ask, &verified, update)?;
    let edits = match update {
        true => edits(ask, &instance, &mut verified, users).await?,
        false => Vec::new(),
    };
    if verified.new.is_empty() && edits.is_empty() {
        return Err(nothing_to_do(&name, &verified, update));
    }
    let onboarding = match salesforce {
        true if verified.new.is_empty() => {
            let message =
                format!("The file {} has no new users, and `salesforce:true` is for those.", code(&name));
            return Err(Problem::requester("salesforce_no_new", message).hint(
                "Leave it out, or use `/salesforce grant` and `/salesforce join` for existing users.",
            ));
        }
        true => {
            let agents: Vec<(&str, Option<&str>)> =
                verified.new.iter().map(|new| (&*new.login, new.profile.identity.email.as_deref())).collect();
            Some(salesforce::onboarding(ask, &agents).await?)
        }
        false => None,
    };
    let file = File { kept, name, encoding };
    plan(ask, &instance, &file, &sheet, verified, edits, onboarding).map(Answer::Plan)
}

/// The file that a plan is made from.
struct File {
    kept: String,
    name: String,
    encoding: Option<String>,
}

/// A user that exists and becomes as their row says.
struct Edit {
    row: usize,
    editing: Editing,
}

/// Of more users than this, what stands out about single ones is counted instead of said.
const SAID_EACH: usize = 10;

async fn edits(
    ask: &Ask<'_>,
    instance: &Instance,
    verified: &mut Verified,
    mut users: BTreeMap<String, User>,
) -> Result<Vec<Edit>, Problem> {
    let differs = std::mem::take(&mut verified.differs);
    let many = differs.len() > SAID_EACH;
    let mut edits = Vec::new();
    for Differs { row, login, profile, proficiencies, .. } in differs {
        let Some(user) = users.remove(&login) else { continue };
        let levels = proficiencies.map(|(stand, wanted)| Levels::to(stand, wanted));
        let editing = edit_plan::of(ask, instance, user, &profile, levels).await.map_err(|problem| {
            let message = format!("Row {row}, {}: {}", code(&login), problem.message);
            Problem { message, ..problem }
        })?;
        // What is absent is as good as what means so, and needs no call.
        match editing.steps.is_empty() {
            true => verified.same.push(Same { row, login }),
            false => {
                edits.push(Edit { row, editing: if many { editing.without_warnings() } else { editing } })
            }
        }
    }
    Ok(edits)
}

/// A sheet that was checked, and those of its users that exist.
struct Checked {
    verified: Verified,
    users: BTreeMap<String, User>,
}

/// The sheet to fill in.
fn empty_sheet() -> Card {
    Card::new(Tone::Plain, "A sheet of users to fill in")
        .text(
            "Each row is one user. First name, last name, login, routing profile and security profile are required, and an \
             email address or a first password; empty cells get the defaults of every new user. Put several security \
             profiles into one cell with a `|` between them.",
        )
        .text("Save it as `.xlsx` or as `CSV UTF-8`, and upload it with `/connect import`, which checks every row before any user is created.")
        .block(Block::File { name: "users.csv".to_owned(), text: sheet::template() })
        .private()
}

/// Reads what the sheet is checked against: all names, and only those users whose logins stand in the file.
async fn checked(ask: &Ask<'_>, instance: &Instance, sheet: &Sheet) -> Result<Checked, Problem> {
    let logins: BTreeSet<&str> = sheet.rows.iter().flat_map(sheet::Row::logins).collect();
    let logins: Vec<String> = logins.into_iter().map(str::to_owned).collect();
    let mut there = ask.center.users(&logins).await?;
    let others = with_other_zeros(&logins, &there);
    if !others.is_empty() {
        there.extend(ask.center.users(&others).await?);
    }
    let skills = skills(ask, sheet, &there).await?;
    let users: BTreeMap<String, User> = there.into_iter().map(|user| (user.login.clone(), user)).collect();
    let profiles: BTreeMap<String, Profile> =
        users.iter().map(|(login, user)| (login.clone(), user.profile.clone())).collect();
    let catalog = Catalog {
        identity: instance.identity,
        routing_profiles: &ask.center.routing_profiles().await?,
        security_profiles: &ask.center.security_profiles().await?,
        hierarchy_groups: &hierarchy_groups(ask, sheet).await?,
        users: &profiles,
        defaults: &profile::new_settings(&ask.site.new_users),
        skills: &skills,
    };
    let mut verified = sheet::verify(sheet, &catalog);
    // Where the login isn't shown, nothing near it is either.
    let unknown = verified.findings.iter_mut().filter(|it| it.code == "user_unknown" && !it.value.is_empty());
    for finding in unknown.take(NAMED) {
        finding.next = users::unknown(ask, &finding.value, true).await?.hint;
    }
    Ok(Checked { verified, users })
}

/// Of so many unknown logins the nearest ones are looked for, which costs a call each.
const NAMED: usize = 10;

/// The longest number that is looked for with other zeros in front.
const NUMBER_MAX: usize = 8;

/// The logins that a spreadsheet makes these of, where no one has them: it takes the zeros from what looks like a number.
fn with_other_zeros(logins: &[String], there: &[User]) -> Vec<String> {
    let is_number = |login: &&String| login.bytes().all(|byte| byte.is_ascii_digit());
    let missing = logins.iter().filter(|login| !there.iter().any(|user| user.login == **login));
    let mut others: BTreeSet<String> = BTreeSet::new();
    for login in missing.filter(is_number) {
        let digits = login.trim_start_matches('0');
        others.extend((digits.len().max(1)..=NUMBER_MAX).map(|width| format!("{digits:0>width$}")));
    }
    others.into_iter().filter(|login| !logins.contains(login)).collect()
}

/// What proficiencies are checked against; nothing is read where the sheet says nothing of them.
async fn skills(ask: &Ask<'_>, sheet: &Sheet, there: &[User]) -> Result<Skills, Problem> {
    let rows = sheet.rows.iter().filter(|row| row.cell(sheet::Column::Proficiencies).is_some());
    let said: BTreeSet<&str> = rows.flat_map(sheet::Row::logins).collect();
    if said.is_empty() {
        return Ok(Skills::default());
    }
    let looks = there
        .iter()
        .filter(|user| said.contains(user.login.as_str()))
        .map(|user| async move { Ok((user.login.clone(), ask.center.proficiencies(user).await?)) });
    let of = users::side_by_side(looks).await?.into_iter().collect();
    Ok(Skills { attributes: ask.center.predefined_attributes().await?, of })
}

/// All groups, those under their paths that the sheet can mean; a path costs a call.
async fn hierarchy_groups(ask: &Ask<'_>, sheet: &Sheet) -> Result<Vec<Named>, Problem> {
    let last = |path: &str| path.rsplit('/').next().map(folded).unwrap_or_default();
    let wanted: BTreeSet<String> = sheet
        .rows
        .iter()
        .flat_map(|row| row.wishes.typed(sheet::Column::Hierarchy))
        .map(|path| last(path))
        .collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let mut groups = Vec::new();
    for group in ask.center.hierarchy_groups().await? {
        let meant = wanted.contains(&folded(&group.name));
        groups.push(if meant { ask.center.hierarchy_path(&group).await? } else { group });
    }
    Ok(groups)
}

/// The refusal of a sheet with errors: how many, the first of them, and all in a file.
fn errors(name: &str, verified: &Verified) -> Problem {
    let errors: Vec<&Finding> =
        verified.findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    let rows: BTreeSet<usize> = errors.iter().map(|finding| finding.row).collect();
    let first: Vec<String> = errors.iter().take(FINDINGS_SAID).map(|finding| said(finding)).collect();
    let more = match errors.len().saturating_sub(first.len()) {
        0 => String::new(),
        n => format!(" And {n} more."),
    };
    let message = format!(
        "The file {} has {} in {}. {}{more}",
        code(name),
        count(errors.len(), "error"),
        count(rows.len(), "row"),
        first.join(" ")
    );
    Problem::requester("import_errors", message)
        .hint("Fix the cells and import the file again; `findings.csv` has every finding.")
        .file("findings.csv", sheet::findings_file(&verified.findings))
}

fn said(finding: &Finding) -> String {
    format!("Row {}: {} {}", finding.row, finding.message, finding.next).trim_end().to_owned()
}

fn nothing_to_do(name: &str, verified: &Verified, update: bool) -> Problem {
    let file = code(name);
    let what = if update {
        format!("The file {file} changes nothing")
    } else {
        format!("No new users in the file {file}")
    };
    let warnings: Vec<&Finding> =
        verified.findings.iter().filter(|finding| finding.severity == Severity::Warning).collect();
    let mut message = format!("{what}: {}.", existing(verified));
    for warning in warnings.iter().take(FINDINGS_SAID) {
        message = format!("{message} {}", said(warning));
    }
    let problem = Problem::requester("import_nothing", message);
    match (verified.differs.is_empty(), warnings.len()) {
        (false, _) => problem
            .hint("Add `update:true` to update existing users. `differences.csv` lists the differences.")
            .file("differences.csv", sheet::differences_file(&verified.differs)),
        (true, 0) => problem.hint("There is nothing to change."),
        (true, _) => problem
            .hint("`findings.csv` has every finding.")
            .file("findings.csv", sheet::findings_file(&verified.findings)),
    }
}

/// The users of the file that exist, in words.
fn existing(verified: &Verified) -> String {
    let mut words = Vec::new();
    if !verified.same.is_empty() {
        words.push(format!("{} as in the file", exist(verified.same.len())));
    }
    if !verified.differs.is_empty() {
        words.push(format!("{} different from the file", exist(verified.differs.len())));
    }
    if words.is_empty() { "it has no user".to_owned() } else { list(&words, "and") }
}

fn exist(users: usize) -> String {
    if users == 1 { "1 user exists".to_owned() } else { format!("{users} users exist") }
}

/// Whom no single person changes is neither created nor changed among many either.
fn no_protected(ask: &Ask<'_>, verified: &Verified, update: bool) -> Result<(), Problem> {
    let protected = &ask.site.protected;
    let is_protected = |login: &str, profile: &Profile| {
        let mut profiles = profile.security_profiles.iter();
        protected.has_login(login) || profiles.any(|profile| protected.has_profile(&profile.name))
    };
    let new = verified.new.iter().map(|new| (new.row, &new.login, &new.profile));
    let changed = verified.differs.iter().filter(|_| update);
    let changed = changed.map(|differs| (differs.row, &differs.login, &differs.profile));
    let first = new.chain(changed).find(|(_, login, profile)| is_protected(login, profile));
    let Some((row, login, _)) = first else { return Ok(()) };
    let message = format!("The user {} in row {row} is protected, or would become protected.", code(login));
    let next = match verified.new.iter().any(|new| new.row == row) {
        true => "Remove these rows from the file, and add the users one by one with `/connect add`.",
        false => "Remove these rows from the file, and edit the users one by one with `/connect edit`.",
    };
    Err(Problem::requester("import_protected", message).hint(next))
}

fn plan(
    ask: &Ask<'_>,
    instance: &Instance,
    file: &File,
    sheet: &Sheet,
    verified: Verified,
    edits: Vec<Edit>,
    onboarding: Option<Beside>,
) -> Result<Plan, Problem> {
    let (new, changed) = (count(verified.new.len(), "user"), count(edits.len(), "user"));
    let what = match (verified.new.is_empty(), edits.is_empty()) {
        (_, true) => format!("Create {new} from the file {}.", code(&file.name)),
        (true, false) => format!("Update {changed} from the file {}.", code(&file.name)),
        (false, false) => format!("Create {new} and update {changed} from the file {}.", code(&file.name)),
    };
    let mut plan = Plan {
        blocks: blocks(sheet, &verified, &edits),
        warnings: warnings(sheet, &verified, &edits),
        ..Plan::new(what)
    };
    let mut ends: BTreeMap<usize, (Option<u32>, &str)> = BTreeMap::new();
    ends.extend(verified.same.iter().map(|same| (same.row, (None, "skipped: no changes"))));
    ends.extend(verified.repeated.iter().map(|same| (same.row, (None, "skipped: repeats an earlier row"))));
    ends.extend(verified.differs.iter().map(|differs| (differs.row, (None, "unchanged: differs"))));
    if onboarding.is_none() {
        let logins: Vec<&str> = verified.new.iter().map(|new| new.login.as_str()).collect();
        plan.next = salesforce::next(ask, ["grant", "join"], &logins);
    }
    let mut parts = 0_u32..;
    for (new, part) in verified.new.into_iter().zip(&mut parts) {
        ends.insert(new.row, (Some(part), ""));
        let login = new.login.clone();
        create(ask, instance, &mut plan, file, part, new);
        if let Some(onboarding) = &onboarding {
            onboarding.add_to(&login, &mut plan, part)?;
        }
    }
    for (Edit { row, editing }, part) in edits.into_iter().zip(parts) {
        ends.insert(row, (Some(part), "changed"));
        editing.add_to(ask, &mut plan, part);
    }
    if let Some(onboarding) = onboarding {
        onboarding.say(&mut plan);
    }
    plan.said_once();
    plan.rows = verified
        .rows
        .iter()
        .map(|row| {
            let (part, said) =
                ends.get(&row.number).copied().unwrap_or((None, "skipped: the template's example"));
            Row { number: row.number, login: row.login.clone(), part, said: said.to_owned() }
        })
        .collect();
    Ok(plan)
}

/// The part of one new user: create it, and write to it where it has an address.
fn create(ask: &Ask<'_>, instance: &Instance, plan: &mut Plan, file: &File, part: u32, new: New) {
    let New { row, login, profile, proficiencies, password } = new;
    let password = match (instance.identity, password) {
        (IdentityType::ConnectManaged, Some(_)) => {
            Password::OfFile { file: file.kept.clone(), row, encoding: file.encoding.clone() }
        }
        // With an email the user makes their own; without one it takes a reset, which the card says.
        (IdentityType::ConnectManaged, None) => Password::Forgotten,
        _ => Password::Elsewhere,
    };
    let name = profile.identity.full_name();
    let email = profile.identity.reached(instance.identity).map(str::to_owned);
    let steps = users::created(&login, profile, password, proficiencies);
    plan.steps.extend(steps.into_iter().map(|step| step.of_part(part)));
    if let Some(email) = email {
        let email = emails::email(ask, instance, EmailKind::Credentials, &email, &login, &name);
        emails::send(ask, plan, email, part);
    }
    plan.about.push(AffectedUser { login, user_id: String::new(), name });
}

fn blocks(sheet: &Sheet, verified: &Verified, edits: &[Edit]) -> Vec<Block> {
    let mut facts = vec![("Read as".to_owned(), sheet.said())];
    if !verified.new.is_empty() || edits.is_empty() {
        facts.push(("New".to_owned(), count(verified.new.len(), "user")));
    }
    if !edits.is_empty() {
        facts.push(("Changed".to_owned(), count(edits.len(), "user")));
    }
    let mut fact = |what: &str, rows: usize, then: &str| {
        if rows > 0 {
            facts.push((what.to_owned(), format!("{}, {then}", count(rows, "user"))));
        }
    };
    let skilled = verified.new.iter().filter(|new| !new.proficiencies.is_empty()).count();
    fact("Proficiencies", skilled, "set after they are created");
    fact("No changes", verified.same.len(), "skipped");
    fact("Different", verified.differs.len(), "unchanged");
    if !verified.repeated.is_empty() {
        let rows = count(verified.repeated.len(), "row");
        facts.push(("Listed twice".to_owned(), format!("{rows}, skipped")));
    }
    let columns = ["Row", "Login", "Name", "Email", "Routing profile", "Security profiles"];
    let rows = verified.new.iter().map(|new| {
        let identity = &new.profile.identity;
        vec![
            new.row.to_string(),
            new.login.clone(),
            identity.full_name(),
            identity.email.clone().unwrap_or_default(),
            new.profile.routing_profile.name.clone(),
            changes::names(&new.profile.security_profiles),
        ]
    });
    let table = Block::table(columns, rows);
    let mut blocks = vec![Block::Facts(facts)];
    if !verified.new.is_empty() {
        blocks.push(table);
    }
    if !edits.is_empty() {
        blocks.push(edit_plan::block(edits.iter().map(|edit| &edit.editing)));
    }
    let mut file = |name: &str, text| blocks.push(Block::File { name: name.to_owned(), text });
    if !verified.differs.is_empty() {
        file("differences.csv", sheet::differences_file(&verified.differs));
    }
    if !verified.findings.is_empty() {
        file("findings.csv", sheet::findings_file(&verified.findings));
    }
    blocks
}

fn warnings(sheet: &Sheet, verified: &Verified, edits: &[Edit]) -> Vec<String> {
    // Of a few users what stands out is said of each, see `edits`.
    let said_each = verified.new.is_empty() && edits.len() <= SAID_EACH;
    let mut warnings = sheet.remarks.clone();
    match edits.is_empty() {
        true => warnings.extend(verified.warnings.clone()),
        false if said_each => {}
        false => warnings.extend(verified.warnings_if_changed.clone()),
    }
    let mut about = |code: &str, message: &str| {
        let rows = verified.findings.iter().filter(|finding| finding.code == code).count();
        if rows > 0 {
            warnings.push(format!("{message} ({}).", count(rows, "user")));
        }
    };
    about("password_unused", "The file has passwords that are not used; `findings.csv` says why");
    about("way_in_missing", "Without an email address or a password, a user can't sign in until a reset");
    about("email_missing", "Without an email address, a user can't reset their own password");
    about("email_shared", "Another user or row has the same email address");
    about("login_date", "A login may be a date that a spreadsheet made of another one");
    about(
        "login_long",
        "AWS documents at most 20 characters for a login, and creating a longer one may be refused",
    );
    if edits.is_empty() && !(verified.same.is_empty() && verified.differs.is_empty()) {
        warnings.push(format!("Existing users stay unchanged: {}.", existing(verified)));
    }
    warnings
}
