//! Everything that is set for a user: the members of a profile, and a row for each, with what it is called on cards, in options and
//! in files, where it is in a profile, which call writes it, and what to warn of. Whatever edits, imports, exports, undoes, restores
//! or shows users reads these rows. What holds for each channel is one row; the channel is a dimension of its [`Field`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::table::{
    Absent, Choice, Generation, Means, NONE, UserCall, UserOption, Value, ValueKind, both, edit, is_on,
    limit, of_each, on_or_off, seconds, text,
};
use super::{Channel, Named};
use crate::words::{Arg, Kind, LOGIN_ALSO, Thing};

/// Who a user is. A missing email means that "Forgot password" cannot work for them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    #[serde(default)]
    pub first_name: String,
    #[serde(default)]
    pub last_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secondary_email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
}

impl Identity {
    /// `John Doe`, or nothing.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }
}

/// Whether contacts of a channel are accepted without a click.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoAccept {
    pub on: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_callback: Option<bool>,
}

/// How long after contact work may take, in seconds; 0 means indefinitely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AfterContactWork {
    pub seconds: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_callback_seconds: Option<u32>,
}

/// The phone an agent answers with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phone {
    Soft {
        /// A desk number may stay on file while the soft phone is used.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<String>,
    },
    /// Answering on a desk phone costs outbound telephony. The number is E.164.
    Desk { number: Option<String> },
}

/// Audio enhancement on voice contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VoiceEnhancement {
    VoiceIsolation,
    NoiseSuppression,
    None,
}

/// How contacts reach an agent, per channel. A channel that is absent has no setting of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub auto_accept: BTreeMap<Channel, AutoAccept>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub after_contact_work: BTreeMap<Channel, AfterContactWork>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persistent_connection: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice_enhancement: Option<VoiceEnhancement>,
}

/// Everything about a user that CreateUser takes, under its login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub identity: Identity,
    pub routing_profile: Named,
    /// 1 to 10, in alphabetical order of their names.
    pub security_profiles: Vec<Named>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hierarchy_group: Option<Named>,
    #[serde(default)]
    pub settings: Settings,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory_user_id: Option<String>,
}

/// The longest after contact work, in seconds (CreateUser, AfterContactWorkTimeLimit), and that of chats.
pub const WORK_MAX: u32 = 2_000_000;
pub const CHAT_WORK_MAX: u32 = 5_400;

/// The most tags of a user, without Amazon's own (TagResource).
pub const TAGS_MAX: usize = 50;

/// The smallest thing about a user that can be said, in the order of the columns of Amazon Connect's template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    FirstName,
    LastName,
    Email,
    /// In files only, and never written.
    Password,
    Login,
    RoutingProfile,
    /// Several names in a cell stand between `|`; further columns may be numbered.
    SecurityProfiles,
    PhoneType,
    PhoneNumber,
    AutoAccept(Channel),
    /// In seconds; 0 means indefinitely.
    AfterContactWork(Channel),
    SecondaryEmail,
    Mobile,
    /// The levels of the group's path stand between `|` or `/`.
    Hierarchy,
    /// One level of that path, 1 to 5.
    HierarchyLevel(u8),
    /// `key:value`, several between `|`; a backslash keeps a `|`, `:` or backslash as it is.
    Tags,
    PersistentConnection,
    AudioEnhancement,
    /// `attribute:value=level`, several between `|`; a backslash keeps a `|`, `:` or backslash as it is. Not a part of a profile.
    Proficiencies,
    FirstCallbackAutoAccept(Channel),
    /// In seconds; 0 means indefinitely.
    FirstCallbackAfterContactWork(Channel),
    DirectoryUserId,
}

/// How a field appears on cards.
#[derive(Clone, Copy, Debug)]
pub enum Shown {
    As {
        /// As it begins a line.
        what: &'static str,
        /// As it is in "Set … of".
        title: &'static str,
        /// Where its value is not said as it is; what is absent comes here too.
        words: Option<fn(&Profile, Channel) -> String>,
        /// All of it in one line, where that is not the value; nothing where there is nothing to say.
        fact: Option<fn(&Profile) -> Option<String>>,
        /// Whether a card of everything says it too where it is absent.
        always: bool,
        /// Whether its words come from outside and are quoted.
        quoted: bool,
    },
    /// As a part of the row before.
    WithTheLast,
    Never,
}

/// What the guides say where a field becomes different; `old` is nothing for a new user.
#[derive(Clone, Copy, Debug)]
pub struct Warning {
    pub when: fn(old: Option<&Profile>, new: &Profile) -> bool,
    /// On the card of one user; empty where only a file says it.
    pub says: &'static str,
    /// For a file of many, without its full stop; empty where only a card says it.
    pub counted: &'static str,
}

/// For which values of its dimension there is a field.
#[derive(Clone, Copy, Debug)]
pub enum Fields {
    One(Field),
    /// One for each channel. Where none is said, these are meant.
    Channels(fn(Channel) -> Field, &'static [Channel]),
    Levels(fn(u8) -> Field),
}

/// All there is to know of a field.
#[derive(Debug)]
pub struct Row {
    pub fields: Fields,
    pub kind: ValueKind,
    pub call: Option<UserCall>,
    pub get: fn(&Profile, Channel) -> Option<Value>,
    /// Nothing is what is absent.
    pub set: fn(&mut Profile, Channel, Option<Value>),
    /// The value that is the same as none.
    pub absent: Option<Absent>,
    pub shown: Shown,
    pub options: &'static [UserOption],
    /// Whether it is one person's own and not set for several.
    pub personal: bool,
    /// The title that is written, with `{}` for a channel or level; Amazon's own where its templates have the column.
    pub title: &'static str,
    /// That of the voice channel where it is another.
    pub voice_title: &'static str,
    /// What people and other tools call the column and the option too, in small letters; of a field with channels, that of voice.
    pub aliases: &'static [&'static str],
    pub generation: Option<Generation>,
    /// Whether every file that is written has the column; of a field with channels, that of voice.
    pub column_always: bool,
    /// Whether a file has to have the column.
    pub required: bool,
    /// Whether several columns may hold parts of it.
    pub may_repeat: bool,
    /// The order in which findings are told: Amazon's troubleshooting begins with phone numbers, then security profiles.
    pub order: u8,
    /// In the template that people fill in; of a field with channels, that of voice.
    pub example: &'static str,
    pub warnings: &'static [Warning],
}

pub(super) const PLAIN: Row = Row {
    fields: Fields::One(Field::Login),
    kind: ValueKind::Apart,
    call: None,
    get: |_, _| None,
    set: |_, _, _| {},
    absent: None,
    shown: Shown::Never,
    options: &[],
    personal: false,
    title: "",
    voice_title: "",
    aliases: &[],
    generation: None,
    column_always: false,
    required: false,
    may_repeat: false,
    order: 4,
    example: "",
    warnings: &[],
};

const fn shown(what: &'static str, title: &'static str) -> Shown {
    Shown::As { what, title, words: None, fact: None, always: false, quoted: true }
}

fn was(old: Option<&Profile>, test: fn(&Profile) -> bool) -> bool {
    old.is_some_and(test)
}

fn has_desk_phone(profile: &Profile) -> bool {
    matches!(profile.settings.phone, Some(Phone::Desk { .. }))
}

fn phone_is_new(old: Option<&Profile>, new: &Profile) -> bool {
    old.is_none_or(|old| old.settings.phone != new.settings.phone)
}

fn accepts_calls(profile: &Profile) -> bool {
    accepts_on(profile, Channel::Voice)
}

fn accepts_on(profile: &Profile, channel: Channel) -> bool {
    profile.settings.auto_accept.get(&channel).is_some_and(|accept| accept.on)
}

fn accepts_calls_now(old: Option<&Profile>, new: &Profile) -> bool {
    accepts_calls(new) && !was(old, accepts_calls)
}

fn works_without_end(profile: &Profile) -> bool {
    profile.settings.after_contact_work.values().any(|work| work.seconds == 0)
}

fn work_is_new(old: Option<&Profile>, new: &Profile) -> bool {
    old.is_none_or(|old| old.settings.after_contact_work != new.settings.after_contact_work)
}

fn has_soft_phone_features(profile: &Profile) -> bool {
    has_desk_phone(profile)
        && (profile.settings.persistent_connection == Some(true)
            || profile.settings.voice_enhancement.is_some_and(|mode| mode != VoiceEnhancement::None))
}

/// All rows, in the order in which cards tell them.
pub const ROWS: &[Row] = &[
    Row {
        fields: Fields::One(Field::FirstName),
        kind: ValueKind::Name(255),
        call: Some(UserCall::Identity),
        get: |profile, _| Some(Value::Text(profile.identity.first_name.clone())),
        set: |profile, _, value| profile.identity.first_name = text(value).unwrap_or_default(),
        shown: shown("First name", "first name"),
        options: &[of_each(
            Arg::required("first_name", Kind::Name(255), "The first name"),
            Arg::optional("first_name", Kind::Name(255), "The first name"),
        )],
        personal: true,
        title: "first name",
        aliases: &["firstname", "given name"],
        column_always: true,
        required: true,
        example: "Jane",
        ..PLAIN
    },
    Row {
        fields: Fields::One(Field::LastName),
        // The model has 300; where Connect keeps passwords, it documents fewer (UserIdentityInfo).
        kind: ValueKind::Name(256),
        call: Some(UserCall::Identity),
        get: |profile, _| Some(Value::Text(profile.identity.last_name.clone())),
        set: |profile, _, value| profile.identity.last_name = text(value).unwrap_or_default(),
        shown: shown("Last name", "last name"),
        options: &[of_each(
            Arg::required("last_name", Kind::Name(256), "The last name"),
            Arg::optional("last_name", Kind::Name(256), "The last name"),
        )],
        personal: true,
        title: "last name",
        aliases: &["lastname", "surname", "family name"],
        column_always: true,
        required: true,
        example: "Example",
        ..PLAIN
    },
    Row {
        fields: Fields::One(Field::Email),
        kind: ValueKind::Email,
        call: Some(UserCall::Identity),
        get: |profile, _| profile.identity.email.clone().map(Value::Text),
        set: |profile, _, value| profile.identity.email = text(value),
        shown: Shown::As {
            what: "Email",
            title: "email",
            words: None,
            fact: None,
            always: true,
            quoted: true,
        },
        options: &[of_each(
            Arg::optional("email", Kind::Email(false), "Without it, the user can't reset their own password"),
            Arg::optional("email", Kind::Email(false), "The email address used for password resets"),
        )],
        personal: true,
        title: "email address",
        aliases: &["email", "email address", "e mail", "e mail address", "mail"],
        column_always: true,
        example: "jane.example@example.com",
        warnings: &[Warning {
            when: |old, new| old.is_some_and(|old| old.identity.email != new.identity.email),
            says: "",
            counted: "Anyone who can read the new email address can reset the password",
        }],
        ..PLAIN
    },
    Row {
        fields: Fields::One(Field::SecondaryEmail),
        kind: ValueKind::SecondaryEmail,
        call: Some(UserCall::Identity),
        get: |profile, _| profile.identity.secondary_email.clone().map(Value::Text),
        set: |profile, _, value| profile.identity.secondary_email = text(value),
        shown: shown("Secondary email", "secondary email"),
        options: &[of_each(
            Arg::optional("secondary_email", Kind::Email(false), "Gets notices, never password resets"),
            Arg::optional(
                "secondary_email",
                Kind::Email(true),
                "Gets notices, never password resets; or none",
            ),
        )],
        personal: true,
        title: "secondary email address",
        aliases: &["secondary email", "secondary email address", "secondary e mail"],
        column_always: true,
        ..PLAIN
    },
    Row {
        fields: Fields::One(Field::Mobile),
        kind: ValueKind::Phone,
        call: Some(UserCall::Identity),
        get: |profile, _| profile.identity.mobile.clone().map(Value::Text),
        set: |profile, _, value| profile.identity.mobile = text(value),
        shown: shown("Mobile", "mobile"),
        options: &[of_each(
            Arg::optional("mobile", Kind::Phone(false), "With country code, such as +15550100142"),
            Arg::optional("mobile", Kind::Phone(true), "With country code, such as +15550100142; or none"),
        )],
        personal: true,
        title: "mobile",
        aliases: &["mobile number", "mobile phone", "mobile phone number"],
        column_always: true,
        order: 0,
        ..PLAIN
    },
    Row {
        fields: Fields::One(Field::RoutingProfile),
        kind: ValueKind::Named,
        call: Some(UserCall::RoutingProfile),
        get: |profile, _| Some(Value::Named(profile.routing_profile.clone())),
        set: |profile, _, value| {
            if let Some(Value::Named(named)) = value {
                profile.routing_profile = named;
            }
        },
        shown: shown("Routing profile", "the routing profile"),
        options: &[UserOption {
            instead: Some(Arg::optional(
                "routing_profile",
                Kind::RoutingProfile,
                "Instead of the one they had",
            )),
            ..both(Arg::optional("routing_profile", Kind::RoutingProfile, "The routing profile"))
        }],
        title: "routing profile name",
        aliases: &["routing profile", "routing profile name"],
        column_always: true,
        required: true,
        order: 2,
        example: "Basic Routing Profile",
        ..PLAIN
    },
    Row {
        fields: Fields::One(Field::SecurityProfiles),
        kind: ValueKind::Names,
        call: Some(UserCall::SecurityProfiles),
        get: |profile, _| Some(Value::Names(profile.security_profiles.clone())),
        set: |profile, _, value| {
            if let Some(Value::Names(mut all)) = value {
                all.sort_by(|a, b| a.name.cmp(&b.name));
                profile.security_profiles = all;
            }
        },
        shown: shown("Security profiles", "the security profiles"),
        options: &[
            UserOption {
                add: Some(Arg::optional("security_profile", Kind::SecurityProfile, "The security profile")),
                edit: None,
                instead: Some(Arg::optional(
                    "security_profile",
                    Kind::SecurityProfile,
                    "Instead of those they had",
                )),
                means: Means::Value,
            },
            edit(
                Arg::optional("security_profiles", Kind::Text(1400), "The complete list, comma-separated")
                    .of_several(Thing::SecurityProfile),
                Means::Value,
            ),
            edit(Arg::optional("add_security_profile", Kind::SecurityProfile, "Add this one"), Means::Add),
            edit(
                Arg::optional("remove_security_profile", Kind::SecurityProfile, "Remove this one").held(),
                Means::Remove,
            ),
        ],
        title: "security_profile_name_1|security_profile_name_2",
        aliases: &[
            "security profile name",
            "security profile",
            "security profiles",
            "security profile names",
            "security profile name 1",
            "security profile name 2",
            "security profile name 3",
            "security profile name 4",
            "security profile name 5",
            "security profile name 6",
            "security profile name 7",
            "security profile name 8",
            "security profile name 9",
            "security profile name 10",
        ],
        column_always: true,
        required: true,
        may_repeat: true,
        order: 1,
        example: "Agent",
        warnings: &[Warning {
            when: |old, new| old.is_some_and(|old| old.security_profiles != new.security_profiles),
            says: "",
            counted: "Other security profiles give other permissions",
        }],
        ..PLAIN
    },
    Row {
        fields: Fields::One(Field::Hierarchy),
        kind: ValueKind::Path,
        call: Some(UserCall::HierarchyGroup),
        get: |profile, _| profile.hierarchy_group.clone().map(Value::Named),
        set: |profile, _, value| {
            profile.hierarchy_group = match value {
                Some(Value::Named(named)) => Some(named),
                _ => None,
            };
        },
        shown: Shown::As {
            what: "Hierarchy group",
            title: "the hierarchy group",
            words: None,
            fact: None,
            always: true,
            quoted: true,
        },
        options: &[both(Arg::optional(
            "hierarchy_group",
            Kind::HierarchyGroup,
            "The group by name or path; or none",
        ))],
        title: "agent hierarchy",
        aliases: &[
            "hierarchy",
            "agent hierarchy",
            "user hierarchy",
            "userhierarchy",
            "user hierarchy 1|user hierarchy 2",
        ],
        column_always: true,
        may_repeat: true,
        warnings: &[
            Warning {
                when: |old, new| {
                    old.is_some_and(|old| {
                        old.hierarchy_group.is_some() && old.hierarchy_group != new.hierarchy_group
                    })
                },
                says: "Removing an agent from a hierarchy group affects historical reports.",
                counted: "",
            },
            Warning {
                when: |old, new| old.is_some_and(|old| old.hierarchy_group != new.hierarchy_group),
                says: "",
                counted: "Changing the hierarchy group affects historical reports",
            },
        ],
        ..PLAIN
    },
    Row {
        fields: Fields::One(Field::PhoneType),
        kind: ValueKind::Choice {
            code: "phone_type",
            choices: &[
                Choice {
                    word: "soft",
                    about: "in the CCP",
                    label: "soft phone",
                    cell: "soft",
                    aliases: &["softphone"],
                },
                Choice {
                    word: "desk",
                    about: "a phone with its own number",
                    label: "desk phone",
                    cell: "desk",
                    aliases: &["deskphone"],
                },
            ],
        },
        call: Some(UserCall::Settings),
        get: |profile, _| {
            profile.settings.phone.as_ref().map(|phone| match phone {
                Phone::Soft { .. } => Value::Choice("soft"),
                Phone::Desk { .. } => Value::Choice("desk"),
            })
        },
        set: |profile, _, value| {
            let number = number(profile);
            profile.settings.phone = match value {
                Some(Value::Choice("desk")) => Some(Phone::Desk { number }),
                Some(Value::Choice(_)) => Some(Phone::Soft { number }),
                _ => None,
            };
        },
        absent: Some(Absent::Choice("soft")),
        shown: Shown::As {
            what: "Phone",
            title: "the phone",
            words: Some(|profile, _| phone_words(profile.settings.phone.as_ref())),
            fact: Some(|profile| profile.settings.phone.as_ref().map(|phone| phone_words(Some(phone)))),
            always: false,
            quoted: true,
        },
        options: &[of_each(
            Arg::optional("phone", PHONES, "The phone type; soft by default"),
            Arg::optional("phone", PHONES, "The phone type"),
        )],
        title: "phone type (soft/desk)",
        aliases: &["phonetype"],
        column_always: true,
        example: "soft",
        warnings: &[
            Warning {
                when: |old, new| has_desk_phone(new) && phone_is_new(old, new),
                says: "Inbound calls answered on a desk phone are billed as outbound calls too.",
                counted: "",
            },
            Warning {
                when: |old, new| has_desk_phone(new) && !was(old, has_desk_phone),
                says: "",
                counted: "Inbound calls answered on a desk phone are billed as outbound calls too",
            },
            Warning {
                when: |old, new| {
                    phone_is_new(old, new)
                        && matches!(new.settings.phone, Some(Phone::Soft { number: Some(_) }))
                },
                says: "With a soft phone, the number is only kept on file. Add `phone:desk` to use it.",
                counted: "",
            },
        ],
        ..PLAIN
    },
    Row {
        fields: Fields::One(Field::PhoneNumber),
        kind: ValueKind::Phone,
        call: Some(UserCall::Settings),
        get: |profile, _| number(profile).map(Value::Text),
        set: |profile, _, value| {
            let number = text(value);
            profile.settings.phone = match profile.settings.phone.take() {
                Some(Phone::Desk { .. }) => Some(Phone::Desk { number }),
                None if number.is_none() => None,
                _ => Some(Phone::Soft { number }),
            };
        },
        shown: Shown::WithTheLast,
        options: &[both(Arg::optional(
            "phone_number",
            Kind::Phone(false),
            "The desk phone number, with country code",
        ))],
        personal: true,
        title: "phone number",
        aliases: &["desk phone number", "phone", "desk phone"],
        column_always: true,
        order: 0,
        ..PLAIN
    },
    Row {
        fields: Fields::Channels(Field::AutoAccept, &[Channel::Voice]),
        kind: ValueKind::OnOff,
        call: Some(UserCall::Settings),
        get: |profile, channel| profile.settings.auto_accept.get(&channel).map(|accept| Value::On(accept.on)),
        set: |profile, channel, value| match is_on(value) {
            Some(on) => {
                let accept = profile.settings.auto_accept.entry(channel);
                accept.or_insert(AutoAccept { on, first_callback: None }).on = on;
            }
            None => drop(profile.settings.auto_accept.remove(&channel)),
        },
        absent: Some(Absent::On(false)),
        shown: Shown::As {
            what: "Auto-accept",
            title: "auto-accept",
            words: Some(|profile, channel| accepts(profile.settings.auto_accept.get(&channel))),
            fact: Some(|profile| Some(all_accepts(&profile.settings))),
            always: true,
            quoted: false,
        },
        options: &[of_each(
            Arg::optional("auto_accept", Kind::Flag, "Connect calls automatically; off by default"),
            Arg::optional(
                "auto_accept",
                Kind::Flag,
                "Connect contacts automatically; for voice unless you give a channel",
            ),
        )],
        title: "{} auto accept (yes/no)",
        voice_title: "soft phone auto accept (yes/no)",
        aliases: &["auto accept", "auto accept call", "auto accept calls", "voice auto accept"],
        generation: Some(Generation::Classic),
        column_always: true,
        example: "no",
        warnings: &[
            Warning {
                when: |old, new| accepts_calls_now(old, new) && accepts_on(new, Channel::Chat),
                says: "Auto-accept connects calls in less than a second. It doesn't apply to callbacks.",
                counted: "",
            },
            Warning {
                when: |old, new| accepts_calls_now(old, new) && !accepts_on(new, Channel::Chat),
                says: "Auto-accept connects calls in less than a second. It doesn't apply to chats or callbacks.",
                counted: "",
            },
            Warning {
                when: accepts_calls_now,
                says: "",
                counted: "Auto-accept doesn't apply to chats or callbacks",
            },
            Warning {
                when: |old, new| {
                    (accepts_calls_now(old, new) || (has_desk_phone(new) && phone_is_new(old, new)))
                        && has_desk_phone(new)
                        && accepts_calls(new)
                },
                says: "Auto-accept works only with soft phones. A desk phone has to be picked up.",
                counted: "",
            },
        ],
        ..PLAIN
    },
    Row {
        fields: Fields::Channels(Field::FirstCallbackAutoAccept, &[]),
        kind: ValueKind::OnOff,
        call: Some(UserCall::Settings),
        get: |profile, channel| profile.settings.auto_accept.get(&channel)?.first_callback.map(Value::On),
        set: |profile, channel, value| {
            let first_callback = is_on(value);
            if first_callback.is_some() || profile.settings.auto_accept.contains_key(&channel) {
                let off = AutoAccept { on: false, first_callback: None };
                profile.settings.auto_accept.entry(channel).or_insert(off).first_callback = first_callback;
            }
        },
        shown: Shown::WithTheLast,
        title: "{} first callback auto accept (yes/no)",
        ..PLAIN
    },
    Row {
        fields: Fields::Channels(Field::AfterContactWork, &Channel::ALL),
        kind: ValueKind::Seconds,
        call: Some(UserCall::Settings),
        get: |profile, channel| {
            profile.settings.after_contact_work.get(&channel).map(|work| Value::Seconds(work.seconds))
        },
        set: |profile, channel, value| match seconds(value) {
            Some(seconds) => {
                let work = profile.settings.after_contact_work.entry(channel);
                work.or_insert(AfterContactWork { seconds, first_callback_seconds: None }).seconds = seconds;
            }
            None => drop(profile.settings.after_contact_work.remove(&channel)),
        },
        shown: Shown::As {
            what: "After contact work",
            title: "after contact work",
            words: Some(|profile, channel| {
                profile.settings.after_contact_work.get(&channel).map_or_else(|| NONE.to_owned(), work)
            }),
            fact: None,
            always: false,
            quoted: false,
        },
        options: &[
            both(Arg::optional(
                "acw",
                Kind::Seconds(0, WORK_MAX as i64),
                "Seconds of after contact work; 0 means indefinitely",
            )),
            edit(
                Arg::optional(
                    "channel",
                    Kind::Choice(&[("voice", ""), ("chat", ""), ("task", ""), ("email", ""), ("all", "")]),
                    "The channel for auto_accept and acw",
                ),
                Means::Channel,
            ),
        ],
        title: "{} ACW timeout (seconds)",
        voice_title: "ACW timeout (seconds)",
        aliases: &[
            "acw",
            "acw timeout",
            "acw seconds",
            "after call work",
            "after call work timeout",
            "after contact work",
            "after contact work timeout",
            "voice acw timeout",
        ],
        generation: Some(Generation::Classic),
        column_always: true,
        example: "300",
        warnings: &[
            Warning {
                when: |old, new| works_without_end(new) && work_is_new(old, new),
                says: "After contact work of 0 seconds lasts until the agent closes the contact.",
                counted: "",
            },
            Warning {
                when: |old, new| works_without_end(new) && !was(old, works_without_end),
                says: "",
                counted: "0 seconds of after contact work means until the agent closes the contact",
            },
            Warning {
                when: |old, new| {
                    let all = &new.settings.after_contact_work;
                    work_is_new(old, new)
                        && all.contains_key(&Channel::Chat)
                        && all.values().any(|work| work.seconds > CHAT_WORK_MAX)
                },
                says: "After contact work for chats can be at most 5400 seconds.",
                counted: "",
            },
        ],
        ..PLAIN
    },
    Row {
        fields: Fields::Channels(Field::FirstCallbackAfterContactWork, &[]),
        kind: ValueKind::Seconds,
        call: Some(UserCall::Settings),
        get: |profile, channel| {
            let work = profile.settings.after_contact_work.get(&channel)?;
            work.first_callback_seconds.map(Value::Seconds)
        },
        set: |profile, channel, value| {
            let first = seconds(value);
            if first.is_some() || profile.settings.after_contact_work.contains_key(&channel) {
                let none = AfterContactWork { seconds: 0, first_callback_seconds: None };
                let work = profile.settings.after_contact_work.entry(channel);
                work.or_insert(none).first_callback_seconds = first;
            }
        },
        shown: Shown::WithTheLast,
        title: "{} first callback ACW timeout (seconds)",
        ..PLAIN
    },
    Row {
        fields: Fields::One(Field::PersistentConnection),
        kind: ValueKind::OnOff,
        call: Some(UserCall::Settings),
        get: |profile, _| profile.settings.persistent_connection.map(Value::On),
        set: |profile, _, value| profile.settings.persistent_connection = is_on(value),
        absent: Some(Absent::On(false)),
        shown: Shown::As {
            what: "Persistent connection",
            title: "the persistent connection",
            words: None,
            fact: None,
            always: false,
            quoted: false,
        },
        options: &[edit(
            Arg::optional("persistent_connection", Kind::Flag, "Keep the connection open between calls"),
            Means::Value,
        )],
        title: "persistent connection",
        aliases: &["softphone persistent connection"],
        generation: Some(Generation::Current),
        column_always: true,
        warnings: &[Warning {
            when: |old, new| has_soft_phone_features(new) && !was(old, has_soft_phone_features),
            says: "",
            counted: "Persistent connection and audio enhancement are for soft phones",
        }],
        ..PLAIN
    },
    Row {
        fields: Fields::One(Field::AudioEnhancement),
        kind: ValueKind::Choice {
            code: "audio_enhancement",
            choices: &[
                Choice { word: "none", about: "", label: "none", cell: "none", aliases: &["no", "off"] },
                Choice {
                    word: "isolate_voice",
                    about: "voice isolation",
                    label: "voice isolation",
                    cell: "isolate voice",
                    aliases: &["voice isolation"],
                },
                Choice {
                    word: "suppress_noise",
                    about: "noise suppression",
                    label: "noise suppression",
                    cell: "suppress noise",
                    aliases: &["noise suppression"],
                },
            ],
        },
        call: Some(UserCall::Settings),
        get: |profile, _| {
            profile.settings.voice_enhancement.map(|mode| match mode {
                VoiceEnhancement::None => Value::Choice("none"),
                VoiceEnhancement::VoiceIsolation => Value::Choice("isolate_voice"),
                VoiceEnhancement::NoiseSuppression => Value::Choice("suppress_noise"),
            })
        },
        set: |profile, _, value| {
            profile.settings.voice_enhancement = match value {
                Some(Value::Choice("isolate_voice")) => Some(VoiceEnhancement::VoiceIsolation),
                Some(Value::Choice("suppress_noise")) => Some(VoiceEnhancement::NoiseSuppression),
                Some(Value::Choice(_)) => Some(VoiceEnhancement::None),
                _ => None,
            };
        },
        absent: Some(Absent::Choice("none")),
        shown: Shown::As {
            what: "Audio enhancement",
            title: "audio enhancement",
            words: None,
            fact: None,
            always: false,
            quoted: false,
        },
        options: &[edit(
            Arg::optional(
                "audio_enhancement",
                Kind::Choice(&[
                    ("none", ""),
                    ("isolate_voice", "voice isolation"),
                    ("suppress_noise", "noise suppression"),
                ]),
                "The audio enhancement",
            ),
            Means::Value,
        )],
        title: "audio enhancement(none/isolate voice/suppress noise)",
        aliases: &["voice enhancement"],
        generation: Some(Generation::Current),
        column_always: true,
        ..PLAIN
    },
    Row {
        fields: Fields::One(Field::Tags),
        kind: ValueKind::Tags,
        call: Some(UserCall::Tags),
        get: |profile, _| (!profile.tags.is_empty()).then(|| Value::Tags(profile.tags.clone())),
        // Amazon's own tags are neither written nor read.
        set: |profile, _, value| {
            profile.tags.retain(|key, _| is_amazons(key));
            if let Some(Value::Tags(tags)) = value {
                profile.tags.extend(tags);
            }
        },
        shown: shown("Tags", "tags"),
        options: &[
            of_each(
                Arg::optional("tag", Kind::Text(800), "Tags as key=value, comma-separated"),
                Arg::optional("tag", Kind::Text(800), "Tags to set, as key=value"),
            ),
            edit(
                Arg::optional("untag", Kind::Text(800), "Keys of tags to remove")
                    .of_several(Thing::TagKey)
                    .held(),
                Means::Untag,
            ),
        ],
        title: "tags",
        aliases: &["tag"],
        column_always: true,
        ..PLAIN
    },
    Row {
        fields: Fields::One(Field::DirectoryUserId),
        kind: ValueKind::Id,
        get: |profile, _| profile.directory_user_id.clone().map(Value::Text),
        set: |profile, _, value| profile.directory_user_id = text(value),
        title: "directory user id",
        ..PLAIN
    },
    Row {
        fields: Fields::One(Field::Login),
        title: "user login",
        aliases: LOGIN_ALSO,
        column_always: true,
        required: true,
        order: 3,
        example: "Jane.Example",
        ..PLAIN
    },
    Row { fields: Fields::One(Field::Password), title: "password", column_always: true, ..PLAIN },
    Row {
        fields: Fields::One(Field::Proficiencies),
        title: "proficiencies",
        aliases: &["proficiency", "agent proficiencies", "user proficiencies", "skills"],
        column_always: true,
        example: "Language:English=5",
        ..PLAIN
    },
    Row {
        fields: Fields::Levels(Field::HierarchyLevel),
        title: "agent hierarchy level {}",
        aliases: &["hierarchy level {}", "user hierarchy {}", "hierarchy {}", "level {}"],
        ..PLAIN
    },
];

/// What has an option is written by a call and shown.
const _: () = {
    let mut at = 0;
    while at < ROWS.len() {
        let row = &ROWS[at];
        let is_whole = row.call.is_some() && !matches!(row.shown, Shown::Never);
        assert!(row.options.is_empty() || is_whole, "a row with options has a call and is shown");
        at += 1;
    }
};

const PHONES: Kind = Kind::Choice(&[("soft", "in the CCP"), ("desk", "a phone with its own number")]);

/// Whether a key is of one of Amazon's own tags.
pub fn is_amazons(key: &str) -> bool {
    key.to_lowercase().starts_with("aws:")
}

/// A profile in which nothing is set.
pub fn blank() -> Profile {
    Profile {
        identity: Identity::default(),
        routing_profile: Named { id: String::new(), name: NONE.to_owned() },
        security_profiles: Vec::new(),
        hierarchy_group: None,
        settings: Settings::default(),
        tags: BTreeMap::new(),
        directory_user_id: None,
    }
}

/// The longest after contact work of a channel, in seconds.
pub fn longest_work(channel: Channel) -> u32 {
    if channel == Channel::Chat { CHAT_WORK_MAX } else { WORK_MAX }
}

fn number(profile: &Profile) -> Option<String> {
    match &profile.settings.phone {
        Some(Phone::Soft { number } | Phone::Desk { number }) => number.clone(),
        None => None,
    }
}

fn phone_words(phone: Option<&Phone>) -> String {
    match phone {
        None => NONE.to_owned(),
        Some(Phone::Soft { number: None }) => "soft phone".to_owned(),
        Some(Phone::Soft { number: Some(number) }) => format!("soft phone, {number} on file"),
        Some(Phone::Desk { number: None }) => "desk phone without a number".to_owned(),
        Some(Phone::Desk { number: Some(number) }) => format!("desk phone {number}"),
    }
}

/// The time of after contact work. 0 seconds is Amazon Connect's word for no limit.
fn work(work: &AfterContactWork) -> String {
    let first = work.first_callback_seconds.map(|seconds| format!(", first callback {}", limit(seconds)));
    format!("{}{}", limit(work.seconds), first.unwrap_or_default())
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
