//! What differs between two states of a user, and what a state is, in the words that people read: one list for cards, details
//! and files. Values are as they are; whoever draws them quotes them.

use crate::basics::text::{list, plain};
use crate::center::{
    AfterContactWork, AutoAccept, Channel, Identity, Named, Phone, Proficiency, Profile, Settings,
    VoiceEnhancement,
};
use crate::user::UserField;

/// The word for what is absent.
pub const NONE: &str = "none";

/// What differs, as it was and as it will be.
pub type Change = (String, String, String);

/// What one side of a user becomes.
pub fn of_facet(before: &UserField, after: &UserField) -> Vec<Change> {
    match (before, after) {
        (UserField::Identity(old), UserField::Identity(new)) => identity(old, new),
        (UserField::RoutingProfile(old), UserField::RoutingProfile(new)) => {
            one("Routing profile", &old.name, &new.name)
        }
        (UserField::SecurityProfiles(old), UserField::SecurityProfiles(new)) => {
            one("Security profiles", &names(old), &names(new))
        }
        (UserField::HierarchyGroup(old), UserField::HierarchyGroup(new)) => {
            one("Hierarchy group", group(old.as_ref()), group(new.as_ref()))
        }
        (UserField::Settings(old), UserField::Settings(new)) => settings(old, new),
        (UserField::Tags(old), UserField::Tags(new)) => new
            .iter()
            .map(|(key, value)| {
                let was = old.get(key).and_then(Option::as_deref).unwrap_or(NONE);
                (format!("Tag {key}"), was.to_owned(), value.as_deref().unwrap_or(NONE).to_owned())
            })
            .collect(),
        // A side is compared with itself.
        _ => Vec::new(),
    }
}

/// The same side of a user's profile as this one.
pub fn side_of(profile: &Profile, like: &UserField) -> UserField {
    match like {
        UserField::Identity(_) => UserField::Identity(profile.identity.clone()),
        UserField::RoutingProfile(_) => UserField::RoutingProfile(profile.routing_profile.clone()),
        UserField::SecurityProfiles(_) => UserField::SecurityProfiles(profile.security_profiles.clone()),
        UserField::HierarchyGroup(_) => UserField::HierarchyGroup(profile.hierarchy_group.clone()),
        UserField::Settings(like) => {
            let mut side = like.clone();
            if !like.auto_accept.is_empty() {
                side.auto_accept.clone_from(&profile.settings.auto_accept);
            }
            if !like.after_contact_work.is_empty() {
                side.after_contact_work.clone_from(&profile.settings.after_contact_work);
            }
            if like.phone.is_some() {
                side.phone.clone_from(&profile.settings.phone);
            }
            if like.persistent_connection.is_some() {
                side.persistent_connection = profile.settings.persistent_connection;
            }
            if like.voice_enhancement.is_some() {
                side.voice_enhancement = profile.settings.voice_enhancement;
            }
            UserField::Settings(side)
        }
        UserField::Tags(like) => {
            UserField::Tags(like.keys().map(|key| (key.clone(), profile.tags.get(key).cloned())).collect())
        }
    }
}

/// Puts one side into a profile, as the service does.
pub fn apply(profile: &mut Profile, side: &UserField) {
    match side {
        UserField::Identity(identity) => profile.identity.clone_from(identity),
        UserField::RoutingProfile(named) => profile.routing_profile.clone_from(named),
        UserField::SecurityProfiles(all) => profile.security_profiles.clone_from(all),
        UserField::HierarchyGroup(group) => profile.hierarchy_group.clone_from(group),
        UserField::Settings(new) => {
            let settings = &mut profile.settings;
            if !new.auto_accept.is_empty() {
                settings.auto_accept.clone_from(&new.auto_accept);
            }
            if !new.after_contact_work.is_empty() {
                settings.after_contact_work.clone_from(&new.after_contact_work);
            }
            settings.phone = new.phone.clone().or(settings.phone.take());
            settings.persistent_connection = new.persistent_connection.or(settings.persistent_connection);
            settings.voice_enhancement = new.voice_enhancement.or(settings.voice_enhancement);
        }
        UserField::Tags(tags) => {
            for (key, value) in tags {
                match value {
                    Some(value) => profile.tags.insert(key.clone(), value.clone()),
                    None => profile.tags.remove(key),
                };
            }
        }
    }
}

fn one(what: &str, before: &str, after: &str) -> Vec<Change> {
    vec![(what.to_owned(), before.to_owned(), after.to_owned())]
}

/// What differs between two identities.
pub fn identity(old: &Identity, new: &Identity) -> Vec<Change> {
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| NONE.to_owned());
    let mut changes = [
        ("First name", old.first_name.clone(), new.first_name.clone()),
        ("Last name", old.last_name.clone(), new.last_name.clone()),
        ("Email", or_none(&old.email), or_none(&new.email)),
        ("Secondary email", or_none(&old.secondary_email), or_none(&new.secondary_email)),
        ("Mobile", or_none(&old.mobile), or_none(&new.mobile)),
    ]
    .map(|(what, before, after)| (what.to_owned(), before, after))
    .to_vec();
    changes.retain(|(_, before, after)| before != after);
    changes
}

/// What differs between two settings. Channels that change alike are said together: "voice, task and email".
pub fn settings(old: &Settings, new: &Settings) -> Vec<Change> {
    let mut changes = Vec::new();
    if old.phone != new.phone {
        changes.extend(one("Phone", &phone(old.phone.as_ref()), &phone(new.phone.as_ref())));
    }
    let word = |settings: &Settings, channel| accepts(settings.auto_accept.get(&channel));
    for (channels, before, after) in by_channel(|channel| (word(old, channel), word(new, channel))) {
        changes.push((format!("Auto-accept ({channels})"), before, after));
    }
    let word = |settings: &Settings, channel| {
        settings.after_contact_work.get(&channel).map_or_else(|| NONE.to_owned(), work)
    };
    for (channels, before, after) in by_channel(|channel| (word(old, channel), word(new, channel))) {
        changes.push((format!("After contact work ({channels})"), before, after));
    }
    if old.persistent_connection != new.persistent_connection {
        let word = |connection: Option<bool>| on_or_off(connection == Some(true));
        changes.extend(one(
            "Persistent connection",
            word(old.persistent_connection),
            word(new.persistent_connection),
        ));
    }
    if old.voice_enhancement != new.voice_enhancement {
        let word = |mode| audio(mode).unwrap_or(NONE);
        changes.extend(one("Audio enhancement", word(old.voice_enhancement), word(new.voice_enhancement)));
    }
    changes
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
    let Identity { first_name, last_name, email, secondary_email, mobile } = &profile.identity;
    let mut facts = Vec::new();
    let mut add = |what: &str, value: &str| facts.push((what.to_owned(), value.to_owned()));
    add("First name", first_name);
    add("Last name", last_name);
    add("Email", email.as_deref().unwrap_or(NONE));
    for (what, value) in [("Secondary email", secondary_email), ("Mobile", mobile)] {
        if let Some(value) = value {
            add(what, value);
        }
    }
    add("Routing profile", &profile.routing_profile.name);
    add("Security profiles", &names(&profile.security_profiles));
    add("Hierarchy group", group(profile.hierarchy_group.as_ref()));
    let settings = &profile.settings;
    if settings.phone.is_some() {
        add("Phone", &phone(settings.phone.as_ref()));
    }
    add("Auto-accept", &all_accepts(settings));
    let all: Vec<String> = settings
        .after_contact_work
        .iter()
        .map(|(channel, one)| format!("{} {}", channel.word(), work(one)))
        .collect();
    if !all.is_empty() {
        add("After contact work", &all.join(", "));
    }
    if settings.persistent_connection == Some(true) {
        add("Persistent connection", on_or_off(true));
    }
    if let Some(mode) = audio(settings.voice_enhancement) {
        add("Audio enhancement", mode);
    }
    if !profile.tags.is_empty() {
        let tags: Vec<String> = profile.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
        add("Tags", &tags.join(", "));
    }
    facts
}

/// Names with commas between them.
pub fn names(all: &[Named]) -> String {
    all.iter().map(|named| named.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn group(group: Option<&Named>) -> &str {
    group.map_or(NONE, |group| group.name.as_str())
}

pub fn phone(phone: Option<&Phone>) -> String {
    match phone {
        None => NONE.to_owned(),
        Some(Phone::Soft { number: None }) => "soft phone".to_owned(),
        Some(Phone::Soft { number: Some(number) }) => format!("soft phone, {number} on file"),
        Some(Phone::Desk { number: None }) => "desk phone without a number".to_owned(),
        Some(Phone::Desk { number: Some(number) }) => format!("desk phone {number}"),
    }
}

/// The time of after contact work. 0 seconds is Amazon Connect's word for no limit.
pub fn work(work: &AfterContactWork) -> String {
    let first = work.first_callback_seconds.map(|seconds| format!(", first callback {}", limit(seconds)));
    format!("{}{}", limit(work.seconds), first.unwrap_or_default())
}

/// A time in seconds, of which 0 is no limit.
pub fn limit(seconds: u32) -> String {
    if seconds == 0 { "without end".to_owned() } else { format!("{seconds} s") }
}

fn accepts(accept: Option<&AutoAccept>) -> String {
    let first = accept.and_then(|accept| accept.first_callback);
    let first = first.map(|on| format!(", first callback {}", on_or_off(on))).unwrap_or_default();
    format!("{}{first}", on_or_off(accept.is_some_and(|accept| accept.on)))
}

fn all_accepts(settings: &Settings) -> String {
    let all = &settings.auto_accept;
    if all.values().any(|accept| accept.first_callback.is_some()) {
        let each =
            all.iter().map(|(channel, accept)| format!("{} {}", channel.word(), accepts(Some(accept))));
        return each.collect::<Vec<_>>().join("; ");
    }
    let on: Vec<&str> =
        all.iter().filter(|(_, accept)| accept.on).map(|(channel, _)| channel.word()).collect();
    if on.is_empty() { on_or_off(false).to_owned() } else { format!("on for {}", on.join(", ")) }
}

fn on_or_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

pub fn audio(mode: Option<VoiceEnhancement>) -> Option<&'static str> {
    match mode {
        Some(VoiceEnhancement::VoiceIsolation) => Some("voice isolation"),
        Some(VoiceEnhancement::NoiseSuppression) => Some("noise suppression"),
        Some(VoiceEnhancement::None) | None => None,
    }
}

/// A change with its values as code spans in full, which is how a card shows what came from outside.
pub fn quoted((what, before, after): &Change) -> Change {
    (plain(what, usize::MAX), crate::basics::text::whole(before), crate::basics::text::whole(after))
}
