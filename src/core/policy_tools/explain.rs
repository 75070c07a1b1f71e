//! Whether someone may ask a command and what it needs then, in words: `/desk why` and `connect-desk policy explain`.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::basics::problem::Problem;
use crate::basics::roles::{self, Person, Place, Role};
use crate::basics::text::{capital, code, count, list};
use crate::card::{Block, Card, Tone};
use crate::center::User;
use crate::command::{self, Entry};
use crate::log::OpenRequest;
use crate::plan::Impact;
use crate::policy::site::{Protected, Site};
use crate::policy::{Action, Policy, Reason, Requirements, Rule, Target};
use crate::request::emergency;
use crate::words::{EMERGENCY, Risk};

/// Who wants to know what, and when and where it would be asked.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    pub policy: &'a Policy,
    pub site: &'a Site,
    pub commands: &'a [Entry],
    /// The words of the command, in any case.
    pub command: &'a str,
    pub person: &'a Person,
    pub place: &'a Place,
    pub now: Timestamp,
    /// It would be asked as an emergency.
    pub emergency: bool,
    /// Earlier emergencies that count, as far as they are known.
    pub earlier: &'a [Arc<OpenRequest>],
    /// Names that the policy has and the contact center doesn't, as far as they are known.
    pub unknown: &'a BTreeSet<String>,
    /// The user whom it would be about.
    pub about: Option<&'a User>,
}

/// What some plans need, by what they have in common, or why they are refused.
type Rows = Vec<(String, Result<String, Problem>)>;

/// The answer; a problem when there is no such command.
pub fn explain(question: Question<'_>) -> Result<Card, Problem> {
    let Question { commands, site, emergency, about, unknown, .. } = question;
    let entry = command::called(commands, question.command)?;
    let spec = entry.command.spec;
    let mut what = code(&format!("/{}", entry.path));
    if let Some(user) = about {
        what.push_str(&format!(" about {}", code(&user.login)));
    }
    if emergency {
        what.push_str(" in an emergency");
    }
    let no = |problem: Problem| {
        let card = Card::new(Tone::Bad, format!("No, you can't use {what} here"))
            .text(&problem.message)
            .text(&problem.hint);
        match &problem.rule {
            Some(rule) => card.footer(format!("rule: {rule}")),
            None => card,
        }
    };
    let impact = Impact { unknown: unknown.clone(), ..about.map(touched_by).unwrap_or_default() };
    let protected =
        about.filter(|user| site.protected.has_user(user, unknown)).map(|user| user.login.clone());
    let way = Way { question, entry, impact: &impact, protected: protected.as_ref(), emergency };
    let card = |tone, start: &str, end: &str| Card::new(tone, format!("{start} {what} here{end}"));
    let opened = way.opens();
    let is_open = opened.is_ok();
    if let (Ok(rule), Risk::Read) = (&opened, spec.risk) {
        let hours = hours(rule).map(|hours| format!(" This applies {hours}.")).unwrap_or_default();
        return Ok(card(Tone::Good, "Yes, you can use", "")
            .text(format!("It changes nothing, so it needs no approval.{hours}"))
            .footer(format!("rule: {}", rule.name)));
    }
    let (mut rows, mut touching) = match is_open {
        true => (way.rows(), way.touching()),
        false => (Rows::new(), Rows::new()),
    };
    let refused = opened.err().or_else(|| rows.iter().find_map(|(_, row)| row.as_ref().err().cloned()));
    let is_one_allowed = |rows: &Rows| rows.iter().any(|(_, row)| row.is_ok());
    let (all, some) = (is_one_allowed(&rows), is_one_allowed(&touching));
    if !emergency && spec.arg(EMERGENCY.name).is_some() {
        let (urgent, beside) = way.in_an_emergency();
        rows.extend(urgent);
        touching.extend(beside);
    }
    let urgent = is_one_allowed(&rows) || is_one_allowed(&touching);
    // With some arguments it may plan nothing, which needs no other rule.
    let looks = is_open && entry.risks().any(|risk| risk == Risk::Read);
    let mut card = match refused {
        _ if all => card(Tone::Good, "Yes, you can use", ""),
        _ if some => card(Tone::Plain, "You can use", ", but not for every plan"),
        _ if urgent => card(Tone::Plain, "You can use", ", but only in an emergency"),
        Some(problem) if !looks => return Ok(no(problem)),
        _ => card(Tone::Plain, "You can use", ", but only to read"),
    };
    let facts = rows.into_iter().map(|(risks, row)| (capital(&risks), said(row))).collect();
    card = card.text("What it needs depends on the risk of the plan:").block(Block::Facts(facts));
    if !touching.is_empty() {
        let points = touching.into_iter().map(|(target, row)| format!("{target}: {}", said(row))).collect();
        card = card.block(Block::Points("Other rules apply if the plan affects".to_owned(), points));
    }
    Ok(match protection(&site.protected, about, protected.as_deref()) {
        Some(sentence) => card.text(sentence),
        None => card,
    })
}

/// One way to ask: as an emergency, or not.
#[derive(Clone, Copy)]
struct Way<'a> {
    question: Question<'a>,
    entry: &'a Entry,
    /// What any of its plans touches.
    impact: &'a Impact,
    /// The user whom it is about, if protected.
    protected: Option<&'a String>,
    emergency: bool,
}

impl<'a> Way<'a> {
    fn action(&self, risk: Risk, impact: Option<&'a Impact>) -> Action<'a> {
        let Question { place, now, .. } = self.question;
        Action { command: self.entry.path, risk, impact, emergency: self.emergency, place, now }
    }

    /// The rule by which it can be typed, whatever is decided about its plan.
    fn opens(&self) -> Result<&'a Rule, Problem> {
        let Question { policy, site, person, earlier, now, .. } = self.question;
        let rule = policy.rule_for(&self.action(self.entry.command.spec.risk, None), person)?;
        if self.emergency {
            emergency::allowed(&site.emergencies, person, &person.accounts(), earlier, now)?;
        }
        Ok(rule)
    }

    /// What a plan needs that touches this.
    fn plan(&self, risk: Risk, impact: &Impact) -> Result<String, Problem> {
        let Question { policy, person, .. } = self.question;
        let action = Action { impact: Some(impact), ..self.action(risk, None) };
        let hours = hours(policy.rule_for(&action, person)?).map(|hours| format!("; applies {hours}"));
        let needs = policy.needs(&action, person, self.entry.least_approval())?;
        let needs = needs.protecting(self.protected.cloned().into_iter().collect());
        Ok(format!("{}{} (rule: {})", needed(&needs), hours.unwrap_or_default(), needs.rule))
    }

    /// By the risk of the plan; what is alike is said once.
    fn rows(&self) -> Rows {
        let mut rows = Rows::new();
        for risk in risks_of(self.entry) {
            let row = self.plan(risk, self.impact);
            match rows.last_mut() {
                Some((risks, last)) if *last == row => risks.push_str(&format!(", {risk}")),
                _ => rows.push((risk.to_string(), row)),
            }
        }
        rows
    }

    /// By what the plan touches beside what all of them do, where that makes another rule decide.
    fn touching(&self) -> Rows {
        let Question { policy, person, .. } = self.question;
        let decides = |rule: &Rule, risk, impact: &Impact| {
            let action = Action { impact: Some(impact), ..self.action(risk, None) };
            policy.first_match(&action, person).is_some_and(|first| std::ptr::eq(first, rule))
        };
        let beside = |rule: &&Rule| !rule.touches.is_empty() && rule.is_about(self.entry.path);
        let row = |rule: &Rule| {
            let examples = rule.touches.examples(self.impact);
            risks_of(self.entry).into_iter().filter(|risk| !decides(rule, *risk, self.impact)).find_map(
                |risk| {
                    let impact = examples.iter().find(|impact| decides(rule, risk, impact))?;
                    Some((target(&rule.touches), self.plan(risk, impact)))
                },
            )
        };
        policy.rules.iter().filter(beside).filter_map(row).collect()
    }

    /// The rows of the same as an emergency, and those by what it touches: none where no rule has emergencies for it.
    fn in_an_emergency(self) -> (Rows, Rows) {
        let way = Way { emergency: true, ..self };
        let (mut rows, mut touching) = (way.rows(), way.touching());
        if rows.iter().chain(&touching).all(|(_, row)| row.is_err()) {
            return Default::default();
        }
        if let Err(problem) = way.opens() {
            // What they can do instead is what the other rows say.
            return (vec![(EMERGENCY.name.to_owned(), Err(problem.hint("")))], Rows::new());
        }
        let is_one = rows.len() == 1;
        for (risks, _) in &mut rows {
            *risks = if is_one { EMERGENCY.name.to_owned() } else { format!("{}, {risks}", EMERGENCY.name) };
        }
        touching.iter_mut().for_each(|(target, _)| target.push_str(", in an emergency"));
        (rows, touching)
    }
}

/// What becomes of plans, in words.
fn said(row: Result<String, Problem>) -> String {
    row.unwrap_or_else(|problem| match &problem.rule {
        Some(rule) => format!("{} (rule: {rule})", problem.sentences()),
        None => problem.sentences(),
    })
}

/// What protection adds, whichever rule decides. `login` is that of a protected user whom it is about.
fn protection(protected: &Protected, about: Option<&User>, login: Option<&str>) -> Option<String> {
    let profiles: Vec<String> = protected.security_profiles.iter().map(|name| code(name)).collect();
    match (about, login) {
        _ if *protected == Protected::default() => None,
        (_, Some(login)) => Some(format!(
            "{} is protected, so two others must approve every change, whichever rule applies.",
            code(login)
        )),
        (None, None) => Some(
            "Requests about a protected user need two approvals from others, whichever rule applies."
                .to_owned(),
        ),
        (Some(_), None) if profiles.is_empty() => None,
        (Some(_), None) => Some(format!(
            "A plan that gives the security profile {} needs two approvals from others, whichever rule applies.",
            list(&profiles, "or")
        )),
    }
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
    entry.risks().filter(|risk| *risk != Risk::Read || entry.command.spec.risk == Risk::Read).collect()
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
        let runs = if needs.approvals_needed() > 0 { "" } else { "runs immediately and " };
        said.push(format!("{runs}is reviewed afterwards"));
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

/// What a rule wants touched, as a sentence continues after "touches".
pub fn target(target: &Target) -> String {
    let named = |what: &str, names: &BTreeSet<String>| {
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
