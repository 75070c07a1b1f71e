//! What differs between two states of a user, and what a state is, in the words that people read: one list for cards, details,
//! steps and undo, made of the rows of [`crate::profile`]. Values are as they are; anyone who draws them quotes them.

use super::UserField;
use crate::basics::text::{list, plain, whole};
use crate::center::Proficiency;
use crate::profile::{
    Channel, Profile, ROWS, Row, Settings, Shown, TAGS_MAX, UserCall, Value, Warning, blank,
};

pub use crate::profile::{NONE, names};

/// What differs, as it was and as it will be.
pub type Change = (String, String, String);

/// Before the key of a tag.
pub const TAG: &str = "Tag ";

/// After a tag that is removed: one that is set may have the value "none", too.
pub const REMOVED: &str = " (removed)";

/// A row that cards show, with those that are shown as a part of it.
#[derive(Clone, Copy)]
pub struct Group {
    pub row: &'static Row,
    parts: &'static [Row],
    pub call: UserCall,
    pub what: &'static str,
    pub title: &'static str,
    words: Option<fn(&Profile, Channel) -> String>,
    fact: Option<fn(&Profile) -> Option<String>>,
    always: bool,
    quoted: bool,
}

impl Group {
    /// All that cards show, in their order.
    pub fn all() -> impl Iterator<Item = Group> {
        ROWS.iter().enumerate().filter_map(|(at, row)| {
            let Shown::As { what, title, words, fact, always, quoted } = row.shown else { return None };
            let rest = ROWS.get(at..)?;
            let more = rest.iter().skip(1).take_while(|row| matches!(row.shown, Shown::WithTheLast)).count();
            let parts = rest.get(..=more)?;
            Some(Group { row, parts, call: row.call?, what, title, words, fact, always, quoted })
        })
    }

    pub fn of(call: UserCall) -> impl Iterator<Item = Group> {
        Group::all().filter(move |group| group.call == call)
    }

    /// The channels that it has a value of its own for.
    pub fn channels(&self) -> &'static [Channel] {
        if self.row.has_channels() { &Channel::ALL } else { &[Channel::Voice] }
    }

    /// What a profile has of it, part by part.
    fn values(&self, profile: &Profile, channel: Channel) -> Vec<Option<Value>> {
        self.parts.iter().map(|part| (part.get)(profile, channel)).collect()
    }

    fn is_there(&self, profile: &Profile) -> bool {
        self.channels().iter().any(|channel| (self.row.get)(profile, *channel).is_some())
    }

    /// Whether two profiles have the same of it. Things are compared by their ids, and what is absent with what means so.
    pub fn is_same(&self, a: &Profile, b: &Profile, channel: Channel) -> bool {
        let ids = |value: &Option<Value>| match value {
            Some(Value::Named(named)) => Some(vec![named.id.clone()]),
            Some(Value::Names(all)) => {
                let mut ids: Vec<String> = all.iter().map(|named| named.id.clone()).collect();
                ids.sort();
                Some(ids)
            }
            _ => None,
        };
        let same =
            |(a, b): (&Option<Value>, &Option<Value>)| a == b || (ids(a).is_some() && ids(a) == ids(b));
        let (of_a, of_b) = (self.values(a, channel), self.values(b, channel));
        of_a.iter().zip(&of_b).all(same)
            || (self.row.absent.is_some() && self.words(a, channel) == self.words(b, channel))
    }

    /// Makes it in one profile what it is in another.
    pub fn copy(&self, from: &Profile, to: &mut Profile, channel: Channel) {
        for part in self.parts {
            (part.set)(to, channel, (part.get)(from, channel));
        }
    }

    fn copy_all(&self, from: &Profile, to: &mut Profile) {
        self.channels().iter().for_each(|channel| self.copy(from, to, *channel));
    }

    /// As people read it.
    pub fn words(&self, profile: &Profile, channel: Channel) -> String {
        match (self.words, (self.row.get)(profile, channel)) {
            (Some(words), _) => words(profile, channel),
            (None, Some(value)) => self.row.said(&value),
            (None, None) => match self.row.absent {
                Some(absent) => self.row.said(&absent.into()),
                None => NONE.to_owned(),
            },
        }
    }

    /// All of it in one line; nothing where a card of everything leaves it out.
    fn fact(&self, profile: &Profile) -> Option<String> {
        if let Some(fact) = self.fact {
            return fact(profile);
        }
        let absent: Option<Value> = self.row.absent.map(Value::from);
        let is_set =
            |channel: &Channel| (self.row.get)(profile, *channel).is_some_and(|value| Some(value) != absent);
        let set: Vec<Channel> = self.channels().iter().copied().filter(is_set).collect();
        match set.is_empty() {
            true => self.always.then(|| self.words(profile, Channel::Voice)),
            false if self.row.has_channels() => {
                let each: Vec<String> = set
                    .iter()
                    .map(|channel| format!("{} {}", channel.word(), self.words(profile, *channel)))
                    .collect();
                Some(each.join(", "))
            }
            false => Some(self.words(profile, Channel::Voice)),
        }
    }
}

/// A profile that has nothing but these settings.
fn having(settings: &Settings) -> Profile {
    Profile { settings: settings.clone(), ..blank() }
}

/// What a field of a user becomes.
pub fn of_field(before: &UserField, after: &UserField) -> Vec<Change> {
    let call = call(after);
    if call != self::call(before) {
        // A field is compared with itself.
        return Vec::new();
    }
    if let (UserField::Tags(old), UserField::Tags(new)) = (before, after) {
        let of = |(key, value): (&String, &Option<String>)| {
            let was = old.get(key).and_then(Option::as_deref).unwrap_or(NONE);
            let removed = if value.is_none() { REMOVED } else { "" };
            (format!("{TAG}{key}{removed}"), was.to_owned(), value.as_deref().unwrap_or(NONE).to_owned())
        };
        return new.iter().map(of).collect();
    }
    let (mut old, mut new) = (blank(), blank());
    apply(&mut old, before);
    apply(&mut new, after);
    let mut changes = Vec::new();
    for group in Group::of(call) {
        let words = |channel| (group.words(&old, channel), group.words(&new, channel));
        if group.row.has_channels() {
            let each = by_channel(words).into_iter();
            changes
                .extend(each.map(|(channels, old, new)| (format!("{} ({channels})", group.what), old, new)));
            continue;
        }
        let (old, new) = words(Channel::Voice);
        // A call that changes one thing alone is told also where only its id is another.
        if old != new
            || matches!(
                call,
                UserCall::RoutingProfile | UserCall::SecurityProfiles | UserCall::HierarchyGroup
            )
        {
            changes.push((group.what.to_owned(), old, new));
        }
    }
    changes
}

/// The call that changes this.
pub fn call(field: &UserField) -> UserCall {
    match field {
        UserField::Identity(_) => UserCall::Identity,
        UserField::RoutingProfile(_) => UserCall::RoutingProfile,
        UserField::SecurityProfiles(_) => UserCall::SecurityProfiles,
        UserField::HierarchyGroup(_) => UserCall::HierarchyGroup,
        UserField::Settings(_) => UserCall::Settings,
        UserField::Tags(_) => UserCall::Tags,
    }
}

/// The field of a user's profile that the same call sets as this one.
pub fn field_of(profile: &Profile, like: &UserField) -> UserField {
    match like {
        UserField::Identity(_) => UserField::Identity(profile.identity.clone()),
        UserField::RoutingProfile(_) => UserField::RoutingProfile(profile.routing_profile.clone()),
        UserField::SecurityProfiles(_) => UserField::SecurityProfiles(profile.security_profiles.clone()),
        UserField::HierarchyGroup(_) => UserField::HierarchyGroup(profile.hierarchy_group.clone()),
        UserField::Settings(like) => {
            let mut kept = having(like);
            for group in Group::of(UserCall::Settings).filter(|group| group.is_there(&having(like))) {
                group.copy_all(profile, &mut kept);
            }
            UserField::Settings(kept.settings)
        }
        UserField::Tags(like) => {
            UserField::Tags(like.keys().map(|key| (key.clone(), profile.tags.get(key).cloned())).collect())
        }
    }
}

/// Puts a field into a profile, as the service does.
pub fn apply(profile: &mut Profile, field: &UserField) {
    put(profile, field, field);
}

/// Puts a field into a profile, as far as another of the same call says anything.
pub fn put(profile: &mut Profile, field: &UserField, as_far_as: &UserField) {
    match field {
        UserField::Identity(identity) => profile.identity.clone_from(identity),
        UserField::RoutingProfile(named) => profile.routing_profile.clone_from(named),
        UserField::SecurityProfiles(all) => profile.security_profiles.clone_from(all),
        UserField::HierarchyGroup(group) => profile.hierarchy_group.clone_from(group),
        UserField::Settings(new) => {
            let UserField::Settings(said) = as_far_as else { return };
            let (new, said) = (having(new), having(said));
            for group in Group::of(UserCall::Settings).filter(|group| group.is_there(&said)) {
                group.copy_all(&new, profile);
            }
        }
        UserField::Tags(tags) => {
            let UserField::Tags(said) = as_far_as else { return };
            for key in said.keys() {
                match tags.get(key).cloned().flatten() {
                    Some(value) => profile.tags.insert(key.clone(), value),
                    None => profile.tags.remove(key),
                };
            }
        }
    }
}

/// A field of a user that becomes different.
#[derive(Clone, Debug)]
pub struct FieldChange {
    /// "Set the email of", "Set the routing profile of": the login follows.
    pub title: String,
    pub new: UserField,
    pub old: UserField,
}

impl FieldChange {
    /// What, before, after, as people say it.
    pub fn changes(&self) -> Vec<Change> {
        of_field(&self.old, &self.new)
    }
}

/// What differs between two profiles of one user, call by call as the service changes it.
pub fn fields(old: &Profile, new: &Profile) -> Vec<FieldChange> {
    let mut fields: Vec<FieldChange> =
        UserCall::ALL.iter().filter_map(|call| field_between(*call, old, new)).collect();
    // Tags are set by one call and taken off by another, which makes room first where they would be too many between the two.
    let added = new.tags.keys().filter(|key| !old.tags.contains_key(*key)).count();
    let full = old.tags.len().saturating_add(added) > TAGS_MAX;
    for sets in if full { [false, true] } else { [true, false] } {
        let keys = old.tags.keys().chain(new.tags.keys());
        let differs = |key: &&String| old.tags.get(*key) != new.tags.get(*key);
        let mut keys: Vec<&String> =
            keys.filter(differs).filter(|key| new.tags.contains_key(*key) == sets).collect();
        keys.sort();
        keys.dedup();
        if keys.is_empty() {
            continue;
        }
        let of = |profile: &Profile| {
            UserField::Tags(
                keys.iter().map(|key| ((*key).clone(), profile.tags.get(*key).cloned())).collect(),
            )
        };
        let title = if sets { "Set tags of" } else { "Remove tags" };
        fields.push(FieldChange { title: title.to_owned(), new: of(new), old: of(old) });
    }
    fields
}

fn field_between(call: UserCall, old: &Profile, new: &Profile) -> Option<FieldChange> {
    let of: fn(&Profile) -> UserField = match call {
        UserCall::Identity => |profile| UserField::Identity(profile.identity.clone()),
        UserCall::RoutingProfile => |profile| UserField::RoutingProfile(profile.routing_profile.clone()),
        UserCall::SecurityProfiles => {
            |profile| UserField::SecurityProfiles(profile.security_profiles.clone())
        }
        UserCall::HierarchyGroup => |profile| UserField::HierarchyGroup(profile.hierarchy_group.clone()),
        UserCall::Settings => return settings_between(old, new),
        UserCall::Tags => return None,
    };
    let (was, is) = (of(old), of(new));
    if was == is {
        return None;
    }
    let differs = |group: &Group| {
        call != UserCall::Identity || group.words(old, Channel::Voice) != group.words(new, Channel::Voice)
    };
    let titles: Vec<String> = Group::of(call).filter(differs).map(|group| group.title.to_owned()).collect();
    Some(FieldChange { title: format!("Set {} of", list(&titles, "and")), new: is, old: was })
}

/// Only what differs is sent, and each list of channels as a whole, because whether the service merges or replaces it is not
/// documented. What was absent is rolled back to the value that means so, which holds either way.
fn settings_between(old: &Profile, new: &Profile) -> Option<FieldChange> {
    let (mut was, mut is) = (blank(), blank());
    let mut titles = Vec::new();
    for group in Group::of(UserCall::Settings) {
        let values = |profile, channel: &Channel| group.values(profile, *channel);
        if group.channels().iter().all(|channel| values(old, channel) == values(new, channel)) {
            continue;
        }
        group.copy_all(old, &mut was);
        group.copy_all(new, &mut is);
        for channel in group.channels() {
            let there = |profile: &Profile| (group.row.get)(profile, *channel).is_some();
            if there(&is) && !there(&was) {
                (group.row.set)(&mut was, *channel, group.row.absent.map(Value::from));
            }
        }
        titles.push(group.title.to_owned());
    }
    let title = format!("Set {} of", list(&titles, "and"));
    let (new, old) = (UserField::Settings(is.settings), UserField::Settings(was.settings));
    (!titles.is_empty()).then_some(FieldChange { title, new, old })
}

/// What the guides say at this step, about what becomes different. `old` is nothing for a user that is new.
pub fn warnings(old: Option<&Profile>, new: &Profile) -> Vec<String> {
    let all = warning_rows().filter(|warning| !warning.says.is_empty() && (warning.when)(old, new));
    all.map(|warning| warning.says.to_owned()).collect()
}

/// Every warning, those about how contacts reach a user first.
pub fn warning_rows() -> impl Iterator<Item = &'static Warning> {
    let settings = |row: &&Row| row.call == Some(UserCall::Settings);
    let (first, rest) = (ROWS.iter().filter(settings), ROWS.iter().filter(move |row| !settings(row)));
    first.chain(rest).flat_map(|row| row.warnings)
}

fn by_channel(words: impl Fn(Channel) -> (String, String)) -> Vec<Change> {
    let mut alike: Vec<(Vec<String>, (String, String))> = Vec::new();
    for channel in Channel::ALL {
        let said = words(channel);
        if said.0 == said.1 {
            continue;
        }
        match alike.iter_mut().find(|(_, other)| *other == said) {
            Some((channels, _)) => channels.push(channel.word().to_owned()),
            None => alike.push((vec![channel.word().to_owned()], said)),
        }
    }
    alike.into_iter().map(|(channels, (before, after))| (list(&channels, "and"), before, after)).collect()
}

/// What differs between two lists of proficiencies.
pub fn proficiencies(old: &[Proficiency], new: &[Proficiency]) -> Vec<Change> {
    let name = |p: &Proficiency| format!("{}: {}", p.attribute, p.value);
    let level = |all: &[Proficiency], what: &str| {
        all.iter().find(|p| name(p) == what).map_or_else(|| NONE.to_owned(), |p| p.level.to_string())
    };
    let mut names: Vec<String> = old.iter().chain(new).map(name).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .map(|what| (format!("Proficiency {what}"), level(old, &what), level(new, &what)))
        .filter(|(_, before, after)| before != after)
        .collect()
}

/// Everything that is set for a user, each with its value. What a user rarely has is left out where it is absent.
pub fn of_profile(profile: &Profile) -> Vec<(String, String)> {
    Group::all().filter_map(|group| Some((group.what.to_owned(), group.fact(profile)?))).collect()
}

/// The same with each tag by itself and with what a card leaves out, such as a setting that is off.
pub fn all_of_profile(profile: &Profile) -> Vec<(String, String)> {
    let mut all = of_profile(profile);
    all.retain(|(what, _)| what != "Tags");
    for group in Group::all().filter(|group| group.row.absent.is_some() && group.fact(profile).is_none()) {
        if group.is_there(profile) {
            all.push((group.what.to_owned(), group.words(profile, Channel::Voice)));
        }
    }
    all.extend(profile.directory_user_id.iter().map(|id| ("Directory user".to_owned(), id.clone())));
    all.extend(profile.tags.iter().map(|(key, value)| (format!("{TAG}{key}"), value.clone())));
    all
}

/// Everything that is set for a user beside their name and login, as facts on a card: what came from outside is quoted.
pub fn facts(profile: &Profile) -> Vec<(String, String)> {
    const NAMES: [&str; 2] = ["First name", "Last name"];
    let number = |word: &str| if word.starts_with('+') { whole(word) } else { word.to_owned() };
    let fact = |group: Group| {
        let value = group.fact(profile)?;
        let value = match group.what {
            _ if value == NONE || !group.quoted => value,
            "Phone" => value.split(' ').map(number).collect::<Vec<_>>().join(" "),
            _ => whole(&value),
        };
        Some((group.what.to_owned(), value))
    };
    let groups = Group::all().filter(|group| !NAMES.contains(&group.what));
    groups.filter_map(fact).collect()
}

/// What differs, as it is within a sentence: the desk's own words come first, and only these are in small letters.
pub fn within(what: &str) -> String {
    let mut chars = what.chars();
    chars.next().into_iter().flat_map(char::to_lowercase).chain(chars).collect()
}

/// A change with its values as code spans in full, which is how a card shows what came from outside.
pub fn quoted((what, before, after): &Change) -> Change {
    (plain(what, usize::MAX), whole(before), whole(after))
}
