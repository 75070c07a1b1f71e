use desk_core::args;
use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::Role;
use desk_core::basics::text::second;
use desk_core::card::Block;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::desk::saga;
use desk_core::plan::effect::{EffectKind as _, RequestQuarantined};
use desk_core::plan::{Plan, Step};
use desk_core::request::Request;
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[RequestQuarantined::NEEDS]).titled(|asked| {
    format!("Quarantine {}", asked.args.request("request").map(|no| no.to_string()).unwrap_or_default())
});

/// The newest lines of the request that are shown.
const LINES: usize = 20;

args! {
    struct QuarantineArgs {
        request: RequestNo = required(Kind::Request, "The number of the request"),
        _ = Arg::optional("reason", Kind::Sentence(300), "Why, and what you found out"),
    }
}

const SPEC: Spec = Spec {
    about: "Close a request whose log lines can't be read; needs approval from another admin",
    help: "Its lines stay in the log. Check in the contact center what the request may have started.",
    risk: Risk::Sensitive,
    also: &["isolate"],
    args: QuarantineArgs::ARGS,
    examples: &["/log quarantine 1 reason:\"written by a newer version; nothing was changed\""],
    operations: &[],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let QuarantineArgs { request: no } = QuarantineArgs::of(ask.args)?;
    if !ask.by.roles.contains(&Role::Admin) {
        return Err(Problem::requester("not_an_admin", "Only an admin can quarantine a request.")
            .hint("Ask an admin."));
    }
    let lines = ask.log.request(no).await?;
    if lines.is_empty() {
        return Err(Problem::requester("request_unknown", format!("There is no request {no}."))
            .hint("`/desk requests` lists the open ones."));
    }
    let problem = match Request::fold(no, &lines) {
        Ok(_) => {
            return Err(Problem::requester("request_readable", format!("Request {no} can be read."))
                .hint(format!("To end it, use `/desk cancel {}`.", no.0)));
        }
        Err(illegal) => saga::unreadable(no, &lines, &illegal),
    };
    if problem.code == "request_quarantined" {
        return Err(problem);
    }
    let mut plan = Plan::new(format!("Quarantine request {no}."));
    plan.warnings.push(problem.message);
    plan.warnings.push("The desk won't check what it may have started. Check the contact center.".to_owned());
    let rows = lines.iter().skip(lines.len().saturating_sub(LINES)).map(|line| {
        let who = line.by.as_ref().map_or_else(|| "the desk".to_owned(), |by| by.name.clone());
        vec![line.line.to_string(), second(line.at), who, line.event.word().to_owned()]
    });
    plan.blocks.push(Block::table(["Line", "When", "Who", "What"], rows));
    let step = Step::new(format!("Quarantine request {no}"), RequestQuarantined { request: no });
    plan.steps.push(step.pivot());
    Ok(Answer::Plan(plan))
}
