//! A small server, and a small bot with the real serenity on it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use fake_discord::{FakeDiscord, Id, Options, Person};
use serde_json::{Value, json};
use serenity::all::{
    ActionRowComponent, ButtonStyle, ClientBuilder, CommandDataOptionValue, Context, CreateActionRow,
    CreateAllowedMentions, CreateAttachment, CreateAutocompleteResponse, CreateButton, CreateInputText,
    CreateInteractionResponse, CreateInteractionResponseFollowup, CreateInteractionResponseMessage,
    CreateModal, CreateSelectMenu, CreateSelectMenuKind, CreateSelectMenuOption, EditInteractionResponse,
    EventHandler, GatewayIntents, Http, HttpBuilder, InputTextStyle, Interaction, RawEventHandler, Ready,
    ResumedEvent, ShardManager,
};
use serenity::model::event::Event;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

pub const GUILD: Id = 7_000;
pub const CHANNEL: Id = 7_100;
pub const ROLE: Id = 7_200;
pub const ANN: Id = 7_301;
pub const BOB: Id = 7_302;
/// On the machine's clock; nothing here takes a hundredth of it.
pub const LIMIT: Duration = Duration::from_secs(10);

/// A server with a channel, a role and two members, and the bot's commands.
pub async fn open(options: Options) -> (FakeDiscord, Person, Person) {
    let fake = FakeDiscord::open(options).await.unwrap();
    fake.add_guild(GUILD, "Help desk", ANN);
    fake.add_role(GUILD, ROLE, "agents");
    fake.add_channel(GUILD, CHANNEL, "desk");
    let ann = fake.add_member(GUILD, ANN, "Ann", &[ROLE]);
    let bob = fake.add_member(GUILD, BOB, "Bob", &[]);
    fake.register(Some(GUILD), &commands()).unwrap();
    (fake, ann, bob)
}

pub async fn opened() -> (FakeDiscord, Person, Person) {
    open(Options::default()).await
}

pub fn commands() -> Value {
    let login = json!({
        "type": 3, "name": "login", "description": "Whose", "required": true, "autocomplete": true,
        "min_length": 1, "max_length": 20,
    });
    let way = json!({
        "type": 3, "name": "way", "description": "How",
        "choices": [{ "name": "By mail", "value": "mail" }, { "name": "Here", "value": "here" }],
    });
    let file = json!({ "type": 11, "name": "file", "description": "A list", "required": true });
    json!([
        { "name": "connect", "description": "The contact center", "options": [
            { "type": 1, "name": "reset", "description": "A new password", "options": [login.clone(), way] },
            { "type": 1, "name": "slow", "description": "Takes its time" },
            { "type": 1, "name": "ask", "description": "Opens a form" },
            { "type": 1, "name": "pick", "description": "Shows a menu" },
            { "type": 2, "name": "user", "description": "Users", "options": [
                { "type": 1, "name": "import", "description": "From a list", "options": [file] },
            ] },
        ] },
    ])
}

/// What the bot heard besides what it answered.
#[derive(Debug, PartialEq, Eq)]
pub enum Incoming {
    Ready,
    Resumed,
    /// The id of an interaction, each time it came.
    Interaction(Id),
    /// An interaction that serenity could not read.
    Unreadable(Id),
    /// A response was refused with this code.
    Refused(isize),
}

struct Bot {
    heard: mpsc::UnboundedSender<Incoming>,
}

fn private(text: impl Into<String>) -> CreateInteractionResponseMessage {
    CreateInteractionResponseMessage::new().content(text).ephemeral(true)
}

impl Bot {
    async fn answer(&self, context: &Context, interaction: Interaction) -> serenity::Result<()> {
        let http = &context.http;
        match interaction {
            Interaction::Autocomplete(asked) => {
                let typed = asked.data.autocomplete().map(|it| it.value.to_owned()).unwrap_or_default();
                let choices = (0..25).fold(CreateAutocompleteResponse::new(), |all, number| {
                    all.add_string_choice(format!("{typed}{number}"), format!("{typed}-{number}"))
                });
                asked.create_response(http, CreateInteractionResponse::Autocomplete(choices)).await
            }
            Interaction::Command(asked) => {
                let options = asked.data.options();
                let name = options.first().map(|option| option.name).unwrap_or_default();
                match name {
                    "slow" => {
                        asked.defer_ephemeral(http).await?;
                        let edit = EditInteractionResponse::new().content("done");
                        asked.edit_response(http, edit).await?;
                        let more =
                            CreateInteractionResponseFollowup::new().content("and more").ephemeral(true);
                        asked.create_followup(http, more).await.map(drop)
                    }
                    "ask" => asked.create_response(http, CreateInteractionResponse::Modal(form())).await,
                    "pick" => {
                        let options = ["red", "blue"].map(|it| CreateSelectMenuOption::new(it, it)).to_vec();
                        let menu = CreateSelectMenu::new("colour", CreateSelectMenuKind::String { options });
                        let message = CreateInteractionResponseMessage::new()
                            .content("Which?")
                            .components(vec![CreateActionRow::SelectMenu(menu)]);
                        asked.create_response(http, CreateInteractionResponse::Message(message)).await
                    }
                    "user" => {
                        let file = asked.data.resolved.attachments.values().next().cloned();
                        let bytes = match file {
                            Some(file) => file.download().await?,
                            None => Vec::new(),
                        };
                        let message = private(format!("{} bytes", bytes.len()))
                            .add_file(CreateAttachment::bytes(bytes, "échos \"1\".csv"));
                        asked.create_response(http, CreateInteractionResponse::Message(message)).await
                    }
                    _ => {
                        let login = asked.data.options.first().and_then(|option| match &option.value {
                            CommandDataOptionValue::SubCommand(inner) => inner.first()?.value.as_str(),
                            _ => None,
                        });
                        let roles =
                            asked.member.as_ref().map(|member| member.roles.len()).unwrap_or_default();
                        let text = format!("reset {} with {roles} roles <@{ANN}>", login.unwrap_or("nobody"));
                        let buttons = vec![
                            CreateButton::new("yes").label("Yes").style(ButtonStyle::Success),
                            CreateButton::new("off").label("Off").disabled(true),
                            CreateButton::new("why").label("Why"),
                            CreateButton::new_link("https://example.org").label("Guide"),
                        ];
                        let message = private(text).components(vec![CreateActionRow::Buttons(buttons)]);
                        asked.create_response(http, CreateInteractionResponse::Message(message)).await
                    }
                }
            }
            Interaction::Component(asked) if asked.data.custom_id == "why" => {
                asked.create_response(http, CreateInteractionResponse::Modal(form())).await
            }
            Interaction::Component(asked) => {
                let message = CreateInteractionResponseMessage::new().content("decided").components(vec![]);
                asked.create_response(http, CreateInteractionResponse::UpdateMessage(message)).await
            }
            Interaction::Modal(asked) => {
                let texts: Vec<_> = asked.data.components.iter().flat_map(|row| &row.components).collect();
                let text = texts.iter().find_map(|part| match part {
                    ActionRowComponent::InputText(input) => input.value.clone(),
                    _ => None,
                });
                let message = private(format!("because {}", text.unwrap_or_default()));
                asked.create_response(http, CreateInteractionResponse::Message(message)).await
            }
            _ => Ok(()),
        }
    }
}

fn form() -> CreateModal {
    let input =
        CreateInputText::new(InputTextStyle::Paragraph, "Reason", "reason").min_length(5).max_length(50);
    CreateModal::new("why-form", "Why?").components(vec![CreateActionRow::InputText(input)])
}

#[async_trait]
impl EventHandler for Bot {
    async fn ready(&self, _: Context, _: Ready) {
        self.heard.send(Incoming::Ready).unwrap();
    }

    async fn resume(&self, _: Context, _: ResumedEvent) {
        self.heard.send(Incoming::Resumed).unwrap();
    }

    async fn interaction_create(&self, context: Context, interaction: Interaction) {
        self.heard.send(Incoming::Interaction(interaction.id().get())).unwrap();
        if let Err(serenity::Error::Http(serenity::http::HttpError::UnsuccessfulRequest(refused))) =
            self.answer(&context, interaction).await
        {
            self.heard.send(Incoming::Refused(refused.error.code)).unwrap();
        }
    }
}

#[async_trait]
impl RawEventHandler for Bot {
    async fn raw_event(&self, _: Context, event: Event) {
        if let Event::Unknown(unknown) = event
            && unknown.kind == "INTERACTION_CREATE"
        {
            let id = unknown.value.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
            self.heard.send(Incoming::Unreadable(id.unwrap_or_default())).unwrap();
        }
    }
}

/// The bot while it runs.
pub struct Running {
    pub heard: mpsc::UnboundedReceiver<Incoming>,
    shards: Arc<ShardManager>,
    pub ended: JoinHandle<serenity::Result<()>>,
}

impl Running {
    pub async fn next(&mut self) -> Incoming {
        tokio::time::timeout(LIMIT, self.heard.recv()).await.unwrap().unwrap()
    }

    /// Reads on until this is heard.
    pub async fn hears(&mut self, wanted: Incoming) {
        while self.next().await != wanted {}
    }

    pub async fn stop(self) {
        self.shards.shutdown_all().await;
        tokio::time::timeout(LIMIT, self.ended).await.unwrap().unwrap().unwrap();
    }
}

/// The API by its plain address: serenity's own rate limiter is off on this way.
pub fn plain(fake: &FakeDiscord) -> Http {
    HttpBuilder::new("fake.discord.token")
        .application_id(1_100_000_000_000_000_001.into())
        .default_allowed_mentions(CreateAllowedMentions::new())
        .proxy(fake.api_url())
        .ratelimiter_disabled(true)
        .build()
}

/// The API as `https://discord.com` through the CONNECT proxy, with the rate limiter on.
pub fn proxied(fake: &FakeDiscord) -> Http {
    let certificate = reqwest::Certificate::from_pem(fake.certificate_pem().unwrap().as_bytes()).unwrap();
    let client = reqwest::Client::builder()
        .use_rustls_tls()
        .proxy(reqwest::Proxy::all(fake.proxy_url().unwrap()).unwrap())
        .add_root_certificate(certificate)
        .build()
        .unwrap();
    HttpBuilder::new("fake.discord.token")
        .application_id(1_100_000_000_000_000_001.into())
        .client(client)
        .build()
}

/// Starts the bot and waits for its READY.
pub async fn start(http: Http) -> Running {
    let mut running = begin(http).await;
    running.hears(Incoming::Ready).await;
    running
}

pub async fn begin(http: Http) -> Running {
    let (heard, receiver) = mpsc::unbounded_channel();
    let mut client = ClientBuilder::new_with_http(http, GatewayIntents::empty())
        .event_handler(Bot { heard: heard.clone() })
        .raw_event_handler(Bot { heard })
        .await
        .unwrap();
    let shards = client.shard_manager.clone();
    assert!(client.ws_url.lock().await.starts_with("ws://127.0.0.1:"));
    let ended = tokio::spawn(async move { client.start().await });
    Running { heard: receiver, shards, ended }
}
