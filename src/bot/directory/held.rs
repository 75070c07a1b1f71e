//! What users, queues and the like have, which is suggested where something is removed from it: read by one call when it is
//! first asked for, and believed for a minute, so that no keystroke costs one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use desk_core::basics::problem::Problem;
use desk_core::basics::text;
use desk_core::center::{ContactCenter, Filter, Named};
use desk_core::chat::Choice;
use desk_core::profile::is_amazons;
use desk_core::words::Thing;
use futures::future::{BoxFuture, FutureExt as _, Shared};
use tokio_util::task::AbortOnDropHandle;

use super::fold::Typed;
use super::index::{Builder, Index};
use super::names::suggested;

/// How long it is believed.
const LASTS: Duration = Duration::from_secs(60);

/// How long someone who types waits for it.
const WITHIN: Duration = Duration::from_secs(1);

/// So many holders are remembered.
const REMEMBERED: usize = 256;

/// Users that one search gives.
const FOUND_MAX: usize = 100;

/// What one holder has; nothing where it can't be read. It is read to its end, also when no one waits for it any more.
type Reading = Shared<BoxFuture<'static, Option<Arc<Index>>>>;

#[derive(Default)]
pub(super) struct Holdings {
    /// The ids of holders by their names; users are found by their login.
    ids: RwLock<HashMap<(Thing, String), String>>,
    /// By what is held and by whom, and when it began to be read.
    read: Mutex<HashMap<(Thing, String), (Duration, Reading)>>,
}

impl Holdings {
    /// These are all that there are of a kind.
    pub(super) fn know(&self, thing: Thing, all: &[Named]) {
        let mut ids = self.ids.write().unwrap_or_else(PoisonError::into_inner);
        ids.retain(|(of, _), _| *of != thing);
        ids.extend(all.iter().map(|one| ((thing, text::folded(&one.name)), one.id.clone())));
    }

    /// What may be meant of what a holder has, best first; `None` where it isn't known in time.
    pub(super) async fn suggest(
        &self,
        center: &Arc<dyn ContactCenter>,
        now: Duration,
        (thing, holder): (Thing, &str),
        typed: &str,
        most: usize,
    ) -> Option<Vec<Choice>> {
        let key = match thing.holder()? {
            Thing::User => holder.to_owned(),
            of => {
                let ids = self.ids.read().unwrap_or_else(PoisonError::into_inner);
                ids.get(&(of, text::folded(holder))).cloned()?
            }
        };
        let reading = self.reading(center, now, (thing, key));
        let index = tokio::time::timeout(WITHIN, reading).await.ok()??;
        Some(suggested(&index, &Typed::new(typed), most))
    }

    fn reading(&self, center: &Arc<dyn ContactCenter>, now: Duration, key: (Thing, String)) -> Reading {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, reading)) = read.get(&key).filter(|(at, _)| now.saturating_sub(*at) < LASTS) {
            return reading.clone();
        }
        read.retain(|_, (at, _)| now.saturating_sub(*at) < LASTS);
        if read.len() >= REMEMBERED {
            read.clear();
        }
        let (center, (thing, of)) = (center.clone(), key.clone());
        let task = tokio::spawn(async move {
            let mut builder = Builder::default();
            names(center.as_ref(), thing, of).await.ok()?.iter().for_each(|name| builder.add(name, ""));
            Some(Arc::new(builder.build()))
        });
        let task = AbortOnDropHandle::new(task);
        let reading = async move { task.await.ok().flatten() }.boxed().shared();
        read.insert(key, (now, reading.clone()));
        reading
    }
}

async fn names(center: &dyn ContactCenter, thing: Thing, of: String) -> Result<Vec<String>, Problem> {
    Ok(match thing {
        Thing::Queue => center.served_by(&of).await?.into_iter().map(|one| one.queue.name).collect(),
        Thing::QuickConnect => center.offered_by(&of).await?.into_iter().map(|one| one.name).collect(),
        Thing::Override => center.overrides_of(&of).await?.into_iter().map(|one| one.of.name).collect(),
        Thing::TagKey => {
            let user = center.user(&of).await?;
            let keys = user.into_iter().flat_map(|user| user.profile.tags.into_keys());
            keys.filter(|key| !is_amazons(key)).collect()
        }
        _ => {
            let filter = Filter { login: Some(of.clone()), ..Filter::default() };
            let (found, _) = center.search(&filter, FOUND_MAX).await?;
            let user = found.into_iter().find(|user| user.login == of);
            user.map(|user| user.security_profiles).unwrap_or_default()
        }
    })
}
