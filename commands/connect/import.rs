use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, folded, list};
use desk_core::card::{Block, Card, Tone};
use desk_core::center::{IdentityType, Instance, Named, Profile, User};
use desk_core::command::{Answer, Ask, Command};
use desk_core::email::EmailKind;
use desk_core::formats::sheet::{self, Catalog, Finding, New, Severity, Sheet, Skills, Verified};
use desk_core::plan::effect::{
    CallCenterIs, EffectKind as _, EffectNeeds, EmailSent, NewUserAbsent, PermissionSetAbsent,
    PermissionSetPresent, ProficienciesAre, UserPresent,
};
use desk_core::plan::{AffectedUser, Password, Plan, Row, Step};
use desk_core::user::changes;
use desk_core::words::{Args, AttachedFile, Kind, REASON, Risk, Spec};

use crate::parts::salesforce::{self, Onboarding};
use crate::parts::{letters, profile, users};

pub(crate) const COMMAND: &dyn Command = &Import;

struct Import;

/// Findings that a refusal says in its own words.
const FINDINGS_SAID: usize = 3;

args! {
    struct ImportArgs {
        file: Option<AttachedFile> = optional(Kind::File, "The sheet as CSV; without one you get an empty sheet to fill in").in_place(),
        salesforce: bool = optional(Kind::Flag, "Also give them AC_Agent and the call center in Salesforce"),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Create the users of a sheet (CSV); every row is checked before anybody is created",
    help: "Takes Amazon Connect's own templates, the guide's spreadsheet and what /connect export writes, up to 1,000 users. \
           One error anywhere and nothing is created: the card has all findings as a file. Users that exist are never changed: \
           those that are as the sheet says are skipped, so the same file can be imported again after a failure. In the end \
           a file says how each row ended. Without a file you get an empty sheet to fill in; docs/import.md says what each column \
           takes. `salesforce:true` also gives their Salesforce users, who have to exist, what the softphone needs: at most 50 at once.",
    risk: Risk::Sensitive,
    also: &["upload", "bulk", "template"],
    args: ImportArgs::ARGS,
    examples: &["/connect import users.csv", "/connect import newcomers.csv salesforce:true"],
    operations: &[
        "DescribeInstance",
        "ListUsers",
        "DescribeUser",
        "ListRoutingProfiles",
        "ListSecurityProfilePermissions",
        "SearchPredefinedAttributes",
    ],
};

#[async_trait]
impl Command for Import {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn effects(&self) -> &'static [EffectNeeds] {
        const {
            &[
                UserPresent::NEEDS,
                NewUserAbsent::NEEDS,
                ProficienciesAre::NEEDS,
                EmailSent::NEEDS,
                PermissionSetPresent::NEEDS,
                PermissionSetAbsent::NEEDS,
                CallCenterIs::NEEDS,
            ]
        }
    }

    fn only_looks(&self, args: &Args) -> bool {
        args.text("file").is_none()
    }

    async fn answer(&self, ask: &Ask<'_>) -> Result<Answer, Problem> {
        let ImportArgs { file, salesforce } = ImportArgs::of(ask.args)?;
        let Some(AttachedFile { kept, shown: name }) = file else {
            return Ok(Answer::Card(empty_sheet()));
        };
        let (kept, name) = (kept.as_str(), name.as_str());
        let bytes = ask.files.file(kept).await?.ok_or_else(|| {
            Problem::asker("file_gone", format!("The file {} has expired and was destroyed.", code(name)))
                .hint("Attach it again with a new request.")
        })?;
        let sheet = sheet::read(&bytes)?;
        let instance = ask.center.instance().await?;
        let verified = verified(ask, &instance, &sheet).await?;
        if verified.errors() > 0 {
            return Err(errors(name, &verified));
        }
        if verified.new.is_empty() {
            return Err(nothing_new(name, &verified));
        }
        no_protected(ask, &verified.new)?;
        let onboarding = match salesforce {
            true => {
                let agents: Vec<(&str, Option<&str>)> = verified
                    .new
                    .iter()
                    .map(|new| (&*new.login, new.profile.identity.email.as_deref()))
                    .collect();
                Some(salesforce::onboarding(ask, &agents).await?)
            }
            false => None,
        };
        plan(ask, &instance, (kept, name), &sheet, verified, onboarding).map(Answer::Plan)
    }
}

/// The sheet to fill in.
fn empty_sheet() -> Card {
    Card::new(Tone::Plain, "A sheet of users to fill in")
        .text(
            "One row is one user. First name, last name, login, routing profile and security profile are required, and an \
             email address or a first password; empty cells get the defaults of every new user. Put several security \
             profiles into one cell with a `|` between them.",
        )
        .text("Save it as `CSV UTF-8`, and give it to `/connect import`, which checks every row before it creates anyone.")
        .block(Block::File { name: "users.csv".to_owned(), text: sheet::template() })
        .private()
}

/// Reads what the sheet is checked against: all names, and only those users whose logins stand in the file.
async fn verified(ask: &Ask<'_>, instance: &Instance, sheet: &Sheet) -> Result<Verified, Problem> {
    let logins: BTreeSet<&str> =
        sheet.rows.iter().map(|row| row.login.as_str()).filter(|login| !login.is_empty()).collect();
    let logins: Vec<String> = logins.into_iter().map(str::to_owned).collect();
    let there = ask.center.users(&logins).await?;
    let skills = skills(ask, sheet, &there).await?;
    let users: BTreeMap<String, Profile> = there.into_iter().map(|user| (user.login, user.profile)).collect();
    let catalog = Catalog {
        identity: instance.identity,
        routing_profiles: &ask.center.routing_profiles().await?,
        security_profiles: &ask.center.security_profiles().await?,
        hierarchy_groups: &hierarchy_groups(ask, sheet).await?,
        users: &users,
        defaults: &profile::new_settings(&ask.site.new_users),
        skills: &skills,
    };
    Ok(sheet::verify(sheet, &catalog))
}

/// What proficiencies are checked against; nothing is read where the sheet says nothing of them.
async fn skills(ask: &Ask<'_>, sheet: &Sheet, there: &[User]) -> Result<Skills, Problem> {
    let said: BTreeSet<&str> =
        sheet.rows.iter().filter(|row| row.proficiencies.is_some()).map(|row| row.login.as_str()).collect();
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
    Problem::asker("import_errors", message)
        .hint("Mend the cells and import the file again; `findings.csv` has every finding.")
        .file("findings.csv", sheet::findings_file(&verified.findings))
}

fn said(finding: &Finding) -> String {
    format!("Row {}: {} {}", finding.row, finding.message, finding.next).trim_end().to_owned()
}

fn nothing_new(name: &str, verified: &Verified) -> Problem {
    let message = format!("Nobody in the file {} is new: {}.", code(name), existing(verified));
    let problem = Problem::asker("import_nothing", message);
    match verified.differs.is_empty() {
        true => problem.hint("There is nothing to do."),
        false => problem
            .hint("Change users that exist with `/connect edit`; `differences.csv` says what is different.")
            .file("differences.csv", sheet::differences_file(&verified.differs)),
    }
}

/// The users of the file that exist, in words.
fn existing(verified: &Verified) -> String {
    let mut words = Vec::new();
    if !verified.same.is_empty() {
        words.push(format!("{} as the file says", exist(verified.same.len())));
    }
    if !verified.differs.is_empty() {
        words.push(format!("{} otherwise than the file says", exist(verified.differs.len())));
    }
    if words.is_empty() { "it has no user".to_owned() } else { list(&words, "and") }
}

fn exist(users: usize) -> String {
    if users == 1 { "1 user exists".to_owned() } else { format!("{users} users exist") }
}

/// Whom no single person changes is not created among many either.
fn no_protected(ask: &Ask<'_>, new: &[New]) -> Result<(), Problem> {
    let protected = &ask.site.protected;
    let is_protected = |new: &&New| {
        let mut profiles = new.profile.security_profiles.iter();
        protected.has_login(&new.login) || profiles.any(|profile| protected.has_profile(&profile.name))
    };
    let Some(first) = new.iter().find(is_protected) else { return Ok(()) };
    let message = format!(
        "The user {} in row {} is protected on this site, or would be.",
        code(&first.login),
        first.row
    );
    Err(Problem::asker("import_protected", message)
        .hint("Take such rows out of the file, and add these users one by one with `/connect add`."))
}

fn plan(
    ask: &Ask<'_>,
    instance: &Instance,
    file: (&str, &str),
    sheet: &Sheet,
    verified: Verified,
    onboarding: Option<Onboarding>,
) -> Result<Plan, Problem> {
    let (kept, name) = file;
    let what = format!("Create {} from the file {}.", count(verified.new.len(), "user"), code(name));
    let mut plan =
        Plan { blocks: blocks(sheet, &verified), warnings: warnings(&verified), ..Plan::new(what) };
    let mut ends: BTreeMap<usize, (Option<u32>, &str)> = BTreeMap::new();
    ends.extend(verified.same.iter().map(|same| (same.row, (None, "skipped: the same"))));
    ends.extend(verified.differs.iter().map(|differs| (differs.row, (None, "left alone: differs"))));
    if onboarding.is_none() {
        let logins: Vec<&str> = verified.new.iter().map(|new| new.login.as_str()).collect();
        plan.next = salesforce::next(ask, ["grant", "join"], &logins);
    }
    for (part, new) in (0..).zip(verified.new) {
        ends.insert(new.row, (Some(part), ""));
        let login = new.login.clone();
        create(ask, instance, &mut plan, kept, part, new);
        if let Some(onboarding) = &onboarding {
            onboarding.add_to(&login, &mut plan, part)?;
        }
    }
    if let Some(onboarding) = onboarding {
        onboarding.say(&mut plan);
    }
    plan.rows = sheet
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
fn create(ask: &Ask<'_>, instance: &Instance, plan: &mut Plan, kept: &str, part: u32, new: New) {
    let New { row, login, profile, proficiencies, password } = new;
    let password = match (instance.identity, password) {
        (IdentityType::ConnectManaged, Some(_)) => Password::OfFile { file: kept.to_owned(), row },
        // With an email the user makes their own; without one it takes a reset, which the card says.
        (IdentityType::ConnectManaged, None) => Password::Forgotten,
        _ => Password::Elsewhere,
    };
    let name = profile.identity.full_name();
    let email = profile.identity.email.clone();
    let effect =
        UserPresent { login: login.clone(), profile: Box::new(profile.clone()), instead_of: None, password };
    let undo = NewUserAbsent { login: login.clone(), profile: Box::new(profile) };
    plan.steps.push(Step::new(format!("Create {}", code(&login)), effect).undone_by(undo).of_part(part));
    if !proficiencies.is_empty() {
        let title = format!("Give {} {}", code(&login), users::count_of_proficiencies(proficiencies.len()));
        let are = |proficiencies| ProficienciesAre { login: login.clone(), proficiencies };
        plan.steps.push(Step::new(title, are(proficiencies)).undone_by(are(Vec::new())).of_part(part));
    }
    if let Some(email) = email {
        let letter = letters::letter(ask, instance, EmailKind::Credentials, &email, &login, &name);
        letters::send(ask, plan, letter, part);
    }
    plan.about.push(AffectedUser { login, user_id: String::new(), name });
}

fn blocks(sheet: &Sheet, verified: &Verified) -> Vec<Block> {
    let mut facts =
        vec![("Read as".to_owned(), sheet.said()), ("New".to_owned(), count(verified.new.len(), "user"))];
    let mut fact = |what: &str, rows: usize, then: &str| {
        if rows > 0 {
            facts.push((what.to_owned(), format!("{}, {then}", count(rows, "user"))));
        }
    };
    let skilled = verified.new.iter().filter(|new| !new.proficiencies.is_empty()).count();
    fact("Proficiencies", skilled, "set after they are created");
    fact("The same", verified.same.len(), "skipped");
    fact("Different", verified.differs.len(), "left alone");
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
    let table = Block::Table { columns: columns.map(str::to_owned).to_vec(), rows: rows.collect() };
    let mut blocks = vec![Block::Facts(facts), table];
    let mut file = |name: &str, text| blocks.push(Block::File { name: name.to_owned(), text });
    if !verified.differs.is_empty() {
        file("differences.csv", sheet::differences_file(&verified.differs));
    }
    if !verified.findings.is_empty() {
        file("findings.csv", sheet::findings_file(&verified.findings));
    }
    blocks
}

fn warnings(verified: &Verified) -> Vec<String> {
    let mut warnings = verified.warnings.clone();
    let mut about = |code: &str, message: &str| {
        let rows = verified.findings.iter().filter(|finding| finding.code == code).count();
        if rows > 0 {
            warnings.push(format!("{message} ({}).", count(rows, "user")));
        }
    };
    about(
        "way_in_missing",
        "With neither an email address nor a password a user cannot sign in until a reset",
    );
    about("email_missing", "Without an email address a user cannot reset their own password");
    about(
        "login_long",
        "AWS documents at most 20 characters for a login, and creating a longer one may be refused",
    );
    if !verified.same.is_empty() || !verified.differs.is_empty() {
        warnings.push(format!("Nothing is changed about those who exist: {}.", existing(verified)));
    }
    warnings
}
