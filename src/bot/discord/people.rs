//! Who a person is on the server: what Discord says of them now, and what the configuration adds.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use desk_core::basics::current::Current;
use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::problem::{Owner, Problem, System};
use desk_core::basics::roles::{Person, Role};
use desk_core::ports::{Clock, People};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use serde_json::Value;

use super::incoming::name_of;
use super::rest::{Refused, Rest};
use super::settings::Settings;
use crate::clock::Ticks;

/// How old an answer about a member may be at most for what is weighed again before each step of what runs, when there were more
/// such questions than Discord should be asked: so many in a burst, and then so many a second. Clicks need them too.
pub const LATELY: Duration = Duration::from_secs(5);
pub const AT_ONCE: NonZeroU32 = NonZeroU32::new(20).expect("twenty is not zero");
const A_SECOND: NonZeroU32 = NonZeroU32::new(2).expect("two is not zero");

/// The code of the problem that Discord doesn't say who someone is.
const MEMBER: &str = "discord_member";

/// Who was asked about lately.
pub struct Lately {
    clock: Arc<dyn Clock>,
    /// When, by the monotonic clock, and what came of it.
    known: Mutex<HashMap<u64, (Duration, Option<Person>)>>,
    questions: RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Nanos>>,
}

impl Lately {
    pub fn new(clock: Arc<dyn Clock>) -> Lately {
        let quota = Quota::per_second(A_SECOND).allow_burst(AT_ONCE);
        let questions = RateLimiter::direct_with_clock(quota, Ticks(clock.clone()));
        Lately { clock, known: Mutex::default(), questions }
    }

    /// What is known of a member, where another question would be one too many; nothing when it is to be asked.
    pub fn known(&self, user: u64) -> Option<Option<Person>> {
        if self.questions.check().is_ok() {
            return None;
        }
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, person) = known.get(&user)?;
        (self.clock.monotonic().saturating_sub(*at) < LATELY).then(|| person.clone())
    }

    pub fn learn(&self, user: u64, person: Option<Person>) {
        let now = self.clock.monotonic();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, (at, _)| now.saturating_sub(*at) < LATELY);
        known.insert(user, (now, person));
    }
}

/// The members of the server, and the people of the configuration.
pub(super) struct Members {
    pub rest: Rest,
    pub settings: Settings,
    pub roster: Current<Vec<Person>>,
    pub lately: Lately,
}

impl Members {
    /// A member as an interaction or the API shows them.
    pub(super) fn known(&self, user: u64, name: &str, roles: &[u64]) -> Result<Person, Problem> {
        let id = PersonId::new(Platform::Discord, user.to_string())
            .map_err(|message| Problem::operator("discord_id", format!("{message}.")))?;
        let mut held: BTreeSet<Role> = roles
            .iter()
            .filter_map(|role| self.settings.roles.iter().find(|(id, _)| id.get() == *role))
            .map(|(_, role)| *role)
            .collect();
        let listed = self.roster.get().iter().find_map(|person| person.at(&id));
        let listed = listed.as_ref();
        held.extend(listed.iter().flat_map(|person| person.roles.iter().copied()));
        let name = listed.map_or_else(|| name.to_owned(), |person| person.name.clone());
        let also = listed.map(|person| person.also.clone()).unwrap_or_default();
        Ok(Person { id, name, roles: held, login: listed.and_then(|person| person.login.clone()), also })
    }

    /// The member as the server knows them now, whatever an older interaction said.
    pub(super) async fn ask(&self, user: u64) -> Result<Option<Person>, Problem> {
        let member = self.rest.member(self.settings.guild.get(), user).await.map_err(|refusal| {
            let message = format!("The desk can't ask Discord about a person's roles. {refusal}.");
            match refusal.kind {
                Refused::Later => Problem::new(Owner::System(System::named("Discord")), MEMBER, message)
                    .hint("Try again in a minute. If it continues, check discordstatus.com."),
                _ => Problem::operator(MEMBER, message).hint("Check that the bot is still on the server."),
            }
        })?;
        let Some(member) = member else { return Ok(None) };
        let roles: Vec<u64> = member["roles"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|role| role.as_str().and_then(|role| role.parse().ok()))
            .collect();
        let unique = member["user"]["username"].as_str().map_or_else(|| user.to_string(), str::to_owned);
        let name = name_of([member["nick"].as_str(), member["user"]["global_name"].as_str()], &unique);
        self.known(user, &name, &roles).map(Some)
    }
}

#[async_trait]
impl People for Members {
    async fn person(&self, id: &PersonId) -> Result<Option<Person>, Problem> {
        match id.id().parse() {
            Ok(user) => self.ask(user).await,
            Err(_) => Ok(None),
        }
    }

    async fn person_lately(&self, id: &PersonId) -> Result<Option<Person>, Problem> {
        let Ok(user) = id.id().parse() else { return Ok(None) };
        if let Some(known) = self.lately.known(user) {
            return Ok(known);
        }
        let person = self.ask(user).await?;
        self.lately.learn(user, person.clone());
        Ok(person)
    }
}

/// Roles by their ids that approvers have on the server, for calling them.
pub(super) fn callable(settings: &Settings, wanted: &BTreeSet<Role>) -> Vec<u64> {
    settings.roles.iter().filter(|(_, role)| wanted.contains(role)).map(|(id, _)| id.get()).collect()
}

/// What lets it write in a channel that is no thread.
pub(super) const SEND: (&str, u64) = ("Send Messages", 1 << 11);

/// The permissions that the bot needs in its channels, by Discord's names and bits.
pub(super) const NEEDED: [(&str, u64); 4] =
    [("View Channel", 1 << 10), SEND, ("Embed Links", 1 << 14), ("Attach Files", 1 << 15)];

/// What it needs besides where people ask in threads, or in the posts of a forum.
pub(super) const IN_THREADS: (&str, u64) = ("Send Messages in Threads", 1 << 38);

/// What it may do without: it lets the bot notify a role that not everyone may mention.
pub(super) const MENTION_EVERYONE: (&str, u64) = ("Mention Everyone", 1 << 17);

/// All that it needs.
pub fn needed_bits() -> u64 {
    NEEDED.iter().map(|(_, bit)| bit).sum::<u64>() | IN_THREADS.1
}

/// What a member may do in a channel, as Discord computes it: the server's roles, then the channel's overwrites for
/// everybody, for the roles together, and for the member.
pub fn permissions_in(
    guild: u64,
    user: &str,
    member_roles: &[String],
    roles: &Value,
    channel: &Value,
) -> u64 {
    const ADMINISTRATOR: u64 = 1 << 3;
    let bits = |value: &Value| value.as_str().and_then(|bits| bits.parse::<u64>().ok()).unwrap_or_default();
    let everyone = guild.to_string();
    let mine = |id: &str| id == everyone || member_roles.iter().any(|role| role == id);
    let mut allowed = roles
        .as_array()
        .into_iter()
        .flatten()
        .filter(|role| role["id"].as_str().is_some_and(mine))
        .fold(0, |all, role| all | bits(&role["permissions"]));
    if allowed & ADMINISTRATOR != 0 {
        return u64::MAX;
    }
    let overwrites: Vec<&Value> = channel["permission_overwrites"].as_array().into_iter().flatten().collect();
    let mut apply = |test: &dyn Fn(&str) -> bool| {
        let fitting = overwrites.iter().filter(|over| over["id"].as_str().is_some_and(test));
        let (allow, deny) = fitting
            .fold((0, 0), |(allow, deny), over| (allow | bits(&over["allow"]), deny | bits(&over["deny"])));
        allowed = (allowed & !deny) | allow;
    };
    apply(&|id| id == everyone);
    apply(&|id| id != everyone && member_roles.iter().any(|role| role == id));
    apply(&|id| id == user);
    allowed
}
