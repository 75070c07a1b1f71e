use desk_core::args;
use desk_core::basics::ids;
use desk_core::basics::logins;
use desk_core::basics::problem::{Owner, Problem};
use desk_core::basics::text::{code, list, whole};
use desk_core::card::Block;
use desk_core::center::names;
use desk_core::center::{Identity, IdentityType, Instance, Named, Phone, Profile, Snapshot};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::email::EmailKind;
use desk_core::plan::{AffectedUser, Password, Plan};
use desk_core::profile::{AddOptions, Field, blank, is_amazons};
use desk_core::user::{UserPatch, changes};
use desk_core::words::{Args, Kind, REASON, Risk, Spec};

use crate::parts::{emails, password_elsewhere, profile, salesforce, subject, temporary, users};

pub(crate) const COMMAND: Command = command!(SPEC, answer, users::CREATES)
    .titled(|asked| format!("Add {}", subject::whom(asked).unwrap_or_else(|| "a user".to_owned())));

/// The longest login that AWS documents, in characters; longer ones have been seen to work.
const LOGIN_DOCUMENTED: usize = 20;

args! {
    struct AddArgs {
        ..fields: AddOptions,
        login: Option<String> = optional(Kind::Word(200), "The login; First.Last by default"),
        like: Option<String> = optional(Kind::Login, "A user whose settings are copied"),
        salesforce: bool = optional(Kind::Flag, "Also grant AC_Agent and add them to the call center in Salesforce"),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Create a user with the site's defaults: login First.Last, soft phone, auto-accept off, 300 s ACW",
    help: "`like:…` takes profiles, group, contact handling, tags and proficiencies from another user; options you also give take precedence. With an email, the user sets their own password with \"Forgot password?\". Without one, you get a temporary password, and a supervisor has to approve. `salesforce:true` also gives their existing Salesforce user the permission set and call center of agents. If one system fails, the change in the other is rolled back.",
    risk: Risk::Sensitive,
    also: &["create", "new", "onboard", "hire"],
    args: AddArgs::ARGS,
    examples: &[
        "/connect add Erika Muster email:erika.muster@example.com like:jose.garcia",
        "/connect add Max Muster routing_profile:\"Basic Routing Profile\" security_profile:Agent",
        "/connect add Nora Nowak email:nora.nowak@example.com like:jose.garcia salesforce:true",
    ],
    operations: &[
        "DescribeInstance",
        "DescribeUser",
        "ListRoutingProfiles",
        "ListSecurityProfilePermissions",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let instance = ask.center.instance().await?;
    let args = AddArgs::of(ask.args)?;
    let login = login(ask, &instance, args.login.as_deref(), args.fields.args())?;
    is_free(ask, &login).await?;
    let wish = UserPatch::of_options(args.fields.args(), ask.center).await?;
    let like = match args.like.as_deref() {
        None => None,
        Some(like) => {
            let user = names::user(ask.center, like).await.map_err(|problem| problem.about("like"))?;
            // Quick connects lead to that user alone; they are neither copied nor looked at.
            let proficiencies = ask.center.proficiencies(&user).await?;
            Some(Snapshot { proficiencies, ..users::bare(user) })
        }
    };
    let mut noticed = wish.notes();
    let template = match &like {
        Some(like) => {
            let mut template = like_another(like);
            if let (Some((no, lasting)), false) =
                (temporary::lasting(ask, &like.user).await?, wish.has(Field::RoutingProfile))
            {
                noticed.push(temporary::instead("is", no, &template.routing_profile, &lasting));
                template.routing_profile = lasting;
            }
            template
        }
        None => by_default(ask, &wish).await?,
    };
    let profile = wish.applied(&login, &template)?;
    complete(ask, &profile).await?;
    instance.identity.check(&login, None, &profile)?;
    let email = profile.identity.email.clone();
    let to = profile.identity.reached(instance.identity).map(str::to_owned);
    let name = profile.identity.full_name();
    let mut plan = plan(&instance, login.clone(), profile, like);
    plan.warnings.extend(noticed);
    if args.salesforce {
        let onboarding = salesforce::onboarding(ask, &[(&login, email.as_deref())]).await?;
        onboarding.add_to(&login, &mut plan, 0)?;
        onboarding.say(&mut plan);
    } else {
        plan.next = salesforce::next(ask, ["grant", "join"], &[&login]);
    }
    if let Some(to) = to {
        let email = emails::email(ask, &instance, EmailKind::Credentials, &to, &login, &name);
        emails::send(ask, &mut plan, email, 0);
    }
    Ok(Answer::Plan(plan))
}

/// The login as it was said, or made of the names: letters and digits that everybody can type.
fn login(ask: &Ask<'_>, instance: &Instance, typed: Option<&str>, names: &Args) -> Result<String, Problem> {
    const NEXT: &str = "Choose another one with `login:…`, such as `login:John.Doe`.";
    let login = match typed {
        Some(typed) => ids::login(typed).map_err(|problem| problem.hint(NEXT))?,
        None => {
            // `Mary Ann Smith` signs in as `Mary.Smith`.
            let first = names.word("first_name").split_whitespace().next().unwrap_or_default();
            let (first, last) = (logins::part(first), logins::part(names.word("last_name")));
            if first.is_empty() || last.is_empty() {
                return Err(
                    Problem::requester("login_empty", "These names don't make a valid login.").hint(NEXT)
                );
            }
            let made = ask.site.new_users.login.replace("{first}", &first).replace("{last}", &last);
            ids::login(&made).map_err(|problem| problem.hint(NEXT))?
        }
    };
    instance.identity.check_new_login(&login).map_err(|problem| problem.hint(NEXT))?;
    Ok(login)
}

/// Refuses a login that is, also when only its case differs: people would mix them up.
async fn is_free(ask: &Ask<'_>, login: &str) -> Result<(), Problem> {
    let Some(user) = users::standing(ask, login).await? else { return Ok(()) };
    let case = if user.login == login { "" } else { ", which differs only in its case" };
    let message = format!("There is a user {}{case}: {}.", code(&user.login), users::found(&user));
    Err(Problem::requester("login_taken", message).hint(format!(
        "`/connect show {}` shows it; if this is a different person, choose another login with `login:…`.",
        user.login
    )))
}

/// What a new user has when nothing else is said, as the site has decided.
async fn by_default(ask: &Ask<'_>, wish: &UserPatch) -> Result<Profile, Problem> {
    let site = &ask.site.new_users;
    let mut new = Profile { settings: profile::new_settings(site), ..blank() };
    if let (Some(named), false) = (&site.routing_profile, wish.has(Field::RoutingProfile)) {
        let all = ask.center.routing_profiles().await?;
        new.routing_profile = names::resolve("routing profile", named, &all).map_err(misconfigured)?;
    }
    if let (Some(named), false) = (&site.security_profile, wish.has(Field::SecurityProfiles)) {
        let all = ask.center.security_profiles().await?;
        new.security_profiles = vec![names::resolve("security profile", named, &all).map_err(misconfigured)?];
    }
    // A desk phone without a number answers nothing.
    if !wish.has(Field::PhoneNumber) {
        new.settings.phone = Some(Phone::Soft { number: None });
    }
    Ok(new)
}

/// A name in the configuration that the contact center does not have is the operator's to fix.
fn misconfigured(problem: Problem) -> Problem {
    if problem.owner != Owner::Requester {
        return problem;
    }
    Problem::operator(
        "new_users",
        format!("{} It is set under [new_users] in the configuration.", problem.message),
    )
    .hint(format!("Correct it there. {}", problem.hint).trim())
}

/// What another user has, but for what is their own.
fn like_another(like: &Snapshot) -> Profile {
    let mut profile = like.user.profile.clone();
    profile.identity = Identity::default();
    profile.directory_user_id = None;
    profile.tags.retain(|key, _| !is_amazons(key));
    profile.settings.phone = Some(Phone::Soft { number: None });
    profile
}

async fn complete(ask: &Ask<'_>, profile: &Profile) -> Result<(), Problem> {
    let missing = |what: &str, names: Vec<Named>| {
        let mut names: Vec<String> = names.iter().map(|named| code(&named.name)).collect();
        names.sort();
        names.truncate(10);
        Problem::requester("option_missing", format!("The {what} is missing.")).hint(format!(
            "Add it, such as {}, or use `like:<login>` to copy another user's.",
            list(&names, "or")
        ))
    };
    if profile.routing_profile.id.is_empty() {
        return Err(missing("routing profile", ask.center.routing_profiles().await?));
    }
    if profile.security_profiles.is_empty() {
        return Err(missing("security profile", ask.center.security_profiles().await?));
    }
    Ok(())
}

fn plan(instance: &Instance, login: String, profile: Profile, like: Option<Snapshot>) -> Plan {
    let shown = whole(&login);
    let has_email = profile.identity.email.is_some();
    let password = users::first_password(instance.identity, &profile.identity);
    let sealed = password == Password::Sealed;
    let mut warnings = Vec::new();
    if !has_email && instance.identity.keeps_password() {
        warnings.push(format!(
            "No email is given. Without one {shown} cannot reset their own password, and adding one later doesn't always fix that."
        ));
    }
    if instance.identity == IdentityType::Saml {
        warnings.extend(password_elsewhere::never_sent(&login));
    }
    let length = login.chars().count();
    if length > LOGIN_DOCUMENTED && instance.identity != IdentityType::Saml {
        warnings.push(format!(
            "The login has {length} characters; AWS documents at most {LOGIN_DOCUMENTED}, and creating it may be refused."
        ));
    }
    warnings.extend(changes::warnings(None, &profile));
    let proficiencies = like.as_ref().map(|like| like.proficiencies.clone()).unwrap_or_default();
    if let Some(like) = &like
        && matches!(like.user.profile.settings.phone, Some(Phone::Desk { .. }))
        && matches!(profile.settings.phone, Some(Phone::Soft { .. }))
    {
        warnings.push(format!(
            "{} has a desk phone; its number is theirs, so a soft phone is set.",
            code(&like.user.login)
        ));
    }
    let mut facts = changes::facts(&profile);
    if let Some(like) = &like {
        facts.push(("Like".to_owned(), like.user.shown()));
    }
    let site = instance.website.as_ref().map(|site| format!(" at {site}")).unwrap_or_default();
    let first_login = match password {
        Password::Forgotten => format!(
            "Password: random, shown to no one. They set their own from the login page{site}: enter {shown} (case-sensitive) and choose \"Forgot password?\"."
        ),
        Password::Sealed => format!(
            "Password: temporary, shown once to the requester. They sign in{site} as {shown} (case-sensitive) and must change it right away."
        ),
        Password::Elsewhere | Password::OfFile { .. } => password_elsewhere::signs_in(instance, &login),
    };
    let name = profile.identity.full_name();
    let steps = users::created(&login, profile, password, proficiencies);
    let what = format!("Create the user {} ({shown}).", whole(&name));
    Plan {
        about: vec![AffectedUser { login, user_id: String::new(), name }],
        blocks: vec![Block::Facts(facts), Block::Text(first_login)],
        steps,
        warnings,
        before: like.into_iter().collect(),
        makes_password: sealed,
        ..Plan::new(what)
    }
}
