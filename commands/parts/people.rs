//! Which person people mean, by an account or by the name that the log knows them by.

use std::collections::{BTreeMap, BTreeSet};

use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{self, code, count, did_you_mean, list, nearest};
use desk_core::command::Ask;
use desk_core::log::Query;

/// The newest lines of the log that are looked through for a name.
const LINES_MAX: usize = 5_000;

/// Accounts of one name that are offered.
const NAMESAKES_MAX: usize = 3;

/// The account that someone typed, or the only one of this name. Names are for finding people; they decide nothing.
pub(crate) async fn account(ask: &Ask<'_>, typed: &str) -> Result<PersonId, Problem> {
    let typed = typed.trim();
    if let Some((platform, _)) = typed.split_once(':')
        && platform.parse::<Platform>().is_ok()
    {
        return typed.parse().map_err(|message: String| {
            Problem::requester("person", format!("{message}."))
                .hint("`/desk whoami` shows what yours looks like.")
        });
    }
    let lines = ask.log.history(&Query { limit: LINES_MAX, ..Query::default() }).await?;
    let people = lines.into_iter().filter_map(|line| line.by).map(|by| (by.id, by.name));
    // By every name that an account had: who is looked for may have another one by now, and so may a namesake.
    let mut known: BTreeMap<PersonId, BTreeSet<String>> = BTreeMap::new();
    for (id, name) in people.chain([(ask.by.id.clone(), ask.by.name.clone())]) {
        known.entry(id).or_default().insert(name);
    }
    let name = typed.trim_start_matches('@');
    let wanted = text::folded(name);
    let is_called = |names: &BTreeSet<String>| names.iter().any(|name| text::folded(name) == wanted);
    let called: Vec<&PersonId> =
        known.iter().filter(|(_, names)| is_called(names)).map(|(id, _)| id).collect();
    match called.as_slice() {
        [only] => Ok((*only).clone()),
        [] => {
            let near = nearest(name, known.values().flatten().map(String::as_str));
            let next = did_you_mean(&near).unwrap_or_else(|| {
                "Type an account such as `console:1001`; `/desk whoami` shows your own.".to_owned()
            });
            Err(Problem::requester("person_unknown", format!("No person {} in the log.", code(name)))
                .hint(next)
                .instead_of(typed, near.into_iter().map(str::to_owned).collect()))
        }
        several => {
            let accounts: Vec<String> = several.iter().take(NAMESAKES_MAX).map(ToString::to_string).collect();
            let shown: Vec<String> = accounts.iter().map(|account| code(account)).collect();
            let message = format!("{} have the name {}.", count(several.len(), "account"), code(name));
            Err(Problem::requester("person_several", message)
                .hint(format!("Choose {}.", list(&shown, "or")))
                .instead_of(typed, accounts))
        }
    }
}
