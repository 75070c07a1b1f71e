use async_trait::async_trait;
use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::card::{Block, Card, Tone};
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Kind, Risk, Spec};

use crate::parts::elsewhere;

pub(crate) const COMMAND: &dyn Command = &Guide;

struct Guide;

args! {
    struct GuideArgs {
        topic: String = required(Kind::Choice(&[("first_login", ""), ("forgot_password", ""), ("email_not_received", "")]),
        "What they are at"),
    }
}

const SPEC: Spec = Spec {
    about: "How people get in: the first login, a forgotten password, a mail that does not come",
    help: "Each says what the person does and what the help desk looks at. `/connect send` mails the person's part.",
    risk: Risk::Look,
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
        "They open the login page and type their user ID; capital and small letters make a difference.",
        "They choose \"Forgot Password?\", although they have none yet.",
        "They type the characters of the picture, choose \"Recover Password\", then \"Return to Login Page\".",
        "A message about a password reset comes to their address; they open its link.",
        "They make a password that meets the requirements shown there and choose \"Reset Password\".",
        "They sign in with it and see the dial pad.",
    ],
    desk: &[
        "`/connect show <login>` shows whether the user exists, in which case letters, and with which email.",
        "Without an email there is no message: `/connect edit <login> email:…` sets one.",
        "`/connect send <login> credentials` mails where to sign in and as whom.",
    ],
};

const FORGOT_PASSWORD: Topic = Topic {
    word: "forgot_password",
    title: "A forgotten password",
    person: &[
        "They open the login page, type their user ID and choose \"Forgot Password?\".",
        "They type the characters of the picture and choose \"Recover Password\".",
        "A message with a link comes to their address; they make a new password there.",
        "They sign in with it.",
    ],
    desk: &[
        "`/connect reset <login>` mails them these steps, and sets their email first with `email:…`.",
        "For a user who was created without an email, adding one sometimes does not mend the reset.",
        "`/connect reset <login> way:console` has somebody set a temporary password, which signs them out at once.",
        "The last resort is `/connect reset <login> way:recreate`, when they are signed out.",
    ],
};

const EMAIL_NOT_RECEIVED: Topic = Topic {
    word: "email_not_received",
    title: "No message about the password comes",
    person: &[
        "They look among the junk and in quarantine; the sender is AWS's directory service, outside of the organisation.",
        "They check that they typed the user ID in the right case: the login page does not say when it is wrong.",
        "They wait ten minutes, ask once more, and use the link of the newest message only.",
    ],
    desk: &[
        "`/connect find <name>` finds the user by first name, last name or login; perhaps it was never created.",
        "`/connect show <login>` shows the email on file; `/connect edit <login> email:…` corrects it.",
        "`/connect send <login> email_not_received` mails them this, which also shows whether the address works.",
        "If the reset still fails, `/connect reset <login> way:console` or `way:recreate` gives them a way in.",
    ],
};

#[async_trait]
impl Command for Guide {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn answer(&self, ask: &Ask<'_>) -> Result<Answer, Problem> {
        let word = GuideArgs::of(ask.args)?.topic;
        let kept = ask.center.instance().await?.identity;
        let topic = match word.as_str() {
            "forgot_password" => &FORGOT_PASSWORD,
            "email_not_received" => &EMAIL_NOT_RECEIVED,
            _ => &FIRST_LOGIN,
        };
        let points = |points: &[&str]| points.iter().map(|point| (*point).to_owned()).collect();
        if let Some((title, person, desk)) = elsewhere::procedure(kept, topic.word) {
            return Ok(Answer::Card(
                Card::new(Tone::Plain, title)
                    .block(Block::Points("What the person does".to_owned(), points(person)))
                    .block(Block::Points("What the help desk does".to_owned(), points(desk))),
            ));
        }
        Ok(Answer::Card(
            Card::new(Tone::Plain, topic.title)
                .block(Block::Points("What the person does".to_owned(), points(topic.person)))
                .block(Block::Points("What the help desk does".to_owned(), points(topic.desk)))
                .text(format!("`/connect send <login> {}` mails the person's part.", topic.word)),
        ))
    }
}
