use std::collections::BTreeMap;

use desk_core::basics::problem::Problem;
use desk_core::basics::text::count;
use desk_core::card::{Block, Card, Tone};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Risk, Spec};

use crate::parts::opens::opens;

pub(crate) const COMMAND: Command = command!(SPEC, answer);

const SPEC: Spec = Spec {
    about: "List security profiles and how many users have each",
    help: "`/connect security show` shows what a profile allows, and `/connect security compare` compares two. The desk doesn't change security profiles; assign them to users with `/connect edit`.",
    risk: Risk::Read,
    also: &[],
    args: &[],
    examples: &["/connect security list"],
    operations: &["SearchSecurityProfiles", "SearchUsers"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let (profiles, everyone) =
        futures::try_join!(ask.center.security_profile_summaries(), ask.center.every_user())?;
    let mut users: BTreeMap<&str, usize> = BTreeMap::new();
    for profile in everyone.iter().flat_map(|one| &one.security_profiles) {
        *users.entry(profile).or_default() += 1;
    }
    let rows = profiles.iter().map(|profile| {
        let held = users.get(profile.id.as_str()).copied().unwrap_or_default();
        let held = if held == 0 { "no users".to_owned() } else { count(held, "user") };
        vec![profile.name.clone(), held, profile.description.clone().unwrap_or_default()]
    });
    let mut card = Card::new(Tone::Plain, count(profiles.len(), "security profile"));
    let names = profiles.iter().map(|profile| profile.name.as_str());
    card.opens = opens("security profile", "/connect security show <profile>", names);
    Ok(Answer::Card(card.block(Block::table(["Security profile", "Users", "Description"], rows))))
}
