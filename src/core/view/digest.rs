//! The digest: what is open and for whom it waits, what no one looked at yet, and which approvals came too fast to be thought over.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::standing::on_hold;
use crate::basics::hours;
use crate::basics::ids::{PersonId, RequestNo};
use crate::basics::problem::Problem;
use crate::basics::span::{clock, person};
use crate::basics::text::{code, count, list, moment, span};
use crate::card::{Block, Card, Item, Tone};
use crate::log::{By, Event, Freeze, Line, LogReader, Lookup, Outcome, Query};
use crate::ports::Files;
use crate::request::approval::{Outstanding, RUBBER_STAMP, missing_by_lines, missing_words, response_times};
use crate::request::emergency;
use crate::request::export;
use crate::request::{Phase, Request, Seen};
use crate::view;

/// How long an emergency may wait for its review, and how far back a digest goes that follows no other.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The longest list of open requests, and of everything else, that is read on a phone.
const OPEN_SHOWN: usize = 10;
const OTHERS_SHOWN: usize = 5;

/// When the digest is posted every day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Daily {
    /// In minutes of the day.
    at: u16,
    zone: TimeZone,
}

impl Daily {
    /// At a time of the day such as `08:00` by the clocks of a time zone such as `Europe/Berlin`.
    pub fn new(at: &str, zone: &str) -> Result<Daily, String> {
        let minute = hours::minute(at).filter(|minute| *minute < 24 * 60);
        let Some(at) = minute else {
            return Err(format!("{} is no time of the day. Write one such as \"08:00\".", code(at)));
        };
        let zone = hours::zone_of(zone).map_err(|message| {
            format!("The digest has no hour: {message}. Write one such as \"Europe/Berlin\".")
        })?;
        Ok(Daily { at, zone })
    }

    /// The day whose digest may be posted at this moment: from its hour on until the day ends.
    pub fn day(&self, now: Timestamp) -> Option<Date> {
        let local = now.to_zoned(self.zone.clone());
        (hours::minutes(local.time()) >= self.at).then(|| local.date())
    }
}

/// What the desk has on its hands at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Digest {
    pub at: Timestamp,
    /// From when on it says what happened: since the digest before, or for 24 hours.
    pub since: Timestamp,
    /// The oldest of the requests that wait or run, and how many there are.
    pub open: Vec<Request>,
    pub open_in_all: usize,
    /// Requests that the log makes no sense of.
    pub unreadable: Vec<RequestNo>,
    pub freezes: Vec<Freeze>,
    /// Emergencies that no one has reviewed yet, oldest first.
    pub unreviewed: Vec<Request>,
    /// Requests whose temporary password no one has fetched, and when it is destroyed.
    pub unfetched: Vec<(Request, Timestamp)>,
    /// The approvals since then, oldest first.
    pub approvals: Vec<Given>,
    /// The scheduled exports since then, oldest first: what was asked or refused, and how its request is.
    pub scheduled: Vec<Scheduled>,
    /// When the clock was set since then, and by how many seconds.
    pub jumps: Vec<(Timestamp, i64)>,
}

/// A scheduled export whose time came.
#[derive(Clone, Debug, PartialEq)]
pub struct Scheduled {
    pub schedule: String,
    pub at: Timestamp,
    /// Its request, or why there is none.
    pub request: Result<Box<Request>, Problem>,
}

/// One approval, and how long after approvers were asked it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    pub no: RequestNo,
    pub by: By,
    pub after: SignedDuration,
}

/// Reads the digest out of the log and the vault. `last`: when the one before was posted, if it follows one.
pub async fn gather(
    log: &dyn LogReader,
    files: &dyn Files,
    last: Option<Timestamp>,
    now: Timestamp,
) -> Result<Digest, Problem> {
    let since = last.or_else(|| now.checked_sub(DAY).ok()).unwrap_or(Timestamp::MIN);
    let mut digest = Digest {
        at: now,
        since,
        open: Vec::new(),
        open_in_all: 0,
        unreadable: Vec::new(),
        freezes: Vec::new(),
        unreviewed: Vec::new(),
        unfetched: Vec::new(),
        approvals: Vec::new(),
        scheduled: Vec::new(),
        jumps: Vec::new(),
    };
    let freezes = log.find(Lookup::Freezes).await?;
    let unreadable = log.find(Lookup::Unreadable).await?;
    let mut unreviewed = log.find(Lookup::Emergencies { since: Timestamp::MAX }).await?;
    unreviewed.retain(|known| known.review.is_some());
    let over = unreviewed.iter().filter(|known| known.is_finished);
    let apart: BTreeSet<RequestNo> =
        freezes.iter().chain(&unreadable).chain(over).map(|known| known.no).collect();
    let open: Vec<RequestNo> = log.open().await?.into_iter().filter(|no| !apart.contains(no)).collect();
    let read = async |no: RequestNo| Ok::<_, Problem>(Request::fold(no, &log.request(no).await?).ok());
    digest.open_in_all = open.len();
    for no in open.into_iter().take(OPEN_SHOWN) {
        digest.open.extend(read(no).await?.filter(|request| !request.is_finished()));
    }
    for known in unreviewed {
        digest.unreviewed.extend(read(known.no).await?);
    }
    digest.freezes = freezes.into_iter().filter_map(|known| known.freeze.clone()).collect();
    digest.unreadable = unreadable.into_iter().map(|known| known.no).collect();
    for (no, destroyed) in files.passwords().await? {
        let known = Request::fold(no, &log.request(no).await?);
        if let Ok(request) = known
            && request.makes_password_known()
            && !matches!(request.seen(now), Seen::Gone { .. })
            && now < destroyed
        {
            digest.unfetched.push((request, destroyed));
        }
    }
    let query = Query { since: Some(since), limit: usize::MAX, ..Query::default() };
    let lines = log.history(&query).await?;
    let jumps = lines.iter().rev().filter_map(|line| match line.event {
        Event::ClockJumped { seconds } => Some((line.at, seconds)),
        _ => None,
    });
    digest.jumps = jumps.collect();
    for line in lines.iter().rev() {
        let Some(schedule) = export::schedule_of(line) else { continue };
        let request = if let (Event::Requested { .. }, Some(no)) = (&line.event, line.request) {
            let Some(request) = read(no).await? else { continue };
            Ok(Box::new(request))
        } else if let (Event::Refused { problem, .. }, None) = (&line.event, line.request) {
            Err(problem.clone())
        } else {
            continue;
        };
        digest.scheduled.push(Scheduled { schedule: schedule.to_owned(), at: line.at, request });
    }
    digest.approvals = approvals(log, lines, since).await?;
    Ok(digest)
}

async fn approvals(log: &dyn LogReader, lines: Vec<Line>, since: Timestamp) -> Result<Vec<Given>, Problem> {
    let approved = lines.iter().filter(|line| matches!(line.event, Event::Approved { .. }));
    let numbers: BTreeSet<RequestNo> = approved.filter_map(|line| line.request).collect();
    drop(lines);
    let mut approvals = Vec::new();
    for no in numbers {
        // The plan may be older than the day, so all lines of the request are read.
        let lines = log.request(no).await?;
        let response_times = response_times(&lines);
        for line in lines.iter().filter(|line| line.at >= since) {
            if let (Some(after), Some(by)) = (response_times.get(&line.line), &line.by) {
                approvals.push(Given { no, by: by.clone(), after: *after });
            }
        }
    }
    Ok(approvals)
}

impl Digest {
    /// The digest as people read it; what is empty is left out.
    pub fn card(&self) -> Card {
        let now = self.at;
        let period = match now.duration_since(self.since) == DAY {
            true => "last 24 hours".to_owned(),
            false => format!("since {}", clock(self.since, now)),
        };
        let mut card = Card::new(Tone::Plain, format!("Digest of {}", moment(now)));
        let mut section = |heading: String, items: Vec<Item>, most: usize, in_all: Option<usize>| {
            if !items.is_empty() {
                let in_all = in_all.unwrap_or(items.len());
                card.blocks.push(Block::Items { heading, items: shortened(items, most, in_all) });
            }
        };
        let mut open: Vec<Item> = self.open.iter().map(|request| open_line(request, now)).collect();
        open.extend(
            self.unreadable
                .iter()
                .map(|no| item(*no, format!("can't be read, see `/desk history {}`", no.0))),
        );
        let in_all = self.open_in_all + self.unreadable.len();
        let title =
            if in_all == 1 { "1 request is open".to_owned() } else { format!("{in_all} requests are open") };
        section(title, open, OPEN_SHOWN, Some(in_all));
        let freezes = self.freezes.iter().map(|freeze| {
            item(
                freeze.no,
                format!("{}, {} ago by {}", freeze.scope, age(freeze.since, now), name(&freeze.by)),
            )
        });
        section("Freezes in effect".to_owned(), freezes.collect(), OTHERS_SHOWN, None);
        let unreviewed = self.unreviewed.iter().map(|request| {
            let since = emergency::waits_since(request).unwrap_or(request.asked);
            let waited = age(since, now);
            item(request.no, format!("{} by {}, {waited} ago", view::subject(request), name(&request.by)))
        });
        section("Emergencies to review".to_owned(), unreviewed.collect(), OTHERS_SHOWN, None);
        let unfetched = self.unfetched.iter().map(|(request, destroyed)| {
            let left = destroyed.as_second() - now.as_second();
            let left = span(left.max(0));
            item(
                request.no,
                format!("{} for {}, destroyed in {left}", view::subject(request), name(&request.by)),
            )
        });
        section("Temporary passwords not shown yet".to_owned(), unfetched.collect(), OTHERS_SHOWN, None);
        let hasty: Vec<Item> = self
            .hasty()
            .map(|approval| item(approval.no, format!("by {}, {}", name(&approval.by), pace(approval.after))))
            .collect();
        section(
            format!("Approvals in under {} s, {period}", RUBBER_STAMP.as_secs()),
            hasty,
            OTHERS_SHOWN,
            None,
        );
        let scheduled = self.scheduled.iter().map(|run| match &run.request {
            Ok(request) => {
                let state = match &request.phase {
                    Phase::Finished { outcome: Outcome::Completed, .. } => "completed".to_owned(),
                    Phase::Finished { .. } => {
                        format!("did not complete: {}", view::standing(request, now, &[]))
                    }
                    _ => waits(request, now),
                };
                item(request.no, format!("{} at {}: {state}", code(&run.schedule), clock(run.at, now)))
            }
            Err(problem) => Item {
                title: format!(
                    "{} at {}: did not run. {}",
                    code(&run.schedule),
                    clock(run.at, now),
                    problem.message
                ),
                ..Item::default()
            },
        });
        section(format!("Scheduled exports, {period}"), scheduled.collect(), OTHERS_SHOWN, None);
        let jumps = self.jumps.iter().map(|(at, seconds)| {
            let way = if *seconds < 0 { "back" } else { "ahead" };
            let title = format!("{} {way}, noticed at {}", span(seconds.saturating_abs()), clock(*at, now));
            Item { title, ..Item::default() }
        });
        section("This machine's clock was set".to_owned(), jumps.collect(), OTHERS_SHOWN, None);
        if self.hasty().next().is_some() {
            card = card.text(self.fatigue());
        }
        if card.blocks.is_empty() {
            return card.text(
                "Nothing is open, frozen, to be reviewed or to be shown, and no approval was very quick.",
            );
        }
        card
    }

    /// Emergencies that became a day old since the digest before, so that each is called about once.
    pub fn a_day_old(&self) -> impl Iterator<Item = &Request> {
        self.unreviewed.iter().filter(|request| {
            let waits = emergency::waits_since(request).unwrap_or(request.asked);
            self.at.duration_since(waits) >= DAY && self.since.duration_since(waits) < DAY
        })
    }

    fn hasty(&self) -> impl Iterator<Item = &Given> {
        self.approvals.iter().filter(|approval| approval.after < RUBBER_STAMP)
    }

    /// Who approved hastily how often, and how long an approval takes.
    fn fatigue(&self) -> String {
        let mut of: BTreeMap<&PersonId, (String, usize, usize)> = BTreeMap::new();
        for approval in &self.approvals {
            let (_, hasty, all) = of.entry(&approval.by.id).or_insert_with(|| (name(&approval.by), 0, 0));
            *hasty += usize::from(approval.after < RUBBER_STAMP);
            *all += 1;
        }
        let mut people: Vec<(String, usize, usize)> = of.into_values().filter(|(_, n, _)| *n > 0).collect();
        people.sort_by_key(|(_, hasty, _)| std::cmp::Reverse(*hasty));
        let more = people.len().saturating_sub(OTHERS_SHOWN);
        let mut words: Vec<String> = people
            .iter()
            .take(OTHERS_SHOWN)
            .map(|(name, hasty, all)| format!("{name} {hasty} of {all}"))
            .collect();
        if more > 0 {
            words.push(format!("{more} more people"));
        }
        let mut after: Vec<SignedDuration> = self.approvals.iter().map(|approval| approval.after).collect();
        after.sort_unstable();
        let median = after.get(after.len() / 2).copied().unwrap_or_default();
        format!(
            "Very quick: {}. The median of {} is {}.",
            list(&words, "and"),
            count(after.len(), "approval"),
            span(median.as_secs().max(0))
        )
    }
}

/// How long after approvers were asked an approval came: "2 s after being asked".
pub fn pace(after: SignedDuration) -> String {
    format!("{} after being asked", span(after.as_secs().max(0)))
}

fn age(since: Timestamp, now: Timestamp) -> String {
    span((now.as_second() - since.as_second()).max(0))
}

/// The first of them, and how many more there are.
fn shortened(mut all: Vec<Item>, most: usize, in_all: usize) -> Vec<Item> {
    all.truncate(most);
    let more = in_all.saturating_sub(all.len());
    if more > 0 {
        all.push(Item { title: format!("and {more} more"), ..Item::default() });
    }
    all
}

/// A line about a request, which leads to its card.
fn item(no: RequestNo, title: String) -> Item {
    Item { request: Some(no), title, ..Item::default() }
}

fn open_line(request: &Request, now: Timestamp) -> Item {
    let title =
        format!("{}, {} ago: {}", view::subject(request), age(request.asked, now), waits(request, now));
    item(request.no, title)
}

/// Someone, as each platform shows people.
fn name(by: &By) -> String {
    person(&by.id, &by.name)
}

/// What a request needs, or how it is.
fn waits(request: &Request, now: Timestamp) -> String {
    match (&request.phase, &request.planned) {
        (Phase::Waiting | Phase::Running, _) if request.held.is_some() => match &request.held {
            Some(hold) => format!("on hold: {}", on_hold(request, hold)),
            None => "on hold".to_owned(),
        },
        (Phase::Waiting, Some(planned)) => {
            let (waits, needs): (Vec<_>, Vec<_>) =
                missing_by_lines(request, planned, now).into_iter().partition(Outstanding::is_a_wait);
            let words = |these: &[Outstanding]| {
                missing_words(these, &format!("confirmation by {}", name(&request.by)), now)
            };
            match (needs.as_slice(), waits.as_slice()) {
                ([], []) => "starting".to_owned(),
                ([], waits) => format!("scheduled for {}", words(waits)),
                (needs, []) => format!("needs {}", words(needs)),
                (needs, waits) => format!("needs {}; scheduled for {}", words(needs), words(waits)),
            }
        }
        _ => view::state(request, now).to_owned(),
    }
}
