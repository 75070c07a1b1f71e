//! What a site says about its Discord server.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::path::PathBuf;

use desk_core::basics::roles::Role;

use crate::secrets::variables;

variables! {
    /// The bot's token.
    DISCORD_TOKEN = "DISCORD_TOKEN";
}

/// One Discord server (guild) and what the desk is there. Ids are Discord's snowflakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub application: NonZeroU64,
    pub guild: NonZeroU64,
    /// A file that holds the bot's token, when the environment variable `DISCORD_TOKEN` does not.
    pub token_file: Option<PathBuf>,
    /// The channels in which the desk listens.
    pub channels: BTreeSet<NonZeroU64>,
    /// Where cards that wait for an approval appear as well.
    pub approvals_channel: Option<NonZeroU64>,
    /// What the server's roles are at the desk.
    pub roles: BTreeMap<NonZeroU64, Role>,
    pub way_in: Transport,
    /// Another address than Discord's own for its API, on this machine, for tests.
    pub api: Option<String>,
    /// Another address than Discord's own for its gateway, on this machine, for tests.
    pub gateway: Option<String>,
}

/// How Discord's interactions reach the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// The desk connects to Discord; no port is open.
    Gateway,
    /// Discord connects to the desk, which checks each signature against the application's public key.
    Http { listen: SocketAddr, public_key: [u8; 32] },
}
