//! Why single sign-on refuses someone: the login has to be what the identity provider sends, character by character.

use desk_core::basics::clean;
use desk_core::basics::text::{code, folded, whole};
use desk_core::card::Mark;
use desk_core::center::{IdentityType, Instance};

use super::password_elsewhere;

/// What the login and the pasted `RoleSessionName` say, each with its next step.
pub(crate) fn findings(instance: &Instance, login: &str, session: Option<&str>) -> Vec<(Mark, String)> {
    let mut found = Vec::new();
    if instance.identity != IdentityType::Saml {
        let message = "This contact center doesn't use SAML, so the identity provider can't be the reason.";
        return vec![(Mark::Look, message.to_owned())];
    }
    found.extend(password_elsewhere::never_sent(login).map(|why| (Mark::Failed, why)));
    let Some(session) = session else {
        found.push((
            Mark::Look,
            "Paste the RoleSessionName from the SAML response as `session:\"…\"`. It must match the login exactly."
                .to_owned(),
        ));
        return found;
    };
    let (sent, login_said) = (whole(session), whole(login));
    let next = "Correct the attribute at the identity provider, or create the user with the login it sends.";
    found.push(match () {
        () if session == login => {
            (Mark::Done, format!("The identity provider sends {sent}, which matches the login."))
        }
        () if session.trim() == login => (
            Mark::Failed,
            format!("The identity provider sends {login_said} with a space before or after it. {next}"),
        ),
        () if clean::leaves_out(session) && clean::word(session) == login => {
            (Mark::Failed, format!("The identity provider sends {login_said} with invisible characters. {next}"))
        }
        () if session.eq_ignore_ascii_case(login) => (
            Mark::Failed,
            format!("The identity provider sends {sent}; the login is {login_said}. Upper and lower case differ. {next}"),
        ),
        () if folded(session) == folded(login) => {
            (Mark::Failed, format!("The identity provider sends {sent}, which only looks like {login_said}. {next}"))
        }
        () => (Mark::Failed, format!("The identity provider sends {sent}, and the login is {}. {next}", code(login))),
    });
    found
}
