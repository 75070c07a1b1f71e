use std::collections::BTreeMap;

use desk_core::args;
use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::span::clock;
use desk_core::basics::text::{capital, code, count, list, moment, whole};
use desk_core::card::Block;
use desk_core::center::{Named, StatusKind, User, names};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::log::Temporary;
use desk_core::plan::effect::{
    EffectKind as _, EffectNeeds, RoutingProfilePutBack, StatusPutBack, StatusRef, TimePassed, UserHas,
    UserInStatus,
};
use desk_core::plan::{Plan, Step, Until as Lasts};
use desk_core::user::UserField;
use desk_core::words::{Kind, REASON, Risk, Spec, Thing, quoted};
use jiff::Timestamp;

use crate::parts::{filter, statuses, temporary, time, users};

pub(crate) const COMMAND: Command = command!(
    SPEC,
    answer,
    &[
        EffectNeeds::calls(&["UpdateUserRoutingProfile", "DescribeUser"]),
        RoutingProfilePutBack::NEEDS,
        UserInStatus::NEEDS,
        StatusPutBack::NEEDS,
        TimePassed::NEEDS,
    ]
);

/// The most users that a filter may match.
const MATCHING_MAX: usize = 500;

/// Users that a sentence spells out; more are counted.
const LOGINS_SAID: usize = 10;

args! {
    struct UntilArgs {
        until: String = required(Kind::Word(25), "Until when: 18:00 (UTC), 2026-11-20T18:00, 45m, 4h or 2d"),
        login: Option<String> = one_of(Kind::Login, "The user (case-sensitive)").in_place(),
        logins: Vec<String> = one_of(Kind::Logins, "More users, by login").in_place(),
        matching: Option<String> =
            one_of(Kind::Text(1000), "All users that match these options of find, such as \"tag:site=east\""),
        routing_profile: Option<String> = optional(Kind::RoutingProfile, "The routing profile until then"),
        status: Option<String> = optional(Kind::Text(127), "The agent status until then").of(Thing::AgentStatus),
        then: Option<String> =
            optional(Kind::Text(127), "With a status: the status after that; default: the current one").of(Thing::AgentStatus),
        _ = REASON.of_a_change(),
    }
}

const SPEC: Spec = Spec {
    about: "Set a routing profile or status temporarily, and restore the old one at a given time",
    help: "Both changes are one plan, so one approval covers both. The old setting is restored automatically, also after a restart. If someone else changes it meanwhile, it stays unchanged and the card says so. A user has one temporary routing profile and one temporary status at a time. To end one early, stop the request and roll it back.",
    risk: Risk::Change,
    also: &["temporarily", "for"],
    args: UntilArgs::ARGS,
    examples: &[
        "/connect until 18:00 john.doe routing_profile:\"Contact Tracers Profile\"",
        "/connect until 4h aaron.fields status:Training",
    ],
    operations: &[
        "SearchAgentStatuses",
        "SearchUsers",
        "DescribeUser",
        "ListUsers",
        "GetCurrentUserData",
        "ListAgentStatuses",
        "ListRoutingProfiles",
        "SearchRoutingProfiles",
        "ListQueues",
        "ListSecurityProfilePermissions",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let UntilArgs { until, login, logins, matching, routing_profile, status, then } =
        UntilArgs::of(ask.args)?;
    let until =
        time::until(&until, ask.asked, ask.now).map_err(|problem| problem.instead_of(&until, Vec::new()))?;
    let words: Vec<String> = login.iter().chain(&logins).cloned().collect();
    let users = match (&routing_profile, &status) {
        (None, None) => Vec::new(),
        _ => filter::meant(ask, login, logins, matching, MATCHING_MAX).await?,
    };
    match (routing_profile, status, then) {
        (Some(typed), None, None) => {
            let all = ask.center.routing_profiles().await?;
            let profile = names::resolve("routing profile", &typed, &all)?;
            with_profile(ask, users, &profile, until).await.map(Answer::Plan)
        }
        (None, Some(typed), then) => {
            let all = statuses::all(ask).await?;
            let status = statuses::to_be_in(&typed, &all)?;
            let then = then.map(|typed| statuses::to_be_in(&typed, &all)).transpose()?;
            with_status(ask, users, &status, then, until).await.map(Answer::Plan)
        }
        (Some(_), None, Some(_)) => Err(Problem::requester(
            "then_without_status",
            "`then` is for a status. The old routing profile is always restored.",
        )
        .hint("Leave `then` out.")),
        (Some(_), Some(_), _) => {
            Err(Problem::requester("until_both", "A routing profile and a status can't both be given.")
                .hint("Make two requests."))
        }
        (None, None, _) => {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let all = statuses::all(ask).await?;
            let misplaced = statuses::otherwise(("connect until", &SPEC), ask.args, &words, &all);
            Err(misplaced.unwrap_or_else(|| {
                Problem::requester("until_what", "There is nothing to set.")
                    .hint("Add `routing_profile:…` or `status:…`.")
            }))
        }
    }
}

/// What is set for one user, and what it is put back to.
struct Change {
    user: User,
    before: String,
    set: Step,
    back: Step,
}

/// Users and what is to become of them: what is set, who has it already, and who has another one for a while, with the request
/// that restores it.
#[derive(Default)]
struct Found {
    changes: Vec<Change>,
    alike: Vec<User>,
    held: Vec<(User, RequestNo, Temporary)>,
}

async fn with_profile(
    ask: &Ask<'_>,
    users: Vec<User>,
    profile: &Named,
    until: Lasts,
) -> Result<Plan, Problem> {
    let mut found = Found::default();
    for user in users {
        let before = user.profile.routing_profile.clone();
        if let Some((no, one)) = temporary::setting(ask, &user.id, &[&before.id, &profile.id]).await? {
            found.held.push((user, no, one));
            continue;
        }
        if before.id == profile.id {
            found.alike.push(user);
            continue;
        }
        let has = UserHas {
            login: user.login.clone(),
            user_id: user.id.clone(),
            facet: UserField::RoutingProfile(profile.clone()),
        };
        let back = RoutingProfilePutBack::new(&user.login, &user.id, profile.clone(), before.clone());
        let login = code(&user.login);
        let set = Step::new(format!("Give {login} the routing profile {}", whole(&profile.name)), has);
        found.changes.push(Change {
            before: before.name.clone(),
            set: set.undone_by(back.clone()),
            back: Step::new(format!("Restore {login} to {}", whole(&before.name)), back),
            user,
        });
    }
    plan("routing profile", &profile.name, None, found, until, ask.now)
}

async fn with_status(
    ask: &Ask<'_>,
    users: Vec<User>,
    status: &StatusRef,
    then: Option<StatusRef>,
    until: Lasts,
) -> Result<Plan, Problem> {
    let all = statuses::all(ask).await?;
    let ids: Vec<String> = users.iter().map(|user| user.id.clone()).collect();
    let presences = ask.center.presences(&ids).await?;
    let (mut found, mut away) = (Found::default(), Vec::new());
    for user in users {
        let presence = presences.get(&user.id);
        let called = |name: Option<&String>| all.iter().find(|status| Some(&status.name) == name);
        let Some(now) = called(presence.and_then(|presence| presence.status.as_ref())) else {
            away.push(code(&user.login));
            continue;
        };
        // A status that waits for the end of a contact is as good as set.
        let next = called(presence.and_then(|presence| presence.next_status.as_ref()));
        let current = next.unwrap_or(now);
        let values = [&now.id, &current.id, &status.id];
        if let Some((no, one)) = temporary::setting(ask, &user.id, &values.map(String::as_str)).await? {
            found.held.push((user, no, one));
            continue;
        }
        let back = then.clone().unwrap_or_else(|| statuses::reference(current));
        if current.id == status.id && back.id == status.id {
            found.alike.push(user);
            continue;
        }
        if back.id == status.id {
            return Err(Problem::requester(
                "then_same",
                "The status until then and the one after it are the same.",
            )
            .hint("Choose another `then`, or set it permanently with `/connect status set`."));
        }
        if then.is_none() && !current.enabled {
            let message = format!(
                "{} can't be restored to {}, which is disabled.",
                code(&user.login),
                whole(&current.name)
            );
            return Err(Problem::requester("status_disabled", message).hint(format!(
                "Add `then:…`, or enable it with {}.",
                whole(&format!("/connect status enable {}", quoted(&current.name)))
            )));
        }
        let login = code(&user.login);
        let put_back = StatusPutBack {
            login: user.login.clone(),
            user_id: user.id.clone(),
            temporary: status.clone(),
            back: back.clone(),
        };
        let set =
            UserInStatus { login: user.login.clone(), user_id: user.id.clone(), status: status.clone() };
        let set = Step::new(format!("Set {login} to {}", whole(&status.name)), set);
        found.changes.push(Change {
            before: current.name.clone(),
            set: set.undone_by(put_back.clone()),
            back: Step::new(
                match &then {
                    Some(then) => format!("Set {login} to {}", whole(&then.name)),
                    None => format!("Restore {login} to {}", whole(&back.name)),
                },
                put_back,
            ),
            user,
        });
    }
    statuses::no_one_away(&away)?;
    let then_name = then.as_ref().map(|then| then.name.as_str());
    let mut plan = plan("status", &status.name, then_name, found, until, ask.now)?;
    plan.warnings.push("For agents on a contact, the status changes when the contact ends.".to_owned());
    if let Some(then) = then.filter(|then| then.kind == StatusKind::Routable) {
        let name = whole(&then.name);
        plan.warnings.push(format!("After that they are in {name}. The next contact can ring immediately."));
    }
    Ok(plan)
}

/// Users who have a temporary setting already, by what restores it: several may have the same.
fn by_restoring(
    held: &[(User, RequestNo, Temporary)],
    time: impl Fn(Timestamp) -> String,
) -> BTreeMap<(RequestNo, String), Vec<&User>> {
    let mut by: BTreeMap<(RequestNo, String), Vec<&User>> = BTreeMap::new();
    for (user, no, one) in held {
        by.entry((*no, temporary::said(*no, one, &time))).or_default().push(user);
    }
    by
}

fn logins(users: &[&User]) -> String {
    let mut logins: Vec<String> = users.iter().take(LOGINS_SAID).map(|user| code(&user.login)).collect();
    let rest = users.len() - logins.len();
    logins.extend((rest > 0).then(|| format!("{rest} more")));
    list(&logins, "and")
}

/// Each user is a part of its own: what fails for one is put back for that one.
fn plan(
    what: &str,
    value: &str,
    then: Option<&str>,
    found: Found,
    until: Lasts,
    now: Timestamp,
) -> Result<Plan, Problem> {
    let Found { changes, alike, held } = found;
    let alike: Vec<&User> = alike.iter().collect();
    let verb = if alike.len() == 1 { "has" } else { "have" };
    // A plan has moments in words.
    let in_plan = by_restoring(&held, moment);
    let held = by_restoring(&held, |at| clock(at, now));
    let users: Vec<&User> = changes.iter().map(|change| &change.user).collect();
    let whom = match (users.as_slice(), held.first_key_value()) {
        ([], Some(((no, restores), users))) => {
            let verb = if users.len() == 1 { "has" } else { "have" };
            let message = format!("{} {verb} a temporary {what} already: {restores}.", logins(users));
            let hint = format!("To change it, stop {no} and roll it back, then ask again.");
            return Err(Problem::requester("until_held", message).hint(hint));
        }
        ([], None) => {
            let message = format!("{} already {verb} the {what} {}.", logins(&alike), whole(value));
            return Err(Problem::requester("until_same", message).hint("There is nothing to set or restore."));
        }
        ([one], _) => one.shown(),
        (several, _) => count(several.len(), "user"),
    };
    let words = until.words();
    let after = match then {
        Some(then) => format!("and to {} after that", whole(then)),
        None => "and restore it then".to_owned(),
    };
    let mut plan = Plan::new(format!("Set the {what} of {whom} to {}, {words}, {after}.", whole(value)));
    let rows = changes.iter().map(|change| {
        let what = match changes.len() {
            1 => capital(what),
            _ => code(&change.user.login),
        };
        (what, whole(&change.before), whole(value))
    });
    let after = then.map(|then| ("After that".to_owned(), whole(value), whole(then)));
    plan.blocks.push(Block::Changes(rows.chain(after).collect()));
    if !alike.is_empty() {
        plan.warnings.push(
            format!("{} {verb} it already and stays unchanged.", logins(&alike))
                .replace("have it already and is", "have it already and are"),
        );
    }
    plan.warnings.extend(in_plan.iter().map(|((_, restores), users)| {
        let verb = if users.len() == 1 { "stays" } else { "stay" };
        format!("{} {verb} unchanged: {restores}.", logins(users))
    }));
    for (part, Change { user, set, back, .. }) in (0..).zip(changes) {
        let wait = TimePassed { login: user.login.clone(), until };
        plan.steps.push(set.of_part(part));
        plan.steps
            .push(Step::new(format!("Keep {} that way {words}", code(&user.login)), wait).of_part(part));
        plan.steps.push(back.of_part(part));
        plan.affects(users::bare(user));
    }
    Ok(plan)
}
