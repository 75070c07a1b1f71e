//! Someone who was removed is created again as the log knows them, with what of it the contact center still has.

use desk_core::basics::problem::Problem;
use desk_core::basics::text::{count, did_you_mean, nearest, whole};
use desk_core::card::Block;
use desk_core::center::names;
use desk_core::center::{IdentityType, Instance, Named, Proficiency, Profile, QuickConnect, Snapshot, User};
use desk_core::command::Ask;
use desk_core::email::{Email, EmailKind};
use desk_core::plan::effect::{ProficienciesAre, UserPresent};
use desk_core::plan::{AffectedUser, Password, Plan, Step};
use desk_core::profile::Field;
use desk_core::user::{UserPatch, changes};

use crate::parts::quick_connects::Flows;
use crate::parts::{Part, emails, temporary, users};

/// One user's return.
pub(crate) struct Comeback {
    /// As the user is to be, under the id that is gone.
    snapshot: Snapshot,
    flows: Flows,
    password: Password,
    warnings: Vec<String>,
    email: Option<Email>,
    kept: IdentityType,
}

/// Looks what of someone's old settings there still is. `wish` says otherwise where that is wanted.
pub(crate) async fn of(
    ask: &Ask<'_>,
    instance: &Instance,
    old: &Snapshot,
    wish: &UserPatch,
) -> Result<Comeback, Problem> {
    let login = &old.user.login;
    if let Some(other) = users::standing(ask, login).await? {
        let message = format!("The login {} is taken: {}.", whole(login), users::found(&other));
        return Err(Problem::requester("login_taken", message).hint(format!(
            "`/connect show {}` shows it; if this is a different person, create a user with another login.",
            other.login
        )));
    }
    let mut warnings = Vec::new();
    let mut profile = old.user.profile.clone();
    if let (Some((no, lasting)), false) = (&old.lasting, wish.has(Field::RoutingProfile)) {
        warnings.push(temporary::instead("was", *no, &profile.routing_profile, lasting));
        profile.routing_profile.clone_from(lasting);
    }
    profile = instance.identity.to_create(wish.applied(login, &profile)?);
    settle(ask, login, &mut profile, &mut warnings).await?;
    let proficiencies = still_predefined(ask, &old.proficiencies, &mut warnings).await?;
    let flows = Flows::of(ask, &old.quick_connects).await?;
    let quick_connects = still_possible(ask, &flows, &old.quick_connects, &mut warnings).await?;
    let password = users::first_password(instance.identity, &profile.identity);
    if password == Password::Sealed {
        warnings.push(format!("No email was on file, so {} can't set their own password.", whole(login)));
    }
    let email = match (&profile.identity.email, instance.identity) {
        (Some(to), IdentityType::ConnectManaged) => {
            let name = profile.identity.full_name();
            Some(emails::email(ask, instance, EmailKind::Credentials, to, login, &name))
        }
        _ => None,
    };
    let user = User { profile, ..old.user.clone() };
    let snapshot = Snapshot { proficiencies, quick_connects, ..Snapshot::bare(user) };
    Ok(Comeback { snapshot, flows, password, warnings, email, kept: instance.identity })
}

/// Puts today's names of profiles and group into the profile. Without a routing profile or any security profile no one can
/// be created; a group is left out.
async fn settle(
    ask: &Ask<'_>,
    login: &str,
    profile: &mut Profile,
    warnings: &mut Vec<String>,
) -> Result<(), Problem> {
    let routing = ask.center.routing_profiles().await?;
    profile.routing_profile = today(&profile.routing_profile, &routing).ok_or_else(|| {
        Problem::requester(
            "restore_profile_gone",
            gone("routing profile", &profile.routing_profile, &routing),
        )
        .hint(format!("Choose another one: `/connect restore {login} routing_profile:…`."))
    })?;
    let all = ask.center.security_profiles().await?;
    let mut kept = Vec::new();
    let mut missing = Vec::new();
    for named in &profile.security_profiles {
        match today(named, &all) {
            Some(named) => kept.push(named),
            None => missing.push(gone("security profile", named, &all)),
        }
    }
    if kept.is_empty() {
        return Err(Problem::requester("restore_profile_gone", missing.join(" "))
            .hint(format!("Choose another one: `/connect restore {login} security_profile:…`.")));
    }
    kept.sort_by(|a, b| a.name.cmp(&b.name));
    profile.security_profiles = kept;
    warnings.extend(missing);
    if let Some(group) = profile.hierarchy_group.take() {
        let groups = ask.center.hierarchy_groups().await?;
        profile.hierarchy_group = match groups.iter().find(|one| one.id == group.id) {
            Some(same) => Some(ask.center.hierarchy_path(same).await?),
            None => match names::hierarchy_group(ask.center, &group.name).await {
                Ok(named) => Some(named),
                Err(problem) if problem.owner == desk_core::basics::problem::Owner::Requester => {
                    warnings.push(format!(
                        "{} The user is restored without one.",
                        gone("hierarchy group", &group, &groups)
                    ));
                    None
                }
                Err(problem) => return Err(problem),
            },
        };
    }
    Ok(())
}

/// The proficiencies that can still be given: those whose attribute has their value.
async fn still_predefined(
    ask: &Ask<'_>,
    old: &[Proficiency],
    warnings: &mut Vec<String>,
) -> Result<Vec<Proficiency>, Problem> {
    if old.is_empty() {
        return Ok(Vec::new());
    }
    let all = ask.center.predefined_attributes().await?;
    let (kept, gone): (Vec<_>, Vec<_>) = old
        .iter()
        .cloned()
        .partition(|one| all.get(&one.attribute).is_some_and(|values| values.contains(&one.value)));
    warnings.extend(gone.iter().map(|one| {
        let name = whole(&format!("{}: {}", one.attribute, one.value));
        format!("The proficiency {name} is no longer predefined, so it isn't restored.")
    }));
    Ok(kept)
}

/// The quick connects whose name is free and whose flow still works, in the queues that there still are.
async fn still_possible(
    ask: &Ask<'_>,
    flows: &Flows,
    old: &[QuickConnect],
    warnings: &mut Vec<String>,
) -> Result<Vec<QuickConnect>, Problem> {
    if old.is_empty() {
        return Ok(Vec::new());
    }
    let queues = ask.center.queues().await?;
    let taken = ask.center.quick_connects().await?;
    let mut kept = Vec::new();
    for one in old {
        let name = whole(&one.name);
        if let Some(why) = flows.why_not(one) {
            warnings.push(format!("The quick connect {name} isn't restored, because {why}."));
            continue;
        }
        if taken.iter().any(|other| other.name == one.name) {
            warnings
                .push(format!("There is another quick connect {name} now, so the old one isn't restored."));
            continue;
        }
        let mut one = one.clone();
        let was = std::mem::take(&mut one.queues);
        for queue in was {
            match today(&queue, &queues) {
                Some(queue) => one.queues.push(queue),
                None => warnings.push(format!(
                    "{} The quick connect {name} isn't added to it.",
                    gone("queue", &queue, &queues)
                )),
            }
        }
        kept.push(one);
    }
    Ok(kept)
}

/// The same thing as it is called today: by its id, or else the one that has its name now.
pub(crate) fn today(named: &Named, all: &[Named]) -> Option<Named> {
    let by_id = all.iter().find(|one| one.id == named.id);
    by_id.or_else(|| all.iter().find(|one| one.name == named.name)).cloned()
}

/// That something is no longer there, with what is called nearly the same.
pub(crate) fn gone(kind: &str, named: &Named, all: &[Named]) -> String {
    let near = nearest(&named.name, all.iter().map(|one| one.name.as_str()));
    let hint = did_you_mean(&near).map(|hint| format!(" {hint}")).unwrap_or_default();
    format!("The {kind} {} no longer exists.{hint}", whole(&named.name))
}

impl Comeback {
    /// Whether a temporary password is made for anyone who asks.
    pub(crate) fn is_sealed(&self) -> bool {
        self.password == Password::Sealed
    }

    pub(crate) fn facts(&self) -> Vec<(String, String)> {
        changes::facts(&self.snapshot.user.profile)
    }
}

/// Once the user is nothing removes them again: what fails then is repaired.
impl Part for Comeback {
    fn add_to(self, ask: &Ask<'_>, plan: &mut Plan, part: u32) {
        let Comeback { snapshot, flows, password, warnings, email, kept } = self;
        let user = &snapshot.user;
        let login = whole(&user.login);
        plan.makes_password |= password == Password::Sealed;
        let again = UserPresent {
            login: user.login.clone(),
            profile: Box::new(user.profile.clone()),
            instead_of: Some(user.id.clone()),
            password,
        };
        let mut steps = vec![Step::new(format!("Create {login} again"), again).pivot()];
        if !snapshot.proficiencies.is_empty() {
            let proficiencies = snapshot.proficiencies.clone();
            let title = format!("Restore for {login}: {}", count(proficiencies.len(), "proficiency"));
            steps.push(Step::new(title, ProficienciesAre { login: user.login.clone(), proficiencies }));
        }
        steps.extend(snapshot.quick_connects.iter().flat_map(|one| flows.put_back(one, user)));
        plan.steps.extend(steps.into_iter().map(|step| step.of_part(part)));
        if let Some(email) = email {
            emails::send(ask, plan, email, part);
        }
        plan.warnings.extend(warnings);
        plan.lost.extend(
            [
                "old id and ARN; reports show the old and the new user separately",
                "own queue; tasks that were waiting in it",
            ]
            .map(str::to_owned),
        );
        plan.lost.push(users::lost_with(kept, "old password"));
        if plan.about.iter().all(|other| other.login != user.login) {
            plan.about.push(AffectedUser { user_id: String::new(), ..users::subject(user) });
        }
        plan.before.push(snapshot);
    }
}

/// Those who come back, when they are several.
pub(crate) fn table(comebacks: &[Comeback]) -> Block {
    let rows = comebacks.iter().map(|one| {
        let user = &one.snapshot.user;
        let identity = &user.profile.identity;
        vec![user.login.clone(), identity.full_name(), user.profile.routing_profile.name.clone()]
    });
    Block::table(["Restored", "Name", "Routing profile"], rows)
}
