use std::collections::BTreeMap;

use async_trait::async_trait;
use desk_core::args;
use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, list, plain, second, span};
use desk_core::card::{Block, Card, Tone};
use desk_core::command::{Answer, Ask, Command};
use desk_core::desk::saga;
use desk_core::log::Query;
use desk_core::log::{Event, Line};
use desk_core::request::Request;
use desk_core::request::approval;
use desk_core::view::digest;
use desk_core::words::{Kind, Risk, Spec};

use crate::parts::people;

pub(crate) const COMMAND: &dyn Command = &History;

struct History;

args! {
    struct HistoryArgs {
        about: Option<String> = optional(Kind::LoginOrRequest, "The number of a request, or a login").in_place(),
        by: Option<String> = optional(Kind::Account,
            "Lines of one person: their name, or an account such as console:1001"),
        limit: Option<usize> = optional(Kind::Integer(1, 500), "How many lines at most; 25 if not said"),
    }
}

const SPEC: Spec = Spec {
    about: "What the log says about a request, a login or a person",
    help: "Every line carries its number in the log; `connect-desk log verify` checks that none was changed.",
    risk: Risk::Look,
    also: &["log", "audit", "show", "status"],
    args: HistoryArgs::ARGS,
    examples: &[
        "/desk history",
        "/desk history 7",
        "/desk history john.doe",
        "/desk history by:helpdesk limit:50",
    ],
    operations: &[],
};

#[async_trait]
impl Command for History {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn answer(&self, ask: &Ask<'_>) -> Result<Answer, Problem> {
        let HistoryArgs { about, by, limit } = HistoryArgs::of(ask.args)?;
        let (about, limit) = (about.as_deref(), limit.unwrap_or(25));
        let by = match by {
            None => None,
            Some(typed) => Some(people::account(ask, &typed).await?),
        };
        let number = about.and_then(|about| about.parse::<u64>().ok());
        let mut unreadable = None;
        let (title, lines) = match (about, number) {
            (_, Some(number)) => {
                let no = RequestNo(number);
                let lines = ask.log.request(no).await?;
                if lines.is_empty() {
                    return Err(saga::no_request(no));
                }
                unreadable =
                    Request::fold(no, &lines).err().map(|illegal| saga::unreadable(no, &lines, &illegal));
                (format!("The log of request #{number}"), lines)
            }
            (login, None) => {
                let login = login.map(str::to_owned);
                let title = match &login {
                    Some(login) => format!("The log about {}", code(login)),
                    None => "The newest lines of the log".to_owned(),
                };
                let mut lines =
                    ask.log.history(&Query { login, person: by, limit, ..Query::default() }).await?;
                lines.reverse();
                (title, lines)
            }
        };
        let card = card(title, &lines).private();
        Ok(Answer::Card(match unreadable {
            Some(problem) => card.warning(problem.message),
            None => card,
        }))
    }
}

fn card(title: String, lines: &[Line]) -> Card {
    if lines.is_empty() {
        return Card::new(Tone::Plain, title).text("There is nothing.");
    }
    // Lines of one request need not say so each time.
    let first = lines.first().and_then(|line| line.request);
    let several = first.is_none() || lines.iter().any(|line| line.request != first);
    let mut columns = ["Line", "When", "Who"].map(str::to_owned).to_vec();
    if several {
        columns.push("Request".to_owned());
    }
    columns.push("What".to_owned());
    let mut titles = Titles::default();
    let response_times = approval::response_times(lines);
    let rows = lines
        .iter()
        .map(|line| {
            let who = line.by.as_ref().map_or_else(|| "the desk".to_owned(), |by| plain(&by.name, 32));
            let mut row = vec![line.line.to_string(), second(line.at), who];
            if several {
                row.push(line.request.map(|no| no.to_string()).unwrap_or_default());
            }
            let hasty = response_times.get(&line.line).filter(|after| **after < approval::RUBBER_STAMP);
            let hasty = hasty.map(|after| format!(", {}", digest::pace(*after))).unwrap_or_default();
            row.push(format!("{}{hasty}", said(line, &mut titles)));
            row
        })
        .collect();
    Card::new(Tone::Plain, title).block(Block::Table { columns, rows }).footer("times are UTC")
}

/// What the steps of each request are called, as far as its plan is among the lines.
#[derive(Default)]
struct Titles(BTreeMap<Option<RequestNo>, Vec<String>>);

impl Titles {
    /// `3. Remove the quick connect`, or `step 3`.
    fn of(&self, line: &Line, step: u32) -> String {
        let title = usize::try_from(step).ok().and_then(|step| self.0.get(&line.request)?.get(step));
        match title {
            Some(title) => format!("{}. {title}", step + 1),
            None => format!("step {}", step + 1),
        }
    }
}

/// One line in words.
fn said(line: &Line, titles: &mut Titles) -> String {
    let about = line.about.join(", ");
    let step = |step: &u32| titles.of(line, *step);
    match &line.event {
        Event::Opened { version, key, policy } => {
            format!("opened the desk, version {version}, policy {policy}, key {key}")
        }
        Event::PolicyChanged(change) => {
            let summary = change.summary(3).replace('`', "");
            format!("policy {} from now on, started by {}: {summary}", change.after, change.started_by)
        }
        Event::Looked { command, .. } => format!("looked: /{command} {about}").trim_end().to_owned(),
        Event::Asked { command, args, .. } => {
            format!("asked: /{command} {}", args.typed()).trim_end().to_owned()
        }
        Event::Refused { command, problem, .. } => format!("was refused /{command}: {}", problem.message),
        Event::Planned { digest, plan, .. } => {
            let all = plan.steps.iter().map(|step| step.title.replace('`', "")).collect();
            titles.0.insert(line.request, all);
            format!("planned {digest}: {}", plan.what.replace('`', ""))
        }
        Event::Confirmed { digest } => format!("confirmed plan {digest}"),
        Event::Approved { digest, comment, .. } if comment.is_empty() => format!("approved plan {digest}"),
        Event::Approved { digest, comment, .. } => format!("approved plan {digest}: {comment}"),
        Event::Denied { digest, reason } if reason.is_empty() => format!("denied plan {digest}"),
        Event::Denied { digest, reason } => format!("denied plan {digest}: {reason}"),
        Event::Cancelled => "cancelled".to_owned(),
        Event::Voided { digest, why } => {
            format!("voided the yes to plan {digest}: {}", why.join("; ").replace('`', ""))
        }
        Event::Started { step: i, direction } => match direction {
            desk_core::plan::Direction::Forward => format!("started {}", step(i)),
            desk_core::plan::Direction::Back => format!("started to take back {}", step(i)),
        },
        Event::Done { step: i, facts } => {
            let facts: Vec<String> = facts.iter().map(|(name, value)| format!("{name} {value}")).collect();
            let facts = if facts.is_empty() { String::new() } else { format!(": {}", facts.join(", ")) };
            format!("done {}{facts}", step(i))
        }
        Event::Failed { step: i, problem, .. } => format!("failed {}: {}", step(i), problem.message),
        Event::Undone { step: i } => format!("took back {}", step(i)),
        Event::Stuck { step: i, problem, .. } => format!("stuck at {}: {}", step(i), problem.message),
        Event::Readdressed { step: i, to } => format!("sends {} to {to} instead", step(i)),
        Event::Retried => "asked to go on".to_owned(),
        Event::Shown { platform, channel, message } => {
            format!("card is in channel {channel} of {} as message {message}", platform.word())
        }
        Event::Unsealed => "asked to see the temporary password".to_owned(),
        Event::Revealed { unsealed } => format!("temporary password of line {unsealed} shown"),
        Event::NotRevealed { unsealed, unknown: false } => {
            format!("temporary password of line {unsealed} not shown: the chat platform refused the message")
        }
        Event::NotRevealed { unsealed, unknown: true } => {
            format!(
                "temporary password of line {unsealed} may have been shown: the chat platform did not confirm it"
            )
        }
        Event::Returned { digest, reason } => format!("wants a change to plan {digest}: {reason}"),
        Event::CallerVerified { how, note } => {
            format!("verified the caller by {}: {note}", how.said()).trim_end_matches(": ").to_owned()
        }
        Event::Deferred { until, contact, expires } => {
            let deadline = expires.map(|at| format!("; approvals expire {}", second(at))).unwrap_or_default();
            match contact {
                true => format!("put off until the contact ends, at the latest {}", second(*until)),
                false => format!("put off until {}{deadline}", second(*until)),
            }
        }
        Event::Held { problem, .. } => format!("held: {}", problem.message.replace('`', "")),
        Event::Resumed => "resumed".to_owned(),
        Event::RollbackRequested => "asked to roll it back".to_owned(),
        Event::ClockJumped { seconds } => {
            let way = if *seconds < 0 { "back" } else { "ahead" };
            format!("the clock of this machine was set {way} by {}", span(seconds.saturating_abs()))
        }
        Event::Reminded => "called those again who have to answer".to_owned(),
        Event::Called { platform, what } => format!("notified people on {} about {what}", platform.word()),
        Event::CodeMailed { to } => format!("had a code mailed to the caller at {to}"),
        Event::Digested { platform, day } => format!("posted the digest of {day} on {}", platform.word()),
        Event::Enrolled { first_use: false } => "enrolled an authenticator".to_owned(),
        Event::Enrolled { first_use: true } => {
            "enrolled an authenticator, without anyone's approval".to_owned()
        }
        Event::Disregarded { lines, .. } => {
            let lines: Vec<String> = lines.iter().map(|line| format!("line {line}")).collect();
            format!("does not count until it is said again: {}", list(&lines, "and"))
        }
        Event::Quarantined { by } => format!("quarantined by {by}"),
        Event::Unreadable { why, .. } => format!("can't be read: {why}"),
        Event::ToReview => "waits for its review".to_owned(),
        Event::Reviewed { justified, reason, .. } => {
            let word = if *justified { "justified" } else { "not justified" };
            format!("reviewed: {word}: {reason}")
        }
        Event::Finished { outcome } => {
            let word = match outcome {
                desk_core::log::Outcome::Done => "done",
                desk_core::log::Outcome::TakenBack => "taken back",
                desk_core::log::Outcome::Partly => "done in part",
                desk_core::log::Outcome::Denied => "denied",
                desk_core::log::Outcome::Cancelled => "cancelled",
                desk_core::log::Outcome::Expired => "expired",
                desk_core::log::Outcome::Refused => "refused",
                desk_core::log::Outcome::GivenUp => "given up",
            };
            format!("finished: {word}")
        }
    }
}
