use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count};
use desk_core::card::{Block, Card, Style, Tone};
use desk_core::center::Filter;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::user::ceiling;
use desk_core::words::{Kind, Risk, Spec, quoted};

use crate::parts::security;

pub(crate) const COMMAND: Command = command!(SPEC, answer);

args! {
    struct ShowArgs {
        profile: String = required(Kind::SecurityProfile, "The security profile"),
    }
}

const SPEC: Spec = Spec {
    about: "Show a security profile: its permissions, access limits, and who can assign it",
    help: "Permissions are grouped as in the admin website. Permissions that the desk doesn't know are shown by their API name.",
    risk: Risk::Read,
    also: &["permissions"],
    args: ShowArgs::ARGS,
    examples: &["/connect security show \"L1 Support\""],
    operations: &[
        "DescribeSecurityProfile",
        "ListRoutingProfiles",
        "ListSecurityProfilePermissions",
        "ListSecurityProfiles",
        "ListUserHierarchyGroups",
        "SearchUsers",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let ShowArgs { profile } = ShowArgs::of(ask.args)?;
    let profile = security::find(ask, &profile).await?;
    let held = Filter { security_profile: Some(profile.clone()), ..Filter::default() };
    let (permissions, limits, (_, users)) = futures::try_join!(
        ask.center.permissions(&profile),
        security::limits(ask, &profile),
        ask.center.search(&held, 1)
    )?;
    let beyond = ceiling::beyond_agent(&permissions).len();
    let mut facts = vec![
        ("Users".to_owned(), users.to_string()),
        (
            "Permissions".to_owned(),
            match beyond {
                0 => format!("{}, none beyond an agent's", permissions.len()),
                n => format!("{}, {n} of them beyond an agent's", permissions.len()),
            },
        ),
        ("Can be assigned by".to_owned(), ceiling::who_could(&permissions)),
    ];
    let restrictions = security::restrictions(ask, &limits).await?;
    if restrictions.is_empty() {
        facts
            .push(("Limited".to_owned(), "not limited by tags or hierarchy: access to all users".to_owned()));
    }
    facts.extend(restrictions);
    let areas = security::by_area(permissions.iter().map(String::as_str));
    let heading = format!("It allows, in {}", count(areas.len(), "area"));
    let mut card = Card::new(Tone::Plain, format!("Security profile {}", code(&profile.name)))
        .block(Block::Facts(facts));
    card = match areas.is_empty() {
        true => card.text("It allows nothing."),
        false => card.block(Block::Points(heading, areas)),
    };
    if users > 0 {
        let line = format!("/connect find security_profile:{}", quoted(&profile.name));
        card = card.says(line, "Show its users", Style::Quiet);
    }
    Ok(Answer::Card(card.footer(format!("id {}", profile.id))))
}
