//! Whether someone may ask a command and what it needs then, in words: `/desk why` and `connect-desk policy explain`.

use jiff::Timestamp;

use crate::basics::problem::Problem;
use crate::basics::roles::{self, Person, Place, Role};
use crate::basics::text::{capital, code, count, list};
use crate::card::{Block, Card, Tone};
use crate::center::User;
use crate::command::{self, Entry};
use crate::plan::Impact;
use crate::policy::site::Protected;
use crate::policy::{Action, Policy, Reason, Requirements, Rule, Target};
use crate::words::{EMERGENCY, Risk};

/// Who wants to know what, and when and where it would be asked.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    pub policy: &'a Policy,
    pub protected: &'a Protected,
    pub commands: &'a [Entry],
    /// The words of the command, in any case.
    pub command: &'a str,
    pub person: &'a Person,
    pub place: &'a Place,
    pub now: Timestamp,
    /// It would be asked as an emergency.
    pub emergency: bool,
    /// The user whom it would be about.
    pub about: Option<&'a User>,
}

/// The answer; a problem when there is no such command.
pub fn explain(question: Question<'_>) -> Result<Card, Problem> {
    let Question { policy, protected, commands, person, place, now, emergency, about, .. } = question;
    let entry = command::called(commands, question.command)?;
    let spec = entry.command.spec;
    let most = spec.risk;
    let mut command = code(&format!("/{}", entry.path));
    if let Some(user) = about {
        command.push_str(&format!(" about {}", code(&user.login)));
    }
    let urgent = if emergency { " in an emergency" } else { "" };
    let asked = Action { command: entry.path, risk: most, impact: None, emergency, place, now };
    let rule = match policy.rule_for(&asked, person) {
        Ok(rule) => rule,
        Err(problem) => {
            let card = Card::new(Tone::Bad, format!("No, you can't use {command}{urgent} here"))
                .text(&problem.message)
                .text(&problem.hint);
            return Ok(match &problem.rule {
                Some(rule) => card.footer(format!("rule: {rule}")),
                None => card,
            });
        }
    };
    let yes = Card::new(Tone::Good, format!("Yes, you can use {command}{urgent} here"));
    if most == Risk::Read {
        let hours = hours(rule).map(|hours| format!(" This applies {hours}.")).unwrap_or_default();
        return Ok(yes
            .text(format!("It changes nothing, so it needs no approval.{hours}"))
            .footer(format!("rule: {}", rule.name)));
    }
    let impact = about.map(touched_by).unwrap_or_default();
    let risks = || risks_of(entry).into_iter();
    let plan = |risk| Action { risk, impact: Some(&impact), ..asked };
    let mut facts: Vec<(String, String)> = Vec::new();
    for risk in risks() {
        let message = message(policy, entry, &plan(risk), person)
            .unwrap_or_else(|| format!("not allowed for you; ask {}", policy.who_could(&plan(risk))));
        match facts.last_mut() {
            // What is alike is said once.
            Some((risks, last)) if *last == message => risks.push_str(&format!(", {risk}")),
            _ => facts.push((risk.to_string(), message)),
        }
    }
    facts.iter_mut().for_each(|(risks, _)| *risks = capital(risks));
    if !emergency && spec.arg(EMERGENCY.name).is_some() {
        let mut ways: Vec<String> = risks()
            .filter_map(|risk| message(policy, entry, &Action { emergency: true, ..plan(risk) }, person))
            .collect();
        ways.dedup();
        facts.extend(ways.into_iter().map(|way| ("Emergency".to_owned(), way)));
    }
    let mut card = yes;
    if risks().all(|risk| policy.rule_for(&plan(risk), person).is_err()) {
        // The rule is about looking only, and matches before anybody knows the plan.
        card = Card::new(Tone::Plain, format!("You can use {command}{urgent} here, but only to read"));
        facts.extend(
            message(policy, entry, &plan(Risk::Read), person).map(|message| ("Read".to_owned(), message)),
        );
    }
    card = card.text("What it needs depends on the risk of the plan:").block(Block::Facts(facts));
    let more = touching(policy, entry, &asked, &risks_of(entry), person);
    if about.is_none() && !more.is_empty() {
        card = card.block(Block::Points("Other rules apply if the plan affects".to_owned(), more));
    }
    if !emergency && *protected != Protected::default() {
        card = card
            .text("Requests about a protected user need two approvals from others, whichever rule applies.");
    }
    Ok(card)
}

/// What a plan about this user touches, as far as it is known before there is one.
pub fn touched_by(user: &User) -> Impact {
    let mut impact = Impact::default();
    let profile = &user.profile;
    Impact::add(&mut impact.logins, [user.login.as_str()]);
    let names = profile.security_profiles.iter().map(|named| named.name.as_str());
    Impact::add(&mut impact.security_profiles, names);
    profile.hierarchy_group.iter().for_each(|group| impact.add_group(&group.name));
    impact
}

/// What the plans of a command may be.
pub fn risks_of(entry: &Entry) -> Vec<Risk> {
    entry.command.spec.risk.of_plans().collect()
}

/// What the deciding rule says of a plan; none when no rule allows it.
fn message(policy: &Policy, entry: &Entry, matter: &Action<'_>, person: &Person) -> Option<String> {
    let rule = policy.rule_for(matter, person).ok()?;
    let needs = policy.needs(matter, person, entry.least_approval()).ok()?;
    let hours = hours(rule).map(|hours| format!("; applies {hours}")).unwrap_or_default();
    Some(format!("{}{hours} (rule: {})", needed(&needs), needs.rule))
}

fn hours(rule: &Rule) -> Option<String> {
    let hours: Vec<String> = rule.hours.iter().map(ToString::to_string).collect();
    (!hours.is_empty()).then(|| list(&hours, "and"))
}

/// What a plan needs: `needs your confirmation and 1 approval from supervisor or admin; expires after 60 min`.
pub fn needed(needs: &Requirements) -> String {
    let mut words = Vec::new();
    if needs.confirm {
        words.push("your confirmation".to_owned());
    }
    words.extend(approvals(needs));
    match &needs.reason {
        Reason::Wanted(false) => {}
        Reason::Wanted(true) => words.push("a reason".to_owned()),
        Reason::Like(pattern) => words.push(format!("a reason that matches {}", code(pattern))),
    }
    if needs.caller {
        words.push("caller verification".to_owned());
    }
    if needs.retype && needs.approvals_needed() > 0 {
        words.push("the login typed again by each approver".to_owned());
    }
    if needs.second_factor {
        let with = match (needs.confirm, needs.approvals_needed() > 0) {
            (true, true) => "with each confirmation and approval",
            (true, false) => "with your confirmation",
            (false, _) => "from each approver",
        };
        words.push(format!("an authenticator code {with}"));
    }
    let words = if words.is_empty() { "no approval".to_owned() } else { list(&words, "and") };
    let mut said = vec![format!("needs {words}")];
    if needs.emergency {
        said.push("runs immediately and is reviewed afterwards".to_owned());
    }
    if needs.approvals_needed() > 0 {
        said.push(format!("expires after {} min", needs.expires_minutes));
        said.extend(
            needs.remind_minutes.map(|minutes| format!("approvers are reminded every {minutes} min")),
        );
        said.extend(needs.escalate.as_ref().map(|next| {
            format!("after {} min, {} can approve too", next.after_minutes, roles::words(&next.approvers))
        }));
    }
    said.join("; ")
}

/// The approvals of others, by group: `1 approval from supervisor or admin`.
pub fn approvals(needs: &Requirements) -> Vec<String> {
    let group = |approvals: u8, approvers| {
        format!("{} from {}", count(usize::from(approvals), "approval"), roles::words(approvers))
    };
    let groups = needs.groups(Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    groups.iter().map(|one| group(one.approvals, &one.approvers)).collect()
}

/// The rules that decide on some of the plans only, because of what these touch.
fn touching(
    policy: &Policy,
    entry: &Entry,
    asked: &Action<'_>,
    risks: &[Risk],
    person: &Person,
) -> Vec<String> {
    let mut said = Vec::new();
    for rule in policy.rules.iter().filter(|rule| !rule.touches.is_empty() && rule.is_about(asked.command)) {
        let impact = rule.touches.example();
        let decides = risks.iter().copied().find(|risk| {
            let plan = Action { risk: *risk, impact: Some(&impact), ..*asked };
            policy.first_match(&plan, person).is_some_and(|first| std::ptr::eq(first, rule))
        });
        let Some(risk) = decides else { continue };
        let plan = Action { risk, impact: Some(&impact), ..*asked };
        let message =
            message(policy, entry, &plan, person).unwrap_or_else(|| format!("refused (rule: {})", rule.name));
        said.push(format!("{}: {message}", target(&rule.touches)));
    }
    said
}

/// What a rule wants touched, as a sentence continues after "touches".
pub fn target(target: &Target) -> String {
    let named = |what: &str, names: &std::collections::BTreeSet<String>| {
        let names: Vec<String> = names.iter().map(|name| code(name)).collect();
        (!names.is_empty()).then(|| format!("{what} {}", list(&names, "or")))
    };
    let people = target.people.map(|people| format!("{people} or more people"));
    let words: Vec<String> = [
        named("the login", &target.logins),
        named("the security profile", &target.security_profiles),
        named("the group", &target.groups),
        named("the Salesforce permission set", &target.permission_sets),
        people,
        target.agents_left.map(|left| match left {
            0 => "a queue that would be left with no agents".to_owned(),
            n => format!("a queue that would be left with {} or fewer", count(n, "agent")),
        }),
    ]
    .into_iter()
    .flatten()
    .collect();
    list(&words, "and")
}

/// Someone who has these roles and is no one in particular.
pub fn anybody(roles: impl IntoIterator<Item = Role>, id: crate::basics::ids::PersonId) -> Person {
    Person {
        id,
        name: "someone".to_owned(),
        roles: roles.into_iter().collect(),
        login: None,
        also: Default::default(),
    }
}
