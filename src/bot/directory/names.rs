//! What the directory holds, and the answer to what someone types.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use desk_core::basics::text;
use desk_core::chat::Choice;
use desk_core::words::Thing;

use super::fold::Typed;
use super::index::{Builder, Index};

/// For how long something that the desk saw by itself is believed more than a later search, which may not show it yet.
const SEARCHES_LAG: Duration = Duration::from_secs(300);

/// The most characters of a label: Discord takes no longer ones.
const LABEL_MAX: usize = 100;

/// The names of the contact center, each list replaced as a whole and the users' one by one besides.
///
/// Holds no connection to anything, so anyone who completes may keep it as long as they like.
#[derive(Default)]
pub struct Names {
    users: RwLock<Users>,
    /// Everything else that has names.
    lists: RwLock<BTreeMap<Thing, Arc<Index>>>,
}

/// The users as they were read together, and what is known better.
#[derive(Default)]
struct Users {
    read: Index,
    /// By login; those that are as they were read are not among them.
    learned: BTreeMap<String, Learned>,
    /// The learned ones that are there.
    newer: Index,
    /// The entries of `read` that were learned otherwise, in their order.
    hidden: Vec<u32>,
}

/// What the desk saw of one user, and when.
struct Learned {
    /// Their full name; `None` when there is no such user.
    name: Option<String>,
    at: Duration,
}

impl Users {
    fn suggest(&self, typed: &Typed, limit: usize) -> Vec<Choice> {
        let read = self.read.search(typed, limit, &self.hidden);
        let newer = self.newer.search(typed, limit, &[]);
        let mut all: Vec<_> = read.into_iter().map(|(tier, entry)| (tier, &self.read, entry)).collect();
        all.extend(newer.into_iter().map(|(tier, entry)| (tier, &self.newer, entry)));
        all.sort_by(|a, b| {
            let between = || match typed.text.is_empty() {
                true => a.1.alphabetical(a.2, b.1, b.2),
                false => a.1.order(a.2, b.1, b.2),
            };
            a.0.cmp(&b.0).then_with(between)
        });
        all.truncate(limit);
        all.into_iter().map(|(_, index, entry)| suggestion(index, entry)).collect()
    }

    /// Brings what is searched in line with what was learned.
    fn settle(&mut self) {
        let mut newer = Builder::default();
        self.hidden.clear();
        for (login, learned) in &self.learned {
            self.hidden.extend(self.read.find(login));
            if let Some(name) = &learned.name {
                newer.add(login, name);
            }
        }
        self.hidden.sort_unstable();
        self.newer = newer.build();
    }

    /// Whether the user was read as they were learned.
    fn agrees(read: &Index, login: &str, name: Option<&str>) -> bool {
        read.find(login).map(|entry| read.name(entry)) == name.map(super::index::cut)
    }
}

impl Names {
    /// At most `limit` of what someone may mean by what they typed so far, the best first.
    ///
    /// Upper and lower case, accents and a leading `@` do not count. What begins so comes first, then what has a word that
    /// begins so, what contains it, what contains each of its words, what has its letters in their order, and last what
    /// would begin so or have a word that does if one letter were otherwise. Equally good ones: the shorter, then by the
    /// alphabet. Anyone who typed nothing gets the first ones of the alphabet.
    pub fn suggest(&self, thing: Thing, typed: &str, limit: usize) -> Vec<Choice> {
        let searched = Typed::new(typed);
        let mut found = match thing {
            Thing::User => {
                self.users.read().unwrap_or_else(PoisonError::into_inner).suggest(&searched, limit)
            }
            thing => {
                let lists = self.lists.read().unwrap_or_else(PoisonError::into_inner);
                let list = lists.get(&thing).cloned();
                drop(lists);
                list.map(|list| suggested(&list, &searched, limit)).unwrap_or_default()
            }
        };
        // Logins are case-sensitive: of `John.Doe` and `john.doe` the one that was typed comes first.
        if let Some(same) = found.iter().position(|choice| choice.value == typed) {
            found[..=same].rotate_right(1);
        }
        found
    }

    /// Whether there is a user with exactly this login, as far as is known.
    pub(super) fn knows_user(&self, login: &str) -> bool {
        let users = self.users.read().unwrap_or_else(PoisonError::into_inner);
        match users.learned.get(login) {
            Some(learned) => learned.name.is_some(),
            None => users.read.find(login).is_some(),
        }
    }

    /// How many users are known as they were last read together.
    pub fn users(&self) -> usize {
        self.users.read().unwrap_or_else(PoisonError::into_inner).read.len()
    }

    /// The desk saw this user, or that there is none, at this time of the clock that never goes backwards.
    pub fn learn(&self, at: Duration, login: &str, name: Option<&str>) {
        {
            // Nearly always nothing is new.
            let users = self.users.read().unwrap_or_else(PoisonError::into_inner);
            if !users.learned.contains_key(login) && Users::agrees(&users.read, login, name) {
                return;
            }
        }
        let mut users = self.users.write().unwrap_or_else(PoisonError::into_inner);
        let before = users.learned.insert(login.to_owned(), Learned { name: name.map(str::to_owned), at });
        if before.is_none_or(|before| before.name.as_deref() != name) {
            users.settle();
        }
    }

    /// Replaces the users by what was read since then, but for what was learned so late that the reading may lack it.
    pub fn read_users(&self, since: Duration, read: Index) {
        let mut users = self.users.write().unwrap_or_else(PoisonError::into_inner);
        users.learned.retain(|login, learned| {
            learned.at + SEARCHES_LAG > since && !Users::agrees(&read, login, learned.name.as_deref())
        });
        users.read = read;
        users.settle();
    }

    /// Names that hold these users, each a login and a full name; for measuring.
    pub fn of_users(users: impl Iterator<Item = (String, String)>) -> Names {
        let mut builder = Builder::default();
        users.for_each(|(login, name)| builder.add(&login, &name));
        let names = Names::default();
        names.read_users(Duration::ZERO, builder.build());
        names
    }

    /// The names of a list, in the place of those that it had.
    pub(super) fn read_list(&self, thing: Thing, read: Index) {
        self.lists.write().unwrap_or_else(PoisonError::into_inner).insert(thing, Arc::new(read));
    }
}

/// What of a list may be meant, best first.
pub(super) fn suggested(index: &Index, typed: &Typed, limit: usize) -> Vec<Choice> {
    index.search(typed, limit, &[]).into_iter().map(|(_, entry)| suggestion(index, entry)).collect()
}

fn suggestion(index: &Index, entry: u32) -> Choice {
    let (value, name) = (index.value(entry), index.name(entry));
    let label = match name {
        "" => text::plain(value, usize::MAX),
        name => text::plain(&format!("{value} · {name}"), usize::MAX),
    };
    // `plain` puts its `…` behind the last character that may stand there.
    let label = if label.chars().count() > LABEL_MAX { text::plain(&label, LABEL_MAX - 1) } else { label };
    Choice { value: value.to_owned(), label }
}
