//! What is wrong with rules as they are together: one that can never match, one that no one can answer, one that lets
//! someone decide alone. A pure function of the rules, the people and the commands.

use std::collections::BTreeSet;

use jiff::Timestamp;
use regex::Regex;

use crate::basics::hours::Hours;
use crate::basics::ids::{PersonId, Platform};
use crate::basics::roles::{self, Person, Place, Role};
use crate::basics::text::{self, code};
use crate::command::Entry;
use crate::plan::Impact;
use crate::plan::effect::LeastApproval;
use crate::policy::{APPROVE, Action, Policy, Quorum, Reason, Requirements, Rule};
use crate::policy_tools::explain::anybody;
use crate::words::{EMERGENCY, Risk};

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// The desk does not start with it.
    Error,
    Warning,
}

/// Something to say about a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its place among the rules, from 0.
    pub rule: usize,
    pub weight: Weight,
    pub message: String,
}

/// The longest time for which a plan may wait, in minutes: a year.
const EXPIRES_MAX: u32 = 366 * 24 * 60;

/// Looks through the rules. `people` are those the site names; `mapped` are roles that a chat platform gives to others too.
pub fn lint(policy: &Policy, people: &[Person], mapped: &BTreeSet<Role>, commands: &[Entry]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (i, rule) in policy.rules.iter().enumerate() {
        let mut say = |weight, message: String| findings.push(Finding { rule: i, weight, message });
        for (weight, message) in alone(rule).into_iter().chain(beside_its_commands(rule, commands)) {
            say(weight, message);
        }
        if let Some(broader) = policy.rules.iter().take(i).find(|broader| covers(broader, rule)) {
            say(
                Weight::Error,
                format!(
                    "The rule {} can never match: {} comes first and matches the same requests. Move it up, or remove it.",
                    code(&rule.name),
                    code(&broader.name)
                ),
            );
        }
        if let Some(open) = policy.rules.iter().skip(i + 1).find(|open| slips_past(rule, open)) {
            say(
                Weight::Warning,
                format!(
                    "The rule {} denies only in its channels, and {} allows the same in direct messages. Add `private = true`, or remove `channels`.",
                    code(&rule.name),
                    code(&open.name)
                ),
            );
        }
        for message in too_few(rule, policy, people, mapped) {
            say(Weight::Warning, message);
        }
        if let Some(message) = undone_with_less(rule, policy, commands) {
            say(Weight::Warning, message);
        }
    }
    findings
}

/// What is wrong with a rule whatever is around it.
fn alone(rule: &Rule) -> Vec<(Weight, String)> {
    let name = code(&rule.name);
    let mut wrong = Vec::new();
    let mut error = |message: String| wrong.push((Weight::Error, message));
    if let Reason::Like(pattern) = &rule.reason
        && let Err(fault) = Regex::new(pattern)
    {
        let fault = fault.to_string();
        let last = fault.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        error(format!("The pattern {} of the rule {name} is invalid ({last}). Correct it.", code(pattern)));
    }
    for group in &rule.and {
        if group.approvals == 0 || group.approvers.is_empty() {
            error(format!(
                "A group under `and` of the rule {name} has no approvals. Add its `approvals` and `approvers`."
            ));
        }
    }
    if rule.touches.people == Some(0) {
        error(format!("The rule {name} has `people = 0`. Use 1 or more, or remove `people`."));
    }
    if rule.emergency && !rule.deny {
        if rule.approvals > 0 || !rule.and.is_empty() {
            error(format!(
                "The rule {name} is for emergencies but needs approvals, which take time. Remove them. A supervisor reviews emergencies afterwards."
            ));
        }
        if !rule.confirm || !rule.second_factor || rule.reason.is_none() {
            error(format!(
                "The rule {name} allows someone to act alone. Add `confirm = true`, `second_factor = true` and a `reason`."
            ));
        }
        if rule.roles != [Role::Oncall].into() {
            error(format!(
                "The rule {name} is for emergencies, which only on-call people can request. Set `roles = [\"oncall\"]`."
            ));
        }
    }
    for message in without_effect(rule) {
        error(message);
    }
    if rule.reason == Reason::Like(String::new()) {
        error(format!(
            "The rule {name} has an empty `reason`. Use `reason = true`, or a pattern such as `INC-[0-9]+`."
        ));
    }
    if let Some(minutes) = rule.remind_minutes {
        if minutes == 0 {
            error(format!(
                "The rule {name} would send reminders continuously. Use 1 minute or more, or remove `remind_minutes`."
            ));
        } else if minutes >= rule.expires_minutes {
            error(format!(
                "The rule {name} reminds after {minutes} minutes, when its plans have already expired. Use less than {}.",
                rule.expires_minutes
            ));
        }
    }
    if let Some(escalate) = &rule.escalate {
        if escalate.approvers.is_empty() {
            error(format!("The rule {name} escalates to no one. Add the `approvers` of `escalate`."));
        }
        if escalate.after_minutes >= rule.expires_minutes {
            error(format!(
                "The rule {name} escalates after {} minutes, when its plans have already expired. Use less than {}.",
                escalate.after_minutes, rule.expires_minutes
            ));
        }
    }
    if rule.expires_minutes > EXPIRES_MAX {
        error(format!(
            "The plans of the rule {name} would be valid for more than a year. Use at most {EXPIRES_MAX} for `expires_minutes`."
        ));
    }
    if rule.expires_minutes == 0 {
        error(format!(
            "The plans of the rule {name} expire immediately. Use `expires_minutes = 60`, or remove it."
        ));
    }
    wrong
}

/// What a rule wants that its commands, or one that it names, can never be.
fn beside_its_commands(rule: &Rule, commands: &[Entry]) -> Vec<(Weight, String)> {
    let name = code(&rule.name);
    let about: Vec<&Entry> = commands.iter().filter(|entry| rule.is_about(entry.path)).collect();
    // A name that no command has is told by itself.
    if about.is_empty() {
        return Vec::new();
    }
    let none = |can: &dyn Fn(&Entry) -> bool| !about.iter().any(|entry| can(entry));
    let never = |why: String| (Weight::Error, format!("The rule {name} can never match: {why}"));
    let plans = |entry: &Entry| entry.command.spec.risk != Risk::Read;
    let mut wrong = Vec::new();
    if !rule.risk.is_empty() && none(&|entry| entry.risks().any(|risk| rule.risk.contains(&risk))) {
        let risks: Vec<String> = rule.risk.iter().map(|risk| code(risk.word())).collect();
        let risks = text::list(&risks, "or");
        wrong.push(never(format!("none of its commands can be {risks}. Correct `risk` or `commands`.")));
    }
    let destructive = rule.risk.is_empty() || rule.risk.contains(&Risk::Destructive);
    let is_alone = rule.approvals == 0 && rule.and.is_empty() && !rule.deny && !rule.emergency;
    let decides = || rule.commands.iter().any(|command| command.starts_with("desk"));
    if destructive
        && is_alone
        && !decides()
        && !none(&|entry| entry.risks().any(|risk| risk == Risk::Destructive))
    {
        wrong.push((
            Weight::Warning,
            format!("The rule {name} allows one person alone to make changes that can't be undone. Add `approvals`, or remove `destructive`."),
        ));
    }
    if rule.emergency && !rule.deny && none(&|entry| entry.command.spec.arg(EMERGENCY.name).is_some()) {
        wrong.push(never("none of its commands can be an emergency. Correct `commands`.".to_owned()));
    }
    wrong.extend(beside_admins(rule, &about).map(|message| (Weight::Warning, message)));
    if rule.touches.is_empty() {
        return wrong;
    }
    if none(&plans) {
        let why = "it has `touches`, and its commands only read. Remove `touches`, or name other commands.";
        wrong.push(never(why.to_owned()));
        return wrong;
    }
    let only_reads =
        |pattern: &&String| !commands.iter().any(|entry| within(entry.path, pattern) && plans(entry));
    let reads: Vec<String> = rule.commands.iter().filter(only_reads).map(|pattern| code(pattern)).collect();
    if !reads.is_empty() {
        let reads = text::list(&reads, "and");
        wrong.push((
            Weight::Warning,
            format!("The rule {name} has `touches`, so it never matches {reads}, where nothing is planned. Name that in a rule without `touches`."),
        ));
    }
    wrong
}

/// The keys of a rule that say who approves, where admins alone approve whatever its commands do.
fn beside_admins(rule: &Rule, about: &[&Entry]) -> Option<String> {
    let is_theirs = |entry: &&Entry| {
        let mut effects = entry.command.effects().peekable();
        effects.peek().is_some() && effects.all(|needs| needs.approval != LeastApproval::Rule)
    };
    let keys = [
        ("approvers", !rule.approvers.is_empty() && rule.approvers != [Role::Admin].into()),
        ("and", !rule.and.is_empty()),
        ("escalate", rule.escalate.is_some()),
    ];
    let there: Vec<String> = keys.iter().filter(|(_, there)| *there).map(|(key, _)| code(key)).collect();
    if rule.deny || there.is_empty() || !about.iter().all(is_theirs) {
        return None;
    }
    let (name, keys) = (code(&rule.name), text::list(&there, "and"));
    Some(format!(
        "Only admins can approve what the rule {name} is about, so {keys} can have no effect. Use `approvals` and `approvers = [\"admin\"]`."
    ))
}

/// The keys of a rule that do nothing beside its others, in a sentence each.
fn without_effect(rule: &Rule) -> Vec<String> {
    let name = code(&rule.name);
    // Each with whether it is there, and whether it is about approvals alone.
    let keys = [
        ("approvals", rule.approvals > 0, false),
        ("approvers", !rule.approvers.is_empty() && (rule.approvals == 0 || rule.deny), true),
        ("and", !rule.and.is_empty(), false),
        ("retype", rule.retype, true),
        // The requester gives a code with the confirmation.
        ("second_factor", rule.second_factor, !rule.confirm),
        ("caller", rule.caller, false),
        ("reason", !rule.reason.is_none(), false),
        ("escalate", rule.escalate.is_some(), true),
        ("remind_minutes", rule.remind_minutes.is_some(), true),
    ];
    let there = keys.into_iter().filter(|(_, is_there, _)| *is_there);
    if rule.deny {
        let keys: Vec<String> = there.map(|(key, ..)| code(key)).collect();
        return match keys.is_empty() {
            true => Vec::new(),
            false => vec![format!(
                "The rule {name} denies, so {} can have no effect. Remove that, or remove `deny`.",
                text::list(&keys, "and")
            )],
        };
    }
    let has_approvals = rule.approvals > 0 || !rule.and.is_empty();
    there
        .filter(|(key, _, of_approvals)| *key == "approvers" || *of_approvals && !has_approvals)
        .map(|(key, ..)| match key {
            "approvers" => format!(
                "The rule {name} has `approvers` but no `approvals`, so they approve nothing. Add `approvals = 1`, or remove `approvers`."
            ),
            key => format!(
                "The rule {name} has `{key}` but needs no approvals. Add `approvals` and `approvers`, or remove `{key}`."
            ),
        })
        .collect()
}

/// Whether everything that the lower rule matches is matched by the broader one above it.
fn covers(broader: &Rule, lower: &Rule) -> bool {
    let commands = broader.commands.is_empty()
        || (!lower.commands.is_empty()
            && lower
                .commands
                .iter()
                .all(|command| broader.commands.iter().any(|pattern| within(command, pattern))));
    let risk = broader.risk.is_empty() || (!lower.risk.is_empty() && lower.risk.is_subset(&broader.risk));
    let channels = broader.channels.is_empty()
        || (!lower.channels.is_empty() && lower.channels.is_subset(&broader.channels));
    let hours = || {
        broader.hours.is_empty()
            || (!lower.hours.is_empty() && lower.hours.iter().all(|hours| hours.are_among(&broader.hours)))
    };
    let private = broader.holds_in_private() || !lower.holds_in_private();
    let emergency = broader.deny || (!lower.deny && broader.emergency == lower.emergency);
    commands
        && risk
        && channels
        && private
        && broader.touches.covers(&lower.touches)
        && emergency
        && lower.roles.is_subset(&broader.roles)
        && hours()
}

/// Whether what the first rule denies in channels may be allowed by the one below it in a direct message.
fn slips_past(denies: &Rule, open: &Rule) -> bool {
    let commands = denies.commands.is_empty()
        || open.commands.is_empty()
        || denies
            .commands
            .iter()
            .any(|one| open.commands.iter().any(|other| within(one, other) || within(other, one)));
    denies.deny
        && !denies.holds_in_private()
        && !open.deny
        && open.private
        && commands
        && !denies.roles.is_disjoint(&open.roles)
        && (denies.risk.is_empty() || open.risk.is_empty() || !denies.risk.is_disjoint(&open.risk))
}

/// Whether all that a pattern matches another matches too: `connect reset` and `connect *` within `connect *`.
fn within(inner: &str, outer: &str) -> bool {
    match outer.strip_suffix(" *") {
        Some(start) => inner.strip_prefix(start).is_some_and(|rest| rest.starts_with(' ')),
        None => inner == outer,
    }
}

/// The command that undoes what others did.
const UNDO: &str = "connect undo";

/// A command of the rule whose change an undo can make without all that the rule requires of approvers, because another rule decides
/// about undoing.
fn undone_with_less(rule: &Rule, policy: &Policy, commands: &[Entry]) -> Option<String> {
    let has_approvals = rule.approvals > 0 || !rule.and.is_empty();
    if rule.deny || rule.emergency || !(has_approvals || rule.second_factor) {
        return None;
    }
    let undo = commands.iter().find(|entry| entry.path == UNDO)?;
    let makes = writes(undo);
    // What happens in Salesforce calls no operation of AWS by which it could be told.
    let is_made_by_undo = |entry: &&Entry| {
        let own = writes(entry);
        let in_aws = !own.is_empty() && own.is_subset(&makes);
        entry.path != UNDO && (in_aws || entry.path.starts_with("salesforce "))
    };
    let about: Vec<&Entry> =
        commands.iter().filter(|entry| rule.is_about(entry.path)).filter(is_made_by_undo).collect();
    if about.is_empty() {
        return None;
    }
    let channel = rule.channels.first().cloned().unwrap_or_default();
    let place = &Place { platform: Platform::Console, channel, private: false, parent: None };
    let id = PersonId::new(Platform::Console, "0").ok()?;
    let examples = rule.touches.examples(&Impact::default());
    let now = Timestamp::UNIX_EPOCH;
    for policy in at_its_hours(rule, policy) {
        for (role, risk) in rule.roles.iter().flat_map(|role| Risk::ALL.map(|risk| (*role, risk))) {
            let person = anybody([role], id.clone());
            for (impact, entry) in examples.iter().flat_map(|one| about.iter().map(move |entry| (one, entry)))
            {
                let asked =
                    |command| Action { command, risk, impact: Some(impact), emergency: false, place, now };
                let decides = policy.first_match(&asked(entry.path), &person).map(|first| &first.name);
                if risk == Risk::Read
                    || decides != Some(&rule.name)
                    || !entry.risks().any(|one| one == risk)
                    || !undo.risks().any(|one| one == risk)
                {
                    continue;
                }
                let needs =
                    |entry: &Entry| policy.needs(&asked(entry.path), &person, entry.least_approval()).ok();
                let (Some(undoing), Some(doing)) = (needs(undo), needs(entry)) else { continue };
                if is_less(&undoing, &doing) {
                    return Some(format!(
                        "By the rule {}, `/{UNDO}` can do what `/{}` does without all that the rule {} requires of approvers. Name `{UNDO}` in that rule, or in a rule of its own.",
                        code(&undoing.rule),
                        entry.path,
                        code(&rule.name)
                    ));
                }
            }
        }
    }
    None
}

/// The operations with which the effects of a command change something.
fn writes(entry: &Entry) -> BTreeSet<&'static str> {
    let reads = ["Describe", "Get", "List", "Search"];
    let operations = entry.command.effects().flat_map(|needs| needs.operations).copied();
    operations.filter(|operation| !reads.iter().any(|read| operation.starts_with(read))).collect()
}

/// The rules as they are at times at which this one holds: without hours, once for each list of hours that rules about undoing have.
fn at_its_hours(rule: &Rule, policy: &Policy) -> Vec<Policy> {
    let mut times: Vec<&Vec<Hours>> = Vec::new();
    for other in policy.rules.iter().filter(|other| other.name == rule.name || other.is_about(UNDO)) {
        if !times.contains(&&other.hours) {
            times.push(&other.hours);
        }
    }
    let is_then = |rule: &Rule, hours: &Vec<Hours>| rule.hours.is_empty() || rule.hours == *hours;
    times.retain(|hours| is_then(rule, hours));
    let then = |hours: &Vec<Hours>| {
        let rules = policy.rules.iter().filter(|rule| is_then(rule, hours));
        Policy { rules: rules.map(|rule| Rule { hours: Vec::new(), ..rule.clone() }).collect() }
    };
    times.into_iter().map(then).collect()
}

/// Whether some of these needs are fewer than the others: of the approvals that have to come from the same roles, or of what each
/// approver types.
fn is_less(these: &Requirements, others: &Requirements) -> bool {
    let groups = |needs: &Requirements| needs.groups(Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    let from = |needs: &Requirements, approvers: &BTreeSet<Role>| -> u32 {
        let groups = groups(needs).into_iter().filter(|group| group.approvers.is_subset(approvers));
        groups.map(|group| u32::from(group.approvals)).sum()
    };
    these.approvals_needed() < others.approvals_needed()
        || groups(others).iter().any(|group| from(these, &group.approvers) < from(others, &group.approvers))
        || others.retype && !these.retype
        || others.second_factor && !these.second_factor
}

/// Groups of which no one, too few, or only the requesters themselves could approve.
fn too_few(rule: &Rule, policy: &Policy, people: &[Person], mapped: &BTreeSet<Role>) -> Vec<String> {
    let first = Quorum { approvals: rule.approvals, approvers: rule.approvers.clone() };
    let groups = std::iter::once(&first).chain(&rule.and).filter(|group| group.approvals > 0 && !rule.deny);
    groups.flat_map(|group| too_few_of(group, rule, policy, people, mapped)).collect()
}

fn too_few_of(
    group: &Quorum,
    rule: &Rule,
    policy: &Policy,
    people: &[Person],
    mapped: &BTreeSet<Role>,
) -> Vec<String> {
    let next = rule.escalate.iter().flat_map(|next| &next.approvers);
    let named: BTreeSet<Role> = group.approvers.iter().chain(next).copied().collect();
    // Without the command no one is an approver, whichever role of theirs lets them use it.
    let could = |roles: &BTreeSet<Role>| policy.could_allow(APPROVE, Risk::Read, false, roles);
    let able: Vec<&Person> =
        people.iter().filter(|person| person.has_any(&named) && could(&person.roles)).collect();
    let can_approve =
        |role: &Role| could(&[*role].into()) || able.iter().any(|person| person.roles.contains(role));
    let (approvers, unable): (BTreeSet<Role>, BTreeSet<Role>) = named.into_iter().partition(can_approve);
    let name = code(&rule.name);
    let mut said = Vec::new();
    if !unable.is_empty() {
        said.push(format!(
            "The rule {name} needs approvals from {}, who can't use `/desk approve`. Allow it in a rule for them.",
            roles::words(&unable)
        ));
    }
    if approvers.is_empty() || approvers.iter().any(|role| mapped.contains(role) && could(&[*role].into())) {
        return said;
    }
    said.extend(match able.as_slice() {
        [only] if group.approvals == 1 && only.has_any(&rule.roles) => Some(format!(
            "Only {} could approve requests that the rule {name} lets them make themselves, so no one can approve their requests. Give one of the roles {} to someone else too.",
            code(&only.name),
            roles::words(&approvers)
        )),
        all if all.len() < usize::from(group.approvals) => {
            let could = match all.len() {
                0 => "no one".to_owned(),
                1 => "only 1 person".to_owned(),
                n => format!("only {n} people"),
            };
            Some(format!(
                "The rule {name} needs {} from {}, but {could} could give one. Give the role to more people.",
                text::count(usize::from(group.approvals), "approval"),
                roles::words(&approvers)
            ))
        }
        _ => None,
    });
    said
}
