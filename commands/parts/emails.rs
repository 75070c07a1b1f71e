//! Emails in plans: a step where the desk sends them, and for the requester to copy where it does not.

use desk_core::basics::problem::Problem;
use desk_core::basics::text::whole;
use desk_core::center::{Instance, User};
use desk_core::command::Ask;
use desk_core::email::{Delivery, Email, EmailKind, name_for_email};
use desk_core::plan::effect::EmailSent;
use desk_core::plan::{Plan, Step};

/// An email to `to` about the user with this login. `name` is their first and last name and may be empty.
pub(crate) fn email(
    ask: &Ask<'_>,
    instance: &Instance,
    kind: EmailKind,
    to: &str,
    login: &str,
    name: &str,
) -> Email {
    Email {
        kind,
        to: to.to_owned(),
        login: login.to_owned(),
        name: name_for_email(name).to_owned(),
        website: instance.website.clone(),
        sign_in: instance.identity,
        template: ask.emails.template(kind),
    }
}

/// Adds the email to the plan: as the last step of this part, or among those that the requester gets to copy.
pub(crate) fn send(ask: &Ask<'_>, plan: &mut Plan, email: Email, part: u32) {
    match ask.emails.delivery() {
        Delivery::Sent => {
            let title = format!("Email {} to {}", says(email.kind), whole(&email.to));
            plan.steps.push(Step::new(title, EmailSent(email)).of_part(part));
        }
        Delivery::HandedOver => {
            // Anyone who decides sees that no one is warned, instead of leaving that to the requester.
            if email.is_notice() {
                let to = whole(&email.to);
                plan.warnings.push(format!(
                    "This desk can't send email, so {to} isn't told that the address changed."
                ));
            }
            plan.emails.push(email);
        }
    }
}

/// What an email of this kind is called in a sentence.
pub(crate) fn says(kind: EmailKind) -> &'static str {
    match kind {
        EmailKind::Credentials => "how to sign in to their account",
        EmailKind::FirstLogin => "how to sign in for the first time",
        EmailKind::ForgotPassword => "how to set a new password",
        EmailKind::EmailNotReceived => "what to do when no email arrives",
        EmailKind::EmailChanged => "that the address was changed",
        EmailKind::CallerCode => "a code to read back",
    }
}

/// Why no email can be sent to this user.
pub(crate) fn without_email(user: &User) -> Problem {
    let login = whole(&user.login);
    Problem::requester("email_missing", format!("{login} has no email on file."))
        .hint(format!("Set one with `/connect edit {} email:…`.", user.login))
}
