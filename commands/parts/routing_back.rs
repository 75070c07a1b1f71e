//! What a request did to quick connects, queues and routing profiles, rolled back: where it is still as the request left it.

use std::collections::BTreeSet;

use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{count, whole};
use desk_core::center::{FlowInfo, LeadsTo, Named, QuickConnectInfo, RoutedQueue, RoutingProfileInfo};
use desk_core::command::Ask;
use desk_core::plan::Step;
use desk_core::plan::effect::{
    Destination, Effect, NewQueueAbsent, NewQuickConnectAbsent, NewRoutingProfileAbsent, OfferedQuickConnect,
    Pair, ProfileServes, ProfileServesNot, QueueField, QueueHas, QueuePresent, QuickConnectField,
    QuickConnectHas, QuickConnectPresent, RoutingEffect, RoutingProfileField, RoutingProfileHas,
    RoutingProfilePresent, facts,
};

use crate::parts::queue_settings::Served;
use crate::parts::request_history::Told;
use crate::parts::set_back::{self, SetBack};
use crate::parts::{queue_links, routing, users};

/// Undoes a request part by part.
#[derive(Default)]
pub(crate) struct RoutingBack {
    parts: Vec<Vec<Step>>,
    notes: Vec<String>,
}

impl RoutingBack {
    /// What one part of a request did to routing.
    pub(crate) async fn add(
        &mut self,
        ask: &Ask<'_>,
        told: &Told,
        effects: &[(usize, &RoutingEffect, &Step)],
    ) -> Result<(), Problem> {
        let mut way = Way { ask, told, no: told.request.no, steps: Vec::new(), notes: Vec::new() };
        for (number, effect, step) in effects.iter().rev() {
            way.step(*number, effect, step).await?;
        }
        self.notes.extend(way.notes);
        if !way.steps.is_empty() {
            self.parts.push(way.steps);
        }
        Ok(())
    }

    pub(crate) async fn set_back(self, ask: &Ask<'_>) -> Result<SetBack, Problem> {
        let RoutingBack { parts, notes } = self;
        let logins: BTreeSet<&str> = parts.iter().flatten().filter_map(|step| step.effect.login()).collect();
        let logins: Vec<String> = logins.into_iter().map(str::to_owned).collect();
        let mut before = Vec::new();
        if !logins.is_empty() {
            before = ask.center.users(&logins).await?;
            before.retain(|user| logins.contains(&user.login));
        }
        let about = before.iter().map(users::subject).collect();
        let before = before.into_iter().map(users::bare).collect();
        let changes = set_back::changes(parts.iter().flatten());
        let counted = set_back::counted(changes.as_ref(), parts.iter().map(Vec::len).sum());
        let did = format!("restore {counted} of routing");
        let blocks = changes.into_iter().collect();
        Ok(SetBack { did, blocks, parts, about, before, notes })
    }
}

/// Undoes one part, the newest change first.
struct Way<'a, 'b> {
    ask: &'a Ask<'b>,
    told: &'a Told,
    no: RequestNo,
    steps: Vec<Step>,
    /// What is left alone.
    notes: Vec<String>,
}

/// How something is now.
#[derive(PartialEq)]
enum Now {
    AsLeft,
    AsBefore,
    Otherwise,
}

impl<'a> Way<'a, '_> {
    fn add(&mut self, title: String, effect: impl Into<Effect>, undo: impl Into<Effect>) {
        self.steps.push(Step::new(title, effect).undone_by(undo));
    }

    fn note(&mut self, what: &str, now: &Now) {
        self.notes.push(match now {
            Now::AsBefore => format!("{what} is already as before {}.", self.no),
            Now::AsLeft | Now::Otherwise => {
                format!("{what} was changed since {}, and stays unchanged.", self.no)
            }
        });
    }

    fn gone(&mut self, what: &str) {
        self.notes.push(format!("{what} no longer exists."));
    }

    fn say(&mut self, note: String) {
        self.notes.push(note);
    }

    /// What a step made has another name now, and isn't what it was made as.
    fn renamed(&mut self, what: &str, name: &str) {
        self.say(format!("{what} is now called {}, and stays unchanged.", whole(name)));
    }

    /// The id of what a step made. Something else may have its name by now, so without the id it is left alone.
    fn made_by(&mut self, step: usize, fact: &str, what: &str) -> Option<&'a str> {
        let id = self.told.fact(step, fact);
        if id.is_none() {
            self.say(format!("{what} stays unchanged, because the log has no id of it."));
        }
        id
    }

    async fn step(&mut self, number: usize, effect: &RoutingEffect, step: &Step) -> Result<(), Problem> {
        match effect {
            RoutingEffect::QuickConnectPresent(made) => self.made_quick_connect(number, made).await?,
            RoutingEffect::NewQuickConnectAbsent(gone) => self.removed_quick_connect(&gone.made).await?,
            RoutingEffect::QuickConnectAbsent(gone) => match step.undo_as() {
                Some(made) => self.removed_quick_connect(made).await?,
                None => {
                    let shown = whole(&gone.name);
                    self.notes.push(format!("The quick connect {shown} can't be created again."));
                }
            },
            RoutingEffect::QuickConnectHas(left) => {
                if let Some(old) = step.undo_as() {
                    self.quick_connect(left, old).await?;
                }
            }
            RoutingEffect::QueueOffersAll(all) => {
                // A quick connect may have another name by now, and its name another one.
                let id = |name: &String| self.told.fact(number, &facts::quick_connect(name));
                let ids = all
                    .quick_connects
                    .iter()
                    .map(|name| OfferedQuickConnect { id: id(name).map(str::to_owned), name: name.clone() });
                self.offers((&all.queue_id, &all.queue), &ids.collect::<Vec<_>>(), true).await?;
            }
            RoutingEffect::QueueOffersNone(none) => {
                self.offers((&none.queue_id, &none.queue), &none.quick_connects, false).await?;
            }
            RoutingEffect::QueuePresent(made) => self.made_queue(number, made).await?,
            RoutingEffect::NewQueueAbsent(gone) => self.removed_queue(&gone.made).await?,
            RoutingEffect::QueueHas(left) => {
                if let Some(old) = step.undo_as() {
                    self.queue(left, old).await?;
                }
            }
            RoutingEffect::RoutingProfilePresent(made) => self.made_profile(number, made).await?,
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
        let mut made = self.steps.iter().filter_map(|step| step.effect.get::<QuickConnectPresent>());
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

    /// Whether a quick connect can lead there again.
    async fn can_lead(&self, to: &Destination) -> Result<bool, Problem> {
        let is_there = match to {
            Destination::User { login, .. } => self.ask.center.user(login).await?.is_some(),
            Destination::Queue { queue_id, .. } => self.queue_there(queue_id).await?.is_some(),
            Destination::Number { .. } => return Ok(true),
            Destination::Flow { .. } => true,
        };
        let (Destination::User { contact_flow_id, .. }
        | Destination::Queue { contact_flow_id, .. }
        | Destination::Flow { contact_flow_id, .. }) = to
        else {
            return Ok(is_there);
        };
        let flows = self.ask.center.flows().await?;
        let usable = |flow: &FlowInfo| flow.id == *contact_flow_id && flow.is_usable();
        Ok(is_there && flows.iter().any(usable))
    }

    /// Whether something else has the old name of what has this id by now; it is noted.
    fn name_is_taken(&mut self, what: &str, id: &str, old: &str, all: &[Named]) -> bool {
        let is_taken = all.iter().any(|one| one.id != id && one.name == old);
        if is_taken {
            self.say(format!("{what} keeps its name, because another one is called {} now.", whole(old)));
        }
        is_taken
    }

    async fn made_quick_connect(&mut self, step: usize, made: &QuickConnectPresent) -> Result<(), Problem> {
        let shown = format!("The quick connect {}", whole(&made.name));
        let Some(id) = self.made_by(step, &facts::quick_connect(&made.name), &shown) else {
            return Ok(());
        };
        match self.ask.center.quick_connect_with_id(id).await? {
            None => self.gone(&shown),
            Some(there) if there.name != made.name => self.renamed(&shown, &there.name),
            Some(there) if self.leads(&made.destination, &there.leads_to).await? => {
                let title = format!("Remove the quick connect {}", whole(&made.name));
                let gone = NewQuickConnectAbsent { id: Some(id.to_owned()), made: made.clone() };
                self.add(title, gone, made.clone());
            }
            Some(_) => self.note(&shown, &Now::Otherwise),
        }
        Ok(())
    }

    async fn removed_quick_connect(&mut self, made: &QuickConnectPresent) -> Result<(), Problem> {
        let shown = format!("The quick connect {}", whole(&made.name));
        if self.ask.center.quick_connects().await?.iter().any(|one| one.name == made.name) {
            self.say(format!("{shown} exists again."));
            return Ok(());
        }
        if !self.can_lead(&made.destination).await? {
            self.say(format!("{shown} can't be created again, because its destination is gone."));
            return Ok(());
        }
        let title = format!("Create the quick connect {} again", whole(&made.name));
        self.add(title, made.clone(), NewQuickConnectAbsent { id: None, made: made.clone() });
        Ok(())
    }

    async fn quick_connect(&mut self, left: &QuickConnectHas, old: &QuickConnectHas) -> Result<(), Problem> {
        let Some(there) = self.ask.center.quick_connect_with_id(&left.id).await? else {
            self.gone(&format!("The quick connect {}", whole(&left.name)));
            return Ok(());
        };
        let shown = format!("The quick connect {}", whole(&there.name));
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
                let can_be = match &old.field {
                    QuickConnectField::Name(name) => {
                        let all = self.ask.center.quick_connects().await?;
                        !self.name_is_taken(&shown, &left.id, name, &all)
                    }
                    QuickConnectField::Description(_) => true,
                    QuickConnectField::LeadsTo(to) => {
                        let can_lead = self.can_lead(to).await?;
                        if !can_lead {
                            self.say(format!(
                                "{shown} stays unchanged, because its old destination is gone."
                            ));
                        }
                        can_lead
                    }
                };
                if !can_be {
                    return Ok(());
                }
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
        (id, queue): (&str, &str),
        quick_connects: &[OfferedQuickConnect],
        offered: bool,
    ) -> Result<(), Problem> {
        let shown = format!("The queue {}", whole(queue));
        let Some(there) = self.queue_there(id).await? else {
            self.gone(&shown);
            return Ok(());
        };
        let now = self.ask.center.offered_by(id).await?;
        let all = self.ask.center.quick_connects().await?;
        let mut back = Vec::new();
        for wanted in quick_connects {
            match all.iter().find(|one| wanted.is(one)) {
                Some(one) if now.iter().any(|other| other.id == one.id) == offered => {
                    back.push(one.name.clone());
                }
                Some(one) => {
                    let what =
                        format!("The quick connect {} in the queue {}", whole(&one.name), whole(queue));
                    self.note(&what, &Now::Otherwise);
                }
                None if self.creates(&wanted.name) => back.push(wanted.name.clone()),
                // It was removed after this, and the step that did so says what becomes of it.
                None if !offered && wanted.id.is_some() => {}
                None => self.gone(&format!("The quick connect {}", whole(&wanted.name))),
            }
        }
        self.steps.extend(routing::offering(&there, &back, !offered));
        Ok(())
    }

    async fn made_queue(&mut self, step: usize, made: &QueuePresent) -> Result<(), Problem> {
        let shown = format!("The queue {}", whole(&made.name));
        let Some(id) = self.made_by(step, facts::QUEUE_ID, &shown) else { return Ok(()) };
        let there = self.ask.center.queue_with_id(id).await?;
        match there {
            None => self.gone(&shown),
            Some(there) if there.name != made.name => self.renamed(&shown, &there.name),
            Some(there) if made.is_as_made(&there) => {
                if let Some(by) = self.kept_by(id).await? {
                    self.say(format!("{shown} stays, because {by} uses it now."));
                    return Ok(());
                }
                if !there.enabled {
                    self.say(format!("{shown} was disabled since {}.", self.no));
                }
                let offered = self.ask.center.offered_by(id).await?;
                let new = offered.iter().filter(|one| !made.quick_connects.contains(&one.name));
                let new: Vec<&Named> = new.collect();
                if !new.is_empty() {
                    let new = routing::all_of(new);
                    self.say(format!("{shown} has got since {}: the quick connects {new}.", self.no));
                }
                let title = format!("Remove the queue {}", whole(&made.name));
                let gone = NewQueueAbsent { id: Some(id.to_owned()), made: made.clone() };
                self.add(title, gone, made.clone());
            }
            Some(_) => self.note(&shown, &Now::Otherwise),
        }
        Ok(())
    }

    /// What keeps a queue from being removed, beside what earlier steps take away.
    async fn kept_by(&self, queue: &str) -> Result<Option<String>, Problem> {
        for profile in self.ask.center.all_routing_profiles().await? {
            let is_default = profile.default_queue_id.as_deref() == Some(queue)
                && !self.steps.iter().filter_map(|step| step.effect.get::<RoutingProfileHas>()).any(|has| {
                    let is_default = matches!(&has.field, RoutingProfileField::DefaultQueue(_));
                    has.profile_id == profile.id && is_default
                });
            let is_manual = profile.manual_queue_ids.iter().any(|id| id == queue);
            let mut is_served = false;
            if profile.queue_ids.iter().any(|id| id == queue) {
                let pairs = self.ask.center.served_by(&profile.id).await?;
                is_served = pairs.iter().any(|pair| pair.queue.id == queue && !self.takes(&profile.id, pair));
            }
            if is_default || is_manual || is_served {
                return Ok(Some(format!("the routing profile {}", whole(&profile.name))));
            }
        }
        let all = self.ask.center.all_quick_connects().await?;
        let leads = |one: &&QuickConnectInfo| matches!(&one.leads_to, LeadsTo::Queue { queue_id, .. } if queue_id == queue);
        Ok(all.iter().find(leads).map(|one| format!("the quick connect {}", whole(&one.name))))
    }

    /// Whether an earlier step takes a pair from a profile.
    fn takes(&self, profile_id: &str, pair: &RoutedQueue) -> bool {
        let mut all = self.steps.iter().filter_map(|step| step.effect.get::<ProfileServesNot>());
        all.any(|not| {
            not.profile_id.as_deref() == Some(profile_id) && not.pairs.iter().any(|one| one.is(pair))
        })
    }

    async fn removed_queue(&mut self, made: &QueuePresent) -> Result<(), Problem> {
        let shown = whole(&made.name);
        if self.ask.center.queues().await?.iter().any(|queue| queue.name == made.name) {
            self.say(format!("The queue {shown} exists again."));
        } else if !self.has_hours(&made.hours).await? {
            let hours = whole(&made.hours.name);
            self.say(format!(
                "The queue {shown} can't be created again, because the hours {hours} are gone."
            ));
        } else {
            let all = self.ask.center.quick_connects().await?;
            let mut made = made.clone();
            made.quick_connects.retain(|name| self.creates(name) || all.iter().any(|one| one.name == *name));
            let undo = NewQueueAbsent { id: None, made: made.clone() };
            self.add(format!("Create the queue {shown} again"), made, undo);
        }
        Ok(())
    }

    async fn has_hours(&self, hours: &Named) -> Result<bool, Problem> {
        Ok(self.ask.center.hours_of_operation().await?.iter().any(|one| one.id == hours.id))
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
                let shown = format!("The queue {}", whole(&there.name));
                let can_be = match &old.field {
                    QueueField::Name(name) => {
                        let all = self.ask.center.queues().await?;
                        !self.name_is_taken(&shown, &left.queue_id, name, &all)
                    }
                    QueueField::Hours(hours) => {
                        let is_there = self.has_hours(hours).await?;
                        if !is_there {
                            let hours = whole(&hours.name);
                            self.say(format!("{shown} keeps its hours, because {hours} are gone."));
                        }
                        is_there
                    }
                    QueueField::Enabled(false) => {
                        self.say(queue_links::DISABLED.to_owned());
                        true
                    }
                    QueueField::Enabled(true)
                    | QueueField::Description(_)
                    | QueueField::MaxContacts(_)
                    | QueueField::Caller(_) => true,
                };
                if !can_be {
                    return Ok(());
                }
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

    async fn made_profile(&mut self, step: usize, made: &RoutingProfilePresent) -> Result<(), Problem> {
        let shown = format!("The routing profile {}", whole(&made.name));
        let Some(id) = self.made_by(step, facts::ROUTING_PROFILE_ID, &shown) else { return Ok(()) };
        let there = self.ask.center.routing_profile_with_id(id).await?;
        match there {
            None => self.gone(&shown),
            Some(there) if there.name != made.name => self.renamed(&shown, &there.name),
            Some(there) if there.users > 0 => self.say(format!("{shown} has users now, so it stays.")),
            Some(there) if made.is_as_made(&there) => {
                let served = self.ask.center.served_by(id).await?;
                let new = served.iter().filter(|pair| !self.made_with(made, pair)).count();
                if new > 0 {
                    let new = count(new, "queue-channel pair");
                    self.say(format!("{shown} has got since {}: {new}.", self.no));
                }
                let title = format!("Remove the routing profile {}", whole(&made.name));
                let gone = NewRoutingProfileAbsent { id: Some(id.to_owned()), made: made.clone() };
                self.add(title, gone, made.clone());
            }
            Some(_) => self.note(&shown, &Now::Otherwise),
        }
        Ok(())
    }

    /// Whether a profile that the request made got a pair from it, in the call that made it or in a further one.
    fn made_with(&self, made: &RoutingProfilePresent, pair: &RoutedQueue) -> bool {
        let further = self.told.happened().filter_map(|(_, step)| step.effect.get::<ProfileServes>());
        let further = further.filter(|serves| serves.profile_id.is_none() && serves.profile == made.name);
        made.pairs.iter().chain(further.flat_map(|serves| &serves.pairs)).any(|one| one.is(pair))
    }

    async fn removed_profile(&mut self, made: &RoutingProfilePresent) -> Result<(), Problem> {
        let shown = format!("The routing profile {}", whole(&made.name));
        if self.ask.center.routing_profile_list().await?.iter().any(|one| one.name == made.name) {
            self.say(format!("{shown} exists again."));
            return Ok(());
        }
        if self.queue_there(&made.default_queue.id).await?.is_none() {
            self.say(format!("{shown} can't be created again, because its default outbound queue is gone."));
            return Ok(());
        }
        let queues = self.ask.center.queues().await?;
        let mut made = made.clone();
        made.pairs.retain(|pair| queues.iter().any(|queue| Some(&queue.id) == pair.queue_id.as_ref()));
        // What was added to it in further calls went with it.
        let pairs = count(made.pairs.len(), "queue-channel pair");
        self.say(format!("{shown} is created again with {pairs}."));
        let undo = NewRoutingProfileAbsent { id: None, made: made.clone() };
        self.add(format!("Create the routing profile {} again", whole(&made.name)), made, undo);
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
                let Some(field) = self.profile_can_have(&there, &left.field, &old.field).await? else {
                    return Ok(());
                };
                self.notes.extend(routing::touches(&there));
                let called = |has: &RoutingProfileHas| RoutingProfileHas {
                    profile: there.name.clone(),
                    agents: there.users,
                    ..has.clone()
                };
                let old = &RoutingProfileHas { field, ..old.clone() };
                let title = format!("Restore the {what} of the routing profile {}", whole(&there.name));
                self.add(title, called(old), called(left));
            }
            now => self.note(&format!("The {what} of the routing profile {}", whole(&there.name)), &now),
        }
        Ok(())
    }

    /// What a profile can have again of what it had; nothing where it can't, which is noted.
    async fn profile_can_have(
        &mut self,
        there: &RoutingProfileInfo,
        left: &RoutingProfileField,
        old: &RoutingProfileField,
    ) -> Result<Option<RoutingProfileField>, Problem> {
        let shown = format!("The routing profile {}", whole(&there.name));
        match (left, old) {
            (_, RoutingProfileField::Name(name)) => {
                let all = self.ask.center.routing_profile_list().await?;
                if self.name_is_taken(&shown, &there.id, name, &all) {
                    return Ok(None);
                }
            }
            (_, RoutingProfileField::DefaultQueue(queue)) => {
                if self.queue_there(&queue.id).await?.is_none() {
                    let queue = whole(&queue.name);
                    self.say(format!("{shown} keeps its default outbound queue, because {queue} is gone."));
                    return Ok(None);
                }
            }
            (RoutingProfileField::Channels(left), RoutingProfileField::Channels(old)) => {
                let pairs = self.ask.center.served_by(&there.id).await?;
                let mut channels = old.clone();
                for off in left.iter().filter(|one| !old.iter().any(|other| other.channel == one.channel)) {
                    let word = off.channel.word();
                    let is_used =
                        |pair: &RoutedQueue| pair.channel == off.channel && !self.takes(&there.id, pair);
                    if pairs.iter().any(is_used) {
                        channels.push(off.clone());
                        self.say(format!(
                            "{shown} keeps the channel {word}, because it has queues for it now."
                        ));
                    } else {
                        self.say(routing::turned_off(off.channel));
                    }
                }
                channels.sort_by_key(|one| one.channel);
                if channels == *left {
                    return Ok(None);
                }
                return Ok(Some(RoutingProfileField::Channels(channels)));
            }
            (_, RoutingProfileField::Description(_) | RoutingProfileField::Channels(_)) => {}
        }
        Ok(Some(old.clone()))
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
        self.notes.extend(routing::touches(&there));
        let served = Served { id: left.profile_id.as_deref(), name: &there.name, agents: there.users };
        match old {
            Some(old) => {
                let of_kept = |pair: &&Pair| {
                    kept.iter().any(|one| one.queue == pair.queue && one.channel == pair.channel)
                };
                let before: Vec<Pair> = old.pairs.iter().filter(of_kept).cloned().collect();
                let title = format!("Restore priority and delay in {}", whole(&there.name));
                self.add(title, served.serves(&before), served.serves(&kept));
            }
            None => {
                if kept.len() == pairs.len() {
                    self.say(routing::NO_QUEUES.to_owned());
                }
                let title = format!("Remove queues from the routing profile {}", whole(&there.name));
                self.add(title, served.serves_not(&kept), served.serves(&kept));
            }
        }
        Ok(())
    }

    async fn serves_not(&mut self, left: &ProfileServesNot) -> Result<(), Problem> {
        let Some((there, pairs)) = self.served(left.profile_id.as_ref(), &left.profile).await? else {
            return Ok(());
        };
        let queues = self.ask.center.queues().await?;
        let exists = |pair: &&Pair| {
            pair.queue_id.as_ref().is_some_and(|id| queues.iter().any(|queue| queue.id == *id))
        };
        let (there_still, gone): (Vec<&Pair>, Vec<&Pair>) = left.pairs.iter().partition(exists);
        for queue in gone.iter().map(|pair| &pair.queue).collect::<BTreeSet<_>>() {
            self.gone(&format!("The queue {}", whole(queue)));
        }
        let is_back = |pair: &&&Pair| pairs.iter().any(|one| pair.is(one));
        let kept: Vec<Pair> = there_still.iter().filter(|pair| !is_back(pair)).copied().cloned().collect();
        if kept.len() < there_still.len() {
            self.note(
                &format!("The set of queues of the routing profile {}", whole(&there.name)),
                &Now::Otherwise,
            );
        }
        if kept.is_empty() {
            return Ok(());
        }
        self.notes.extend(routing::touches(&there));
        let served = Served { id: left.profile_id.as_deref(), name: &there.name, agents: there.users };
        let title = format!("Put queues back into the routing profile {}", whole(&there.name));
        self.add(title, served.serves(&kept), served.serves_not(&kept));
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
