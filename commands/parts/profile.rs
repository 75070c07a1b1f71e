//! A user's profile as options change it, and what is different afterwards: shared by the commands that add and edit.

use std::collections::BTreeMap;

use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, list, whole};
use desk_core::center::names;
use desk_core::center::{
    AfterContactWork, AutoAccept, Channel, Named, Phone, Profile, Settings, VoiceEnhancement,
};
use desk_core::command::Ask;
use desk_core::formats::address;
use desk_core::policy::site::NewUsers;
use desk_core::user::UserField;
use desk_core::user::changes::{self, Change, NONE};

/// The longest after contact work of the chat channel, in seconds (CreateUser, AfterContactWorkTimeLimit).
const CHAT_WORK_MAX: u32 = 5_400;

/// The longest that `acw` may be, in seconds (CreateUser, AfterContactWorkTimeLimit).
pub(crate) const WORK_MAX: i64 = 2_000_000;

/// The most security profiles a user has (UpdateUserSecurityProfiles).
const SECURITY_PROFILES_MAX: usize = 10;

/// The phones that someone answers with, and what each means.
pub(crate) const PHONES: [(&str, &str); 2] =
    [("soft", "in the CCP"), ("desk", "a phone with a number of its own")];

/// What the options say, with every name resolved. What was not said stays as it is.
#[derive(Default)]
pub(crate) struct UserPatch {
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    secondary_email: Option<Option<String>>,
    mobile: Option<Option<String>>,
    routing_profile: Option<Named>,
    security_profiles: Option<Vec<Named>>,
    add_security_profile: Option<Named>,
    remove_security_profile: Option<Named>,
    hierarchy_group: Option<Option<Named>>,
    desk_phone: Option<bool>,
    phone_number: Option<String>,
    auto_accept: Option<bool>,
    after_contact_work: Option<u32>,
    /// The channels that were named for auto-accept and after contact work.
    channels: Option<Vec<Channel>>,
    persistent_connection: Option<bool>,
    voice_enhancement: Option<VoiceEnhancement>,
    tags: BTreeMap<String, Option<String>>,
    /// A name was typed with accents apart from their letters.
    composed: bool,
}

/// Reads the options that a command has of these, by their names.
pub(crate) async fn wish(ask: &Ask<'_>) -> Result<UserPatch, Problem> {
    let args = ask.args;
    let routing_profile = match args.text("routing_profile") {
        Some(typed) => Some(names::resolve("routing profile", typed, &ask.center.routing_profiles().await?)?),
        None => None,
    };
    let all =
        match ["security_profile", "security_profiles", "add_security_profile", "remove_security_profile"]
            .iter()
            .any(|name| args.text(name).is_some())
        {
            true => ask.center.security_profiles().await?,
            false => Vec::new(),
        };
    let security = |typed: &str| names::resolve("security profile", typed, &all);
    let security_profiles = match args.text("security_profiles").or(args.text("security_profile")) {
        None => None,
        Some(typed) => Some(several(typed, &security)?),
    };
    let hierarchy_group = match args.text("hierarchy_group") {
        None => None,
        Some(typed) if typed.eq_ignore_ascii_case(NONE) => Some(None),
        Some(typed) => Some(Some(names::hierarchy_group(ask.center, typed).await?)),
    };
    let wish = UserPatch {
        first_name: args.text("first_name").map(|name| address::composed(name).into_owned()),
        last_name: args.text("last_name").map(|name| address::composed(name).into_owned()),
        composed: ["first_name", "last_name"]
            .iter()
            .any(|name| args.text(name).is_some_and(|typed| address::composed(typed) != typed)),
        email: args.text("email").map(address::email).transpose()?,
        secondary_email: args
            .text("secondary_email")
            .map(|typed| or_none(typed, address::secondary_email))
            .transpose()?,
        mobile: args.text("mobile").map(|typed| or_none(typed, address::phone)).transpose()?,
        routing_profile,
        security_profiles,
        add_security_profile: args.text("add_security_profile").map(security).transpose()?,
        remove_security_profile: args.text("remove_security_profile").map(security).transpose()?,
        hierarchy_group,
        desk_phone: args.text("phone").map(|kind| kind == "desk"),
        phone_number: args.text("phone_number").map(address::phone).transpose()?,
        auto_accept: args.said("auto_accept"),
        after_contact_work: args.integer("acw").and_then(|seconds| u32::try_from(seconds).ok()),
        channels: args.text("channel").map(channels),
        persistent_connection: args.said("persistent_connection"),
        voice_enhancement: args.text("audio_enhancement").map(|mode| match mode {
            "isolate_voice" => VoiceEnhancement::VoiceIsolation,
            "suppress_noise" => VoiceEnhancement::NoiseSuppression,
            _ => VoiceEnhancement::None,
        }),
        tags: tags(args.text("tag"), args.text("untag"))?,
    };
    wish.checked()
}

/// The channels of the option `channel`.
fn channels(word: &str) -> Vec<Channel> {
    Channel::ALL.into_iter().filter(|channel| word == "all" || channel.word() == word).collect()
}

fn or_none(typed: &str, read: impl Fn(&str) -> Result<String, Problem>) -> Result<Option<String>, Problem> {
    if typed.eq_ignore_ascii_case(NONE) { Ok(None) } else { read(typed).map(Some) }
}

/// Names with commas between them; one whole name may have a comma of its own.
fn several(typed: &str, one: &impl Fn(&str) -> Result<Named, Problem>) -> Result<Vec<Named>, Problem> {
    let parts: Vec<&str> = typed.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    if let (Ok(whole), true) = (one(typed), parts.len() != 1) {
        return Ok(vec![whole]);
    }
    let mut all: Vec<Named> = Vec::new();
    for part in parts {
        let named = one(part)?;
        if !all.contains(&named) {
            all.push(named);
        }
    }
    Ok(all)
}

/// `tag` is `key=value`, `untag` is a key; each may be several with commas between them.
fn tags(set: Option<&str>, off: Option<&str>) -> Result<BTreeMap<String, Option<String>>, Problem> {
    let mut tags = BTreeMap::new();
    let parts = |typed: &'_ str| -> Vec<String> {
        typed.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    for part in set.map(parts).unwrap_or_default() {
        let Some((key, value)) = part.split_once('=') else {
            return Err(Problem::asker("tag", format!("{} is not a tag.", code(&part)))
                .hint("Type it as `tag:key=value`, such as `tag:team=red`."));
        };
        tags.insert(tag_key(key)?, Some(tag_value(value)?));
    }
    for part in off.map(parts).unwrap_or_default() {
        tags.insert(tag_key(&part)?, None);
    }
    Ok(tags)
}

/// 1 to 128 of the characters that AWS takes in a key, and not a key of its own.
fn tag_key(typed: &str) -> Result<String, Problem> {
    let key = typed.trim();
    let fits = |c: char| c.is_alphanumeric() || " _.:/=+-@".contains(c);
    let length = key.chars().count();
    if (1..=128).contains(&length) && key.chars().all(fits) && !key.starts_with("aws:") {
        return Ok(key.to_owned());
    }
    Err(Problem::asker("tag", format!("{} cannot be the key of a tag.", code(key)))
        .hint("A key has at most 128 letters, digits, blanks and `_ . : / = + - @`, and does not begin with `aws:`."))
}

fn tag_value(typed: &str) -> Result<String, Problem> {
    let value = typed.trim();
    if value.chars().count() <= 256 {
        return Ok(value.to_owned());
    }
    Err(Problem::asker("tag", format!("The value {} of a tag is too long.", code(value)))
        .hint("A value has at most 256 characters."))
}

impl UserPatch {
    fn checked(self) -> Result<UserPatch, Problem> {
        let refused = |message: &str, next: &str| Err(Problem::asker("options_conflict", message).hint(next));
        if self.channels.is_some() && self.auto_accept.is_none() && self.after_contact_work.is_none() {
            return refused(
                "`channel` says nothing alone.",
                "Add `auto_accept:…` or `acw:…`, or leave it out.",
            );
        }
        if self.security_profiles.is_some()
            && (self.add_security_profile.is_some() || self.remove_security_profile.is_some())
        {
            return refused(
                "All security profiles are set and one is added or removed at once.",
                "Say `security_profiles:…` with all of them, or add and remove one.",
            );
        }
        let chat_only = self.channels.as_deref() == Some(&[Channel::Chat]);
        if chat_only && self.after_contact_work.is_some_and(|seconds| seconds > CHAT_WORK_MAX) {
            return refused(
                "Chats have at most 5400 seconds of after contact work.",
                "Type `acw:5400` or less.",
            );
        }
        Ok(self)
    }

    /// Whether the options say nothing at all.
    pub(crate) fn is_empty(&self) -> bool {
        let said = [
            self.first_name.is_some(),
            self.last_name.is_some(),
            self.email.is_some(),
            self.secondary_email.is_some(),
            self.mobile.is_some(),
            self.routing_profile.is_some(),
            self.security_profiles.is_some(),
            self.add_security_profile.is_some(),
            self.remove_security_profile.is_some(),
            self.hierarchy_group.is_some(),
            self.desk_phone.is_some(),
            self.phone_number.is_some(),
            self.auto_accept.is_some(),
            self.after_contact_work.is_some(),
            self.persistent_connection.is_some(),
            self.voice_enhancement.is_some(),
            !self.tags.is_empty(),
        ];
        !said.contains(&true)
    }

    /// What was understood otherwise than it was typed.
    pub(crate) fn notes(&self) -> Option<String> {
        self.composed.then(|| {
            "The name was typed with accents apart from their letters; they are put onto them, as Amazon Connect keeps names."
                .to_owned()
        })
    }

    /// The option that is one person's own, if one was said.
    pub(crate) fn personal(&self) -> Option<&'static str> {
        let own = [
            ("first_name", self.first_name.is_some()),
            ("last_name", self.last_name.is_some()),
            ("email", self.email.is_some()),
            ("secondary_email", self.secondary_email.as_ref().is_some_and(Option::is_some)),
            ("mobile", self.mobile.as_ref().is_some_and(Option::is_some)),
            ("phone_number", self.phone_number.is_some()),
        ];
        own.into_iter().find(|(_, said)| *said).map(|(name, _)| name)
    }

    /// The profile with the wish fulfilled. `login` is whose it is, for sentences.
    pub(crate) fn applied(&self, login: &str, old: &Profile) -> Result<Profile, Problem> {
        let mut new = old.clone();
        let identity = &mut new.identity;
        set(&mut identity.first_name, &self.first_name);
        set(&mut identity.last_name, &self.last_name);
        if self.email.is_some() {
            identity.email.clone_from(&self.email);
        }
        set(&mut identity.secondary_email, &self.secondary_email);
        set(&mut identity.mobile, &self.mobile);
        set(&mut new.routing_profile, &self.routing_profile);
        set(&mut new.hierarchy_group, &self.hierarchy_group);
        self.apply_security_profiles(login, &mut new.security_profiles)?;
        self.apply_phone(login, &mut new.settings)?;
        let settings = &mut new.settings;
        if let Some(on) = self.auto_accept {
            for channel in self.channels.as_deref().unwrap_or(&[Channel::Voice]) {
                let accept = settings.auto_accept.entry(*channel);
                accept.or_insert(AutoAccept { on, first_callback: None }).on = on;
            }
        }
        if let Some(wanted) = self.after_contact_work {
            for channel in self.channels.as_deref().unwrap_or(&Channel::ALL) {
                let seconds = if *channel == Channel::Chat { wanted.min(CHAT_WORK_MAX) } else { wanted };
                let work = settings.after_contact_work.entry(*channel);
                work.or_insert(AfterContactWork { seconds, first_callback_seconds: None }).seconds = seconds;
            }
        }
        if let Some(on) = self.persistent_connection
            && (on || settings.persistent_connection.is_some())
        {
            settings.persistent_connection = Some(on);
        }
        if let Some(mode) = self.voice_enhancement
            && (mode != VoiceEnhancement::None || settings.voice_enhancement.is_some())
        {
            settings.voice_enhancement = Some(mode);
        }
        for (key, value) in &self.tags {
            match value {
                Some(value) => new.tags.insert(key.clone(), value.clone()),
                None => new.tags.remove(key),
            };
        }
        Ok(new)
    }

    fn apply_security_profiles(&self, login: &str, profiles: &mut Vec<Named>) -> Result<(), Problem> {
        set(profiles, &self.security_profiles);
        if let Some(added) = &self.add_security_profile
            && !profiles.contains(added)
        {
            profiles.push(added.clone());
        }
        profiles.retain(|profile| Some(profile) != self.remove_security_profile.as_ref());
        profiles.sort_by(|a, b| a.name.cmp(&b.name));
        if profiles.is_empty() && self.remove_security_profile.is_some() {
            return Err(Problem::asker(
                "security_profile_last",
                format!("{} would be left without a security profile; a user has at least one.", code(login)),
            )
            .hint("Give another one with `add_security_profile:…` as well."));
        }
        if profiles.len() > SECURITY_PROFILES_MAX {
            return Err(Problem::asker(
                "security_profiles_too_many",
                format!("{} would have {} security profiles.", code(login), profiles.len()),
            )
            .hint(format!("A user has at most {SECURITY_PROFILES_MAX}; take some away.")));
        }
        Ok(())
    }

    fn apply_phone(&self, login: &str, settings: &mut Settings) -> Result<(), Problem> {
        let (desk, on_file) = match &settings.phone {
            Some(Phone::Desk { number }) => (true, number.clone()),
            Some(Phone::Soft { number }) => (false, number.clone()),
            None => (false, None),
        };
        if self.desk_phone.is_none() && self.phone_number.is_none() {
            return Ok(());
        }
        let number = self.phone_number.clone().or(on_file);
        settings.phone = Some(match self.desk_phone.unwrap_or(desk) {
            false => Phone::Soft { number },
            true if number.is_some() => Phone::Desk { number },
            true => {
                return Err(Problem::asker(
                    "phone_number",
                    format!("A desk phone needs a number, and {} has none on file.", code(login)),
                )
                .hint("Add it with its country, such as `phone_number:+15550100142`."));
            }
        });
        Ok(())
    }
}

/// The same after contact work on every channel, as far as each goes.
pub(crate) fn work_of_all(work: AfterContactWork) -> BTreeMap<Channel, AfterContactWork> {
    Channel::ALL
        .map(|channel| {
            let most = if channel == Channel::Chat { CHAT_WORK_MAX } else { work.seconds };
            (channel, AfterContactWork { seconds: work.seconds.min(most), ..work })
        })
        .into()
}

fn set<T: Clone>(place: &mut T, wanted: &Option<T>) {
    if let Some(wanted) = wanted {
        place.clone_from(wanted);
    }
}

/// How contacts reach a new user of whom nothing else is said.
pub(crate) fn new_settings(new: &NewUsers) -> Settings {
    let work = AfterContactWork { seconds: new.acw, first_callback_seconds: None };
    let chat = AfterContactWork { seconds: new.acw.min(CHAT_WORK_MAX), ..work };
    let of = |channel| if channel == Channel::Chat { chat } else { work };
    Settings {
        auto_accept: [(Channel::Voice, AutoAccept { on: new.auto_accept, first_callback: None })].into(),
        after_contact_work: Channel::ALL.map(|channel| (channel, of(channel))).into(),
        phone: Some(match new.desk_phone {
            true => Phone::Desk { number: None },
            false => Phone::Soft { number: None },
        }),
        persistent_connection: None,
        voice_enhancement: None,
    }
}

/// One side of a user that becomes different.
pub(crate) struct FieldChange {
    /// "Set the email of", "Give the routing profile … to": the login follows.
    pub(crate) title: String,
    pub(crate) new: UserField,
    pub(crate) old: UserField,
}

impl FieldChange {
    fn new(title: impl Into<String>, new: UserField, old: UserField) -> FieldChange {
        FieldChange { title: title.into(), new, old }
    }

    /// What, before, after, as people say it.
    pub(crate) fn changes(&self) -> Vec<Change> {
        changes::of_facet(&self.old, &self.new)
    }
}

/// What differs between two profiles of one user, side by side as the service changes it.
pub(crate) fn sides(old: &Profile, new: &Profile) -> Vec<FieldChange> {
    let mut sides = Vec::new();
    if old.identity != new.identity {
        let changes = changes::identity(&old.identity, &new.identity);
        let whats: Vec<String> = changes.iter().map(|(what, ..)| what.to_lowercase()).collect();
        let title = format!("Set {} of", list(&whats, "and"));
        sides.push(FieldChange::new(
            title,
            UserField::Identity(new.identity.clone()),
            UserField::Identity(old.identity.clone()),
        ));
    }
    if old.routing_profile != new.routing_profile {
        let side = |profile: &Profile| UserField::RoutingProfile(profile.routing_profile.clone());
        sides.push(FieldChange::new("Set the routing profile of", side(new), side(old)));
    }
    if old.security_profiles != new.security_profiles {
        let side = |profile: &Profile| UserField::SecurityProfiles(profile.security_profiles.clone());
        sides.push(FieldChange::new("Set the security profiles of", side(new), side(old)));
    }
    if old.hierarchy_group != new.hierarchy_group {
        let side = |profile: &Profile| UserField::HierarchyGroup(profile.hierarchy_group.clone());
        sides.push(FieldChange::new("Set the hierarchy group of", side(new), side(old)));
    }
    sides.extend(settings_side(&old.settings, &new.settings));
    // Tags are set by one call and taken off by another.
    for sets in [true, false] {
        let keys = old.tags.keys().chain(new.tags.keys());
        let differs = |key: &&String| old.tags.get(*key) != new.tags.get(*key);
        let mut keys: Vec<&String> =
            keys.filter(differs).filter(|key| new.tags.contains_key(*key) == sets).collect();
        keys.sort();
        keys.dedup();
        if keys.is_empty() {
            continue;
        }
        let of = |tags: &BTreeMap<String, String>| {
            UserField::Tags(keys.iter().map(|key| ((*key).clone(), tags.get(*key).cloned())).collect())
        };
        let title = if sets { "Set tags of" } else { "Take tags off" };
        sides.push(FieldChange::new(title, of(&new.tags), of(&old.tags)));
    }
    sides
}

/// Only the lists that differ are sent, and each as a whole, because whether the service merges or replaces it is not
/// documented.
fn settings_side(old: &Settings, new: &Settings) -> Option<FieldChange> {
    let (mut was, mut is) = (Settings::default(), Settings::default());
    let mut whats = Vec::new();
    if old.phone != new.phone {
        was.phone = old.phone.clone().or(Some(Phone::Soft { number: None }));
        is.phone.clone_from(&new.phone);
        whats.push("the phone".to_owned());
    }
    if old.auto_accept != new.auto_accept {
        let off = AutoAccept { on: false, first_callback: None };
        // A channel that had no setting is taken back to off, which holds whether the service merges or replaces.
        let absent = new.auto_accept.keys().map(|channel| (*channel, off));
        was.auto_accept = absent.chain(old.auto_accept.clone()).collect();
        is.auto_accept.clone_from(&new.auto_accept);
        whats.push("auto-accept".to_owned());
    }
    if old.after_contact_work != new.after_contact_work {
        was.after_contact_work.clone_from(&old.after_contact_work);
        is.after_contact_work.clone_from(&new.after_contact_work);
        whats.push("after contact work".to_owned());
    }
    if old.persistent_connection != new.persistent_connection {
        was.persistent_connection = Some(old.persistent_connection.unwrap_or(false));
        is.persistent_connection = new.persistent_connection;
        whats.push("the persistent connection".to_owned());
    }
    if old.voice_enhancement != new.voice_enhancement {
        was.voice_enhancement = Some(old.voice_enhancement.unwrap_or(VoiceEnhancement::None));
        is.voice_enhancement = new.voice_enhancement;
        whats.push("audio enhancement".to_owned());
    }
    if whats.is_empty() {
        return None;
    }
    let title = format!("Set {} of", list(&whats, "and"));
    Some(FieldChange::new(title, UserField::Settings(is), UserField::Settings(was)))
}

/// What the guides say at this step, about what becomes different. `old` is nothing for a user that is new.
pub(crate) fn warnings(old: Option<&Profile>, new: &Profile) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut warn = |text: &str| warnings.push(text.to_owned());
    let settings = &new.settings;
    let was = old.map(|old| &old.settings);
    let is_desk = |settings: &Settings| matches!(settings.phone, Some(Phone::Desk { .. }));
    let accepts =
        |settings: &Settings, channel| settings.auto_accept.get(&channel).is_some_and(|accept| accept.on);
    let desk_is_new = is_desk(settings) && was.is_none_or(|was| was.phone != settings.phone);
    if desk_is_new {
        warn("A desk phone costs outbound telephony for every inbound call that it answers.");
    }
    let number_is_new = was.is_none_or(|was| was.phone != settings.phone);
    if number_is_new && matches!(settings.phone, Some(Phone::Soft { number: Some(_) })) {
        warn("With a soft phone the number is only kept on file; `phone:desk` has it used.");
    }
    let accept_is_new =
        accepts(settings, Channel::Voice) && !was.is_some_and(|was| accepts(was, Channel::Voice));
    if accept_is_new {
        let to = if accepts(settings, Channel::Chat) { "callbacks" } else { "chats or callbacks" };
        warn(&format!(
            "Auto-accept connects calls in less than a second and without a click; it does not apply to {to}."
        ));
    }
    if (accept_is_new || desk_is_new) && is_desk(settings) && accepts(settings, Channel::Voice) {
        warn("Auto-accept is for soft phones; a desk phone still has to be picked up.");
    }
    let endless = |settings: &Settings| settings.after_contact_work.values().any(|work| work.seconds == 0);
    if endless(settings) && was.is_none_or(|was| was.after_contact_work != settings.after_contact_work) {
        warn("After contact work of 0 seconds has no end: the agent has to choose Close contact each time.");
    }
    let longest = settings.after_contact_work.values().map(|work| work.seconds).max().unwrap_or(0);
    let longest_is_new = was.is_none_or(|was| was.after_contact_work != settings.after_contact_work);
    if longest > CHAT_WORK_MAX && longest_is_new && settings.after_contact_work.contains_key(&Channel::Chat) {
        warn("Chats have at most 5400 seconds of after contact work.");
    }
    if let Some(old) = old
        && old.hierarchy_group.is_some()
        && old.hierarchy_group != new.hierarchy_group
    {
        warn("Taking an agent out of a hierarchy group affects historical reports.");
    }
    warnings
}

/// Everything that is set for a user, as facts on a card.
pub(crate) fn facts(login: &str, profile: &Profile) -> Vec<(String, String)> {
    const SHOWN_ELSEWHERE: [&str; 2] = ["First name", "Last name"];
    const OWN_WORDS: [&str; 4] =
        ["Auto-accept", "After contact work", "Persistent connection", "Audio enhancement"];
    let number = |word: &str| if word.starts_with('+') { whole(word) } else { word.to_owned() };
    let facts = changes::of_profile(profile).into_iter();
    let facts = facts.filter(|(what, _)| !SHOWN_ELSEWHERE.contains(&what.as_str())).map(|(what, value)| {
        let value = match what.as_str() {
            what if value == NONE || OWN_WORDS.contains(&what) => value,
            "Phone" => value.split(' ').map(number).collect::<Vec<_>>().join(" "),
            _ => whole(&value),
        };
        (what, value)
    });
    std::iter::once(("Login".to_owned(), whole(login))).chain(facts).collect()
}
