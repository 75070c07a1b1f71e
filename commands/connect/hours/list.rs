use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count};
use desk_core::card::{Block, Card, Tone};
use desk_core::center::hours::{effective, spans};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Risk, Spec};

use crate::parts::hours;
use crate::parts::opens::opens;

pub(crate) const COMMAND: Command = command!(SPEC, answer);

const SPEC: Spec = Spec {
    about: "List hours of operation: today, the weekly schedule, and upcoming overrides",
    help: "Times are in each schedule's time zone. `/connect hours show` shows the schedule day by day.",
    risk: Risk::Read,
    also: &[],
    args: &[],
    examples: &["/connect hours list"],
    operations: &["SearchHoursOfOperations", "SearchHoursOfOperationOverrides"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let (all, overrides) = futures::try_join!(ask.center.hours(), ask.center.all_overrides())?;
    let (mut rows, mut to_come) = (Vec::new(), Vec::new());
    for hours in &all {
        let today = hours::local(hours, ask.now)?.date();
        let own = || overrides.iter().filter(|one| one.hours_id == hours.id).map(|one| &one.of);
        let open = effective(hours, own(), today);
        rows.push(vec![hours.name.clone(), spans(&open), hours.in_words(), hours.time_zone.clone()]);
        to_come.extend(
            own()
                .filter(|one| one.till >= today)
                .map(|one| format!("{} in {}: {}", code(&one.name), code(&hours.name), one.in_words())),
        );
    }
    let mut card = Card::new(Tone::Plain, format!("Hours of operation ({})", all.len()))
        .block(Block::table(["Hours", "Today", "Week", "Time zone"], rows));
    card.opens =
        opens("schedule", "/connect hours show <hours>", all.iter().map(|hours| hours.name.as_str()));
    if !to_come.is_empty() {
        card =
            card.block(Block::Points(format!("{} from today on", count(to_come.len(), "override")), to_come));
    }
    Ok(Answer::Card(card))
}
