//! What Discord's section of the configuration is asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use desk_core::basics::ids::Platform;
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::Role;
use desk_core::policy::Policy;
use desk_core::ports::Clock;
use secrecy::{ExposeSecret as _, SecretString};
use serenity::all::ApplicationId;
use serenity::http::HttpBuilder;

use super::people::needed_bits;
use super::rest::{self, Rest};
use super::settings::{DISCORD_TOKEN, Settings};
use super::{DiscordBuilder, Options, rights};
use crate::chats::Joinable;
use crate::clock::SystemClock;
use crate::report::{FoundOnHost, Level};
use crate::secrets::Needed;
use crate::section::{ChatSection, Found, Opening, Section};

#[async_trait]
impl Section for Settings {
    fn name(&self) -> &'static str {
        "discord"
    }

    fn placeholders(&self) -> &'static [(&'static str, &'static str, &'static str)] {
        &[
            ("application", "1000000000000000001", "Copy it from the Discord developer portal."),
            ("guild", "1000000000000000002", "Copy the id of your server."),
            ("channels", "1000000000000000003", "Copy the ids of your channels."),
            ("approvals_channel", "1000000000000000004", "Copy the id of your channel."),
            ("public_key", "3b6a27bcceb6a42d", "Copy it from the Discord developer portal."),
            ("[discord.roles]", "100000000000000001", "Copy the ids of your server's roles."),
        ]
    }

    fn examine_host(&self) -> Vec<FoundOnHost> {
        vec![needed_token(self).found(token(self))]
    }

    /// The token, and the bot's rights in each channel.
    async fn examine(&self, policy: &Policy) -> Vec<Found> {
        // That there is none has been said.
        let Ok(token) = token(self) else { return Vec::new() };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let mut builder = HttpBuilder::new(token.expose_secret());
        if let Some(api) = &self.api {
            builder = builder.proxy(api.clone()).ratelimiter_disabled(true);
        }
        let application = ApplicationId::new(self.application.get());
        let rest = Rest::new(Arc::new(builder.build()), application, clock, rest::ANSWER_WITHIN);
        let found = match rights::look(&rest, self).await {
            Ok(found) => found,
            Err(problem) => return vec![(Level::Failure, Err(problem))],
        };
        let mut said = vec![(
            Level::Ok,
            Ok(format!("The token is valid, and the bot is on the server {}.", self.guild)),
        )];
        for (channel, problem) in found.channels {
            said.push(match problem {
                Some(problem) => (Level::Failure, Err(problem)),
                None => (Level::Ok, Ok(format!("The bot has its permissions in the channel {channel}."))),
            });
        }
        said.extend(found.threads.into_iter().map(|problem| (Level::Warning, Err(problem))));
        let approvers = policy.rules.iter().flat_map(|rule| rule.all_approvers()).collect();
        let amiss = rights::amiss(self, &approvers, &found.roles, found.mentions_all);
        said.extend(amiss.into_iter().map(|problem| (Level::Warning, Err(problem))));
        said
    }

    fn silent(&self) -> Problem {
        Problem::operator("discord_silent", "Discord doesn't answer.")
            .hint("Check that this host reaches discord.com.")
    }
}

impl ChatSection for Settings {
    fn platform(&self) -> Platform {
        Platform::Discord
    }

    fn roles(&self) -> BTreeMap<String, Role> {
        self.roles.iter().map(|(id, role)| (id.to_string(), *role)).collect()
    }

    fn channels(&self) -> Vec<String> {
        self.channels.iter().map(ToString::to_string).collect()
    }

    fn approvals_channel(&self) -> Option<String> {
        self.approvals_channel.as_ref().map(ToString::to_string)
    }

    /// It asks for no more permissions than the bot needs.
    fn invite(&self) -> String {
        format!(
            "https://discord.com/oauth2/authorize?client_id={}&scope=bot%20applications.commands&permissions={}&guild_id={}\
             &disable_guild_select=true",
            self.application,
            needed_bits(),
            self.guild
        )
    }

    fn open(&self, with: &Opening) -> Result<Box<dyn Joinable>, Problem> {
        Ok(Box::new(DiscordBuilder::new(Options {
            token: token(self)?,
            settings: self.clone(),
            clock: with.clock.clone(),
            client: with.client.clone(),
            answer_within: with.answers_within,
            roster: with.roster.clone(),
            key: with.key.clone(),
        })?))
    }
}

fn needed_token(settings: &Settings) -> Needed<'_> {
    Needed {
        variable: DISCORD_TOKEN,
        file: settings.token_file.as_deref(),
        what: "bot's token",
        code: "discord_token",
        hint: "Make one in the developer portal under Bot, Reset Token, and put it into the environment variable \
               DISCORD_TOKEN or into a file that `token_file` under [discord] names."
            .to_owned(),
    }
}

/// The token, also one that was copied with what Discord's documentation writes before it.
fn token(settings: &Settings) -> Result<SecretString, Problem> {
    let needed = needed_token(settings);
    let line = needed.line()?;
    let token = line.expose_secret().trim().trim_start_matches("Bot ");
    match token.bytes().all(|b| b.is_ascii_graphic()) {
        true => Ok(SecretString::from(token.to_owned())),
        false => Err(needed.invalid()),
    }
}
