//! The cards of requests as channel messages: posted once, edited by every later step, found again after a restart.
//!
//! Where a card stands is a line of the log (`shown`), so nothing else has to be remembered.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use desk_core::approval;
use desk_core::card::Card;
use desk_core::emergency;
use desk_core::flow::Desk;
use desk_core::ids::{Platform, RequestNo};
use desk_core::log::Outcome;
use desk_core::ports::{Query, Watcher};
use desk_core::problem::Problem;
use desk_core::request::{Phase, Request};
use desk_core::roles::Role;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::button::Marks;
use super::draw::{self, Dress, Sheet};
use super::people::callable;
use super::rest::{Refusal, Refused, Rest};
use crate::config::Discord;

/// Is told of every new line and hands it on; the worker draws when it can.
pub(super) struct Bell(pub mpsc::UnboundedSender<RequestNo>);

impl Watcher for Bell {
    fn changed(&self, no: RequestNo) {
        // Nobody draws any more once the desk has closed, and then nobody is told.
        let _ = self.0.send(no);
    }
}

/// How many of the newest lines are looked through at a start for cards that may be old.
const LINES_AT_START: usize = 500;

/// How long after its end a card is drawn again at a start, in seconds.
const FRESH: i64 = 86_400;

/// What each channel shows of one request.
type Drawn = BTreeMap<u64, String>;

/// Whom to call about a request.
struct Call {
    /// What tells this call from the others of the request.
    what: String,
    roles: BTreeSet<Role>,
}

pub(super) struct Cards {
    pub desk: Arc<Desk>,
    pub rest: Rest,
    pub settings: Discord,
    pub marks: Arc<Marks>,
    /// A few characters that tell this log from another one, for nonces.
    pub tag: String,
    /// One drawer a request at a time, and what each channel shows of it.
    drawn: Mutex<HashMap<RequestNo, Arc<tokio::sync::Mutex<Drawn>>>>,
    /// Requests whose cards Discord was too busy for.
    behind: Mutex<BTreeSet<RequestNo>>,
}

impl Cards {
    pub(super) fn new(
        desk: Arc<Desk>,
        rest: Rest,
        settings: Discord,
        marks: Arc<Marks>,
        tag: String,
    ) -> Cards {
        Cards { desk, rest, settings, marks, tag, drawn: Mutex::default(), behind: Mutex::default() }
    }

    /// Draws whatever the bell rings for. Once told to end it draws what has rung until then, and returns.
    pub(super) async fn draw_all(
        self: Arc<Self>,
        mut bell: mpsc::UnboundedReceiver<RequestNo>,
        end: CancellationToken,
    ) {
        let mut at_work: HashMap<tokio::task::Id, RequestNo> = HashMap::new();
        let mut again: HashSet<RequestNo> = HashSet::new();
        let mut drawers = JoinSet::new();
        let mut rings = true;
        while rings || !drawers.is_empty() {
            let next = tokio::select! {
                rung = bell.recv(), if rings => {
                    rings = rung.is_some();
                    rung
                },
                // What has rung already is still received after this.
                () = end.cancelled(), if !bell.is_closed() => {
                    bell.close();
                    None
                }
                Some(ended) = drawers.join_next_with_id() => {
                    let task = ended.map_or_else(|fault| fault.id(), |(task, ())| task);
                    at_work.remove(&task).and_then(|no| again.take(&no))
                }
            };
            let Some(no) = next else { continue };
            if at_work.values().any(|other| *other == no) {
                // What changes while it is drawn is drawn once more, however often it changed.
                again.insert(no);
                continue;
            }
            let cards = self.clone();
            let task = drawers.spawn(async move { cards.draw(no).await });
            at_work.insert(task.id(), no);
        }
    }

    /// Requests whose cards Discord was too busy for, to be drawn once more.
    pub(super) fn take_behind(&self) -> BTreeSet<RequestNo> {
        std::mem::take(&mut *self.behind.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Brings the card right wherever it stands or should stand. What cannot be done is said to the operator.
    pub(super) async fn draw(&self, no: RequestNo) {
        if let Err(problem) = self.try_draw(no, None).await {
            tracing::error!(code = problem.code, request = no.0, "a card could not be drawn: {problem}");
        }
    }

    /// The same, with a sentence about the desk itself under the card.
    pub(super) async fn draw_with(&self, no: RequestNo, note: &str) {
        if let Err(problem) = self.try_draw(no, Some(note)).await {
            tracing::error!(code = problem.code, request = no.0, "a card could not be drawn: {problem}");
        }
    }

    /// After a start: every open request, and those whose end may not have been drawn before the last stop.
    pub(super) async fn draw_at_start(&self, stop: &CancellationToken) -> Result<(), Problem> {
        let mut wanted: Vec<RequestNo> = self.desk.bench.journal.open().await?;
        let lines =
            self.desk.bench.journal.history(&Query { limit: LINES_AT_START, ..Query::default() }).await?;
        let since = self.desk.bench.clock.now().as_second() - FRESH;
        for line in lines.iter().filter(|line| line.at.as_second() >= since) {
            if let Some(no) = line.request
                && !wanted.contains(&no)
            {
                wanted.push(no);
            }
        }
        for no in wanted {
            if stop.is_cancelled() {
                return Ok(());
            }
            self.draw(no).await;
        }
        Ok(())
    }

    /// The message of the card in the channel where it was asked, or in the approvals channel.
    pub(super) async fn link(&self, no: RequestNo) -> Option<String> {
        let request = self.desk.request(no).await.ok()?;
        // Who asks in private may not see the channels.
        if request.place.private {
            return None;
        }
        let (channel, message) = match request.shown.get(&request.place.channel) {
            Some(message) => (request.place.channel.as_str(), message),
            None => request.shown.iter().next().map(|(channel, message)| (channel.as_str(), message))?,
        };
        Some(format!("https://discord.com/channels/{}/{channel}/{message}", self.settings.guild))
    }

    async fn try_draw(&self, no: RequestNo, note: Option<&str>) -> Result<(), Problem> {
        let slot = {
            let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
            drawn.entry(no).or_default().clone()
        };
        let done = self.draw_slot(no, note, &mut *slot.lock().await).await;
        drop(slot);
        // Of a finished request nothing is kept, unless somebody else is drawing it, who then comes by here.
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(done, Ok(true)) && drawn.get(&no).is_some_and(|slot| Arc::strong_count(slot) == 1) {
            drawn.remove(&no);
        }
        done.map(|_| ())
    }

    /// Gives whether the request has ended.
    async fn draw_slot(&self, no: RequestNo, note: Option<&str>, seen: &mut Drawn) -> Result<bool, Problem> {
        let request = self.desk.request(no).await?;
        let mut card = self.desk.card_of(&request);
        if let Some(note) = note {
            card = card.warning(note);
        }
        for channel in self.channels(&request) {
            let sheet = self.sheet(&request, &card, channel);
            let drawing = sheet.drawing();
            if seen.get(&channel) == Some(&drawing) {
                continue;
            }
            let stands = request.shown.get(&channel.to_string()).and_then(|id| id.parse::<u64>().ok());
            let shows = match stands {
                Some(message) => match self.edit(&request, channel, message, &sheet).await {
                    Some(shows) => shows,
                    None => self.post(&request, channel, &sheet, true).await?,
                },
                None => self.post(&request, channel, &sheet, false).await?,
            };
            if shows {
                seen.insert(channel, drawing);
            } else {
                seen.remove(&channel);
            }
        }
        self.call(&request).await?;
        Ok(request.is_finished() && !request.needs_review())
    }

    /// Says something of the desk itself, where approvers read it.
    pub(super) async fn tell(&self, said: &str) {
        let channels = self.settings.approvals_channel.iter().chain(&self.settings.channels);
        let Some(channel) = channels.map(|id| id.get()).next() else { return };
        let at = self.desk.bench.clock.now();
        let nonce = self.nonce(&format!("news {channel} {at} {said}"));
        if let Err(refusal) = self.rest.post(channel, &draw::call(&[], said), &nonce).await {
            tracing::error!(channel, "what the desk has to say could not be posted: {refusal}");
        }
    }

    /// Calls those who have to look, by a message of its own: an edited card calls nobody. That they were called is a line of the
    /// log, written after the message; a crash between the two tries it again with the same nonce, by which Discord knows the
    /// message for some minutes. Later than that they are rather called twice than never.
    async fn call(&self, request: &Request) -> Result<(), Problem> {
        let Some(call) = self.call_of(request) else { return Ok(()) };
        if request.called.as_ref() == Some(&call.what) {
            return Ok(());
        }
        let roles = callable(&self.settings, &call.roles);
        let theirs = self.settings.approvals_channel.map(|id| id.get());
        let Some(channel) = theirs.or_else(|| request.place.channel.parse().ok()) else { return Ok(()) };
        let link = self.link(request.no).await.unwrap_or_default();
        let title = self.desk.card_of(request).title;
        let title = match request.needs_review() && !request.is_finished() {
            true => format!("{title}. It is an emergency that has to be reviewed."),
            false => title,
        };
        let sheet = draw::call(&roles, &format!("{title} {link}"));
        match self.rest.post(channel, &sheet, &self.nonce_of(request, channel, &call.what)).await {
            Ok(_) => self.desk.called(request.no, &call.what).await?,
            Err(refusal) => {
                self.is_behind(request.no, &refusal);
                tracing::error!(request = request.no.0, channel, "approvers could not be called: {refusal}");
            }
        }
        Ok(())
    }

    fn call_of(&self, request: &Request) -> Option<Call> {
        let planned = request.planned.as_ref()?;
        let now = self.desk.bench.clock.now();
        match (emergency::waits_since(request), request.reminded) {
            (None, Some((times, at))) if request.phase == Phase::Waiting => {
                let groups = approval::unmet(request, now);
                let roles = groups.into_iter().flat_map(|group| group.approvers).collect();
                Some(Call { what: format!("reminder {times} of {at}"), roles })
            }
            // What is held until somebody else approves it asks them as it did at first.
            (None, _) if request.phase == Phase::Running && self.waits_for_approval(request) => {
                let at = request.held.as_ref().map(|hold| hold.at.to_string()).unwrap_or_default();
                let groups = approval::unmet(request, now);
                let roles = groups.into_iter().flat_map(|group| group.approvers).collect();
                Some(Call { what: format!("held at {at}"), roles })
            }
            (Some(began), reminded) => {
                let reminder = reminded.filter(|(_, at)| *at > began);
                let what = reminder.map(|(times, at)| format!("review reminder {times} of {at}"));
                // Whom it went past are called first, also by a desk that was down when they should have been.
                let called = request.called.as_ref().is_some_and(|what| what.contains("review"));
                let roles = if reminder.is_some() && called {
                    emergency::reviewers(&self.desk.site.emergencies, request, now)
                } else {
                    planned.needs.skipped.iter().copied().chain([Role::Supervisor, Role::Admin]).collect()
                };
                Some(Call { what: what.unwrap_or_else(|| "its review".to_owned()), roles })
            }
            _ => None,
        }
    }

    /// Whether the message shows the card now; nothing when it is gone and another may take its place.
    async fn edit(&self, request: &Request, channel: u64, message: u64, sheet: &Sheet) -> Option<bool> {
        match self.rest.edit(channel, message, sheet).await {
            Ok(()) => Some(true),
            Err(refusal) if refusal.kind == Refused::Gone && refusal.code != UNKNOWN_CHANNEL => None,
            Err(refusal) => {
                self.is_behind(request.no, &refusal);
                tracing::error!(
                    request = request.no.0,
                    channel,
                    "a card could not be edited, and its request goes on without it: {refusal}"
                );
                Some(false)
            }
        }
    }

    /// Posts the card where it should stand; `true` when it does.
    async fn post(
        &self,
        request: &Request,
        channel: u64,
        sheet: &Sheet,
        anew: bool,
    ) -> Result<bool, Problem> {
        // A card that somebody deleted comes back as long as somebody has something to do with it.
        if !self.belongs(request, channel) || (anew && request.is_finished()) {
            return Ok(false);
        }
        match self.rest.post(channel, sheet, &self.nonce_of_card(request, channel)).await {
            Ok(posted) => {
                self.desk.shown(request.no, &channel.to_string(), &posted.id.to_string()).await?;
                // A try whose answer was lost, before a crash perhaps, may have left an older state of the card there.
                if posted.shows(sheet) {
                    return Ok(true);
                }
                Ok(self.edit(request, channel, posted.id, sheet).await == Some(true))
            }
            Err(refusal) => {
                self.is_behind(request.no, &refusal);
                tracing::error!(
                    request = request.no.0,
                    channel,
                    "a card could not be posted, and its request goes on without it; give the bot {} there: {refusal}",
                    super::people::NEEDED.map(|(name, _)| name).join(", ")
                );
                Ok(false)
            }
        }
    }

    fn is_behind(&self, no: RequestNo, refusal: &Refusal) {
        if refusal.kind == Refused::Later {
            self.behind.lock().unwrap_or_else(PoisonError::into_inner).insert(no);
        }
    }

    /// The same for every try to post one card in one channel, and for nothing else; 22 of the 25 characters it may have.
    fn nonce_of_card(&self, request: &Request, channel: u64) -> String {
        self.nonce_of(request, channel, &request.times_shown.to_string())
    }

    fn nonce_of(&self, request: &Request, channel: u64, what: &str) -> String {
        self.nonce(&format!("{} {channel} {what}", request.no.0))
    }

    /// The same for every message of this log's that these words tell from the others.
    pub(super) fn nonce(&self, what: &str) -> String {
        use base64::Engine as _;
        use sha2::Digest as _;
        let what = format!("{} {what}", self.tag);
        let hash = sha2::Sha256::digest(what.as_bytes());
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(hash.get(..16).unwrap_or_default())
    }

    /// The channels that show, or should show, the card.
    fn channels(&self, request: &Request) -> Vec<u64> {
        let mut channels: Vec<u64> = request.shown.keys().filter_map(|id| id.parse().ok()).collect();
        let origin =
            request.place.channel.parse().ok().filter(|_| request.place.platform == Platform::Discord);
        let approvals = self.settings.approvals_channel.map(|id| id.get());
        for channel in origin.into_iter().chain(approvals) {
            if self.belongs(request, channel) && !channels.contains(&channel) {
                channels.push(channel);
            }
        }
        channels
    }

    /// Whether the card of a request should be posted in a channel where it does not stand yet.
    fn belongs(&self, request: &Request, channel: u64) -> bool {
        let planned = request.planned.is_some();
        let nothing_to_show =
            matches!(request.phase, Phase::Asked | Phase::Finished { outcome: Outcome::Refused, .. });
        let origin = request.place.platform == Platform::Discord
            && !request.place.private
            && request.place.channel == channel.to_string();
        let approvals = self.settings.approvals_channel.is_some_and(|id| id.get() == channel);
        (origin && planned && !nothing_to_show)
            || (approvals && self.waits_for_approval(request))
            || (approvals && request.needs_review())
    }

    fn waits_for_approval(&self, request: &Request) -> bool {
        !approval::unmet(request, self.desk.bench.clock.now()).is_empty()
    }

    /// The card as everybody in a channel sees it. Approvers are called in their own channel, if they have one.
    fn sheet(&self, request: &Request, card: &Card, channel: u64) -> Sheet {
        let theirs = self.settings.approvals_channel.is_none_or(|id| id.get() == channel);
        let calls = match &request.planned {
            Some(planned) if theirs && self.waits_for_approval(request) => {
                let groups = planned.needs.groups(planned.at, self.desk.bench.clock.now());
                callable(&self.settings, &groups.into_iter().flat_map(|group| group.approvers).collect())
            }
            _ => Vec::new(),
        };
        let plan = request.planned.as_ref().map(|planned| planned.digest.short());
        draw::message(card, Dress { marks: Some(&self.marks), plan, calls: &calls, private: false })
    }

    /// The card as an answer that only one person sees.
    pub(super) async fn private(&self, card: &Card) -> Sheet {
        let request = match card.request {
            Some(no) => self.desk.request(no).await.ok(),
            None => None,
        };
        let plan = request
            .as_ref()
            .and_then(|request| request.planned.as_ref())
            .map(|planned| planned.digest.short().to_owned());
        let dress = Dress { marks: Some(&self.marks), plan: plan.as_deref(), calls: &[], private: true };
        draw::message(card, dress)
    }
}

/// Discord's code for a channel that was deleted.
const UNKNOWN_CHANNEL: i64 = 10_003;
