//! Whether the bot is on its server and may do there what it has to: asked at each start, and by the doctor.

use std::collections::BTreeSet;
use std::num::NonZeroU64;

use desk_core::basics::problem::Problem;
use desk_core::basics::roles::Role;
use serde_json::Value;
use serenity::all::{ChannelId, GuildId};
use serenity::http::Route;

use super::people::{self, IN_THREADS, MENTION_EVERYONE, NEEDED, SEND, permissions_in};
use super::rest::{Refused, Rest, trouble};
use super::settings::Settings;

/// What was found on the server.
pub(super) struct Found {
    /// The server's roles, as Discord lists them.
    pub roles: Value,
    /// What is missing in each channel; `None` where nothing is.
    pub channels: Vec<(NonZeroU64, Option<Problem>)>,
    /// What is missing for the threads of channels in which the desk works otherwise.
    pub threads: Vec<Problem>,
    /// Whether the bot may mention every role wherever approvers are notified, also one that not everyone may mention.
    pub mentions_all: bool,
}

/// Looks at the server and at each channel. An error is about all of it.
pub(super) async fn look(rest: &Rest, settings: &Settings) -> Result<Found, Problem> {
    let me = rest.get(Route::UserMe).await.map_err(|refusal| trouble(&refusal, "check the token"))?;
    let me = me["id"].as_str().unwrap_or_default().to_owned();
    let guild_id = GuildId::new(settings.guild.get());
    let guild = match rest.get(Route::Guild { guild_id }).await {
        Err(refusal) if matches!(refusal.kind, Refused::Gone | Refused::Permission) => {
            return Err(Problem::operator("discord_not_there", format!("The bot is not on the server {}.", settings.guild))
                .hint("Run `connect-desk invite --config FILE` and open the link, or correct `guild` under [discord]."));
        }
        guild => guild.map_err(|refusal| trouble(&refusal, "read the server"))?,
    };
    let user: u64 = me.parse().unwrap_or(1);
    let member = rest
        .member(settings.guild.get(), user)
        .await
        .map_err(|refusal| trouble(&refusal, "read its own roles"))?;
    let roles: Vec<String> = member
        .as_ref()
        .and_then(|member| member["roles"].as_array())
        .into_iter()
        .flatten()
        .filter_map(|role| role.as_str().map(str::to_owned))
        .collect();
    let (mut channels, mut threads) = (Vec::new(), Vec::new());
    let mut mentions_all = true;
    for channel in settings.channels.iter().chain(&settings.approvals_channel) {
        let route = Route::Channel { channel_id: ChannelId::new(channel.get()) };
        let there = match rest.get(route).await {
            Err(refusal) if refusal.kind == Refused::Gone => {
                let problem = Problem::operator("discord_channel", format!("There is no channel {channel}."))
                    .hint("Correct `channels` and `approvals_channel` under [discord].");
                channels.push((*channel, Some(problem)));
                continue;
            }
            Err(refusal) if refusal.kind == Refused::Permission => None,
            there => Some(there.map_err(|refusal| trouble(&refusal, "read its channels"))?),
        };
        let server = there.as_ref().and_then(|there| there["guild_id"].as_str());
        if server.is_some_and(|server| server != settings.guild.to_string()) {
            let problem = Problem::operator(
                "discord_other_server",
                format!("The channel {channel} is on another server."),
            )
            .hint("Correct `channels` and `approvals_channel` under [discord].");
            channels.push((*channel, Some(problem)));
            continue;
        }
        let kind = there.as_ref().and_then(|there| there["type"].as_u64());
        if let Some(problem) = kind.and_then(|kind| unfit(settings, *channel, kind)) {
            channels.push((*channel, Some(problem)));
            continue;
        }
        let is = |kinds: &[u64]| kind.is_some_and(|kind| kinds.contains(&kind));
        // A thread has the permissions of its channel.
        let there = match there.as_ref().and_then(|there| there["parent_id"].as_str()?.parse::<u64>().ok()) {
            Some(parent) if is(&THREADS) => {
                let route = Route::Channel { channel_id: ChannelId::new(parent.max(1)) };
                match rest.get(route).await {
                    Err(refusal) if matches!(refusal.kind, Refused::Gone | Refused::Permission) => None,
                    parent => Some(parent.map_err(|refusal| trouble(&refusal, "read its channels"))?),
                }
            }
            _ => there,
        };
        let has = there.map_or(0, |channel| {
            permissions_in(settings.guild.get(), &me, &roles, &guild["roles"], &channel)
        });
        let lacks = |(_, bit): &&(&str, u64)| has & bit == 0;
        let are_notified = settings.approvals_channel.is_none_or(|approvals| approvals == *channel);
        mentions_all &= !(are_notified && lacks(&&MENTION_EVERYONE));
        let in_threads = is(&POSTS) || is(&THREADS);
        let needed = NEEDED.iter().filter(|needed| !(is(&THREADS) && **needed == SEND));
        let needed = needed.chain(in_threads.then_some(&IN_THREADS));
        let missing: Vec<&str> = needed.filter(lacks).map(|(name, _)| *name).collect();
        if missing.is_empty() && is(&WITH_THREADS) && lacks(&&IN_THREADS) {
            let problem = Problem::operator(
                "discord_threads",
                format!("The bot can't write in the threads of the channel {channel}."),
            );
            threads.push(problem.hint(format!(
                "Give its role {} in the channel's settings, under Permissions.",
                IN_THREADS.0
            )));
        }
        let problem = (!missing.is_empty()).then(|| {
            Problem::operator(
                "discord_permission",
                format!("The bot lacks permissions in the channel {channel}: {}.", missing.join(", ")),
            )
            .hint("Give its role these permissions in the channel's settings, under Permissions.")
        });
        channels.push((*channel, problem));
    }
    Ok(Found { roles: guild["roles"].clone(), channels, threads, mentions_all })
}

/// Kinds of channels in which people write: text, voice, announcements, threads, stages.
const MESSAGES: [u64; 7] = [0, 2, 5, 10, 11, 12, 13];

/// Kinds of channels that hold posts, in which people write: forums and media channels.
const POSTS: [u64; 2] = [15, 16];

/// Kinds of channels that are threads: of announcements, public, private.
const THREADS: [u64; 3] = [10, 11, 12];

/// Kinds of channels that may have threads, in which the desk answers as well: text, announcements.
const WITH_THREADS: [u64; 2] = [0, 5];

/// Why a channel of this kind can't do what the configuration wants of it.
fn unfit(settings: &Settings, channel: NonZeroU64, kind: u64) -> Option<Problem> {
    if MESSAGES.contains(&kind) {
        return None;
    }
    let what = match kind {
        15 => "a forum",
        16 => "a media channel",
        4 => "a category",
        1 | 3 => "a direct message",
        _ => "not a channel for messages",
    };
    let wrong = |message: String| Problem::operator("discord_channel_kind", message);
    if !POSTS.contains(&kind) {
        return Some(
            wrong(format!("The channel {channel} is {what}, so it can't hold a card."))
                .hint("Name a text channel in `channels` and `approvals_channel` under [discord]."),
        );
    }
    if settings.approvals_channel == Some(channel) {
        return Some(
            wrong(format!("The channel {channel} is {what}, where each card would need its own post."))
                .hint("Name a text channel as `approvals_channel` under [discord]."),
        );
    }
    // People ask in its posts; what the desk says on its own has to go elsewhere.
    if settings.approvals_channel.is_none() && settings.channels.first() == Some(&channel) {
        return Some(
            wrong(format!("The channel {channel} is {what}, which can't hold the digest and notices."))
                .hint("Name a text channel as `approvals_channel` under [discord]."),
        );
    }
    None
}

/// What is wrong with the Discord roles that the configuration names: one is not on the server, or it is an approver's and Discord
/// doesn't notify it, because neither everyone nor the bot may mention it.
pub(super) fn amiss(
    settings: &Settings,
    approvers: &BTreeSet<Role>,
    roles: &Value,
    mentions_all: bool,
) -> Vec<Problem> {
    let called = people::callable(settings, approvers);
    let amiss = |id: &NonZeroU64| {
        let role = roles.as_array().into_iter().flatten().find(|role| role["id"] == id.to_string().as_str());
        let Some(role) = role else {
            let problem =
                Problem::operator("discord_role_gone", format!("There is no role {id} on the server."));
            return Some(problem.hint("Correct it under [discord.roles]."));
        };
        let is_silent = called.contains(&id.get()) && role["mentionable"] != true && !mentions_all;
        is_silent.then(|| {
            let message = format!("Discord doesn't notify approvers with the role {id}.");
            Problem::operator("discord_silent_role", message)
                .hint("Turn on \"Allow anyone to @mention this role\" in its settings.")
        })
    };
    settings.roles.keys().filter_map(amiss).collect()
}
