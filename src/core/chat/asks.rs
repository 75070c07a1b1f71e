//! What someone chose or pressed, and which form opens for it.

use crate::basics::ids::RequestNo;
use crate::basics::problem::Problem;
use crate::basics::roles::{Person, Place};
use crate::basics::text::capital;
use crate::command::Entry;
use crate::desk::{Desk, Incoming, Invocation};
use crate::policy::{Action, SHOW};
use crate::request::Verb;
use crate::words::{self, Arg, Risk};

/// What a button says.
pub enum Press {
    Say {
        line: String,
    },
    Decide {
        path: String,
        no: RequestNo,
        plan: Option<String>,
    },
    /// The command for which a form was opened.
    Command {
        path: String,
        options: Vec<(String, String)>,
    },
}

/// A form that asks for words that are missing.
pub struct Form {
    pub title: String,
    pub args: Vec<&'static Arg>,
    pub required: bool,
}

/// The command of an invocation.
pub fn entry_of(desk: &Desk, said: &Invocation) -> Option<Entry> {
    let path = match said {
        Invocation::Chosen { path, .. } => path.clone(),
        Invocation::Typed(line) => parsed(desk, line).ok()?.path,
    };
    desk.commands.iter().find(|entry| entry.path == path).copied()
}

fn parsed(desk: &Desk, line: &str) -> Result<words::Parsed, Problem> {
    words::parse(line, desk.commands.iter().map(|entry| (entry.path, entry.command.spec)))
}

/// A command and its options, however they were said.
pub fn chosen(desk: &Desk, said: &Invocation) -> Option<(String, Vec<(String, String)>)> {
    match said {
        Invocation::Chosen { path, options } => Some((path.clone(), options.clone())),
        Invocation::Typed(line) => parsed(desk, line).ok().map(|parsed| (parsed.path, parsed.args.options())),
    }
}

/// Whether someone may use a command here, as far as that is known before it plans anything.
pub(super) fn may_use(desk: &Desk, entry: &Entry, by: &Person, place: &Place) -> bool {
    let action = Action {
        command: entry.path,
        risk: entry.command.spec.risk,
        impact: None,
        emergency: false,
        place,
        now: desk.saga.clock.now(),
    };
    desk.policy.get().rule_for(&action, by).is_ok()
}

/// Whether someone may see requests as they are, here.
pub fn may_look(desk: &Desk, by: &Person, place: &Place) -> bool {
    let show = desk.commands.iter().find(|entry| entry.path == SHOW);
    show.is_some_and(|entry| may_use(desk, entry, by, place))
}

/// What a button says, with what was written into the form that it opened.
pub fn pressed(desk: &Desk, press: Press, fields: &[(String, String)]) -> Result<Invocation, Problem> {
    let (path, mut options) = match press {
        Press::Say { line } if fields.is_empty() => return Ok(Invocation::Typed(line)),
        Press::Say { line } => {
            let parsed = parsed(desk, &line)?;
            (parsed.path, parsed.args.options())
        }
        Press::Decide { path, no, plan } => {
            let spec = desk.commands.iter().find(|entry| entry.path == path);
            let takes_plan = spec.is_some_and(|entry| entry.command.spec.arg("plan").is_some());
            let plan = plan.filter(|_| takes_plan).map(|plan| ("plan".to_owned(), plan));
            let options = std::iter::once(("request".to_owned(), no.0.to_string())).chain(plan);
            (path, options.collect())
        }
        Press::Command { path, options } => (path, options),
    };
    options.extend(fields.iter().filter(|(_, text)| !text.trim().is_empty()).map(one_line));
    Ok(Invocation::Chosen { path, options })
}

/// Whether a form could come of it: what changes something may want a reason, and a decision may want words.
fn may_ask_for_words(desk: &Desk, said: &Invocation) -> bool {
    entry_of(desk, said).is_some_and(|entry| {
        let verb = Verb::of_command(entry.path);
        entry.command.spec.risk != Risk::Read
            || verb.is_some_and(|verb| verb.row().asked_for().next().is_some())
    })
}

/// The form that asks for the words which are missing, if some are. Only the desk's own disk is asked, because nothing that may take
/// long comes before a platform's first answer; who may say it is judged afterwards. `heard` is not called for where no form can come.
pub async fn form_for(
    desk: &Desk,
    said: &Invocation,
    is_press: bool,
    heard: impl FnOnce() -> Option<Incoming>,
) -> Option<Form> {
    if !may_ask_for_words(desk, said) {
        return None;
    }
    let words = desk.asks_for(&heard()?).await.ok()?;
    // Who types a command has left an optional word out on purpose; who presses a button had no place for it.
    if words.args.is_empty() || !(words.required || is_press) {
        return None;
    }
    Some(Form { title: title(said), args: words.args, required: words.required })
}

/// What a form is called: the command, as far as it fits.
fn title(said: &Invocation) -> String {
    match said {
        Invocation::Typed(line) => line.clone(),
        Invocation::Chosen { path, options } => {
            let option = |name: &str| options.iter().find(|(known, _)| known == name).map(|(_, text)| text);
            match (Verb::of_command(path), option("request"), option("login")) {
                (Some(verb), Some(no), _) => {
                    let verb = capital(&verb.word().replace('-', " "));
                    format!("{verb} #{}", no.trim_start_matches('#'))
                }
                (_, _, Some(login)) => format!("/{path} {login}"),
                _ => format!("/{path}"),
            }
        }
    }
}

/// A form's text may have several lines; the desk's arguments have one.
pub fn one_line((name, text): &(String, String)) -> (String, String) {
    (
        name.clone(),
        text.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" "),
    )
}
