//! What commands about users share: who is meant, and what is said of them.

use desk_core::basics::ids;
use desk_core::basics::problem::{Owner, Problem};
use desk_core::basics::span::clock;
use desk_core::basics::text::{self, code, count, whole};
use desk_core::center::names;
use desk_core::center::{
    Filter, Found, Identity, IdentityType, Proficiency, Profile, Snapshot, User, UserPresence,
};
use desk_core::command::Ask;
use desk_core::plan::effect::{
    CallCenterIs, EffectKind as _, EffectNeeds, EmailSent, NewUserAbsent, PermissionSetAbsent,
    PermissionSetPresent, ProficienciesAre, UserPresent,
};
use desk_core::plan::{AffectedUser, Password, Step};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

/// Looks that are on their way at one time: enough to keep the quota busy, few enough to leave its queue short.
const LOOKS_AT_ONCE: usize = 16;

/// Of so many users what is against them is said in a sentence.
const AGAINST_SAID: usize = 5;
/// What creating a user may take, with what the softphone needs in Salesforce.
pub(crate) const CREATES: &[EffectNeeds] = &[
    UserPresent::NEEDS,
    NewUserAbsent::NEEDS,
    ProficienciesAre::NEEDS,
    EmailSent::NEEDS,
    PermissionSetPresent::NEEDS,
    PermissionSetAbsent::NEEDS,
    CallCenterIs::NEEDS,
];

/// Does the same for many users, some at a time, and gives what came of it in their order; the first problem ends it.
pub(crate) async fn side_by_side<T>(
    looks: impl IntoIterator<Item = impl Future<Output = Result<T, Problem>>>,
) -> Result<Vec<T>, Problem> {
    let looks: Vec<_> = looks.into_iter().collect();
    stream::iter(looks).buffered(LOOKS_AT_ONCE).try_collect().await
}

/// The same for users each of whom something may be against: all of it is told together. Whatever isn't the requester's to correct ends
/// it.
pub(crate) async fn all_or_why<T>(
    looks: Vec<(String, impl Future<Output = Result<T, Problem>>)>,
) -> Result<Vec<T>, Problem> {
    let looks = looks.into_iter().map(|(login, look)| async move {
        match look.await {
            Err(problem) if problem.owner != Owner::Requester => Err(problem),
            looked => Ok((login, looked)),
        }
    });
    let (mut all, mut against) = (Vec::new(), Vec::new());
    for (login, looked) in side_by_side(looks).await? {
        match looked {
            Ok(one) => all.push(one),
            Err(problem) => against.push((login, Err::<(), _>(problem))),
        }
    }
    none_against(against.iter().map(|(login, looked)| (login, looked.clone())))?;
    Ok(all)
}

/// What is against users: of one as it is, of several with the login of each, the first few in a sentence and all in a file.
pub(crate) fn none_against<'l, T>(
    each: impl IntoIterator<Item = (&'l String, Result<T, Problem>)>,
) -> Result<(), Problem> {
    let against: Vec<(&String, Problem)> =
        each.into_iter().filter_map(|(login, result)| Some((login, result.err()?))).collect();
    let (first, all) = match against.as_slice() {
        [] => return Ok(()),
        [(_, problem)] => return Err(problem.clone()),
        all @ [(_, first), ..] => (first.clone(), all),
    };
    let lines: Vec<String> =
        all.iter().map(|(login, problem)| format!("{}: {}", code(login), problem.message)).collect();
    let more = match all.len().saturating_sub(AGAINST_SAID) {
        0 => String::new(),
        rest => format!(" And {rest} more."),
    };
    let said = lines.iter().take(AGAINST_SAID).cloned().collect::<Vec<_>>().join(" ");
    let message = format!("{} can't be changed. {said}{more}", count(all.len(), "user"));
    let hint = first.hint.clone();
    let problem = Problem::requester(&first.code, message).hint(hint);
    Err(if more.is_empty() { problem } else { problem.file("problems.txt", lines.join("\n")) })
}

pub(crate) fn subject(user: &User) -> AffectedUser {
    AffectedUser::from(user)
}

/// The user alone, where proficiencies and quick connects do not matter.
pub(crate) fn bare(user: User) -> Snapshot {
    Snapshot::bare(user)
}

/// The users of `login` and `logins`, each once, in the order in which they were said.
pub(crate) async fn named(
    ask: &Ask<'_>,
    login: Option<String>,
    more: Vec<String>,
) -> Result<Vec<User>, Problem> {
    let mut logins: Vec<String> = login.into_iter().collect();
    for login in more {
        if !logins.contains(&login) {
            logins.push(login);
        }
    }
    if logins.len() > ids::LOGINS_MAX {
        let message =
            format!("You named {}. At most {} are allowed.", count(logins.len(), "user"), ids::LOGINS_MAX);
        return Err(Problem::requester("users_too_many", message).hint("Start with some of them."));
    }
    all_of(ask, logins).await
}

/// The users with these logins, in this order.
pub(crate) async fn all_of(ask: &Ask<'_>, logins: Vec<String>) -> Result<Vec<User>, Problem> {
    let found = ask.center.users(&logins).await?;
    let mut users = Vec::new();
    for login in logins {
        match found.iter().find(|user| user.login == login) {
            Some(user) => users.push(user.clone()),
            // It is looked for once more, because the refusal names the logins nearest to it.
            None => users.push(names::user(ask.center, &login).await?),
        }
    }
    Ok(users)
}

/// Why a login of a sheet, which no one has, can't be used; with `near` also which are nearest to it, for a call. A cell can't be offered
/// as a line, so the sentence names them.
pub(crate) async fn unknown(ask: &Ask<'_>, login: &str, near: bool) -> Result<Problem, Problem> {
    let problem = match near {
        true => names::user(ask.center, login).await.err(),
        false => None,
    };
    match problem {
        Some(problem) if problem.code != "user_unknown" => Err(problem),
        Some(mut problem) => {
            let instead = problem.meant.take().map(|meant| meant.instead).unwrap_or_default();
            let instead: Vec<&str> = instead.iter().map(String::as_str).collect();
            let is_said = instead.iter().any(|login| problem.hint.contains(&code(login)));
            match text::did_you_mean(&instead).filter(|_| !is_said) {
                Some(hint) => Ok(problem.hint(hint)),
                None => Ok(problem),
            }
        }
        None => Ok(Problem::requester("user_unknown", format!("No user {}.", code(login)))
            .hint("Search with `/connect find`.")),
    }
}

/// Who has a login, also when only its case differs: people would mix them up.
pub(crate) async fn standing(ask: &Ask<'_>, login: &str) -> Result<Option<Found>, Problem> {
    let alike = Filter { login: Some(login.to_owned()), ..Filter::default() };
    let (found, _) = ask.center.search(&alike, 100).await?;
    let lower = login.to_lowercase();
    Ok(found.into_iter().find(|user| user.login.to_lowercase() == lower))
}

/// `John Doe` with the routing profile `Basic Routing Profile`.
pub(crate) fn found(user: &Found) -> String {
    let name = format!("{} {}", user.first_name, user.last_name);
    format!("{} with the routing profile {}", code(name.trim()), code(&user.routing_profile))
}

/// How a user who is created gets a first password.
pub(crate) fn first_password(kept: IdentityType, identity: &Identity) -> Password {
    match (kept, &identity.email) {
        (IdentityType::ConnectManaged, Some(_)) => Password::Forgotten,
        (IdentityType::ConnectManaged, None) => Password::Sealed,
        _ => Password::Elsewhere,
    }
}

/// What is lost with a user who goes, beside what Amazon Connect has of them. A password that is kept elsewhere stays valid.
pub(crate) fn lost_with(kept: IdentityType, password: &str) -> String {
    match kept.keeps_password() {
        true => format!("{password}; sessions and saved reports"),
        false => "sessions and saved reports".to_owned(),
    }
}

pub(crate) fn still_active(user: &User, presence: &UserPresence, now: jiff::Timestamp) -> Problem {
    let status = presence.status.as_deref().unwrap_or("active");
    let since = presence.status_since.map(|at| format!(" since {}", clock(at, now))).unwrap_or_default();
    let contacts = match presence.contacts.len() {
        0 => String::new(),
        n => format!(", with {}", count(n, "contact")),
    };
    // Only a contact is waited for; someone who is merely active has to sign out.
    let waits = match presence.contacts.is_empty() {
        true => "",
        false => " The card then offers to wait until their contact ends.",
    };
    Problem::requester(
        "still_active",
        format!(
            "{} is active ({}{since}{contacts}). Removing them now would disconnect them.",
            code(&user.login),
            code(status)
        ),
    )
    .hint(format!("Have them sign out and try again, or add `force:true`, which the approver sees.{waits}"))
}

/// What to notice about a new email: it is a way to sign in.
pub(crate) fn new_email(user: &User, email: &str) -> Vec<String> {
    let login = code(&user.login);
    let mut warnings = vec![format!(
        "Anyone who can read {} can set a password for {login} with \"Forgot password?\" and sign in as them.",
        whole(email)
    )];
    if user.profile.identity.email.is_none() {
        warnings.push(
            "For a user who was created without an email, adding one doesn't always fix the password reset."
                .to_owned(),
        );
    }
    warnings
}

/// Steps by which a user is created, with their proficiencies.
pub(crate) fn created(
    login: &str,
    profile: Profile,
    password: Password,
    proficiencies: Vec<Proficiency>,
) -> Vec<Step> {
    let shown = whole(login);
    let login = login.to_owned();
    let undo = NewUserAbsent { login: login.clone(), profile: Box::new(profile.clone()) };
    let create = UserPresent { login: login.clone(), profile: Box::new(profile), instead_of: None, password };
    let mut steps = vec![Step::new(format!("Create {shown}"), create).undone_by(undo)];
    if !proficiencies.is_empty() {
        let title = format!("Give {shown} {}", count(proficiencies.len(), "proficiency"));
        let are = |proficiencies| ProficienciesAre { login: login.clone(), proficiencies };
        steps.push(Step::new(title, are(proficiencies)).undone_by(are(Vec::new())));
    }
    steps
}
