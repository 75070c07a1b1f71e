use desk_core::args;
use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::desk::saga;
use desk_core::view;
use desk_core::view::details;
use desk_core::words::{Kind, Risk, Spec};

pub(crate) const COMMAND: Command = command!(SPEC, answer);

/// The last page that can be typed. A plan for a thousand users has far fewer.
const PAGES_MAX: i64 = 100_000;

args! {
    struct DetailsArgs {
        request: RequestNo = required(Kind::Request, "The number on its card"),
        page: Option<usize> = optional(Kind::Integer(1, PAGES_MAX), "The page; 1 by default"),
    }
}

const SPEC: Spec = Spec {
    about: "Show everything a request does: every user, with before and after",
    help: "A card shows the most important part. This shows all of it, page by page, and as a file if it is longer than a page. Anyone who can approve or confirm requests can read it.",
    risk: Risk::Read,
    also: &["everything", "full"],
    args: DetailsArgs::ARGS,
    examples: &["/desk details 7", "/desk details 7 page:2"],
    operations: &[],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let DetailsArgs { request: no, page } = DetailsArgs::of(ask.args)?;
    let request = saga::load(ask.log, no).await?;
    let standing = view::standing(&request, ask.now, &ask.by.accounts());
    details::card(&request, page.unwrap_or(1), &standing, ask.now).map(Answer::Card)
}
