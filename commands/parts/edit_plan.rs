//! What becomes different about one user, with what has to be said and may not be done: shared by whatever edits.

use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{count, list, plain, whole};
use desk_core::card::Block;
use desk_core::center::{Instance, Named, Proficiency, Profile, Snapshot, User};
use desk_core::command::Ask;
use desk_core::email::{Email, EmailKind};
use desk_core::plan::effect::{ProficienciesAre, UserHas};
use desk_core::plan::{Effect, Plan, Step, UserOutcome};
use desk_core::user::UserField;
use desk_core::user::changes::{self, Change};

use crate::parts::{Part, emails, temporary, users};

/// What becomes different about one user.
pub(crate) struct Editing {
    pub(crate) user: User,
    proficiencies: Vec<Proficiency>,
    /// See [`Snapshot::lasting`].
    lasting: Option<(RequestNo, Named)>,
    pub(crate) steps: Vec<(String, Effect, Effect)>,
    changes: Vec<Change>,
    pub(crate) warnings: Vec<String>,
    others: Vec<String>,
    email: Option<Email>,
}

/// Fields that a plan's sentence names; more are counted.
const FIELDS: usize = 2;

/// Proficiencies as they are, and as they are after each step that changes them: one step is one call.
pub(crate) struct Levels {
    pub(crate) stand: Vec<Proficiency>,
    pub(crate) turns: Vec<(&'static str, Vec<Proficiency>)>,
}

impl Levels {
    /// From those that there are to those that are wanted.
    pub(crate) fn to(stand: Vec<Proficiency>, mut wanted: Vec<Proficiency>) -> Levels {
        let name = |one: &Proficiency| (one.attribute.clone(), one.value.clone());
        let find =
            |all: &[Proficiency], what: &Proficiency| all.iter().find(|one| name(one) == name(what)).cloned();
        let mut turns = Vec::new();
        let kept: Vec<Proficiency> =
            stand.iter().filter(|one| find(&wanted, one).is_some()).cloned().collect();
        if kept.len() < stand.len() {
            turns.push(("Remove proficiencies from", kept.clone()));
        }
        // Setting a level and adding a proficiency are two calls.
        let mut set: Vec<Proficiency> = kept.iter().filter_map(|one| find(&wanted, one)).collect();
        if set != kept {
            set.sort_by_key(name);
            turns.push(("Set proficiencies of", set.clone()));
        }
        if set.len() < wanted.len() {
            wanted.sort_by_key(name);
            turns.push(("Set proficiencies of", wanted));
        }
        Levels { stand, turns }
    }
}

/// Makes `user` what `new` says, as far as the requester may.
pub(crate) async fn of(
    ask: &Ask<'_>,
    instance: &Instance,
    user: User,
    new: &Profile,
    levels: Option<Levels>,
) -> Result<Editing, Problem> {
    let login = whole(&user.login);
    let old = &user.profile;
    let mut warnings = changes::warnings(Some(old), new);
    let mut others = Vec::new();
    instance.identity.check(&user.login, Some(old), new)?;
    let email_is_new = new.identity.email != old.identity.email;
    if email_is_new {
        match &new.identity.email {
            Some(email) => warnings.extend(users::new_email(&user, email)),
            None => warnings
                .push(format!("{login} will have no email, so \"Forgot password?\" won't work for them.")),
        }
        if old.identity.email.is_none() {
            others.push(
                "`/connect reset … method:recreate`, if the password reset still fails afterwards".to_owned(),
            );
        }
    }
    let mut lasting = None;
    if new.routing_profile.id != old.routing_profile.id {
        lasting = temporary::lasting(ask, &user).await?;
        warnings.extend(temporary::warning(ask, &user, &new.routing_profile).await?);
    }
    let has = |field: UserField| {
        Effect::from(UserHas { login: user.login.clone(), user_id: user.id.clone(), field })
    };
    let mut steps = Vec::new();
    let mut changes = Vec::new();
    for change in changes::fields(old, new) {
        changes.extend(change.changes());
        steps.push((format!("{} {login}", change.title), has(change.new), has(change.old)));
    }
    let mut proficiencies = Vec::new();
    if let Some(Levels { stand, turns }) = levels {
        let are = |proficiencies: &[Proficiency]| {
            let proficiencies = proficiencies.to_vec();
            Effect::from(ProficienciesAre { login: user.login.clone(), proficiencies })
        };
        proficiencies.clone_from(&stand);
        let mut stand = stand;
        for (title, after) in turns {
            changes.extend(changes::proficiencies(&stand, &after));
            steps.push((format!("{title} {login}"), are(&after), are(&stand)));
            stand = after;
        }
    }
    // Anyone who reads the old address learns that it is no longer valid, in case it was not their wish.
    let [before, after] = [&old.identity, &new.identity].map(|identity| identity.reached(instance.identity));
    let email = before.filter(|_| before != after).map(|to| {
        emails::email(ask, instance, EmailKind::EmailChanged, to, &user.login, &old.identity.full_name())
    });
    Ok(Editing { user, proficiencies, lasting, steps, changes, warnings, others, email })
}

impl Editing {
    /// What it changes, in words: "email and first name", or how many settings.
    pub(crate) fn fields(&self) -> String {
        let mut names: Vec<String> = Vec::new();
        for (what, ..) in &self.changes {
            let name = changes::within(&plain(what.split(" (").next().unwrap_or(what), usize::MAX));
            if !names.contains(&name) {
                names.push(name);
            }
        }
        match names.len() {
            1..=FIELDS => list(&names, "and"),
            n => count(n, "setting"),
        }
    }

    /// The same where what stands out is counted over many users instead.
    pub(crate) fn without_warnings(mut self) -> Editing {
        self.warnings.clear();
        self.others.clear();
        self
    }
}

impl Part for Editing {
    fn add_to(self, ask: &Ask<'_>, plan: &mut Plan, part: u32) {
        plan.warnings.extend(self.warnings);
        let mut email = self.email;
        for (title, effect, undo) in self.steps {
            let sets_email =
                matches!(effect.user_outcome(), UserOutcome::Set { field: UserField::Identity(_), .. });
            plan.steps.push(Step::new(title, effect).undone_by(undo).of_part(part));
            // The warning follows the new address directly, so that nothing comes between them.
            if sets_email && let Some(email) = email.take() {
                emails::send(ask, plan, email, part);
            }
        }
        plan.others.extend(self.others);
        let Editing { user, proficiencies, lasting, .. } = self;
        plan.affects(Snapshot { proficiencies, lasting, ..users::bare(user) });
    }
}

/// Before and after: of one user as a list, of several as a table.
pub(crate) fn block<'a>(edits: impl IntoIterator<Item = &'a Editing>) -> Block {
    let edits: Vec<&Editing> = edits.into_iter().collect();
    if let [one] = edits.as_slice() {
        return Block::Changes(one.changes.iter().map(changes::quoted).collect());
    }
    let row = |edit: &Editing, (what, before, after): &Change| {
        vec![edit.user.login.clone(), what.clone(), before.clone(), after.clone()]
    };
    Block::table(
        ["Login", "What", "Before", "After"],
        edits.iter().flat_map(|edit| edit.changes.iter().map(move |change| row(edit, change))),
    )
}
