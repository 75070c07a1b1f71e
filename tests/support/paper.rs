//! Paper: a chat platform of sheets in memory, which shows what a platform has to bring. People speak by typed lines; their accounts are
//! Slack's, which has no adapter yet.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use connect_desk::chats::{Adapter, Joinable, Joined, Ports};
use connect_desk::config::Config;
use connect_desk::console::Paths;
use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::{Person, Place, Role};
use desk_core::card::Card;
use desk_core::chat::{Channels, ChatPlatform, Drawing, Edited, Message, NotTaken, Posted};
use desk_core::desk::{DeliveryOutcome, Incoming};
use desk_core::ports::{Inbox, IncomingFile, People};

use super::desks::typed;

/// A message on paper.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub channel: String,
    nonce: String,
    pub message: Message,
}

/// The platform, which outlives the desk as a platform does.
pub struct Paper {
    channels: Channels,
    people: Vec<Person>,
    sheets: Mutex<Vec<Sheet>>,
    joined: Mutex<Option<Joined>>,
    /// Where the files are that people attach.
    files: Paths,
}

impl Paper {
    /// The people of a configuration with accounts on paper, and a channel in which they ask.
    pub fn new(config: &Config, approvals: bool, files: &Path) -> Arc<Paper> {
        let account = |(i, person): (usize, &Person)| Person {
            id: PersonId::new(Platform::Slack, format!("U{i}")).unwrap(),
            ..person.clone()
        };
        let approvals = approvals.then(|| "approvals".to_owned());
        Arc::new(Paper {
            channels: Channels { asking: vec!["desk".to_owned()], approvals },
            people: config.people.iter().enumerate().map(account).collect(),
            sheets: Mutex::default(),
            joined: Mutex::default(),
            files: Paths { folders: vec![files.to_owned()] },
        })
    }

    pub fn account(&self, name: &str) -> Option<PersonId> {
        self.people.iter().find(|person| person.name == name).map(|person| person.id.clone())
    }

    /// The desk is gone.
    pub fn leaves(&self) {
        self.joined.lock().unwrap().take();
    }

    pub fn sheets(&self) -> Vec<Sheet> {
        self.sheets.lock().unwrap().clone()
    }

    /// The cards of a request, each with its channel.
    pub fn cards(&self, no: u64) -> Vec<(String, Card)> {
        let is_it = |card: &Card| card.request.is_some_and(|request| request.0 == no);
        let sheets = self.sheets().into_iter();
        sheets
            .filter_map(|sheet| match sheet.message {
                Message::Card { card, .. } if is_it(&card) => Some((sheet.channel, *card)),
                _ => None,
            })
            .collect()
    }

    /// Someone writes a line; the card that answers it.
    pub async fn says(&self, who: &str, line: &str) -> Card {
        let Joined { desk, cards, .. } = self.joined.lock().unwrap().clone().expect("the desk is here");
        let heard = typed(&self.people, who, line);
        let place = Place { platform: Platform::Slack, channel: "desk".to_owned(), ..heard.place };
        let reader = heard.by.accounts();
        let reply = desk.handle(Incoming { place, ..heard }).await;
        if let Some(receipt) = reply.receipt {
            desk.delivered(receipt, DeliveryOutcome::Delivered).await.unwrap();
        }
        let Some(no) = reply.request else { return reply.card };
        let card = desk.advance(no).await.unwrap_or_else(|problem| Card::problem(&problem));
        cards.draw(no, None).await;
        card.to_reader(&reader)
    }
}

#[async_trait]
impl ChatPlatform for Paper {
    fn platform(&self) -> Platform {
        Platform::Slack
    }

    fn channels(&self) -> &Channels {
        &self.channels
    }

    fn drawing(&self, message: &Message) -> Drawing {
        use sha2::Digest as _;
        sha2::Sha256::digest(format!("{message:?}")).into()
    }

    async fn post(&self, channel: &str, message: &Message, nonce: &str) -> Result<Posted, NotTaken> {
        let mut sheets = self.sheets.lock().unwrap();
        if let Some(at) = sheets.iter().position(|sheet| sheet.nonce == nonce) {
            return Ok(Posted { id: at.to_string(), is_current: false, notified: false });
        }
        let (channel, nonce) = (channel.to_owned(), nonce.to_owned());
        sheets.push(Sheet { channel, nonce, message: message.clone() });
        Ok(Posted { id: (sheets.len() - 1).to_string(), is_current: true, notified: true })
    }

    async fn edit(&self, _: &str, id: &str, message: &Message) -> Edited {
        let mut sheets = self.sheets.lock().unwrap();
        match id.parse::<usize>().ok().and_then(|at| sheets.get_mut(at)) {
            Some(sheet) => {
                sheet.message = message.clone();
                Edited::Yes
            }
            None => Edited::Gone,
        }
    }

    fn notifies(&self, roles: &BTreeSet<Role>) -> bool {
        self.people.iter().any(|person| !person.roles.is_disjoint(roles))
    }

    fn link(&self, channel: &str, id: &str) -> String {
        format!("paper/{channel}/{id}")
    }
}

#[async_trait]
impl People for Paper {
    async fn person(&self, id: &PersonId) -> Result<Option<Person>, Problem> {
        Ok(self.people.iter().find(|person| person.id == *id).cloned())
    }
}

#[async_trait]
impl Inbox for Paper {
    async fn open(&self, _: Platform, reference: &str) -> Result<Box<dyn IncomingFile>, Problem> {
        self.files.open(Platform::Console, reference).await
    }
}

/// Joins the desk to a sheet of paper.
pub struct Joins(pub Arc<Paper>);

impl Joinable for Joins {
    fn ports(&self) -> Ports {
        Ports { people: self.0.clone(), inbox: self.0.clone(), chat: self.0.clone() }
    }

    fn join(self: Box<Self>, to: Joined) -> Arc<dyn Adapter> {
        *self.0.joined.lock().unwrap() = Some(to);
        self.0
    }
}

#[async_trait]
impl Adapter for Paper {
    async fn check(&self) -> Result<(), Problem> {
        Ok(())
    }

    async fn serve(&self) -> Result<(), Problem> {
        let stop =
            self.joined.lock().unwrap().as_ref().map(|joined| joined.stop.clone()).expect("it is joined");
        stop.cancelled().await;
        self.leaves();
        Ok(())
    }
}
