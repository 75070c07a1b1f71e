use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::code;
use desk_core::card::Block;
use desk_core::center::names;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::email::EmailKind;
use desk_core::plan::Plan;
use desk_core::plan::effect::{EffectKind as _, EmailSent};
use desk_core::words::{Arg, Kind, Risk, Spec};

use crate::parts::{emails, password_elsewhere, subject, users};

pub(crate) const COMMAND: Command =
    command!(SPEC, answer, &[EmailSent::NEEDS]).titled(|asked| format!("Email {}", subject::users(asked)));

const EMAILS: [(&str, &str); 4] = [
    ("credentials", "where to sign in, and with which login"),
    ("first_login", "how to sign in for the first time"),
    ("forgot_password", "how to set a new password"),
    ("email_not_received", "what to do when the password email does not arrive"),
];

args! {
    struct SendArgs {
        login: String = required(Kind::Login, "The recipient's login (case-sensitive)"),
        email: String = required(Kind::Choice(&EMAILS), "The email to send"),
        _ = Arg::optional("reason", Kind::Sentence(300), "Why, such as a ticket number"),
    }
}

const SPEC: Spec = Spec {
    about: "Email a user one of the standard emails, such as their sign-in details",
    help: "The email goes to the address on file and never contains a password. `credentials` says where to sign in and with which login; the others are the procedures of `/connect guide`. If the desk can't send email, you get the text to copy.",
    risk: Risk::Change,
    also: &["mail", "email"],
    args: SendArgs::ARGS,
    examples: &[
        "/connect send john.doe credentials",
        "/connect send john.doe forgot_password reason:\"INC-1234\"",
    ],
    operations: &[
        "DescribeInstance",
        "SearchUsers",
        "DescribeUser",
        "GetCurrentUserData",
        "ListAgentStatuses",
        "ListRoutingProfiles",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let SendArgs { login, email: word } = SendArgs::of(ask.args)?;
    let instance = ask.center.instance().await?;
    let user = names::user(ask.center, &login).await?;
    let kind = EmailKind::ALL.into_iter().find(|kind| kind.word() == word).unwrap_or(EmailKind::Credentials);
    if let Some(problem) = password_elsewhere::misleads(&instance, &user, kind) {
        return Err(problem);
    }
    let Some(to) = user.profile.identity.reached(instance.identity).map(str::to_owned) else {
        return Err(password_elsewhere::without_address(&instance, &user));
    };
    let name = user.profile.identity.full_name();
    let email = emails::email(ask, &instance, kind, &to, &user.login, &name);
    let subject = ask.emails.write(&email)?.subject;
    let facts = vec![("To".to_owned(), code(&to)), ("Subject".to_owned(), format!("`{subject}`"))];
    let what = format!("Email {} {}.", user.shown(), emails::says(kind));
    let mut plan = Plan {
        about: vec![users::subject(&user)],
        blocks: vec![Block::Facts(facts)],
        before: vec![users::bare(user)],
        ..Plan::new(what)
    };
    emails::send(ask, &mut plan, email, 0);
    Ok(Answer::Plan(plan))
}
