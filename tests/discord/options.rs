//! What can be chosen when a fake Discord is opened.

use std::time::Duration;

use crate::world::Id;

/// How a fake Discord is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// The application's id. The bot user's is the same, as for every application made since 2016.
    pub application: Id,
    /// The bot's name.
    pub bot_name: String,
    /// The token that the bot has to show.
    pub token: String,
    /// Where the time comes from.
    pub clock: ClockChoice,
    /// Whether to serve a CONNECT proxy that answers for `discord.com` over TLS.
    pub tls: bool,
    /// Where interactions are sent instead of the gateway, such as `http://127.0.0.1:8080/interactions`. Loopback only.
    pub endpoint: Option<String>,
    /// How many settled interactions, messages and requests are kept each; older ones are forgotten, so it should be more
    /// than are in the air immediately. An answered interaction can then not be sent again, and no bodies of requests are
    /// kept. `None` keeps all.
    pub keep: Option<usize>,
    /// How many events a session keeps for a resume.
    pub replay: usize,
    /// How often the bot is asked to send a heartbeat.
    pub heartbeat: Duration,
    /// How many identifies a day Discord takes before it resets the token.
    pub identify_limit: usize,
    /// What an interaction's token is answered with after its 15 minutes.
    pub expired_token: ExpiredToken,
    /// The size in bytes that an attachment may have.
    pub attachment_size_limit: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            application: 1_100_000_000_000_000_001,
            bot_name: "connect-desk".to_owned(),
            token: "fake.discord.token".to_owned(),
            clock: ClockChoice::Manual,
            tls: false,
            endpoint: None,
            keep: None,
            replay: 2_500,
            heartbeat: Duration::from_millis(41_250),
            identify_limit: 1000,
            expired_token: ExpiredToken::default(),
            attachment_size_limit: 10 << 20,
        }
    }
}

/// Where the fake takes its time from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockChoice {
    /// It is on a Monday morning until a test moves it.
    Manual,
    /// It is at these milliseconds since the epoch until a test moves it.
    ManualAt(i64),
    /// It runs with the machine's; it can be moved on all the same.
    Real,
}

/// The answer to a token whose 15 minutes are over. The documentation names none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExpiredToken {
    /// 401 with code 50027, `Invalid Webhook Token`: what users of several libraries report.
    #[default]
    InvalidWebhookToken,
    /// 404 with code 10015, `Unknown Webhook`: what a token that no one knows is answered with.
    UnknownWebhook,
}
