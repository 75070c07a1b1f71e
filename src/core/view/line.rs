//! A line of the log in words, as `/desk history` and `connect-desk log show` tell it.

use std::collections::BTreeMap;

use crate::basics::text::{list, second, span};
use crate::log::{Event, Line, Outcome};
use crate::plan::{Direction, Step};
use crate::request::for_others;

/// One line in words, where its request has these steps: `started 3. Remove the quick connect`, or without them `started step 3`.
pub fn said(line: &Line, steps: &[Step]) -> String {
    let about = line.about.join(", ");
    let step_at = |step: &u32| usize::try_from(*step).ok().and_then(|step| steps.get(step));
    let step = |step: &u32| match step_at(step) {
        Some(Step { title, .. }) => format!("{}. {title}", step + 1),
        None => format!("step {}", step + 1),
    };
    match &line.event {
        Event::Opened { version, key, policy } => {
            format!("started the desk, version {version}, policy {policy}, key {key}")
        }
        Event::PolicyChanged(change) => {
            let summary = change.summary(3).replace('`', "");
            format!("policy {} from now on, started by {}: {summary}", change.after, change.started_by)
        }
        Event::Answered { command, .. } => format!("looked: /{command} {about}").trim_end().to_owned(),
        Event::Requested { command, args, .. } => {
            format!("asked: /{command} {}", args.typed()).trim_end().to_owned()
        }
        Event::Refused { command, problem, .. } => {
            let problem = match &line.by {
                Some(by) => for_others(problem.clone(), by),
                None => problem.clone(),
            };
            format!("was refused /{command}: {}", problem.message)
        }
        Event::Planned { digest, plan, .. } => format!("planned {digest}: {}", plan.what),
        Event::Confirmed { digest } => format!("confirmed plan {digest}"),
        Event::Approved { digest, comment, .. } if comment.is_empty() => format!("approved plan {digest}"),
        Event::Approved { digest, comment, .. } => format!("approved plan {digest}: {comment}"),
        Event::Denied { digest, reason } if reason.is_empty() => format!("denied plan {digest}"),
        Event::Denied { digest, reason } => format!("denied plan {digest}: {reason}"),
        Event::Canceled => "canceled".to_owned(),
        Event::Voided { digest, why } => {
            format!("reset the approvals of plan {digest}: {}", why.join("; "))
        }
        Event::Started { step: i, direction } => match direction {
            Direction::Forward => format!("started {}", step(i)),
            Direction::Back => format!("started to roll back {}", step(i)),
        },
        Event::Done { step: i, facts } => {
            let word = match (&line.by, step_at(i)) {
                (None, _) => "done",
                (Some(_), Some(step)) if step.effect.freezes().is_some() => "lifted",
                (Some(_), _) => "marked as done:",
            };
            format!("{word} {}{}", step(i), reported(facts))
        }
        Event::Failed { step: i, problem, unknown: true, direction } => {
            format!("outcome unknown of {}{}: {}", step(i), backward(*direction), problem.message)
        }
        Event::Failed { step: i, problem, direction, .. } => match direction {
            Direction::Forward => format!("failed {}: {}", step(i), problem.message),
            Direction::Back => format!("failed to roll back {}: {}", step(i), problem.message),
        },
        Event::Undone { step: i, facts } => format!("rolled back {}{}", step(i), reported(facts)),
        Event::Stuck { step: i, problem, direction } => {
            format!("needs attention at {}{}: {}", step(i), backward(*direction), problem.message)
        }
        Event::Readdressed { step: i, to } => format!("sends {} to {to} instead", step(i)),
        Event::Retried => "retried".to_owned(),
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
        Event::ChangesRequested { digest, reason } => format!("requested changes to plan {digest}: {reason}"),
        Event::CallerVerified { how, note } => {
            format!("verified the caller by {}: {note}", how.said()).trim_end_matches(": ").to_owned()
        }
        Event::Deferred { until, contact, expires } => {
            let deadline = expires.map(|at| format!("; approvals expire {}", second(at))).unwrap_or_default();
            match contact {
                true => format!("deferred until the contact ends, {} at the latest", second(*until)),
                false => format!("deferred until {}{deadline}", second(*until)),
            }
        }
        Event::Held { problem, .. } => format!("held: {}", problem.message),
        Event::Resumed => "resumed".to_owned(),
        Event::RollbackRequested => "requested a rollback".to_owned(),
        Event::ClockJumped { seconds } => {
            let way = if *seconds < 0 { "back" } else { "ahead" };
            format!("the clock of this machine was set {way} by {}", span(seconds.saturating_abs()))
        }
        Event::Reminded => "sent a reminder".to_owned(),
        Event::Notified { platform, what } => format!("notified people on {} about {what}", platform.word()),
        Event::CodeEmailed { to } => format!("emailed the caller a code at {to}"),
        Event::Digested { platform, day } => format!("posted the digest of {day} on {}", platform.word()),
        Event::Enrolled { first_use: false } => "enrolled an authenticator".to_owned(),
        Event::Enrolled { first_use: true } => {
            "enrolled an authenticator, without anyone's approval".to_owned()
        }
        Event::Disregarded { lines, .. } => {
            let lines: Vec<String> = lines.iter().map(|line| format!("line {line}")).collect();
            format!("not valid until repeated: {}", list(&lines, "and"))
        }
        Event::Quarantined { by } => format!("quarantined by {by}"),
        Event::Unreadable { why, .. } => format!("can't be read: {why}"),
        Event::ToReview => "needs a review".to_owned(),
        Event::Reviewed { justified, reason, .. } => {
            let word = if *justified { "justified" } else { "not justified" };
            format!("reviewed, {word}: {reason}")
        }
        Event::Finished { outcome } => format!("finished: {}", ended(*outcome)),
    }
}

/// What is added to the title of a step that is being rolled back, or couldn't be.
pub(super) fn backward(direction: Direction) -> &'static str {
    match direction {
        Direction::Forward => "",
        Direction::Back => " (rolling back)",
    }
}

/// How a request ended, in a word or two.
pub(super) fn ended(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Completed => "completed",
        Outcome::RolledBack => "rolled back",
        Outcome::PartiallyCompleted => "partially completed",
        Outcome::Denied => "denied",
        Outcome::Canceled => "canceled",
        Outcome::Expired => "expired",
        Outcome::Refused => "not possible",
        Outcome::Abandoned => "abandoned",
    }
}

/// What a step reported, after its title.
fn reported(facts: &BTreeMap<String, String>) -> String {
    let facts: Vec<String> = facts.iter().map(|(name, value)| format!("{name} {value}")).collect();
    if facts.is_empty() { String::new() } else { format!(": {}", facts.join(", ")) }
}
