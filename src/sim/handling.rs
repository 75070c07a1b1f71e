//! How an agent handles contacts, channel by channel, and the older PhoneConfig, which is another view on the same settings.
//!
//! The rules come from the API model's own text for CreateUser, UpdateUserConfig and UpdateUserPhoneConfig.

use serde::{Deserialize, Serialize};

use crate::answer::Refusal;

/// The longest after contact work that a channel takes, in seconds (24 days).
const LONGEST_ACW: i64 = 2_000_000;
/// The longest after contact work that the chat channel takes, in seconds (90 minutes).
const LONGEST_CHAT_ACW: i64 = 5_400;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Channel {
    Voice,
    Chat,
    Task,
    Email,
}

impl Channel {
    pub(crate) const ALL: [Self; 4] = [Self::Voice, Self::Chat, Self::Task, Self::Email];
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum PhoneType {
    #[default]
    SoftPhone,
    DeskPhone,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AutoAcceptConfig {
    pub(crate) channel: Channel,
    pub(crate) auto_accept: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) agent_first_callback_auto_accept: Option<bool>,
}

/// Seconds of after contact work; in a request, no limit means that what is is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Acw {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) after_contact_work_time_limit: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AcwConfig {
    pub(crate) channel: Channel,
    pub(crate) after_contact_work_config: Acw,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) agent_first_callback_after_contact_work_config: Option<Acw>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PhoneNumberConfig {
    pub(crate) channel: Channel,
    pub(crate) phone_type: PhoneType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) phone_number: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PersistentConnectionConfig {
    pub(crate) channel: Channel,
    pub(crate) persistent_connection: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VoiceEnhancementConfig {
    pub(crate) channel: Channel,
    pub(crate) voice_enhancement_mode: String,
}

/// The five lists as they come in: a list that is absent changes nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct ChannelConfigs {
    auto_accept_configs: Option<Vec<AutoAcceptConfig>>,
    after_contact_work_configs: Option<Vec<AcwConfig>>,
    phone_number_configs: Option<Vec<PhoneNumberConfig>>,
    persistent_connection_configs: Option<Vec<PersistentConnectionConfig>>,
    voice_enhancement_configs: Option<Vec<VoiceEnhancementConfig>>,
}

/// PhoneConfig as it comes in.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct PhoneConfig {
    phone_type: Option<PhoneType>,
    auto_accept: Option<bool>,
    after_contact_work_time_limit: Option<i64>,
    desk_phone_number: Option<String>,
    persistent_connection: Option<bool>,
}

/// What stands for an agent: the five lists, each sorted by channel and with no channel twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Handling {
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) auto_accept_configs: Vec<AutoAcceptConfig>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) after_contact_work_configs: Vec<AcwConfig>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) phone_number_configs: Vec<PhoneNumberConfig>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) persistent_connection_configs: Vec<PersistentConnectionConfig>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) voice_enhancement_configs: Vec<VoiceEnhancementConfig>,
}

/// The settings of a user, seen through PhoneConfig. ACW is in the unit that the operation answers in.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PhoneView {
    phone_type: PhoneType,
    auto_accept: bool,
    after_contact_work_time_limit: i64,
    /// Absent where there is none, as its pattern allows no empty number.
    #[serde(skip_serializing_if = "Option::is_none")]
    desk_phone_number: Option<String>,
    persistent_connection: bool,
}

impl Handling {
    /// The settings of a new user: PhoneConfig and the lists may both be there, but may not say the same thing twice.
    pub(crate) fn created(phone: Option<PhoneConfig>, configs: ChannelConfigs) -> Result<Self, Refusal> {
        let mut handling = Self::default();
        if let Some(phone) = phone {
            for (field, clashes, list) in [
                (
                    "AutoAccept",
                    phone.auto_accept.is_some() && configs.auto_accept_configs.is_some(),
                    "AutoAcceptConfigs",
                ),
                (
                    "AfterContactWorkTimeLimit",
                    phone.after_contact_work_time_limit.is_some()
                        && configs.after_contact_work_configs.is_some(),
                    "AfterContactWorkConfigs",
                ),
                (
                    "PhoneType and DeskPhoneNumber",
                    (phone.phone_type.is_some() || phone.desk_phone_number.is_some())
                        && configs.phone_number_configs.is_some(),
                    "PhoneNumberConfigs",
                ),
                (
                    "PersistentConnection",
                    phone.persistent_connection.is_some() && configs.persistent_connection_configs.is_some(),
                    "PersistentConnectionConfigs",
                ),
            ] {
                if clashes {
                    return Err(Refusal::invalid_request(format!(
                        "PhoneConfig.{field} and {list} set the same thing. Send one of the two."
                    )));
                }
            }
            handling.set_phone(phone)?;
        }
        handling.set_configs(configs)?;
        Ok(handling)
    }

    /// UpdateUserPhoneConfig: the whole of PhoneConfig is replaced, and ACW is set for every channel.
    pub(crate) fn set_phone(&mut self, phone: PhoneConfig) -> Result<(), Refusal> {
        let limit = phone.after_contact_work_time_limit.unwrap_or(0);
        within(limit, LONGEST_ACW)?;
        self.after_contact_work_configs = Channel::ALL
            .into_iter()
            .map(|channel| AcwConfig {
                channel,
                after_contact_work_config: Acw {
                    // Chat ends after 90 minutes whatever PhoneConfig says.
                    after_contact_work_time_limit: Some(match channel {
                        Channel::Chat => limit.min(LONGEST_CHAT_ACW),
                        _ => limit,
                    }),
                },
                agent_first_callback_after_contact_work_config: None,
            })
            .collect();
        self.auto_accept_configs.retain(|config| config.channel != Channel::Voice);
        self.auto_accept_configs.insert(
            0,
            AutoAcceptConfig {
                channel: Channel::Voice,
                auto_accept: phone.auto_accept.unwrap_or(false),
                agent_first_callback_auto_accept: None,
            },
        );
        self.phone_number_configs = vec![PhoneNumberConfig {
            channel: Channel::Voice,
            phone_type: phone.phone_type.unwrap_or_default(),
            phone_number: phone.desk_phone_number,
        }];
        self.persistent_connection_configs = vec![PersistentConnectionConfig {
            channel: Channel::Voice,
            persistent_connection: phone.persistent_connection.unwrap_or(false),
        }];
        Ok(())
    }

    /// UpdateUserConfig: each list that is there replaces the list that is.
    pub(crate) fn set_configs(&mut self, configs: ChannelConfigs) -> Result<(), Refusal> {
        if let Some(list) = configs.auto_accept_configs {
            for config in &list {
                if config.agent_first_callback_auto_accept.is_some() {
                    voice_only(config.channel, "AgentFirstCallbackAutoAccept")?;
                }
            }
            self.auto_accept_configs = by_channel(list, "AutoAcceptConfigs", |config| config.channel)?;
        }
        if let Some(list) = configs.after_contact_work_configs {
            self.set_acw(by_channel(list, "AfterContactWorkConfigs", |config| config.channel)?)?;
        }
        if let Some(list) = configs.phone_number_configs {
            for config in &list {
                voice_only(config.channel, "PhoneNumberConfigs")?;
            }
            self.phone_number_configs = by_channel(list, "PhoneNumberConfigs", |config| config.channel)?;
        }
        if let Some(list) = configs.persistent_connection_configs {
            for config in &list {
                voice_only(config.channel, "PersistentConnectionConfigs")?;
            }
            self.persistent_connection_configs =
                by_channel(list, "PersistentConnectionConfigs", |config| config.channel)?;
        }
        if let Some(list) = configs.voice_enhancement_configs {
            for config in &list {
                voice_only(config.channel, "VoiceEnhancementConfigs")?;
            }
            self.voice_enhancement_configs =
                by_channel(list, "VoiceEnhancementConfigs", |config| config.channel)?;
        }
        Ok(())
    }

    fn set_acw(&mut self, wanted: Vec<AcwConfig>) -> Result<(), Refusal> {
        let mut list = Vec::with_capacity(wanted.len());
        for config in wanted {
            let longest = if config.channel == Channel::Chat { LONGEST_CHAT_ACW } else { LONGEST_ACW };
            let existing =
                self.after_contact_work_configs.iter().find(|existing| existing.channel == config.channel);
            let limit = match config.after_contact_work_config.after_contact_work_time_limit {
                Some(limit) => within(limit, longest).map(Some)?,
                None => existing
                    .and_then(|existing| existing.after_contact_work_config.after_contact_work_time_limit),
            };
            let callback = match config.agent_first_callback_after_contact_work_config {
                None => None,
                Some(callback) => {
                    voice_only(config.channel, "AgentFirstCallbackAfterContactWorkConfig")?;
                    match callback.after_contact_work_time_limit {
                        Some(limit) => within(limit, longest).map(Some)?,
                        None => existing.and_then(Self::callback_limit),
                    }
                }
            };
            // A channel that had no limit and gets none continues having none.
            if limit.is_some() || callback.is_some() {
                list.push(AcwConfig {
                    channel: config.channel,
                    after_contact_work_config: Acw {
                        after_contact_work_time_limit: Some(limit.unwrap_or(0)),
                    },
                    agent_first_callback_after_contact_work_config: callback
                        .map(|limit| Acw { after_contact_work_time_limit: Some(limit) }),
                });
            }
        }
        self.after_contact_work_configs = list;
        Ok(())
    }

    fn callback_limit(config: &AcwConfig) -> Option<i64> {
        config.agent_first_callback_after_contact_work_config?.after_contact_work_time_limit
    }

    /// Seconds of after contact work on a voice contact; 0 is without an end, and what an agent has who was never given any.
    pub(crate) fn voice_acw(&self) -> i64 {
        let voice = self.after_contact_work_configs.iter().find(|config| config.channel == Channel::Voice);
        voice.and_then(|config| config.after_contact_work_config.after_contact_work_time_limit).unwrap_or(0)
    }

    /// The PhoneConfig view; `acw_unit` is how many of the answer's units make a second.
    pub(crate) fn phone_view(&self, acw_unit: i64) -> PhoneView {
        let phone = self.phone_number_configs.first();
        PhoneView {
            phone_type: phone.map(|phone| phone.phone_type).unwrap_or_default(),
            auto_accept: self
                .auto_accept_configs
                .iter()
                .any(|c| c.channel == Channel::Voice && c.auto_accept),
            after_contact_work_time_limit: self.voice_acw() * acw_unit,
            desk_phone_number: phone.and_then(|phone| phone.phone_number.clone()),
            persistent_connection: self.persistent_connection_configs.iter().any(|c| c.persistent_connection),
        }
    }
}

fn within(limit: i64, longest: i64) -> Result<i64, Refusal> {
    if limit > longest {
        return Err(Refusal::invalid_parameter(format!(
            "AfterContactWorkTimeLimit must not be more than {longest} seconds on this channel."
        )));
    }
    Ok(limit)
}

fn voice_only(channel: Channel, setting: &str) -> Result<(), Refusal> {
    match channel {
        Channel::Voice => Ok(()),
        _ => Err(Refusal::invalid_parameter(format!("{setting} can be set for the VOICE channel only."))),
    }
}

fn by_channel<T>(mut list: Vec<T>, name: &str, channel: impl Fn(&T) -> Channel) -> Result<Vec<T>, Refusal> {
    list.sort_by_key(&channel);
    if list.windows(2).any(|pair| channel(&pair[0]) == channel(&pair[1])) {
        return Err(Refusal::invalid_parameter(format!("{name} names a channel twice.")));
    }
    Ok(list)
}
