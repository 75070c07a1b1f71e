//! What a plan would do to whom: how much that is, who has to have a word in it, and what stands out. Computed from the plan's
//! effects alone, so that it is the same whichever command made the plan.
//!
//! A plan that its requester may not bring about is refused here: it touches or makes someone who may do more than the
//! requester may give, or gives the requester something.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::references;
use crate::assess::record::{Record, Records, ended_since};
use crate::assess::user_change::{UserChange, user_changes};
use crate::basics::ids::RequestNo;
use crate::basics::problem::Problem;
use crate::basics::roles::{self, Person, Role};
use crate::basics::text::{count, is_within, list, path_key, some, whole};
use crate::center::{ContactCenter, Filter, IdentityType, Named, Profile, Snapshot, User};
use crate::log::LogReader;
use crate::plan::Scope;
use crate::plan::effect::{GroupPresent, QuickConnectPresent, UserAbsent, UserPresent};
use crate::plan::{AffectedUser, Plan, Step, Whom};
use crate::policy::Policy;
use crate::policy::site::Site;
use crate::ports::People;
use crate::profile::is_amazons;
use crate::request::Request;
use crate::user::ceiling;
use crate::user::changes;
use crate::words::Risk;

/// For so long after a change an address or a security profile says nothing of who someone is: it may be a step of someone
/// who takes the account over.
pub const SETTLED: SignedDuration = SignedDuration::from_hours(24);

/// For so long a profile that was taken away isn't given back to an address that was set after that.
const TAKEN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// From so many users on, handing out their data needs an approval whichever part of all they are.
const MANY_READ: usize = 100;

/// Users of whom a sentence each is said.
const SAID: usize = 3;

/// From so many users on, the few who differ from the rest are told.
const REST: usize = 4;

/// How many may differ from the rest and be told.
const FEW: usize = 5;

/// What assessing any plan calls, to find what the rules name. What else it calls depends on the plan, and its command names it.
pub const OPERATIONS: [&str; 3] =
    ["ListSecurityProfiles", "ListUserHierarchyGroups", "SearchUserHierarchyGroups"];

/// How the highlight ends that says so.
const NO_ADMINISTRATOR: &str = ": no one could manage security profiles after this.";

/// Whether a highlight says that the plan leaves no administrator, which comes before every other reason to stop.
pub fn leaves_no_administrator(highlight: &str) -> bool {
    highlight.ends_with(NO_ADMINISTRATOR)
}

/// Who asks, and where to look.
pub struct Assessor<'a> {
    pub center: &'a dyn ContactCenter,
    pub log: &'a dyn LogReader,
    pub people: &'a dyn People,
    /// The people that the configuration names.
    pub roster: &'a [Person],
    pub policy: &'a Policy,
    pub site: &'a Site,
    /// The requester as they are now.
    pub by: &'a Person,
    /// The request whose plan it is.
    pub no: RequestNo,
    pub now: Timestamp,
}

/// What comes of looking at a plan.
struct Finding {
    risk: Risk,
    /// The worst first.
    highlights: Vec<String>,
}

impl Finding {
    fn at_least(&mut self, risk: Risk) {
        self.risk = self.risk.max(risk);
    }
}

impl Assessor<'_> {
    /// The plan with its risk, whom it concerns and what stands out in it; or why its requester may not bring it about.
    pub async fn assess(&self, mut plan: Plan) -> Result<Plan, Problem> {
        let deciding = references::deciding(self.policy, &self.site.protected);
        let missing = references::missing(self.center, deciding).await?;
        plan.unknown = missing.iter().map(references::Reference::key).collect();
        plan.concerned = self.concerned(&plan).await?;
        self.read_the_rest(&mut plan).await?;
        let Finding { risk, mut highlights } = match plan.only_reads() {
            true => self.reading(&plan).await?,
            false => self.changing(&plan).await?,
        };
        let unprotected =
            missing.iter().find(|one| self.site.protected.security_profiles.contains(&one.name));
        highlights.extend(unprotected.filter(|_| !plan.only_reads()).map(references::Reference::missing));
        plan.lost.extend(tags_of_aws(&plan));
        plan.risk = risk;
        plan.highlights = highlights;
        Ok(plan)
    }

    /// Everyone whom the plan affects and its command said nothing of: rules, freezes and protection pass over no one. A command
    /// that says the security profiles of all of them has looked itself; every user has one.
    async fn read_the_rest(&self, plan: &mut Plan) -> Result<(), Problem> {
        if plan.changes_nothing() || !plan.security_profiles.is_empty() {
            return Ok(());
        }
        let logins: Vec<String> = plan.unread().into_iter().map(str::to_owned).collect();
        if logins.is_empty() {
            return Ok(());
        }
        let mut users = self.center.users(&logins).await?;
        users.retain(|user| logins.contains(&user.login));
        for user in &users {
            if plan.about.iter().all(|affected| affected.login != user.login) {
                plan.about.push(AffectedUser::from(user));
            }
            plan.groups.extend(user.profile.hierarchy_group.iter().map(|group| group.name.clone()));
            let names = user.profile.security_profiles.iter().map(|named| named.name.clone());
            plan.security_profiles.extend(names);
        }
        Ok(())
    }

    /// Logins of people of the desk whom it concerns beyond those it is about: those who have an account that it is about, and those in
    /// a group that it freezes or changes.
    async fn concerned(&self, plan: &Plan) -> Result<BTreeSet<String>, Problem> {
        let mut concerned = BTreeSet::new();
        let mut groups = BTreeSet::new();
        for step in &plan.steps {
            groups.extend(step.effect.groups().iter().map(|path| path_key(path)));
            match step.effect.whom() {
                Whom::Account(account) => {
                    let person = self.people.person(account).await?;
                    concerned.extend(person.and_then(|person| person.login));
                }
                Whom::Covered(Scope::Group(path)) => {
                    groups.insert(path_key(path));
                }
                Whom::Covered(Scope::Login(_) | Scope::Everything) | Whom::User(_) | Whom::NoOne => {}
            }
        }
        let logins: Vec<String> = self.roster.iter().filter_map(|person| person.login.clone()).collect();
        if !groups.is_empty() && !logins.is_empty() {
            let users = self.center.users(&logins).await?;
            let is_member = |user: &&User| {
                user.profile.hierarchy_group.as_ref().is_some_and(|group| {
                    let path = path_key(&group.name);
                    groups.iter().any(|group| is_within(&path, group))
                })
            };
            concerned.extend(users.iter().filter(is_member).map(|user| user.login.clone()));
        }
        Ok(concerned)
    }

    /// A plan that only hands out data.
    async fn reading(&self, plan: &Plan) -> Result<Finding, Problem> {
        let users: BTreeSet<&str> =
            plan.steps.iter().flat_map(|step| step.effect.read()).map(|user| user.id.as_str()).collect();
        let (_, all) = self.center.search(&Filter::default(), 1).await?;
        let mut found = Finding { risk: Risk::Change, highlights: Vec::new() };
        if users.len() >= MANY_READ || users.len() * 2 > all {
            found.at_least(Risk::Sensitive);
            found.highlights.push(format!("Exports the data of {} of {}.", users.len(), count(all, "user")));
        }
        Ok(found)
    }

    async fn changing(&self, plan: &Plan) -> Result<Finding, Problem> {
        let changes = user_changes(plan, |_| true, |_| true);
        let unknown = self.unknown(plan, &changes).await?;
        if unknown.is_empty() {
            return self.judged(plan, &changes).await;
        }
        let mut fuller = plan.clone();
        fuller.before.extend(unknown);
        self.judged(&fuller, &user_changes(&fuller, |_| true, |_| true)).await
    }

    async fn judged(&self, plan: &Plan, changes: &[UserChange<'_>]) -> Result<Finding, Problem> {
        let mut found = Finding { risk: Risk::Change, highlights: Vec::new() };
        for step in &plan.steps {
            found.at_least(step.effect.risk());
        }
        let rights = Rights::of(self.center, changes).await?;
        for change in changes {
            self.about_oneself(change)?;
            self.within_ceiling(change, &rights)?;
        }
        self.oneself(changes, &mut found);
        grants(changes, &rights, &mut found);
        administers(changes, &rights, &mut found);
        self.last_administrators(changes, &rights, &mut found).await?;
        self.known(changes, &rights, &mut found).await?;
        self.addresses(changes, &mut found);
        for change in changes {
            if change.other_email() || change.other_profiles() || change.opens || change.returns {
                found.at_least(Risk::Sensitive);
            }
        }
        if changes.iter().filter(|change| change.is_new()).count() > 1 {
            found.at_least(Risk::Sensitive);
        }
        found.highlights.extend(outliers(changes));
        Ok(found)
    }

    /// Users that a step changes and that the plan says nothing of: they are looked at here, so that no one is passed over.
    async fn unknown(&self, plan: &Plan, changes: &[UserChange<'_>]) -> Result<Vec<Snapshot>, Problem> {
        let unknown = changes.iter().filter(|change| change.before.is_none() && !change.is_made);
        let mut logins: Vec<String> = unknown.map(|change| change.login.to_owned()).collect();
        // Anyone who is removed and made again is known, or isn't there.
        let removed = |step: &Step| step.effect.user_outcome().removed().map(|(login, _)| login.to_owned());
        let absent = plan.steps.iter().filter_map(removed);
        let known: BTreeSet<&str> =
            changes.iter().filter(|change| change.before.is_some()).map(|change| change.login).collect();
        logins.extend(absent.filter(|login| !known.contains(login.as_str())));
        logins.sort();
        logins.dedup();
        if logins.is_empty() {
            return Ok(Vec::new());
        }
        let users = self.center.users(&logins).await?;
        Ok(users.into_iter().filter(|user| logins.contains(&user.login)).map(Snapshot::bare).collect())
    }

    /// No one makes, removes or empowers their own user.
    fn about_oneself(&self, change: &UserChange<'_>) -> Result<(), Problem> {
        if !self.by.is_user(change.login) {
            return Ok(());
        }
        let what = match (change.before, &change.after) {
            (Some(_), None) => "remove your own user",
            (None, Some(_)) => "create your own user",
            _ if change.other_profiles() => "change your own security profiles",
            _ => return Ok(()),
        };
        Err(Problem::requester("about_oneself", format!("You can't {what}."))
            .hint("Ask someone else to request it."))
    }

    /// No one touches, or makes, someone who may do more than they may give.
    fn within_ceiling(&self, change: &UserChange<'_>, rights: &Rights) -> Result<(), Problem> {
        let roles = &self.by.roles;
        if let Some(above) = rights.above(roles, change.profiles_before()) {
            return Err(above.problem(roles, &format!("{} has", whole(change.login)), "change"));
        }
        if let Some(above) = rights.above(roles, change.granted()) {
            return Err(above.problem(roles, &format!("{} would get", whole(change.login)), "give"));
        }
        Ok(())
    }

    fn oneself(&self, changes: &[UserChange<'_>], found: &mut Finding) {
        let own = changes.iter().find(|change| self.by.is_user(change.login));
        if let Some(own) = own {
            found.at_least(Risk::Sensitive);
            found.highlights.push(format!("{} is the requester's own user.", whole(own.login)));
        }
    }

    /// The last users who can manage security profiles, where the plan leaves no one who can.
    async fn last_administrators(
        &self,
        changes: &[UserChange<'_>],
        rights: &Rights,
        found: &mut Finding,
    ) -> Result<(), Problem> {
        let strong = |named: &&Named| rights.manages_rights(named);
        let (stay, lose): (Vec<&UserChange<'_>>, Vec<&UserChange<'_>>) = changes
            .iter()
            .filter(|change| {
                change.profiles_before().iter().chain(change.profiles_after()).any(|named| strong(&named))
            })
            .partition(|change| change.profiles_after().iter().any(|named| strong(&named)));
        if lose.is_empty() || !stay.is_empty() {
            return Ok(());
        }
        let logins: BTreeSet<&str> = lose.iter().map(|change| change.login).collect();
        let theirs = lose.iter().flat_map(|change| change.profiles_before()).filter(strong);
        let mut looked_at: BTreeSet<&str> = BTreeSet::new();
        for named in theirs.filter(|named| looked_at.insert(&named.id)) {
            if self.others_have(named, &logins).await? {
                return Ok(());
            }
        }
        // No one else has these profiles; another one may allow as much.
        let others = self.center.security_profiles().await?;
        for named in others.iter().filter(|named| !looked_at.contains(named.id.as_str())) {
            let rights = Rights::among(self.center, [named]).await?;
            if rights.manages_rights(named) && self.others_have(named, &logins).await? {
                return Ok(());
            }
        }
        found.at_least(Risk::Sensitive);
        let logins: Vec<&str> = logins.into_iter().collect();
        let (verb, noun) =
            if logins.len() == 1 { ("is", "administrator") } else { ("are", "administrators") };
        found.highlights.insert(0, format!("{} {verb} the last {noun}{NO_ADMINISTRATOR}", some(&logins)));
        Ok(())
    }

    /// Whether anyone but these has a security profile.
    async fn others_have(&self, profile: &Named, logins: &BTreeSet<&str>) -> Result<bool, Problem> {
        let filter = Filter { security_profile: Some(profile.clone()), ..Filter::default() };
        let (users, _) = self.center.search(&filter, logins.len() + 1).await?;
        Ok(users.iter().any(|user| !logins.contains(user.login.as_str())))
    }

    /// What the log knows of users whose rights or sign-in the plan decides.
    async fn known(
        &self,
        changes: &[UserChange<'_>],
        rights: &Rights,
        found: &mut Finding,
    ) -> Result<(), Problem> {
        let records = Records::new(self.log, self.no);
        let (mut removed, mut set) = (Vec::new(), Vec::new());
        for change in changes {
            let gets_more: Vec<&Named> =
                change.granted().filter(|named| !rights.beyond_agent(named).is_empty()).collect();
            let decides = change.is_new() || change.opens || change.other_email() || !gets_more.is_empty();
            if !decides {
                continue;
            }
            let record = records.of(change.login).await?;
            if record.incomplete {
                found.at_least(Risk::Sensitive);
            }
            if change.is_new()
                && let Some(last) = record.last()
            {
                self.was_stronger(change, last.no, &last.profile).await?;
                found.at_least(Risk::Sensitive);
                if !change.returns {
                    let did = if last.removed { "removed" } else { "changed" };
                    removed.push(format!(
                        "The log has the login {}: {} ({}) {did} a user with it.",
                        whole(change.login),
                        last.no,
                        whole(&last.by)
                    ));
                }
            }
            self.lately_stronger(change, &record).await?;
            if !gets_more.is_empty() && !change.other_email() {
                set.extend(self.address_of(change, &gets_more, rights, &record)?);
            }
        }
        for mut said in [removed, set] {
            let more = said.len().saturating_sub(SAID);
            said.truncate(SAID);
            found.highlights.extend(said);
            if more > 0 {
                found.highlights.push(format!("The same applies to {}.", count(more, "more user")));
            }
        }
        Ok(())
    }

    /// Anyone who lost a security profile a moment ago counts as having it, where it is decided who can sign in as them.
    async fn lately_stronger(&self, change: &UserChange<'_>, record: &Record) -> Result<(), Problem> {
        let since = self.now.checked_sub(SETTLED).unwrap_or(Timestamp::MIN);
        let taken = record.taken_since(since);
        let names: Vec<Named> = taken.iter().map(|(named, _)| named.clone()).collect();
        let rights = Rights::among(self.center, &names).await?;
        for (named, no) in &taken {
            if let Some(above) = rights.above(&self.by.roles, [named]) {
                let who = format!("Until {no} removed it, {} had", whole(change.login));
                return Err(above.problem(&self.by.roles, &who, "change"));
            }
        }
        Ok(())
    }

    /// A login of someone who was stronger isn't taken over.
    async fn was_stronger(
        &self,
        change: &UserChange<'_>,
        no: RequestNo,
        was: &Profile,
    ) -> Result<(), Problem> {
        let rights = Rights::among(self.center, &was.security_profiles).await?;
        match rights.above(&self.by.roles, &was.security_profiles) {
            None => Ok(()),
            Some(above) => {
                let who = format!("As {no} left it, the user {} had", whole(change.login));
                Err(above.problem(&self.by.roles, &who, "give"))
            }
        }
    }

    /// Who set the address that decides who signs in with what is granted: refused where that was lately, or after the same was
    /// taken away, and not by or with someone who may give it.
    fn address_of(
        &self,
        change: &UserChange<'_>,
        granted: &[&Named],
        rights: &Rights,
        record: &Record,
    ) -> Result<Option<String>, Problem> {
        let Some(email) = change.email_after().filter(|_| !change.is_new() || change.returns) else {
            return Ok(None);
        };
        let Some(request) = record.address_set(email, IdentityType::ConnectManaged) else { return Ok(None) };
        let vouched = |roles: &BTreeSet<Role>| rights.above(roles, granted.iter().copied()).is_none();
        let approvers = request.approvals.iter().map(|yes| yes.roles.iter().copied().collect());
        if std::iter::once(request.roles.iter().copied().collect())
            .chain(approvers)
            .any(|roles| vouched(&roles))
        {
            return Ok(None);
        }
        let message = |why: &str| {
            let names: Vec<String> = granted.iter().map(|named| whole(&named.name)).collect();
            let message = format!(
                "{} set the email of {}{why}. Anyone who can read it could sign in with {}.",
                request.no,
                whole(change.login),
                list(&names, "and")
            );
            Problem::requester("address_unsettled", message).hint(
                "Check the address with the user, set the right one with `/connect edit`, or ask again later.",
            )
        };
        let since = |span| self.now.checked_sub(span).unwrap_or(Timestamp::MIN);
        if ended_since(request, since(SETTLED)) {
            return Err(message(" less than 24 h ago"));
        }
        let taken = record.taken_since(since(TAKEN));
        if let Some((_, no)) =
            taken.iter().find(|(named, no)| *no < request.no && granted.iter().any(|one| one.id == named.id))
        {
            return Err(message(&format!(" after {no} took this away")));
        }
        Ok(Some(set_by(request, change.login)))
    }

    /// New users whose address is in none of the domains that the site named.
    fn addresses(&self, changes: &[UserChange<'_>], found: &mut Finding) {
        let site = &self.site.new_users;
        let abroad = changes.iter().filter(|change| {
            let set = change.is_new() || change.other_email() && !site.email_domains.is_empty();
            set && change.email_after().is_some_and(|email| !site.is_at_home(email))
        });
        let logins: Vec<&str> = abroad.map(|change| change.login).collect();
        if logins.is_empty() {
            return;
        }
        found.at_least(Risk::Sensitive);
        let home: Vec<String> = site.email_domains.iter().map(|domain| whole(domain)).collect();
        found.highlights.push(match home.as_slice() {
            [] => format!(
                "No email domains are configured (`email_domains`), so the address of {} counts as external.",
                some(&logins)
            ),
            home => {
                let (noun, verb) = if logins.len() == 1 { ("email", "is") } else { ("emails", "are") };
                format!("The new {noun} of {} {verb} outside {}.", some(&logins), list(home, "and"))
            }
        });
    }
}

fn set_by(request: &Request, login: &str) -> String {
    format!("The email of {} was set by {}, for {}.", whole(login), request.no, whole(&request.by.name))
}

/// Rights beyond those of an agent that the plan gives.
fn grants(changes: &[UserChange<'_>], rights: &Rights, found: &mut Finding) {
    let mut granted: BTreeMap<&Named, Vec<&str>> = BTreeMap::new();
    for change in changes {
        for named in change.granted() {
            granted.entry(named).or_default().push(change.login);
        }
    }
    for (named, logins) in granted {
        let mut beyond = rights.beyond_agent(named);
        // What lets them change users comes first.
        beyond.sort_by_key(|permission| !ceiling::administers(permission));
        let Some(first) = beyond.first() else { continue };
        found.at_least(Risk::Sensitive);
        let more = match beyond.len() {
            1 => String::new(),
            n => format!(" and {}", count(n - 1, "other permission")),
        };
        found.highlights.push(format!(
            "{} has more permissions than an agent ({first}{more}); given to {}.",
            whole(&named.name),
            some(&logins)
        ));
    }
}

/// Users who may change other users.
fn administers(changes: &[UserChange<'_>], rights: &Rights, found: &mut Finding) {
    let may =
        |change: &&UserChange<'_>| change.profiles_before().iter().any(|named| rights.administers(named));
    let logins: Vec<&str> = changes.iter().filter(may).map(|change| change.login).collect();
    if logins.is_empty() {
        return;
    }
    found.at_least(Risk::Sensitive);
    let verb = if logins.len() == 1 { "administers" } else { "administer" };
    found.highlights.push(format!("{} {verb} users.", some(&logins)));
}

/// The few users who would be left otherwise than all the rest.
fn outliers(changes: &[UserChange<'_>]) -> Vec<String> {
    if changes.len() < REST {
        return Vec::new();
    }
    /// Told also where the plan leaves it as it is.
    const STRONGEST: &str = "security profiles";
    type Side = (&'static str, fn(&Profile) -> String);
    let sides: [Side; 4] = [
        (STRONGEST, |profile| changes::names(&profile.security_profiles)),
        ("routing profile", |profile| profile.routing_profile.name.clone()),
        ("hierarchy group", |profile| {
            profile.hierarchy_group.as_ref().map_or(changes::NONE, |group| &group.name).to_owned()
        }),
        ("email domain", |profile| {
            let email = profile.identity.email.as_deref();
            email
                .and_then(|email| email.rsplit_once('@'))
                .map_or(changes::NONE, |(_, domain)| domain)
                .to_owned()
        }),
    ];
    let mut said = Vec::new();
    for (what, of) in sides {
        let set = |change: &UserChange<'_>| match (change.before, &change.after) {
            (Some(before), Some(after)) => of(before) != of(after),
            _ => true,
        };
        if what != STRONGEST && !changes.iter().any(set) {
            continue;
        }
        let mut values: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for change in changes {
            let Some(profile) = change.after.as_ref().or(change.before) else { continue };
            values.entry(of(profile)).or_default().push(change.login);
        }
        let Some((usual, _)) = values.iter().max_by_key(|(_, logins)| logins.len()) else { continue };
        let usual = usual.clone();
        let others: usize =
            values.iter().filter(|(value, _)| **value != usual).map(|(_, all)| all.len()).sum();
        if others == 0 || others > FEW || others * REST > changes.len() {
            continue;
        }
        for (value, logins) in values.into_iter().filter(|(value, _)| *value != usual) {
            let verb = if logins.len() == 1 { "differs" } else { "differ" };
            said.push(format!(
                "{} {verb} from the rest: {what} {} instead of {}.",
                some(&logins),
                whole(&value),
                whole(&usual)
            ));
        }
    }
    said
}

/// What security profiles allow, by their ids; nothing for one that isn't there any more.
#[derive(Default)]
struct Rights(BTreeMap<String, Option<Vec<String>>>);

/// A security profile that allows more than someone may give.
struct Above {
    profile: String,
    /// What it allows beyond that; nothing where no one can tell any more.
    beyond: Vec<String>,
    /// The roles that may give all of it.
    who: String,
}

impl Rights {
    /// Of every profile that the users have or would have.
    async fn of(center: &dyn ContactCenter, changes: &[UserChange<'_>]) -> Result<Rights, Problem> {
        let mut names: BTreeMap<&str, &Named> = BTreeMap::new();
        for change in changes {
            let all = change.profiles_before().iter().chain(change.profiles_after());
            names.extend(all.map(|named| (named.id.as_str(), named)));
        }
        Rights::among(center, names.into_values()).await
    }

    async fn among<'n>(
        center: &dyn ContactCenter,
        profiles: impl IntoIterator<Item = &'n Named>,
    ) -> Result<Rights, Problem> {
        let mut rights = Rights::default();
        for named in profiles {
            if rights.0.contains_key(&named.id) {
                continue;
            }
            let allowed = match center.permissions(named).await {
                Ok(permissions) => Some(permissions),
                // It may be gone; a contact center that doesn't answer is another matter.
                Err(problem) => {
                    match center.security_profiles().await?.iter().any(|one| one.id == named.id) {
                        true => return Err(problem),
                        false => None,
                    }
                }
            };
            rights.0.insert(named.id.clone(), allowed);
        }
        Ok(rights)
    }

    /// The first of these profiles that allows more than these roles may give. One of which no one can tell is above
    /// everybody but an admin.
    fn above<'n>(
        &self,
        roles: &BTreeSet<Role>,
        profiles: impl IntoIterator<Item = &'n Named>,
    ) -> Option<Above> {
        profiles.into_iter().find_map(|named| match self.0.get(&named.id) {
            Some(Some(permissions)) => {
                let beyond = ceiling::beyond(roles, permissions);
                (!beyond.is_empty()).then(|| Above {
                    profile: named.name.clone(),
                    beyond: beyond.into_iter().map(str::to_owned).collect(),
                    who: ceiling::who_could(permissions),
                })
            }
            _ => (!roles.contains(&Role::Admin)).then(|| Above {
                profile: named.name.clone(),
                beyond: Vec::new(),
                who: roles::words(&[Role::Admin]),
            }),
        })
    }

    /// What it allows that an agent may not do.
    fn beyond_agent(&self, named: &Named) -> Vec<&str> {
        match self.0.get(&named.id) {
            Some(Some(permissions)) => ceiling::beyond_agent(permissions).into_iter().collect(),
            _ => vec!["unknown permissions"],
        }
    }

    fn manages_rights(&self, named: &Named) -> bool {
        let permissions = self.0.get(&named.id).and_then(Option::as_ref);
        permissions.is_some_and(|all| all.iter().any(|permission| ceiling::manages_rights(permission)))
    }

    fn administers(&self, named: &Named) -> bool {
        match self.0.get(&named.id) {
            Some(Some(permissions)) => permissions.iter().any(|permission| ceiling::administers(permission)),
            _ => true,
        }
    }
}

/// Why someone with these roles may not change a user, whichever rule allows the command.
pub async fn above_ceiling(
    center: &dyn ContactCenter,
    roles: &BTreeSet<Role>,
    user: &User,
) -> Result<Option<Problem>, Problem> {
    let profiles = &user.profile.security_profiles;
    let above = Rights::among(center, profiles).await?.above(roles, profiles);
    Ok(above.map(|above| above.problem(roles, &format!("{} has", whole(&user.login)), "change")))
}

/// The tags that what is created again doesn't get, now or by an undo: those that only AWS sets.
fn tags_of_aws(plan: &Plan) -> Option<String> {
    let effects = plan.steps.iter().flat_map(|step| std::iter::once(&step.effect).chain(&step.undo));
    let created = effects.filter_map(|effect| {
        let user = effect.get::<UserPresent>().map(|user| &user.profile.tags);
        let quick_connect = || effect.get::<QuickConnectPresent>().map(|quick_connect| &quick_connect.tags);
        user.or_else(quick_connect).or_else(|| effect.get::<GroupPresent>().map(|group| &group.tags))
    });
    let is_removed = |snapshot: &&Snapshot| {
        let mut removed = plan.steps.iter().filter_map(|step| step.effect.get::<UserAbsent>());
        removed.any(|removed| removed.user_id == snapshot.user.id)
    };
    let removed = plan.before.iter().filter(is_removed).flat_map(|snapshot| {
        let quick_connects = snapshot.quick_connects.iter().map(|quick_connect| &quick_connect.tags);
        std::iter::once(&snapshot.user.profile.tags).chain(quick_connects)
    });
    let keys: BTreeSet<&String> =
        created.chain(removed).flat_map(BTreeMap::keys).filter(|key| is_amazons(key)).collect();
    let shown: Vec<String> = keys.into_iter().map(|key| whole(key)).collect();
    match shown.as_slice() {
        [] => None,
        [only] => Some(format!("tag {only}; only AWS can set it")),
        several => Some(format!("tags {}; only AWS can set them", list(several, "and"))),
    }
}

impl Above {
    fn problem(&self, roles: &BTreeSet<Role>, who: &str, verb: &str) -> Problem {
        let allows = match self.beyond.as_slice() {
            [] => ", which no longer exists, so its permissions are unknown".to_owned(),
            [only] => format!(", which allows {}", whole(only)),
            [first, more @ ..] => {
                format!(", which allows {} and {}", whole(first), count(more.len(), "other permission"))
            }
        };
        let roles: Vec<String> = roles.iter().map(|role| role.word().to_owned()).collect();
        let message = format!(
            "{who} the security profile {}{allows}: more than your {} ({}) may {verb}.",
            whole(&self.profile),
            if roles.len() == 1 { "role" } else { "roles" },
            list(&roles, "and")
        );
        Problem::requester("above_ceiling", message).hint(format!("Ask someone with the role {}.", self.who))
    }
}
