use std::collections::{BTreeMap, BTreeSet};

use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{count, plain, span, whole};
use desk_core::card::{Block, Card, Mark, Style, Tone};
use desk_core::center::{Among, Named, UserSummary};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::formats::sheet;
use desk_core::log::{Event, Query};
use desk_core::plan::effect::UserInStatus;
use desk_core::policy::site::NewUsers;
use desk_core::words::{Kind, Risk, Spec};
use jiff::{SignedDuration, Timestamp};

use crate::parts::findings::{self, Everything, Finding, STATUSES_SET, Weight};
use crate::parts::routing;
use crate::parts::users::side_by_side;

pub(crate) const COMMAND: Command = command!(SPEC, answer);

/// Up to so many users are read one by one for their emails without being asked to: half a minute at Amazon Connect's own quota.
const READ_ANYWAY: usize = 60;

/// The operation that reading emails hangs on.
const READS: &str = "DescribeUser";

/// Findings that the card has; the file has all.
const SHOWN: usize = 8;

/// Buttons that it offers at most.
const BUTTONS: usize = 3;

/// The longest label of a button, in characters: it says the line that it sends.
const LABEL_MAX: usize = 40;

args! {
    struct CheckArgs {
        emails: bool = optional(Kind::Flag, "Also read every user to find missing and shared emails"),
    }
}

const SPEC: Spec = Spec {
    about: "Check the whole instance against best practices and the guides, with a fix for each finding",
    help: "Checks users, permissions, quick connects, queues, routing profiles, statuses, hours, groups and quotas. Nothing is changed. What can't be checked is listed. With more than 60 users, emails are read only with `emails:true`, because that takes a call for each user: two a second at Amazon Connect's default quota.",
    risk: Risk::Read,
    also: &["audit", "lint", "posture", "setup-check"],
    args: CheckArgs::ARGS,
    examples: &["/connect check", "/connect check emails:true"],
    operations: &[
        "DescribeInstance",
        "SearchUsers",
        "DescribeUser",
        "SearchUserHierarchyGroups",
        "SearchRoutingProfiles",
        "ListRoutingProfiles",
        "ListRoutingProfileQueues",
        "ListSecurityProfiles",
        "ListSecurityProfilePermissions",
        "SearchQueues",
        "ListContactFlows",
        "ListQuickConnects",
        "SearchQuickConnects",
        "ListQueueQuickConnects",
        "SearchAgentStatuses",
        "ListAgentStatuses",
        "GetCurrentUserData",
        "ListHoursOfOperations",
        "ListPhoneNumbersV2",
        "servicequotas:ListServiceQuotas",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let CheckArgs { emails } = CheckArgs::of(ask.args)?;
    let (all, unread) = read(ask, emails).await;
    if all.users.is_none() && all.queues.is_none() && all.routing_profiles.is_none() {
        // Nothing can be said of an instance that doesn't answer.
        if let Some((_, problem)) = unread.into_iter().find_map(|(what, problem)| Some((what, problem?))) {
            return Err(problem);
        }
        return Err(
            Problem::contact_center("unread", "The instance can't be read.").hint("Try again in a minute.")
        );
    }
    let found = findings::find(&all);
    let mut unknown: Vec<String> = unread.into_iter().map(|(what, problem)| line(&what, problem)).collect();
    unknown.extend(findings::not_measured(&all));
    Ok(Answer::Card(card(ask, &all, &found, unknown)))
}

/// What could not be read, and why where that is a problem.
type Unread = Vec<(String, Option<Problem>)>;

fn line(what: &str, problem: Option<Problem>) -> String {
    match problem {
        Some(problem) => format!("{what}: {}", problem.sentences()),
        None => what.to_owned(),
    }
}

/// Reads everything, each list beside the others; what can't be read is left out and named.
async fn read(ask: &Ask<'_>, emails: bool) -> (Everything, Unread) {
    let center = ask.center;
    let (instance, users, profiles, security, groups, queues, flows) = futures::join!(
        center.instance(),
        center.every_user(),
        center.all_routing_profiles(),
        center.security_profiles(),
        center.hierarchy_paths(),
        center.all_queues(),
        center.flows(),
    );
    let (quick_connects, statuses, active, hours, numbers, quotas) = futures::join!(
        center.all_quick_connects(),
        center.agent_statuses(),
        center.active(&Among::Everyone),
        center.hours_of_operation(),
        center.phone_numbers(),
        center.quotas(),
    );
    let mut unread = Unread::new();
    let mut all = Everything {
        acw: match ask.site.new_users.acw {
            0 => NewUsers::default().acw,
            seconds => seconds,
        },
        identity: kept(&mut unread, "Where passwords are kept", instance).map(|instance| instance.identity),
        users: kept(&mut unread, "Users", users),
        routing_profiles: kept(&mut unread, "Routing profiles", profiles),
        security_profiles: kept(&mut unread, "Security profiles", security),
        groups: kept(&mut unread, "Hierarchy groups", groups),
        queues: kept(&mut unread, "Queues", queues),
        flows: kept(&mut unread, "Flows", flows),
        quick_connects: kept(&mut unread, "Quick connects", quick_connects),
        statuses: kept(&mut unread, "Agent statuses", statuses),
        active: kept(&mut unread, "Who is active", active),
        hours: kept(&mut unread, "Hours of operation", hours),
        phone_numbers: kept(&mut unread, "Phone numbers", numbers),
        quotas: kept(&mut unread, "Quotas", quotas),
        ..Everything::default()
    };
    let (pairs, permissions, offers) = futures::join!(
        routing::pairs(ask, all.routing_profiles.as_deref().unwrap_or_default()),
        permissions(
            ask,
            all.users.as_deref().unwrap_or_default(),
            all.security_profiles.as_deref().unwrap_or_default()
        ),
        async {
            let queues = all.queues.iter().flatten();
            let queues: Vec<Named> =
                queues.map(|queue| Named { id: queue.id.clone(), name: queue.name.clone() }).collect();
            center.offers_of(&queues).await
        },
    );
    all.pairs = kept(&mut unread, "Channels of queues in routing profiles", pairs);
    all.permissions = kept(&mut unread, "What security profiles allow", permissions);
    all.offers = kept(&mut unread, "What queues offer", offers);
    match statuses_set(ask).await {
        Ok(set) => all.statuses_set = set,
        Err(problem) => unread.push(("Which statuses the desk has set".to_owned(), Some(problem))),
    }
    let ids: Vec<String> = all.users.iter().flatten().map(|user| user.id.clone()).collect();
    if emails || ids.len() <= READ_ANYWAY {
        all.described = kept(&mut unread, "Emails", center.users_with_ids(&ids).await);
    } else {
        let takes = center.pace(READS).map(|pace| span((ids.len() as f64 / pace).ceil() as i64));
        let takes = takes.map(|takes| format!(", which takes about {takes}")).unwrap_or_default();
        unread.push((
            format!("Emails of {}{takes}: add `emails:true` to read them.", count(ids.len(), "user")),
            None,
        ));
    }
    (all, unread)
}

fn kept<T>(unread: &mut Unread, what: &str, read: Result<T, Problem>) -> Option<T> {
    match read {
        Ok(read) => Some(read),
        Err(problem) => {
            unread.push((what.to_owned(), Some(problem)));
            None
        }
    }
}

/// The statuses that someone was to be set to from here lately, as the log has it.
async fn statuses_set(ask: &Ask<'_>) -> Result<BTreeSet<String>, Problem> {
    let since = ask.now.checked_sub(SignedDuration::from_hours(STATUSES_SET * 24)).unwrap_or(Timestamp::MIN);
    let query = Query { since: Some(since), limit: usize::MAX, ..Query::default() };
    let lines = ask.log.history(&query).await?;
    let plans = lines.iter().filter_map(|line| match &line.event {
        Event::Planned { plan, .. } => Some(plan),
        _ => None,
    });
    let steps = plans.flat_map(|plan| &plan.steps);
    Ok(steps.filter_map(|step| Some(step.effect.get::<UserInStatus>()?.status.id.clone())).collect())
}

/// What the security profiles allow that someone has.
async fn permissions(
    ask: &Ask<'_>,
    users: &[UserSummary],
    profiles: &[Named],
) -> Result<BTreeMap<String, Vec<String>>, Problem> {
    let had: BTreeSet<&String> = users.iter().flat_map(|user| &user.security_profiles).collect();
    let reads = profiles
        .iter()
        .filter(|profile| had.contains(&profile.id))
        .map(|profile| async move { Ok((profile.id.clone(), ask.center.permissions(profile).await?)) });
    Ok(side_by_side(reads).await?.into_iter().collect())
}

fn card(ask: &Ask<'_>, all: &Everything, found: &[Finding], unknown: Vec<String>) -> Card {
    let wrong = found.iter().filter(|finding| finding.weight == Weight::Wrong).count();
    let title = match (found.len(), wrong) {
        (0, _) => "Check: nothing found".to_owned(),
        (n, 0) => format!("Check: {}", count(n, "finding")),
        (n, wrong) => format!("Check: {}, {wrong} to fix", count(n, "finding")),
    };
    let tone = match (found.len(), wrong) {
        (0, _) => Tone::Good,
        (_, 0) => Tone::Plain,
        _ => Tone::Alarm,
    };
    let mut card = Card::new(tone, title);
    if !found.is_empty() {
        let steps = found.iter().take(SHOWN).map(|finding| {
            let mark = match finding.weight {
                Weight::Wrong => Mark::Failed,
                Weight::Look => Mark::Look,
                Weight::Tidy => Mark::Todo,
            };
            let fix = finding.first_fix().map(|fix| format!(" {}", whole(fix))).unwrap_or_default();
            (mark, format!("{}{fix}", finding.line()))
        });
        card = card.block(Block::Steps(steps.collect()));
        if found.len() > SHOWN {
            card = card.text(format!("And {} in `check.csv`.", count(found.len() - SHOWN, "more finding")));
        }
        card = card.block(Block::File { name: "check.csv".to_owned(), text: file(found) });
    }
    if !unknown.is_empty() {
        card = card.block(Block::Points("Not measured".to_owned(), unknown));
    }
    // What still lacks something is nothing to press.
    let whole_lines = found.iter().filter_map(Finding::first_fix);
    let lines = whole_lines.filter(|line| line.starts_with('/') && !line.contains('…') && ask.may_type(line));
    // One line may fix several findings.
    let mut offered = BTreeSet::new();
    for line in lines.filter(|line| offered.insert(*line)).take(BUTTONS) {
        let label = plain(line.trim_start_matches("/connect "), LABEL_MAX);
        card = card.says(line, &label, Style::Quiet);
    }
    let footer: Vec<String> = [
        all.users.as_ref().map(|all| count(all.len(), "user")),
        all.queues.as_ref().map(|all| count(all.len(), "queue")),
        all.routing_profiles.as_ref().map(|all| count(all.len(), "routing profile")),
        all.quick_connects.as_ref().map(|all| count(all.len(), "quick connect")),
    ]
    .into_iter()
    .flatten()
    .collect();
    card.footer(footer.join(" · ")).private()
}

/// Everything that was found, a row for each thing with the command that fixes it.
fn file(found: &[Finding]) -> String {
    let rows = found.iter().flat_map(|finding| {
        let weight = match finding.weight {
            Weight::Wrong => "wrong",
            Weight::Look => "look",
            Weight::Tidy => "tidy",
        };
        let row = |name: &str, fix: &str| {
            [
                weight.to_owned(),
                finding.code.to_owned(),
                finding.what.clone(),
                name.to_owned(),
                fix.to_owned(),
            ]
        };
        match finding.things.as_slice() {
            [] => vec![row("", finding.fix.as_deref().unwrap_or_default())],
            things => things.iter().map(|(name, fix)| row(name, fix)).collect(),
        }
    });
    sheet::rows_file(["weight", "finding", "what", "name", "fix"], rows)
}
