//! What `/connect undo` sets back beside users themselves: one shape for every family of effects.

use desk_core::basics::text::{count, plain, whole};
use desk_core::card::Block;
use desk_core::center::Snapshot;
use desk_core::plan::{AffectedUser, Plan, PlanContext, Step};

/// How one family of effects is undone.
#[derive(Default)]
pub(crate) struct SetBack {
    /// What it is, in the sentence of the plan: "set back 2 users in Salesforce".
    pub(crate) did: String,
    pub(crate) blocks: Vec<Block>,
    /// The steps of each part, the newest change first.
    pub(crate) parts: Vec<Vec<Step>>,
    pub(crate) about: Vec<AffectedUser>,
    pub(crate) before: Vec<Snapshot>,
    /// What is left alone or can't be undone, and why.
    pub(crate) notes: Vec<String>,
}

/// "3 changes": as many as are listed, or else as there are steps.
pub(crate) fn counted(changes: Option<&Block>, steps: usize) -> String {
    let listed = match changes {
        Some(Block::Changes(rows)) => rows.len(),
        _ => steps,
    };
    count(listed, "change")
}

/// What steps set, before and after; each row names what it is set of.
pub(crate) fn changes<'s>(steps: impl IntoIterator<Item = &'s Step>) -> Option<Block> {
    let nothing_else = PlanContext { about: &[], before: &[] };
    let rows = steps.into_iter().flat_map(|step| step.effect.details(step.undo.as_ref(), &nothing_else));
    // How many users have a routing profile is a warning.
    let rows = rows.filter(|row| !(row.message && row.what.ends_with(": users")));
    let shown = |text: &String| if text.is_empty() { String::new() } else { whole(text) };
    let rows: Vec<(String, String, String)> =
        rows.map(|row| (plain(&row.what, usize::MAX), shown(&row.before), whole(&row.after))).collect();
    (!rows.is_empty()).then_some(Block::Changes(rows))
}

impl SetBack {
    /// Adds it to a plan, as the next parts.
    pub(crate) fn add_to(self, plan: &mut Plan, parts: &mut std::ops::RangeFrom<u32>) {
        plan.blocks.extend(self.blocks);
        for (part, steps) in parts.zip(self.parts) {
            plan.steps.extend(steps.into_iter().map(|step| step.of_part(part)));
        }
        for affected in self.about {
            if plan.about.iter().all(|other| other.login != affected.login) {
                plan.about.push(affected);
            }
        }
        for snapshot in self.before {
            if plan.before.iter().all(|other| other.user.id != snapshot.user.id) {
                plan.before.push(snapshot);
            }
        }
    }
}
