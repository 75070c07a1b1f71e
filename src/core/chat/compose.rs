//! Several platforms as one: people are asked of the platform of their account, and files are read where they were attached.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use crate::basics::current::Current;
use crate::basics::ids::{PersonId, Platform};
use crate::basics::problem::Problem;
use crate::basics::roles::Person;
use crate::ports::{Inbox, IncomingFile, NoInbox, People};

/// People, each of the platform of their account; of a platform that the desk has not joined, as the configuration has them.
pub struct ByPlatform {
    pub platforms: BTreeMap<Platform, Arc<dyn People>>,
    pub roster: Current<Vec<Person>>,
}

#[async_trait]
impl People for ByPlatform {
    async fn person(&self, id: &PersonId) -> Result<Option<Person>, Problem> {
        match self.platforms.get(&id.platform()) {
            Some(people) => people.person(id).await,
            None => Ok(self.roster.get().iter().find_map(|person| person.at(id))),
        }
    }

    async fn person_lately(&self, id: &PersonId) -> Result<Option<Person>, Problem> {
        match self.platforms.get(&id.platform()) {
            Some(people) => people.person_lately(id).await,
            None => self.person(id).await,
        }
    }
}

/// The inbox of each platform.
pub struct Inboxes(pub BTreeMap<Platform, Arc<dyn Inbox>>);

#[async_trait]
impl Inbox for Inboxes {
    async fn open(&self, platform: Platform, reference: &str) -> Result<Box<dyn IncomingFile>, Problem> {
        match self.0.get(&platform) {
            Some(inbox) => inbox.open(platform, reference).await,
            None => NoInbox.open(platform, reference).await,
        }
    }
}
