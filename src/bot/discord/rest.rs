//! Discord's API through serenity: every call in one place, tried again where that is safe, its failures sorted.

use std::sync::Arc;
use std::time::Duration;

use desk_core::ports::Clock;
use serde_json::{Value, json};
use serenity::all::{ApplicationId, ChannelId, GuildId, InteractionId, MessageId, UserId};
use serenity::builder::CreateAttachment;
use serenity::http::{Http, HttpError, LightMethod, Multipart, MultipartUpload, Request, Route};

use super::attached::Attached;
use super::draw::OutgoingMessage;
use desk_core::basics::problem::Problem;

/// Pauses between tries while Discord is out of order or the line is dropped.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(250), Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

/// The first answer to an interaction has to arrive within 3 s, so it is tried again immediately and less often.
const QUICK_PAUSES: [Duration; 3] =
    [Duration::from_millis(50), Duration::from_millis(200), Duration::from_millis(500)];

/// The pause between questions that have to be answered before anything else makes sense.
const LONG_PAUSE: Duration = Duration::from_secs(30);

/// How long a call may take until it counts as lost, unless given otherwise.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Why a call did not do what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub kind: Refused,
    /// Discord's error code, 0 when there was none.
    pub code: i64,
    /// Discord's own words, or the network's.
    pub message: String,
    /// Whether this try or an earlier one may have taken effect, although no answer says so.
    pub in_doubt: bool,
}

/// What a refusal means for the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The bot's own token is no longer valid.
    Token,
    /// The bot may not do this here.
    Permission,
    /// The server, channel, message, member or interaction is not there (any more), as Discord itself says by a code of its own.
    Gone,
    /// The interaction was answered before.
    Answered,
    /// Out of order, throttled or not reached: later it may work.
    Later,
    /// What answers has no such route, as Discord itself always has.
    NoRoute,
    /// Discord does not take it as it is.
    Wrong,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Discord says: {} (code {})", self.message.trim_end_matches('.'), self.code)
    }
}

/// A message as Discord has it.
pub(super) struct Posted {
    pub id: u64,
    json: Value,
    /// Whether its files are there.
    whole: bool,
}

impl Posted {
    /// Whether it is the card that was sent, as far as people can tell.
    pub(super) fn shows(&self, sheet: &OutgoingMessage) -> bool {
        self.whole && shows(&self.json, sheet)
    }

    /// Whether it has the content that was sent, which is where roles and people are mentioned.
    pub(super) fn has_content_of(&self, sheet: &OutgoingMessage) -> bool {
        content(&self.json) == content(&sheet.json)
    }
}

/// The flag of a message that is "… is thinking" still.
const LOADING: u64 = 1 << 7;

fn content(message: &Value) -> &str {
    message["content"].as_str().unwrap_or_default().trim()
}

/// Whether a message has the text and the card that were sent, as far as people can tell without its files.
fn shows(message: &Value, sheet: &OutgoingMessage) -> bool {
    let same = |part: &str| message["embeds"][0][part] == sheet.json["embeds"][0][part];
    let is_loading = message["flags"].as_u64().is_some_and(|flags| flags & LOADING != 0);
    !is_loading && content(message) == content(&sheet.json) && same("title") && same("description")
}

/// The client. Clones share it.
#[derive(Clone)]
pub(super) struct Rest {
    pub http: Arc<Http>,
    pub application: ApplicationId,
    clock: Arc<dyn Clock>,
    answer_within: Duration,
    revoked: Arc<tokio::sync::Notify>,
}

impl Rest {
    pub(super) fn new(
        http: Arc<Http>,
        application: ApplicationId,
        clock: Arc<dyn Clock>,
        answer_within: Duration,
    ) -> Rest {
        Rest { http, application, clock, answer_within, revoked: Arc::default() }
    }

    pub(super) async fn pause(&self, how_long: Duration) {
        self.clock.sleep(how_long).await;
    }

    /// What comes of this, unless it takes longer than a call may.
    pub(super) async fn in_time<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(self.answer_within, work).await.ok()
    }

    /// Returns once Discord has refused the token.
    pub(super) async fn revoked(&self) {
        self.revoked.notified().await;
    }

    /// The first answer to an interaction. That it was answered before is no error: the answer of an earlier try was lost.
    pub(super) async fn respond(&self, id: u64, token: &str, response: &Value) -> Result<(), Refusal> {
        let route = Route::InteractionResponse { interaction_id: InteractionId::new(id), token };
        let sent = self.send(LightMethod::Post, route, Some(response), None, &QUICK_PAUSES).await;
        match sent {
            Err(refusal) if refusal.kind == Refused::Answered => Ok(()),
            sent => sent.map(|_| ()),
        }
    }

    /// Puts the answer in the place of the first one. Where Discord's word on that is lost, it is asked what the person has.
    pub(super) async fn edit_response(&self, token: &str, sheet: &OutgoingMessage) -> Result<(), Refusal> {
        let route = Route::WebhookOriginalInteractionResponse { application_id: self.application, token };
        let current = match self.text(LightMethod::Patch, route, &sheet.json).await {
            Err(refusal) if refusal.in_doubt => {
                let current = self.get(route).await.ok().filter(|current| shows(current, sheet));
                current.ok_or(refusal)?
            }
            taken => taken?,
        };
        self.files(route, &current, &sheet.files).await
    }

    /// One more answer, which only the person sees when the sheet says so.
    pub(super) async fn follow_up(&self, token: &str, sheet: &OutgoingMessage) -> Result<(), Refusal> {
        let route = Route::WebhookFollowupMessages { application_id: self.application, token };
        let current = self.text(LightMethod::Post, route, &sheet.json).await?;
        let message_id = MessageId::new(id_of(&current).unwrap_or(1).max(1));
        let route = Route::WebhookFollowupMessage { application_id: self.application, token, message_id };
        self.files(route, &current, &sheet.files).await
    }

    /// A message in a channel. Sent twice with the same `nonce` within minutes it is one message, the first.
    pub(super) async fn post(
        &self,
        channel: u64,
        sheet: &OutgoingMessage,
        nonce: &str,
    ) -> Result<Posted, Refusal> {
        let mut json = sheet.json.clone();
        json["nonce"] = json!(nonce);
        json["enforce_nonce"] = json!(true);
        let channel_id = ChannelId::new(channel);
        let posted = self.text(LightMethod::Post, Route::ChannelMessages { channel_id }, &json).await?;
        match id_of(&posted) {
            Some(id) => {
                let message_id = MessageId::new(id.max(1));
                // A card without its file is still valid; an edit adds the file.
                let route = Route::ChannelMessage { channel_id, message_id };
                let whole = self.files(route, &posted, &sheet.files).await.is_ok();
                Ok(Posted { id, json: posted, whole })
            }
            None => Err(Refusal {
                kind: Refused::Wrong,
                code: 0,
                message: "the answer to a new message has no id".to_owned(),
                in_doubt: true,
            }),
        }
    }

    /// Edits a message. Its text may be right while one of its files is refused, which is given then.
    pub(super) async fn edit(
        &self,
        channel: u64,
        message: u64,
        sheet: &OutgoingMessage,
    ) -> Result<Option<Refusal>, Refusal> {
        let (channel_id, message_id) = (ChannelId::new(channel), MessageId::new(message.max(1)));
        let route = Route::ChannelMessage { channel_id, message_id };
        let current = self.text(LightMethod::Patch, route, &sheet.json).await?;
        Ok(self.files(route, &current, &sheet.files).await.err())
    }

    /// A member of the server, or nothing when Discord says that they are not there. That the bot itself isn't, or that something
    /// between here and Discord has no such page, says nothing of them.
    pub(super) async fn member(&self, guild: u64, user: u64) -> Result<Option<Value>, Refusal> {
        let route = Route::GuildMember { guild_id: GuildId::new(guild), user_id: UserId::new(user.max(1)) };
        match self.get(route).await {
            Ok(member) => Ok(Some(member)),
            Err(refusal) if NOT_THERE.contains(&refusal.code) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    pub(super) async fn get(&self, route: Route<'_>) -> Result<Value, Refusal> {
        self.send(LightMethod::Get, route, None, None, &PAUSES).await
    }

    pub(super) async fn put(&self, route: Route<'_>, body: &Value) -> Result<Value, Refusal> {
        self.send(LightMethod::Put, route, Some(body), None, &PAUSES).await
    }

    /// A message without a word on its files, which therefore stay as they are; it is answered with the message.
    async fn text(&self, method: LightMethod, route: Route<'_>, json: &Value) -> Result<Value, Refusal> {
        self.send(method, route, Some(json), None, &PAUSES).await
    }

    /// Brings the files of the `current` message to what is wanted: what is there stays and is not sent again.
    ///
    /// One call sends one file, because serenity keeps the number of an attachment to itself, and the first is number 0.
    /// A call that happened although its answer was lost does no harm: the next one names what is to stay.
    async fn files(&self, route: Route<'_>, current: &Value, wanted: &[Attached]) -> Result<(), Refusal> {
        let mut there: Vec<Value> = current["attachments"].as_array().cloned().unwrap_or_default();
        let is = |entry: &Value, file: &Attached| {
            let same = match entry["description"].as_str() {
                Some(mark) => mark == file.mark(),
                None => entry["size"] == file.bytes.len(),
            };
            same && entry["filename"] == file.name.as_str()
        };
        let before = there.len();
        there.retain(|entry| wanted.iter().any(|file| is(entry, file)));
        let missing: Vec<&Attached> =
            wanted.iter().filter(|file| !there.iter().any(|entry| is(entry, file))).collect();
        if missing.is_empty() && there.len() < before {
            let json = json!({ "attachments": kept(&there) });
            self.send(LightMethod::Patch, route, Some(&json), None, &PAUSES).await?;
        }
        for file in missing {
            let mut list = kept(&there);
            list.push(json!({ "id": 0, "filename": file.name, "description": file.mark() }));
            let json = json!({ "attachments": list });
            let answer = self.send(LightMethod::Patch, route, Some(&json), Some(file), &PAUSES).await?;
            there = answer["attachments"].as_array().cloned().unwrap_or_default();
        }
        Ok(())
    }

    /// Makes the call, and again after each pause as long as trying later may help.
    async fn send(
        &self,
        method: LightMethod,
        route: Route<'_>,
        body: Option<&Value>,
        file: Option<&Attached>,
        pauses: &[Duration],
    ) -> Result<Value, Refusal> {
        let mut pauses = pauses.iter();
        let mut in_doubt = false;
        loop {
            let refusal = match self.try_once(method, route, body, file).await {
                Ok(answer) => return Ok(answer),
                Err(refusal) if refusal.kind == Refused::Token => self.about_the_token(route, refusal).await,
                Err(refusal) => refusal,
            };
            in_doubt |= refusal.in_doubt;
            match (refusal.kind, pauses.next()) {
                (Refused::Later, Some(pause)) => self.clock.sleep(*pause).await,
                _ => return Err(Refusal { in_doubt, ..refusal }),
            }
        }
    }

    /// What a 401 means: one of the bot's own token ends the desk, so `users/@me` is asked before that is believed.
    async fn about_the_token(&self, route: Route<'_>, refusal: Refusal) -> Refusal {
        let word = match route {
            Route::UserMe => Err(refusal.clone()),
            _ => self.try_once(LightMethod::Get, Route::UserMe, None, None).await,
        };
        match word {
            Ok(_) => Refusal { kind: Refused::Permission, ..refusal },
            Err(word) if word.kind == Refused::Token => {
                self.revoked.notify_one();
                refusal
            }
            Err(_) => Refusal { kind: Refused::Later, ..refusal },
        }
    }

    /// Whether Discord refuses the bot's own token, as `users/@me` says; it is asked again until it says something.
    pub(super) async fn token_is_refused(&self) -> bool {
        let mut word = self.get(Route::UserMe).await;
        while matches!(&word, Err(refusal) if refusal.kind == Refused::Later) {
            self.pause(LONG_PAUSE).await;
            word = self.get(Route::UserMe).await;
        }
        matches!(word, Err(refusal) if refusal.kind == Refused::Token)
    }

    async fn try_once(
        &self,
        method: LightMethod,
        route: Route<'_>,
        body: Option<&Value>,
        file: Option<&Attached>,
    ) -> Result<Value, Refusal> {
        let text = body.map(Value::to_string);
        let mut request = Request::new(route, method);
        request = match file {
            None => request.body(text.map(String::into_bytes)),
            Some(file) => {
                let file = CreateAttachment::bytes(file.bytes.to_vec(), file.name.clone());
                request.multipart(Some(Multipart {
                    upload: MultipartUpload::Attachments(vec![file]),
                    fields: Vec::new(),
                    payload_json: text,
                }))
            }
        };
        let answered = async {
            let response = self.http.request(request).await.map_err(|error| refusal(error, route))?;
            // An answer without a body, as to an acknowledgement, is no answer to read.
            response.bytes().await.map_err(|error| lost(error.without_url().to_string()))
        };
        let within = match file {
            None => self.answer_within,
            Some(file) => self.answer_within + Duration::from_micros(file.bytes.len() as u64),
        };
        let answered = tokio::time::timeout(within, answered).await;
        let bytes = answered.unwrap_or_else(|_| Err(lost("no answer in time".to_owned())))?;
        Ok(serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }
}

/// Discord's codes for what is not there: a channel, a server, a member, a message, a user.
pub(super) const UNKNOWN_CHANNEL: i64 = 10_003;
const UNKNOWN_GUILD: i64 = 10_004;
const UNKNOWN_MEMBER: i64 = 10_007;
pub(super) const UNKNOWN_MESSAGE: i64 = 10_008;
const UNKNOWN_USER: i64 = 10_013;

/// Discord takes no more new commands today.
pub(super) const TOO_MANY_COMMANDS: i64 = 30_034;

/// The codes that say that a person is not on the server.
const NOT_THERE: [i64; 2] = [UNKNOWN_MEMBER, UNKNOWN_USER];

/// The code of an answer that serenity can't read, such as a page of a proxy: it is not Discord's.
const UNREADABLE: i64 = -1;

fn id_of(message: &Value) -> Option<u64> {
    message["id"].as_str().and_then(|id| id.parse().ok())
}

/// Attachments by their ids alone, which is how a message says that they stay.
fn kept(attachments: &[Value]) -> Vec<Value> {
    attachments.iter().map(|entry| json!({ "id": entry["id"] })).collect()
}

/// The call may have been carried out; trying it again may help.
fn lost(message: String) -> Refusal {
    Refusal { kind: Refused::Later, code: 0, message, in_doubt: true }
}

/// Whether a call is made with an interaction's token, which is in its address, and not with the bot's.
fn is_of_an_interaction(route: Route<'_>) -> bool {
    matches!(
        route,
        Route::InteractionResponse { .. }
            | Route::WebhookOriginalInteractionResponse { .. }
            | Route::WebhookFollowupMessages { .. }
            | Route::WebhookFollowupMessage { .. }
    )
}

/// The code of the problem that what answers for Discord does not have everything that Discord has.
pub(super) const NO_ROUTE: &str = "discord_no_route";

/// What a refusal means when the desk cannot start because of it.
pub(super) fn trouble(refusal: &Refusal, what: &str) -> Problem {
    match refusal.kind {
        Refused::Token => token_refused(),
        Refused::NoRoute => Problem::operator(NO_ROUTE, format!("The desk can't {what}. {refusal}."))
            .hint("Check `api` under [discord]."),
        Refused::Later => {
            Problem::operator("discord_unreachable", format!("The desk can't {what}. {refusal}."))
                .hint("Check that this host can reach discord.com, and check discordstatus.com. Then start the desk again.")
        }
        _ if refusal.code == TOO_MANY_COMMANDS => {
            Problem::operator("discord_refuses", format!("The desk can't {what}. {refusal}."))
                .hint("Start the desk again tomorrow: Discord takes 200 new commands a day.")
        }
        _ => Problem::operator("discord_refuses", format!("The desk can't {what}. {refusal}."))
            .hint("Check the ids under [discord], and that the bot was invited with `connect-desk invite --config FILE`."),
    }
}

/// Sorts serenity's error. Its own text is left out where it holds the address, which holds an interaction's token.
fn refusal(error: serenity::Error, route: Route<'_>) -> Refusal {
    let wrong = |message: String| Refusal { kind: Refused::Wrong, code: 0, message, in_doubt: true };
    let serenity::Error::Http(error) = error else { return wrong(error.to_string()) };
    match error {
        HttpError::UnsuccessfulRequest(response) => {
            let code = i64::try_from(response.error.code).unwrap_or_default();
            let status = response.status_code.as_u16();
            // Whatever is in between may be gone later, and no one knows what it let through.
            let is_strange = code == UNREADABLE && matches!(status, 401 | 403 | 404 | 407 | 408);
            let kind = match (status, code) {
                (_, 40_060) => Refused::Answered,
                _ if is_strange => Refused::Later,
                // An interaction's token has its own end, and what is said of it says nothing of the bot.
                (401 | 403 | 404, _) if is_of_an_interaction(route) => Refused::Gone,
                (401, _) => Refused::Token,
                (403, _) => Refused::Permission,
                (404, 0) => Refused::NoRoute,
                (404, UNKNOWN_CHANNEL | UNKNOWN_GUILD | UNKNOWN_MEMBER | UNKNOWN_MESSAGE | UNKNOWN_USER) => {
                    Refused::Gone
                }
                (429, _) | (500.., _) => Refused::Later,
                _ => Refused::Wrong,
            };
            let mut message = match kind {
                Refused::Later => format!("status {status}"),
                _ => response.error.message,
            };
            for error in response.error.errors.iter().take(3) {
                message = format!("{message}; {}: {}", error.path, error.message);
            }
            Refusal { kind, code, message, in_doubt: status >= 500 || status == 408 || is_strange }
        }
        HttpError::Request(error) => {
            let never_sent = error.is_connect() || error.is_builder();
            Refusal { in_doubt: !never_sent, ..lost(error.without_url().to_string()) }
        }
        other => wrong(other.to_string()),
    }
}
pub(super) fn token_refused() -> Problem {
    Problem::operator("discord_token", "Discord rejects the bot's token. It was reset, or has a typo.").hint(
        "Create a new one in the developer portal under Bot, Reset Token, replace the old one, and start the desk again.",
    )
}
