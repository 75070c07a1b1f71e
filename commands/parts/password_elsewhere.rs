//! Where an identity provider (SAML) or a directory keeps passwords: what is true there in place of "Forgot password?".

use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, whole};
use desk_core::card::Mark;
use desk_core::center::{IdentityType, Instance, User};
use desk_core::email::EmailKind;

/// The fewest and the most characters of a RoleSessionName (STS AssumeRoleWithSAML), and so of a login that signs in.
pub(crate) const SESSION_MIN: usize = 2;
pub(crate) const SESSION_MAX: usize = 64;

/// Why no identity provider can ever send this login, if none can.
pub(crate) fn never_sent(login: &str) -> Option<String> {
    let length = login.chars().count();
    if length > SESSION_MAX {
        return Some(format!(
            "The login has {length} characters. A RoleSessionName has at most {SESSION_MAX}, so they never match."
        ));
    }
    if length < SESSION_MIN {
        return Some(format!(
            "The login has {length} character; a RoleSessionName has at least {SESSION_MIN}, so they never match."
        ));
    }
    let odd = login.chars().find(|c| !(c.is_ascii_alphanumeric() || "_+=,.@-".contains(*c)))?;
    Some(format!(
        "The login contains {}, which a RoleSessionName can't have, so they never match.",
        code(&odd.to_string())
    ))
}

/// How a new user signs in, where that isn't Amazon Connect's to say.
pub(crate) fn signs_in(instance: &Instance, login: &str) -> String {
    let login = whole(login);
    match instance.identity {
        IdentityType::ExistingDirectory => {
            format!("No password is set here: they sign in as {login} with their password of the directory.")
        }
        IdentityType::Saml | IdentityType::ConnectManaged => format!(
            "No password is set here: they sign in at your identity provider. The RoleSessionName that it sends has to be {login} \
             exactly; case matters, and it has at most {SESSION_MAX} characters."
        ),
    }
}

/// Why an email about passwords would mislead this user, if it would.
pub(crate) fn misleads(instance: &Instance, user: &User, kind: EmailKind) -> Option<Problem> {
    if !matches!(kind, EmailKind::ForgotPassword | EmailKind::EmailNotReceived) {
        return None;
    }
    let login = whole(&user.login);
    let (message, hint) = match instance.identity {
        IdentityType::ConnectManaged => return None,
        IdentityType::Saml => (
            format!(
                "This contact center signs people in by SAML, so Amazon Connect has no password of {login}."
            ),
            format!(
                "Send them to the identity provider for a new password. `/connect send {} first_login` tells them how to sign in.",
                user.login
            ),
        ),
        IdentityType::ExistingDirectory => (
            format!(
                "The password of {login} is in the directory, so \"Forgot password?\" doesn't work for them."
            ),
            format!("Set a new one there with `/connect reset {}`.", user.login),
        ),
    };
    Some(Problem::requester("password_elsewhere", message).hint(hint))
}

/// Why nothing can be sent to this user.
pub(crate) fn without_address(instance: &Instance, user: &User) -> Problem {
    let login = whole(&user.login);
    match instance.identity {
        IdentityType::Saml => Problem::requester(
            "email_missing",
            format!("{login} has no secondary email on file, and with SAML there is no other, so no email reaches them."),
        )
        .hint(format!("Set one with `/connect edit {} secondary_email:…`.", user.login)),
        IdentityType::ExistingDirectory => Problem::requester(
            "email_missing",
            format!("{login} has no email on file, so no email reaches them."),
        )
        .hint(format!("Set one with `/connect edit {} secondary_email:…`, or in the directory.", user.login)),
        IdentityType::ConnectManaged => super::emails::without_email(user),
    }
}

/// What `/connect show` says of a user whom emails can't help, if anything.
pub(crate) fn note(instance: &Instance, user: &User) -> Option<String> {
    match instance.identity {
        IdentityType::ConnectManaged => user
            .profile
            .identity
            .email
            .is_none()
            .then(|| "No email is on file, so \"Forgot password\" won't work for this user.".to_owned()),
        IdentityType::Saml => never_sent(&user.login),
        IdentityType::ExistingDirectory => None,
    }
}

/// The address of a user as `/connect diagnose` finds it, where the instance keeps no password.
pub(crate) fn address(instance: &Instance, user: &User) -> Option<(Mark, String)> {
    if instance.identity == IdentityType::ConnectManaged {
        return None;
    }
    let reached = user.profile.identity.reached(instance.identity);
    Some(match (instance.identity, reached) {
        (IdentityType::Saml, Some(address)) => (
            Mark::Done,
            format!(
                "Notices go to the secondary email {}; with SAML there is no other, and none has a link for a password.",
                code(address)
            ),
        ),
        (IdentityType::Saml, None) => (
            Mark::Done,
            "No email is kept here, as is right with SAML; a secondary email could get notices and codes."
                .to_owned(),
        ),
        (_, Some(address)) => (
            Mark::Done,
            format!("The email on file is {}. It gets notices, and no link for a password.", code(address)),
        ),
        (_, None) => (
            Mark::Look,
            format!(
                "No email is on file, so no notice reaches them. `/connect edit {} secondary_email:…` sets one.",
                user.login
            ),
        ),
    })
}

/// A procedure of `/connect guide`: its title, what the person does, and what the help desk does.
pub(crate) type Procedure = (&'static str, &'static [&'static str], &'static [&'static str]);

/// The procedure where passwords are elsewhere.
pub(crate) fn procedure(kept: IdentityType, topic: &str) -> Option<Procedure> {
    match (kept, topic) {
        (IdentityType::ConnectManaged, _) => None,
        (IdentityType::Saml, "first_login") => Some(FIRST_LOGIN_SAML),
        (IdentityType::Saml, _) => Some(PASSWORD_SAML),
        (IdentityType::ExistingDirectory, "first_login") => Some(FIRST_LOGIN_DIRECTORY),
        (IdentityType::ExistingDirectory, _) => Some(PASSWORD_DIRECTORY),
    }
}

const FIRST_LOGIN_SAML: Procedure = (
    "Signing in for the first time, by SAML",
    &[
        "They open your organization's sign-in page or portal and choose Amazon Connect there.",
        "They sign in as they do everywhere; Amazon Connect asks for no password of its own.",
        "They see the dial pad.",
    ],
    &[
        "`/connect show <login>` shows the user. The login has to be the RoleSessionName that the identity provider sends: exactly, \
         case included, with at most 64 characters.",
        "`/connect diagnose <login> problem:saml session:\"…\"` compares the two.",
        "At the identity provider they need the application and the role for this instance.",
        "`/connect edit <login> secondary_email:…` sets where notices go; `/connect send <login> credentials` tells them how to sign in.",
    ],
);

const PASSWORD_SAML: Procedure = (
    "A forgotten password, by SAML",
    &[
        "Amazon Connect has no password of theirs, and its login page has no \"Forgot password\" for them.",
        "They use the identity provider's own way to get a new password, and sign in through it.",
    ],
    &[
        "Send them to the administrator of the identity provider. The password can't be reset here.",
        "If they sign in there and Amazon Connect refuses them, `/connect diagnose <login> problem:saml session:\"…\"` compares what the \
         identity provider sends with the login.",
    ],
);

const FIRST_LOGIN_DIRECTORY: Procedure = (
    "Signing in for the first time, with a directory",
    &[
        "They open the login page and type their user name of the directory; case matters.",
        "They sign in with the password that they have in the directory.",
        "They see the dial pad.",
    ],
    &[
        "`/connect show <login>` shows the user; the login has to be the user name in the directory, exactly.",
        "`/connect send <login> credentials` tells them where to sign in, and as whom.",
        "`/connect reset <login>` sets a new password in the directory, if it isn't an AD Connector.",
    ],
);

const PASSWORD_DIRECTORY: Procedure = (
    "A forgotten password, with a directory",
    &[
        "\"Forgot password?\" on the login page doesn't work for them: the password is in the directory.",
        "They use your organization's own way to get a new password there, or ask the help desk.",
    ],
    &[
        "`/connect reset <login>` sets a new password in the directory, which only you see; with an AD Connector it takes the \
         directory's own tools.",
        "`/connect diagnose <login>` shows what else may keep them out.",
    ],
);
