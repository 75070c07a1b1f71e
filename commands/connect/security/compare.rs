use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count};
use desk_core::card::{Block, Card, Tone};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Kind, Risk, Spec};

use crate::parts::security;

pub(crate) const COMMAND: Command = command!(SPEC, answer);

args! {
    struct CompareArgs {
        profile: String = required(Kind::SecurityProfile, "The first security profile"),
        with: String = required(Kind::SecurityProfile, "The second security profile"),
    }
}

const SPEC: Spec = Spec {
    about: "Compare two security profiles: permissions and access limits",
    help: "Two profiles with the same permissions may still have access to different users, so limits by tag and by hierarchy are compared too.",
    risk: Risk::Read,
    also: &["diff"],
    args: CompareArgs::ARGS,
    examples: &["/connect security compare Agent \"L1 Support\""],
    operations: &["DescribeSecurityProfile", "ListSecurityProfilePermissions", "ListSecurityProfiles"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let CompareArgs { profile, with } = CompareArgs::of(ask.args)?;
    let (one, other) = (security::find(ask, &profile).await?, security::find(ask, &with).await?);
    if one.id == other.id {
        return Err(Problem::requester("profile_same", "Both are the same security profile.")
            .hint("Name two; `/connect security list` shows them."));
    }
    let (of_one, of_other, limits_one, limits_other) = futures::try_join!(
        ask.center.permissions(&one),
        ask.center.permissions(&other),
        security::limits(ask, &one),
        security::limits(ask, &other)
    )?;
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|permission| !those.contains(permission)).cloned().collect()
    };
    let (only_one, only_other) = (only(&of_one, &of_other), only(&of_other, &of_one));
    let both = of_one.len() - only_one.len();
    let (shown_one, shown_other) = (code(&one.name), code(&other.name));
    let mut card = Card::new(Tone::Plain, format!("{shown_one} and {shown_other}"));
    card = card.text(match (only_one.is_empty(), only_other.is_empty()) {
        (true, true) => format!("They have the same permissions, {both} each."),
        _ => format!("{} are the same.", count(both, "permission")),
    });
    for (name, extra) in [(&shown_one, &only_one), (&shown_other, &only_other)] {
        if !extra.is_empty() {
            let areas = security::by_area(extra.iter().map(String::as_str));
            card = card.block(Block::Points(format!("Only {name} allows"), areas));
        }
    }
    let said_one = security::restrictions(ask, &limits_one).await?;
    let said_other = security::restrictions(ask, &limits_other).await?;
    if limits_one == limits_other {
        let same = match said_one.is_empty() {
            true => "Neither is limited by tags or hierarchy: both give access to all users.".to_owned(),
            false => "Both have the same limits.".to_owned(),
        };
        return Ok(Answer::Card(card.text(same)));
    }
    for (name, said) in [(&shown_one, said_one), (&shown_other, said_other)] {
        let points = match said.is_empty() {
            true => vec!["not limited by tags or hierarchy: access to all users".to_owned()],
            false => said.into_iter().map(|(what, value)| format!("{what}: {value}")).collect(),
        };
        card = card.block(Block::Points(format!("Limits of {name}"), points));
    }
    Ok(Answer::Card(card.warning("Users with these profiles have access to different users or resources.")))
}
