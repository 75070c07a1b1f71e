//! A user's profile with what a request set rolled back: value by value, and only where no one set another one since.

use desk_core::basics::ids::RequestNo;
use desk_core::basics::text::{list, whole};
use desk_core::center::{Named, Proficiency, Profile};
use desk_core::user::UserField;
use desk_core::user::changes;

use crate::parts::edit_plan::Levels;

/// Where the channels go in a note; no value that it repeats has this character.
const CHANNELS: &str = "\u{1}";

/// What the contact center has today, for settings that may have gone since.
pub(crate) struct Today {
    pub(crate) routing_profiles: Vec<Named>,
    pub(crate) security_profiles: Vec<Named>,
    pub(crate) hierarchy_groups: Vec<Named>,
}

/// One user whose change is undone.
pub(crate) struct Back<'a> {
    pub(crate) no: RequestNo,
    pub(crate) login: String,
    pub(crate) today: &'a Today,
    /// What is left alone, and why.
    pub(crate) notes: Vec<String>,
}

impl Back<'_> {
    /// Undoes what one step left in the profile; `old` is what its undo would have set.
    pub(crate) fn facet(&mut self, now: &mut Profile, left: &UserField, old: &UserField) {
        let Some(old) = self.of_today(old) else { return };
        if let (UserField::Tags(left), UserField::Tags(old)) = (left, &old) {
            for (key, left) in left {
                let mut tag = now.tags.get(key).cloned();
                let (what, old) = (format!("tag {}", whole(key)), old.get(key).cloned().flatten());
                self.value(&what, &mut tag, left, &old, PartialEq::eq, or_none);
                match tag {
                    Some(value) => now.tags.insert(key.clone(), value),
                    None => now.tags.remove(key),
                };
            }
            return;
        }
        let (mut as_left, mut as_old) = (now.clone(), now.clone());
        changes::put(&mut as_left, left, left);
        changes::put(&mut as_old, &old, left);
        for group in changes::Group::of(changes::side(left)) {
            let what = match group.row.has_channels() {
                true => format!("{} ({CHANNELS})", group.what.to_lowercase()),
                false => group.what.to_lowercase(),
            };
            let before = self.notes.len();
            let mut said: Vec<(String, Vec<String>)> = Vec::new();
            for channel in group.channels() {
                let existing = now.clone();
                let mut kept = existing.clone();
                let alike = |a: &Profile, b: &Profile| group.is_same(a, b, *channel);
                let words = |profile: &Profile| group.words(profile, *channel);
                self.value(&what, &mut kept, &as_left, &as_old, alike, words);
                group.copy(&kept, now, *channel);
                for note in self.notes.split_off(before) {
                    let word = channel.word().to_owned();
                    match said.iter_mut().find(|(other, _)| *other == note) {
                        Some((_, channels)) => channels.push(word),
                        None => said.push((note, vec![word])),
                    }
                }
            }
            // What is so in several channels is said once.
            let said = said.iter().map(|(note, channels)| note.replace(CHANNELS, &list(channels, "and")));
            self.notes.extend(said);
        }
    }

    /// What a step's undo would have set, under the names of today; noted and nothing where it is gone.
    fn of_today(&mut self, old: &UserField) -> Option<UserField> {
        Some(match old {
            UserField::RoutingProfile(named) => UserField::RoutingProfile(self.still_there(
                "routing profile",
                named,
                &self.today.routing_profiles,
            )?),
            UserField::SecurityProfiles(old) => {
                let all = &self.today.security_profiles;
                let kept = old.iter().map(|one| self.still_there("security profile", one, all));
                UserField::SecurityProfiles(kept.collect::<Option<Vec<Named>>>()?)
            }
            // A group has its path for a name, which the list of groups has not; its id tells.
            UserField::HierarchyGroup(Some(group))
                if !self.today.hierarchy_groups.iter().any(|one| one.id == group.id) =>
            {
                self.still_there("hierarchy group", group, &[]);
                return None;
            }
            other => other.clone(),
        })
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
        let mut wanted = stand.to_vec();
        for what in names {
            let (was, is) = (level(stand, &what), level(old, &what));
            let mut now = was;
            let said = format!("proficiency {}", whole(&format!("{}: {}", what.0, what.1)));
            let words =
                |level: &Option<f32>| level.map_or_else(|| "none".to_owned(), |level| level.to_string());
            self.value(&said, &mut now, &level(left, &what), &is, PartialEq::eq, words);
            if now != was {
                wanted.retain(|one| name(one) != what);
                wanted.extend(now.map(|level| Proficiency { attribute: what.0, value: what.1, level }));
            }
        }
        Levels::to(stand.to_vec(), wanted)
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
            self.notes.push(format!("The {what} of {} is already as it was before.", whole(&self.login)));
        } else {
            self.notes.push(format!(
                "The {what} of {} was changed since: {} set {}, and now it is {}. It stays unchanged.",
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
            self.notes.push(format!("{gone} It can't be restored for {}.", whole(&self.login)));
        }
        today
    }
}

fn or_none(text: &Option<String>) -> String {
    text.clone().unwrap_or_else(|| "none".to_owned())
}
