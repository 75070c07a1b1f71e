use async_trait::async_trait;
use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, span};
use desk_core::card::Block;
use desk_core::center::{Found, Named};
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{EffectKind as _, EffectNeeds, UsersRead};
use desk_core::plan::{Plan, Step};
use desk_core::words::{Kind, REASON, Risk, Spec};

use crate::parts::filter::{self, FilterArgs};

pub(crate) const COMMAND: &dyn Command = &Export;

struct Export;

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

#[async_trait]
impl Command for Export {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn effects(&self) -> &'static [EffectNeeds] {
        const { &[UsersRead::NEEDS] }
    }

    async fn answer(&self, ask: &Ask<'_>) -> Result<Answer, Problem> {
        let ExportArgs { filter, format } = ExportArgs::of(ask.args)?;
        let filter = filter::read(ask, filter).await?;
        let (mut found, total) = ask.center.search(&filter, USERS_MAX + 1).await?;
        if found.is_empty() {
            return Err(Problem::asker("export_empty", "No users match, so there is nothing to export.")
                .hint(
                    "Leave out the options to export all users, or try the options with `/connect find`.",
                ));
        }
        if found.len() > USERS_MAX {
            let message = format!("{} match, and one file takes at most {USERS_MAX}.", count(total, "user"));
            return Err(Problem::asker("export_too_many", message)
                .hint("Export them in several files, such as one for each `hierarchy_group:…`."));
        }
        // A user that moves between two pages of the search comes twice.
        found.dedup_by(|a, b| a.id == b.id);
        Ok(Answer::Plan(plan(&found, format.as_deref().unwrap_or("csv"), ask.center.pace(READS))))
    }
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

/// How long reading so many users takes at so many a second; nothing for what is over at once.
fn takes(users: usize, pace: f64) -> Option<String> {
    let seconds = f64::from(u32::try_from(users).ok()?) / pace;
    (seconds >= 10.0).then(|| format!("{}, at {pace} a second", span(seconds.ceil() as i64)))
}

#[cfg(test)]
mod tests {
    use super::takes;

    #[test]
    fn a_long_export_says_how_long() {
        assert_eq!(takes(10_000, 2.0).unwrap(), "83 min, at 2 a second");
        assert_eq!(takes(19, 2.0), None);
    }
}
