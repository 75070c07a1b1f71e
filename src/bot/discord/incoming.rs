//! An interaction in the desk's own words, whichever way it came in.

use serenity::all::{
    ActionRowComponent, Button, ButtonKind, ChannelType, CommandDataOption, CommandDataOptionValue,
    CommandDataResolved, ComponentInteractionData, ComponentInteractionDataKind, GuildId, Interaction,
    Member, Message, MessageFlags, PartialChannel, User,
};
use serenity::model::application::CommandInteraction;

use super::tree;

/// Something a person did on Discord.
pub(super) struct Received {
    pub id: u64,
    /// With it the interaction is answered; it is a secret for fifteen minutes.
    pub token: String,
    pub guild: Option<u64>,
    pub channel: u64,
    /// The channel that this is a thread or a post of.
    pub parent: Option<u64>,
    pub user: u64,
    /// What people see: the nickname on the server, or else the name on Discord. For showing only.
    pub name: String,
    /// The person's roles at this moment; none in a direct message.
    pub roles: Option<Vec<u64>>,
    /// The message whose button was pressed, or opened the form.
    pub message: Option<Pressed>,
    pub what: What,
}

/// A message with a button.
pub(super) struct Pressed {
    pub id: u64,
    /// Only one person sees it.
    pub private: bool,
    /// The custom ids of its buttons, as Discord has the message.
    pub buttons: Vec<String>,
}

impl From<&Message> for Pressed {
    fn from(message: &Message) -> Pressed {
        let private = message.flags.is_some_and(|flags| flags.contains(MessageFlags::EPHEMERAL));
        let components = message.components.iter().flat_map(|row| &row.components);
        let buttons = components.filter_map(|component| match component {
            ActionRowComponent::Button(Button { data: ButtonKind::NonLink { custom_id, .. }, .. }) => {
                Some(custom_id.clone())
            }
            _ => None,
        });
        Pressed { id: message.id.get(), private, buttons: buttons.collect() }
    }
}

/// What was done.
pub(super) enum What {
    Command {
        path: String,
        options: Vec<(String, String)>,
    },
    /// Someone types an option and wants to see what matches.
    Suggest {
        path: String,
        option: String,
        typed: String,
        /// The options that are filled in already.
        given: Vec<(String, String)>,
    },
    Pressed {
        custom_id: String,
    },
    /// A form was sent.
    Form {
        custom_id: String,
        fields: Vec<(String, String)>,
    },
}

impl Received {
    /// The interaction, or nothing for a kind that the desk doesn't offer.
    pub(super) fn of(interaction: Interaction) -> Option<Received> {
        Some(match interaction {
            Interaction::Command(command) => {
                let (path, options) = command_of(&command);
                let options = options
                    .iter()
                    .map(|option| (option.name.clone(), text(&option.value, &command.data.resolved)))
                    .collect();
                Received::from_command(command, What::Command { path, options })
            }
            Interaction::Autocomplete(command) => {
                let (path, options) = command_of(&command);
                let (option, typed) = options
                    .iter()
                    .find_map(|option| match &option.value {
                        CommandDataOptionValue::Autocomplete { value, .. } => {
                            Some((option.name.clone(), value.clone()))
                        }
                        _ => None,
                    })
                    .unwrap_or_default();
                let others = options.iter().filter(|other| other.name != option);
                let given = others
                    .map(|other| (other.name.clone(), text(&other.value, &command.data.resolved)))
                    .collect();
                Received::from_command(command, What::Suggest { path, option, typed, given })
            }
            Interaction::Component(press) => {
                let (roles, name) = who(press.guild_id, press.member.as_ref(), &press.user);
                Received {
                    id: press.id.get(),
                    token: press.token,
                    guild: press.guild_id.map(u64::from),
                    channel: press.channel_id.get(),
                    parent: parent(press.channel.as_ref()),
                    user: press.user.id.get(),
                    name,
                    roles,
                    message: Some(Pressed::from(&*press.message)),
                    what: What::Pressed { custom_id: chosen(press.data) },
                }
            }
            Interaction::Modal(form) => {
                let (roles, name) = who(form.guild_id, form.member.as_ref(), &form.user);
                let fields = form
                    .data
                    .components
                    .into_iter()
                    .flat_map(|row| row.components)
                    .filter_map(|component| match component {
                        ActionRowComponent::InputText(input) => {
                            Some((input.custom_id, input.value.unwrap_or_default()))
                        }
                        _ => None,
                    })
                    .collect();
                Received {
                    id: form.id.get(),
                    token: form.token,
                    guild: form.guild_id.map(u64::from),
                    channel: form.channel_id.get(),
                    parent: parent(form.channel.as_ref()),
                    user: form.user.id.get(),
                    name,
                    roles,
                    message: form.message.as_deref().map(Pressed::from),
                    what: What::Form { custom_id: form.data.custom_id, fields },
                }
            }
            _ => return None,
        })
    }

    fn from_command(command: CommandInteraction, what: What) -> Received {
        let (roles, name) = who(command.guild_id, command.member.as_deref(), &command.user);
        Received {
            id: command.id.get(),
            token: command.token,
            guild: command.guild_id.map(u64::from),
            channel: command.channel_id.get(),
            parent: parent(command.channel.as_ref()),
            user: command.user.id.get(),
            name,
            roles,
            message: None,
            what,
        }
    }
}

/// The custom id of what was pressed; of the menu "More", that of what was chosen.
fn chosen(data: ComponentInteractionData) -> String {
    match data.kind {
        ComponentInteractionDataKind::StringSelect { values } => {
            values.into_iter().next().unwrap_or(data.custom_id)
        }
        _ => data.custom_id,
    }
}

/// The words of the command, and its options.
fn command_of(command: &CommandInteraction) -> (String, &[CommandDataOption]) {
    let mut path = command.data.name.clone();
    let mut options = command.data.options.as_slice();
    while let [one] = options
        && let CommandDataOptionValue::SubCommand(inner) | CommandDataOptionValue::SubCommandGroup(inner) =
            &one.value
    {
        path = format!("{path} {}", one.name);
        options = inner;
    }
    (tree::words_of(&path), options)
}

/// The value as a person would type it; for an attached file, its address at Discord.
fn text(value: &CommandDataOptionValue, resolved: &CommandDataResolved) -> String {
    match value {
        CommandDataOptionValue::String(text) => text.clone(),
        CommandDataOptionValue::Autocomplete { value, .. } => value.clone(),
        CommandDataOptionValue::Boolean(flag) => flag.to_string(),
        CommandDataOptionValue::Integer(number) => number.to_string(),
        CommandDataOptionValue::Number(number) => number.to_string(),
        CommandDataOptionValue::User(id) => id.to_string(),
        CommandDataOptionValue::Channel(id) => id.to_string(),
        CommandDataOptionValue::Role(id) => id.to_string(),
        CommandDataOptionValue::Attachment(id) => {
            resolved.attachments.get(id).map(|file| file.url.clone()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// The roles that the interaction itself says, and the name. Without a server serenity doesn't know who the user is and puts
/// a user of its own there, so roles count only where they are those of this user on a server; else Discord is asked.
fn who(guild: Option<GuildId>, member: Option<&Member>, user: &User) -> (Option<Vec<u64>>, String) {
    let member = member.filter(|member| guild.is_some() && member.user.id == user.id);
    let roles = member.map(|member| member.roles.iter().map(|role| role.get()).collect());
    let nick = member.and_then(|member| member.nick.as_deref());
    (roles, name_of([nick, user.global_name.as_deref()], &user.name))
}

/// The name that people see: the first of these that is one, or else the unique name.
pub(super) fn name_of(names: [Option<&str>; 2], unique: &str) -> String {
    let seen = names.into_iter().flatten().map(str::trim).find(|name| !name.is_empty());
    seen.unwrap_or(unique).to_owned()
}

/// The channel that a thread or a post is in. Of other channels Discord names the category there.
fn parent(channel: Option<&PartialChannel>) -> Option<u64> {
    let is_thread = |channel: &&PartialChannel| {
        matches!(
            channel.kind,
            ChannelType::NewsThread | ChannelType::PublicThread | ChannelType::PrivateThread
        )
    };
    channel.filter(is_thread)?.parent_id.map(|id| id.get())
}
