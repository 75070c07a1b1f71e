use std::collections::BTreeSet;

use desk_core::args;
use desk_core::assess::{self, references};
use desk_core::basics::problem::Problem;
use desk_core::basics::text::code;
use desk_core::card::{Card, Tone};
use desk_core::center::{User, names};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::log::Lookup;
use desk_core::plan::Scope;
use desk_core::policy_tools::explain::{Question, explain, touched_by};
use desk_core::request::emergency;
use desk_core::request::freeze::{FREEZE, Freeze};
use desk_core::words::{Kind, Risk, Spec};
use jiff::Timestamp;

pub(crate) const COMMAND: Command = command!(SPEC, answer);

/// Freezes that an answer names.
const FREEZES_SHOWN: usize = 3;

/// What a command reads that changes users: it is weighed against what its requester may give.
const PERMISSIONS: &str = "ListSecurityProfilePermissions";

args! {
    struct WhyArgs {
        command: String = required(Kind::Command, "Such as connect reset"),
        login: Option<String> = optional(Kind::Login, "About this user").in_place(),
    }
}

/// What such commands can do all the same, because it changes nothing of the user.
const STILL: [(&str, &str); 2] = [
    ("connect reset", "An email with instructions can still be sent to the address on file."),
    ("connect until", "A status can still be set."),
];

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
        PERMISSIONS,
        "ListUserHierarchyGroups",
        "SearchUserHierarchyGroups",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let WhyArgs { command, login } = WhyArgs::of(ask.args)?;
    let since = ask.now.checked_sub(emergency::WINDOW).unwrap_or(Timestamp::MIN);
    let earlier = ask.log.find(Lookup::Emergencies { since }).await?;
    let question = Question {
        policy: ask.policy,
        site: ask.site,
        commands: ask.commands,
        command: &command,
        person: ask.by,
        place: ask.place,
        now: ask.now,
        emergency: false,
        earlier: &earlier,
        unknown: &BTreeSet::new(),
        about: None,
    };
    let card = explain(question)?;
    if card.tone == Tone::Bad {
        return Ok(Answer::Card(card.private()));
    }
    let unknown = references::unknown(ask.center, ask.policy, &ask.site.protected).await?;
    let question = Question { unknown: &unknown, ..question };
    // Who may not ask it at all learns nothing about the user.
    let card = match login {
        Some(login) => {
            let entry = command::called(ask.commands, &command)?;
            if !entry.command.spec.names_users() {
                let path = code(&format!("/{}", entry.path));
                let problem = Problem::requester("login_unneeded", format!("{path} isn't about a user."));
                return Err(problem.hint("Leave out the login."));
            }
            let user = names::found(ask.center, &login).await?;
            match above_ceiling(ask, &command, &user).await? {
                Some(card) => card,
                None => {
                    frozen(ask, &command, Some(&user), explain(Question { about: Some(&user), ..question })?)
                        .await?
                }
            }
        }
        None => frozen(ask, &command, None, explain(question)?).await?,
    };
    Ok(Answer::Card(card.private()))
}

/// The same answer with the freezes that hold: of a user those that cover them, else all.
async fn frozen(ask: &Ask<'_>, command: &str, user: Option<&User>, mut card: Card) -> Result<Card, Problem> {
    let entry = command::called(ask.commands, command)?;
    if card.tone == Tone::Bad || entry.command.spec.risk == Risk::Read || entry.path == FREEZE {
        return Ok(card);
    }
    let impact = user.map(touched_by);
    let known = ask.log.find(Lookup::Freezes).await?;
    let freezes = known.iter().filter_map(|known| known.freeze.as_ref());
    let freezes: Vec<&Freeze> =
        freezes.filter(|freeze| impact.as_ref().is_none_or(|impact| freeze.scope.covers(impact))).collect();
    if freezes.iter().any(|freeze| user.is_some() || freeze.scope == Scope::Everything) {
        card.title.push_str(", but not now");
        card.tone = Tone::Asks;
    }
    for freeze in freezes.iter().take(FREEZES_SHOWN) {
        card = card.warning(freeze.answer(ask.now).sentences());
    }
    if !freezes.is_empty() && ask.site.emergencies.pass_freeze {
        card = card.text("Emergencies are not stopped by a freeze.");
    }
    Ok(card)
}

/// The answer about a user whom no rule lets them change, where the command changes users.
async fn above_ceiling(ask: &Ask<'_>, command: &str, user: &User) -> Result<Option<Card>, Problem> {
    let entry = command::called(ask.commands, command)?;
    let spec = entry.command.spec;
    if spec.risk == Risk::Read || !spec.operations.contains(&PERMISSIONS) {
        return Ok(None);
    }
    let problem = assess::above_ceiling(ask.center, &ask.by.roles, user).await?;
    let title =
        format!("No, you can't change {} with {}", code(&user.login), code(&format!("/{}", entry.path)));
    let still = STILL.iter().find(|(path, _)| *path == entry.path).map(|(_, still)| *still);
    Ok(problem.map(|problem| {
        let card = Card::new(Tone::Bad, title).text(&problem.message).text(&problem.hint);
        still.into_iter().fold(card, Card::text)
    }))
}
