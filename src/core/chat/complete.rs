//! What may be meant by what someone types, the same on every platform: the spec of an argument says what it names.

use async_trait::async_trait;

use super::asks::{entry_of, may_use};
use crate::basics::roles::Person;
use crate::basics::text;
use crate::command::Entry;
use crate::desk::{Desk, Incoming, Invocation};
use crate::log::{Lookup, NEWEST, OpenRequest};
use crate::request::Verb;
use crate::view;
use crate::words::{Arg, Kind, Naming, Offers, Spec, Thing};

/// Something that may be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What people read.
    pub label: String,
    /// What is typed for it.
    pub value: String,
}

/// What someone types in the place of an option's value.
#[derive(Clone, Copy, Debug)]
pub struct Typing<'t> {
    pub option: &'t str,
    pub typed: &'t str,
    /// At most so many choices, none with a value of more characters than this.
    pub most: usize,
    pub longest: usize,
    /// Only choices that continue what is typed, as a terminal needs them.
    pub continues: bool,
}

/// The names of the contact center, as completion has them.
#[async_trait]
pub trait KnownNames: Send + Sync {
    /// What may be meant by what is typed, the best first and at most so many. It costs no call.
    fn suggest(&self, thing: Thing, typed: &str, most: usize) -> Vec<Choice>;

    /// The same among what a holder has; `None` where that isn't known in time.
    async fn held(&self, thing: Thing, holder: &str, typed: &str, most: usize) -> Option<Vec<Choice>>;
}

/// What may be meant by what someone is typing, the best first; nothing for who may not use the command. `heard` has the options that
/// are filled in already.
pub async fn suggestions(
    desk: &Desk,
    heard: &Incoming,
    typing: Typing<'_>,
    names: &dyn KnownNames,
) -> Vec<Choice> {
    let Some(entry) = entry_of(desk, &heard.said) else { return Vec::new() };
    let Some(arg) = entry.command.spec.arg(typing.option) else { return Vec::new() };
    let may = |entry: &Entry| may_use(desk, entry, &heard.by, &heard.place);
    if !may(&entry) {
        return Vec::new();
    }
    let is_number = || typing.typed.starts_with(|c: char| c == '#' || c.is_ascii_digit());
    match arg.kind {
        Kind::Command => {
            let typed = typing.typed.trim_start_matches('/').to_lowercase();
            let paths = desk.commands.iter().filter(|entry| may(entry)).map(|entry| entry.path);
            let mut matching: Vec<&str> = paths
                .filter(
                    |path| if typing.continues { path.starts_with(&typed) } else { path.contains(&typed) },
                )
                .collect();
            matching.sort_by_key(|path| (!path.starts_with(&typed), *path));
            let choice = |path: &&str| Choice { label: format!("/{path}"), value: (*path).to_owned() };
            matching.iter().take(typing.most).map(choice).collect()
        }
        Kind::Request => requests(desk, entry.path, &heard.by, typing).await,
        Kind::LoginOrRequest if is_number() => requests(desk, "", &heard.by, typing).await,
        Kind::Account => accounts(desk, &heard.by, typing).await,
        _ => match arg.names.filter(|_| may_name(desk, heard, entry.command.spec)) {
            Some(naming) => named(desk, heard, (entry.command.spec, arg, naming), typing, names).await,
            None => Vec::new(),
        },
    }
}

/// Whether names may be told for the options that are filled in.
fn may_name(desk: &Desk, heard: &Incoming, spec: &Spec) -> bool {
    let options = match &heard.said {
        Invocation::Chosen { options, .. } => options.as_slice(),
        Invocation::Typed(_) => &[],
    };
    desk.may_name(heard, spec, options)
}

/// Names for an argument; of a list, for the last one.
async fn named(
    desk: &Desk,
    heard: &Incoming,
    (spec, arg, naming): (&Spec, &Arg, Naming),
    typing: Typing<'_>,
    names: &dyn KnownNames,
) -> Vec<Choice> {
    let (before, last) = naming.last(typing.typed);
    let there: Vec<String> = naming.each(before).map(text::folded).collect();
    let wanted = typing.most + there.len();
    let all = || names.suggest(naming.thing, last, wanted);
    let mut found = match naming.offers {
        Offers::Nothing => Vec::new(),
        Offers::Removed => removed(desk, last).await,
        Offers::Held => match holder(spec, heard, naming.thing) {
            Some(holder) => match names.held(naming.thing, holder, last, wanted).await {
                Some(held) => held,
                None => all(),
            },
            None => all(),
        },
        Offers::All if naming.thing == Thing::Proficiency && last.contains('=') => levels(last),
        Offers::All => all(),
    };
    if arg.kind == Kind::LoginOrAll && "all".starts_with(&last.to_lowercase()) {
        found.insert(0, Choice { label: "all".to_owned(), value: "all".to_owned() });
    }
    let lower = last.to_lowercase();
    found.retain(|choice| {
        (!typing.continues || choice.value.to_lowercase().starts_with(&lower))
            && !there.contains(&text::folded(&choice.value))
    });
    let glue = if before.is_empty() || before.ends_with(char::is_whitespace) { "" } else { " " };
    let whole = |choice: Choice| Choice {
        label: format!("{before}{glue}{}", choice.label),
        value: format!("{before}{glue}{}", choice.value),
    };
    let fits = |choice: &Choice| choice.value.chars().count() <= typing.longest;
    found.into_iter().map(whole).filter(fits).take(typing.most).collect()
}

/// The levels of a proficiency whose name is typed.
fn levels(typed: &str) -> Vec<Choice> {
    let name = typed.split('=').next().unwrap_or_default();
    let level = |level: u8| {
        let value = format!("{name}={level}");
        let label = if level == 0 { format!("{value} (removes it)") } else { value.clone() };
        Choice { label, value }
    };
    [1, 2, 3, 4, 5, 0].into_iter().map(level).filter(|choice| choice.value.starts_with(typed)).collect()
}

/// The one holder that the other options name.
fn holder<'h>(spec: &Spec, heard: &'h Incoming, thing: Thing) -> Option<&'h str> {
    let Invocation::Chosen { options, .. } = &heard.said else { return None };
    let of = thing.holder()?;
    let mut holders = options.iter().flat_map(|(name, value)| {
        let naming = spec.arg(name).and_then(|arg| arg.names).filter(|naming| naming.thing == of);
        naming.into_iter().flat_map(|naming| naming.each(value))
    });
    let only = holders.next()?;
    holders.next().is_none().then_some(only)
}

/// Users that the desk removed, newest first.
async fn removed(desk: &Desk, typed: &str) -> Vec<Choice> {
    let typed = text::folded(typed);
    let removed = desk.removed().await.unwrap_or_default();
    let choice = |user: crate::desk::RemovedUser| {
        let name = if user.name.is_empty() { String::new() } else { format!(" · {}", user.name) };
        let label = format!("{}{name} · removed by {}", user.login, user.by);
        Choice { label: text::plain(&label, LABEL_MAX), value: user.login }
    };
    removed.into_iter().map(choice).filter(|choice| text::folded(&choice.label).contains(&typed)).collect()
}

/// The longest label, in characters.
const LABEL_MAX: usize = 99;

async fn requests(desk: &Desk, path: &str, by: &Person, typing: Typing<'_>) -> Vec<Choice> {
    let verb = Verb::of_command(path);
    let typed = typing.typed.trim_start_matches('#');
    let mut choices = Vec::new();
    for known in desk.offered(verb, by, typed, typing.most).await.unwrap_or_default() {
        let value = known.no.0.to_string();
        if !typing.continues || value.starts_with(typed) {
            choices.push(Choice { label: label(desk, &known).await, value });
        }
    }
    choices
}

/// What a request is called where one of several is chosen: `#12 Reset mei.chen · needs approval`.
async fn label(desk: &Desk, known: &OpenRequest) -> String {
    let label = match desk.seen(known).await {
        Ok(request) => {
            let state = view::state(&request, desk.saga.clock.now());
            format!("{} · {state}", view::named(&request)).replace('`', "")
        }
        Err(_) => known.label(),
    };
    text::plain(&label, LABEL_MAX)
}

/// The requesters of what is open or ended lately.
async fn accounts(desk: &Desk, by: &Person, typing: Typing<'_>) -> Vec<Choice> {
    let wanted = Lookup::For { verb: None, by: by.clone(), text: String::new(), before: None, most: NEWEST };
    let typed = text::folded(typing.typed);
    let mut choices: Vec<Choice> = Vec::new();
    for known in desk.saga.log.find(wanted).await.unwrap_or_default() {
        let Some(by) = &known.by else { continue };
        let value = by.id.to_string();
        let label = text::plain(&format!("{} · {value}", by.name), LABEL_MAX);
        let matches = match typing.continues {
            true => value.starts_with(typing.typed),
            false => text::folded(&label).contains(&typed),
        };
        if matches && choices.iter().all(|choice| choice.value != value) {
            choices.push(Choice { label, value });
        }
    }
    choices.truncate(typing.most);
    choices
}
