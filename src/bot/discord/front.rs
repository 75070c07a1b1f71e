//! What happens with one interaction, whichever way it came in: who and where it is, the first answer, the desk's word.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use desk_core::basics::ids::{PersonId, Platform, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::{Person, Place, Role};
use desk_core::basics::text::code;
use desk_core::card::Card;
use desk_core::chat::{self, Cards, Choice, Pointer, Press, Typing};
use desk_core::desk::{DeliveryOutcome, Desk, Incoming, Invocation, Receipt};
use desk_core::policy::SHOW;
use desk_core::request::Verb;
use desk_core::words::{Kind, Risk};
use serde_json::{Value, json};
use tokio_util::task::TaskTracker;

use super::button::ButtonAction;
use super::draw::{self, Drawing, OutgoingMessage};
use super::form::form;
use super::incoming::{Received, What};
use super::messages::Messages;
use super::people::Members;
use super::reply::{First, Reply, delivery};
use super::rest::Refused;
use super::seen::RecentIds;
use super::settings::Settings;
use super::tree;
use crate::directory::Directory;

/// How long people see "… is thinking" before they are told what the desk is doing; the work continues meanwhile.
const GRACE: Duration = Duration::from_secs(2);

/// How long it may take to find out whether a form is needed: Discord waits three seconds for the first answer, of which the
/// way there may take most.
const FORM_WITHIN: Duration = Duration::from_secs(1);

/// How often a message that was pressed is edited until it shows the request as it is.
const EDITS: usize = 3;

/// How many forms one person may have open.
const FORMS: u64 = 16;

/// The most that Discord takes of suggestions, and of the characters of one.
const SUGGESTIONS: usize = 25;
const SUGGESTION_MAX: usize = 100;

/// How long a list waits for the cards that it links to: most are there, and those that someone deleted are posted again.
const LOOK_WITHIN: Duration = Duration::from_secs(1);

/// Who reads an answer, and where.
struct Reader {
    channel: u64,
    accounts: Vec<PersonId>,
    /// Whether they may see any request.
    may_look: bool,
    /// Whether the answer is beside a message whose button they pressed.
    beside: bool,
}

/// The message whose button was pressed, as far as it is the card of a request, or a copy of it.
#[derive(Clone, Copy)]
struct PressedCard {
    no: RequestNo,
    id: u64,
    /// Only one person sees it.
    private: bool,
}

pub(super) struct InteractionHandler {
    pub desk: Arc<Desk>,
    pub cards: Arc<Cards>,
    pub members: Arc<Members>,
    pub messages: Arc<Messages>,
    pub directory: Arc<Directory>,
    pub settings: Settings,
    /// What runs for people, so that a stop can wait for it.
    pub tasks: TaskTracker,
    pub seen: Arc<RecentIds>,
    /// Held while it is found out whether a form was sent before.
    pub forms: tokio::sync::Mutex<()>,
}

impl InteractionHandler {
    /// Answers one interaction. The caller has made sure that it is new.
    ///
    /// Who typed or pressed hears of a fault in the desk too, instead of waiting for an answer that doesn't come.
    pub(super) async fn answer(self: Arc<Self>, incoming: Received, reply: Reply) {
        let (front, reply, id) = (self.clone(), Arc::new(reply), incoming.id);
        let told = reply.clone();
        let handled = self.tasks.spawn(async move { front.handle(&incoming, &reply).await });
        if let Err(error) = handled.await {
            tracing::error!(interaction = id, %error, "a fault of connect-desk: an interaction was not handled");
            told.whatever(self.private(&Card::problem(&fault())).await).await;
        }
    }

    async fn handle(&self, incoming: &Received, reply: &Reply) {
        match &incoming.what {
            What::Suggest { path, option, typed, given } => {
                let said = Invocation::Chosen { path: path.clone(), options: given.clone() };
                let choices = self.suggestions(incoming, said, option, typed).await;
                reply.first(First::Suggestions(choices)).await;
            }
            _ => self.handle_command(incoming, reply).await,
        }
    }

    async fn handle_command(&self, incoming: &Received, reply: &Reply) {
        let said = self.said(incoming).await;
        // A secret is shown in an answer of its own, which can be filled twice without being shown twice.
        let secret = said.as_ref().is_ok_and(|said| self.shows_a_secret(said));
        let beside = incoming.message.is_some() && !secret;
        // Pages are turned, and looks are refreshed, where they are: by the buttons of their own command.
        let page = self.page(incoming);
        let turns_page = page.is_some() && incoming.message.as_ref().is_some_and(|message| message.private);
        // Only what may open a form is looked at before it is acknowledged; for the rest nothing comes before that.
        if let Ok(said) = &said
            && let Some(form) = self.form_for(incoming, said).await
        {
            reply.first(First::Form(form)).await;
            return;
        }
        let work = async {
            // The acknowledgement is on its way before the work takes the processor.
            tokio::task::yield_now().await;
            let kept = self.seen.clone().keep(incoming.id);
            let said = said?;
            let entry = chat::entry_of(&self.desk, &said);
            let new = entry.as_ref().is_some_and(|entry| entry.command.spec.risk != Risk::Read);
            let handled = async {
                let heard = self.heard(incoming, said).await?;
                let reader = Reader {
                    channel: incoming.channel,
                    accounts: heard.by.accounts(),
                    may_look: chat::may_look(&self.desk, &heard.by, &heard.place),
                    beside,
                };
                let form = self.use_form(incoming).await?;
                let answer = self.desk.handle(heard).await;
                if let Some(form) = form {
                    self.used_form(incoming, form, answer.request).await;
                }
                Ok::<_, Problem>((answer, new, reader))
            };
            // What only answers may come twice; for everything else it is on disk that it came before anything is done for it.
            if entry.is_some_and(|entry| !entry.command.counts()) {
                tokio::join!(kept, handled).1
            } else {
                kept.await;
                handled.await
            }
        };
        let ack = reply.first(if beside { First::Quiet } else { First::Think });
        let heard = if secret {
            // It is unsealed only when there may be a place to show it.
            if ack.await == DeliveryOutcome::NotDelivered {
                return;
            }
            work.await
        } else {
            tokio::join!(ack, work).1
        };
        let card = self.pressed_card(incoming).await;
        // Also what is refused, or answered beside it, leaves the message that was pressed as things are now.
        let refused = |answer: Card, reader: Option<Reader>| async move {
            // A problem is no page, and leaves the one that was there: only what a line shows again has that line.
            let beside = beside && !(turns_page && answer.line.is_some());
            self.tell(reply, self.private_page(&answer, page.unwrap_or(1)).await, beside).await;
            if let Some(card) = card {
                self.leave_right(card, incoming, reader, secret, reply).await;
            }
        };
        let (no, new, reader) = match heard {
            Err(problem) => return refused(Card::problem(&problem), None).await,
            Ok((answer, new, reader)) => match (answer.request, answer.receipt) {
                (Some(no), _) => (no, new, reader),
                (None, Some(receipt)) => return self.show_once(reply, &answer.card, receipt).await,
                (None, None) => {
                    let answer = self.linked(answer.card, incoming).await;
                    return refused(answer, Some(reader)).await;
                }
            },
        };
        let desk = self.desk.clone();
        let mut at_work = self.tasks.spawn(async move { desk.advance(no).await.map(|_| ()) });
        let moment = tokio::time::timeout(GRACE, &mut at_work).await;
        let goes_on = moment.is_err();
        if let Ok(ended) = moment
            && let Err(problem) = ended.unwrap_or_else(|_| Err(fault()))
        {
            return refused(self.desk.kept(no, &problem).await, Some(reader)).await;
        }
        let mut shown = None;
        self.show(no, new, card, &reader, &mut shown, reply).await;
        if goes_on {
            // What it came to is said where the person looks, as long as Discord lets the desk.
            if let Err(problem) = at_work.await.unwrap_or_else(|_| Err(fault())) {
                return refused(self.desk.kept(no, &problem).await, Some(reader)).await;
            }
            self.show(no, new, card, &reader, &mut shown, reply).await;
        }
        if let Some(card) = card.filter(|card| new || card.no != no) {
            self.leave_right(card, incoming, Some(reader), secret, reply).await;
        }
    }

    /// The card whose button was pressed: that of the request which its buttons decide about, whatever the one that was pressed says. One
    /// that has no such button any more, though a screen that is behind still shows it, is known from the log.
    async fn pressed_card(&self, incoming: &Received) -> Option<PressedCard> {
        let message = incoming.message.as_ref()?;
        let (channel, id) = (incoming.channel.to_string(), message.id);
        let no = match message.buttons.iter().find_map(|custom_id| self.decides(custom_id)) {
            Some(no) => no,
            None => {
                let (What::Pressed { custom_id } | What::Form { custom_id, .. }) = &incoming.what else {
                    return None;
                };
                let no = self.decides(custom_id)?;
                self.cards.is_card(no, &channel, &id.to_string()).await.then_some(no)?
            }
        };
        Some(PressedCard { no, id, private: message.private })
    }

    /// The request that a button decides about.
    fn decides(&self, custom_id: &str) -> Option<RequestNo> {
        match self.messages.signer.read(custom_id) {
            Ok(ButtonAction::Decide { no, .. }) => Some(no),
            _ => None,
        }
    }

    /// Leaves the card whose button was pressed as things are now. A copy for one person's eyes stays as it was for a person who may not
    /// see the request any more, and where the answer took the place that an edit of it needs.
    async fn leave_right(
        &self,
        card: PressedCard,
        incoming: &Received,
        reader: Option<Reader>,
        is_answered: bool,
        reply: &Reply,
    ) {
        let channel = incoming.channel;
        let stranger = Reader { channel, accounts: Vec::new(), may_look: false, beside: true };
        let reader = reader.unwrap_or(stranger);
        if is_answered {
            self.cards.draw(card.no, None).await;
        } else if !card.private || reader.may_look {
            self.pressed_shows(card, &reader, reply).await;
        }
    }

    /// A card whose requests are links to their cards. Who types a command looks for them, so the desk looks whether they are there.
    async fn linked(&self, card: Card, incoming: &Received) -> Card {
        let mut wanted: Vec<RequestNo> = card.requests();
        wanted.extend(card.request.filter(|no| !wanted.contains(no)));
        if incoming.message.is_none() && !wanted.is_empty() {
            let cards = self.cards.clone();
            let looked = self.tasks.spawn(async move { cards.look_for(&wanted).await });
            drop(tokio::time::timeout(LOOK_WITHIN, looked).await);
        }
        self.cards.linked(card, &incoming.channel.to_string()).await
    }

    /// Gives a private answer, in the place of "… is thinking" or `beside` the message that was pressed. When it does not get
    /// there whole, the person is told that at least.
    async fn tell(&self, reply: &Reply, sheet: OutgoingMessage, beside: bool) {
        let has_files = !sheet.files.is_empty();
        let sent = if beside { reply.follow_up(sheet).await } else { reply.edit(sheet).await };
        let Err(refusal) = sent else { return };
        // It would refuse the same again.
        let is_refused = matches!(refusal.kind, Refused::Wrong | Refused::Permission) && !refusal.in_doubt;
        let told = match is_refused {
            true => format!("{refusal}. So a part of the answer is missing. Tell the desk's operator."),
            false => "Discord did not show all of the answer. Ask again.".to_owned(),
        };
        // Nothing of an answer without files is there, so the sentence ends "… is thinking".
        let takes_its_place = is_refused && !beside && !has_files;
        if !takes_its_place || reply.edit(draw::sentence(&told)).await.is_err() {
            drop(reply.follow_up(draw::sentence(&told)).await);
        }
    }

    /// Gives an answer that is shown once, and reports what became of it.
    async fn show_once(&self, reply: &Reply, card: &Card, receipt: Receipt) {
        let outcome = delivery(&reply.edit(self.private(card).await).await);
        if let Err(problem) = self.desk.delivered(receipt.clone(), outcome).await {
            tracing::error!(
                code = problem.code,
                "what became of a secret could not be written down: {problem}"
            );
        }
        if outcome != DeliveryOutcome::Delivered {
            let card = self.desk.undelivered(&receipt).await;
            drop(reply.edit(self.private(&card).await).await);
        }
    }

    /// Answers with the request as it is now, unless the message that was pressed shows that.
    async fn show(
        &self,
        no: RequestNo,
        new: bool,
        card: Option<PressedCard>,
        reader: &Reader,
        shown: &mut Option<Drawing>,
        reply: &Reply,
    ) {
        let own = card.filter(|card| !new && card.no == no);
        if let Some(card) = own
            && self.pressed_shows(card, reader, reply).await
        {
            return;
        }
        let sheet = if new {
            self.pointer(no, reader).await
        } else {
            let note = own.map(|_| "The message that you pressed can't be updated. Only you see this.");
            self.copy(no, note, reader).await
        };
        let drawing = sheet.drawing();
        if shown.as_ref() != Some(&drawing) {
            *shown = Some(drawing);
            self.tell(reply, sheet, reader.beside).await;
        }
    }

    /// Whether the message whose button was pressed shows the request as it is now. Where the desk itself may not edit it,
    /// the press may.
    async fn pressed_shows(&self, card: PressedCard, reader: &Reader, reply: &Reply) -> bool {
        let PressedCard { no, id, private } = card;
        let (channel, id) = (reader.channel.to_string(), id.to_string());
        let mut shown = None;
        // The request may change, and its card move, while the message is edited.
        for _ in 0..EDITS {
            let sheet = match self.cards.current(no, &channel).await {
                Some(current) if current == id && shown.is_none() => return true,
                _ if private => self.copy(no, None, reader).await,
                Some(current) if current != id => match self.cards.link(no, &channel).await {
                    Some(link) => draw::moved(no, &link),
                    None => break,
                },
                _ => match self.cards.public(no, &channel).await {
                    Ok(message) => self.messages.drawn(&message),
                    Err(_) => break,
                },
            };
            let drawing = sheet.drawing();
            if shown.as_ref() == Some(&drawing) {
                break;
            }
            if reply.edit(sheet).await.is_err() {
                return false;
            }
            shown = Some(drawing);
        }
        shown.is_some()
    }

    /// Tells the reader where the card of a request is, or shows it where it can't be posted.
    async fn pointer(&self, no: RequestNo, reader: &Reader) -> OutgoingMessage {
        match self.cards.pointer(no, &reader.channel.to_string()).await {
            Pointer::At(link) => draw::sentence(&format!("{no}: {link}")),
            Pointer::Card => self.copy(no, None, reader).await,
            Pointer::Planned => {
                draw::sentence(&format!("{no} is being planned. Its card will appear in this channel."))
            }
            Pointer::NotHere => {
                let note = "The desk may not write in this channel, so only you see this card. Tell the desk's operator.";
                self.copy(no, Some(note), reader).await
            }
        }
    }

    /// The page of a table that a button shows.
    fn page(&self, incoming: &Received) -> Option<usize> {
        let What::Pressed { custom_id } = &incoming.what else { return None };
        match self.messages.signer.read(custom_id) {
            Ok(ButtonAction::Page { page, .. }) => Some(page),
            _ => None,
        }
    }

    async fn private(&self, card: &Card) -> OutgoingMessage {
        self.private_page(card, 1).await
    }

    /// A card as an answer that only one person sees.
    async fn private_page(&self, card: &Card, page: usize) -> OutgoingMessage {
        let request = match card.request {
            Some(no) => self.desk.request(no).await.ok(),
            None => None,
        };
        let plan = request.as_ref().and_then(|request| request.planned.as_ref());
        self.messages.private(card, plan.map(|planned| planned.digest.short()), page)
    }

    /// The card for one person's eyes.
    async fn copy(&self, no: RequestNo, note: Option<&str>, reader: &Reader) -> OutgoingMessage {
        match self.desk.card(no).await {
            Ok(card) => {
                let card = card.to_reader(&reader.accounts);
                let card = match note {
                    Some(note) => card.warning(note),
                    None => card,
                };
                self.private(&card).await
            }
            Err(problem) => self.private(&Card::problem(&problem)).await,
        }
    }

    fn is_command(&self, said: &Invocation, path: &str) -> bool {
        chat::entry_of(&self.desk, said).is_some_and(|entry| entry.path == path)
    }

    fn shows_a_secret(&self, said: &Invocation) -> bool {
        self.is_command(said, Verb::Reveal.row().path)
    }

    /// What was said, in the words of the desk.
    async fn said(&self, incoming: &Received) -> Result<Invocation, Problem> {
        match &incoming.what {
            What::Command { path, options } => Ok(Invocation::Chosen {
                path: path.clone(),
                options: options.iter().map(chat::one_line).collect(),
            }),
            What::Pressed { custom_id } => self.pressed(incoming, custom_id, &[]).await,
            What::Form { custom_id, fields } => self.pressed(incoming, custom_id, fields).await,
            What::Suggest { .. } => Err(odd()),
        }
    }

    /// What a button says, or a form with what was written into it.
    async fn pressed(
        &self,
        incoming: &Received,
        custom_id: &str,
        fields: &[(String, String)],
    ) -> Result<Invocation, Problem> {
        let press = match self.messages.signer.read(custom_id)? {
            ButtonAction::Say { line } | ButtonAction::Page { line, .. } => Press::Say { line },
            ButtonAction::Decide { path, no, plan } => Press::Decide { path, no, plan },
            ButtonAction::Kept { interaction } => {
                let kept = self.kept_form(incoming.user, interaction).await?;
                Press::Command { path: kept.path, options: kept.options }
            }
        };
        chat::pressed(&self.desk, press, fields)
    }

    async fn kept_form(&self, user: u64, interaction: u64) -> Result<KeptForm, Problem> {
        let kept = self.desk.vault.file(&form_name(user, interaction)).await?;
        let kept: Option<KeptForm> = kept.and_then(|kept| serde_json::from_slice(&kept).ok());
        kept.filter(|kept| kept.interaction == interaction).ok_or_else(|| {
            Problem::requester("form_old", "This form is too old, or someone else's.")
                .hint("Type the command again.")
        })
    }

    /// Uses up the form that was sent, if it is kept: Discord leaves a form open whose first answer was late, and people send it again.
    async fn use_form(&self, incoming: &Received) -> Result<Option<KeptForm>, Problem> {
        let What::Form { custom_id, .. } = &incoming.what else { return Ok(None) };
        let ButtonAction::Kept { interaction } = self.messages.signer.read(custom_id)? else {
            return Ok(None);
        };
        let _one_at_a_time = self.forms.lock().await;
        let form = self.kept_form(incoming.user, interaction).await?;
        match form.used {
            Used::No => {}
            Used::For(no) => {
                return Err(Problem::requester(
                    "form_used",
                    format!("This form was sent already, for {no}."),
                )
                .hint(format!("See `/{SHOW} {}`.", no.0)));
            }
            Used::Yes => {
                return Err(Problem::requester("form_used", "This form was sent already.")
                    .hint("Check `/desk requests`. If it isn't there in a minute, type the command again."));
            }
        }
        self.seal_form(incoming.user, &KeptForm { used: Used::Yes, ..form.clone() }).await?;
        Ok(Some(form))
    }

    /// Notes what became of a form. One that was refused may be sent again.
    async fn used_form(&self, incoming: &Received, form: KeptForm, made: Option<RequestNo>) {
        let form = KeptForm { used: made.map_or(Used::No, Used::For), ..form };
        if let Err(problem) = self.seal_form(incoming.user, &form).await {
            tracing::error!(code = problem.code, "what became of a form could not be kept: {problem}");
        }
    }

    async fn seal_form(&self, user: u64, form: &KeptForm) -> Result<(), Problem> {
        let bytes = serde_json::to_vec(form).map_err(|_| fault())?;
        let name = form_name(user, form.interaction);
        self.desk.vault.keep_file(&name, zeroize::Zeroizing::new(bytes)).await
    }

    /// Who says it, and where; a problem when this is no place for it.
    async fn heard(&self, incoming: &Received, said: Invocation) -> Result<Incoming, Problem> {
        let place = self.place(incoming)?;
        let by = match &incoming.roles {
            Some(roles) => self.members.known(incoming.user, &incoming.name, roles)?,
            None => self.members.ask(incoming.user).await?.ok_or_else(|| {
                Problem::requester("not_a_member", "You are not on the server that this desk serves.")
                    .hint("Join it, and ask there.")
            })?,
        };
        Ok(Incoming { by, place, said })
    }

    fn place(&self, incoming: &Received) -> Result<Place, Problem> {
        let channel = incoming.channel.to_string();
        let Some(guild) = incoming.guild else {
            return Ok(Place { platform: Platform::Discord, channel, private: true, parent: None });
        };
        if guild != self.settings.guild.get() {
            return Err(Problem::requester("other_server", "This desk serves another server.")
                .hint("Ask there, or have its operator set up a desk for this one."));
        }
        let open = self.settings.channels.iter().chain(&self.settings.approvals_channel);
        let listens = |channel: u64| open.clone().any(|id| id.get() == channel);
        // Threads and posts are part of the channel that they are in.
        let parent = incoming.parent.filter(|parent| !listens(incoming.channel) && listens(*parent));
        if !listens(incoming.channel) && parent.is_none() {
            let channels: Vec<String> = self
                .settings
                .channels
                .iter()
                .map(|id| format!("channel {}", code(&id.to_string())))
                .collect();
            return Err(Problem::requester("other_channel", "The desk does not listen in this channel.")
                .hint(format!("Ask in {}.", desk_core::basics::text::list(&channels, "or"))));
        }
        let parent = parent.map(|parent| parent.to_string());
        Ok(Place { platform: Platform::Discord, channel, private: false, parent })
    }

    /// The form that asks for the words which are missing, if some are.
    async fn form_for(&self, incoming: &Received, said: &Invocation) -> Option<Value> {
        if matches!(incoming.what, What::Form { .. }) {
            return None;
        }
        let heard = || {
            let by = match &incoming.roles {
                Some(roles) => self.members.known(incoming.user, &incoming.name, roles).ok()?,
                // In a direct message the roles of a person are unknown, so the form is for everyone who may need it.
                None => Person {
                    roles: Role::ALL.into(),
                    ..self.members.known(incoming.user, &incoming.name, &[]).ok()?
                },
            };
            Some(Incoming { by, place: self.place(incoming).ok()?, said: said.clone() })
        };
        let wanted = chat::form_for(&self.desk, said, incoming.message.is_some(), heard);
        let wanted = tokio::time::timeout(FORM_WITHIN, wanted).await.ok()??;
        let custom_id = match &incoming.what {
            // A decision counts once, however often it is sent.
            What::Pressed { custom_id } if self.decides(custom_id).is_some() => custom_id.clone(),
            _ => self.keep_form(incoming, said).await?,
        };
        Some(form(&tree::as_typed(&wanted.title), &custom_id, &wanted.args, wanted.required))
    }

    /// Keeps a command sealed until its form comes, for the person who gave it. A person's newest forms are kept.
    async fn keep_form(&self, incoming: &Received, said: &Invocation) -> Option<String> {
        let (path, options) = chat::chosen(&self.desk, said)?;
        let interaction = incoming.id;
        let kept = KeptForm { interaction, path, options, used: Used::No };
        match self.seal_form(incoming.user, &kept).await {
            Ok(()) => Some(self.messages.signer.id(&ButtonAction::Kept { interaction })),
            Err(problem) => {
                tracing::error!(code = problem.code, "a command could not be kept for its form: {problem}");
                None
            }
        }
    }

    /// What matches the text so far; nothing for people who may not use the command.
    async fn suggestions(
        &self,
        incoming: &Received,
        said: Invocation,
        option: &str,
        typed: &str,
    ) -> Vec<Value> {
        // Who writes in a direct message has to be asked for, and suggestions that come late are none.
        let heard = tokio::time::timeout(FORM_WITHIN, self.heard(incoming, said)).await;
        let Ok(Ok(heard)) = heard else { return Vec::new() };
        let entry = chat::entry_of(&self.desk, &heard.said);
        let is_number = entry
            .and_then(|entry| entry.command.spec.arg(option))
            .is_some_and(|arg| arg.kind == Kind::Request);
        let typing = Typing { option, typed, most: SUGGESTIONS, longest: SUGGESTION_MAX, continues: false };
        let choices = chat::suggestions(&self.desk, &heard, typing, self.directory.as_ref()).await;
        let mut labels = BTreeSet::new();
        choices
            .iter()
            .map(|choice| shown(choice, is_number))
            // Discord takes no two choices of one name.
            .filter(|choice| labels.insert(choice["name"].to_string()))
            .collect()
    }
}

/// A command whose missing words a form asks for.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct KeptForm {
    interaction: u64,
    path: String,
    options: Vec<(String, String)>,
    used: Used,
}

/// Whether a form was sent.
#[derive(Clone, Copy, serde::Serialize, serde::Deserialize)]
enum Used {
    No,
    /// What came of it is not known yet, or was not written down by a desk that was killed.
    Yes,
    For(RequestNo),
}

/// Under which name a form's command is kept. Each person has so many of them; a new one takes the place of an old one.
fn form_name(user: u64, interaction: u64) -> String {
    // The moment of the interaction; its lowest bits are those of a counter that mostly stays at zero.
    format!("form/{user}/{}", (interaction >> 22) % FORMS)
}

/// A suggestion as Discord takes it. A request is chosen by its number.
fn shown(choice: &Choice, is_number: bool) -> Value {
    let value = match choice.value.parse::<u64>() {
        Ok(number) if is_number => json!(number),
        _ => json!(choice.value),
    };
    json!({ "name": desk_core::basics::text::plain(&tree::as_typed(&choice.label), SUGGESTION_MAX - 1), "value": value })
}

fn fault() -> Problem {
    Problem::operator("fault", "The desk has a fault and couldn't continue with this.")
        .hint("Look with `/desk requests` what became of it, and tell the desk's operator.")
}

fn odd() -> Problem {
    Problem::requester("interaction", "That is nothing the desk offered.")
        .hint("Type `/desk help` for a list.")
}
