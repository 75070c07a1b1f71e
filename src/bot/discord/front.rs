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
use desk_core::request::Verb;
use desk_core::words::{Kind, Risk};
use serde_json::{Value, json};
use tokio_util::task::TaskTracker;

use super::button::ButtonAction;
use super::draw::{self, Drawing, OutgoingMessage};
use super::form::form;
use super::incoming::{Pressed, Received, What};
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

/// Who reads an answer, and where.
struct Reader {
    channel: u64,
    accounts: Vec<PersonId>,
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
        let pressed = incoming.message.filter(|_| !secret);
        // Pages are turned, and looks are refreshed, where they are: by the buttons of their own command.
        let page = self.page(incoming);
        let turns_page = page.is_some() && incoming.message.is_some_and(|message| message.private);
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
                let reader = Reader { channel: incoming.channel, accounts: heard.by.accounts() };
                Ok::<_, Problem>((self.desk.handle(heard).await, new, reader))
            };
            // What only answers may come twice; for everything else it is on disk that it came before anything is done for it.
            if entry.is_some_and(|entry| !entry.command.counts()) {
                tokio::join!(kept, handled).1
            } else {
                kept.await;
                handled.await
            }
        };
        let ack = reply.first(if pressed.is_some() { First::Quiet } else { First::Think });
        let heard = if secret {
            // It is unsealed only when there may be a place to show it.
            if ack.await == DeliveryOutcome::NotDelivered {
                return;
            }
            work.await
        } else {
            tokio::join!(ack, work).1
        };
        let refused = |card: Card| async move {
            // A problem is no page, and leaves the one that was there: only what a line shows again has that line.
            let beside = pressed.is_some() && !(turns_page && card.line.is_some());
            self.tell(reply, self.private_page(&card, page.unwrap_or(1)).await, beside).await;
        };
        let (no, new, reader) = match heard {
            Err(problem) => return refused(Card::problem(&problem)).await,
            Ok((answer, new, reader)) => match (answer.request, answer.receipt) {
                (Some(no), _) => (no, new, reader),
                (None, Some(receipt)) => return self.show_once(reply, &answer.card, receipt).await,
                (None, None) => {
                    let card = self.cards.linked(answer.card, &incoming.channel.to_string()).await;
                    return refused(card).await;
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
            return refused(self.desk.kept(no, &problem).await).await;
        }
        let mut shown = None;
        self.show(no, new, pressed, &reader, &mut shown, reply).await;
        if goes_on {
            // What it came to is said where the person looks, as long as Discord lets the desk.
            if let Err(problem) = at_work.await.unwrap_or_else(|_| Err(fault())) {
                return refused(self.desk.kept(no, &problem).await).await;
            }
            self.show(no, new, pressed, &reader, &mut shown, reply).await;
        }
    }

    /// Gives a private answer, in the place of "… is thinking" or `beside` the message that was pressed. When it does not get
    /// there whole, the person is told that at least.
    async fn tell(&self, reply: &Reply, sheet: OutgoingMessage, beside: bool) {
        let sent = if beside { reply.follow_up(sheet).await } else { reply.edit(sheet).await };
        let Err(refusal) = sent else { return };
        let told = match refusal.kind {
            // It would refuse the same again.
            Refused::Wrong | Refused::Permission if !refusal.in_doubt => {
                format!("{refusal}. So a part of the answer is missing. Tell the desk's operator.")
            }
            _ => "Discord did not show all of the answer. Ask again.".to_owned(),
        };
        drop(reply.follow_up(draw::sentence(&told)).await);
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
        pressed: Option<Pressed>,
        reader: &Reader,
        shown: &mut Option<Drawing>,
        reply: &Reply,
    ) {
        if let Some(pressed) = pressed.filter(|_| !new)
            && self.pressed_shows(no, pressed, reader, reply).await
        {
            return;
        }
        let beside = pressed.is_some();
        let sheet = if new {
            self.pointer(no, reader).await
        } else {
            let note = beside.then_some("The message that you pressed can't be updated. Only you see this.");
            self.copy(no, note, reader).await
        };
        let drawing = sheet.drawing();
        if shown.as_ref() != Some(&drawing) {
            *shown = Some(drawing);
            self.tell(reply, sheet, beside).await;
        }
    }

    /// Whether the message whose button was pressed shows the request as it is now. Where the desk itself may not edit it,
    /// the press may.
    async fn pressed_shows(&self, no: RequestNo, pressed: Pressed, reader: &Reader, reply: &Reply) -> bool {
        let (channel, id) = (reader.channel.to_string(), pressed.id.to_string());
        let mut shown = None;
        // The request may change, and its card move, while the message is edited.
        for _ in 0..EDITS {
            let sheet = match self.cards.current(no, &channel).await {
                Some(current) if current == id && shown.is_none() => return true,
                _ if pressed.private => self.copy(no, None, reader).await,
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
                let kept = self.desk.vault.file(&form_name(incoming.user, interaction)).await?;
                let kept: Option<KeptForm> = kept.and_then(|kept| serde_json::from_slice(&kept).ok());
                let kept = kept.filter(|kept| kept.interaction == interaction).ok_or_else(|| {
                    Problem::requester("form_old", "This form is too old.").hint("Type the command again.")
                })?;
                Press::Command { path: kept.path, options: kept.options }
            }
        };
        chat::pressed(&self.desk, press, fields)
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
            What::Pressed { custom_id } => custom_id.clone(),
            _ => self.keep_form(incoming, said).await?,
        };
        Some(form(&tree::as_typed(&wanted.title), &custom_id, &wanted.args, wanted.required))
    }

    /// Keeps a command sealed until its form comes, for the person who gave it. A person's newest forms are kept.
    async fn keep_form(&self, incoming: &Received, said: &Invocation) -> Option<String> {
        let Invocation::Chosen { path, options } = said else { return None };
        let interaction = incoming.id;
        let kept = KeptForm { interaction, path: path.clone(), options: options.clone() };
        let bytes = zeroize::Zeroizing::new(serde_json::to_vec(&kept).ok()?);
        match self.desk.vault.keep_file(&form_name(incoming.user, interaction), bytes).await {
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
#[derive(serde::Serialize, serde::Deserialize)]
struct KeptForm {
    interaction: u64,
    path: String,
    options: Vec<(String, String)>,
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
