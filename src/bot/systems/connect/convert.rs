//! Between the SDK's types and the core's. SearchUsers' after contact work is in milliseconds and is never read from there.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_connect::types as sdk;
use desk_core::center::{
    AfterContactWork, AutoAccept, Channel, ContactState, HeldContact, Identity, IdentityType, Instance,
    Named, Phone, Profile, Settings, UserPresence, VoiceEnhancement,
};
use desk_core::profile::is_amazons;
use desk_core::user::UserField;
use jiff::Timestamp;

pub(super) fn timestamp(at: &aws_smithy_types::DateTime) -> Option<Timestamp> {
    at.to_millis().ok().and_then(|ms| Timestamp::from_millisecond(ms).ok())
}

pub(super) fn channel(channel: &sdk::Channel) -> Option<Channel> {
    match channel {
        sdk::Channel::Voice => Some(Channel::Voice),
        sdk::Channel::Chat => Some(Channel::Chat),
        sdk::Channel::Task => Some(Channel::Task),
        sdk::Channel::Email => Some(Channel::Email),
        _ => None,
    }
}

pub(super) fn channel_out(channel: Channel) -> sdk::Channel {
    match channel {
        Channel::Voice => sdk::Channel::Voice,
        Channel::Chat => sdk::Channel::Chat,
        Channel::Task => sdk::Channel::Task,
        Channel::Email => sdk::Channel::Email,
    }
}

/// The instance, with the address of its admin website.
pub(super) fn instance(instance: sdk::Instance) -> Option<Instance> {
    let identity = match instance.identity_management_type? {
        sdk::DirectoryType::Saml => IdentityType::Saml,
        sdk::DirectoryType::ConnectManaged => IdentityType::ConnectManaged,
        sdk::DirectoryType::ExistingDirectory => IdentityType::ExistingDirectory,
        _ => return None,
    };
    let alias = instance.instance_alias;
    let website = instance
        .instance_access_url
        .or_else(|| alias.as_ref().map(|alias| format!("https://{alias}.my.connect.aws")))
        .map(|url| url.trim_end_matches('/').to_owned());
    Some(Instance { id: instance.id.unwrap_or_default(), alias, identity, website })
}

/// How contacts reach a user: the per-channel lists where the service gives them, else the older phone configuration.
pub(super) fn settings(user: &sdk::User) -> Settings {
    let phone_config = user.phone_config.as_ref();
    let mut auto_accept = BTreeMap::new();
    for config in user.auto_accept_configs.iter().flatten() {
        if let Some(channel) = channel(&config.channel) {
            let first_callback = config.agent_first_callback_auto_accept;
            auto_accept.insert(channel, AutoAccept { on: config.auto_accept, first_callback });
        }
    }
    let mut after_contact_work = BTreeMap::new();
    for config in user.after_contact_work_configs.iter().flatten() {
        if let (Some(channel), Some(limit)) = (channel(&config.channel), &config.after_contact_work_config) {
            let work = AfterContactWork {
                seconds: seconds(limit.after_contact_work_time_limit),
                first_callback_seconds: config
                    .agent_first_callback_after_contact_work_config
                    .as_ref()
                    .map(|limit| seconds(limit.after_contact_work_time_limit)),
            };
            after_contact_work.insert(channel, work);
        }
    }
    if let Some(config) = phone_config {
        if auto_accept.is_empty() {
            let accept = AutoAccept { on: config.auto_accept, first_callback: None };
            auto_accept.insert(Channel::Voice, accept);
        }
        if after_contact_work.is_empty() {
            let seconds = seconds(config.after_contact_work_time_limit);
            after_contact_work
                .insert(Channel::Voice, AfterContactWork { seconds, first_callback_seconds: None });
        }
    }
    let voice = |channel: &sdk::Channel| *channel == sdk::Channel::Voice;
    let number = user.phone_number_configs.iter().flatten().find(|config| voice(&config.channel));
    let connection = user.persistent_connection_configs.iter().flatten().find(|one| voice(&one.channel));
    let enhancement = user.voice_enhancement_configs.iter().flatten().find(|one| voice(&one.channel));
    Settings {
        auto_accept,
        after_contact_work,
        phone: match (number, phone_config) {
            (Some(config), _) => phone(&config.phone_type, config.phone_number.clone()),
            (None, Some(config)) => phone(&config.phone_type, config.desk_phone_number.clone()),
            (None, None) => None,
        },
        persistent_connection: connection
            .map(|config| config.persistent_connection)
            .or_else(|| phone_config.and_then(|config| config.persistent_connection)),
        voice_enhancement: enhancement.and_then(|config| match config.voice_enhancement_mode {
            sdk::VoiceEnhancementMode::VoiceIsolation => Some(VoiceEnhancement::VoiceIsolation),
            sdk::VoiceEnhancementMode::NoiseSuppression => Some(VoiceEnhancement::NoiseSuppression),
            sdk::VoiceEnhancementMode::None => Some(VoiceEnhancement::None),
            _ => None,
        }),
    }
}

fn seconds(limit: i32) -> u32 {
    u32::try_from(limit).unwrap_or(0)
}

fn limit(seconds: u32) -> sdk::AfterContactWorkConfig {
    let limit = i32::try_from(seconds).unwrap_or(i32::MAX);
    sdk::AfterContactWorkConfig::builder().after_contact_work_time_limit(limit).build()
}

fn phone(kind: &sdk::PhoneType, number: Option<String>) -> Option<Phone> {
    let number = number.filter(|number| !number.is_empty());
    match kind {
        sdk::PhoneType::SoftPhone => Some(Phone::Soft { number }),
        sdk::PhoneType::DeskPhone => Some(Phone::Desk { number }),
        _ => None,
    }
}

pub(super) fn identity(info: Option<&sdk::UserIdentityInfo>) -> Identity {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    match info {
        None => Identity::default(),
        Some(info) => Identity {
            first_name: info.first_name.clone().unwrap_or_default(),
            last_name: info.last_name.clone().unwrap_or_default(),
            email: given(&info.email),
            secondary_email: given(&info.secondary_email),
            mobile: given(&info.mobile),
        },
    }
}

/// The whole identity: what is absent in it may be cleared by the service.
pub(super) fn identity_out(identity: &Identity) -> sdk::UserIdentityInfo {
    // Named one by one, so that what is new is not cleared with each change of another.
    let Identity { first_name, last_name, email, secondary_email, mobile } = identity;
    sdk::UserIdentityInfo::builder()
        .first_name(first_name)
        .last_name(last_name)
        .set_email(email.clone())
        .set_secondary_email(secondary_email.clone())
        .set_mobile(mobile.clone())
        .build()
}

/// The per-channel lists of CreateUser and UpdateUserConfig. An empty one is left out.
#[derive(Clone)]
pub(super) struct Configs {
    pub(super) auto_accept: Option<Vec<sdk::AutoAcceptConfig>>,
    pub(super) after_contact_work: Option<Vec<sdk::AfterContactWorkConfigPerChannel>>,
    pub(super) phone_number: Option<Vec<sdk::PhoneNumberConfig>>,
    pub(super) persistent_connection: Option<Vec<sdk::PersistentConnectionConfig>>,
    pub(super) voice_enhancement: Option<Vec<sdk::VoiceEnhancementConfig>>,
}

/// Sets these lists on a request. CreateUser and UpdateUserConfig have builders of types of their own that call them alike.
macro_rules! with_configs {
    ($request:expr, $configs:expr) => {{
        let configs: $crate::systems::connect::convert::Configs = $configs.clone();
        $request
            .set_auto_accept_configs(configs.auto_accept)
            .set_after_contact_work_configs(configs.after_contact_work)
            .set_phone_number_configs(configs.phone_number)
            .set_persistent_connection_configs(configs.persistent_connection)
            .set_voice_enhancement_configs(configs.voice_enhancement)
    }};
}

pub(super) use with_configs;

impl Configs {
    /// Fails only when the SDK finds a required member missing, which none of these is.
    pub(super) fn of(settings: &Settings) -> Result<Configs, aws_smithy_types::error::operation::BuildError> {
        // Named one by one, so that a setting that is new is not left out.
        let Settings {
            auto_accept: auto_accept_of,
            after_contact_work: work_of,
            phone,
            persistent_connection,
            voice_enhancement,
        } = settings;
        let some = |list: Vec<_>| (!list.is_empty()).then_some(list);
        let mut auto_accept = Vec::new();
        for (channel, accept) in auto_accept_of {
            auto_accept.push(
                sdk::AutoAcceptConfig::builder()
                    .channel(channel_out(*channel))
                    .auto_accept(accept.on)
                    .set_agent_first_callback_auto_accept(accept.first_callback)
                    .build()?,
            );
        }
        let mut after_contact_work = Vec::new();
        for (channel, work) in work_of {
            after_contact_work.push(
                sdk::AfterContactWorkConfigPerChannel::builder()
                    .channel(channel_out(*channel))
                    .after_contact_work_config(limit(work.seconds))
                    .set_agent_first_callback_after_contact_work_config(
                        work.first_callback_seconds.map(limit),
                    )
                    .build()?,
            );
        }
        let phone_number = match phone {
            None => None,
            Some(phone) => {
                let (kind, number) = match phone {
                    Phone::Soft { number } => (sdk::PhoneType::SoftPhone, number),
                    Phone::Desk { number } => (sdk::PhoneType::DeskPhone, number),
                };
                let config = sdk::PhoneNumberConfig::builder()
                    .channel(sdk::Channel::Voice)
                    .phone_type(kind)
                    .set_phone_number(number.clone())
                    .build()?;
                Some(vec![config])
            }
        };
        let persistent_connection = match *persistent_connection {
            None => None,
            Some(on) => Some(vec![
                sdk::PersistentConnectionConfig::builder()
                    .channel(sdk::Channel::Voice)
                    .persistent_connection(on)
                    .build()?,
            ]),
        };
        let voice_enhancement = match *voice_enhancement {
            None => None,
            Some(mode) => Some(vec![
                sdk::VoiceEnhancementConfig::builder()
                    .channel(sdk::Channel::Voice)
                    .voice_enhancement_mode(match mode {
                        VoiceEnhancement::VoiceIsolation => sdk::VoiceEnhancementMode::VoiceIsolation,
                        VoiceEnhancement::NoiseSuppression => sdk::VoiceEnhancementMode::NoiseSuppression,
                        VoiceEnhancement::None => sdk::VoiceEnhancementMode::None,
                    })
                    .build()?,
            ]),
        };
        Ok(Configs {
            auto_accept: some(auto_accept),
            after_contact_work: (!after_contact_work.is_empty()).then_some(after_contact_work),
            phone_number,
            persistent_connection,
            voice_enhancement,
        })
    }
}

/// Whether a user as it is has everything that is wanted. What the service adds by itself does not count against it.
pub(super) fn covers(wanted: &Profile, existing: &Profile) -> bool {
    let group = |profile: &Profile| profile.hierarchy_group.as_ref().map(|group| group.id.clone());
    wanted.identity == existing.identity
        && wanted.routing_profile.id == existing.routing_profile.id
        && ids(&wanted.security_profiles) == ids(&existing.security_profiles)
        && group(wanted) == group(existing)
        && own_tags(&wanted.tags).eq(own_tags(&existing.tags))
        && settings_cover(&wanted.settings, &existing.settings)
}

fn ids(names: &[Named]) -> Vec<&str> {
    let mut ids: Vec<&str> = names.iter().map(|named| named.id.as_str()).collect();
    ids.sort_unstable();
    ids
}

/// Whether a field of a user is as it is wanted.
pub(super) fn has(profile: &Profile, field: &UserField) -> bool {
    match field {
        UserField::Identity(wanted) => profile.identity == *wanted,
        UserField::RoutingProfile(wanted) => profile.routing_profile.id == wanted.id,
        UserField::SecurityProfiles(wanted) => ids(&profile.security_profiles) == ids(wanted),
        UserField::HierarchyGroup(wanted) => {
            match (&profile.hierarchy_group, wanted) {
                // One that an earlier step makes is known by its path.
                (Some(group), Some(wanted)) if wanted.id.is_empty() => group.name == wanted.name,
                (group, wanted) => group.as_ref().map(|one| &one.id) == wanted.as_ref().map(|one| &one.id),
            }
        }
        UserField::Settings(wanted) => settings_are(wanted, &profile.settings),
        UserField::Tags(wanted) => wanted.iter().all(|(key, value)| profile.tags.get(key) == value.as_ref()),
    }
}

/// As [`settings_cover`], and a list that is given is the whole list: a channel it lacks accepts nothing by itself and has
/// no limit of its own.
fn settings_are(wanted: &Settings, existing: &Settings) -> bool {
    let auto_accept = wanted.auto_accept.is_empty()
        || existing
            .auto_accept
            .iter()
            .all(|(channel, have)| !have.on || wanted.auto_accept.contains_key(channel));
    let work = wanted.after_contact_work.is_empty()
        || existing.after_contact_work.keys().all(|channel| wanted.after_contact_work.contains_key(channel));
    auto_accept && work && settings_cover(wanted, existing)
}

fn settings_cover(wanted: &Settings, existing: &Settings) -> bool {
    // Named one by one, so that a setting that is new is not taken for covered.
    let Settings { auto_accept, after_contact_work, phone, persistent_connection, voice_enhancement } =
        wanted;
    auto_accept.iter().all(|(channel, want)| {
        existing.auto_accept.get(channel).is_some_and(|have| {
            have.on == want.on
                && (want.first_callback.is_none() || have.first_callback == want.first_callback)
        })
    }) && after_contact_work.iter().all(|(channel, want)| {
        existing.after_contact_work.get(channel).is_some_and(|have| {
            have.seconds == want.seconds
                && (want.first_callback_seconds.is_none()
                    || have.first_callback_seconds == want.first_callback_seconds)
        })
    }) && (phone.is_none() || *phone == existing.phone)
        && (persistent_connection.is_none()
            || *persistent_connection == existing.persistent_connection
            || (*persistent_connection == Some(false) && existing.persistent_connection.is_none()))
        && (voice_enhancement.is_none()
            || *voice_enhancement == existing.voice_enhancement
            || (*voice_enhancement == Some(VoiceEnhancement::None) && existing.voice_enhancement.is_none()))
}

/// What an agent is doing; `offline` holds the ids of statuses of the type OFFLINE, whatever they are called.
pub(super) fn presence(data: Option<&sdk::UserData>, offline: &[String]) -> UserPresence {
    let Some(data) = data else { return UserPresence::default() };
    let status = data.status.as_ref();
    let arn = status.and_then(|status| status.status_arn.as_deref()).unwrap_or_default();
    let contacts: Vec<(Channel, Option<Timestamp>)> = data
        .contacts
        .iter()
        .flatten()
        .filter(|contact| {
            !matches!(
                contact.agent_contact_state,
                Some(
                    sdk::ContactState::Ended
                        | sdk::ContactState::Missed
                        | sdk::ContactState::Error
                        | sdk::ContactState::Rejected
                )
            )
        })
        .filter_map(|contact| {
            let since =
                contact.connected_to_agent_timestamp.as_ref().or(contact.state_start_timestamp.as_ref());
            Some((channel(contact.channel.as_ref()?)?, since.and_then(timestamp)))
        })
        .collect();
    let is_offline = offline.iter().any(|id| arn.ends_with(id.as_str()));
    let held = data.contacts.iter().flatten().filter_map(|contact| {
        Some(HeldContact {
            id: contact.contact_id.clone().filter(|id| !id.is_empty())?,
            channel: contact.channel.as_ref().and_then(channel),
            state: contact_state(contact.agent_contact_state.as_ref()),
            since: contact.state_start_timestamp.as_ref().and_then(timestamp),
        })
    });
    let free = data.available_slots_by_channel.iter().flatten();
    let free = free.filter_map(|(on, slots)| Some((channel(on)?, u32::try_from(*slots).unwrap_or(0))));
    UserPresence {
        next_status: data.next_status.clone().filter(|name| !name.is_empty()),
        held: held.collect(),
        free: free.collect(),
        active: !contacts.is_empty() || (status.is_some() && !is_offline),
        status: status.and_then(|status| status.status_name.clone()),
        status_id: arn.rsplit('/').next().filter(|id| !id.is_empty()).map(str::to_owned),
        status_since: status.and_then(|status| status.status_start_timestamp.as_ref()).and_then(timestamp),
        contacts,
    }
}

fn contact_state(state: Option<&sdk::ContactState>) -> ContactState {
    match state {
        Some(sdk::ContactState::Incoming) => ContactState::Incoming,
        Some(sdk::ContactState::Pending) => ContactState::Pending,
        Some(sdk::ContactState::Connecting) => ContactState::Connecting,
        Some(sdk::ContactState::Connected) => ContactState::Connected,
        Some(sdk::ContactState::ConnectedOnhold) => ContactState::OnHold,
        Some(sdk::ContactState::Missed) => ContactState::Missed,
        Some(sdk::ContactState::Error) => ContactState::Error,
        Some(sdk::ContactState::Ended) => ContactState::Ended,
        Some(sdk::ContactState::Rejected) => ContactState::Rejected,
        // Agent events have more states than the API's model.
        Some(other) => ContactState::Other(other.as_str().to_owned()),
        None => ContactState::Other("in an unknown state".to_owned()),
    }
}

/// Tags of what is created: without Amazon's own, with which the call is refused.
pub(super) fn tags_out(tags: &BTreeMap<String, String>) -> Option<HashMap<String, String>> {
    let tags: HashMap<String, String> = own_tags(tags).map(|(key, tag)| (key.clone(), tag.clone())).collect();
    (!tags.is_empty()).then_some(tags)
}

fn own_tags(tags: &BTreeMap<String, String>) -> impl Iterator<Item = (&String, &String)> {
    tags.iter().filter(|(key, _)| !is_amazons(key))
}

pub(super) fn tags(tags: Option<&HashMap<String, String>>) -> BTreeMap<String, String> {
    tags.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
}
