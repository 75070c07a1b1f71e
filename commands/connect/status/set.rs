use std::collections::BTreeMap;

use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, list, whole};
use desk_core::center::{AgentStatus, Among, ContactState, StatusKind, User, UserPresence};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{EffectKind as _, StatusRef, UserInStatus};
use desk_core::plan::{AffectedUser, Plan, Step};
use desk_core::words::{Args, Kind, REASON, Risk, Spec, Thing};

use crate::parts::among::{self, AmongArgs};
use crate::parts::{statuses, subject, users};

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[UserInStatus::NEEDS])
    .titled(|asked| format!("Set the status of {}", subject::agents(asked)));

args! {
    struct SetArgs {
        login: Option<String> = optional(Kind::Login, "The agent (case-sensitive)").in_place(),
        status: Option<String> = optional(Kind::Text(127), "The status, such as Offline").of(Thing::AgentStatus).in_place(),
        logins: Vec<String> = optional(Kind::Logins, "More agents, by login").in_place(),
        ..among: AmongArgs,
        everyone: bool = optional(Kind::Flag, "All agents who are active"),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Set the status of an agent, or of all active agents of a group, profile or queue",
    help: "Same as changing the status in the real-time metrics report. For an agent on a contact, the status changes when the contact ends; the card lists them. No one is signed in or out. At the end of the day, use `/connect status set status:Offline hierarchy_group:…`; agents already Offline are skipped.",
    risk: Risk::Change,
    also: &["set_status", "put_offline"],
    args: SetArgs::ARGS,
    examples: &[
        "/connect status set aaron.fields Training",
        "/connect status set status:Offline hierarchy_group:\"Eastern Region\"",
    ],
    operations: &[
        "SearchAgentStatuses",
        "SearchUsers",
        "DescribeUser",
        "GetCurrentUserData",
        "ListAgentStatuses",
        "ListRoutingProfiles",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let SetArgs { login, status, logins, among, everyone } = SetArgs::of(ask.args)?;
    let all = statuses::all(ask).await?;
    let among = match (among::read(ask, among).await?, everyone) {
        (Some(_), true) => {
            return Err(Problem::requester(
                "among_several",
                "`everyone` and a group, profile or queue can't both be given.",
            )
            .hint("Leave one of them out."));
        }
        (None, true) => Some(Among::Everyone),
        (among, false) => among,
    };
    let placed = Placed { login: login.as_deref(), status: status.as_deref(), logins: &logins };
    if let Some(problem) = placed.otherwise(ask.args, among.is_some(), &all) {
        return Err(problem);
    }
    let Some(status) = status else {
        return Err(Problem::requester("status_missing", "Name the status to set.")
            .hint("Type `/connect status set <login> <status>`; `/connect status list` shows them."));
    };
    let status = statuses::to_be_in(&status, &all)?;
    match (among, login.is_some() || !logins.is_empty()) {
        (None, false) => Err(no_agents()),
        (Some(_), true) => Err(Problem::requester(
            "among_several",
            "Logins and a group, profile or queue can't both be given.",
        )
        .hint("Leave one of them out.")),
        (None, true) => named(ask, users::named(ask, login, logins).await?, &status).await.map(Answer::Plan),
        (Some(among), false) => all_of(ask, &among, &status).await.map(Answer::Plan),
    }
}

fn no_agents() -> Problem {
    Problem::requester("login_missing", "Name the agents whose status to set.")
        .hint("Give a login, `hierarchy_group:…`, `routing_profile:…`, `queue:…` or `everyone`.")
}

/// What was typed in the places of agents and a status.
struct Placed<'a> {
    login: Option<&'a str>,
    status: Option<&'a str>,
    logins: &'a [String],
}

impl Placed<'_> {
    /// What to answer where the words are agents and a status otherwise than in their places: several agents in front of the status
    /// or behind it, or a status alone, which a group or everyone is to be in.
    fn otherwise(&self, args: &Args, in_group: bool, all: &[AgentStatus]) -> Option<Problem> {
        // By their names all are where they belong, but for a status at the end of a list.
        if self.login.is_none() && (self.status.is_some() || self.logins.is_empty()) {
            return None;
        }
        let is_status = |typed: &str| statuses::meant(typed, all).is_ok();
        if !in_group && self.status.is_some_and(is_status) {
            return None;
        }
        let words = self.login.into_iter().chain(self.status.into_iter().flat_map(str::split_whitespace));
        let more = self.logins.iter().map(String::as_str);
        // Behind a status come the logins that have a name.
        let (words, more): (Vec<&str>, Vec<&str>) = match self.status {
            Some(_) => (words.collect(), more.collect()),
            None => (words.chain(more).collect(), Vec::new()),
        };
        let (users, status) = statuses::among_logins(&words, all)?;
        let users: Vec<&str> = users.into_iter().chain(more).collect();
        if users.is_empty() && !in_group {
            return Some(no_agents());
        }
        if in_group != users.is_empty() {
            return None;
        }
        let words: Vec<&str> = users.into_iter().chain([status.as_str()]).collect();
        statuses::otherwise(("connect status set", &SPEC), args, &words, all)
    }
}

/// Agents who were named: each has to have a status.
async fn named(ask: &Ask<'_>, users: Vec<User>, status: &StatusRef) -> Result<Plan, Problem> {
    let ids: Vec<String> = users.iter().map(|user| user.id.clone()).collect();
    let presences = ask.center.presences(&ids).await?;
    let none = UserPresence::default();
    let of = |user: &User| presences.get(&user.id).unwrap_or(&none);
    let away: Vec<String> =
        users.iter().filter(|user| !is_there(of(user))).map(|user| code(&user.login)).collect();
    statuses::no_one_away(&away)?;
    let (alike, others): (Vec<User>, Vec<User>) = users.into_iter().partition(|user| is_in(of(user), status));
    if others.is_empty() {
        return Err(nothing(&alike.iter().map(|user| user.login.as_str()).collect::<Vec<_>>(), status));
    }
    let about: Vec<AffectedUser> = others.iter().map(users::subject).collect();
    let what = match others.as_slice() {
        [one] => format!("Set the status of {} to {}.", one.shown(), whole(&status.name)),
        several => format!("Set the status of {} to {}.", count(several.len(), "agent"), whole(&status.name)),
    };
    let mut plan = plan(what, about, status);
    plan.warnings.extend(alike.iter().map(|user| format!("{} is already in it.", code(&user.login))));
    plan.before = others.into_iter().map(users::bare).collect();
    Ok(plan)
}

/// All who are active and not in the status.
async fn all_of(ask: &Ask<'_>, among: &Among, status: &StatusRef) -> Result<Plan, Problem> {
    let mut active = ask.center.active(among).await?;
    let whom = among::words(among);
    if active.is_empty() {
        return Err(Problem::requester("no_one_active", format!("No active agents{whom}."))
            .hint("There is nothing to set; `/connect who` shows who is active."));
    }
    active.retain(|one| !is_in(&one.presence, status));
    if active.is_empty() {
        let message = format!("All active agents{whom} are already in {}.", whole(&status.name));
        return Err(Problem::requester("status_same", message).hint("`/connect who` shows who is active."));
    }
    let ids: Vec<String> = active.iter().map(|one| one.id.clone()).collect();
    let found = ask.center.found(&ids).await?;
    let names: BTreeMap<&str, String> = found
        .iter()
        .map(|user| (user.id.as_str(), format!("{} {}", user.first_name, user.last_name).trim().to_owned()))
        .collect();
    let about = active
        .iter()
        .map(|one| AffectedUser {
            login: one.login.clone(),
            user_id: one.id.clone(),
            name: names.get(one.id.as_str()).cloned().unwrap_or_default(),
        })
        .collect();
    let what = format!("Set {}{whom} to {}.", count(active.len(), "active agent"), whole(&status.name));
    let mut plan = plan(what, about, status);
    plan.groups = found.iter().filter_map(|user| user.hierarchy_group.clone()).collect();
    plan.security_profiles = found.into_iter().flat_map(|user| user.security_profiles).collect();
    Ok(plan)
}

/// Each agent is a part of its own: what fails for one stops no other. What they are in now is no part of the plan, because it
/// changes while people decide.
fn plan(what: String, about: Vec<AffectedUser>, status: &StatusRef) -> Plan {
    let mut plan = Plan::new(what);
    plan.warnings.push(match status.kind {
        StatusKind::Offline => {
            "For agents on a contact, the status changes when the contact ends. Their browser stays signed in."
                .to_owned()
        }
        StatusKind::Custom => "For agents on a contact, the status changes when the contact ends.".to_owned(),
        StatusKind::Routable => {
            format!(
                "In {}, the next contact can ring immediately, even if no one is at the desk.",
                whole(&status.name)
            )
        }
    });
    for (part, one) in (0..).zip(&about) {
        let effect =
            UserInStatus { login: one.login.clone(), user_id: one.user_id.clone(), status: status.clone() };
        let title = format!("Set {} to {}", code(&one.login), whole(&status.name));
        plan.steps.push(Step::new(title, effect).of_part(part).pivot());
    }
    plan.about = about;
    plan
}

/// Whether Amazon Connect knows of someone, in whichever status.
fn is_there(presence: &UserPresence) -> bool {
    presence.status.is_some()
}

/// Whether setting the status changes nothing. For one who is stuck in missed contacts alone, it clears them.
fn is_in(presence: &UserPresence, status: &StatusRef) -> bool {
    let is_stuck =
        !presence.held.is_empty() && presence.held.iter().all(|one| one.state == ContactState::Missed);
    match &presence.next_status {
        Some(next) => *next == status.name,
        None => !is_stuck && presence.status.as_deref() == Some(status.name.as_str()),
    }
}

fn nothing(logins: &[&str], status: &StatusRef) -> Problem {
    let all: Vec<String> = logins.iter().map(|login| code(login)).collect();
    let verb = if all.len() == 1 { "is" } else { "are" };
    let message = format!("{} {verb} already in {}.", list(&all, "and"), whole(&status.name));
    Problem::requester("status_same", message)
        .hint("There is nothing to change; `/connect who` shows who is active.")
}
