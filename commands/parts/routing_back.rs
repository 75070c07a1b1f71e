//! What a request did to quick connects, queues and routing profiles, rolled back: where it is still as the request left it.

use std::collections::BTreeSet;

use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{count, whole};
use desk_core::center::{LeadsTo, Named, RoutedQueue, RoutingProfileInfo};
use desk_core::command::Ask;
use desk_core::plan::Step;
use desk_core::plan::effect::{
    Destination, Effect, NewQueueAbsent, NewQuickConnectAbsent, NewRoutingProfileAbsent, Pair, ProfileServes,
    ProfileServesNot, QueueHas, QueueOffersAll, QueueOffersNone, QueueOffersNot, QueuePresent,
    QuickConnectField, QuickConnectHas, QuickConnectPresent, RoutingEffect, RoutingProfileHas,
    RoutingProfilePresent,
};

use crate::parts::request_history::Told;
use crate::parts::set_back::SetBack;

/// Undoes a request part by part.
#[derive(Default)]
pub(crate) struct RoutingBack {
    parts: Vec<Vec<Step>>,
    notes: Vec<String>,
}

/// Steps that take a part back, the newest change first, and what is left alone.
#[derive(Default)]
struct Back {
    steps: Vec<Step>,
    notes: Vec<String>,
}

impl RoutingBack {
    /// What one part of a request did to routing.
    pub(crate) async fn add(
        &mut self,
        ask: &Ask<'_>,
        told: &Told,
        effects: &[(&RoutingEffect, &Step)],
    ) -> Result<(), Problem> {
        let mut way = Way { ask, no: told.request.no, back: Back::default() };
        for (effect, step) in effects.iter().rev() {
            way.step(effect, step).await?;
        }
        let Back { steps, notes } = way.back;
        self.notes.extend(notes);
        if !steps.is_empty() {
            self.parts.push(steps);
        }
        Ok(())
    }

    pub(crate) fn set_back(self, told: &Told) -> SetBack {
        let RoutingBack { parts, notes } = self;
        let logins: BTreeSet<&str> = parts.iter().flatten().filter_map(|step| step.effect.login()).collect();
        let about = told.request.plan().map(|plan| plan.about.as_slice()).unwrap_or_default();
        let about = about.iter().filter(|one| logins.contains(one.login.as_str())).cloned().collect();
        let did = format!("restore {} of routing", count(parts.iter().map(Vec::len).sum(), "change"));
        SetBack { did, parts, about, notes, ..SetBack::default() }
    }
}

struct Way<'a, 'b> {
    ask: &'a Ask<'b>,
    no: RequestNo,
    back: Back,
}

/// How something is now.
#[derive(PartialEq)]
enum Now {
    AsLeft,
    AsBefore,
    Otherwise,
}

impl Way<'_, '_> {
    fn add(&mut self, title: String, effect: impl Into<Effect>, undo: impl Into<Effect>) {
        self.back.steps.push(Step::new(title, effect).undone_by(undo));
    }

    fn note(&mut self, what: &str, now: &Now) {
        self.back.notes.push(match now {
            Now::AsBefore => format!("{what} is already as before {}.", self.no),
            Now::AsLeft | Now::Otherwise => {
                format!("{what} was changed since {}, and stays unchanged.", self.no)
            }
        });
    }

    fn gone(&mut self, what: &str) {
        self.back.notes.push(format!("{what} no longer exists."));
    }

    async fn step(&mut self, effect: &RoutingEffect, step: &Step) -> Result<(), Problem> {
        match effect {
            RoutingEffect::QuickConnectPresent(made) => self.made_quick_connect(made).await?,
            RoutingEffect::NewQuickConnectAbsent(gone) => self.removed_quick_connect(&gone.made).await?,
            RoutingEffect::QuickConnectAbsent(gone) => match step.undo_as() {
                Some(made) => self.removed_quick_connect(made).await?,
                None => {
                    let shown = whole(&gone.name);
                    self.back.notes.push(format!("The quick connect {shown} can't be created again."));
                }
            },
            RoutingEffect::QuickConnectHas(left) => {
                if let Some(old) = step.undo_as() {
                    self.quick_connect(left, old).await?;
                }
            }
            RoutingEffect::QueueOffers(one) => {
                let names = std::slice::from_ref(&one.quick_connect);
                self.offers(&one.queue_id, &one.queue, names, true).await?;
            }
            RoutingEffect::QueueOffersAll(all) => {
                self.offers(&all.queue_id, &all.queue, &all.quick_connects, true).await?;
            }
            RoutingEffect::QueueOffersNone(none) => {
                self.offers(&none.queue_id, &none.queue, &none.quick_connects, false).await?;
            }
            RoutingEffect::QueueOffersNot(out) => self.out_of_queue(out).await?,
            RoutingEffect::QueuePresent(made) => self.made_queue(made).await?,
            RoutingEffect::NewQueueAbsent(gone) => self.removed_queue(&gone.made).await?,
            RoutingEffect::QueueHas(left) => {
                if let Some(old) = step.undo_as() {
                    self.queue(left, old).await?;
                }
            }
            RoutingEffect::RoutingProfilePresent(made) => self.made_profile(made).await?,
            RoutingEffect::NewRoutingProfileAbsent(gone) => self.removed_profile(&gone.made).await?,
            RoutingEffect::RoutingProfileHas(left) => {
                if let Some(old) = step.undo_as() {
                    self.profile(left, old).await?;
                }
            }
            RoutingEffect::ProfileServes(left) => self.serves(left, step.undo_as()).await?,
            RoutingEffect::ProfileServesNot(left) => self.serves_not(left).await?,
        }
        Ok(())
    }

    /// Whether this quick connect is created again by an earlier step.
    fn creates(&self, quick_connect: &str) -> bool {
        let mut made = self.back.steps.iter().filter_map(|step| step.effect.get::<QuickConnectPresent>());
        made.any(|made| made.name == quick_connect)
    }

    async fn queue_there(&self, id: &str) -> Result<Option<Named>, Problem> {
        Ok(self.ask.center.queues().await?.into_iter().find(|queue| queue.id == id))
    }

    /// Whether a quick connect leads there.
    async fn leads(&self, wanted: &Destination, there: &LeadsTo) -> Result<bool, Problem> {
        let user = match wanted.login() {
            Some(login) => self.ask.center.user(login).await?,
            None => None,
        };
        Ok(wanted.leads(there, user.as_ref().map(|user| user.id.as_str())))
    }

    async fn made_quick_connect(&mut self, made: &QuickConnectPresent) -> Result<(), Problem> {
        let shown = format!("The quick connect {}", whole(&made.name));
        let all = self.ask.center.quick_connects().await?;
        let Some(named) = all.into_iter().find(|one| one.name == made.name) else {
            self.gone(&shown);
            return Ok(());
        };
        let there = self.ask.center.quick_connect_with_id(&named.id).await?;
        let Some(there) = there else {
            self.gone(&shown);
            return Ok(());
        };
        if self.leads(&made.destination, &there.leads_to).await? {
            let title = format!("Remove the quick connect {}", whole(&made.name));
            self.add(title, NewQuickConnectAbsent { made: made.clone() }, made.clone());
        } else {
            self.note(&shown, &Now::Otherwise);
        }
        Ok(())
    }

    async fn removed_quick_connect(&mut self, made: &QuickConnectPresent) -> Result<(), Problem> {
        let shown = format!("The quick connect {}", whole(&made.name));
        if self.ask.center.quick_connects().await?.iter().any(|one| one.name == made.name) {
            self.back.notes.push(format!("{shown} exists again."));
            return Ok(());
        }
        let is_there = match &made.destination {
            Destination::User { login, .. } => self.ask.center.user(login).await?.is_some(),
            Destination::Queue { queue_id, .. } => self.queue_there(queue_id).await?.is_some(),
            Destination::Number { .. } | Destination::Flow { .. } => true,
        };
        if !is_there {
            self.back
                .notes
                .push(format!("The destination of {shown} is gone, so it can't be created again."));
            return Ok(());
        }
        let title = format!("Create the quick connect {} again", whole(&made.name));
        self.add(title, made.clone(), NewQuickConnectAbsent { made: made.clone() });
        Ok(())
    }

    async fn quick_connect(&mut self, left: &QuickConnectHas, old: &QuickConnectHas) -> Result<(), Problem> {
        let shown = format!("The quick connect {}", whole(&left.name));
        let Some(there) = self.ask.center.quick_connect_with_id(&left.id).await? else {
            self.gone(&shown);
            return Ok(());
        };
        let mut now = Now::Otherwise;
        for (wanted, state) in [(&old.field, Now::AsBefore), (&left.field, Now::AsLeft)] {
            let is_so = match wanted {
                QuickConnectField::Name(name) => there.name == *name,
                QuickConnectField::Description(text) => there.description == *text,
                QuickConnectField::LeadsTo(to) => self.leads(to, &there.leads_to).await?,
            };
            if is_so {
                now = state;
            }
        }
        match now {
            Now::AsLeft => {
                let called =
                    |has: &QuickConnectHas| QuickConnectHas { name: there.name.clone(), ..has.clone() };
                let title = format!("Restore the quick connect {}", whole(&there.name));
                self.add(title, called(old), called(left));
            }
            now => self.note(&shown, &now),
        }
        Ok(())
    }

    /// What a queue was made to offer, or no longer to offer, one by one.
    async fn offers(
        &mut self,
        id: &str,
        queue: &str,
        names: &[String],
        offered: bool,
    ) -> Result<(), Problem> {
        let shown = format!("The queue {}", whole(queue));
        let Some(there) = self.queue_there(id).await? else {
            self.gone(&shown);
            return Ok(());
        };
        let now = self.ask.center.offered_by(id).await?;
        let all = self.ask.center.quick_connects().await?;
        let as_left = |name: &&String| {
            let exists = all.iter().any(|one| one.name == **name) || self.creates(name);
            exists && now.iter().any(|one| one.name == **name) == offered
        };
        let names: Vec<String> = names.iter().filter(as_left).cloned().collect();
        if names.is_empty() {
            self.note(&shown, &Now::Otherwise);
        }
        self.back.steps.extend(super::routing::offering(&there, &names, !offered));
        Ok(())
    }

    async fn out_of_queue(&mut self, out: &QueueOffersNot) -> Result<(), Problem> {
        let Some(there) = self.queue_there(&out.queue_id).await? else {
            self.gone(&format!("The queue {}", whole(&out.queue)));
            return Ok(());
        };
        let exists = self.ask.center.quick_connects().await?.iter().any(|one| one.id == out.quick_connect_id);
        if !exists && !self.creates(&out.quick_connect) {
            return Ok(());
        }
        let title = format!(
            "Put the quick connect {} back into the queue {}",
            whole(&out.quick_connect),
            whole(&there.name)
        );
        let quick_connects = vec![out.quick_connect.clone()];
        let (queue_id, queue) = (there.id, there.name);
        let all = QueueOffersAll {
            queue_id: queue_id.clone(),
            queue: queue.clone(),
            quick_connects: quick_connects.clone(),
        };
        self.add(title, all, QueueOffersNone { queue_id, queue, quick_connects });
        Ok(())
    }

    async fn made_queue(&mut self, made: &QueuePresent) -> Result<(), Problem> {
        let shown = format!("The queue {}", whole(&made.name));
        let named = self.ask.center.queues().await?.into_iter().find(|queue| queue.name == made.name);
        let there = match named {
            Some(named) => self.ask.center.queue_with_id(&named.id).await?,
            None => None,
        };
        match there {
            None => self.gone(&shown),
            Some(there) if made.is_as_made(&there) => {
                let title = format!("Remove the queue {}", whole(&made.name));
                self.add(title, NewQueueAbsent { made: made.clone() }, made.clone());
            }
            Some(_) => self.note(&shown, &Now::Otherwise),
        }
        Ok(())
    }

    async fn removed_queue(&mut self, made: &QueuePresent) -> Result<(), Problem> {
        let shown = whole(&made.name);
        if self.ask.center.queues().await?.iter().any(|queue| queue.name == made.name) {
            self.back.notes.push(format!("The queue {shown} exists again."));
        } else {
            let undo = NewQueueAbsent { made: made.clone() };
            self.add(format!("Create the queue {shown} again"), made.clone(), undo);
        }
        Ok(())
    }

    async fn queue(&mut self, left: &QueueHas, old: &QueueHas) -> Result<(), Problem> {
        let shown = format!("The queue {}", whole(&left.queue));
        let Some(there) = self.ask.center.queue_with_id(&left.queue_id).await? else {
            self.gone(&shown);
            return Ok(());
        };
        let what = left.field.words().0;
        match now(left.field.is_set(&there), old.field.is_set(&there)) {
            Now::AsLeft => {
                let called = |has: &QueueHas| QueueHas { queue: there.name.clone(), ..has.clone() };
                self.add(
                    format!("Restore the {what} of the queue {}", whole(&there.name)),
                    called(old),
                    called(left),
                );
            }
            now => self.note(&format!("The {what} of the queue {}", whole(&there.name)), &now),
        }
        Ok(())
    }

    async fn made_profile(&mut self, made: &RoutingProfilePresent) -> Result<(), Problem> {
        let shown = format!("The routing profile {}", whole(&made.name));
        let all = self.ask.center.routing_profile_list().await?;
        let there = match all.into_iter().find(|one| one.name == made.name) {
            Some(named) => self.ask.center.routing_profile_with_id(&named.id).await?,
            None => None,
        };
        match there {
            None => self.gone(&shown),
            Some(there) if there.users > 0 => {
                self.back.notes.push(format!("{shown} has users now, so it stays."));
            }
            Some(there) if made.is_as_made(&there) => {
                let title = format!("Remove the routing profile {}", whole(&made.name));
                self.add(title, NewRoutingProfileAbsent { made: made.clone() }, made.clone());
            }
            Some(_) => self.note(&shown, &Now::Otherwise),
        }
        Ok(())
    }

    async fn removed_profile(&mut self, made: &RoutingProfilePresent) -> Result<(), Problem> {
        let shown = format!("The routing profile {}", whole(&made.name));
        if self.ask.center.routing_profile_list().await?.iter().any(|one| one.name == made.name) {
            self.back.notes.push(format!("{shown} exists again."));
        } else {
            // What was added to it in further calls went with it.
            let pairs = count(made.pairs.len(), "queue-channel pair");
            self.back.notes.push(format!("{shown} is created again with {pairs}."));
            let undo = NewRoutingProfileAbsent { made: made.clone() };
            self.add(format!("Create the routing profile {} again", whole(&made.name)), made.clone(), undo);
        }
        Ok(())
    }

    async fn profile(&mut self, left: &RoutingProfileHas, old: &RoutingProfileHas) -> Result<(), Problem> {
        let Some(there) = self.ask.center.routing_profile_with_id(&left.profile_id).await? else {
            self.gone(&format!("The routing profile {}", whole(&left.profile)));
            return Ok(());
        };
        let what = left.field.words().0;
        match now(left.field.is_set(&there), old.field.is_set(&there)) {
            Now::AsLeft => {
                let called = |has: &RoutingProfileHas| RoutingProfileHas {
                    profile: there.name.clone(),
                    agents: there.users,
                    ..has.clone()
                };
                let title = format!("Restore the {what} of the routing profile {}", whole(&there.name));
                self.add(title, called(old), called(left));
            }
            now => self.note(&format!("The {what} of the routing profile {}", whole(&there.name)), &now),
        }
        Ok(())
    }

    /// The profile that pairs were added to or taken from, and what it serves now; nothing where the request itself made it.
    async fn served(
        &mut self,
        id: Option<&String>,
        name: &str,
    ) -> Result<Option<(RoutingProfileInfo, Vec<RoutedQueue>)>, Problem> {
        let Some(id) = id else { return Ok(None) };
        let Some(there) = self.ask.center.routing_profile_with_id(id).await? else {
            self.gone(&format!("The routing profile {}", whole(name)));
            return Ok(None);
        };
        let pairs = self.ask.center.served_by(id).await?;
        Ok(Some((there, pairs)))
    }

    async fn serves(&mut self, left: &ProfileServes, old: Option<&ProfileServes>) -> Result<(), Problem> {
        let Some((there, pairs)) = self.served(left.profile_id.as_ref(), &left.profile).await? else {
            return Ok(());
        };
        let kept: Vec<Pair> = left.pairs.iter().filter(|pair| pair.is_served(&pairs)).cloned().collect();
        let shown = format!("The set of queues of the routing profile {}", whole(&there.name));
        if kept.len() < left.pairs.len() {
            self.note(&shown, &Now::Otherwise);
        }
        if kept.is_empty() {
            return Ok(());
        }
        let serves = |pairs| ProfileServes {
            profile_id: left.profile_id.clone(),
            profile: there.name.clone(),
            agents: there.users,
            pairs,
        };
        match old {
            Some(old) => {
                let of_kept = |pair: &&Pair| {
                    kept.iter().any(|one| one.queue == pair.queue && one.channel == pair.channel)
                };
                let before: Vec<Pair> = old.pairs.iter().filter(of_kept).cloned().collect();
                let title = format!("Restore priority and delay in {}", whole(&there.name));
                self.add(title, serves(before), serves(kept));
            }
            None => {
                let not = ProfileServesNot {
                    profile_id: left.profile_id.clone(),
                    profile: there.name.clone(),
                    agents: there.users,
                    pairs: kept.clone(),
                };
                self.add(
                    format!("Remove queues from the routing profile {}", whole(&there.name)),
                    not,
                    serves(kept),
                );
            }
        }
        Ok(())
    }

    async fn serves_not(&mut self, left: &ProfileServesNot) -> Result<(), Problem> {
        let Some((there, pairs)) = self.served(left.profile_id.as_ref(), &left.profile).await? else {
            return Ok(());
        };
        let queues = self.ask.center.queues().await?;
        let comes_back = |pair: &&Pair| {
            let exists = pair.queue_id.as_ref().is_some_and(|id| queues.iter().any(|queue| queue.id == *id));
            exists && !pairs.iter().any(|one| pair.is(one))
        };
        let kept: Vec<Pair> = left.pairs.iter().filter(comes_back).cloned().collect();
        if kept.len() < left.pairs.len() {
            self.note(
                &format!("The set of queues of the routing profile {}", whole(&there.name)),
                &Now::Otherwise,
            );
        }
        if kept.is_empty() {
            return Ok(());
        }
        let (profile_id, profile, agents) = (left.profile_id.clone(), there.name.clone(), there.users);
        let serves = ProfileServes {
            profile_id: profile_id.clone(),
            profile: profile.clone(),
            agents,
            pairs: kept.clone(),
        };
        let not = ProfileServesNot { profile_id, profile, agents, pairs: kept };
        self.add(format!("Put queues back into the routing profile {}", whole(&there.name)), serves, not);
        Ok(())
    }
}

fn now(is_left: bool, is_old: bool) -> Now {
    match (is_left, is_old) {
        (true, _) => Now::AsLeft,
        (false, true) => Now::AsBefore,
        (false, false) => Now::Otherwise,
    }
}
