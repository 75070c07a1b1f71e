//! Which users are meant, as people say it: the options of `/connect find` and of everything else that takes all who fit.

use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, list};
use desk_core::center::names;
use desk_core::center::{Filter, User};
use desk_core::command::Ask;
use desk_core::words::{self, Kind, Risk, Spec};

use crate::parts::users;

args! {
    pub(crate) struct FilterArgs {
        text: Option<String> = optional(Kind::Text(100), "Part of the login, first name or last name").in_place(),
        login: Option<String> = optional(Kind::Word(25), "Part of the login"),
        name: Option<String> = optional(Kind::Text(100), "Part of the first or last name"),
        routing_profile: Option<String> = optional(Kind::RoutingProfile, "Users with this routing profile"),
        security_profile: Option<String> = optional(Kind::SecurityProfile, "Users with this security profile"),
        hierarchy_group: Option<String> =
            optional(Kind::HierarchyGroup, "Users in this group, by name or path"),
        include_subgroups: bool = optional(Kind::Flag, "Also users in its subgroups"),
        tag: Option<String> = optional(Kind::Text(390), "A tag as key=value"),
    }
}

/// The options alone, as they are typed in one text.
const TYPED: Spec = Spec {
    about: "",
    help: "",
    risk: Risk::Read,
    also: &[],
    args: FilterArgs::ARGS,
    examples: &[],
    operations: &[],
};

/// What the options have in common, for the help of a command that has them.
pub(crate) const HELP: &str = "Users must match all options. Part of a login or a name is enough; a single letter must be the first one.";

/// The option that holds a filter.
const MATCHING: &str = "matching";

/// The users that someone means by the options of `/connect find`, typed as one text.
pub(crate) async fn typed(ask: &Ask<'_>, typed: &str) -> Result<Filter, Problem> {
    let line = format!("connect find {typed}");
    let parsed = words::parse(&line, [("connect find", &TYPED)].into_iter()).map_err(|problem| {
        // What is put right is the text in the option, not a line of its own.
        let right = |line: &String| line.strip_prefix("/connect find ").map(str::to_owned);
        let instead: Vec<String> = problem.lines.iter().filter_map(right).collect();
        let problem = if problem.code == "option_unknown" { not_here(problem) } else { problem };
        problem.offering(Vec::new()).instead_of(typed, instead).about(MATCHING)
    })?;
    read(ask, FilterArgs::of(&parsed.args)?).await.map_err(|problem| {
        let instead = problem
            .meant
            .iter()
            .flat_map(|meant| meant.instead.iter().map(|instead| typed.replace(&meant.typed, instead)));
        let instead = instead.collect();
        problem.instead_of(typed, instead).about(MATCHING)
    })
}

/// An option that doesn't say which users are meant: `/connect find` may have it all the same.
fn not_here(problem: Problem) -> Problem {
    let Some(option) = problem.meant.as_ref().map(|meant| code(&meant.typed)) else { return problem };
    let known: Vec<String> = FilterArgs::ARGS.iter().map(|arg| code(arg.name)).collect();
    Problem { message: format!("{option} can't be used in `matching`."), ..problem }
        .hint(format!("Leave it out, or use {}.", list(&known, "or")))
}

/// The most users that a filter may match.
pub(crate) const MATCHING_MAX: usize = 1_000;

/// The users that are named, or that fit the options of `/connect find` in one text, if those are no more than `most`.
pub(crate) async fn meant(
    ask: &Ask<'_>,
    login: Option<String>,
    logins: Vec<String>,
    matching: Option<String>,
    most: usize,
) -> Result<Vec<User>, Problem> {
    let Some(text) = matching.as_deref() else { return users::named(ask, login, logins).await };
    if login.is_some() || !logins.is_empty() {
        return Err(Problem::requester("options_conflict", "You named users in two different ways.")
            .hint("Use logins or `matching:…`, not both."));
    }
    let filter = typed(ask, text).await?;
    let (found, total) = ask.center.search(&filter, most).await?;
    if found.is_empty() {
        return Err(Problem::requester("users_none", format!("No users match {}.", code(text)))
            .hint("Try it with `/connect find`, which takes the same options."));
    }
    not_too_many(total, most)?;
    users::all_of(ask, found.into_iter().map(|one| one.login).collect()).await
}

/// Whether so many users can be changed together.
pub(crate) fn not_too_many(total: usize, most: usize) -> Result<(), Problem> {
    if total <= most {
        return Ok(());
    }
    let message = format!("{} match. At most {most} can be edited together.", count(total, "user"));
    Err(Problem::requester("users_too_many", message).hint("Refine the search, and edit some of them first."))
}

/// The users whom these options mean; without any, all of them.
pub(crate) async fn read(ask: &Ask<'_>, args: FilterArgs) -> Result<Filter, Problem> {
    let routing_profile = match &args.routing_profile {
        Some(typed) => Some(names::resolve("routing profile", typed, &ask.center.routing_profiles().await?)?),
        None => None,
    };
    let security_profile = match &args.security_profile {
        Some(typed) => {
            Some(names::resolve("security profile", typed, &ask.center.security_profiles().await?)?)
        }
        None => None,
    };
    let hierarchy_group = match &args.hierarchy_group {
        Some(typed) => Some(names::hierarchy_group(ask.center, typed).await?),
        None => None,
    };
    if args.include_subgroups && hierarchy_group.is_none() {
        return Err(Problem::requester("group_missing", "`include_subgroups` needs a hierarchy group.")
            .hint("Add `hierarchy_group:…`, or leave it out."));
    }
    Ok(Filter {
        text: args.text.as_deref().map(searched),
        login: args.login.map(|login| login.trim_start_matches('@').to_owned()),
        name: args.name.as_deref().map(searched),
        routing_profile,
        security_profile,
        hierarchy_group,
        include_subgroups: args.include_subgroups,
        tag: args.tag.as_deref().map(tag).transpose()?,
    })
}

/// The words of a name as they are searched for: `Doe, John` has two.
fn searched(typed: &str) -> String {
    let words: Vec<&str> = typed
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'))
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ").trim_matches(|c| matches!(c, '@' | '?' | '!' | '.' | '\u{bf}' | '\u{a1}')).to_owned()
}

fn tag(typed: &str) -> Result<(String, String), Problem> {
    match typed.split_once('=') {
        // As `/connect edit` takes them. No value of a tag has a comma.
        Some((_, value)) if value.contains(',') => {
            Err(Problem::requester("tags_several", format!("{} is more than one tag.", code(typed)))
                .hint("Search for one tag at a time."))
        }
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.trim().to_owned())),
        _ => Err(Problem::requester("tag", format!("{} is not a tag.", code(typed)))
            .hint("Type it as `tag:key=value`, such as `tag:team=red`.")),
    }
}
