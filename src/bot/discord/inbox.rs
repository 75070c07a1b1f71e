//! Files that people attach on Discord, fetched from where Discord keeps them and from nowhere else.
//!
//! An address can also come from a form, in which people may write what they like, so it is looked at before anything is
//! sent: `https`, a host of Discord's own, and a path of attachments.

use std::time::Duration;

use async_trait::async_trait;
use desk_core::basics::ids::Platform;
use desk_core::basics::problem::Problem;
use desk_core::ports::{Inbox, IncomingFile};
use reqwest::{Client, Response, StatusCode, Url};
use tokio::time::{Instant, timeout, timeout_at};

/// Where Discord keeps attachments.
const HOSTS: [&str; 2] = ["cdn.discordapp.com", "media.discordapp.net"];

/// The largest file that is fetched, in bytes: a little more than 50 MiB, so that the reader of a log reports when it is too long.
const BYTES_MAX: usize = 50 * 1024 * 1024 + 64 * 1024;

/// Fetches attachments.
pub struct Attachments {
    client: Client,
    /// Where a Discord on this machine keeps them, for tests.
    local: Option<Url>,
    patience: Patience,
}

/// How long an answer or its next bytes may take, and how long the whole file.
#[derive(Clone, Copy)]
pub struct Patience {
    pub piece: Duration,
    pub whole: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience { piece: Duration::from_secs(15), whole: Duration::from_secs(120) }
    }
}

/// A file on its way.
struct Download {
    name: String,
    response: Response,
    read: usize,
    until: Instant,
    patience: Patience,
}

impl Attachments {
    /// `client` is another one than Discord's usual; `api` is where a Discord on this machine answers.
    pub fn new(
        client: Option<Client>,
        api: Option<&str>,
        patience: Patience,
    ) -> Result<Attachments, Problem> {
        let client = match client {
            Some(client) => client,
            // Discord's files are where their address says; another one would be someone else's.
            None => {
                Client::builder().redirect(reqwest::redirect::Policy::none()).build().map_err(|error| {
                    Problem::operator(
                        "http_client",
                        format!("The client for files can't be created ({error})."),
                    )
                    .hint("Check the proxy settings in the environment, and restart.")
                })?
            }
        };
        Ok(Attachments { client, local: api.and_then(|api| Url::parse(api).ok()), patience })
    }

    pub fn is_discords(&self, url: &Url) -> bool {
        let own = url.scheme() == "https"
            && url.port().is_none()
            && url.host_str().is_some_and(|host| HOSTS.contains(&host));
        let local = self.local.as_ref().is_some_and(|local| local.origin() == url.origin());
        let path =
            ["/attachments/", "/ephemeral-attachments/"].iter().any(|start| url.path().starts_with(start));
        (own || local) && path && url.username().is_empty() && url.password().is_none()
    }
}

#[async_trait]
impl Inbox for Attachments {
    async fn open(&self, _: Platform, reference: &str) -> Result<Box<dyn IncomingFile>, Problem> {
        let url = Url::parse(reference).ok().filter(|url| self.is_discords(url)).ok_or_else(|| {
            Problem::requester("attachment_elsewhere", "This is not a file that was attached on Discord.")
                .hint("Type the command again and attach the file to its option.")
        })?;
        let name = url.path_segments().and_then(|mut path| path.next_back()).unwrap_or_default().to_owned();
        let until = Instant::now() + self.patience.whole;
        let sent = timeout(self.patience.piece, self.client.get(url).send()).await.map_err(|_| slow())?;
        let response = sent.map_err(|error| unreached(&error))?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND | StatusCode::FORBIDDEN | StatusCode::GONE | StatusCode::UNAUTHORIZED => {
                return Err(Problem::requester(
                    "attachment_gone",
                    "Discord no longer has the file, or its address has expired.",
                )
                .hint("Attach it again."));
            }
            status => {
                return Err(Problem::requester(
                    "attachment_refused",
                    format!("Discord doesn't deliver the file (status {status})."),
                )
                .hint("Attach it again in a minute."));
            }
        }
        if !self.is_discords(response.url()) {
            return Err(Problem::requester(
                "attachment_elsewhere",
                "Discord says the file is somewhere else.",
            )
            .hint("Attach it again."));
        }
        let announced = response.content_length().and_then(|bytes| usize::try_from(bytes).ok());
        if announced.is_some_and(|bytes| bytes > BYTES_MAX) {
            return Err(too_large());
        }
        Ok(Box::new(Download { name, response, read: 0, until, patience: self.patience }))
    }
}

#[async_trait]
impl IncomingFile for Download {
    fn name(&self) -> &str {
        &self.name
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        let until = self.until.min(Instant::now() + self.patience.piece);
        let piece = timeout_at(until, self.response.chunk()).await.map_err(|_| slow())?;
        let Some(piece) = piece.map_err(|error| unreached(&error))? else { return Ok(None) };
        self.read += piece.len();
        if self.read > BYTES_MAX {
            return Err(too_large());
        }
        Ok(Some(piece.to_vec()))
    }
}

fn too_large() -> Problem {
    Problem::requester("file_too_large", "The file is larger than 50 MiB.")
        .hint("Attach a smaller part of it.")
}

fn slow() -> Problem {
    Problem::requester("attachment_slow", "Discord takes too long to deliver the file.")
        .hint("Attach it again in a minute.")
}

/// The address is left out: anyone who has it can read the file.
fn unreached(error: &reqwest::Error) -> Problem {
    let what = if error.is_connect() { "can't be reached" } else { "closed the connection" };
    Problem::requester("attachment_lost", format!("Discord's file server {what}."))
        .hint("Attach it again; if that does not help, the desk's operator checks that this host reaches `cdn.discordapp.com`.")
}
