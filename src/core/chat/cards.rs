//! The cards of requests on one platform: posted once, edited by every later step, found again after a restart.
//!
//! Where a card is is a line of the log (`shown`), so nothing else has to be remembered.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::SignedDuration;

use super::notify::{self, Notification, something_came_first, waits_for_approval};
use super::port::{ChatPlatform, Drawing, Edited, Message, NotTaken};
use crate::basics::ids::{ChannelId, PersonId, RequestNo};
use crate::basics::problem::Problem;
use crate::basics::roles::Role;
use crate::basics::text::capital;
use crate::card::Card;
use crate::desk::Desk;
use crate::log::{Outcome, Query};
use crate::request::{Phase, Request};
use crate::view::sentence;

/// How many of the newest lines are looked through at a start for cards that may be old.
const LINES_AT_START: usize = 500;

/// How long after its end a card is drawn again at a start, in seconds.
const FRESH: i64 = 86_400;

/// How many finished requests are remembered as drawn, so that anyone who presses a button of theirs costs no edit.
const REMEMBERED: usize = 256;

/// How many of the messages that showed a request before are kept right.
const LEFT_BEHIND: usize = 5;

/// The pauses between tries to draw what a platform refuses to have drawn: Discord bans anyone who sends too much that it refuses.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

/// The same while the platform is out of order, which ends: every card is to be right soon afterwards.
const FIRST_LATER: Duration = Duration::from_secs(5);
const LONGEST_LATER: Duration = Duration::from_secs(60);

/// The pause before a try for a new line, of which a request that runs may have thousands.
const LINE_PAUSE: Duration = Duration::from_secs(30);

/// After so many tries, a day or so, only a press or a new line draws it again.
const TRIES: u32 = 30;

/// Characters of the reason that a notification gives; the rest is on the card.
const WHY: usize = 300;

/// For how long at most a platform knows a message by its nonce. Later, asking for it again would be another message.
const KNOWN_FOR: SignedDuration = SignedDuration::from_mins(5);

/// How many cards of a list are looked for when someone reads the list.
const LOOKED_FOR: usize = 10;

/// The messages of one request, as far as this process knows them.
#[derive(Default)]
struct Drawn {
    /// What each message shows that is its card, or was; nothing for one that someone deleted.
    seen: BTreeMap<Spot, Option<Drawing>>,
    /// The channels where a card may be of which the log knows nothing, because the platform's answer was lost: it is asked for again
    /// with its nonce, whatever the request has become, for its buttons stay there otherwise.
    unsettled: BTreeSet<String>,
}

impl Drawn {
    fn is_gone(&self, channel: &str) -> bool {
        self.seen.get(&Spot::Card(channel.to_owned())) == Some(&None)
    }

    fn shows(&self, spot: &Spot, drawing: Drawing) -> bool {
        self.seen.get(spot) == Some(&Some(drawing))
    }
}

/// A message that shows a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Spot {
    /// The card of a channel.
    Card(String),
    /// A message that is the card no more.
    Before(String),
}

/// A request of which not every message is as it should be, and when it is drawn again.
struct Behind {
    /// When the platform refused it last.
    refused: Duration,
    due: Duration,
    /// The pause before the try after that.
    pause: Duration,
    tries: u32,
}

/// Why a card is posted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Post {
    First,
    /// Someone deleted it.
    Deleted,
    /// The one before can't be edited.
    Locked,
}

/// What the requester is shown when they have asked for something.
pub enum Pointer {
    /// The address of the card.
    At(String),
    /// The card of the request, for them alone.
    Card,
    /// It is being planned, and its card comes.
    Planned,
    /// The desk can't write in the channel, so only they see the card.
    NotHere,
}

/// The cards of one platform.
pub struct Cards {
    pub desk: Arc<Desk>,
    pub chat: Arc<dyn ChatPlatform>,
    /// A few characters that tell this log from another one, for nonces.
    tag: String,
    /// One drawer a request at a time, and what each channel shows of it.
    drawn: Mutex<HashMap<RequestNo, Arc<futures::lock::Mutex<Drawn>>>>,
    /// The newest finished requests among them, oldest first.
    finished: Mutex<VecDeque<RequestNo>>,
    behind: Mutex<BTreeMap<RequestNo, Behind>>,
    /// Held while those are drawn.
    catching_up: futures::lock::Mutex<()>,
    /// Held while the cards of a list are looked for.
    looking: futures::lock::Mutex<()>,
}

impl Cards {
    pub fn new(desk: Arc<Desk>, chat: Arc<dyn ChatPlatform>, tag: String) -> Cards {
        let (drawn, finished, behind, catching_up, looking) = Default::default();
        Cards { desk, chat, tag, drawn, finished, behind, catching_up, looking }
    }

    /// Draws the cards that are not as they should be and are due, one after the other. What is drawn already is left to that: where
    /// the platform is slow, tries would pile up, and people's presses would wait behind them.
    pub async fn catch_up(&self) {
        let Some(_alone) = self.catching_up.try_lock() else { return };
        let now = self.desk.saga.clock.monotonic();
        let due: Vec<RequestNo> = {
            let behind = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
            behind.iter().filter(|(_, behind)| behind.due <= now).map(|(no, _)| *no).collect()
        };
        for no in due {
            if self.known(no).is_none_or(|slot| slot.try_lock().is_some()) {
                self.draw(no, None).await;
            }
        }
    }

    /// Brings the card right, and gives the message of this channel that shows it as it is now.
    pub async fn current(&self, no: RequestNo, channel: &str) -> Option<String> {
        self.draw(no, None).await;
        if !matches!(self.known(no)?.lock().await.seen.get(&Spot::Card(channel.to_owned())), Some(Some(_))) {
            return None;
        }
        self.desk.request(no).await.ok()?.card_in(&self.at(channel)).map(str::to_owned)
    }

    /// The card as everyone in a channel sees it.
    pub async fn public(&self, no: RequestNo, channel: &str) -> Result<Message, Problem> {
        let request = self.desk.request(no).await?;
        Ok(self.message(&request, &self.desk.card_of(&request), channel))
    }

    /// Brings the card right wherever it is or should be on the platform, with a sentence about the desk itself under it if there is
    /// one. What cannot be done is said to the operator.
    pub async fn draw(&self, no: RequestNo, note: Option<&str>) {
        if let Err(problem) = self.try_draw(no, note).await {
            tracing::error!(code = problem.code, request = no.0, "a card could not be drawn: {problem}");
        }
    }

    /// Draws a request for the first time since a start. A card may have been posted without its line, by a desk that was killed.
    pub async fn draw_first(&self, no: RequestNo) {
        let slot = self.slot(no);
        let now = self.desk.saga.clock.now();
        if let Ok(request) = self.desk.request(no).await
            && now.duration_since(request.latest) <= KNOWN_FOR
        {
            let had_their_turn = || {
                let turn = request.planned.as_ref().filter(|planned| planned.turn_since.is_some());
                turn.is_some_and(|planned| !planned.groups(now).is_empty())
            };
            let origin = self.origin(&request).filter(|_| request.planned.is_some());
            let theirs = self.theirs(&request).filter(|_| had_their_turn());
            let unknown = origin.into_iter().chain(theirs);
            let unknown = unknown.filter(|channel| request.card_in(&self.at(channel)).is_none());
            slot.lock().await.unsettled.extend(unknown.map(str::to_owned));
        }
        drop(slot);
        self.draw(no, None).await;
    }

    /// Looks whether the cards of these requests are still there, as far as they are open, which no platform says by itself. One that was
    /// deleted is posted again.
    pub async fn look_for(&self, requests: &[RequestNo]) {
        let Some(_alone) = self.looking.try_lock() else { return };
        for no in requests.iter().take(LOOKED_FOR) {
            if self.desk.request(*no).await.is_ok_and(|request| request.is_finished()) {
                continue;
            }
            if let Some(slot) = self.known(*no) {
                // An edit is the only call that finds out with the rights that the desk has.
                slot.lock().await.seen.retain(|spot, _| matches!(spot, Spot::Before(_)));
            }
            self.draw(*no, None).await;
        }
    }

    /// Whether this message is the card of a request, or was.
    pub async fn is_card(&self, no: RequestNo, channel: &str, message: &str) -> bool {
        let Ok(request) = self.desk.request(no).await else { return false };
        let at = self.at(channel);
        let was = request.shown_before.iter().any(|(channel, id)| *channel == at && id == message);
        was || request.card_in(&at) == Some(message)
    }

    /// Whether a new line is drawn now. While the platform refuses a card it is drawn a little later, with whatever else is new then.
    pub fn is_to_be_drawn(&self, no: RequestNo) -> bool {
        let mut behind = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(behind) = behind.get_mut(&no) else { return true };
        behind.due = behind.due.min(behind.refused + LINE_PAUSE);
        behind.due <= self.desk.saga.clock.monotonic()
    }

    /// What is drawn after a start: every open request, and those whose end may not have been drawn before the last stop.
    pub async fn wanted_at_start(&self) -> Result<Vec<RequestNo>, Problem> {
        let mut wanted: Vec<RequestNo> = self.desk.saga.log.open().await?;
        let lines = self.desk.saga.log.history(&Query { limit: LINES_AT_START, ..Query::default() }).await?;
        let since = self.desk.saga.clock.now().as_second() - FRESH;
        for line in lines.iter().filter(|line| line.at.as_second() >= since) {
            if let Some(no) = line.request
                && !wanted.contains(&no)
            {
                wanted.push(no);
            }
        }
        Ok(wanted)
    }

    /// The address of the message that shows the card in this channel. Anyone who is sent to a message has to be able to see its channel,
    /// so another channel's is never given.
    pub async fn link(&self, no: RequestNo, channel: &str) -> Option<String> {
        let request = self.desk.request(no).await.ok()?;
        // What is being drawn at this moment is there soon.
        let is_gone =
            self.known(no).is_some_and(|slot| slot.try_lock().is_some_and(|drawn| drawn.is_gone(channel)));
        self.link_of(&request, channel).filter(|_| !is_gone)
    }

    /// A card whose requests are links to their cards, as far as this channel shows them.
    pub async fn linked(&self, mut card: Card, channel: &str) -> Card {
        for (no, item) in card.requests_mut() {
            item.link = self.link(no, channel).await;
        }
        card
    }

    /// Where the requester finds the request that they have just made in this channel.
    pub async fn pointer(&self, no: RequestNo, channel: &str) -> Pointer {
        self.draw(no, None).await;
        if let Some(link) = self.link(no, channel).await {
            return Pointer::At(link);
        }
        match self.desk.request(no).await {
            Ok(request) if request.place.private || request.is_finished() => Pointer::Card,
            Ok(request) if request.phase == Phase::Asked => Pointer::Planned,
            _ => Pointer::NotHere,
        }
    }

    /// Says something of the desk itself, where approvers read it.
    pub async fn tell(&self, said: &str) {
        let Some(channel) = self.chat.channels().main() else { return };
        let at = self.desk.saga.clock.now();
        let nonce = self.nonce(&format!("news {channel} {at} {said}"));
        let (notify, people) = Default::default();
        let message = Message::Text { text: said.to_owned(), notify, people };
        if let Err(refusal) = self.chat.post(channel, &message, &nonce).await {
            tracing::error!(channel, "what the desk has to say could not be posted: {}", refusal.message);
        }
    }

    /// The same for every message of this log's that these words tell from the others.
    pub(super) fn nonce(&self, what: &str) -> String {
        use base64::Engine as _;
        use sha2::Digest as _;
        let what = format!("{} {what}", self.tag);
        let hash = sha2::Sha256::digest(what.as_bytes());
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(hash.get(..16).unwrap_or_default())
    }

    fn at(&self, channel: &str) -> ChannelId {
        ChannelId::new(self.chat.platform(), channel)
    }

    fn link_of(&self, request: &Request, channel: &str) -> Option<String> {
        Some(self.chat.link(channel, request.card_in(&self.at(channel))?))
    }

    fn slot(&self, no: RequestNo) -> Arc<futures::lock::Mutex<Drawn>> {
        self.drawn.lock().unwrap_or_else(PoisonError::into_inner).entry(no).or_default().clone()
    }

    fn known(&self, no: RequestNo) -> Option<Arc<futures::lock::Mutex<Drawn>>> {
        self.drawn.lock().unwrap_or_else(PoisonError::into_inner).get(&no).cloned()
    }

    async fn try_draw(&self, no: RequestNo, note: Option<&str>) -> Result<(), Problem> {
        let slot = self.slot(no);
        let finished = self.draw_slot(no, note, &mut *slot.lock().await).await?;
        drop(slot);
        if finished {
            self.remember(no);
        }
        Ok(())
    }

    /// Of finished requests only the newest are remembered, but for those that are being drawn.
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
    async fn draw_slot(&self, no: RequestNo, note: Option<&str>, drawn: &mut Drawn) -> Result<bool, Problem> {
        let before = self.desk.request(no).await?;
        let mut refused = self.draw_cards(&before, note, drawn, &BTreeMap::new()).await?;
        let mut request = self.desk.request(no).await?;
        let (told, is_news) = self.notify(&before, &request, &refused, drawn).await?;
        if is_news {
            // Whether people could be notified is said on the card.
            request = self.desk.request(no).await?;
            let more = self.draw_cards(&request, note, drawn, &refused).await?;
            refused.extend(more);
        }
        let left = self.leave_behind(&request, drawn).await;
        let refused = refused.into_values().chain(told.err()).chain(left.err()).last();
        self.note_behind(no, refused.as_ref());
        Ok(request.is_finished() && !request.needs_review())
    }

    /// Brings the card right in every channel but those that `refused` it a moment ago, and gives why the platform did not take it where it
    /// didn't.
    async fn draw_cards(
        &self,
        request: &Request,
        note: Option<&str>,
        drawn: &mut Drawn,
        refused: &BTreeMap<String, NotTaken>,
    ) -> Result<BTreeMap<String, NotTaken>, Problem> {
        let mut card = self.desk.card_of(request);
        if let Some(note) = note {
            card = card.warning(note);
        }
        let mut not_taken = BTreeMap::new();
        for channel in self.channels(request, drawn) {
            let message = self.message(request, &card, &channel);
            let (spot, drawing) = (Spot::Card(channel.clone()), self.chat.drawing(&message));
            if drawn.shows(&spot, drawing) || refused.contains_key(&channel) {
                continue;
            }
            let was_gone = drawn.is_gone(&channel);
            drawn.seen.remove(&spot);
            match self.bring(request, &channel, &message, drawn).await? {
                Ok(true) => drop(drawn.seen.insert(spot, Some(drawing))),
                Ok(false) => drop(drawn.seen.insert(spot, None)),
                Err(refusal) => {
                    if was_gone {
                        drawn.seen.insert(spot, None);
                    }
                    tracing::error!(
                        request = request.no.0,
                        channel,
                        "a card is out of date, and its request continues without it: {}",
                        refusal.message
                    );
                    not_taken.insert(channel, refusal);
                }
            }
        }
        Ok(not_taken)
    }

    /// Brings the card right in one channel: whether it shows there now, or why the platform did not take it.
    async fn bring(
        &self,
        request: &Request,
        channel: &str,
        message: &Message,
        drawn: &mut Drawn,
    ) -> Result<Result<bool, NotTaken>, Problem> {
        let Some(id) = request.card_in(&self.at(channel)) else {
            return self.post(request, channel, message, Post::First, drawn).await;
        };
        match self.chat.edit(channel, id, message).await {
            Edited::Yes => Ok(Ok(true)),
            Edited::Later(refusal) => Ok(Err(refusal)),
            Edited::Nowhere => Ok(Ok(false)),
            Edited::Gone => {
                drawn.seen.insert(Spot::Card(channel.to_owned()), None);
                self.post(request, channel, message, Post::Deleted, drawn).await
            }
            // Where a message can't be edited, a new one may be posted all the same: that is how an archived thread is opened.
            Edited::Locked(refusal) => match self.post(request, channel, message, Post::Locked, drawn).await?
            {
                Ok(true) => Ok(Ok(true)),
                _ => Ok(Err(refusal)),
            },
        }
    }

    /// Takes the buttons off the messages in whose place others are the card now. Anyone who presses one until then is answered
    /// with the request as it is.
    async fn leave_behind(&self, request: &Request, drawn: &mut Drawn) -> Result<(), NotTaken> {
        let mut left = Ok(());
        let platform = self.chat.platform();
        let before = request.shown_before.iter().rev().filter(|(channel, _)| channel.platform == platform);
        for (channel, id) in before.take(LEFT_BEHIND) {
            let Some(link) = self.link_of(request, &channel.id).filter(|_| !drawn.is_gone(&channel.id))
            else {
                continue;
            };
            let message = Message::Moved { no: request.no, link };
            let (spot, drawing) = (Spot::Before(id.clone()), self.chat.drawing(&message));
            if drawn.shows(&spot, drawing) {
                continue;
            }
            match self.chat.edit(&channel.id, id, &message).await {
                Edited::Yes | Edited::Gone | Edited::Nowhere => drop(drawn.seen.insert(spot, Some(drawing))),
                Edited::Locked(refusal) | Edited::Later(refusal) => left = Err(refusal),
            }
        }
        left
    }

    /// Has a request drawn again later, as long as that makes sense, or no more when nothing is refused.
    fn note_behind(&self, no: RequestNo, refused: Option<&NotTaken>) {
        let mut behind = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(refusal) = refused else {
            behind.remove(&no);
            return;
        };
        let now = self.desk.saga.clock.monotonic();
        let (first, longest) = match refusal.later {
            true => (FIRST_LATER, LONGEST_LATER),
            false => (FIRST_PAUSE, LONGEST_PAUSE),
        };
        let (pause, tries) = match behind.get_mut(&no) {
            // A press has it drawn out of turn.
            Some(before) if now < before.due => {
                before.refused = now;
                return;
            }
            Some(before) => (before.pause.clamp(first, longest), before.tries + 1),
            None => (first, 1),
        };
        let tries = if refusal.later { 0 } else { tries };
        if tries > TRIES {
            behind.remove(&no);
            return;
        }
        let pause_after = (pause * 2).min(longest);
        behind.insert(no, Behind { refused: now, due: now + pause, pause: pause_after, tries });
    }

    /// Notifies those who have to look, by a message of its own: an edited card notifies no one. That they were notified is a line of the
    /// log, written after the message; a crash between the two tries it again with the same nonce, by which the platform knows the
    /// message for some minutes. Later than that they are rather notified twice than never.
    ///
    /// They are sent to the card, so only what was drawn there is notified: what the request became meanwhile is about to be drawn.
    /// Where the platform knows no one of them, the log claims nothing. Gives also whether something changed about people who could not be
    /// notified.
    async fn notify(
        &self,
        before: &Request,
        request: &Request,
        refused: &BTreeMap<String, NotTaken>,
        drawn: &Drawn,
    ) -> Result<(Result<(), NotTaken>, bool), Problem> {
        let (no, platform) = (request.no, self.chat.platform());
        let told = |untold| self.desk.health.set_untold(no, platform, untold);
        let untold = |whom: &str, why: &str| {
            let (whom, on) = (capital(whom), capital(platform.word()));
            let message =
                format!("{whom} couldn't be notified on {on}. Tell them, and tell the desk's operator.");
            told(Some(Problem::operator("not_notified", message).hint(format!("{why}."))))
        };
        let Some(due) = self.due(request) else { return Ok((Ok(()), told(None))) };
        if self.due(before).as_ref() != Some(&due) {
            return Ok((Ok(()), false));
        }
        if !self.knows_one_of(&due) {
            // What was asked elsewhere, or is told elsewhere, is for the people there.
            let is_told = request.called.values().any(|what| *what == due.what);
            let is_elsewhere = request.place.platform != platform || is_told;
            let why = "The configuration has no role of theirs there";
            return Ok((Ok(()), if is_elsewhere { told(None) } else { untold(&due.whom(), why) }));
        }
        let Err((whom, refusal)) = self.call(request, &due, refused, drawn).await else {
            self.desk.called(no, platform, &due.what).await?;
            return Ok((Ok(()), told(None)));
        };
        tracing::error!(request = no.0, "{whom} could not be notified: {}", refusal.message);
        let is_news = untold(&whom, &refusal.message);
        Ok((Err(refusal), is_news))
    }

    /// The notification that is due on this platform, if the request has a channel on it.
    fn due(&self, request: &Request) -> Option<Notification> {
        let (platform, now) = (self.chat.platform(), self.desk.saga.clock.now());
        self.theirs(request).or(self.origin(request))?;
        notify::due(request, &self.desk.site.get().emergencies, platform, now)
    }

    /// Whether the platform can notify one of those whom a notification is for.
    fn knows_one_of(&self, due: &Notification) -> bool {
        let here = |id: &PersonId| id.platform() == self.chat.platform();
        due.requester.iter().chain(&due.people).any(here) || self.chat.notifies(&due.roles)
    }

    /// Posts what a notification says, or gives who could not be notified, and why.
    async fn call(
        &self,
        request: &Request,
        due: &Notification,
        refused: &BTreeMap<String, NotTaken>,
        drawn: &Drawn,
    ) -> Result<(), (String, NotTaken)> {
        let here = |id: &&PersonId| id.platform() == self.chat.platform();
        let (origin, theirs) = (self.origin(request), self.theirs(request));
        let people: BTreeSet<PersonId> = due.people.iter().filter(here).cloned().collect();
        let requester = due.requester.as_ref().filter(here);
        // The requester is called where they asked: they may not see the channel of the approvers.
        let asked = origin.or(theirs);
        let mut told = None;
        if !people.is_empty() || self.chat.notifies(&due.roles) {
            // Approvers are sent to their own channel, or to the other one where that takes nothing.
            let mut channels: Vec<&str> =
                theirs.into_iter().chain(origin.filter(|_| origin != theirs)).collect();
            channels.sort_by_key(|channel| refused.get(*channel).is_some_and(|refusal| !refusal.later));
            let mut failed = None;
            for channel in channels {
                let mut people = people.clone();
                people.extend(requester.filter(|_| asked == Some(channel)).cloned());
                let called = match refused.get(channel).filter(|refusal| refusal.later) {
                    // Its card, which notifies them, may be there already.
                    Some(refusal) => Err(refusal.clone()),
                    None => self.post_call(request, due, channel, due.roles.clone(), people, drawn).await,
                };
                match called {
                    Ok(()) => {
                        (told, failed) = (Some(channel), None);
                        break;
                    }
                    Err(refusal) => {
                        let later = refusal.later;
                        failed = Some(refusal);
                        if later {
                            break;
                        }
                    }
                }
            }
            if let Some(refusal) = failed {
                return Err((due.whom(), refusal));
            }
        }
        if let (Some(id), Some(channel)) = (requester, asked.filter(|_| told != asked)) {
            let (roles, people) = (BTreeSet::new(), BTreeSet::from([id.clone()]));
            let called = self.post_call(request, due, channel, roles, people, drawn).await;
            called.map_err(|refusal| ("the requester".to_owned(), refusal))?;
        }
        Ok(())
    }

    async fn post_call(
        &self,
        request: &Request,
        due: &Notification,
        channel: &str,
        notify: BTreeSet<Role>,
        people: BTreeSet<PersonId>,
        drawn: &Drawn,
    ) -> Result<(), NotTaken> {
        let title = self.desk.card_of(request).title;
        let why = due.why.as_ref().map(|why| format!(". {}", sentence(why, WHY))).unwrap_or_default();
        let link = self.link_of(request, channel).filter(|_| !drawn.is_gone(channel)).unwrap_or_default();
        let text = format!("{} {title}{why} {link}", request.no);
        let message = Message::Text { text, notify, people };
        let nonce = self.nonce(&format!("{} {channel} {}", request.no.0, due.what));
        self.chat.post(channel, &message, &nonce).await.map(|_| ())
    }

    /// Posts the card where it should be: whether it is there now, or why the platform did not take it.
    async fn post(
        &self,
        request: &Request,
        channel: &str,
        message: &Message,
        why: Post,
        drawn: &mut Drawn,
    ) -> Result<Result<bool, NotTaken>, Problem> {
        // A card that someone deleted comes back as long as someone has something to do with it.
        let wanted = match why {
            Post::First => self.belongs(request, channel),
            Post::Deleted => self.belongs(request, channel) && !request.is_finished(),
            Post::Locked => true,
        };
        if !wanted && !drawn.unsettled.contains(channel) {
            return Ok(Ok(false));
        }
        // The same for every try to post one card in one channel, and for nothing else.
        let at = self.at(channel);
        let nonce = self.nonce(&format!("{} {channel} {}", request.no.0, request.times_shown(&at)));
        let posted = match self.chat.post(channel, message, &nonce).await {
            Ok(posted) => posted,
            Err(refusal) => {
                match refusal.later {
                    true => drawn.unsettled.insert(channel.to_owned()),
                    false => drawn.unsettled.remove(channel),
                };
                return Ok(Err(refusal));
            }
        };
        drawn.unsettled.remove(channel);
        let notified = self.notified_by(request, message).filter(|_| posted.notified);
        self.desk.shown(request.no, &at, &posted.id, notified).await?;
        // A try whose answer was lost, before a crash perhaps, may have left an older state of the card there.
        if posted.is_current {
            return Ok(Ok(true));
        }
        Ok(match self.chat.edit(channel, &posted.id, message).await {
            Edited::Yes => Ok(true),
            Edited::Gone | Edited::Nowhere => Ok(false),
            Edited::Locked(refusal) | Edited::Later(refusal) => Err(refusal),
        })
    }

    /// What a card notifies people of where it is posted, if that is all that they are to be notified of.
    fn notified_by(&self, request: &Request, message: &Message) -> Option<String> {
        let Message::Card { notify, .. } = message else { return None };
        let due = self.due(request)?;
        let is_all = due.requester.is_none() && due.people.is_empty() && due.roles.is_subset(notify);
        (is_all && self.knows_one_of(&due)).then_some(due.what)
    }

    /// The channels of the platform that show, or should show, the card.
    fn channels(&self, request: &Request, drawn: &Drawn) -> Vec<String> {
        let platform = self.chat.platform();
        let shown = request.shown.keys().filter(|channel| channel.platform == platform);
        let mut channels: Vec<String> = shown.map(|channel| channel.id.clone()).collect();
        for channel in self.origin(request).into_iter().chain(self.theirs(request)) {
            let belongs = self.belongs(request, channel) || drawn.unsettled.contains(channel);
            if belongs && !channels.iter().any(|known| known == channel) {
                channels.push(channel.to_owned());
            }
        }
        channels
    }

    /// The channel of the platform in which it was asked, where others read it as well.
    fn origin<'r>(&self, request: &'r Request) -> Option<&'r str> {
        let place = &request.place;
        (place.platform == self.chat.platform() && !place.private).then_some(place.channel.as_str())
    }

    /// The channel in which approvers see it beside the one in which it was asked: their own, or the main one for what was asked
    /// where no one else reads.
    fn theirs(&self, request: &Request) -> Option<&str> {
        let (place, channels) = (&request.place, self.chat.channels());
        match place.platform == self.chat.platform() && place.private {
            true => channels.main(),
            false => channels.approvals.as_deref(),
        }
    }

    /// Whether the card of a request should be posted in a channel where it is not yet.
    fn belongs(&self, request: &Request, channel: &str) -> bool {
        let planned = request.planned.is_some();
        let nothing_to_show =
            matches!(request.phase, Phase::Asked | Phase::Finished { outcome: Outcome::Refused, .. });
        let origin = self.origin(request) == Some(channel);
        let theirs = self.theirs(request) == Some(channel);
        (origin && planned && !nothing_to_show)
            || (theirs && waits_for_approval(request, self.desk.saga.clock.now()))
            || (theirs && request.needs_review())
    }

    /// The card as everyone in a channel sees it. Approvers are notified by it where it is posted when it is their turn: in their own
    /// channel, or where nothing comes first.
    fn message(&self, request: &Request, card: &Card, channel: &str) -> Message {
        let now = self.desk.saga.clock.now();
        let origin = self.origin(request) == Some(channel);
        let theirs = match self.theirs(request) {
            Some(id) => id == channel && (!origin || !something_came_first(request)),
            None => !something_came_first(request),
        };
        let notify = match &request.planned {
            Some(planned) if theirs && waits_for_approval(request, now) => {
                let groups = planned.groups(now);
                groups.into_iter().flat_map(|group| group.approvers).collect()
            }
            _ => BTreeSet::new(),
        };
        let plan = request.planned.as_ref().map(|planned| planned.digest.short().to_owned());
        Message::Card { card: Box::new(card.clone()), plan, notify }
    }
}
