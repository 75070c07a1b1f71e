use desk_core::args;
use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::desk::saga;
use desk_core::log::for_others;
use desk_core::view;
use desk_core::words::{Kind, Risk, Spec};

pub(crate) const COMMAND: Command = command!(SPEC, answer);

args! {
    struct ShowArgs {
        request: RequestNo = required(Kind::Request, "The number on its card"),
    }
}

const SPEC: Spec = Spec {
    about: "Show a request's card again, here",
    help: "The card is as the request is now, with the buttons you can use. Only you see it.",
    risk: Risk::Read,
    also: &["card"],
    args: ShowArgs::ARGS,
    examples: &["/desk show 7"],
    operations: &[],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let ShowArgs { request: no } = ShowArgs::of(ask.args)?;
    let mut request = saga::load(ask.log, no).await?;
    if !ask.by.accounts().contains(&request.by.id) {
        request.refusal = request.refusal.map(|problem| for_others(problem, &request.by));
    }
    let untold = ask.health.untold.iter().find(|(of, _)| *of == no);
    let card = view::request_card(&request, ask.now).private();
    Ok(Answer::Card(match untold {
        Some((_, problem)) => card.warning(problem.message.clone()),
        None => card,
    }))
}
