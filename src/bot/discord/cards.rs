//! The cards of requests as channel messages: posted once, edited by every later step, found again after a restart.
//!
//! Where a card stands is a line of the log (`shown`), so nothing else has to be remembered.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use desk_core::basics::ids::{ChannelId, Platform, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::Role;
use desk_core::card::Card;
use desk_core::desk::Desk;
use desk_core::log::Outcome;
use desk_core::log::Query;
use desk_core::ports::Watcher;
use desk_core::request::approval;
use desk_core::request::emergency;
use desk_core::request::{Phase, Request};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::button::ButtonSigner;
use super::draw::{self, Drawing, OutgoingMessage, RenderOptions};
use super::people::callable;
use super::rest::{Refusal, Refused, Rest};
use crate::config::Discord;

/// Is told of every new line and hands it on; the worker draws when it can.
pub(super) struct ChangeNotifier(pub mpsc::UnboundedSender<RequestNo>);

impl Watcher for ChangeNotifier {
    fn changed(&self, no: RequestNo) {
        // Nobody draws any more once the desk has closed, and then nobody is told.
        let _ = self.0.send(no);
    }
}

/// How many of the newest lines are looked through at a start for cards that may be old.
const LINES_AT_START: usize = 500;

/// How long after its end a card is drawn again at a start, in seconds.
const FRESH: i64 = 86_400;

/// How many finished requests are remembered as drawn, so that whoever presses a button of theirs costs no edit.
const REMEMBERED: usize = 256;

/// How many of the messages that showed a request before are kept right.
const LEFT_BEHIND: usize = 5;

/// What each channel shows of one request, and each message that is its card no more.
type Drawn = BTreeMap<u64, Drawing>;

/// A request of which not every message is as it should be, and when it is drawn again.
struct Behind {
    /// When Discord refused it last.
    refused: Duration,
    due: Duration,
    /// The pause before the try after that.
    pause: Duration,
    tries: u32,
}

/// The pauses between tries to draw what Discord refuses to have drawn: it bans whoever sends too much that it refuses.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

/// The pause before a try for a new line, of which a request that runs may have thousands.
const LINE_PAUSE: Duration = Duration::from_secs(30);

/// After so many tries, a day or so, only a press or a new line draws it again.
const TRIES: u32 = 30;

/// Why a card is posted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Post {
    First,
    /// Somebody deleted it.
    Deleted,
    /// The one before can't be edited.
    Locked,
}

/// What an edit came to.
enum Edited {
    Yes,
    /// The message is gone.
    Gone,
    /// Its channel is gone.
    Nowhere,
    /// Discord doesn't let the desk edit it.
    Locked(Refusal),
    /// Discord is out of order, or takes the text and not a file.
    Later(Refusal),
}

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
    pub marks: Arc<ButtonSigner>,
    /// A few characters that tell this log from another one, for nonces.
    pub tag: String,
    /// One drawer a request at a time, and what each channel shows of it.
    drawn: Mutex<HashMap<RequestNo, Arc<tokio::sync::Mutex<Drawn>>>>,
    /// The newest finished requests among them, oldest first.
    finished: Mutex<VecDeque<RequestNo>>,
    behind: Mutex<BTreeMap<RequestNo, Behind>>,
}

impl Cards {
    pub(super) fn new(
        desk: Arc<Desk>,
        rest: Rest,
        settings: Discord,
        marks: Arc<ButtonSigner>,
        tag: String,
    ) -> Cards {
        let (drawn, finished, behind) = Default::default();
        Cards { desk, rest, settings, marks, tag, drawn, finished, behind }
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
            if !self.is_to_be_drawn(no) {
                continue;
            }
            let cards = self.clone();
            let task = drawers.spawn(async move { cards.draw(no).await });
            at_work.insert(task.id(), no);
        }
    }

    /// Requests whose cards are not as they should be, and are to be drawn once more now.
    pub(super) fn behind(&self) -> Vec<RequestNo> {
        let now = self.desk.bench.clock.monotonic();
        let behind = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
        behind.iter().filter(|(_, behind)| behind.due <= now).map(|(no, _)| *no).collect()
    }

    /// Brings the card right, and gives the message of this channel that shows it as it is now.
    pub(super) async fn current(&self, no: RequestNo, channel: u64) -> Option<u64> {
        self.draw(no).await;
        let slot = self.drawn.lock().unwrap_or_else(PoisonError::into_inner).get(&no).cloned();
        if !slot?.lock().await.contains_key(&channel) {
            return None;
        }
        self.desk.request(no).await.ok()?.card_in(&at(channel))?.parse().ok()
    }

    /// The card as everybody in a channel sees it.
    pub(super) async fn public(&self, no: RequestNo, channel: u64) -> Result<OutgoingMessage, Problem> {
        let request = self.desk.request(no).await?;
        Ok(self.sheet(&request, &self.desk.card_of(&request), channel))
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
        let mut wanted: Vec<RequestNo> = self.desk.bench.log.open().await?;
        let lines = self.desk.bench.log.history(&Query { limit: LINES_AT_START, ..Query::default() }).await?;
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

    /// The message that shows the card in this channel. Whoever is sent to a message has to be able to see its channel, so
    /// another channel's is never given.
    pub(super) async fn link(&self, no: RequestNo, channel: u64) -> Option<String> {
        self.link_of(&self.desk.request(no).await.ok()?, channel)
    }

    fn link_of(&self, request: &Request, channel: u64) -> Option<String> {
        let message = request.card_in(&at(channel))?;
        Some(format!("https://discord.com/channels/{}/{channel}/{message}", self.settings.guild))
    }

    async fn try_draw(&self, no: RequestNo, note: Option<&str>) -> Result<(), Problem> {
        let slot = {
            let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
            drawn.entry(no).or_default().clone()
        };
        let finished = self.draw_slot(no, note, &mut *slot.lock().await).await?;
        drop(slot);
        if finished {
            self.remember(no);
        }
        Ok(())
    }

    /// Of finished requests only the newest are remembered, but for those whom somebody is drawing.
    fn remember(&self, no: RequestNo) {
        let mut finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        if !finished.contains(&no) {
            finished.push_back(no);
        }
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        while finished.len() > REMEMBERED
            && let Some(oldest) = finished.pop_front()
        {
            if drawn.get(&oldest).is_some_and(|slot| Arc::strong_count(slot) == 1) {
                drawn.remove(&oldest);
            }
        }
    }

    /// Gives whether the request has ended.
    async fn draw_slot(&self, no: RequestNo, note: Option<&str>, seen: &mut Drawn) -> Result<bool, Problem> {
        let request = self.desk.request(no).await?;
        let mut card = self.desk.card_of(&request);
        if let Some(note) = note {
            card = card.warning(note);
        }
        let mut refused = None;
        for channel in self.channels(&request) {
            let sheet = self.sheet(&request, &card, channel);
            let drawing = sheet.drawing();
            if seen.get(&channel) == Some(&drawing) {
                continue;
            }
            match self.bring(&request, channel, &sheet).await? {
                Ok(true) => drop(seen.insert(channel, drawing)),
                Ok(false) => drop(seen.remove(&channel)),
                Err(refusal) => {
                    seen.remove(&channel);
                    tracing::error!(
                        request = request.no.0,
                        channel,
                        "a card is not as it should be, and its request goes on without it; give the bot {} there: {refusal}",
                        super::people::NEEDED.map(|(name, _)| name).join(", ")
                    );
                    refused = Some(refusal);
                }
            }
        }
        let request = self.desk.request(no).await?;
        for done in [self.leave_behind(&request, seen).await, self.call(&request).await?] {
            refused = done.err().or(refused);
        }
        self.note_behind(no, refused.as_ref());
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

    /// Brings the card right in one channel: whether it shows there now, or Discord's refusal.
    async fn bring(
        &self,
        request: &Request,
        channel: u64,
        sheet: &OutgoingMessage,
    ) -> Result<Result<bool, Refusal>, Problem> {
        let stands = request.card_in(&at(channel)).and_then(|id| id.parse::<u64>().ok());
        let Some(message) = stands else { return self.post(request, channel, sheet, Post::First).await };
        match self.edit(channel, message, sheet).await {
            Edited::Yes => Ok(Ok(true)),
            Edited::Later(refusal) => Ok(Err(refusal)),
            Edited::Nowhere => Ok(Ok(false)),
            Edited::Gone => self.post(request, channel, sheet, Post::Deleted).await,
            // Where a message can't be edited, a new one may be posted all the same: that is how an archived thread is opened.
            Edited::Locked(refusal) => match self.post(request, channel, sheet, Post::Locked).await? {
                Ok(true) => Ok(Ok(true)),
                _ => Ok(Err(refusal)),
            },
        }
    }

    /// Takes the buttons off the messages in whose place others are the card now. Whoever presses one until then is answered
    /// with the request as it is.
    async fn leave_behind(&self, request: &Request, seen: &mut Drawn) -> Result<(), Refusal> {
        let mut left = Ok(());
        for (channel, message) in request.shown_before.iter().rev().take(LEFT_BEHIND) {
            let (Ok(channel), Ok(message)) = (channel.id.parse(), message.parse()) else { continue };
            let Some(link) = self.link_of(request, channel) else { continue };
            let sheet = draw::moved(request.no, &link);
            let drawing = sheet.drawing();
            if seen.get(&message) == Some(&drawing) {
                continue;
            }
            match self.edit(channel, message, &sheet).await {
                Edited::Yes | Edited::Gone | Edited::Nowhere => drop(seen.insert(message, drawing)),
                Edited::Locked(refusal) | Edited::Later(refusal) => left = Err(refusal),
            }
        }
        left
    }

    /// Has a request drawn again later, as long as that makes sense, or no more when nothing is refused.
    fn note_behind(&self, no: RequestNo, refused: Option<&Refusal>) {
        let mut behind = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(refusal) = refused else {
            behind.remove(&no);
            return;
        };
        let now = self.desk.bench.clock.monotonic();
        let (pause, tries) = match behind.get_mut(&no) {
            _ if refusal.kind == Refused::Later => (Duration::ZERO, 0),
            // A press has it drawn out of turn.
            Some(before) if now < before.due => {
                before.refused = now;
                return;
            }
            Some(before) => (before.pause.max(FIRST_PAUSE), before.tries + 1),
            None => (FIRST_PAUSE, 1),
        };
        if tries > TRIES {
            behind.remove(&no);
            return;
        }
        let pause_after = (pause * 2).min(LONGEST_PAUSE);
        behind.insert(no, Behind { refused: now, due: now + pause, pause: pause_after, tries });
    }

    /// Whether a new line is drawn now. While Discord refuses a card it is drawn a little later, with whatever else is new then.
    fn is_to_be_drawn(&self, no: RequestNo) -> bool {
        let mut behind = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(behind) = behind.get_mut(&no) else { return true };
        behind.due = behind.due.min(behind.refused + LINE_PAUSE);
        behind.due <= self.desk.bench.clock.monotonic()
    }

    /// Calls those who have to look, by a message of its own: an edited card calls nobody. That they were called is a line of the
    /// log, written after the message; a crash between the two tries it again with the same nonce, by which Discord knows the
    /// message for some minutes. Later than that they are rather called twice than never.
    async fn call(&self, request: &Request) -> Result<Result<(), Refusal>, Problem> {
        let Some(call) = self.call_of(request) else { return Ok(Ok(())) };
        if request.called.get(&Platform::Discord) == Some(&call.what) {
            return Ok(Ok(()));
        }
        let roles = callable(&self.settings, &call.roles);
        let theirs = self.settings.approvals_channel.map(|id| id.get());
        let Some(channel) = theirs.or_else(|| request.place.channel.parse().ok()) else { return Ok(Ok(())) };
        let link = self.link_of(request, channel).unwrap_or_default();
        let title = self.desk.card_of(request).title;
        let title = match request.needs_review() && !request.is_finished() {
            true => format!("{title}. It is an emergency that has to be reviewed."),
            false => title,
        };
        let sheet = draw::call(&roles, &format!("{title} {link}"));
        match self.rest.post(channel, &sheet, &self.nonce_of(request, channel, &call.what)).await {
            Ok(_) => self.desk.called(request.no, Platform::Discord, &call.what).await.map(Ok),
            Err(refusal) => {
                tracing::error!(request = request.no.0, channel, "approvers could not be called: {refusal}");
                Ok(Err(refusal))
            }
        }
    }

    fn call_of(&self, request: &Request) -> Option<Call> {
        let planned = request.planned.as_ref()?;
        let now = self.desk.bench.clock.now();
        match (emergency::waits_since(request), request.reminded) {
            (None, Some((times, at))) if request.phase == Phase::Waiting => {
                let groups = approval::unmet_of(request, now);
                let roles = groups.into_iter().flat_map(|group| group.approvers).collect();
                Some(Call { what: format!("reminder {times} of {at}"), roles })
            }
            // What is held until somebody else approves it asks them as it did at first.
            (None, _) if request.phase == Phase::Running && self.waits_for_approval(request) => {
                let at = request.held.as_ref().map(|hold| hold.at.to_string()).unwrap_or_default();
                let groups = approval::unmet_of(request, now);
                let roles = groups.into_iter().flat_map(|group| group.approvers).collect();
                Some(Call { what: format!("held at {at}"), roles })
            }
            (Some(began), reminded) => {
                let reminder = reminded.filter(|(_, at)| *at > began);
                let what = reminder.map(|(times, at)| format!("review reminder {times} of {at}"));
                // Whom it went past are called first, also by a desk that was down when they should have been.
                let called =
                    request.called.get(&Platform::Discord).is_some_and(|what| what.contains("review"));
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

    async fn edit(&self, channel: u64, message: u64, sheet: &OutgoingMessage) -> Edited {
        match self.rest.edit(channel, message, sheet).await {
            Ok(None) => Edited::Yes,
            Ok(Some(refusal)) => Edited::Later(refusal),
            Err(refusal) if refusal.code == UNKNOWN_CHANNEL => Edited::Nowhere,
            Err(refusal) if refusal.kind == Refused::Gone => Edited::Gone,
            Err(refusal) if refusal.kind == Refused::Later => Edited::Later(refusal),
            Err(refusal) => Edited::Locked(refusal),
        }
    }

    /// Posts the card where it should be: whether it is there now, or Discord's refusal.
    async fn post(
        &self,
        request: &Request,
        channel: u64,
        sheet: &OutgoingMessage,
        why: Post,
    ) -> Result<Result<bool, Refusal>, Problem> {
        // A card that somebody deleted comes back as long as somebody has something to do with it.
        let wanted = match why {
            Post::First => self.belongs(request, channel),
            Post::Deleted => self.belongs(request, channel) && !request.is_finished(),
            Post::Locked => true,
        };
        if !wanted {
            return Ok(Ok(false));
        }
        let posted = match self.rest.post(channel, sheet, &self.nonce_of_card(request, channel)).await {
            Ok(posted) => posted,
            Err(refusal) => return Ok(Err(refusal)),
        };
        self.desk.shown(request.no, &at(channel), &posted.id.to_string()).await?;
        // A try whose answer was lost, before a crash perhaps, may have left an older state of the card there.
        if posted.shows(sheet) {
            return Ok(Ok(true));
        }
        Ok(match self.edit(channel, posted.id, sheet).await {
            Edited::Yes => Ok(true),
            Edited::Gone | Edited::Nowhere => Ok(false),
            Edited::Locked(refusal) | Edited::Later(refusal) => Err(refusal),
        })
    }

    /// The same for every try to post one card in one channel, and for nothing else; 22 of the 25 characters it may have.
    fn nonce_of_card(&self, request: &Request, channel: u64) -> String {
        self.nonce_of(request, channel, &request.times_shown(&at(channel)).to_string())
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
        let mut channels: Vec<u64> =
            request.shown.keys().filter_map(|channel| channel.id.parse().ok()).collect();
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
        !approval::unmet_of(request, self.desk.bench.clock.now()).is_empty()
    }

    /// The card as everybody in a channel sees it. Approvers are called in their own channel, if they have one.
    fn sheet(&self, request: &Request, card: &Card, channel: u64) -> OutgoingMessage {
        let theirs = self.settings.approvals_channel.is_none_or(|id| id.get() == channel);
        let calls = match &request.planned {
            Some(planned) if theirs && self.waits_for_approval(request) => {
                let groups = planned.needs.groups(planned.at, self.desk.bench.clock.now());
                callable(&self.settings, &groups.into_iter().flat_map(|group| group.approvers).collect())
            }
            _ => Vec::new(),
        };
        let plan = request.planned.as_ref().map(|planned| planned.digest.short());
        draw::message(card, RenderOptions { marks: Some(&self.marks), plan, calls: &calls, private: false })
    }

    /// The card as an answer that only one person sees.
    pub(super) async fn private(&self, card: &Card) -> OutgoingMessage {
        let request = match card.request {
            Some(no) => self.desk.request(no).await.ok(),
            None => None,
        };
        let plan = request
            .as_ref()
            .and_then(|request| request.planned.as_ref())
            .map(|planned| planned.digest.short().to_owned());
        let dress =
            RenderOptions { marks: Some(&self.marks), plan: plan.as_deref(), calls: &[], private: true };
        draw::message(card, dress)
    }
}

/// Discord's code for a channel that was deleted.
const UNKNOWN_CHANNEL: i64 = 10_003;

fn at(channel: u64) -> ChannelId {
    ChannelId::new(Platform::Discord, channel.to_string())
}
