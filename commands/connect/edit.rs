use async_trait::async_trait;
use desk_core::card::Block;
use desk_core::center::{IdentityType, Instance, Proficiency, User};
use desk_core::command::{Answer, Ask, Command};
use desk_core::letters::{Letter, LetterKind};
use desk_core::plan::{Effect, Facet, Plan, Step};
use desk_core::problem::Problem;
use desk_core::text::{code, count, list};
use desk_core::words::{Arg, Kind, Risk, Spec};

use crate::profile::{self, Wish};
use crate::{letters, users};

pub(crate) const COMMAND: &dyn Command = &Edit;

struct Edit;

const SPEC: Spec = Spec {
    about: "Change what is set for one user or several: names, profiles, phone, tags",
    help: "Say only what is to change; everything else stays as it is. The word `none` clears a secondary email, a mobile number \
           or the hierarchy group. Several users are changed alike and each on its own: what fails for one is taken back for \
           that one. An email or security profiles need an approval, because they decide who can sign in and what they may do.",
    risk: Risk::Sensitive,
    args: &[
        Arg::optional("login", Kind::Login, "Whom to edit; case matters"),
        Arg::optional("logins", Kind::Text(4000), "More logins to edit alike, with commas between them"),
        Arg::optional("first_name", Kind::Text(255), "The first name"),
        Arg::optional("last_name", Kind::Text(300), "The last name"),
        Arg::optional("email", Kind::Text(265), "Where a forgotten password is reset"),
        Arg::optional("secondary_email", Kind::Text(265), "Gets notices, never password resets; or none"),
        Arg::optional("mobile", Kind::Text(40), "With its country, such as +15550100142; or none"),
        Arg::optional("routing_profile", Kind::RoutingProfile, "Which contacts they get"),
        Arg::optional("security_profiles", Kind::Text(1400), "All they shall have, with commas between them"),
        Arg::optional("add_security_profile", Kind::SecurityProfile, "One more of them"),
        Arg::optional("remove_security_profile", Kind::SecurityProfile, "One of them less"),
        Arg::optional("hierarchy_group", Kind::HierarchyGroup, "The group by name or path; or none"),
        Arg::optional("phone", Kind::Choice(&["soft", "desk"]), "Which phone they answer with"),
        Arg::optional("phone_number", Kind::Text(40), "The desk phone's, with its country"),
        Arg::optional("auto_accept", Kind::Flag, "Contacts connect without a click; voice if no channel is said"),
        Arg::optional("acw", Kind::Integer(0, profile::WORK_MAX), "Seconds of after contact work; 0 is without end"),
        Arg::optional(
            "channel",
            Kind::Choice(&["voice", "chat", "task", "email", "all"]),
            "The channel that auto_accept and acw are about",
        ),
        Arg::optional("persistent_connection", Kind::Flag, "The line stays open between calls"),
        Arg::optional(
            "audio_enhancement",
            Kind::Choice(&["none", "isolate_voice", "suppress_noise"]),
            "What is done about noise",
        ),
        Arg::optional("tag", Kind::Text(800), "Tags to set, as key=value"),
        Arg::optional("untag", Kind::Text(800), "Keys of tags to take off"),
        Arg::optional("proficiency", Kind::Text(220), "A skill and its level from 1 to 5, as Language:Spanish=4"),
        Arg::optional("remove_proficiency", Kind::Text(220), "A skill to take away, as Language:Spanish"),
        Arg::optional("reason", Kind::Text(300), "Why, such as a ticket number"),
    ],
    examples: &[
        "/connect edit john.doe routing_profile:\"Contact Tracers Profile\" hierarchy_group:\"Tracers East\"",
        "/connect edit john.doe acw:0 auto_accept:true",
        "/connect edit john.doe email:john.doe@example.org reason:\"INC-1234 new address\"",
        "/connect edit john.doe add_security_profile:\"L1 Support\"",
        "/connect edit john.doe tag:site=west untag:department",
    ],
    operations: &[
        "DescribeInstance",
        "SearchUsers",
        "DescribeUser",
        "ListRoutingProfiles",
        "ListSecurityProfiles",
        "ListSecurityProfilePermissions",
        "ListUserHierarchyGroups",
        "DescribeUserHierarchyGroup",
        "ListUserProficiencies",
        "ListQuickConnects",
        "DescribeQuickConnect",
        "ListQueues",
        "ListQueueQuickConnects",
        "UpdateUserIdentityInfo",
        "UpdateUserRoutingProfile",
        "UpdateUserSecurityProfiles",
        "UpdateUserHierarchy",
        "UpdateUserConfig",
        "TagResource",
        "UntagResource",
        "AssociateUserProficiencies",
        "UpdateUserProficiencies",
        "DisassociateUserProficiencies",
    ],
};

#[async_trait]
impl Command for Edit {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn answer(&self, ask: &Ask<'_>) -> Result<Answer, Problem> {
        let wish = profile::wish(ask).await?;
        let skills = Skills::read(ask)?;
        if wish.is_empty() && skills.is_empty() {
            return Err(Problem::asker("edit_nothing", "Nothing is said that is to change.").next(
                "Add an option, such as `acw:300` or `routing_profile:\"…\"`; `/desk help connect edit` lists them.",
            ));
        }
        let instance = ask.center.instance().await?;
        let users = users::named(ask).await?;
        if let (Some(own), true) = (wish.personal(), users.len() > 1) {
            return Err(Problem::asker("edit_personal", format!("{} is one person's own.", code(own)))
                .next("Edit these users one by one."));
        }
        let mut edits = Vec::new();
        let mut alike = Vec::new();
        let looks = users.into_iter().map(|user| edit(ask, &instance, user, &wish, &skills));
        for edit in users::side_by_side(looks).await? {
            if edit.steps.is_empty() { alike.push(edit.user) } else { edits.push(edit) }
        }
        let mut plan = plan(ask, edits, &alike)?;
        plan.warnings.extend(wish.notes());
        Ok(Answer::Plan(plan))
    }
}

/// What becomes different about one user.
struct Editing {
    user: User,
    proficiencies: Vec<Proficiency>,
    steps: Vec<(String, Effect, Effect)>,
    changes: Vec<(String, String, String)>,
    warnings: Vec<String>,
    others: Vec<String>,
    letter: Option<Letter>,
    risk: Risk,
}

async fn edit(
    ask: &Ask<'_>,
    instance: &Instance,
    user: User,
    wish: &Wish,
    skills: &Skills,
) -> Result<Editing, Problem> {
    let login = code(&user.login);
    let old = &user.profile;
    let new = wish.applied(&user.login, old)?;
    let granted: Vec<_> =
        new.security_profiles.iter().filter(|profile| !old.security_profiles.contains(profile)).cloned().collect();
    let touches_rights = new.security_profiles != old.security_profiles;
    if touches_rights && users::is_oneself(ask, &user) {
        return Err(Problem::asker("about_oneself", "Nobody changes their own security profiles.")
            .next("Ask somebody else at the desk."));
    }
    users::within_ceiling(ask, &granted, "").await?;
    let mut warnings = profile::warnings(Some(old), &new);
    let mut others = Vec::new();
    let email_is_new = new.identity.email != old.identity.email;
    if email_is_new {
        if instance.identity == IdentityType::Saml {
            return Err(Problem::asker("email_elsewhere", "This contact center signs people in by SAML and keeps no email.")
                .next("Set it at the identity provider; `secondary_email:…` can be set here."));
        }
        warnings.extend(users::new_email(ask, &user, new.identity.email.as_deref().unwrap_or_default()).await?);
        if old.identity.email.is_none() {
            others.push("`/connect reset … way:recreate`, if the password reset still fails afterwards".to_owned());
        }
    }
    let has = |facet: Facet| Effect::UserHas { login: user.login.clone(), user_id: user.id.clone(), facet };
    let mut steps = Vec::new();
    let mut changes = Vec::new();
    for side in profile::sides(old, &new) {
        steps.push((format!("{} {login}", side.title), has(side.new), has(side.old)));
        changes.extend(side.changes);
    }
    let mut proficiencies = Vec::new();
    if !skills.is_empty() {
        proficiencies = ask.center.proficiencies(&user).await?;
        let are = |proficiencies: &[Proficiency]| Effect::ProficienciesAre {
            login: user.login.clone(),
            proficiencies: proficiencies.to_vec(),
        };
        let mut stand = proficiencies.clone();
        for (title, after) in skills.in_turn(&proficiencies) {
            changes.extend(differing(&stand, &after));
            steps.push((format!("{title} {login}"), are(&after), are(&stand)));
            stand = after;
        }
    }
    // Whoever reads the old address learns that it counts no more, in case it was not their wish.
    let letter = old.identity.email.as_ref().filter(|_| email_is_new).map(|to| {
        letters::letter(ask, instance, LetterKind::EmailChanged, to, &user.login, &old.identity.full_name())
    });
    let risk = if email_is_new || touches_rights { Risk::Sensitive } else { Risk::Change };
    Ok(Editing { user, proficiencies, steps, changes, warnings, others, letter, risk })
}

fn plan(ask: &Ask<'_>, edits: Vec<Editing>, alike: &[User]) -> Result<Plan, Problem> {
    let [first, rest @ ..] = edits.as_slice() else {
        let logins: Vec<String> = alike.iter().map(|user| code(&user.login)).collect();
        let verb = if logins.len() == 1 { "is" } else { "are" };
        return Err(Problem::asker(
            "edit_same",
            format!("{} {verb} like that already, so there is nothing to change.", list(&logins, "and")),
        )
        .next("`/connect show <login>` shows what is set."));
    };
    let (what, block) = match rest {
        [] => (format!("Edit {}.", first.user.shown()), Block::Changes(profile::quoted(&first.changes))),
        _ => (format!("Edit {} alike.", count(edits.len(), "user")), table(&edits)),
    };
    let mut plan = Plan {
        what,
        risk: Risk::Change,
        about: Vec::new(),
        blocks: vec![block],
        steps: Vec::new(),
        warnings: Vec::new(),
        lost: Vec::new(),
        others: Vec::new(),
        before: Vec::new(),
        makes_password: false,
        letters: Vec::new(),
        rows: Vec::new(),
    };
    for (part, edit) in (0..).zip(edits) {
        plan.risk = plan.risk.max(edit.risk);
        plan.about.push(users::subject(&edit.user));
        let steps = edit.steps.into_iter();
        plan.steps.extend(steps.map(|(title, effect, undo)| Step::new(title, effect).undone_by(undo).of_part(part)));
        if let Some(letter) = edit.letter {
            letters::send(ask, &mut plan, letter, part);
        }
        // What the guide warns of is said once, however many users it is true of.
        plan.warnings.extend(edit.warnings);
        plan.others.extend(edit.others);
        let mut before = users::bare(edit.user);
        before.proficiencies = edit.proficiencies;
        plan.before.push(before);
    }
    for user in alike {
        plan.warnings.push(format!("{} is like that already and is left alone.", code(&user.login)));
    }
    for said in [&mut plan.warnings, &mut plan.others] {
        let mut seen = std::collections::BTreeSet::new();
        said.retain(|text| seen.insert(text.clone()));
    }
    Ok(plan)
}

fn table(edits: &[Editing]) -> Block {
    let row = |edit: &Editing, (what, before, after): &(String, String, String)| {
        vec![edit.user.login.clone(), what.clone(), before.clone(), after.clone()]
    };
    Block::Table {
        columns: ["Login", "What", "Before", "After"].map(str::to_owned).to_vec(),
        rows: edits.iter().flat_map(|edit| edit.changes.iter().map(move |change| row(edit, change))).collect(),
    }
}

/// What is said of proficiencies: one to set, one to take away.
struct Skills {
    set: Option<Proficiency>,
    off: Option<(String, String)>,
}

impl Skills {
    fn read(ask: &Ask<'_>) -> Result<Skills, Problem> {
        let wrong = |typed: &str| {
            Problem::asker("proficiency", format!("{} is not a proficiency.", code(typed)))
                .next("Type it as `Language:Spanish=4`, with a level from 1 to 5.")
        };
        let named = |typed: &str| {
            let (attribute, value) = typed.split_once(':')?;
            let (attribute, value) = (attribute.trim(), value.trim());
            (!attribute.is_empty() && !value.is_empty()).then(|| (attribute.to_owned(), value.to_owned()))
        };
        let set = match ask.args.text("proficiency") {
            None => None,
            Some(typed) => {
                let (name, level) = typed.rsplit_once('=').ok_or_else(|| wrong(typed))?;
                let (attribute, value) = named(name).ok_or_else(|| wrong(typed))?;
                let level = level.trim().parse::<f32>().ok().filter(|level| (1.0..=5.0).contains(level));
                Some(Proficiency { attribute, value, level: level.ok_or_else(|| wrong(typed))? })
            }
        };
        let off = match ask.args.text("remove_proficiency") {
            None => None,
            Some(typed) => Some(named(typed).ok_or_else(|| wrong(typed))?),
        };
        Ok(Skills { set, off })
    }

    fn is_empty(&self) -> bool {
        self.set.is_none() && self.off.is_none()
    }

    /// The list after each step that changes it: one step is one call.
    fn in_turn(&self, stand: &[Proficiency]) -> Vec<(&'static str, Vec<Proficiency>)> {
        let mut all = stand.to_vec();
        let mut turns = Vec::new();
        if let Some((attribute, value)) = &self.off {
            all.retain(|have| have.attribute != *attribute || have.value != *value);
            if all.len() < stand.len() {
                turns.push(("Take a proficiency from", all.clone()));
            }
        }
        if let Some(wanted) = &self.set
            && !all.contains(wanted)
        {
            all.retain(|have| have.attribute != wanted.attribute || have.value != wanted.value);
            all.push(wanted.clone());
            all.sort_by(|a, b| (&a.attribute, &a.value).cmp(&(&b.attribute, &b.value)));
            turns.push(("Set a proficiency of", all));
        }
        turns
    }
}

fn differing(old: &[Proficiency], new: &[Proficiency]) -> Vec<(String, String, String)> {
    let name = |p: &Proficiency| format!("{}: {}", p.attribute, p.value);
    let level = |all: &[Proficiency], what: &str| {
        all.iter().find(|p| name(p) == what).map_or_else(|| "none".to_owned(), |p| p.level.to_string())
    };
    let mut names: Vec<String> = old.iter().chain(new).map(name).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .map(|what| (format!("Proficiency {}", code(&what)), level(old, &what), level(new, &what)))
        .filter(|(_, before, after)| before != after)
        .collect()
}
