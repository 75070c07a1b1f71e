//! What a request did to the contact center beside its users, rolled back as far as it is as the request left it.

use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count};
use desk_core::card::Block;
use desk_core::center::{Hierarchy, HoursOverride, Named, PlacedOverride};
use desk_core::command::Ask;
use desk_core::plan::Step;
use desk_core::plan::effect::{
    CenterEffect, Effect, GroupAbsent, GroupNamed, GroupPresent, HierarchyLevels, OverrideAbsent,
    OverrideEnds, OverridePresent, facts, group_path,
};
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::parts::hierarchy;
use crate::parts::hours::{self, Known};
use crate::parts::request_history::Told;
use crate::parts::set_back::{self, SetBack};

/// How many days ahead of today the effect of overrides is shown.
const AHEAD: i64 = 366;

/// Undoes a request: the newest change is the first to be undone.
#[derive(Default)]
pub(crate) struct CenterBack {
    steps: Vec<Step>,
    /// What is left alone, and why.
    notes: Vec<String>,
    tree: Option<Hierarchy>,
    /// Groups that go, by id.
    going: Vec<String>,
    /// Paths of groups that come back: what they were, and what they are where a group above has another name by now.
    coming: Vec<(String, String)>,
    /// What holds on each date before and after.
    days: Option<Block>,
}

impl CenterBack {
    /// All of it, as one part.
    pub(crate) fn set_back(self) -> SetBack {
        let CenterBack { steps, notes, days, .. } = self;
        let are_shown = days.is_some();
        let changes = set_back::changes(steps.iter().filter(|step| !are_shown || hours_of(step).is_none()));
        let counted = set_back::counted(changes.as_ref().filter(|_| !are_shown), steps.len());
        let did = format!("undo {counted}");
        let mut blocks: Vec<Block> = days.into_iter().collect();
        blocks.extend(changes);
        let parts = if steps.is_empty() { Vec::new() } else { vec![steps] };
        SetBack { did, blocks, parts, notes, ..SetBack::default() }
    }

    /// Undoes what one part of a request did.
    pub(crate) async fn part(
        &mut self,
        ask: &Ask<'_>,
        told: &Told,
        effects: &[(usize, &CenterEffect, &Step)],
    ) -> Result<(), Problem> {
        no_move(effects)?;
        for (number, effect, step) in effects.iter().rev() {
            match effect {
                CenterEffect::HierarchyLevels(levels) => self.levels(ask, levels).await?,
                CenterEffect::GroupPresent(made) => {
                    self.made(ask, told.fact(*number, facts::GROUP_ID), made).await?;
                }
                CenterEffect::GroupAbsent(gone) => self.gone(ask, gone, step.undo_as()).await?,
                CenterEffect::GroupNamed(named) => self.named(ask, named).await?,
                CenterEffect::OverridePresent(added) => self.added(ask, added).await?,
                CenterEffect::OverrideAbsent(removed) => self.removed(ask, removed).await?,
                CenterEffect::OverrideEnds(ended) => self.ended(ask, ended).await?,
            }
        }
        Ok(())
    }

    /// Looks what the overrides that are undone make of each date.
    pub(crate) async fn days(&mut self, ask: &Ask<'_>) -> Result<(), Problem> {
        let mut wanted: Vec<&Named> = Vec::new();
        for (hours, _) in self.steps.iter().filter_map(hours_of) {
            if wanted.iter().all(|other| other.id != hours.id) {
                wanted.push(hours);
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let all = ask.center.hours().await?;
        let mut looks = Vec::new();
        for hours in all.into_iter().filter(|hours| wanted.iter().any(|one| one.id == hours.id)) {
            let today = hours::local(&hours, ask.now)?.date();
            let tills = self.steps.iter().filter_map(hours_of).filter(|(of, _)| of.id == hours.id);
            let till = tills.map(|(_, till)| till).max().unwrap_or(today);
            let furthest = today.checked_add(AHEAD.days()).unwrap_or(today);
            looks.push((hours, today, till.clamp(today, furthest)));
        }
        let known = hours::known(ask, looks).await?;
        let mut changed = Vec::new();
        for known in &known {
            let mut then = known.today();
            for step in &self.steps {
                let Effect::Center(effect) = &step.effect else { continue };
                match effect {
                    CenterEffect::OverridePresent(new) if new.hours.id == known.hours.id => {
                        then.push(new.wanted.clone());
                    }
                    CenterEffect::OverrideAbsent(gone) if gone.hours.id == known.hours.id => {
                        then.retain(|one| one.name != gone.gone.name);
                    }
                    CenterEffect::OverrideEnds(ends) if ends.hours.id == known.hours.id => {
                        for one in then.iter_mut().filter(|one| one.name == ends.name) {
                            one.till = ends.till;
                        }
                    }
                    CenterEffect::OverridePresent(_)
                    | CenterEffect::OverrideAbsent(_)
                    | CenterEffect::OverrideEnds(_)
                    | CenterEffect::HierarchyLevels(_)
                    | CenterEffect::GroupPresent(_)
                    | CenterEffect::GroupAbsent(_)
                    | CenterEffect::GroupNamed(_) => {}
                }
            }
            changed.push((known, known.differences(&then)));
        }
        changed.retain(|(_, days)| !days.is_empty());
        if !changed.is_empty() {
            let shown: Vec<&Known> = changed.iter().map(|(known, _)| *known).collect();
            self.notes.push(hours::queues(ask, &shown).await?);
            self.days = Some(hours::table(&changed));
        }
        Ok(())
    }

    async fn tree(&mut self, ask: &Ask<'_>) -> Result<&Hierarchy, Problem> {
        let tree = match self.tree.take() {
            Some(tree) => tree,
            None => ask.center.hierarchy().await?,
        };
        Ok(self.tree.insert(tree))
    }

    async fn levels(&mut self, ask: &Ask<'_>, did: &HierarchyLevels) -> Result<(), Problem> {
        let tree = self.tree(ask).await?.clone();
        let deepest = tree.groups.iter().map(|group| group.level).max().unwrap_or_default();
        if tree.levels == did.instead_of {
            self.notes.push("The levels of the hierarchy are already as before.".to_owned());
        } else if tree.levels != did.levels {
            self.notes.push(format!(
                "The levels of the hierarchy were changed since: {}.",
                hierarchy::levels(&tree)
            ));
        } else if deepest > did.instead_of.len() {
            self.notes.push(format!("Level {deepest} has groups now, so it stays."));
        } else {
            let back = HierarchyLevels { levels: did.instead_of.clone(), instead_of: did.levels.clone() };
            self.steps.push(Step::new("Restore the levels of the hierarchy", back).undone_by(did.clone()));
        }
        Ok(())
    }

    async fn made(&mut self, ask: &Ask<'_>, id: Option<&str>, made: &GroupPresent) -> Result<(), Problem> {
        let path = made.path();
        let tree = self.tree(ask).await?.clone();
        let Some(group) = id.and_then(|id| tree.group(id)) else {
            self.notes.push(format!("The group {} no longer exists.", code(&path)));
            return Ok(());
        };
        // A group that has another above it by now was removed and created: it has another id.
        if group.name != made.group {
            self.notes.push(format!(
                "The group {} is now {}, and stays unchanged.",
                code(&path),
                code(&group.path)
            ));
            return Ok(());
        }
        let stays = |id: &String| !self.going.contains(id);
        let below = tree.children(Some(&group.id)).into_iter().filter(|child| stays(&child.id)).count();
        let (_, agents) = hierarchy::agents(ask, group, 1).await?;
        if below > 0 || agents > 0 {
            self.notes.push(format!(
                "The group {} now has {} and {}, and stays unchanged.",
                code(&path),
                count(agents, "agent"),
                count(below, "group")
            ));
            return Ok(());
        }
        self.going.push(group.id.clone());
        self.steps.push(hierarchy::remove(group));
        Ok(())
    }

    async fn gone(
        &mut self,
        ask: &Ask<'_>,
        gone: &GroupAbsent,
        was: Option<&GroupPresent>,
    ) -> Result<(), Problem> {
        let tree = self.tree(ask).await?.clone();
        let parent = gone.parent.as_deref();
        let with_id = gone.parent_id.as_deref().and_then(|id| tree.group(id));
        let above = with_id.or_else(|| parent.and_then(|parent| tree.at(parent)));
        let comes = self.coming.iter().find(|(was, _)| Some(was.as_str()) == parent);
        let now = above.map(|above| above.path.clone()).or(comes.map(|(_, now)| now.clone()));
        let path = group_path(now.as_deref().or(parent), &gone.group);
        if tree.at(&path).is_some() {
            self.notes.push(format!("The group {} exists again.", code(&path)));
        } else if parent.is_some() && now.is_none() {
            self.notes.push(format!("The group above {} is gone, so it isn't created again.", code(&path)));
        } else {
            let wanted = GroupPresent {
                group: gone.group.clone(),
                parent: now,
                parent_id: above.map(|above| above.id.clone()),
                tags: was.map(|was| was.tags.clone()).unwrap_or_default(),
            };
            self.coming.push((gone.path(), path.clone()));
            self.steps.push(hierarchy::create(&path, wanted));
            self.notes.push(format!("{} gets a new id and is a different group in reports.", code(&path)));
        }
        Ok(())
    }

    async fn named(&mut self, ask: &Ask<'_>, did: &GroupNamed) -> Result<(), Problem> {
        let tree = self.tree(ask).await?.clone();
        let group = tree.group(&did.id);
        let parent = match group {
            // It may have another name by now.
            Some(group) => group.parent_path(),
            None => did.parent.as_deref(),
        };
        let (was, is) = (group_path(parent, &did.instead_of), group_path(parent, &did.group));
        let above = group.and_then(|group| group.parent.as_deref());
        let taken = tree.child_named(above, &did.instead_of).filter(|other| other.id != did.id);
        match group.map(|group| group.name.as_str()) {
            None => self.notes.push(format!("The group {} no longer exists.", code(&is))),
            Some(name) if name == did.instead_of => {
                self.notes.push(format!("The group is called {} again already.", code(&was)));
            }
            Some(name) if name != did.group => {
                self.notes.push(format!(
                    "The group {} was renamed again since, to {}.",
                    code(&is),
                    code(name)
                ));
            }
            Some(_) if taken.is_some() => self.notes.push(format!(
                "The group {} keeps its name, because another one is called {} now.",
                code(&is),
                code(&was)
            )),
            Some(_) => {
                let did = GroupNamed { parent: parent.map(str::to_owned), ..did.clone() };
                let back = GroupNamed {
                    group: did.instead_of.clone(),
                    instead_of: did.group.clone(),
                    ..did.clone()
                };
                let title = format!("Rename {} to {}", code(&is), code(&was));
                self.steps.push(Step::new(title, back).undone_by(did));
            }
        }
        Ok(())
    }

    async fn added(&mut self, ask: &Ask<'_>, did: &OverridePresent) -> Result<(), Problem> {
        let what = shown(&did.hours, &did.wanted);
        let shown = format!("The {what}");
        match found(ask, &did.hours, &did.wanted.name).await? {
            None => self.notes.push(format!("{shown} no longer exists.")),
            Some(found) if found.of != did.wanted => {
                self.notes.push(format!("{shown} was changed since, and stays unchanged."));
            }
            Some(found) => {
                let gone =
                    OverrideAbsent { hours: did.hours.clone(), id: Some(found.id), gone: did.wanted.clone() };
                self.steps.push(Step::new(format!("Remove the {what}"), gone).undone_by(did.clone()));
            }
        }
        Ok(())
    }

    async fn removed(&mut self, ask: &Ask<'_>, did: &OverrideAbsent) -> Result<(), Problem> {
        let what = shown(&did.hours, &did.gone);
        let shown = format!("The {what}");
        if found(ask, &did.hours, &did.gone.name).await?.is_some() {
            self.notes.push(format!("{shown} already exists again."));
            return Ok(());
        }
        let again = OverridePresent { hours: did.hours.clone(), wanted: did.gone.clone() };
        let back = OverrideAbsent { id: None, ..did.clone() };
        self.steps.push(Step::new(format!("Create the {what} again"), again).undone_by(back));
        Ok(())
    }

    async fn ended(&mut self, ask: &Ask<'_>, did: &OverrideEnds) -> Result<(), Problem> {
        let shown = format!("The override {} of {}", code(&did.name), code(&did.hours.name));
        let all = ask.center.overrides_of(&did.hours.id).await?;
        match all.iter().find(|one| one.id == did.id).map(|one| one.of.till) {
            None => self.notes.push(format!("{shown} is gone.")),
            Some(till) if till != did.till => {
                self.notes.push(format!("{shown} was changed since, and stays unchanged."));
            }
            Some(_) => {
                let back = OverrideEnds { till: did.instead_of, instead_of: did.till, ..did.clone() };
                let title =
                    format!("Restore the last date of {} of {}", code(&did.name), code(&did.hours.name));
                self.steps.push(Step::new(title, back).undone_by(did.clone()));
            }
        }
        Ok(())
    }
}

/// The hours of operation that a step is about, and the last date on which it may make a difference.
fn hours_of(step: &Step) -> Option<(&Named, Date)> {
    let Effect::Center(effect) = &step.effect else { return None };
    match effect {
        CenterEffect::OverridePresent(new) => Some((&new.hours, new.wanted.till)),
        CenterEffect::OverrideAbsent(gone) => Some((&gone.hours, gone.gone.till)),
        CenterEffect::OverrideEnds(ends) => Some((&ends.hours, ends.till.max(ends.instead_of))),
        CenterEffect::HierarchyLevels(_)
        | CenterEffect::GroupPresent(_)
        | CenterEffect::GroupAbsent(_)
        | CenterEffect::GroupNamed(_) => None,
    }
}

fn shown(hours: &Named, one: &HoursOverride) -> String {
    format!("override {} of {}", code(&one.name), code(&hours.name))
}

async fn found(ask: &Ask<'_>, hours: &Named, name: &str) -> Result<Option<PlacedOverride>, Problem> {
    let all = ask.center.overrides_of(&hours.id).await?;
    Ok(all.into_iter().find(|one| one.of.name == name))
}

/// A group that was moved is moved back in the same way, because it is another one now.
fn no_move(effects: &[(usize, &CenterEffect, &Step)]) -> Result<(), Problem> {
    let made = effects.iter().find_map(|(_, _, step)| step.effect.get::<GroupPresent>());
    let gone = effects.iter().rev().find_map(|(_, _, step)| step.effect.get::<GroupAbsent>());
    let (Some(made), Some(gone)) = (made, gone) else { return Ok(()) };
    let (made, gone) = (made.path(), gone.path());
    let message = format!("{} was moved to {}, and is a different group now.", code(&gone), code(&made));
    let problem = Problem::requester("undo_move", message).hint("Move it back.");
    Err(match hierarchy::moving(&made, &gone) {
        None => problem,
        Some(line) => problem.offering(vec![line]),
    })
}
