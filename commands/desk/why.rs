use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::card::Tone;
use desk_core::center::names;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::policy_tools::explain::{Question, explain};
use desk_core::words::{Kind, Risk, Spec};

pub(crate) const COMMAND: Command = command!(SPEC, answer);

args! {
    struct WhyArgs {
        command: String = required(Kind::Command, "Such as connect reset"),
        login: Option<String> = optional(Kind::Login, "About this user").in_place(),
    }
}

const SPEC: Spec = Spec {
    about: "Show whether you can use a command, which policy rule decides, and who can",
    help: "",
    risk: Risk::Read,
    also: &[],
    args: WhyArgs::ARGS,
    examples: &["/desk why connect reset", "/desk why connect remove john.doe"],
    operations: &[
        "SearchUsers",
        "DescribeUser",
        "ListRoutingProfiles",
        "ListSecurityProfiles",
        "SearchUserHierarchyGroups",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let WhyArgs { command, login } = WhyArgs::of(ask.args)?;
    let question = Question {
        policy: ask.policy,
        protected: &ask.site.protected,
        commands: ask.commands,
        command: &command,
        person: ask.by,
        place: ask.place,
        now: ask.now,
        emergency: false,
        about: None,
    };
    let card = explain(question)?;
    // Who may not ask it at all learns nothing about the user.
    let card = match login.filter(|_| card.tone != Tone::Bad) {
        Some(login) => {
            let user = names::found(ask.center, &login).await?;
            explain(Question { about: Some(&user), ..question })?
        }
        None => card,
    };
    Ok(Answer::Card(card.private()))
}
