//! What commands about Salesforce share: who is meant there, and a plan for one change of one user or of several.

use std::collections::BTreeMap;

use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::{Owner, Problem};
use desk_core::basics::text::{code, count, list, whole};
use desk_core::card::Block;
use desk_core::center::{Named, User, names};
use desk_core::command::{Ask, Asked};
use desk_core::plan::effect::{
    CallCenterIs, EffectKind as _, EffectNeeds, PermissionSetAbsent, PermissionSetPresent, SalesforceEffect,
    SalesforceFrozen, set_until,
};
use desk_core::plan::{AffectedUser, Plan, Step};
use desk_core::ports::{
    CallCenter, HeldSet, PermissionSet, SalesforceOrg, SalesforceUser, own_salesforce_user,
};
use jiff::Timestamp;

pub(crate) use desk_core::plan::effect::AGENT_SET;

use crate::parts::request_history::{self, Told};
use crate::parts::{subject, users};

/// The most agents in one request: each takes a few of the org's requests of the day, and the plan waits for them.
const AGENTS_MAX: usize = 50;

/// What people do after a change before they see it.
pub(crate) const SIGN_IN_AGAIN: &str =
    "Tell the agent to sign out of Salesforce and in again to see the change.";

/// What the effects of this system need.
pub(crate) const NEEDS: [EffectNeeds; 4] =
    [PermissionSetPresent::NEEDS, PermissionSetAbsent::NEEDS, CallCenterIs::NEEDS, SalesforceFrozen::NEEDS];

/// What the plan of a [`Change`] calls, beside Salesforce.
pub(crate) const OPERATIONS: [&str; 6] = [
    "SearchUsers",
    "DescribeUser",
    "GetCurrentUserData",
    "ListAgentStatuses",
    "ListRoutingProfiles",
    "ListSecurityProfilePermissions",
];

/// The permission set that is granted or revoked, by its exact name as soon as there is a plan.
pub(crate) fn named_set(asked: &Asked<'_>) -> String {
    let planned = asked.steps().iter().find_map(|step| step.effect.permission_set());
    subject::short(planned.or_else(|| asked.args.text("set")).unwrap_or(AGENT_SET))
}

/// The org, where the site has one.
pub(crate) fn org<'a>(ask: &Ask<'a>) -> Result<&'a dyn SalesforceOrg, Problem> {
    ask.salesforce.ok_or_else(|| {
        Problem::operator("salesforce_none", "Salesforce isn't set up here.")
            .hint("Add [salesforce] as shown in config.example.toml, and restart the desk.")
    })
}

/// An agent in both systems.
pub(crate) struct Agent {
    pub(crate) login: String,
    /// In Amazon Connect.
    pub(crate) place: Place,
    pub(crate) there: SalesforceUser,
}

/// Where an agent is in Amazon Connect.
pub(crate) enum Place {
    Known(Box<User>),
    /// The same plan creates them.
    New,
    /// The user is gone there: someone who has left may be.
    Gone,
}

/// One change, no matter for whom.
pub(crate) enum Change {
    Grant(PermissionSet),
    Revoke(PermissionSet),
    Join(CallCenter),
    /// Out of this call center, or out of whichever it is.
    Leave(Option<CallCenter>),
    Freeze,
    Unfreeze,
}

/// The agent with this login. With `gives` they have to be there in Amazon Connect: an agent who isn't gets nothing.
pub(crate) async fn agent(ask: &Ask<'_>, login: &str, gives: bool) -> Result<Agent, Problem> {
    let org = org(ask)?;
    let user = match names::user(ask.center, login).await {
        Ok(user) => user,
        Err(problem) if problem.owner != Owner::Requester || gives => return Err(problem),
        // Salesforce finds a login in any case. Under another case it would be someone whose profiles and groups no rule sees.
        Err(problem) if !ask.center.users(&[login.to_owned()]).await?.is_empty() => return Err(problem),
        // Someone who was removed from Amazon Connect may still be in Salesforce. Where no one is, the login was wrong.
        Err(problem) => {
            let email = last_email(ask, login).await?;
            let there = org.user(login, email.as_deref()).await.map_err(|other| match other.owner {
                Owner::Requester => problem,
                _ => other,
            })?;
            return Ok(Agent { login: login.to_owned(), place: Place::Gone, there });
        }
    };
    agent_of(ask, user).await
}

/// The agent who is this user.
pub(crate) async fn agent_of(ask: &Ask<'_>, user: User) -> Result<Agent, Problem> {
    let there = org(ask)?.user(&user.login, user.profile.identity.email.as_deref()).await?;
    Ok(Agent { login: user.login.clone(), place: Place::Known(Box::new(user)), there })
}

/// The email of a user whom the desk removed.
async fn last_email(ask: &Ask<'_>, login: &str) -> Result<Option<String>, Problem> {
    let known = request_history::about(ask, login).await?;
    let removed = known.iter().flat_map(|told| told.removed()).find(|one| one.user.login == login);
    Ok(removed.and_then(|one| one.user.profile.identity.email.clone()))
}

/// The agents of `login` and `logins`, each once.
async fn agents(
    ask: &Ask<'_>,
    login: Option<String>,
    more: Vec<String>,
    gives: bool,
) -> Result<Vec<Agent>, Problem> {
    let mut logins: Vec<String> = Vec::new();
    for login in login.into_iter().chain(more) {
        if !logins.contains(&login) {
            logins.push(login);
        }
    }
    not_too_many(logins.len())?;
    org(ask)?;
    let known = ask.center.users(&logins).await?;
    let looks = logins.iter().map(|login| {
        let user = known.iter().find(|user| user.login == *login).cloned();
        let look = async move {
            match user {
                Some(user) => agent_of(ask, user).await,
                // It is looked for once more, because the refusal names the logins nearest to it.
                None => agent(ask, login, gives).await,
            }
        };
        (login.clone(), look)
    });
    let agents = users::all_or_why(looks.collect()).await?;
    each_their_own(&agents)?;
    Ok(agents)
}

fn not_too_many(agents: usize) -> Result<(), Problem> {
    if agents <= AGENTS_MAX {
        return Ok(());
    }
    let message = format!("You named {}. At most {AGENTS_MAX} are allowed.", count(agents, "user"));
    Err(Problem::requester("users_too_many", message).hint("Start with some of them."))
}

/// No two agents are one Salesforce user.
fn each_their_own(agents: &[Agent]) -> Result<(), Problem> {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for agent in agents {
        if let Some(other) = seen.insert(&agent.there.id, &agent.login) {
            let message = format!(
                "{} and {} are the same Salesforce user, {}.",
                code(other),
                code(&agent.login),
                code(&agent.there.username)
            );
            return Err(Problem::requester("salesforce_same_user", message).hint(
                "Check their emails in Amazon Connect. They may be used to find the Salesforce user.",
            ));
        }
    }
    Ok(())
}

fn named(center: &CallCenter) -> Named {
    Named { id: center.id.clone(), name: center.internal_name.clone() }
}

fn set_of(set: &PermissionSet) -> Named {
    Named { id: set.id.clone(), name: set.name.clone() }
}

impl Agent {
    pub(crate) fn holds(&self, set: &PermissionSet) -> Option<&HeldSet> {
        self.there.sets.iter().find(|held| held.set.id == set.id)
    }

    /// Whether Amazon Connect has no user with this login.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self.place, Place::Gone)
    }

    fn username(&self) -> String {
        whole(&self.there.username)
    }

    /// Why the Salesforce user may be someone else's: an email that a removed user had may belong to another by now.
    pub(crate) fn whose(&self) -> Option<String> {
        let gone = self.is_gone().then(|| whole(&self.login))?;
        Some(format!(
            "Amazon Connect has no user {gone}. Check that the Salesforce user {} is theirs.",
            self.username()
        ))
    }

    fn affected(&self) -> AffectedUser {
        match &self.place {
            Place::Known(user) => users::subject(user),
            Place::New | Place::Gone => AffectedUser {
                login: self.login.clone(),
                user_id: String::new(),
                name: self.there.name.clone(),
            },
        }
    }

    /// What keeps something from being given to them.
    fn can_be_given(&self) -> Result<(), Problem> {
        if self.there.active {
            return Ok(());
        }
        let message = format!("The Salesforce user {} is inactive.", code(&self.there.username));
        Err(Problem::requester("salesforce_inactive", message)
            .hint("Ask a Salesforce administrator to activate the user first."))
    }
}

impl Change {
    pub(crate) fn gives(&self) -> bool {
        match self {
            Change::Grant(_) | Change::Join(_) => true,
            Change::Revoke(_) | Change::Leave(_) | Change::Freeze | Change::Unfreeze => false,
        }
    }

    /// The step that makes it for an agent; none where it is so already.
    pub(crate) fn step(&self, agent: &Agent) -> Result<Option<Step>, Problem> {
        if agent.there.is_the_desk {
            return Err(own_salesforce_user());
        }
        if self.gives() {
            agent.can_be_given()?;
        }
        let Agent { login, there, .. } = agent;
        let who = agent.username();
        Ok(match self {
            Change::Grant(set) => match agent.holds(set) {
                Some(held) if held.expired => {
                    let message = format!(
                        "The assignment of {} to {} has expired.",
                        code(&set.name),
                        code(&there.username)
                    );
                    return Err(Problem::requester("salesforce_expired", message).hint(format!(
                        "Remove it with `/salesforce revoke {login} set:{}`, then grant it again.",
                        set.name
                    )));
                }
                Some(_) => None,
                None => Some(give(login, there, &set_of(set), None)),
            },
            Change::Revoke(set) => {
                agent.holds(set).map(|held| take(login, there, &set_of(set), None, held.expires))
            }
            Change::Join(center) => {
                let old = there.call_center.as_ref();
                match old {
                    Some(old) if old.id == center.id => None,
                    old => {
                        movable(old)?;
                        Some(put(login, there, Some(named(center)), old.map(named)))
                    }
                }
            }
            Change::Leave(center) => match (&there.call_center, center) {
                (None, _) => None,
                (Some(old), Some(center)) if old.id != center.id => {
                    let message = format!(
                        "{who} is in the call center {}, not in {}.",
                        code(&old.internal_name),
                        code(&center.internal_name)
                    );
                    return Err(Problem::requester("salesforce_elsewhere", message)
                        .hint(format!("Leave out `center:`, or write `center:{}`.", old.internal_name)));
                }
                (Some(old), _) => {
                    movable(Some(old))?;
                    Some(put(login, there, None, Some(named(old))))
                }
            },
            Change::Freeze => (!there.frozen).then(|| frozen(login, there, true)),
            Change::Unfreeze => there.frozen.then(|| frozen(login, there, false)),
        })
    }

    /// That it is so already.
    pub(crate) fn already(&self, agent: &Agent) -> String {
        let login = whole(&agent.login);
        match self {
            Change::Grant(set) => format!("{login} already has {} in Salesforce.", code(&set.name)),
            Change::Revoke(set) => format!("{login} doesn't have {} in Salesforce.", code(&set.name)),
            Change::Join(center) => {
                format!("{login} is already in the call center {}.", code(&center.internal_name))
            }
            Change::Leave(_) => format!("{login} is in no call center."),
            Change::Freeze => format!("{login} is already frozen in Salesforce."),
            Change::Unfreeze => format!("{login} isn't frozen in Salesforce."),
        }
    }

    /// What happens to whom, as a sentence without its full stop.
    fn what(&self, who: &str) -> String {
        match self {
            Change::Grant(set) => format!("Grant {who} the permission set {} in Salesforce", code(&set.name)),
            Change::Revoke(set) => {
                format!("Remove the permission set {} from {who} in Salesforce", code(&set.name))
            }
            Change::Join(center) => {
                format!("Add {who} to the Salesforce call center {}", code(&center.internal_name))
            }
            Change::Leave(_) => format!("Take {who} out of the Salesforce call center"),
            Change::Freeze => format!("Freeze {who} in Salesforce"),
            Change::Unfreeze => format!("Unfreeze {who} in Salesforce"),
        }
    }

    /// How it is for an agent before and after.
    fn before_and_after(&self, agent: &Agent) -> (&'static str, String, String) {
        let none = || "none".to_owned();
        let yes_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
        let center = agent.there.call_center.as_ref();
        let old = || center.map_or_else(none, |old| old.internal_name.clone());
        match self {
            Change::Grant(set) => ("Permission set", none(), set.name.clone()),
            Change::Revoke(set) => {
                let expires = agent.holds(set).and_then(|held| held.expires);
                ("Permission set", set_until(&set.name, expires), none())
            }
            Change::Join(new) => ("Call center", old(), new.internal_name.clone()),
            Change::Leave(_) => ("Call center", old(), none()),
            Change::Freeze => ("Frozen", yes_no(false), yes_no(true)),
            Change::Unfreeze => ("Frozen", yes_no(true), yes_no(false)),
        }
    }

    /// What to notice about it.
    fn warnings(&self, agent: &Agent) -> Vec<String> {
        let mut warnings = Vec::new();
        let login = whole(&agent.login);
        warnings.extend(agent.whose());
        if !agent.there.active {
            warnings.push(format!("The Salesforce user {} is inactive.", agent.username()));
        }
        if agent.there.frozen && matches!(self, Change::Grant(_) | Change::Join(_)) {
            warnings.push(format!(
                "{login} is frozen in Salesforce and can't sign in there until `/salesforce unfreeze {}`.",
                agent.login
            ));
        }
        warnings
    }

    /// What follows from it, no matter for whom.
    fn then(&self) -> &'static str {
        match self {
            Change::Grant(_) | Change::Revoke(_) | Change::Join(_) | Change::Leave(_) => SIGN_IN_AGAIN,
            Change::Freeze => {
                "A frozen user can't sign in to Salesforce. An open session can last until it ends. The license stays in use."
            }
            Change::Unfreeze => "The user can sign in to Salesforce again.",
        }
    }

    /// Adds the step for one agent to the plan of another command, or says that it is so already.
    fn add_to(&self, agent: &Agent, plan: &mut Plan, part: u32) -> Result<(), Problem> {
        // What keeps an agent from using it matters also where it is so already, which itself is no reason to stop.
        plan.warnings.extend(self.warnings(agent));
        let Some(step) = self.step(agent)? else {
            plan.blocks.push(Block::Text(self.already(agent)));
            return Ok(());
        };
        plan.steps.push(step.of_part(part));
        let (what, before, after) = self.before_and_after(agent);
        let what = format!("{what} ({})", agent.there.username);
        plan.blocks.push(Block::Changes(vec![(what, before, after)]));
        Ok(())
    }

    /// The whole plan for the users that are named.
    pub(crate) async fn plan(
        &self,
        ask: &Ask<'_>,
        login: Option<String>,
        logins: Vec<String>,
    ) -> Result<Plan, Problem> {
        let agents = agents(ask, login, logins, self.gives()).await?;
        users::none_against(agents.iter().map(|agent| (&agent.login, self.step(agent))))?;
        let mut changed = Vec::new();
        let mut alike = Vec::new();
        for agent in &agents {
            match self.step(agent)? {
                Some(step) => changed.push((agent, step)),
                None => alike.push(self.already(agent)),
            }
        }
        let mut plan = match changed.as_slice() {
            // There is nothing to decide on.
            [] => Plan::new(alike.join(" ")),
            [(only, _)] => Plan::new(format!("{}.", self.what(&whole(&only.login)))),
            all => Plan::new(format!("{}.", self.what(&count(all.len(), "user")))),
        };
        if changed.is_empty() {
            return Ok(plan);
        }
        plan.blocks = vec![self.block(&changed), Block::Text(self.then().to_owned())];
        plan.blocks.extend(alike.into_iter().map(Block::Text));
        for (part, (agent, step)) in (0..).zip(changed) {
            plan.warnings.extend(self.warnings(agent));
            plan.steps.push(step.of_part(part));
            plan.about.push(agent.affected());
            if let Place::Known(user) = &agent.place {
                plan.before.push(users::bare((**user).clone()));
            }
        }
        plan.said_once();
        Ok(plan)
    }

    fn block(&self, changed: &[(&Agent, Step)]) -> Block {
        if let [(agent, _)] = changed {
            let (what, before, after) = self.before_and_after(agent);
            return Block::Changes(vec![(format!("{what} ({})", agent.there.username), before, after)]);
        }
        let rows = changed.iter().map(|(agent, _)| {
            let (_, before, after) = self.before_and_after(agent);
            vec![agent.login.clone(), agent.there.username.clone(), before, after]
        });
        Block::table(["Login", "Salesforce user", "Before", "After"], rows)
    }
}

/// What the softphone needs, and whether an agent has it.
pub(crate) fn findings(agent: &Agent) -> Vec<String> {
    let Agent { there, .. } = agent;
    let mut found = vec![format!(
        "their user is {}, {}{}",
        whole(&there.username),
        if there.active {
            "active"
        } else {
            "inactive (a Salesforce administrator has to activate the user)"
        },
        if there.frozen { ", frozen (can't sign in)" } else { "" }
    )];
    let has = there.sets.iter().find(|held| held.set.of_the_package && held.set.name == AGENT_SET);
    found.push(match has {
        Some(held) if held.expired => format!("their permission set {} has expired", code(AGENT_SET)),
        Some(_) => format!("they have the permission set {}", code(AGENT_SET)),
        None => format!("they lack the permission set {}", code(AGENT_SET)),
    });
    found.push(match &there.call_center {
        Some(center) => format!("they are in the call center {}", code(&center.internal_name)),
        None => "they are in no call center".to_owned(),
    });
    found
}

/// What would give an agent their softphone, as far as it is missing.
pub(crate) fn offers(agent: &Agent) -> Vec<(String, &'static str)> {
    let Agent { login, there, .. } = agent;
    let mut offers = Vec::new();
    if agent.is_gone() || !there.active {
        return offers;
    }
    if there.frozen {
        offers.push((format!("/salesforce unfreeze {login}"), "Unfreeze in Salesforce"));
    }
    let agents = there.sets.iter().find(|held| held.set.of_the_package && held.set.name == AGENT_SET);
    match agents {
        Some(held) if held.expired => {
            offers.push((format!("/salesforce revoke {login}"), "Remove expired AC_Agent"));
        }
        Some(_) => {}
        None => offers.push((format!("/salesforce grant {login}"), "Grant AC_Agent")),
    }
    if there.call_center.is_none() {
        offers.push((format!("/salesforce join {login}"), "Add to the call center"));
    }
    offers
}

/// The login, the id and the username of the user that it is about.
pub(crate) fn user(did: &SalesforceEffect) -> (&str, &str, &str) {
    match did {
        SalesforceEffect::PermissionSetPresent(one) => (&one.login, &one.user_id, &one.username),
        SalesforceEffect::PermissionSetAbsent(one) => (&one.login, &one.user_id, &one.username),
        SalesforceEffect::CallCenterIs(one) => (&one.login, &one.user_id, &one.username),
        SalesforceEffect::SalesforceFrozen(one) => (&one.login, &one.user_id, &one.username),
    }
}

/// The step that undoes what this did, from how the user is today; or why it is left alone. `assignment` is the one that it made.
pub(crate) fn back(
    did: &SalesforceEffect,
    there: &SalesforceUser,
    assignment: Option<&str>,
    now: Timestamp,
) -> Result<Step, String> {
    let who = whole(&there.username);
    let held = |set: &Named| there.sets.iter().find(|held| held.set.id == set.id);
    match did {
        SalesforceEffect::PermissionSetPresent(PermissionSetPresent { login, set, .. }) => match held(set) {
            None => Err(format!("{who} no longer has {}.", code(&set.name))),
            Some(held) if assignment.is_some_and(|made| made != held.assignment) => {
                Err(format!("{who} was granted {} again since, so it stays unchanged.", code(&set.name)))
            }
            Some(held) => Ok(take(login, there, set, Some(held.assignment.clone()), held.expires)),
        },
        SalesforceEffect::PermissionSetAbsent(PermissionSetAbsent { login, set, expires, .. }) => {
            match held(set) {
                Some(_) => Err(format!("{who} has {} again.", code(&set.name))),
                None if expires.is_some_and(|expires| expires <= now) => {
                    Err(format!("{who} had {} until a time that has passed.", code(&set.name)))
                }
                None => Ok(give(login, there, set, *expires)),
            }
        }
        SalesforceEffect::CallCenterIs(CallCenterIs { login, center, instead_of, .. }) => {
            let now = there.call_center.as_ref().map(named);
            let is =
                |other: &Option<Named>| now.as_ref().map(|one| &one.id) == other.as_ref().map(|one| &one.id);
            if is(center) {
                Ok(put(login, there, instead_of.clone(), now))
            } else if is(instead_of) {
                Err(format!("{who} is already in the same call center as before."))
            } else {
                Err(format!("{who} was added to another call center since, and stays there."))
            }
        }
        SalesforceEffect::SalesforceFrozen(did) if there.frozen == did.frozen => {
            Ok(frozen(&did.login, there, !did.frozen))
        }
        SalesforceEffect::SalesforceFrozen(SalesforceFrozen { frozen: true, .. }) => {
            Err(format!("{who} is no longer frozen."))
        }
        SalesforceEffect::SalesforceFrozen(_) => Err(format!("{who} is frozen again.")),
    }
}

/// Logins of a line that fits most places.
const SHORT: usize = 5;

/// The commands that continue in Salesforce with these users, where the site has it.
pub(crate) fn next<const N: usize>(ask: &Ask<'_>, verbs: [&str; N], logins: &[&str]) -> Vec<String> {
    if ask.salesforce.is_none() || logins.is_empty() {
        return Vec::new();
    }
    let who = match logins {
        [only] => (*only).to_owned(),
        // As many as one request takes; the card of the next one is as good a place to name the rest.
        some => {
            let some: Vec<&str> = some.iter().take(AGENTS_MAX).copied().collect();
            match some.len() {
                0..=SHORT => format!("logins:{}", some.join(",")),
                // With blanks, so that a long line is not broken in a login.
                _ => format!("logins:\"{}\"", some.join(", ")),
            }
        }
    };
    verbs.iter().map(|verb| format!("/salesforce {verb} {who}")).collect()
}

/// The request that froze someone in Salesforce, as far as the log knows: none if another one unfroze them since. The requests are those
/// about the login, newest first.
pub(crate) fn frozen_by(known: &[Told], login: &str) -> Option<RequestNo> {
    let froze = |step: &Step| {
        let one = step.effect.get::<SalesforceFrozen>().filter(|one| one.login == login)?;
        Some(one.frozen)
    };
    let (by, is_frozen) = known.iter().find_map(|told| {
        Some((told.request.no, told.happened().filter_map(|(_, step)| froze(step)).last()?))
    })?;
    is_frozen.then_some(by)
}

/// What changes in Salesforce beside the same users in Amazon Connect: looked at before anything is planned.
pub(crate) struct Beside {
    agents: Vec<Agent>,
    changes: Vec<Change>,
}

/// What the Salesforce users of agents who are to be created need for the softphone: their logins and emails.
pub(crate) async fn onboarding(ask: &Ask<'_>, agents: &[(&str, Option<&str>)]) -> Result<Beside, Problem> {
    let org = org(ask)?;
    not_too_many(agents.len())?;
    let changes =
        vec![Change::Grant(org.permission_set(AGENT_SET).await?), Change::Join(org.call_center(None).await?)];
    let look = async |(login, email): (&str, Option<&str>)| {
        let there = org.user(login, email).await.map_err(|problem| match email {
            None => problem.hint("Give them an email address, or leave out `salesforce:true`."),
            Some(_) => problem,
        })?;
        Ok(Agent { login: login.to_owned(), place: Place::New, there })
    };
    let looks = agents.iter().map(|agent| (agent.0.to_owned(), look(*agent)));
    beside(looks.collect(), changes).await
}

/// That users who are removed are frozen in Salesforce first.
pub(crate) async fn offboarding(ask: &Ask<'_>, users: &[User]) -> Result<Beside, Problem> {
    org(ask)?;
    not_too_many(users.len())?;
    let looks = users.iter().map(|user| (user.login.clone(), agent_of(ask, user.clone())));
    beside(looks.collect(), vec![Change::Freeze]).await
}

/// Looks at all of them; whatever is against any of them is told together.
async fn beside(
    looks: Vec<(String, impl Future<Output = Result<Agent, Problem>>)>,
    changes: Vec<Change>,
) -> Result<Beside, Problem> {
    let agents = users::all_or_why(looks).await?;
    each_their_own(&agents)?;
    let steps =
        agents.iter().flat_map(|agent| changes.iter().map(|change| (&agent.login, change.step(agent))));
    users::none_against(steps)?;
    Ok(Beside { agents, changes })
}

impl Beside {
    /// Adds to the plan what changes for this agent, as a part of it.
    pub(crate) fn add_to(&self, login: &str, plan: &mut Plan, part: u32) -> Result<(), Problem> {
        for agent in self.agents.iter().filter(|agent| agent.login == login) {
            for change in &self.changes {
                change.add_to(agent, plan, part)?;
            }
        }
        Ok(())
    }

    /// Says of new agents what they get, near the top of the card, and what follows, once for all.
    pub(crate) fn say(&self, plan: &mut Plan) {
        plan.said_once();
        let gets = self.changes.iter().filter_map(|change| match change {
            Change::Grant(set) => Some(code(&set.name)),
            Change::Join(center) => Some(format!("call center {}", code(&center.internal_name))),
            Change::Revoke(_) | Change::Leave(_) | Change::Freeze | Change::Unfreeze => None,
        });
        let mut gets = list(&gets.collect::<Vec<String>>(), "and");
        if plan.about.len() > self.agents.len() {
            gets.push_str(&format!(", for {}", count(self.agents.len(), "new user")));
        }
        if let Some(Block::Facts(facts)) = plan.blocks.first_mut() {
            facts.insert(facts.len().min(1), ("In Salesforce".to_owned(), gets));
        }
        plan.blocks.push(Block::Text(SIGN_IN_AGAIN.to_owned()));
    }
}

/// Whether someone may be taken out of the call center in which they are.
fn movable(center: Option<&CallCenter>) -> Result<(), Problem> {
    center.and_then(|center| center.untouchable.clone()).map_or(Ok(()), Err)
}

/// Gives a user a permission set, until it expires if they had it so.
fn give(login: &str, there: &SalesforceUser, set: &Named, expires: Option<Timestamp>) -> Step {
    let title = format!("Grant {} the permission set {}", whole(&there.username), code(&set.name));
    Step::new(title, present(login, there, set, expires)).undone_by(absent(login, there, set, None, expires))
}

/// Takes a permission set from a user, or only this assignment of it.
fn take(
    login: &str,
    there: &SalesforceUser,
    set: &Named,
    assignment_id: Option<String>,
    expires: Option<Timestamp>,
) -> Step {
    let title = format!("Remove the permission set {} from {}", code(&set.name), whole(&there.username));
    Step::new(title, absent(login, there, set, assignment_id, expires))
        .undone_by(present(login, there, set, expires))
}

fn present(
    login: &str,
    there: &SalesforceUser,
    set: &Named,
    expires: Option<Timestamp>,
) -> PermissionSetPresent {
    PermissionSetPresent {
        login: login.to_owned(),
        user_id: there.id.clone(),
        username: there.username.clone(),
        set: set.clone(),
        expires,
    }
}

fn absent(
    login: &str,
    there: &SalesforceUser,
    set: &Named,
    assignment_id: Option<String>,
    expires: Option<Timestamp>,
) -> PermissionSetAbsent {
    PermissionSetAbsent {
        login: login.to_owned(),
        user_id: there.id.clone(),
        username: there.username.clone(),
        set: set.clone(),
        assignment_id,
        expires,
    }
}

/// Puts a user into a call center or into none, out of the one in which they are.
pub(crate) fn put(login: &str, there: &SalesforceUser, center: Option<Named>, old: Option<Named>) -> Step {
    let who = whole(&there.username);
    let title = match (&center, &old) {
        (Some(new), None) => format!("Add {who} to the call center {}", code(&new.name)),
        (Some(new), Some(old)) => {
            format!("Move {who} from the call center {} to {}", code(&old.name), code(&new.name))
        }
        (None, Some(old)) => format!("Remove {who} from the call center {}", code(&old.name)),
        (None, None) => format!("Keep {who} out of call centers"),
    };
    let is = |center: Option<Named>, instead_of: Option<Named>| CallCenterIs {
        login: login.to_owned(),
        user_id: there.id.clone(),
        username: there.username.clone(),
        center,
        instead_of,
    };
    Step::new(title, is(center.clone(), old.clone())).undone_by(is(old, center))
}

/// Freezes or unfreezes a user.
pub(crate) fn frozen(login: &str, there: &SalesforceUser, frozen: bool) -> Step {
    let verb = if frozen { "Freeze" } else { "Unfreeze" };
    let is = |frozen: bool| SalesforceFrozen {
        login: login.to_owned(),
        user_id: there.id.clone(),
        username: there.username.clone(),
        frozen,
    };
    Step::new(format!("{verb} {} in Salesforce", whole(&there.username)), is(frozen)).undone_by(is(!frozen))
}
