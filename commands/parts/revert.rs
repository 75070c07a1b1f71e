//! A user's profile with what a request set taken back: value by value, and only where nobody set another one since.

use std::collections::BTreeMap;

use desk_core::basics::ids::RequestNo;
use desk_core::basics::text::whole;
use desk_core::center::{AutoAccept, Channel, Identity, Named, Proficiency, Profile, Settings};
use desk_core::user::UserField;
use desk_core::user::changes;

use crate::parts::edit_plan::Levels;

/// What the contact center has today, for settings that may have gone since.
pub(crate) struct Today {
    pub(crate) routing_profiles: Vec<Named>,
    pub(crate) security_profiles: Vec<Named>,
    pub(crate) hierarchy_groups: Vec<Named>,
}

/// One user on the way back.
pub(crate) struct Back<'a> {
    pub(crate) no: RequestNo,
    pub(crate) login: String,
    pub(crate) today: &'a Today,
    /// What is left alone, and why.
    pub(crate) notes: Vec<String>,
}

impl Back<'_> {
    /// Takes back what one step left in the profile; `old` is what its undo would have set.
    pub(crate) fn facet(&mut self, now: &mut Profile, left: &UserField, old: &UserField) {
        match (left, old) {
            (UserField::Identity(left), UserField::Identity(old)) => {
                self.identity(&mut now.identity, left, old)
            }
            (UserField::RoutingProfile(left), UserField::RoutingProfile(old)) => {
                let old = self.still_there("routing profile", old, &self.today.routing_profiles);
                let Some(old) = old else { return };
                self.value("routing profile", &mut now.routing_profile, left, &old, same, |named| {
                    named.name.clone()
                });
            }
            (UserField::SecurityProfiles(left), UserField::SecurityProfiles(old)) => {
                let all = &self.today.security_profiles;
                let kept: Option<Vec<Named>> =
                    old.iter().map(|one| self.still_there("security profile", one, all)).collect();
                let Some(kept) = kept else { return };
                let words = |all: &Vec<Named>| changes::names(all);
                self.value(
                    "security profiles",
                    &mut now.security_profiles,
                    left,
                    &kept,
                    |a, b| same_all(a, b),
                    words,
                );
            }
            (UserField::HierarchyGroup(left), UserField::HierarchyGroup(old)) => {
                let kept = match old {
                    None => None,
                    // A group has its path for a name, which the list of groups has not; its id tells.
                    Some(group) if self.today.hierarchy_groups.iter().any(|one| one.id == group.id) => {
                        old.clone()
                    }
                    Some(group) => {
                        self.still_there("hierarchy group", group, &[]);
                        return;
                    }
                };
                let words =
                    |group: &Option<Named>| group.as_ref().map_or("none", |group| &group.name).to_owned();
                let alike = |a: &Option<Named>, b: &Option<Named>| {
                    a.as_ref().map(|group| &group.id) == b.as_ref().map(|group| &group.id)
                };
                self.value("hierarchy group", &mut now.hierarchy_group, left, &kept, alike, words);
            }
            (UserField::Settings(left), UserField::Settings(old)) => {
                self.settings(&mut now.settings, left, old)
            }
            (UserField::Tags(left), UserField::Tags(old)) => {
                for (key, left) in left {
                    let old = old.get(key).cloned().flatten();
                    let mut stands = now.tags.get(key).cloned();
                    self.value(
                        &format!("tag {}", whole(key)),
                        &mut stands,
                        left,
                        &old,
                        PartialEq::eq,
                        or_none,
                    );
                    match stands {
                        Some(value) => now.tags.insert(key.clone(), value),
                        None => now.tags.remove(key),
                    };
                }
            }
            // An undo is of the same side as its step.
            _ => {}
        }
    }

    /// Proficiencies one by one: the levels that were set, taken away or changed.
    pub(crate) fn levels(
        &mut self,
        stand: &[Proficiency],
        left: &[Proficiency],
        old: &[Proficiency],
    ) -> Levels {
        let name = |one: &Proficiency| (one.attribute.clone(), one.value.clone());
        let level = |all: &[Proficiency], what: &(String, String)| {
            all.iter().find(|one| name(one) == *what).map(|one| one.level)
        };
        let mut names: Vec<(String, String)> = left.iter().chain(old).map(name).collect();
        names.sort();
        names.dedup();
        let (mut without, mut changed, mut with) = (stand.to_vec(), None, None);
        let mut set = Vec::new();
        for what in names {
            let (was, is) = (level(stand, &what), level(old, &what));
            let mut now = was;
            let said = format!("proficiency {}", whole(&format!("{}: {}", what.0, what.1)));
            let words =
                |level: &Option<f32>| level.map_or_else(|| "none".to_owned(), |level| level.to_string());
            self.value(&said, &mut now, &level(left, &what), &is, PartialEq::eq, words);
            if now != was {
                without.retain(|one| name(one) != what || now.is_some());
                set.extend(
                    now.map(|level| (was.is_some(), Proficiency { attribute: what.0, value: what.1, level })),
                );
            }
        }
        let mut turns = Vec::new();
        if without.len() < stand.len() {
            turns.push(("Take proficiencies from", without.clone()));
        }
        // Setting a level and adding a proficiency are two calls.
        for stood in [true, false] {
            let mut all = with.clone().or(changed.clone()).unwrap_or_else(|| without.clone());
            let mut any = false;
            for (_, one) in set.iter().filter(|(was, _)| *was == stood) {
                all.retain(|other| name(other) != name(one));
                all.push(one.clone());
                any = true;
            }
            if any {
                all.sort_by_key(name);
                turns.push(("Set proficiencies of", all.clone()));
                if stood { changed = Some(all) } else { with = Some(all) }
            }
        }
        Levels { stand: stand.to_vec(), turns }
    }

    fn identity(&mut self, now: &mut Identity, left: &Identity, old: &Identity) {
        let text = |text: &String| text.clone();
        self.value("first name", &mut now.first_name, &left.first_name, &old.first_name, PartialEq::eq, text);
        self.value("last name", &mut now.last_name, &left.last_name, &old.last_name, PartialEq::eq, text);
        self.value("email", &mut now.email, &left.email, &old.email, PartialEq::eq, or_none);
        let secondary = (&left.secondary_email, &old.secondary_email);
        self.value(
            "secondary email",
            &mut now.secondary_email,
            secondary.0,
            secondary.1,
            PartialEq::eq,
            or_none,
        );
        self.value("mobile", &mut now.mobile, &left.mobile, &old.mobile, PartialEq::eq, or_none);
    }

    fn settings(&mut self, now: &mut Settings, left: &Settings, old: &Settings) {
        if left.phone.is_some() {
            let words = |phone: &Option<_>| changes::phone(phone.as_ref());
            self.value("phone", &mut now.phone, &left.phone, &old.phone, PartialEq::eq, words);
        }
        for channel in Channel::ALL {
            self.auto_accept(channel, &mut now.auto_accept, &left.auto_accept, &old.auto_accept);
            let what = format!("after contact work ({})", channel.word());
            let (left, old) = (left.after_contact_work.get(&channel), old.after_contact_work.get(&channel));
            let mut stands = now.after_contact_work.get(&channel).copied();
            let words = |work: &Option<desk_core::center::AfterContactWork>| {
                work.map_or_else(|| "none".to_owned(), |work| changes::work(&work))
            };
            self.value(&what, &mut stands, &left.copied(), &old.copied(), PartialEq::eq, words);
            match stands {
                Some(work) => now.after_contact_work.insert(channel, work),
                None => now.after_contact_work.remove(&channel),
            };
        }
        if left.persistent_connection.is_some() {
            let words = |on: &Option<bool>| if *on == Some(true) { "on" } else { "off" }.to_owned();
            let alike = |a: &Option<bool>, b: &Option<bool>| a.unwrap_or(false) == b.unwrap_or(false);
            let (left, old) = (&left.persistent_connection, &old.persistent_connection);
            self.value("persistent connection", &mut now.persistent_connection, left, old, alike, words);
        }
        if left.voice_enhancement.is_some() {
            let words = |mode: &Option<_>| changes::audio(*mode).unwrap_or("none").to_owned();
            let (left, old) = (&left.voice_enhancement, &old.voice_enhancement);
            self.value("audio enhancement", &mut now.voice_enhancement, left, old, PartialEq::eq, words);
        }
    }

    fn auto_accept(
        &mut self,
        channel: Channel,
        now: &mut BTreeMap<Channel, AutoAccept>,
        left: &BTreeMap<Channel, AutoAccept>,
        old: &BTreeMap<Channel, AutoAccept>,
    ) {
        let Some(left) = left.get(&channel).copied() else { return };
        let off = AutoAccept { on: false, first_callback: None };
        let old = old.get(&channel).copied().unwrap_or(off);
        let mut stands = now.get(&channel).copied().unwrap_or(off);
        let words = |accept: &AutoAccept| if accept.on { "on" } else { "off" }.to_owned();
        let what = format!("auto-accept ({})", channel.word());
        let was = stands;
        self.value(&what, &mut stands, &left, &old, PartialEq::eq, words);
        if stands != was {
            now.insert(channel, stands);
        }
    }

    /// Takes one value back where it is still what the request left; says it where it is neither that nor as before.
    fn value<T: Clone>(
        &mut self,
        what: &str,
        now: &mut T,
        left: &T,
        old: &T,
        alike: impl Fn(&T, &T) -> bool,
        words: impl Fn(&T) -> String,
    ) {
        if alike(left, old) {
            return;
        }
        if alike(now, left) {
            now.clone_from(old);
        } else if alike(now, old) {
            self.notes.push(format!("The {what} of {} is as it was before already.", whole(&self.login)));
        } else {
            self.notes.push(format!(
                "The {what} of {} was changed since: {} set {}, now it is {}; it is left alone.",
                whole(&self.login),
                self.no,
                whole(&words(left)),
                whole(&words(now))
            ));
        }
    }

    /// The thing by its name of today; noted when it is gone.
    fn still_there(&mut self, kind: &str, named: &Named, all: &[Named]) -> Option<Named> {
        let today = crate::parts::restoration::today(named, all);
        if today.is_none() {
            let gone = crate::parts::restoration::gone(kind, named, all);
            self.notes.push(format!("{gone} {} cannot get it back.", whole(&self.login)));
        }
        today
    }
}

fn same(a: &Named, b: &Named) -> bool {
    a.id == b.id
}

fn same_all(a: &[Named], b: &[Named]) -> bool {
    a.len() == b.len() && a.iter().all(|one| b.iter().any(|other| same(one, other)))
}

fn or_none(text: &Option<String>) -> String {
    text.clone().unwrap_or_else(|| "none".to_owned())
}
