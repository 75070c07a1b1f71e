//! What a request does to whom, in the words that begin its title: "Reset `john.doe`", "Disable queue `Help Desk`".

use std::collections::BTreeSet;

use desk_core::basics::text::{code, count, list, plain};
use desk_core::command::Asked;
use desk_core::plan::effect::QueueOffersNone;

/// Logins that are named; more are counted.
const NAMED: usize = 3;

/// The longest name, in characters.
const NAME_MAX: usize = 40;

/// The users, as far as it is known who they are.
pub(crate) fn users(asked: &Asked<'_>) -> String {
    whom(asked).unwrap_or_else(|| "users".to_owned())
}

/// The same of what is about agents.
pub(crate) fn agents(asked: &Asked<'_>) -> String {
    whom(asked).unwrap_or_else(|| "agents".to_owned())
}

/// None where it isn't known, and where it has nothing to do for anyone.
pub(crate) fn whom(asked: &Asked<'_>) -> Option<String> {
    let logins = asked.logins();
    match logins.len() {
        0 => None,
        n if n > NAMED => Some(count(n, "user")),
        _ => Some(list(&logins.iter().map(|login| short(login)).collect::<Vec<_>>(), "and")),
    }
}

/// What an option names.
pub(crate) fn name(asked: &Asked<'_>, option: &str) -> String {
    short(asked.args.word(option))
}

pub(crate) fn short(name: &str) -> String {
    code(&plain(name, NAME_MAX))
}

/// What a list of names in an option says: "queue `Help Desk`", "2 queues". Names may have commas, so only the plan says how many they
/// are.
pub(crate) fn listed(asked: &Asked<'_>, one: &str, option: &str) -> String {
    let typed = asked.args.word(option);
    let several = if one == "hours of operation" { one.to_owned() } else { format!("{one}s") };
    if typed.eq_ignore_ascii_case("all") {
        return format!("all {several}");
    }
    // `group remove` has an option for more groups.
    if !typed.contains([',', ';', '\n']) && asked.args.get("groups").is_none() {
        return format!("{one} {}", short(typed));
    }
    let things = things(asked);
    match (things.len(), things.first()) {
        (1, Some(only)) => format!("{one} {}", short(only)),
        (0, _) => several,
        (n, _) => format!("{n} {several}"),
    }
}

/// The names of what a plan changes beside users.
pub(crate) fn things(asked: &Asked<'_>) -> BTreeSet<String> {
    // What is removed is removed from its queues first.
    let own = asked.steps().iter().filter(|step| !step.effect.is::<QueueOffersNone>());
    own.filter_map(|step| step.effect.named()?.into_iter().next()).collect()
}
