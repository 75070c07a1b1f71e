//! Which users are meant, as people say it: the options of `/connect find` and of everything else that takes all who fit.

use desk_core::basics::problem::Problem;
use desk_core::basics::text::code;
use desk_core::center::Filter;
use desk_core::center::names;
use desk_core::command::Ask;
use desk_core::words::{self, Arg, Args, Kind};

use crate::connect::find;

pub(crate) const TEXT: Arg =
    Arg::optional("text", Kind::Text(100), "Parts of the login, the first or the last name").in_place();
pub(crate) const LOGIN: Arg = Arg::optional("login", Kind::Word(25), "A part of the login");
pub(crate) const NAME: Arg = Arg::optional("name", Kind::Text(100), "Parts of the first or the last name");
pub(crate) const ROUTING_PROFILE: Arg =
    Arg::optional("routing_profile", Kind::RoutingProfile, "Users with this routing profile");
pub(crate) const SECURITY_PROFILE: Arg =
    Arg::optional("security_profile", Kind::SecurityProfile, "Users with this security profile");
pub(crate) const HIERARCHY_GROUP: Arg =
    Arg::optional("hierarchy_group", Kind::HierarchyGroup, "Users in this group, by name or path");
pub(crate) const WITH_CHILDREN: Arg =
    Arg::optional("with_children", Kind::Flag, "Also users in the groups below it");
pub(crate) const TAG: Arg = Arg::optional("tag", Kind::Text(390), "A tag as key=value");

/// What the options have in common, for the help of a command that has them.
pub(crate) const HELP: &str = "Everything you give must hold. A part of a login or a name is enough; with one letter it has to be the first.";

/// What was said of the users that are meant; nothing said means all of them.
pub(crate) async fn read(ask: &Ask<'_>) -> Result<Filter, Problem> {
    read_from(ask, ask.args).await
}

/// The users that someone means by the options of `/connect find`, typed as one text.
pub(crate) async fn typed(ask: &Ask<'_>, typed: &str) -> Result<Filter, Problem> {
    let line = format!("connect find {typed}");
    let parsed = words::parse(&line, [("connect find", &find::SPEC)].into_iter()).map_err(|problem| {
        // What is put right is the text in the option, not a line of its own.
        let right = |line: &String| line.strip_prefix("/connect find ").map(str::to_owned);
        let instead = problem.lines.iter().filter_map(right).collect();
        problem.offering(Vec::new()).instead_of(typed, instead)
    })?;
    read_from(ask, &parsed.args).await.map_err(|problem| {
        let instead = problem
            .meant
            .iter()
            .flat_map(|meant| meant.instead.iter().map(|instead| typed.replace(&meant.typed, instead)));
        let instead = instead.collect();
        problem.instead_of(typed, instead)
    })
}

async fn read_from(ask: &Ask<'_>, args: &Args) -> Result<Filter, Problem> {
    let text = |name: &str| args.text(name).map(str::to_owned);
    let routing_profile = match args.text("routing_profile") {
        Some(typed) => Some(names::resolve("routing profile", typed, &ask.center.routing_profiles().await?)?),
        None => None,
    };
    let security_profile = match args.text("security_profile") {
        Some(typed) => {
            Some(names::resolve("security profile", typed, &ask.center.security_profiles().await?)?)
        }
        None => None,
    };
    let hierarchy_group = match args.text("hierarchy_group") {
        Some(typed) => Some(names::hierarchy_group(ask.center, typed).await?),
        None => None,
    };
    if args.flag("with_children") && hierarchy_group.is_none() {
        return Err(Problem::asker(
            "group_missing",
            "`with_children` says nothing without a hierarchy group.",
        )
        .hint("Add `hierarchy_group:…`, or leave it out."));
    }
    Ok(Filter {
        text: text("text").map(|text| searched(&text)),
        login: text("login").map(|login| login.trim_start_matches('@').to_owned()),
        name: text("name").map(|name| searched(&name)),
        routing_profile,
        security_profile,
        hierarchy_group,
        with_children: args.flag("with_children"),
        tag: args.text("tag").map(tag).transpose()?,
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
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.trim().to_owned())),
        _ => Err(Problem::asker("tag", format!("{} is not a tag.", code(typed)))
            .hint("Type it as `tag:key=value`, such as `tag:team=red`.")),
    }
}
