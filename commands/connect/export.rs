use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, list, span};
use desk_core::card::Block;
use desk_core::center::{Found, Named};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{EffectKind as _, ExportGiven, UsersRead};
use desk_core::plan::{Plan, Step};
use desk_core::policy::schedule::Schedule;
use desk_core::words::{Kind, REASON, Risk, Spec};

use crate::parts::filter::{self, FilterArgs};

pub(crate) const COMMAND: Command =
    command!(SPEC, answer, &[UsersRead::NEEDS, ExportGiven::NEEDS]).titled(|_| "Export users".to_owned());

/// The most users of one file. At Amazon Connect's quota they take close to three hours.
const USERS_MAX: usize = 20_000;

/// Users that one step reads: what a restart may have to read again.
const USERS_A_STEP: usize = 25;

/// The operation that the time of an export hangs on.
const READS: &str = "DescribeUser";

args! {
    struct ExportArgs {
        ..filter: FilterArgs,
        format: Option<String> =
            optional(Kind::Choice(&[("csv", ""), ("json", "")]), "The kind of file; csv by default"),
        schedule: Option<String> =
            optional(Kind::Word(40), "The schedule in the configuration that it runs for; the desk says it"),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Export users to a file that can be imported again, as CSV or JSON",
    help: "Without options, all users are exported. With several options, a user must match all of them. Each user is read as fast as Amazon Connect allows, and the export continues after a restart. The file is encrypted, and only you can get it.",
    // It changes nothing, but hands out the data of people: of many it needs an approval.
    risk: Risk::Sensitive,
    also: &["download", "report"],
    args: ExportArgs::ARGS,
    examples: &[
        "/connect export hierarchy_group:\"Tracers East\"",
        "/connect export routing_profile:\"Basic Routing Profile\" format:json",
    ],
    operations: &["SearchUsers", "ListRoutingProfiles"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let ExportArgs { filter, format, schedule } = ExportArgs::of(ask.args)?;
    let schedule = schedule.map(|name| scheduled(ask, &name)).transpose()?;
    let filter = filter::read(ask, filter).await?;
    let (mut found, total) = ask.center.search(&filter, USERS_MAX + 1).await?;
    if found.is_empty() {
        return Err(Problem::requester("export_empty", "No users match, so there is nothing to export.")
            .hint("Leave out the options to export all users, or try the options with `/connect find`."));
    }
    if found.len() > USERS_MAX {
        let message = format!("{} match, and one file takes at most {USERS_MAX}.", count(total, "user"));
        return Err(Problem::requester("export_too_many", message)
            .hint("Export them in several files, such as one for each `hierarchy_group:…`."));
    }
    // A user that moves between two pages of the search comes twice.
    found.dedup_by(|a, b| a.id == b.id);
    let format = format.as_deref().unwrap_or("csv");
    let mut plan = plan(&found, format, ask.center.pace(READS));
    if let Some(schedule) = schedule {
        give(&mut plan, schedule, format, ask).await?;
    }
    Ok(Answer::Plan(plan))
}

/// The schedule of this name, if it runs in the name of the requester.
fn scheduled<'a>(ask: &Ask<'a>, name: &str) -> Result<&'a Schedule, Problem> {
    let Some(schedule) = ask.site.schedules.iter().find(|schedule| schedule.name == name) else {
        let message = format!("The configuration has no [[schedule]] {}.", code(name));
        return Err(Problem::requester("schedule_unknown", message)
            .hint("Leave `schedule:…` out to export now, for yourself."));
    };
    if !ask.by.accounts().contains(&schedule.by) {
        let message = format!("The schedule {} doesn't run as you.", code(name));
        return Err(Problem::requester("schedule_not_yours", message)
            .hint("Leave `schedule:…` out to export now, for yourself."));
    }
    Ok(schedule)
}

/// What a scheduled export does with its file, as the last step. All of its users are read before.
async fn give(plan: &mut Plan, schedule: &Schedule, format: &str, ask: &Ask<'_>) -> Result<(), Problem> {
    let day = schedule
        .times
        .last(ask.now)
        .map_or_else(|| "now".to_owned(), |due| schedule.times.day(due).to_string());
    let file = format!("{}-{day}.{format}", schedule.name);
    for step in &mut plan.steps {
        step.part = 0;
    }
    let title = match &schedule.folder {
        Some(folder) => format!("Write {} to {}", code(&file), code(folder)),
        None => format!("Seal {} for {}", code(&file), count(schedule.to.len(), "more person")),
    };
    let (to, folder) = (schedule.to.clone(), schedule.folder.clone());
    let given = ExportGiven { to, folder, file, format: format.to_owned() };
    plan.steps.push(Step::new(title, given));
    let mut to = Vec::new();
    for account in &schedule.to {
        let shown = code(&account.to_string());
        let person = ask.people.person(account).await?;
        to.push(person.map_or_else(|| shown.clone(), |person| format!("{} ({shown})", code(&person.name))));
    }
    let mut facts = vec![("Schedule".to_owned(), code(&schedule.name))];
    facts.extend((!to.is_empty()).then(|| ("File for".to_owned(), list(&to, "and"))));
    facts.extend(schedule.folder.iter().map(|folder| ("Folder".to_owned(), code(folder))));
    plan.blocks.insert(0, Block::Facts(facts));
    Ok(())
}

fn plan(found: &[Found], format: &str, pace: Option<f64>) -> Plan {
    let users = count(found.len(), "user");
    let takes = pace.and_then(|pace| takes(found.len(), pace));
    let steps = (0..).zip(found.chunks(USERS_A_STEP)).map(|(part, chunk)| {
        let title = match chunk {
            [only] => format!("Read {}", code(&only.login)),
            [first, .., last] => format!("Read {} to {}", code(&first.login), code(&last.login)),
            [] => "Read no users".to_owned(),
        };
        let users =
            chunk.iter().map(|user| Named { id: user.id.clone(), name: user.login.clone() }).collect();
        Step::new(title, UsersRead { users }).of_part(part)
    });
    Plan {
        blocks: takes
            .map(|takes| Block::Facts(vec![("Takes about".to_owned(), takes)]))
            .into_iter()
            .collect(),
        steps: steps.collect(),
        ..Plan::new(format!("Export {users} as {}.", format.to_uppercase()))
    }
}

/// How long reading so many users takes at so many a second; nothing for what is over immediately.
fn takes(users: usize, pace: f64) -> Option<String> {
    let seconds = f64::from(u32::try_from(users).ok()?) / pace;
    (seconds >= 10.0).then(|| format!("{}, at {pace} a second", span(seconds.ceil() as i64)))
}
