use std::collections::BTreeMap;

use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, folded, list};
use desk_core::center::{Instance, PROFICIENCIES_MAX, Proficiency, User, names};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::Plan;
use desk_core::plan::effect::{EffectKind as _, EmailSent, ProficienciesAre, UserHas};
use desk_core::profile::{EditOptions, Field};
use desk_core::user::UserPatch;
use desk_core::words::{EMERGENCY, Kind, REASON, Risk, Spec, Thing};

use crate::parts::edit_plan::{self, Editing, Levels};
use crate::parts::{Part as _, filter, subject, temporary, users};

pub(crate) const COMMAND: Command =
    command!(SPEC, answer, &[UserHas::NEEDS, ProficienciesAre::NEEDS, EmailSent::NEEDS])
        .titled(|asked| format!("Edit {}", subject::users(asked)));

/// Logins that a sentence spells out; more are counted.
const LOGINS_SAID: usize = 10;

args! {
    struct EditArgs {
        login: Option<String> = one_of(Kind::Login, "The user to edit (case-sensitive)").in_place(),
        logins: Vec<String> = one_of(Kind::Logins, "More logins, to make the same changes to several users").in_place(),
        matching: Option<String> =
            one_of(Kind::Text(1000), "All users that match these options of find, such as \"tag:site=east\""),
        ..fields: EditOptions,
        proficiency: Option<String> =
            optional(Kind::Text(220), "A proficiency and its level from 1 to 5, such as Language:Spanish=4; 0 removes it").of(Thing::Proficiency),
        _ = REASON.of_a_change(),
        _ = EMERGENCY,
    }
}

const SPEC: Spec = Spec {
    about: "Change one or more users: names, profiles, phone, tags",
    help: "Give only what should change. `none` clears a secondary email, a mobile number or the hierarchy group. With several users, the same changes are made to each one; if a change fails for a user, that user is rolled back. Changing an email or security profiles needs an approval, because they decide who can sign in and what they can do.",
    risk: Risk::Sensitive,
    also: &["change", "update", "set", "modify", "move"],
    args: EditArgs::ARGS,
    examples: &[
        "/connect edit john.doe routing_profile:\"Contact Tracers Profile\" hierarchy_group:\"Tracers East\"",
        "/connect edit john.doe acw:0 auto_accept:true",
        "/connect edit john.doe email:john.doe@example.org reason:\"INC-1234 new address\"",
        "/connect edit john.doe add_security_profile:\"L1 Support\"",
        "/connect edit john.doe tag:site=west untag:department",
        "/connect edit matching:\"tag:site=west\" acw:60",
    ],
    operations: &[
        "DescribeInstance",
        "ListUsers",
        "ListRoutingProfiles",
        "ListSecurityProfilePermissions",
        "GetCurrentUserData",
        "ListAgentStatuses",
        "ListQueues",
        "SearchRoutingProfiles",
        "SearchPredefinedAttributes",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let EditArgs { login, logins, matching, fields, proficiency } = EditArgs::of(ask.args)?;
    let wish = UserPatch::of_options(fields.args(), ask.center).await?;
    let skills = Skills::read(ask, proficiency.as_deref()).await?;
    if wish.is_empty() && skills.is_empty() {
        return Err(Problem::requester("edit_nothing", "No change is given.").hint(
            "Add an option such as `acw:300` or `routing_profile:\"…\"`; `/desk help connect edit` lists them.",
        ));
    }
    let instance = ask.center.instance().await?;
    let users = filter::meant(ask, login, logins, matching, filter::MATCHING_MAX).await?;
    if let (Some(own), true) = (wish.personal(), users.len() > 1) {
        return Err(Problem::requester(
            "edit_personal",
            format!("{} can't be the same for several users.", code(own)),
        )
        .hint("Edit these users one by one."));
    }
    let mut edits = Vec::new();
    let mut alike = Vec::new();
    let looks = users.into_iter().map(|user| edit(ask, &instance, user, &wish, &skills));
    for edit in users::side_by_side(looks).await? {
        if edit.steps.is_empty() { alike.push(edit) } else { edits.push(edit) }
    }
    let mut plan = plan(ask, edits, &alike)?;
    plan.warnings.extend(wish.notes());
    Ok(Answer::Plan(plan))
}

async fn edit(
    ask: &Ask<'_>,
    instance: &Instance,
    user: User,
    wish: &UserPatch,
    skills: &Skills,
) -> Result<Editing, Problem> {
    let new = wish.applied(&user.login, &user.profile)?;
    let levels = match skills.is_empty() {
        true => None,
        false => {
            let stand = ask.center.proficiencies(&user).await?;
            let turns = skills.in_turn(&user.login, &stand)?;
            Some(Levels { stand, turns })
        }
    };
    let is_set = wish.has(Field::RoutingProfile);
    let same = is_set && new.routing_profile.id == user.profile.routing_profile.id;
    let kept = match same {
        true => temporary::warning(ask, &user, &new.routing_profile).await?,
        false => None,
    };
    let mut edit = edit_plan::of(ask, instance, user, &new, levels).await?;
    edit.warnings.extend(kept);
    Ok(edit)
}

fn plan(ask: &Ask<'_>, edits: Vec<Editing>, alike: &[Editing]) -> Result<Plan, Problem> {
    let [first, rest @ ..] = edits.as_slice() else {
        let logins: Vec<String> = alike.iter().take(LOGINS_SAID).map(|edit| code(&edit.user.login)).collect();
        let (who, verb) = match alike.len() {
            1 => (logins.concat(), "is"),
            n if n > LOGINS_SAID => (format!("All {n} users"), "are"),
            _ => (list(&logins, "and"), "are"),
        };
        let hint = match alike.iter().find_map(|edit| edit.warnings.first()) {
            Some(temporary) => format!("{temporary} To keep it, edit it again after that."),
            None => "`/connect show <login>` shows what is set.".to_owned(),
        };
        let message = format!("{who} {verb} already set that way, so there is nothing to change.");
        return Err(Problem::requester("edit_same", message).hint(hint));
    };
    let what = match rest {
        [] => format!("Change {} of {}.", first.fields(), first.user.shown()),
        _ => format!("Make the same changes to {}.", count(edits.len(), "user")),
    };
    let block = edit_plan::block(&edits);
    let mut plan = Plan { blocks: vec![block], ..Plan::new(what) };
    for (part, edit) in (0..).zip(edits) {
        edit.add_to(ask, &mut plan, part);
    }
    match alike {
        [] => {}
        alike if alike.len() > LOGINS_SAID => {
            plan.warnings
                .push(format!("{} are already set that way and stay unchanged.", count(alike.len(), "user")));
        }
        alike => {
            for Editing { user, warnings, .. } in alike {
                plan.warnings
                    .push(format!("{} is already set that way and stays unchanged.", code(&user.login)));
                plan.warnings.extend(warnings.iter().cloned());
            }
        }
    }
    plan.said_once();
    Ok(plan)
}

/// What is said of proficiencies: one to set, one to take away.
#[derive(Default)]
struct Skills {
    wanted: Option<Proficiency>,
    /// Why it can't be set; a user may still have it from before.
    unknown: Option<Problem>,
}

impl Skills {
    async fn read(ask: &Ask<'_>, typed: Option<&str>) -> Result<Skills, Problem> {
        let Some(typed) = typed else { return Ok(Skills::default()) };
        let wanted = Skills::parse(typed)?;
        let all = ask.center.predefined_attributes().await?;
        match predefined(&all, &wanted) {
            Ok(wanted) => Ok(Skills { wanted: Some(wanted), unknown: None }),
            Err(problem) if wanted.level > 0.0 => Err(problem),
            Err(problem) => Ok(Skills { wanted: Some(wanted), unknown: Some(problem) }),
        }
    }

    fn parse(typed: &str) -> Result<Proficiency, Problem> {
        let wrong = |typed: &str| {
            Problem::requester("proficiency", format!("{} is not a proficiency.", code(typed))).hint(
                "Type it as `Language:Spanish=4`, with a whole level from 1 to 5, or 0 to take it away.",
            )
        };
        let named = |typed: &str| {
            let (attribute, value) = typed.split_once(':')?;
            let (attribute, value) = (attribute.trim(), value.trim());
            (!attribute.is_empty() && !value.is_empty()).then(|| (attribute.to_owned(), value.to_owned()))
        };
        let (name, level) = typed.rsplit_once('=').ok_or_else(|| wrong(typed))?;
        if name.contains('=') {
            return Err(Problem::requester("proficiency", "One proficiency can be set at a time.")
                .hint("Type one, such as `Language:Spanish=4`; a file of `/connect import` sets several."));
        }
        let (attribute, value) = named(name).ok_or_else(|| wrong(typed))?;
        let is_level = |level: &f32| *level == 0.0 || ((1.0..=5.0).contains(level) && level.fract() == 0.0);
        let level = level.trim().parse::<f32>().ok().filter(is_level).ok_or_else(|| wrong(typed))?;
        Ok(Proficiency { attribute, value, level })
    }

    fn is_empty(&self) -> bool {
        self.wanted.is_none()
    }

    /// The list after each step that changes it: one step is one call.
    fn in_turn(
        &self,
        login: &str,
        stand: &[Proficiency],
    ) -> Result<Vec<(&'static str, Vec<Proficiency>)>, Problem> {
        let Some(wanted) = self.wanted.as_ref().filter(|wanted| !stand.contains(wanted)) else {
            return Ok(Vec::new());
        };
        let same = |have: &Proficiency| {
            folded(&have.attribute) == folded(&wanted.attribute)
                && folded(&have.value) == folded(&wanted.value)
        };
        let mut all = stand.to_vec();
        if wanted.level == 0.0 {
            all.retain(|have| !same(have));
            return match &self.unknown {
                _ if all.len() < stand.len() => Ok(vec![("Remove a proficiency from", all)]),
                Some(unknown) => Err(unknown.clone()),
                None => Ok(Vec::new()),
            };
        }
        all.retain(|have| have.attribute != wanted.attribute || have.value != wanted.value);
        all.push(wanted.clone());
        if all.len() > PROFICIENCIES_MAX {
            let message = format!(
                "{} would have {} proficiencies. A user can have at most {PROFICIENCIES_MAX}.",
                code(login),
                all.len()
            );
            return Err(Problem::requester("proficiencies_too_many", message)
                .hint("Remove one first, such as `proficiency:\"Language:Spanish=0\"`."));
        }
        all.sort_by(|a, b| (&a.attribute, &a.value).cmp(&(&b.attribute, &b.value)));
        Ok(vec![("Set a proficiency of", all)])
    }
}

/// The proficiency under the names that the contact center has for it.
fn predefined(all: &BTreeMap<String, Vec<String>>, typed: &Proficiency) -> Result<Proficiency, Problem> {
    let attribute = names::predefined("attribute", &typed.attribute, all.keys().map(String::as_str))?;
    let values = all.get(&attribute).into_iter().flatten().map(String::as_str);
    let kind = format!("value of {}", code(&attribute));
    let value = names::predefined(&kind, &typed.value, values)?;
    Ok(Proficiency { attribute, value, level: typed.level })
}
