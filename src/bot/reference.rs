//! The reference page of all commands, derived from their list, with the IAM policy that they need together.

use std::fmt::Write as _;

use desk_core::command::Entry;
use desk_core::words::{Kind, Need, Risk};

use crate::iam;

/// How people type a line.
const TYPING: &str = "
## How to type a command

    /connect edit john.doe, jane.doe acw:5m reason:INC-1234 as agreed with the team

- An option is `name:value`; `name=value`, `name: value` and `name value` are read as well. A value with blanks needs no quotes \
as long as no other option is in it.
- The options of users may also be called as the columns of a sheet: `acw timeout:300`, `email address:…`.
- `reason:` and `comment:` take every word up to the next `name:`, so a login in a reason is part of the reason.
- Where a command takes several users, list them with blanks or commas. Listed logins stand next to each other.
- A name instead of a login, a typing error, or a word that is left over is refused, with the line that you may have meant. In \
`connect-desk play` Enter sends that line; on Discord a button does. Nothing is guessed. \
A password, a date or a time that is left over is never offered as a reason.
- Six digits are a code wherever a command takes one, and are not logged. Elsewhere they are a part of what you say; \
a line that calls them a code is refused. A request number that has six digits is typed as `#123456`.
- `/desk confirm` and other verbs for your own requests need no number while only one request is meant. For someone else's request \
the line with its number is offered.
";

/// The page, in Markdown.
pub fn page() -> String {
    let commands = desk_commands::all();
    let mut page = String::from(
        "# Commands\n\nThis page is made from the list of commands; `connect-desk reference` prints it, and a test keeps it so.\n",
    );
    page.push_str(TYPING);
    for entry in &commands {
        describe(&mut page, entry);
    }
    page.push_str("\n## What AWS must allow\n\nThe IAM policy of the desk's role, with your own region, account and instance in place of the capitals; the second statement only where the configuration names a `directory`:\n\n```json\n");
    page.push_str(&iam_policy(&commands));
    page.push_str("\n```\n");
    page
}

fn describe(page: &mut String, entry: &Entry) {
    let spec = entry.command.spec;
    // The plan decides, and may do less than the command can.
    let most = if spec.risk > Risk::Change { "up to " } else { "" };
    let _ = writeln!(page, "\n## /{}\n\n{}. Risk: {most}{}.", entry.path, spec.about, spec.risk);
    if !spec.help.is_empty() {
        let _ = writeln!(page, "\n{}", spec.help);
    }
    let _ = writeln!(page, "\n    {}", spec.usage(entry.path));
    if !spec.args.is_empty() {
        let _ = writeln!(page, "\n| option | | takes | |\n| --- | --- | --- | --- |");
    }
    for arg in spec.args {
        let need = match arg.need {
            Need::Required => "required",
            Need::OneOf => "one of these",
            Need::Optional => "",
        };
        let _ = writeln!(page, "| `{}` | {need} | {} | {} |", arg.name, takes(arg.kind), arg.about);
    }
    let examples: Vec<String> = spec.examples.iter().map(|example| format!("    {example}")).collect();
    let _ = writeln!(page, "\nFor example:\n\n{}", examples.join("\n"));
}

fn takes(kind: Kind) -> String {
    match kind {
        Kind::Word(max) => format!("a word of at most {max} characters"),
        Kind::Name(max) | Kind::Text(max) | Kind::Exact(max) | Kind::Sentence(max) => {
            format!("text of at most {max} characters")
        }
        Kind::Moment(_) => "a date, a time, or both".to_owned(),
        Kind::Login => "a login".to_owned(),
        Kind::Logins => "logins, with blanks or commas between them".to_owned(),
        Kind::LoginOrAll => "a login, or `all`".to_owned(),
        Kind::LoginOrRequest => "a login, or the number of a request".to_owned(),
        Kind::Account => "a name, or an account such as `console:1001`".to_owned(),
        Kind::Email(none) => format!("an email address{}", or_none(none)),
        Kind::Phone(none) => format!("a phone number with its country{}", or_none(none)),
        Kind::Code => "six digits".to_owned(),
        Kind::Seconds(min, max) => format!("seconds from {min} to {max}, or a time such as `5m`"),
        Kind::Choice(words) => {
            let word = |(word, about): &(&str, &str)| match about.is_empty() {
                true => format!("`{word}`"),
                false => format!("`{word}` ({about})"),
            };
            words.iter().map(word).collect::<Vec<_>>().join(", ")
        }
        Kind::Flag => "`true` or `false`; the bare name means `true`".to_owned(),
        Kind::Integer(min, max) => format!("a whole number from {min} to {max}"),
        Kind::Plan => "the beginning of a plan's digest".to_owned(),
        Kind::Request => "the number of a request".to_owned(),
        Kind::Command => "the words of a command".to_owned(),
        Kind::File => "an attached file; at the console its path".to_owned(),
        Kind::RoutingProfile => "the name of a routing profile".to_owned(),
        Kind::SecurityProfile => "the name of a security profile".to_owned(),
        Kind::HierarchyGroup => "the name or path of a hierarchy group".to_owned(),
    }
}

fn or_none(none: bool) -> &'static str {
    if none { ", or `none`" } else { "" }
}

/// Every operation that any command calls, on this one instance and what belongs to it.
fn iam_policy(commands: &[Entry]) -> String {
    let all = commands.iter().flat_map(Entry::operations).collect();
    iam::allowing(&all, |service| match service {
        "connect" => vec![
            "arn:aws:connect:REGION:ACCOUNT:instance/INSTANCE".to_owned(),
            "arn:aws:connect:REGION:ACCOUNT:instance/INSTANCE/*".to_owned(),
        ],
        "phone-number" => vec!["arn:aws:connect:REGION:ACCOUNT:phone-number/*".to_owned()],
        "ds" => vec!["arn:aws:ds:REGION:ACCOUNT:directory/DIRECTORY".to_owned()],
        _ => vec!["*".to_owned()],
    })
}
