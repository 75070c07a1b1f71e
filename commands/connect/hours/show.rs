use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count};
use desk_core::card::{Block, Card, Tone};
use desk_core::center::date_words;
use desk_core::center::hours::{day_word, spans};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Kind, Risk, Spec, Thing};
use jiff::ToSpan as _;

use crate::parts::hours;

pub(crate) const COMMAND: Command = command!(SPEC, answer);

/// Days that are shown, today included.
const DAYS: i64 = 14;

args! {
    struct ShowArgs {
        hours: String = required(Kind::Text(127), "The name of the hours of operation").of(Thing::Hours),
    }
}

const SPEC: Spec = Spec {
    about: "Show one hours of operation: the next two weeks, its overrides and its queues",
    help: "The schedule comes from Amazon Connect and includes all overrides. Times are in the schedule's time zone.",
    risk: Risk::Read,
    also: &[],
    args: ShowArgs::ARGS,
    examples: &["/connect hours show \"Basic Hours\""],
    operations: &[
        "GetEffectiveHoursOfOperations",
        "ListHoursOfOperationOverrides",
        "SearchHoursOfOperations",
        "SearchQueues",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let ShowArgs { hours } = ShowArgs::of(ask.args)?;
    let all = hours::meant(ask, &hours).await?;
    let [hours] = all.as_slice() else {
        return Err(Problem::requester(
            "hours_several",
            "Only one hours of operation can be shown at a time.",
        )
        .hint("`/connect hours list` shows all of them."));
    };
    let now = hours::local(hours, ask.now)?;
    let today = now.date();
    let last = today.checked_add((DAYS - 1).days()).unwrap_or(today);
    let days = ask.center.effective(&hours.id, today, last).await?;
    let known = hours::Known::of(ask, hours.clone(), today, today).await?;
    let queues = hours::queues(ask, &[&known]).await?;
    let mut facts = vec![
        ("Time zone".to_owned(), format!("{}, now {}", code(&hours.time_zone), now.time().strftime("%H:%M"))),
        ("Week".to_owned(), hours.in_words()),
    ];
    facts.extend(hours.description.iter().map(|text| ("Description".to_owned(), code(text))));
    let rows = days.iter().map(|day| {
        let date = format!("{} {}", day_word(day.date.weekday()), date_words(day.date));
        vec![date, spans(&day.open), day.by.join(", ")]
    });
    let mut card = Card::new(Tone::Plain, format!("Hours {}", code(&hours.name)))
        .block(Block::Facts(facts))
        .block(Block::table(["Date", "Open", "By the override"], rows));
    let mut to_come: Vec<_> = known.overrides.iter().filter(|one| one.of.till >= today).collect();
    to_come.sort_by(|a, b| (a.of.from, &a.of.name).cmp(&(b.of.from, &b.of.name)));
    if !to_come.is_empty() {
        let points =
            to_come.iter().map(|one| format!("{}: {}", code(&one.of.name), one.of.in_words())).collect();
        card =
            card.block(Block::Points(format!("{} from today on", count(to_come.len(), "override")), points));
    }
    Ok(Answer::Card(card.text(queues).footer(format!("id {}", hours.id))))
}
