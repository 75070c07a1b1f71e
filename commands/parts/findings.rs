//! What `/connect check` finds in an instance: good sense and the guides over everything that was read, without reading anything.

use std::collections::{BTreeMap, BTreeSet};

use desk_core::basics::text::{count, folded, list, some, whole};
use desk_core::center::orphans::{self, Orphan, Parts, Serving, Switched};
use desk_core::center::{
    ActiveUser, AgentStatus, ContactState, FlowInfo, IdentityType, LeadsTo, Named, QUICK_CONNECTS_OF_QUEUE,
    QueueInfo, QuickConnectInfo, RoutingProfileInfo, StatusKind, User, UserSummary,
};
use desk_core::words::quoted;

use crate::parts::routing::{Lacking, unlink_gone};

/// How bad it is; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// It fails someone now, or will soon.
    Wrong,
    /// Someone should look at it.
    Look,
    /// Nothing depends on it.
    Tidy,
}

/// Something that was found, about one thing or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) weight: Weight,
    /// For the file: `email_missing`.
    pub(crate) code: &'static str,
    /// A sentence without its end, before the names: `2 users have no email, so they can't reset their password`.
    pub(crate) what: String,
    /// Each thing that it is about, with the command that fixes it.
    pub(crate) things: Vec<(String, String)>,
    /// One command for all of them, where there is one.
    pub(crate) fix: Option<String>,
}

impl Finding {
    fn new(weight: Weight, code: &'static str, what: String) -> Finding {
        Finding { weight, code, what, things: Vec::new(), fix: None }
    }

    /// About these things, each with the command that fixes it; nothing where there are none. `what` is told how many there are.
    fn about(
        weight: Weight,
        code: &'static str,
        things: impl IntoIterator<Item = (String, String)>,
        what: impl FnOnce(usize) -> String,
    ) -> Option<Finding> {
        let things: Vec<(String, String)> = things.into_iter().collect();
        (!things.is_empty()).then(|| Finding::new(weight, code, what(things.len())).of(things))
    }

    fn of(mut self, things: impl IntoIterator<Item = (String, String)>) -> Finding {
        self.things.extend(things);
        self
    }

    fn fixed_by(mut self, line: String) -> Finding {
        self.fix = Some(line);
        self
    }

    /// The command to begin with.
    pub(crate) fn first_fix(&self) -> Option<&str> {
        self.fix.as_deref().or_else(|| self.things.first().map(|(_, fix)| fix.as_str()))
    }

    /// On one line: what, and whom it is about.
    pub(crate) fn line(&self) -> String {
        let names: Vec<&str> = self.things.iter().map(|(name, _)| name.as_str()).collect();
        match names.as_slice() {
            [] => format!("{}.", self.what),
            names => format!("{}: {}.", self.what, some(names)),
        }
    }
}

/// Everything that was read of an instance; what could not be read is absent.
#[derive(Default)]
pub(crate) struct Everything {
    /// The after contact work that is set where it is endless, in seconds.
    pub(crate) acw: u32,
    pub(crate) identity: Option<IdentityType>,
    pub(crate) users: Option<Vec<UserSummary>>,
    /// The users whole, with their emails.
    pub(crate) described: Option<Vec<User>>,
    pub(crate) routing_profiles: Option<Vec<RoutingProfileInfo>>,
    /// What profiles serve that lack a channel, by their ids.
    pub(crate) pairs: Option<BTreeMap<String, Vec<(String, desk_core::center::Channel)>>>,
    pub(crate) security_profiles: Option<Vec<Named>>,
    /// What the security profiles allow that someone has, by their ids.
    pub(crate) permissions: Option<BTreeMap<String, Vec<String>>>,
    /// By their paths.
    pub(crate) groups: Option<Vec<Named>>,
    pub(crate) queues: Option<Vec<QueueInfo>>,
    pub(crate) flows: Option<Vec<FlowInfo>>,
    pub(crate) quick_connects: Option<Vec<QuickConnectInfo>>,
    pub(crate) offers: Option<BTreeMap<String, BTreeSet<String>>>,
    pub(crate) statuses: Option<Vec<AgentStatus>>,
    /// The ids of those that the desk has planned to set someone to within [`STATUSES_SET`].
    pub(crate) statuses_set: BTreeSet<String>,
    pub(crate) active: Option<Vec<ActiveUser>>,
    pub(crate) hours: Option<Vec<Named>>,
    pub(crate) phone_numbers: Option<usize>,
    /// By their codes in Service Quotas.
    pub(crate) quotas: Option<BTreeMap<String, f64>>,
}

/// How far back the log is looked through for statuses, in days.
pub(crate) const STATUSES_SET: i64 = 30;

/// Anyone who has one of these may give anyone any right: by what a security profile allows, or by who has which.
fn is_administrators(permission: &str) -> bool {
    ["SecurityProfiles.Create", "SecurityProfiles.Edit", "Users.EditPermission"].contains(&permission)
}

/// The most logins in one line that fixes several users; of more, the file has a line for each.
const LOGINS_A_LINE: usize = 5;

/// A part of a quota from which it is nearly used up, and from which it is as good as used up.
const NEARLY: f64 = 0.80;
const FULL: f64 = 0.95;

/// A quota of an instance, and how much of it is used.
struct Quota {
    what: &'static str,
    /// None where Service Quotas doesn't have it, because AWS doesn't raise it: then the number is here.
    code: Result<&'static str, f64>,
    used: fn(&Everything) -> Option<usize>,
}

#[rustfmt::skip]
const QUOTAS: &[Quota] = &[
    Quota { what: "Users", code: Ok("L-9A46857E"), used: |all| all.users.as_ref().map(Vec::len) },
    Quota { what: "Quick connects", code: Ok("L-68BBE2E8"), used: |all| all.quick_connects.as_ref().map(Vec::len) },
    Quota { what: "Queues", code: Ok("L-19A87C94"), used: |all| all.queues.as_ref().map(Vec::len) },
    Quota { what: "Routing profiles", code: Ok("L-D3E7BE26"), used: |all| all.routing_profiles.as_ref().map(Vec::len) },
    Quota { what: "Security profiles", code: Ok("L-F325A715"), used: |all| all.security_profiles.as_ref().map(Vec::len) },
    Quota { what: "Hierarchy groups", code: Ok("L-D68AAAE4"), used: |all| all.groups.as_ref().map(Vec::len) },
    Quota { what: "Hours of operation", code: Ok("L-20CD02F7"), used: |all| all.hours.as_ref().map(Vec::len) },
    Quota { what: "Flows", code: Ok("L-22922690"), used: |all| all.flows.as_ref().map(Vec::len) },
    Quota { what: "Phone numbers", code: Ok("L-8F812903"), used: |all| all.phone_numbers },
    Quota { what: "Agent statuses", code: Err(50.0), used: |all| all.statuses.as_ref().map(Vec::len) },
    Quota { what: "Open tasks", code: Ok("L-60553137"), used: |_| None },
    Quota { what: "Proficiencies of a user", code: Ok("L-50375162"), used: |_| None },
    Quota { what: "Task templates", code: Err(50.0), used: |_| None },
    Quota { what: "Contacts in an agent's own queue", code: Err(10.0), used: |_| None },
    Quota { what: "Tag-restricted security profiles of a user", code: Err(7.0), used: |_| None },
    Quota { what: "Manual assignment queues of a routing profile", code: Err(50.0), used: |_| None },
];

/// The code of the quota for queue-channel pairs of one routing profile.
const PAIRS: &str = "L-516BC0EB";

/// Everything that is found, the worst first.
pub(crate) fn find(all: &Everything) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(users(all));
    found.extend(rights(all));
    found.extend(work(all));
    found.extend(routing(all));
    found.extend(unused(all));
    found.extend(alike(all));
    found.extend(used_up(all));
    found.sort_by_key(|finding| finding.weight);
    found
}

/// What could not be measured, each a line.
pub(crate) fn not_measured(all: &Everything) -> Vec<String> {
    let mut quotas: Vec<&str> = Vec::new();
    for quota in QUOTAS {
        let known = match quota.code {
            Ok(code) => all.quotas.as_ref().is_some_and(|quotas| quotas.contains_key(code)),
            Err(_) => true,
        };
        if !known || (quota.used)(all).is_none() {
            quotas.push(quota.what);
        }
    }
    if all.quotas.as_ref().is_none_or(|quotas| !quotas.contains_key(PAIRS)) {
        quotas.push("Queues of a routing profile");
    }
    let mut said = Vec::new();
    if !quotas.is_empty() {
        let names: Vec<String> = quotas.iter().map(|name| name.to_lowercase()).collect();
        said.push(format!("How much is used of the quotas for {}.", list(&names, "and")));
    }
    if !idle_statuses(all).is_empty() {
        said.push(format!(
            "When a status was last used: Amazon Connect doesn't say. Checked instead: no one is in it now, and the desk planned no \
             change to it in {STATUSES_SET} days."
        ));
    }
    said
}

/// Those that share a key with another, side by side.
fn twins<T>(all: impl IntoIterator<Item = T>, key: impl Fn(&T) -> Option<String>) -> impl Iterator<Item = T> {
    groups_of_twins(all, key).flatten()
}

/// The same, each group by itself.
fn groups_of_twins<T>(
    all: impl IntoIterator<Item = T>,
    key: impl Fn(&T) -> Option<String>,
) -> impl Iterator<Item = Vec<T>> {
    let mut by_key: BTreeMap<String, Vec<T>> = BTreeMap::new();
    for one in all {
        if let Some(key) = key(&one) {
            by_key.entry(key).or_default().push(one);
        }
    }
    by_key.into_values().filter(|alike| alike.len() > 1)
}

fn plural(n: usize, one: &str, has: &str, have: &str) -> String {
    format!("{} {}", count(n, one), if n == 1 { has } else { have })
}

/// A line that changes these users alike, or the first of them where they are too many for a line that anyone reads.
fn edit(logins: &[&str], option: &str) -> String {
    match logins {
        [_, _, ..] if logins.len() <= LOGINS_A_LINE => {
            format!("/connect edit logins:\"{}\" {option}", logins.join(","))
        }
        [first, ..] => format!("/connect edit {first} {option}"),
        [] => String::new(),
    }
}

/// A finding about users who are all fixed alike.
fn about_users(
    weight: Weight,
    code: &'static str,
    logins: &[&str],
    [has, have]: [&str; 2],
    option: &str,
) -> Option<Finding> {
    let each = logins.iter().map(|login| ((*login).to_owned(), edit(&[login], option)));
    let finding = Finding::about(weight, code, each, |n| plural(n, "user", has, have))?;
    Some(finding.fixed_by(edit(logins, option)))
}

fn users(all: &Everything) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(described) =
        all.described.as_ref().filter(|_| all.identity.is_none_or(|kept| kept.keeps_password()))
    {
        let email = |user: &User| user.profile.identity.email.clone();
        let fix = |user: &User| (user.login.clone(), format!("/connect edit {} email:…", user.login));
        let without = described.iter().filter(|user| email(user).is_none()).map(fix);
        found.extend(Finding::about(Weight::Wrong, "email_missing", without, |n| {
            let [has, have] = [
                "has no email, so they can't reset their own password",
                "have no email, so they can't reset their own password",
            ];
            plural(n, "user", has, have)
        }));
        let shared = twins(described, |user| Some(email(user)?.to_lowercase())).map(fix);
        found.extend(Finding::about(Weight::Look, "email_shared", shared, |n| {
            format!("{} share an email with another user", count(n, "user"))
        }));
    }
    let Some(users) = &all.users else { return found };
    let logins = |test: &dyn Fn(&&UserSummary) -> bool| -> Vec<&str> {
        users.iter().filter(test).map(|user| user.login.as_str()).collect()
    };
    if all.groups.as_ref().is_some_and(|groups| !groups.is_empty()) {
        found.extend(about_users(
            Weight::Look,
            "group_missing",
            &logins(&|user| user.hierarchy_group.is_none()),
            [
                "is in no hierarchy group, so reports by group leave them out",
                "are in no hierarchy group, so reports by group leave them out",
            ],
            "hierarchy_group:…",
        ));
    }
    found.extend(about_users(
        Weight::Wrong,
        "desk_phone_auto_accept",
        &logins(&|user| user.desk_phone && user.auto_accept),
        [
            "has auto-accept set with a desk phone, where it has no effect",
            "have auto-accept set with a desk phone, where it has no effect",
        ],
        "auto_accept:false",
    ));
    let endless = |user: &&UserSummary| user.endless_work.contains(&desk_core::center::Channel::Voice);
    found.extend(about_users(
        Weight::Look,
        "acw_endless",
        &logins(&endless),
        [
            "has an ACW of 0 seconds, so they get no contacts until they close the last one",
            "have an ACW of 0 seconds, so they get no contacts until they close the last one",
        ],
        &format!("acw:{}", all.acw),
    ));
    let show = |user: &UserSummary| (user.login.clone(), format!("/connect show {}", user.login));
    let named = |user: &&UserSummary| Some(folded(&user.full_name())).filter(|name| !name.is_empty());
    found.extend(Finding::about(Weight::Look, "users_alike", twins(users, named).map(show), |n| {
        format!("{} have the same name as another user", count(n, "user"))
    }));
    let cased = twins(users, |user| Some(user.login.to_lowercase())).map(show);
    found.extend(Finding::about(Weight::Look, "logins_alike", cased, |n| {
        format!("{} differ from another only in upper and lower case", count(n, "login"))
    }));
    found
}

/// Who may give anyone any right.
fn rights(all: &Everything) -> Option<Finding> {
    let (users, permissions, names) =
        (all.users.as_ref()?, all.permissions.as_ref()?, all.security_profiles.as_ref()?);
    let strong: BTreeMap<&str, &str> = names
        .iter()
        .filter(|profile| {
            let allowed = permissions.get(&profile.id);
            allowed.is_some_and(|allowed| allowed.iter().any(|permission| is_administrators(permission)))
        })
        .map(|profile| (profile.id.as_str(), profile.name.as_str()))
        .collect();
    let mut who = Vec::new();
    for user in users {
        let Some(profile) = user.security_profiles.iter().find_map(|id| strong.get(id.as_str())) else {
            continue;
        };
        let fix = match user.security_profiles.len() {
            // Everyone has one at least.
            1 => format!("/connect edit {} security_profiles:…", user.login),
            _ => format!("/connect edit {} remove_security_profile:{}", user.login, quoted(profile)),
        };
        who.push((user.login.clone(), fix));
    }
    let [has, have] = [
        "has a security profile with which they can give anyone any permission",
        "have a security profile with which they can give anyone any permission",
    ];
    Finding::about(Weight::Look, "administrators", who, |n| plural(n, "user", has, have))
}

/// What agents are in at this moment.
fn work(all: &Everything) -> Vec<Finding> {
    let mut found = Vec::new();
    let Some(active) = &all.active else { return found };
    let is_stuck = |user: &&ActiveUser| {
        let stuck = |state: &ContactState| matches!(state, ContactState::Missed | ContactState::Error);
        user.presence.held.iter().any(|contact| stuck(&contact.state))
    };
    let stuck = active.iter().filter(is_stuck);
    let stuck = stuck.map(|user| (user.login.clone(), format!("/connect dismiss {}", user.login)));
    found.extend(Finding::about(Weight::Wrong, "contact_stuck", stuck, |n| {
        let [has, have] = [
            "is stuck in a missed or failed contact and gets no new ones",
            "are stuck in a missed or failed contact and get no new ones",
        ];
        plural(n, "agent", has, have)
    }));
    let disable =
        |one: &AgentStatus| (one.name.clone(), format!("/connect status disable {}", quoted(&one.name)));
    let idle = idle_statuses(all).into_iter().map(disable);
    found.extend(Finding::about(Weight::Tidy, "status_unused", idle, |n| {
        plural(n, "status", "looks unused", "look unused")
    }));
    found
}

/// Custom statuses that no one is in now and that the desk has set no one to lately. Amazon Connect doesn't say when one was last used.
fn idle_statuses(all: &Everything) -> Vec<&AgentStatus> {
    let (Some(statuses), Some(active)) = (&all.statuses, &all.active) else { return Vec::new() };
    // Where no one is signed in, every status is without anyone.
    if active.is_empty() {
        return Vec::new();
    }
    let used: BTreeSet<&str> = active
        .iter()
        .flat_map(|user| user.presence.status.iter().chain(&user.presence.next_status))
        .map(String::as_str)
        .collect();
    let is_idle = |status: &&AgentStatus| {
        status.kind == StatusKind::Custom
            && status.enabled
            && !used.contains(status.name.as_str())
            && !all.statuses_set.contains(&status.id)
    };
    statuses.iter().filter(is_idle).collect()
}

fn parts(all: &Everything) -> Option<Parts> {
    let (users, queues, flows) = (all.users.as_ref()?, all.queues.as_ref()?, all.flows.as_ref()?);
    let (profiles, quick_connects) = (all.routing_profiles.as_ref()?, all.quick_connects.as_ref()?);
    let pairs = |id: &str| all.pairs.as_ref().and_then(|pairs| pairs.get(id)).cloned().unwrap_or_default();
    Some(Parts {
        quick_connects: quick_connects.clone(),
        users: users.iter().map(|user| user.id.clone()).collect(),
        queues: queues.iter().map(Switched::from).collect(),
        flows: flows.iter().map(Switched::from).collect(),
        profiles: profiles.iter().map(|profile| Serving::of(profile, pairs(&profile.id))).collect(),
        hours: all.hours.as_ref().map(|all| all.iter().map(|hours| hours.id.clone()).collect()),
        offers: all.offers.clone(),
    })
}

/// How a kind of orphan is said: its code, its weight, and the sentence for one and for several.
fn said(orphan: &Orphan) -> (&'static str, Weight, &'static str, [&'static str; 2]) {
    match orphan {
        Orphan::QuickConnectToNoUser { .. } => (
            "quick_connect_to_no_user",
            Weight::Wrong,
            "quick connect",
            ["has a destination user that is gone", "have destination users that are gone"],
        ),
        Orphan::QuickConnectToNoQueue { .. } => (
            "quick_connect_to_no_queue",
            Weight::Wrong,
            "quick connect",
            ["has a destination queue that is gone", "have destination queues that are gone"],
        ),
        Orphan::QuickConnectToDisabledQueue { .. } => (
            "quick_connect_to_disabled_queue",
            Weight::Wrong,
            "quick connect",
            ["has a disabled destination queue", "have disabled destination queues"],
        ),
        Orphan::QuickConnectThroughDeadFlow { .. } => (
            "quick_connect_through_dead_flow",
            Weight::Wrong,
            "quick connect",
            [
                "uses a flow that is gone, archived or not published",
                "use flows that are gone, archived or not published",
            ],
        ),
        Orphan::QuickConnectInNoQueue { .. } => (
            "quick_connect_in_no_queue",
            Weight::Tidy,
            "quick connect",
            ["is in no queue, so no agent sees it", "are in no queue, so no agent sees them"],
        ),
        Orphan::QueueInNoProfile { .. } => (
            "queue_in_no_profile",
            Weight::Wrong,
            "queue",
            [
                "is in no routing profile, so no agent gets its contacts",
                "are in no routing profile, so no agent gets their contacts",
            ],
        ),
        Orphan::QueueWithoutChannel { .. } => (
            "queue_without_channel",
            Weight::Wrong,
            "queue",
            [
                "is in a channel that its routing profile doesn't have, so its contacts there are not routed",
                "are in a channel that their routing profile doesn't have, so their contacts there are not routed",
            ],
        ),
        Orphan::QueueWithoutHours { .. } => (
            "queue_without_hours",
            Weight::Wrong,
            "queue",
            ["has no hours of operation", "have no hours of operation"],
        ),
        Orphan::ProfileWithoutOutboundQueue { .. } => (
            "profile_without_outbound_queue",
            Weight::Wrong,
            "routing profile",
            [
                "has a default outbound queue that is gone or disabled",
                "have default outbound queues that are gone or disabled",
            ],
        ),
        Orphan::ProfileServesNoQueue { .. } => (
            "profile_serves_no_queue",
            Weight::Wrong,
            "routing profile",
            ["has a queue that no longer exists", "have queues that no longer exist"],
        ),
        Orphan::ProfileWithoutQueue { .. } => (
            "profile_without_queue",
            Weight::Look,
            "routing profile",
            ["has no working queue", "have no working queue"],
        ),
        Orphan::ProfileWithoutUser { .. } => {
            ("profile_without_user", Weight::Tidy, "routing profile", ["has no users", "have no users"])
        }
    }
}

fn fix(all: &Everything, orphan: &Orphan) -> String {
    let name = quoted(&orphan.named().name);
    match orphan {
        Orphan::QuickConnectToNoUser { .. } | Orphan::QuickConnectToNoQueue { .. } => {
            format!("/connect quick remove {name}")
        }
        Orphan::QuickConnectToDisabledQueue { queue, .. } => {
            format!("/connect queue enable {}", quoted(&queue.name))
        }
        Orphan::QuickConnectThroughDeadFlow { .. } => format!("/connect quick edit {name} transfer_flow:…"),
        Orphan::QuickConnectInNoQueue { .. } => format!("/connect quick remove {name}"),
        Orphan::QueueInNoProfile { .. } => format!("/connect queue disable {name}"),
        Orphan::QueueWithoutChannel { queue, profile, channel } => {
            let mut profiles = all.routing_profiles.iter().flatten();
            match profiles.find(|one| one.id == profile.id) {
                Some(profile) => Lacking::new(profile, &[queue.name.as_str()], *channel).line,
                None => format!("/connect routing show {}", quoted(&profile.name)),
            }
        }
        Orphan::ProfileServesNoQueue { profile, queues } => unlink_gone(&profile.name, queues),
        Orphan::ProfileWithoutQueue { profile } => {
            format!("/connect routing link {} queues:…", quoted(&profile.name))
        }
        Orphan::QueueWithoutHours { .. } => format!("/connect queue edit {name} hours:…"),
        Orphan::ProfileWithoutOutboundQueue { profile, .. } => {
            format!("/connect routing edit {} default_queue:…", quoted(&profile.name))
        }
        Orphan::ProfileWithoutUser { profile } => format!("/connect routing show {}", quoted(&profile.name)),
    }
}

/// What a finding is about; the same queue may lack several channels, in several profiles.
fn thing(orphan: &Orphan) -> String {
    let name = &orphan.named().name;
    match orphan {
        Orphan::QueueWithoutChannel { profile, channel, .. } => {
            format!("{name} ({}, {})", channel.word(), profile.name)
        }
        _ => name.clone(),
    }
}

fn routing(all: &Everything) -> Vec<Finding> {
    let Some(parts) = parts(all) else { return Vec::new() };
    let mut by_code: BTreeMap<&'static str, Vec<Orphan>> = BTreeMap::new();
    let mut order = Vec::new();
    for orphan in orphans::orphans(&parts) {
        let (code, ..) = said(&orphan);
        if !order.contains(&code) {
            order.push(code);
        }
        by_code.entry(code).or_default().push(orphan);
    }
    let finding = |code: &'static str| {
        let orphans = by_code.get(code)?;
        let (_, weight, one, [is, are]) = said(orphans.first()?);
        // A queue may be in several channels that are lacking.
        let names: BTreeSet<&str> = orphans.iter().map(|orphan| orphan.named().name.as_str()).collect();
        let what = plural(names.len(), one, is, are);
        let things: Vec<(String, String)> =
            orphans.iter().map(|orphan| (thing(orphan), fix(all, orphan))).collect();
        let finding = Finding::new(weight, code, what).of(things);
        Some(match (code, orphans.len()) {
            (_, 1) => finding,
            ("quick_connect_to_no_user" | "quick_connect_to_no_queue", _) => {
                finding.fixed_by("/connect quick remove orphans:gone".to_owned())
            }
            ("quick_connect_in_no_queue", _) => {
                finding.fixed_by("/connect quick remove orphans:unlinked".to_owned())
            }
            _ => finding,
        })
    };
    order.into_iter().filter_map(finding).collect()
}

/// What no one has and nothing refers to.
fn unused(all: &Everything) -> Vec<Finding> {
    let mut found = Vec::new();
    let show =
        |family: &str, one: &Named| (one.name.clone(), format!("/connect {family} {}", quoted(&one.name)));
    if let (Some(users), Some(profiles)) = (&all.users, &all.security_profiles) {
        let had: BTreeSet<&String> = users.iter().flat_map(|user| &user.security_profiles).collect();
        let unused = profiles.iter().filter(|profile| !had.contains(&profile.id));
        let unused = unused.map(|one| show("security show", one));
        found.extend(Finding::about(Weight::Tidy, "security_profile_unused", unused, |n| {
            plural(n, "security profile", "has no users", "have no users")
        }));
    }
    if let (Some(users), Some(groups)) = (&all.users, &all.groups) {
        let path_of: BTreeMap<&str, &str> =
            groups.iter().map(|group| (group.id.as_str(), group.name.as_str())).collect();
        let full: Vec<&str> =
            users.iter().filter_map(|user| path_of.get(user.hierarchy_group.as_deref()?).copied()).collect();
        let is_empty = |group: &&Named| {
            let below = format!("{}/", group.name);
            !full.iter().any(|path| *path == group.name || path.starts_with(&below))
        };
        let empty: Vec<&Named> = groups.iter().filter(is_empty).collect();
        // A group above others is removed after them.
        let is_last = |group: &&&Named| {
            let below = format!("{}/", group.name);
            !empty.iter().any(|other| other.name.starts_with(&below))
        };
        let last = empty.iter().filter(is_last).map(|one| show("group remove", one));
        found.extend(Finding::about(Weight::Tidy, "group_empty", last, |n| {
            plural(n, "hierarchy group", "has no agents", "have no agents")
        }));
    }
    if let (Some(queues), Some(hours)) = (&all.queues, &all.hours) {
        let used: BTreeSet<&String> = queues.iter().filter_map(|queue| queue.hours_id.as_ref()).collect();
        let unused = hours.iter().filter(|one| !used.contains(&one.id));
        let unused = unused.map(|one| show("hours show", one));
        found.extend(Finding::about(Weight::Tidy, "hours_unused", unused, |_| {
            "No queue uses these hours of operation".to_owned()
        }));
    }
    found
}

/// What people can't tell apart.
fn alike(all: &Everything) -> Vec<Finding> {
    let mut found = Vec::new();
    let (flows, offers) = (all.flows.as_deref(), all.offers.as_ref());
    let mut names = |code, one: &str, family: &str, names: Vec<&String>| {
        let twins = twins(names, |name| Some(folded(name)));
        let twins =
            twins.map(|name| (name.clone(), format!("/connect {family} edit {} new_name:…", quoted(name))));
        found.extend(Finding::about(Weight::Look, code, twins, |n| {
            format!("{} have names that look the same", count(n, one))
        }));
    };
    if let Some(all) = &all.queues {
        names("queues_alike", "queue", "queue", all.iter().map(|one| &one.name).collect());
    }
    if let Some(all) = &all.routing_profiles {
        let all = all.iter().map(|one| &one.name).collect();
        names("routing_profiles_alike", "routing profile", "routing", all);
    }
    if let Some(all) = &all.quick_connects {
        names("quick_connects_alike", "quick connect", "quick", all.iter().map(|one| &one.name).collect());
        let to = |one: &&QuickConnectInfo| match &one.leads_to {
            LeadsTo::User { user_id, .. } => Some(format!("user {user_id}")),
            LeadsTo::Queue { queue_id, .. } => Some(format!("queue {queue_id}")),
            LeadsTo::Number(number) => Some(format!("number {number}")),
            LeadsTo::Flow { flow_id } => Some(format!("flow {flow_id}")),
            LeadsTo::Elsewhere(_) => None,
        };
        let queues = |one: &QuickConnectInfo| {
            offers.map_or(0, |offers| offers.values().filter(|offered| offered.contains(&one.id)).count())
        };
        let works = |one: &QuickConnectInfo| match &one.leads_to {
            LeadsTo::User { flow_id, .. } | LeadsTo::Queue { flow_id, .. } | LeadsTo::Flow { flow_id } => {
                flows.is_none_or(|flows| flows.iter().any(|flow| flow.id == *flow_id && flow.is_usable()))
            }
            LeadsTo::Number(_) | LeadsTo::Elsewhere(_) => true,
        };
        // The one that works and is in most queues stays, so that what is listed can be removed without a second look.
        let others = groups_of_twins(all, to).flat_map(|mut alike| {
            alike.sort_by_key(|one| std::cmp::Reverse((works(one), queues(one))));
            alike.split_off(1)
        });
        let others =
            others.map(|one| (one.name.clone(), format!("/connect quick remove {}", quoted(&one.name))));
        found.extend(Finding::about(Weight::Tidy, "quick_connects_to_one_place", others, |n| {
            plural(n, "quick connect", "has", "have") + " the same destination as another"
        }));
    }
    found
}

fn used_up(all: &Everything) -> Vec<Finding> {
    let mut found = Vec::new();
    for quota in QUOTAS {
        let most = match quota.code {
            Ok(code) => all.quotas.as_ref().and_then(|quotas| quotas.get(code)).copied(),
            Err(most) => Some(most),
        };
        let (Some(used), Some(most)) = ((quota.used)(all), most) else { continue };
        let Some((weight, percent)) = share(used, most) else { continue };
        let what = format!("{}: {used} of {most} ({percent} % of the quota)", quota.what);
        let finding = Finding::new(weight, "quota", what);
        found.push(match quota.code {
            Ok(code) => finding.fixed_by(raise(code, most)),
            Err(_) => finding.fixed_by("/connect status list".to_owned()),
        });
    }
    if let (Some(profiles), Some(most)) =
        (&all.routing_profiles, all.quotas.as_ref().and_then(|quotas| quotas.get(PAIRS)))
    {
        for profile in profiles {
            let used = usize::try_from(profile.pairs).unwrap_or(usize::MAX);
            if let Some((weight, percent)) = share(used, *most) {
                let name = whole(&profile.name);
                let what =
                    format!("Queues and channels of {name}: {used} of {most} ({percent} % of the quota)");
                let fix = format!("/connect routing unlink {} queues:… channels:…", quoted(&profile.name));
                found.push(Finding::new(weight, "quota", what).fixed_by(fix));
            }
        }
    }
    if let (Some(queues), Some(offers)) = (&all.queues, &all.offers) {
        for queue in queues {
            let used = offers.get(&queue.id).map_or(0, BTreeSet::len);
            if let Some((weight, percent)) = share(used, QUICK_CONNECTS_OF_QUEUE as f64) {
                let what = format!(
                    "Quick connects of {}: {used} of {QUICK_CONNECTS_OF_QUEUE} ({percent} % of what AWS allows)",
                    whole(&queue.name)
                );
                let fix = format!("/connect queue unlink {} quick_connects:…", quoted(&queue.name));
                found.push(Finding::new(weight, "quota", what).fixed_by(fix));
            }
        }
    }
    found
}

/// How much of a quota is used, where that is worth saying.
fn share(used: usize, most: f64) -> Option<(Weight, u64)> {
    if most <= 0.0 {
        return None;
    }
    let share = used as f64 / most;
    let percent = (share * 100.0).floor().max(0.0) as u64;
    match share {
        share if share >= FULL => Some((Weight::Wrong, percent)),
        share if share >= NEARLY => Some((Weight::Look, percent)),
        _ => None,
    }
}

/// The command of the AWS CLI that asks for twice as much: the desk has no right to.
fn raise(code: &str, most: f64) -> String {
    let wanted = (most * 2.0).ceil();
    format!(
        "aws service-quotas request-service-quota-increase --service-code connect --quota-code {code} --desired-value {wanted}"
    )
}
