//! Sees to it that each email leaves, and leaves once.
//!
//! A mail server cannot be asked whether it has an email. So a mark is on disk before the first byte of a message goes out,
//! and another when the server has said that it took it. Anyone who finds only the first mark after a crash cannot know, and
//! says so; the email is sent once more only when a person, who has been shown that, wants it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use desk_core::basics::problem::Problem;
use desk_core::email::{Email, EmailTemplates as _};
use desk_core::log::LogReader;
use desk_core::log::{Event, Line};
use desk_core::plan::Direction;
use desk_core::plan::effect::{EmailSent, MailEffect, NOTE};
use desk_core::plan::{Attempt, Failure, StepKey};
use desk_core::ports::{Clock, Vault};
use lettre::message::Mailbox;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::mailer::{MailTransport, Mailer};
use super::message::{Sealed, seal};
use super::settings::Outgoing;
use crate::pauses::Jitter;
use crate::systems::apply::{self, Acted, Change, Facts, Fault, Patience, Provenance, Seen, Tried};

/// Connections at a time; mail servers count them.
const AT_ONCE: usize = 4;

/// The first pause after a failed try, and the longest: a server that greylists wants minutes, not more tries.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What the mark of an email says.
const WAITS: &[u8] = b"waits";
const LEAVES: &[u8] = b"leaves";
const LEFT: &[u8] = b"left";

/// Sends the desk's emails.
pub struct EmailSender {
    pub mailer: Arc<Mailer>,
    pub vault: Arc<dyn Vault>,
    pub log: Arc<dyn LogReader>,
    pub clock: Arc<dyn Clock>,
    /// A few letters and digits that are this log's own, for the ids of messages.
    pub tag: String,
    /// How long marks are kept.
    pub marks_last: Duration,
    turns: Semaphore,
    jitter: Jitter,
}

impl EmailSender {
    pub fn new(
        mailer: Arc<Mailer>,
        vault: Arc<dyn Vault>,
        log: Arc<dyn LogReader>,
        clock: Arc<dyn Clock>,
        tag: String,
        marks_last: Duration,
    ) -> EmailSender {
        let jitter = Jitter::new(mailer.settings.patience.jitter_seed);
        EmailSender { mailer, vault, log, clock, tag, marks_last, turns: Semaphore::new(AT_ONCE), jitter }
    }

    /// Brings an effect about.
    pub(crate) async fn apply(
        &self,
        key: StepKey,
        attempt: Attempt,
        effect: &MailEffect,
    ) -> Result<Facts, Failure> {
        let MailEffect::EmailSent(EmailSent(email)) = effect;
        let patience = Patience {
            clock: self.clock.clone(),
            jitter: self.jitter.clone(),
            trouble: self.mailer.settings.patience.trouble,
            // Nothing shows, and no name is taken.
            visible: Duration::ZERO,
            taken: Duration::ZERO,
            first_pause: FIRST_PAUSE,
            longest_pause: LONGEST_PAUSE,
        };
        apply::apply(&Leaving { sender: self, key, email }, attempt, &patience).await
    }

    fn transport(&self) -> Result<(&MailTransport, &Outgoing), Problem> {
        self.mailer.transport.as_ref().zip(self.mailer.settings.outgoing.as_ref()).ok_or_else(|| {
            Problem::operator("email_off", "The desk can no longer send email.").hint(
                "Set up [email.smtp] or [email.ses] again. Or tell the user another way, and mark the email as arrived.",
            )
        })
    }

    fn sealed(
        &self,
        key: StepKey,
        email: &Email,
        outgoing: &Outgoing,
        cc: Option<&Mailbox>,
    ) -> Result<Sealed, Problem> {
        let mail = self.mailer.write(email)?;
        let id = format!("{}.{}.{}", self.tag, key.request.0, key.step);
        seal(&outgoing.from, cc, &mail, &id, self.clock.now())
    }

    /// Sends it, and without its copy where the whole email is refused or put off because of that: SES in its sandbox, and servers that judge only
    /// when they have the message.
    async fn send(&self, key: StepKey, email: &Email) -> Tried {
        let (transport, outgoing) = self.transport().map_err(Fault::Refused)?;
        let seal = |cc| self.sealed(key, email, outgoing, cc).map_err(Fault::Refused);
        let sealed = seal(self.mailer.settings.cc.as_ref())?;
        let (tried, copy_refused) = match self.try_once(key, transport, &sealed).await {
            (Err(Fault::Refused(problem) | Fault::NotYet(problem)), None) if sealed.is_of_copy(&problem) => {
                let (tried, _) = self.try_once(key, transport, &seal(None)?).await;
                (tried, Some(problem.message))
            }
            tried => tried,
        };
        match (tried, copy_refused) {
            (Ok(Acted::Done(mut facts)), Some(said)) => {
                let note = format!("The email was sent without its copy. {said}");
                facts.insert(format!("{NOTE}{}", email.login), note);
                Ok(Acted::Done(facts))
            }
            (tried, _) => tried,
        }
    }

    /// One try, and what is said of the copy where only that is refused.
    async fn try_once(
        &self,
        key: StepKey,
        transport: &MailTransport,
        sealed: &Sealed,
    ) -> (Tried, Option<String>) {
        let _turn = self.turns.acquire().await;
        let mut copy_refused = None;
        let tried = match transport {
            MailTransport::Smtp(smtp) => {
                let mut waiting = match smtp.approach(sealed).await {
                    Ok(waiting) => waiting,
                    Err(fault) => return (Err(fault), None),
                };
                if let Err(problem) = self.mark(key, LEAVES).await {
                    return (Err(Fault::Refused(problem)), None);
                }
                copy_refused = waiting.copy_refused.take();
                waiting.send(&sealed.bytes).await
            }
            MailTransport::Ses(ses) => {
                if let Err(problem) = self.mark(key, LEAVES).await {
                    return (Err(Fault::Refused(problem)), None);
                }
                ses.send(sealed).await
            }
        };
        let mark = match &tried {
            Ok(_) => LEFT,
            Err(Fault::Unknown(_)) => return (tried, None),
            Err(
                Fault::NotYet(_)
                | Fault::NotVisible(_)
                | Fault::Taken(_)
                | Fault::Refused(_)
                | Fault::NotFound(_),
            ) => WAITS,
        };
        // Without this mark a crash before the next line leaves someone a question, but sends nothing twice.
        if let Err(problem) = self.mark(key, mark).await {
            tracing::error!(code = problem.code, "the result of an email could not be saved");
        }
        (tried, copy_refused)
    }

    /// What is known of an email that was tried before.
    async fn known(&self, key: StepKey) -> Result<Seen, Problem> {
        let lines = self.log.request(key.request).await?;
        let Some(before) = earlier_try(&lines, key.step) else { return Ok(Seen::Absent) };
        // It is never told as surely unsent again, whatever a later try came to.
        let unsent = if before.ever_unknown { Seen::Unclear } else { Seen::Absent };
        if before.failed {
            // It is tried again because a person who knows what came of it said so.
            self.mark(key, WAITS).await?;
            return Ok(unsent);
        }
        let mark = self.vault.file(&name(key)).await?;
        Ok(match mark.as_ref().map(|mark| mark.as_slice()) {
            Some(LEFT) => Seen::Holds(Facts::new()),
            Some(WAITS) => unsent,
            None if !self.may_have_expired(before.at) => unsent,
            _ => Seen::Blocked(
                Problem::human("email_unknown", "The desk stopped while the email was being sent.").hint(
                    "Before you send it again, ask whether it arrived, or check the mail server's log.",
                ),
            ),
        })
    }

    fn may_have_expired(&self, since: jiff::Timestamp) -> bool {
        let passed = self.clock.now().as_millisecond().saturating_sub(since.as_millisecond());
        u128::try_from(passed).is_ok_and(|passed| passed >= self.marks_last.as_millis())
    }

    async fn mark(&self, key: StepKey, what: &[u8]) -> Result<(), Problem> {
        self.vault.keep_file(&name(key), Zeroizing::new(what.to_vec())).await
    }
}

/// Under which name an email's mark is kept.
fn name(key: StepKey) -> String {
    format!("mail/{}/{}", key.request.0, key.step)
}

/// A try before the one that is under way.
struct Earlier {
    at: jiff::Timestamp,
    /// A line says that it failed.
    failed: bool,
    /// A line, of this try or one before, says that it may have left.
    ever_unknown: bool,
}

fn earlier_try(lines: &[Line], step: u32) -> Option<Earlier> {
    let starts = |line: &Line| matches!(line.event, Event::Started { step: started, direction: Direction::Forward } if started == step);
    let now = lines.iter().rposition(starts)?;
    let before = lines.get(..now)?;
    let at = before.iter().rposition(starts)?;
    let since = before.get(at..)?;
    let failed =
        since.iter().any(|line| matches!(line.event, Event::Failed { step: failed, .. } if failed == step));
    let ever_unknown = before.iter().any(
        |line| matches!(line.event, Event::Failed { step: failed, unknown: true, .. } if failed == step),
    );
    since.first().map(|line| Earlier { at: line.at, failed, ever_unknown })
}

/// An email on its way.
struct Leaving<'a> {
    sender: &'a EmailSender,
    key: StepKey,
    email: &'a Email,
}

#[async_trait]
impl Change for Leaving<'_> {
    async fn act(&self) -> Tried {
        self.sender.send(self.key, self.email).await
    }

    async fn look(&self, _: Provenance) -> Result<Seen, Problem> {
        self.sender.known(self.key).await
    }

    fn repeats(&self) -> bool {
        false
    }
}
