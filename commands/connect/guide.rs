use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::Role;
use desk_core::card::{Block, Card, Tone};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Kind, Risk, Spec};

use crate::parts::password_elsewhere;

pub(crate) const COMMAND: Command = command!(SPEC, answer);

args! {
    struct GuideArgs {
        topic: String = required(Kind::Choice(&[("first_login", ""), ("forgot_password", ""), ("email_not_received", "")]),
        "The procedure"),
    }
}

const SPEC: Spec = Spec {
    about: "Sign-in procedures: first login, forgotten password, email not received",
    help: "Each lists what the user does and what the help desk checks. `/connect send` emails the user their part.",
    risk: Risk::Read,
    also: &["howto", "manual"],
    args: GuideArgs::ARGS,
    examples: &[
        "/connect guide first_login",
        "/connect guide forgot_password",
        "/connect guide email_not_received",
    ],
    operations: &["DescribeInstance"],
};

/// A procedure: what the person does, and what the help desk does when that does not help.
struct Topic {
    word: &'static str,
    title: &'static str,
    person: &'static [&'static str],
    desk: &'static [&'static str],
}

const FIRST_LOGIN: Topic = Topic {
    word: "first_login",
    title: "Signing in for the first time",
    person: &[
        "They open the login page and enter their user ID (case-sensitive).",
        "They choose \"Forgot Password?\", even if they don't have a password yet.",
        "They enter the characters in the image, choose \"Recover Password\", then \"Return to Login Page\".",
        "They get a password reset email and open its link.",
        "They set a password that meets the requirements shown and choose \"Reset Password\".",
        "They sign in with it and see the dial pad.",
    ],
    desk: &[
        "`/connect show <login>` shows whether the user exists, the exact case of the login, and the email.",
        "Without an email on file nothing is sent: `/connect edit <login> email:…` sets one.",
        "`/connect send <login> credentials` emails them where to sign in and with which login.",
    ],
};

const FORGOT_PASSWORD: Topic = Topic {
    word: "forgot_password",
    title: "A forgotten password",
    person: &[
        "They open the login page, enter their user ID and choose \"Forgot Password?\".",
        "They enter the characters in the image and choose \"Recover Password\".",
        "They get an email with a link and set a new password there.",
        "They sign in with it.",
    ],
    desk: &[
        "`/connect reset <login>` emails them these steps. Add `email:…` to set their email first.",
        "If the user was created without an email, adding one doesn't always fix the reset.",
        "With `/connect reset <login> method:console`, someone sets a temporary password in the admin website. That signs the user out immediately.",
        "The last resort is `/connect reset <login> method:recreate`, while they are signed out.",
    ],
};

const EMAIL_NOT_RECEIVED: Topic = Topic {
    word: "email_not_received",
    title: "No password email arrives",
    person: &[
        "They check the spam folder and the quarantine. The sender is AWS's directory service, outside the organization.",
        "They check the case of the user ID. The login page doesn't say when it is wrong.",
        "They wait ten minutes, ask again, and use only the link in the newest email.",
    ],
    desk: &[
        "`/connect find <name>` finds the user by first name, last name or login. The user may never have been created.",
        "`/connect show <login>` shows the email on file; `/connect edit <login> email:…` corrects it.",
        "`/connect send <login> email_not_received` emails them these steps, which also shows whether the address works.",
        "If the reset still fails, use `/connect reset <login> method:console` or `method:recreate`.",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let word = GuideArgs::of(ask.args)?.topic;
    let kept = ask.center.instance().await?.identity;
    let topic = match word.as_str() {
        "forgot_password" => &FORGOT_PASSWORD,
        "email_not_received" => &EMAIL_NOT_RECEIVED,
        _ => &FIRST_LOGIN,
    };
    let points = |points: &[&str]| points.iter().map(|point| (*point).to_owned()).collect();
    // Where Amazon Connect keeps no password, someone else's page sets it.
    let elsewhere = password_elsewhere::procedure(kept, topic.word);
    let (title, person, desk) = elsewhere.unwrap_or((topic.title, topic.person, topic.desk));
    let card =
        Card::new(Tone::Plain, title).block(Block::Points("What the user does".to_owned(), points(person)));
    // Agents read their own part; the rest names commands that aren't theirs.
    if ask.by.roles.iter().all(|role| *role == Role::Agent) {
        return Ok(Answer::Card(card.text("If it still doesn't work, contact the help desk.")));
    }
    let card = card.block(Block::Points("What the help desk does".to_owned(), points(desk)));
    Ok(Answer::Card(match elsewhere {
        Some(_) => card,
        None => card.text(format!("`/connect send <login> {}` emails the user their part.", topic.word)),
    }))
}
