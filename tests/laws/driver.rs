//! People who press every button until a request ends, and a process that dies at a chosen line.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use connect_desk::practice::{Practice, Unwatched};
use desk_core::basics::ids::{PersonId, Platform, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::Place;
use desk_core::desk::saga::{self, SagaContext};
use desk_core::desk::{Desk, Incoming, Invocation};
use desk_core::log::{
    Append, AppendError, By, Draft, Event, Lease, Line, LogReader, Lookup, OpenRequest, Query, RequestLog,
};
use desk_core::plan::{Direction, Executor};
use desk_core::request::{Phase, Request};
use desk_sim::IdentityType;
use futures::StreamExt as _;
use jiff::Timestamp;

/// What every plan of the laws is asked by, and approved by.
pub const REQUESTER: &str = "helpdesk";
pub const APPROVER: &str = "supervisor";

/// Two more, where it takes two admins.
const ADMINS: [&str; 2] = ["admin", "deputy"];

/// Commands about what was done before, with what has to have been done: they mean nothing in a new world, and their
/// examples name a request that it does not have.
const LATER: [(&str, &str); 16] = table! {
    ("/connect edit john.doe acw:60 tag:team=red", "/connect undo 1"),
    ("/connect add Erika Muster email:erika@example.com like:john.doe", "/connect undo 1 reason:add"),
    ("/connect remove mei.chen", "/connect undo 1 reason:remove"),
    ("/connect remove mei.chen", "/connect restore mei.chen"),
    ("/salesforce grant john.doe", "/connect undo 1 reason:salesforce"),
    ("/connect status disable Training", "/connect status enable Training"),
    ("/connect status add Coaching", "/connect undo 1 reason:\"a new status\""),
    ("/connect status edit Meeting name:Huddle", "/connect undo 1 reason:\"an old status\""),
    ("/connect status set aaron.fields Training", "/connect undo 1 reason:\"what an agent does\""),
    ("/connect tasks omar.aziz", "/connect undo 1 reason:tasks"),
    ("/connect queue disable \"Help Desk\"", "/connect queue enable \"Help Desk\""),
    ("/connect group add \"Northern Region/Case Investigation North\" parents:true", "/connect undo 1 reason:groups"),
    ("/connect hours close \"Basic Hours\" from:\"2026-11-20 13:00\" until:2026-11-22", "/connect undo 1 reason:hours"),
    ("/connect hours close \"Basic Hours\" from:2026-11-18 until:2026-11-21", "/connect hours open \"Basic Hours\""),
    ("/connect group add \"Northern Region\"", "/connect group remove \"Northern Region\" reason:closed"),
    ("/connect edit john.doe acw:60", "/connect hours open \"Basic Hours\" from:\"2026-11-22 10:00\" until:14:00"),
};

/// What the help desk may not ask, and anyone who may has all of it approved by another.
const OF_ADMINS: [&str; 6] = [
    "/connect group add",
    "/connect group levels",
    "/connect group remove",
    "/connect group rename",
    "/connect hours close",
    "/connect hours open",
];

/// What the help desk may not ask, by the first words.
const OF_SUPERVISORS: [&str; 5] =
    ["/desk freeze", "/connect quick ", "/connect queue ", "/connect routing ", "/connect tasks "];

/// What anyone who is on call may ask, too.
const OF_THE_ONCALL: [&str; 3] = ["/connect status", "/connect until", DISMISS];

/// The command about a request that can't be read, which is no request of a new world either.
const QUARANTINE: &str = "/log quarantine";

/// The command about an agent who is stuck, which no one is in a new world.
const DISMISS: &str = "/connect dismiss";

/// What only a contact center does whose passwords are in a directory.
const IN_A_DIRECTORY: &str = "/connect reset john.doe method:directory";

/// The contact center that an example is for.
pub fn identity(example: &str) -> IdentityType {
    match example {
        IN_A_DIRECTORY => IdentityType::ExistingDirectory,
        _ => IdentityType::ConnectManaged,
    }
}

/// The examples of all commands, by whether they only look. [`prepare`] comes before each.
pub fn examples(look: bool) -> Vec<&'static str> {
    let later = |path: &str| LATER.iter().any(|(_, line)| line.starts_with(&format!("/{path} ")));
    desk_commands::all()
        .iter()
        .filter(|entry| !later(entry.path))
        .map(|entry| entry.command.spec)
        .filter(|spec| (spec.risk == desk_core::words::Risk::Read) == look)
        .flat_map(|spec| spec.examples.iter().copied())
        .chain(LATER.iter().filter(|_| !look).map(|(_, line)| *line))
        .chain([IN_A_DIRECTORY].into_iter().filter(|_| !look))
        .collect()
}

/// Those of the examples that something has to be done before.
pub fn later() -> impl Iterator<Item = &'static str> {
    LATER.iter().map(|(_, line)| *line)
}

/// Has done what an example speaks of.
pub async fn prepare(practice: &Practice, example: &str) {
    if example.starts_with(QUARANTINE) {
        return spoil(practice).await;
    }
    if example.starts_with(DISMISS) {
        return miss(practice).await;
    }
    let Some((before, _)) = LATER.iter().find(|(_, line)| *line == example) else { return };
    let reply = says(&practice.desk, practice, requester(before), before).await;
    let no = reply.request.unwrap_or_else(|| panic!("{before} is not accepted: {:?}", reply.card));
    let request = press_on(&practice.desk, practice, no).await.unwrap();
    assert!(request.could_be_undone(), "{before}: {request:?}");
}

/// An agent has missed a call.
async fn miss(practice: &Practice) {
    let missed =
        r#"{"signed_in":true,"status":"Available","on_contact":[{"channel":"VOICE","state":"MISSED"}]}"#;
    crate::crashes::control(&practice.sim, "PUT", "/_sim/users/carmen.ortiz/presence", missed).await;
}

/// Leaves a request whose lines make no sense.
async fn spoil(practice: &Practice) {
    let reply = says(&practice.desk, practice, REQUESTER, "/connect edit john.doe acw:60").await;
    let no = reply.request.unwrap();
    let saga = &practice.desk.saga;
    let after = practice.desk.request(no).await.unwrap().last;
    let undone = Draft {
        at: saga.clock.now(),
        by: None,
        about: Vec::new(),
        event: Event::Undone { step: 9, facts: Default::default() },
    };
    saga.log.append(Append::To { no, after }, vec![undone]).await.unwrap();
}

/// A desk over the same practice world with another journal or other hands.
pub fn desk_over(practice: &Practice, log: Arc<dyn RequestLog>, hands: Arc<dyn Executor>) -> Desk {
    let desk = &practice.desk;
    Desk {
        commands: desk_commands::all(),
        policy: desk.policy.clone(),
        center: desk.center.clone(),
        salesforce: desk.salesforce.clone(),
        people: desk.people.clone(),
        roster: desk.roster.clone(),
        vault: desk.vault.clone(),
        factors: desk.factors.clone(),
        turns: desk.turns.clone(),
        caller_codes: desk.caller_codes.clone(),
        inbox: desk.inbox.clone(),
        emails: desk.emails.clone(),
        site: desk.site.clone(),
        health: Arc::default(),
        saga: SagaContext { hands, log, clock: desk.saga.clock.clone(), watcher: Arc::new(Unwatched) },
        watch: Default::default(),
    }
}

/// Who asks an example: what the rules keep from the requester is asked by someone else.
pub fn requester(example: &str) -> &'static str {
    match example {
        _ if OF_SUPERVISORS.iter().any(|words| example.starts_with(words)) => "second",
        // Who may not ask for a change may not take it back.
        _ if example.ends_with(" reason:routing") || example.ends_with(" reason:tasks") => "second",
        _ if OF_THE_ONCALL.iter().any(|words| example.starts_with(words)) => "oncall",
        _ if ["reason:\"a new status\"", "reason:\"an old status\"", "reason:\"what an agent does\""]
            .iter()
            .any(|end| example.ends_with(end)) =>
        {
            "oncall"
        }
        _ if example.starts_with(QUARANTINE) => ADMINS[0],
        _ if OF_ADMINS.iter().any(|words| example.starts_with(words)) => ADMINS[1],
        // Anyone who may not ask for it may not undo it.
        _ if ["reason:groups", "reason:hours"].iter().any(|why| example.contains(why)) => ADMINS[1],
        _ => REQUESTER,
    }
}

pub async fn says(desk: &Desk, practice: &Practice, who: &str, line: &str) -> desk_core::desk::Reply {
    let by = practice.people.iter().find(|person| person.name == who).cloned().unwrap();
    let place = Place { platform: Platform::Console, channel: "1".to_owned(), private: false, parent: None };
    let reply = desk.handle(Incoming { by, place, said: Invocation::Typed(line.to_owned()) }).await;
    crate::support::says_what_is_understood(&reply.card, line);
    reply
}

/// What comes next on a request.
pub enum Next {
    /// Someone decides whether it is carried out.
    Decision { who: String, verb: &'static str },
    /// Someone presses another button.
    Press { who: String, verb: &'static str },
    /// It continues by itself.
    Again,
    /// It ended, is stuck or is on hold.
    Ended(Box<Request>),
}

/// Continues with a request as far as it goes.
pub async fn next(desk: &Desk, no: RequestNo) -> Result<Next, Problem> {
    desk.advance(no).await?;
    let request = saga::load(desk.saga.log.as_ref(), no).await?;
    if request.held.is_some() {
        return Ok(Next::Ended(Box::new(request)));
    }
    let decides = |who: &str, verb| Ok(Next::Decision { who: who.to_owned(), verb });
    let presses = |who: &str, verb| Ok(Next::Press { who: who.to_owned(), verb });
    match &request.phase {
        Phase::Finished { .. } | Phase::Stuck { .. } => Ok(Next::Ended(Box::new(request))),
        Phase::Waiting if request.confirmed.is_none() => decides(&request.by.name, "confirm"),
        Phase::Waiting if request.command == "desk recover" => {
            decides(ADMINS[request.approvals.len()], "approve")
        }
        Phase::Waiting if format!("/{}", request.command) == QUARANTINE => decides(ADMINS[1], "approve"),
        // Whom it affects may be protected, and then two approve.
        Phase::Waiting => decides([APPROVER, "second"][request.approvals.len().min(1)], "approve"),
        Phase::ByHand { .. } if request.command == desk_core::request::freeze::FREEZE => {
            presses(APPROVER, "unfreeze")
        }
        Phase::ByHand { .. } => presses(&request.by.name, "done"),
        Phase::Asked => Ok(Next::Again),
        Phase::Running => {
            // What lasts until a time: the time comes.
            if let Some(until) = request.rests_until() {
                pass(desk, until).await;
            }
            Ok(Next::Again)
        }
    }
}

pub async fn press(
    desk: &Desk,
    practice: &Practice,
    no: RequestNo,
    who: &str,
    verb: &str,
) -> Result<(), Problem> {
    let reply = says(desk, practice, who, &format!("/desk {verb} {}", no.0)).await;
    match reply.request {
        Some(_) => Ok(()),
        None => Err(Problem::log("crashed", format!("{:?}", reply.card))),
    }
}

/// Presses whatever the request's card offers until it ends, is stuck or is on hold. Stops immediately when the log fails, as a crash does.
pub async fn press_on(desk: &Desk, practice: &Practice, no: RequestNo) -> Result<Request, Problem> {
    for _ in 0..20 {
        match next(desk, no).await? {
            Next::Ended(request) => return Ok(*request),
            Next::Again => {}
            Next::Decision { who, verb } | Next::Press { who, verb } => {
                press(desk, practice, no, &who, verb).await?;
            }
        }
    }
    panic!("request {no} does not come to an end");
}

/// Time passes until then.
async fn pass(desk: &Desk, until: Timestamp) {
    let left = until.duration_since(desk.saga.clock.now());
    if let Ok(left) = std::time::Duration::try_from(left) {
        desk.saga.clock.sleep(left).await;
    }
}

/// When a process dies: at which append to the log, counted from 1; just before it, or just after, with the answer lost.
#[derive(Clone, Copy, Debug)]
pub struct Death {
    pub at: usize,
    pub kept: bool,
}

/// What one append was about.
#[derive(Clone, Debug)]
pub struct Appended {
    /// Steps that began with it.
    pub begins: Vec<u32>,
    /// A call may follow: a step began, or its undo did.
    pub before_a_call: bool,
}

impl Appended {
    fn of(drafts: &[Draft]) -> Appended {
        let started = drafts.iter().filter_map(|draft| match draft.event {
            Event::Started { step, direction } => Some((step, direction)),
            _ => None,
        });
        let forward = started.clone().filter(|(_, direction)| *direction == Direction::Forward);
        Appended { begins: forward.map(|(step, _)| step).collect(), before_a_call: started.count() > 0 }
    }
}

/// A journal whose process may die, and which notes what was appended.
pub struct CrashingLog {
    inner: Arc<dyn RequestLog>,
    dies: Option<Death>,
    /// After each append, what is known of requests without their lines has to be what their lines make of it.
    is_checked: bool,
    appended: Mutex<Vec<Appended>>,
}

impl CrashingLog {
    /// The process's log, after what it appended before.
    pub fn over(
        inner: Arc<dyn RequestLog>,
        dies: Option<Death>,
        appended: Vec<Appended>,
    ) -> Arc<CrashingLog> {
        Arc::new(CrashingLog { inner, dies, is_checked: false, appended: Mutex::new(appended) })
    }

    pub fn checked(inner: Arc<dyn RequestLog>) -> Arc<CrashingLog> {
        Arc::new(CrashingLog { inner, dies: None, is_checked: true, appended: Mutex::default() })
    }

    pub fn died(&self) -> bool {
        self.dies.is_some_and(|death| self.appended.lock().unwrap().len() >= death.at)
    }

    pub fn appended(&self) -> Vec<Appended> {
        self.appended.lock().unwrap().clone()
    }
}

#[async_trait]
impl LogReader for CrashingLog {
    async fn request(&self, no: RequestNo) -> Result<Vec<Line>, Problem> {
        self.inner.request(no).await
    }

    async fn open(&self) -> Result<Vec<RequestNo>, Problem> {
        self.inner.open().await
    }

    async fn find(&self, wanted: Lookup) -> Result<Vec<Arc<OpenRequest>>, Problem> {
        self.inner.find(wanted).await
    }

    async fn history(&self, query: &Query) -> Result<Vec<Line>, Problem> {
        self.inner.history(query).await
    }
}

#[async_trait]
impl RequestLog for CrashingLog {
    async fn append(&self, to: Append, drafts: Vec<Draft>) -> Result<Vec<Line>, AppendError> {
        let now = {
            let mut appended = self.appended.lock().unwrap();
            appended.push(Appended::of(&drafts));
            appended.len()
        };
        match self.dies {
            Some(Death { at, kept }) if now >= at => {
                if now == at && kept {
                    self.inner.append(to, drafts).await?;
                }
                Err(AppendError::Failed(Problem::log("crashed", "The process died.")))
            }
            _ => {
                let appended = self.inner.append(to, drafts).await;
                if self.is_checked {
                    knows_what_the_lines_say(self.inner.as_ref()).await;
                }
                appended
            }
        }
    }

    async fn lease(&self, no: RequestNo) -> Result<Box<dyn Lease>, Problem> {
        self.inner.lease(no).await
    }

    fn unsound(&self) -> Option<Problem> {
        self.inner.unsound()
    }
}

/// Holds what a log knows of requests against their lines.
pub async fn knows_what_the_lines_say(log: &dyn RequestLog) {
    let query = Query { limit: usize::MAX, ..Query::default() };
    let mut lines = log.history(&query).await.unwrap();
    lines.reverse();
    let someone = By { id: PersonId::new(Platform::Console, "1").unwrap(), name: String::new() }.as_person();
    let (until, reviewed, freezes) = (Timestamp::MAX, Timestamp::MAX, Vec::new());
    for wanted in [
        Lookup::Freezes,
        Lookup::Unreadable,
        Lookup::Emergencies { since: Timestamp::MIN },
        Lookup::Due { until, reviewed, ahead: Timestamp::MAX, freezes },
        Lookup::For { verb: None, by: someone, text: String::new(), before: None, most: usize::MAX },
    ] {
        let made = desk_core::request::find(&lines, &wanted);
        assert_eq!(log.find(wanted.clone()).await.unwrap(), made, "{wanted:?}");
    }
}

/// Runs cases side by side, as many as there are processors, and returns what came of each, in any order.
pub async fn side_by_side<T, F>(cases: Vec<T>, run: impl Fn(T) -> F) -> Vec<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let running = cases.into_iter().map(|case| tokio::spawn(run(case)));
    futures::stream::iter(running).buffer_unordered(2).map(|ended| ended.unwrap()).collect().await
}
