use desk_core::args;
use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::span::person;
use desk_core::basics::text::{code, count};
use desk_core::card::{Block, Card, Tone};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::desk::saga;
use desk_core::log::Outcome;
use desk_core::policy::schedule;
use desk_core::request::approval;
use desk_core::request::export;
use desk_core::request::{Phase, Request};
use desk_core::view;
use desk_core::words::{Kind, Risk, Spec};

pub(crate) const COMMAND: Command = command!(SPEC, answer);

args! {
    struct FileArgs {
        request: RequestNo = required(Kind::Request, "The number on its card"),
    }
}

const SPEC: Spec = Spec {
    about: "The file of your own finished export",
    help: "Only the requester can get it, as often as needed until it expires. A scheduled export is also for the people its schedule \
           names.",
    risk: Risk::Read,
    also: &[],
    args: FileArgs::ARGS,
    examples: &["/desk file 7"],
    operations: &[],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let FileArgs { request: no } = FileArgs::of(ask.args)?;
    let request = saga::load(ask.log, no).await?;
    if request.plan().is_some_and(|plan| !plan.only_reads()) {
        return Err(Problem::requester("no_file", format!("{no} isn't an export."))
            .hint(format!("The files of other requests are on their cards: `/desk show {}`.", no.0)));
    }
    let Phase::Finished { at, outcome: Outcome::Completed, .. } = &request.phase else {
        let standing = view::standing(&request, ask.now, &ask.by.accounts());
        let hint = match request.is_finished() {
            true => "So it has no file. Request another one with `/connect export`.",
            false => "Its card shows how far it is.",
        };
        return Err(Problem::requester("wrong_moment", standing).hint(hint));
    };
    may_have(ask, &request).await?;
    let Some(users) = export::unpack(ask.files, &request).await? else {
        return Err(Problem::requester(
            "file_expired",
            format!("The file of {no} has expired and was destroyed."),
        )
        .hint(format!("Request it again: {}.", code(&request.typed()))));
    };
    let ending = request.args.text("format").unwrap_or("csv");
    let name = format!("users-{}.{ending}", at.strftime("%Y-%m-%d"));
    let card = Card::new(Tone::Good, format!("{no}: {} in a file", count(users.len(), "user")))
        .block(Block::File { name, text: export::written(&users, ending) })
        .text("It contains personal data. Delete it when you no longer need it.");
    Ok(Answer::Card(Card { request: Some(no), ..card.private() }))
}

/// Only the requester, and only while the rules still let them ask it where they asked it.
async fn may_have(ask: &Ask<'_>, request: &Request) -> Result<(), Problem> {
    let requester = ask.people.person(&request.by.id).await?;
    let same = requester.as_ref().is_some_and(|requester| approval::same_person(ask.by, requester));
    if ask.by.id != request.by.id && !same {
        if is_named(ask, request) {
            return approval::is_still_entitled(
                request,
                ask.policy,
                &ask.site.protected,
                requester.as_ref(),
                ask.now,
            );
        }
        let requester = person(&request.by.id, &request.by.name);
        let message = format!("Only the requester, {requester}, can get the file of {}.", request.no);
        return Err(Problem::requester("not_the_requester", message)
            .hint("Request your own export with `/connect export`."));
    }
    approval::is_still_entitled(request, ask.policy, &ask.site.protected, Some(ask.by), ask.now)
}

/// Whether the file of a scheduled export is for them: the plan and the configuration of now both name them.
fn is_named(ask: &Ask<'_>, request: &Request) -> bool {
    let accounts = ask.by.accounts();
    let Some((given, name)) = export::given(request).zip(request.args.text(schedule::OPTION)) else {
        return false;
    };
    let schedule = ask.site.schedules.iter().find(|schedule| schedule.name == name);
    schedule
        .is_some_and(|schedule| accounts.iter().any(|id| given.to.contains(id) && schedule.to.contains(id)))
}
