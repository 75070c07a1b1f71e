use desk_core::args;
use desk_core::basics::address;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{count, whole};
use desk_core::card::Block;
use desk_core::center::names;
use desk_core::center::{IdentityType, Instance, Snapshot, User};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::email::EmailKind;
use desk_core::plan::effect::{
    DirectoryPassword, DoneByHand, EffectKind as _, EmailSent, ProficienciesAre, QueueOffersAll,
    QueueOffersNone, QuickConnectAbsent, QuickConnectPresent, UserAbsent, UserHas, UserPresent,
};
use desk_core::plan::{Password, Plan, Step};
use desk_core::user::changes;
use desk_core::words::{Arg, EMERGENCY, Kind, Risk, Spec};

use crate::parts::quick_connects::{Flows, TakenOut};
use crate::parts::{emails, temporary, users};

pub(crate) const COMMAND: Command = command!(
    SPEC,
    answer,
    &[
        UserAbsent::NEEDS,
        UserPresent::NEEDS,
        UserHas::IDENTITY,
        ProficienciesAre::NEEDS,
        QuickConnectAbsent::NEEDS,
        QuickConnectPresent::NEEDS,
        QueueOffersAll::NEEDS,
        QueueOffersNone::NEEDS,
        DirectoryPassword::NEEDS,
        EmailSent::NEEDS,
        DoneByHand::NEEDS,
    ]
);

const METHODS: [(&str, &str); 4] = [
    ("email", "email them how to set a new password"),
    ("console", "set a temporary password in the admin website"),
    ("recreate", "remove the user and create it again with a temporary password"),
    ("directory", "set a new password in the directory"),
];

/// The longest name of a user that AWS Directory Service takes (ResetUserPassword, `UserName`). Of what a login can have, it takes no
/// `@` and no backslash.
const DIRECTORY_NAME_MAX: usize = 64;

args! {
    struct ResetArgs {
        login: String = required(Kind::Login, "The user who can't sign in (case-sensitive)"),
        method: Option<String> = optional(Kind::Choice(&METHODS),
            "The reset method; default: email, or directory if passwords are in a directory"),
        email: Option<String> = optional(Kind::Email(false), "Set this email address first, and send the email to it"),
        _ = Arg::optional("reason", Kind::Sentence(300), "Why, such as a ticket number"),
        force: bool = optional(Kind::Flag, "Recreate the user even if they are active"),
        _ = EMERGENCY,
    }
}

const SPEC: Spec = Spec {
    about: "Help a user who can't sign in",
    help: "Amazon Connect has no API to reset a password. `email` emails them how to set a new one, at the address on file or at `email:…`, which is set first. `console` walks you through the admin website and keeps the user's id and history. `recreate` removes the user and creates it again with the same login and a temporary password. Use it as a last resort: it can't be undone. If a directory holds the passwords, `directory` sets a new one there and is the only method; the directory must be in the configuration. With SAML, you are told where to reset the password.",
    risk: Risk::Destructive,
    also: &["unlock", "password", "locked"],
    args: ResetArgs::ARGS,
    examples: &[
        "/connect reset john.doe",
        "/connect reset john.doe email:john.doe@example.org",
        "/connect reset john.doe method:console",
        "/connect reset john.doe method:recreate reason:\"INC-1234 locked out\"",
    ],
    operations: &[
        "DescribeInstance",
        "GetCurrentUserData",
        "ListAgentStatuses",
        "ListRoutingProfiles",
        "ListSecurityProfilePermissions",
        "ListQueues",
        "ListContactFlows",
        "SearchQuickConnects",
        "SearchRoutingProfiles",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let ResetArgs { login, method: given, email: to, force } = ResetArgs::of(ask.args)?;
    let instance = ask.center.instance().await?;
    let user = names::user(ask.center, &login).await?;
    let method = method(given.as_deref(), &instance, &user)?;
    if method != "email" && to.is_some() {
        let hint = match method {
            "directory" => "Leave it out: the password is set in the directory, and no email sets it.",
            _ => "Leave out `method:…`, or set the email with `/connect edit`.",
        };
        return Err(
            Problem::requester("option_misplaced", "`email:…` works only with `method:email`.").hint(hint)
        );
    }
    if method == "email" {
        return mail(ask, to.as_deref(), &instance, user).map(Answer::Plan);
    }
    if method == "directory" {
        return directory(ask, user).map(Answer::Plan);
    }
    let plan = match method {
        "recreate" => {
            let presence = ask.center.presence(&user.id).await?;
            let email = user.profile.identity.email.clone();
            let (login, name) = (user.login.clone(), user.profile.identity.full_name());
            let snapshot = ask.center.snapshot(&user).await?;
            if presence.active && !force {
                return Err(users::still_active(&user, &presence, ask.now));
            }
            let lasting = temporary::lasting(ask, &user).await?;
            let flows = Flows::of(ask, &snapshot.quick_connects).await?;
            let mut plan = recreate(instance.identity, Snapshot { lasting, ..snapshot }, &flows);
            if let Some(to) = email {
                let email = emails::email(ask, &instance, EmailKind::Credentials, &to, &login, &name);
                emails::send(ask, &mut plan, email, 0);
            }
            plan
        }
        _ => console(&instance, user),
    };
    Ok(Answer::Plan(plan))
}

/// The method that was asked for, or the default for where the password is kept; a method that cannot work is refused with the reason.
fn method<'a>(given: Option<&'a str>, instance: &Instance, user: &User) -> Result<&'a str, Problem> {
    let login = whole(&user.login);
    let elsewhere = |message: String| Problem::requester("password_elsewhere", message);
    match (instance.identity, given) {
        (IdentityType::ConnectManaged, Some("directory")) => Err(elsewhere(format!(
            "The password of {login} is in Amazon Connect, not in a directory."
        ))
        .hint("Leave out `method:…` to email them how to set a new one.")),
        (IdentityType::ConnectManaged, method) => Ok(method.unwrap_or("email")),
        (IdentityType::ExistingDirectory, None | Some("directory")) => Ok("directory"),
        (IdentityType::ExistingDirectory, Some(_)) => Err(elsewhere(format!(
            "The password of {login} is in the directory this contact center uses, not in Amazon Connect. Recreating the user doesn't change it."
        ))
        .hint("Leave out `method:…` to set a new one in the directory.")),
        (IdentityType::Saml, _) => Err(elsewhere(format!(
            "This contact center uses SAML, so {login} has no password in Amazon Connect."
        ))
        .hint("Reset it at the identity provider, or tell them to use its \"Forgot password\".")),
    }
}

/// The directory gets a new password, which only the requester sees.
fn directory(ask: &Ask<'_>, user: User) -> Result<Plan, Problem> {
    let login = whole(&user.login);
    if ask.site.directory.is_none() {
        let message = format!(
            "The password of {login} is in a directory, and the desk's configuration doesn't name it."
        );
        return Err(Problem::operator("directory_unknown", message).hint(
            "Write `directory = \"d-…\"` under [contact_center], with the id that AWS Directory Service shows, and restart the desk. Until then, reset the password with the directory's own tools.",
        ));
    }
    if user.login.chars().count() > DIRECTORY_NAME_MAX || user.login.contains(['@', '\\']) {
        let message = format!("The directory can't find a user by the login {login}.");
        return Err(Problem::requester("directory_name", message).hint(format!(
            "AWS takes names of at most {DIRECTORY_NAME_MAX} characters without `@` and `\\`. Reset the password with the directory's own tools."
        )));
    }
    let reset = DirectoryPassword { login: user.login.clone() };
    Ok(Plan {
        about: vec![users::subject(&user)],
        steps: vec![Step::new(format!("Set a new password for {login} in the directory"), reset).pivot()],
        warnings: vec![
            format!(
                "If {login} is disabled in the directory, this enables the account. Make sure they still work here."
            ),
            "The new password applies to everything they sign in to with this directory.".to_owned(),
        ],
        lost: vec!["current password".to_owned()],
        others: vec![
            "reset it with the directory's own tools (with an AD Connector, the only option)".to_owned(),
        ],
        before: vec![users::bare(user.clone())],
        makes_password: true,
        ..Plan::new(format!("Set a new password for {} in the directory.", user.shown()))
    })
}

/// They set a new password themselves. The email says how, and goes to the address that the login page uses too.
fn mail(ask: &Ask<'_>, said: Option<&str>, instance: &Instance, user: User) -> Result<Plan, Problem> {
    let login = whole(&user.login);
    let old = user.profile.clone();
    let said = said.map(address::email).transpose()?;
    let Some(to) = said.or_else(|| old.identity.email.clone()) else {
        return Err(Problem::requester("email_missing", format!("{login} has no email on file."))
            .hint("Add `email:…` to set one, or choose `method:console` or `method:recreate`."));
    };
    let mut new = old.clone();
    new.identity.email = Some(to.clone());
    let is_new = new.identity.email != old.identity.email;
    let warnings = if is_new { users::new_email(&user, &to) } else { Vec::new() };
    let name = old.identity.full_name();
    let mut plan = Plan {
        about: vec![users::subject(&user)],
        warnings,
        others: vec![
            "`method:console`: set a password in the admin website; the id and history are kept".to_owned(),
            "`method:recreate`: remove the user and create it again".to_owned(),
        ],
        ..Plan::new(format!("Email {} how to set a new password.", user.shown()))
    };
    for side in changes::sides(&old, &new) {
        let has = |facet| UserHas { login: user.login.clone(), user_id: user.id.clone(), facet };
        plan.blocks.push(Block::Changes(side.changes().iter().map(changes::quoted).collect()));
        let step = Step::new(format!("{} {login}", side.title), has(side.new));
        plan.steps.push(step.undone_by(has(side.old)));
    }
    let email = |kind, to: &str| emails::email(ask, instance, kind, to, &user.login, &name);
    if let Some(before) = old.identity.email.as_ref().filter(|_| is_new) {
        emails::send(ask, &mut plan, email(EmailKind::EmailChanged, before), 0);
    }
    emails::send(ask, &mut plan, email(EmailKind::ForgotPassword, &to), 0);
    plan.before.push(users::bare(user));
    Ok(plan)
}

/// A person sets the password in the admin website; the desk plans it, has it approved, waits for Done and logs it.
fn console(instance: &Instance, user: User) -> Plan {
    let login = whole(&user.login);
    let mut warnings = vec![format!("The reset signs {login} out everywhere immediately.")];
    warnings.extend(without_email(&user));
    let by_hand = DoneByHand {
        instruction: format!(
            "Open the page of {login}, choose \"Reset password\", enter a new random password of 20 or more characters and choose \"Submit\". Tell it to them by phone or in person; they must change it right away. Then press Mark as done."
        ),
        link: instance.website.as_ref().map(|site| format!("{site}/users/edit?id={}", user.id)),
    };
    let step = Step::new(format!("Set a temporary password for {login} in the admin website"), by_hand);
    let what = format!("Set a temporary password for {} manually.", user.shown());
    Plan {
        about: vec![users::subject(&user)],
        steps: vec![step],
        warnings,
        others: vec![
            "`method:email`: they set a new password themselves, if an email is on file".to_owned(),
            "`method:recreate`: remove the user and create it again".to_owned(),
        ],
        before: vec![users::bare(user)],
        ..Plan::new(what)
    }
}

fn without_email(user: &User) -> Option<String> {
    let login = whole(&user.login);
    user.profile
        .identity
        .email
        .is_none()
        .then(|| format!("{login} has no email on file, so \"Forgot password?\" won't work for them."))
}

/// The guide's "Reset Account": quick connects first so that no one can transfer to a ghost, then the user, then everything back.
fn recreate(kept: IdentityType, snapshot: Snapshot, flows: &Flows) -> Plan {
    let user = &snapshot.user;
    let login = whole(&user.login);
    let mut warnings: Vec<String> = without_email(user).into_iter().collect();
    if user.login.chars().count() > 20 {
        warnings.push(format!(
            "{login} is longer than the 20 characters AWS documents for logins. Amazon Connect may refuse to create it again."
        ));
    }
    if let Err(problem) = kept.check_new_login(&user.login) {
        warnings.push(format!("{} Amazon Connect may refuse to create it again.", problem.message));
    }
    let mut profile = Box::new(IdentityType::ConnectManaged.to_create(user.profile.clone()));
    if let Some((no, lasting)) = &snapshot.lasting {
        warnings.push(temporary::instead("is", *no, &profile.routing_profile, lasting));
        profile.routing_profile.clone_from(lasting);
    }
    let quick_connects = TakenOut::of(&snapshot, flows);
    let mut steps = quick_connects.before;
    let gone = UserAbsent { login: user.login.clone(), user_id: user.id.clone() };
    steps.push(Step::new(format!("Remove {login}"), gone).pivot());
    let again = UserPresent {
        login: user.login.clone(),
        profile,
        instead_of: Some(user.id.clone()),
        password: Password::Sealed,
    };
    steps.push(Step::new(format!("Create {login} again with a temporary password"), again));
    if !snapshot.proficiencies.is_empty() {
        let proficiencies = snapshot.proficiencies.clone();
        let title = format!("Restore {}", count(proficiencies.len(), "proficiency"));
        steps.push(Step::new(title, ProficienciesAre { login: user.login.clone(), proficiencies }));
    }
    steps.extend(quick_connects.again);
    steps.extend(quick_connects.after);
    let mut lost = quick_connects.lost;
    lost.extend([
        "user id and ARN; everything that refers to them".to_owned(),
        "own queue; tasks waiting in it".to_owned(),
        "activity audit; past metrics keep the old id in reports".to_owned(),
        "password; sessions and saved reports".to_owned(),
    ]);
    let what = format!(
        "Remove {} and create it again under the same login with a temporary password.",
        user.shown()
    );
    Plan {
        about: vec![users::subject(user)],
        steps,
        warnings,
        lost,
        others: vec![
            "`method:console`: set a password in the admin website; the id and history are kept".to_owned(),
        ],
        before: vec![snapshot],
        makes_password: true,
        ..Plan::new(what)
    }
}
