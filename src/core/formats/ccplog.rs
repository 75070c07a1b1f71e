//! A CCP log as agents download it: whether calls are accepted automatically, since when, and where that is.
//!
//! The log is a JSON array of entries (amazon-connect-streams, `Logger.download`), indented or not; pieces of it, one
//! entry a line, and lines of text with JSON in them are read too, also where the JSON is text within a text. Nothing of
//! the log is kept but what is told, because it holds customers' numbers and session tokens.

use jiff::Timestamp;

use super::ccpsigns::Signs;
use super::ccptimeline::{Point, Seen, Shown, Source, Timeline};
use crate::basics::problem::Problem;
use crate::basics::text::plain;

/// The largest log that is read, in bytes: 50 MiB.
pub const LOG_MAX: u64 = 50 * 1024 * 1024;

/// The bytes at the start by which the kind of a file is known.
const HEAD: usize = 512;

/// The longest text that can be a key or a value of interest, in bytes; of longer ones only the start is kept.
const WORD_MAX: usize = 256;

/// The most that is kept of a text before its escapes are read, in bytes.
const WHOLE_MAX: usize = 4 * WORD_MAX;

/// The longest start of a line by which an entry is known, such as `connect-streams-min.js:1 [2026-11-20T`.
const START_MAX: usize = 120;

/// How deep braces are told apart; deeper ones are only counted.
const DEPTH_MAX: usize = 64;

/// How many texts within texts are told apart.
const QUOTES_MAX: usize = 8;

/// What a log says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CcpLog {
    /// What held for the calls in the log: in voice contacts, or by the softphone's own sentence. This is what the guide looks at.
    pub calls: Option<Setting>,
    /// What held for contacts of other channels.
    pub others: Option<Setting>,
    /// From `softphoneAutoAccept` in the agent's configuration.
    pub configured: Option<Setting>,
    /// The agent's login, name and ARN, where the log has them; of several agents, of the last one.
    pub login: Option<String>,
    pub name: Option<String>,
    pub arn: Option<String>,
    /// The same of other agents who signed in at the same computer.
    pub people: Vec<CcpLog>,
    /// What else support asks a log for.
    pub signs: Signs,
    /// How many lines were read.
    pub lines: u64,
}

impl CcpLog {
    /// Whether calls are accepted automatically: as in the last call, or else as configured; `None` when the log has neither.
    pub fn auto_accept(&self) -> Option<bool> {
        self.calls.as_ref().or(self.configured.as_ref()).map(|setting| setting.latest.on)
    }

    /// What it says of one of the agents in it, if it has that one.
    pub fn of(mut self, login: &str) -> Result<CcpLog, Box<CcpLog>> {
        if self.login.as_deref() == Some(login) {
            return Ok(self);
        }
        let Some(at) = self.people.iter().position(|one| one.login.as_deref() == Some(login)) else {
            return Err(Box::new(self));
        };
        let one = self.people.swap_remove(at);
        let (signs, lines, mut people) = (self.signs.clone(), self.lines, std::mem::take(&mut self.people));
        people.push(self);
        Ok(CcpLog { signs, lines, people, ..one })
    }
}

/// A setting as the log shows it over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The first place from which on it is as it is in the end.
    pub since: Sighting,
    pub latest: Sighting,
    /// How many places show it, and how often it changed between them.
    pub seen: u64,
    pub changed: u64,
}

/// One place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    pub on: bool,
    /// Counted from 1.
    pub line: u64,
    /// The time of the entry, where it has one.
    pub at: Option<Timestamp>,
    /// The place itself, such as `"autoAccept": true`; what else is in its line is replaced by `…`.
    pub text: String,
}

/// An agent whom the log names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Agent {
    login: String,
    name: Option<String>,
    arn: Option<String>,
    /// The configuration says so, and not only some word that may be anything.
    certain: bool,
}

/// Reads a log in pieces of any size, in constant memory.
#[derive(Debug)]
pub struct Reader {
    bytes: u64,
    head: Vec<u8>,
    unicode: Unicode,
    lines: u64,
    timeline: Timeline,
    agents: Vec<Agent>,
    signs: Signs,
    /// Whether a word was seen that is in every CCP log.
    marked: bool,

    // Words.
    backslashes: usize,
    word: Vec<u8>,
    /// The quotes that are open, by how many backslashes stand before them: JSON in a text in JSON.
    quotes: Vec<usize>,
    /// The last quote opened something, so that blanks and commas belong to the word.
    quoted: bool,
    /// The texts that are kept whole: those of keys that say something to people.
    whole: Vec<Whole>,
    /// The last word, and whether it was in no other text.
    last: Vec<u8>,
    last_outer: bool,
    key: Option<Key>,
    /// Whether nothing but blanks was before the word, the last word, and the key in its line.
    begins_line: [bool; 3],
    blank_line: bool,

    // Braces, also those in texts, because JSON is in them.
    depth: usize,
    in_configuration: [bool; DEPTH_MAX],
    /// The depth of the braces of `softphoneMediaInfo`.
    media: Option<usize>,

    // Entries, by the braces outside of texts.
    outer: usize,
    array: bool,
    /// The array that was closed last had entries, and nothing came behind it: another log may follow.
    closed: bool,
    /// The array has entries, and the entry says what wrote it, which comes first.
    filled: bool,
    named: bool,
    /// Whether the line began within braces, and with what outside of texts.
    unfinished: bool,
    start: Vec<u8>,
    entry: u64,
    time: Option<Timestamp>,
    /// What the entry shows so far; its time may come last.
    seen: Vec<Seen>,
    agent: Agent,
    level_error: bool,
    text: String,
    /// What belongs to a contact whose channel may come later, by the depth of its braces.
    waiting: Vec<Waiting>,
    /// Of each pair of braces that is open: the contact's channel, and whether it says how contacts are handled.
    channel: [Option<bool>; DEPTH_MAX],
    is_contact: [bool; DEPTH_MAX],
    handling: [bool; DEPTH_MAX],
    /// The name of the version whose value comes.
    version: String,
}

/// Something seen within a contact.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    depth: usize,
    /// From `agentContactHandlingConfig`, which goes before `softphoneMediaInfo`.
    handling: bool,
    seen: Seen,
}

/// A text that is kept whole.
#[derive(Debug)]
struct Whole {
    /// How many quotes were open before it.
    within: usize,
    /// The backslashes before its own quotes.
    backslashes: usize,
    key: Key,
    /// As it is written, up to [`WHOLE_MAX`] bytes.
    raw: Vec<u8>,
}

impl Whole {
    /// The text with its escapes decoded, up to the first JSON in it, which is read by itself.
    fn text(&self) -> String {
        let raw = String::from_utf8_lossy(&self.raw);
        let mut text = raw.into_owned();
        // A text within a text is escaped again, which doubles the backslashes.
        for _ in 0..=(self.backslashes + 1).ilog2() {
            text = unescaped(&text);
        }
        let json = ["{\"", "[{", "[\""].into_iter().filter_map(|mark| text.find(mark)).min();
        text.truncate(json.unwrap_or(text.len()));
        text.chars().take(WORD_MAX).collect()
    }
}

/// Decodes the escapes of a JSON string (RFC 8259, section 7).
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('u') => {
                let unit = |chars: &mut std::str::Chars<'_>| -> Option<u16> {
                    let digits: String = chars.clone().take(4).collect();
                    let unit = u16::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4)?;
                    chars.nth(3)?;
                    Some(unit)
                };
                let Some(first) = unit(&mut chars) else { continue };
                let mut units = vec![first];
                // The second half of a pair.
                let mut ahead = chars.clone();
                if (0xd800..0xdc00).contains(&first)
                    && (ahead.next(), ahead.next()) == (Some('\\'), Some('u'))
                    && let Some(second) = unit(&mut ahead)
                {
                    units.push(second);
                    chars = ahead;
                }
                out.extend(char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')));
            }
            Some('n' | 'r' | 't' | 'b' | 'f') => out.push(' '),
            Some(c) => out.push(c),
            None => {}
        }
    }
    out
}

/// How characters are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unicode {
    Utf8,
    /// Low byte first or not, and the byte that waits for its other half.
    Utf16 {
        little: bool,
        half: Option<u8>,
    },
}

/// The most agents that are told apart, and the most that waits in one contact or is seen in one entry.
const AGENTS_MAX: usize = 16;
const WAITING_MAX: usize = 64;
const SEEN_MAX: usize = 256;

/// The softphone's own sentence, which is written for calls only.
const SENTENCES: [(&str, bool); 2] = [("auto-accept is enabled", true), ("auto-accept is disabled", false)];

/// What an entry begins with (amazon-connect-streams, `LogEntry`).
const FIRST_KEY: &[u8] = b"component";

/// A key whose value matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Component,
    Type,
    ContactId,
    Handling,
    Level,
    Text,
    Trouble,
    Skew,
    Browser,
    Version,
    Media,
    AutoAccept,
    Configured,
    Configuration,
    Time,
    Login,
    Name,
    Arn,
}

impl Key {
    /// Whether its value is for people to read, and not JSON or a word.
    fn is_said(self) -> bool {
        matches!(self, Key::Text | Key::Trouble | Key::Name | Key::Login)
    }
}

impl Default for Reader {
    fn default() -> Reader {
        Reader::new()
    }
}

impl Reader {
    pub fn new() -> Reader {
        Reader {
            bytes: 0,
            head: Vec::new(),
            unicode: Unicode::Utf8,
            lines: 0,
            timeline: Timeline::default(),
            agents: Vec::new(),
            signs: Signs::default(),
            marked: false,
            backslashes: 0,
            word: Vec::with_capacity(WORD_MAX),
            quotes: Vec::with_capacity(QUOTES_MAX),
            quoted: false,
            whole: Vec::new(),
            last: Vec::with_capacity(WORD_MAX),
            last_outer: true,
            key: None,
            begins_line: [true; 3],
            blank_line: true,
            depth: 0,
            in_configuration: [false; DEPTH_MAX],
            media: None,
            outer: 0,
            array: false,
            closed: false,
            filled: false,
            named: false,
            unfinished: false,
            start: Vec::with_capacity(START_MAX),
            entry: 0,
            time: None,
            seen: Vec::new(),
            agent: Agent::default(),
            level_error: false,
            text: String::new(),
            waiting: Vec::new(),
            channel: [None; DEPTH_MAX],
            is_contact: [false; DEPTH_MAX],
            handling: [false; DEPTH_MAX],
            version: String::new(),
        }
    }

    /// Reads on.
    ///
    /// # Errors
    ///
    /// An error of the requester's, as soon as it is plain that the file is none: of another kind, or longer than [`LOG_MAX`].
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        if self.bytes > LOG_MAX {
            return Err(Problem::requester(
                "ccplog_too_large",
                "The log is longer than 50 MiB, which is the most that is read.",
            )
            .hint("Download a fresh one right after a test call."));
        }
        let mut bytes = bytes;
        if self.head.len() < HEAD {
            // The mark at the start may come in pieces, so nothing is read before the head is there.
            let (more, rest) = bytes.split_at(bytes.len().min(HEAD - self.head.len()));
            self.head.extend_from_slice(more);
            bytes = rest;
            if self.head.len() < HEAD {
                return Ok(());
            }
            self.begin()?;
        }
        self.characters(bytes)
    }

    /// Reads the head, by which the kind of the file is known.
    fn begin(&mut self) -> Result<(), Problem> {
        let head = std::mem::take(&mut self.head);
        let (unicode, start) = match head.as_slice() {
            [0xff, 0xfe, ..] => (Unicode::Utf16 { little: true, half: None }, 2),
            [0xfe, 0xff, ..] => (Unicode::Utf16 { little: false, half: None }, 2),
            [0xef, 0xbb, 0xbf, ..] => (Unicode::Utf8, 3),
            _ => (Unicode::Utf8, 0),
        };
        self.unicode = unicode;
        if let Some(kind) = other_kind(&head) {
            return Err(no_log(format!("The file is {kind}, not a CCP log.")));
        }
        if is_recording(&head) {
            return Err(recording());
        }
        let read = self.characters(head.get(start..).unwrap_or_default());
        self.head = head;
        read
    }

    fn characters(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        let binary = || no_log("The file is binary data, not a CCP log as it is downloaded.".to_owned());
        if let Unicode::Utf16 { little, mut half } = self.unicode {
            let mut utf8 = [0; 4];
            for byte in bytes {
                let Some(first) = half.take() else {
                    half = Some(*byte);
                    continue;
                };
                let unit = if little { [first, *byte] } else { [*byte, first] };
                match char::from_u32(u32::from(u16::from_le_bytes(unit))).unwrap_or('?') {
                    '\0' => return Err(binary()),
                    c => c.encode_utf8(&mut utf8).bytes().for_each(|byte| self.byte(byte)),
                }
            }
            self.unicode = Unicode::Utf16 { little, half };
            return Ok(());
        }
        for byte in bytes {
            if *byte == 0 {
                return Err(binary());
            }
            self.byte(*byte);
        }
        Ok(())
    }

    /// What the log says.
    ///
    /// # Errors
    ///
    /// An error of the requester's, when nothing in the file is of a CCP log.
    pub fn finish(mut self) -> Result<CcpLog, Problem> {
        if self.head.len() < HEAD {
            self.begin()?;
        }
        self.end_word();
        self.end_whole(0);
        self.end_entry();
        let lines = self.lines.saturating_add(u64::from(!self.blank_line || self.bytes == 0));
        if self.bytes == 0 || self.head.iter().all(u8::is_ascii_whitespace) && self.last.is_empty() {
            return Err(no_log("The file is empty.".to_owned()));
        }
        self.signs.cut_off = self.array && self.filled && self.outer > 0;
        let log = summary(self.timeline, self.agents, self.signs, lines);
        let shows = log.auto_accept().is_some() || log.people.iter().any(|one| one.auto_accept().is_some());
        if !self.marked && !shows {
            return Err(no_log(
                "The file is not a CCP log: it has no log entries of the Contact Control Panel.".to_owned(),
            ));
        }
        Ok(log)
    }

    fn byte(&mut self, byte: u8) {
        for whole in &mut self.whole {
            if whole.raw.len() < WHOLE_MAX {
                whole.raw.push(byte);
            }
        }
        if byte == b'\n' {
            self.end_word();
            self.end_whole(0);
            self.new_line();
            return;
        }
        if byte == b'\\' {
            // A backslash outside of texts is what is left of a text that was cut in two.
            self.backslashes += 1;
            return;
        }
        let backslashes = std::mem::take(&mut self.backslashes);
        if byte == b'"' {
            return self.quote(backslashes);
        }
        if backslashes > 0 && byte != b'/' {
            // An escape such as \n or \u0022 ends a word and begins none that matters.
            if self.quoted {
                self.add(b' ')
            } else {
                self.end_word()
            }
            return;
        }
        match byte {
            b'{' | b'}' | b'[' | b']' | b':' | b',' => {
                if self.is_text(byte) {
                    self.add(byte);
                } else {
                    self.end_word();
                    self.structure(byte);
                }
                if self.quotes.is_empty() {
                    self.outer_structure(byte);
                }
            }
            b' ' | b'\t' | b'\r' if !self.quoted => self.end_word(),
            _ => self.add(byte),
        }
        if !matches!(byte, b' ' | b'\t' | b'\r' | b']' | b'[' | b',') {
            self.closed = false;
        }
        if self.unfinished && self.quotes.is_empty() && self.start.len() < START_MAX {
            self.start.push(byte);
            if byte == b'T' && begins_entry(&self.start) {
                self.begin_line();
            }
        }
        self.blank_line &= matches!(byte, b' ' | b'\t' | b'\r');
    }

    /// A line that begins with a time begins an entry, whatever braces the text before it has left open.
    fn begin_line(&mut self) {
        self.next_entry();
        self.array = self.start.starts_with(b"[");
        self.outer = usize::from(self.start.contains(&b'['));
        self.depth = 0;
        self.media = None;
        self.key = None;
    }

    /// Whether this mark belongs to a text: a time has colons and an ARN too, and both stand in quotes or begin a line.
    fn is_text(&self, byte: u8) -> bool {
        match byte {
            b':' => {
                self.quoted || self.word.first().is_some_and(u8::is_ascii_digit) && self.word.contains(&b'T')
            }
            b',' => self.quoted,
            _ => false,
        }
    }

    fn add(&mut self, byte: u8) {
        if self.word.is_empty() && !self.quoted {
            self.begins_word();
        }
        if self.word.len() < WORD_MAX {
            self.word.push(byte);
        }
    }

    /// A quote closes the text that opened with as many backslashes, and what is open inside it, or else opens one.
    fn quote(&mut self, backslashes: usize) {
        match self.quotes.iter().position(|open| *open == backslashes) {
            Some(open) => {
                self.quotes.truncate(open);
                if self.quoted {
                    self.end_text();
                } else {
                    self.end_word();
                }
                self.end_whole(open);
                self.quoted = false;
            }
            None if !self.quoted && backslashes == 0 && self.word.as_slice() == FIRST_KEY => self.turn_over(),
            None => {
                self.quoted = false;
                self.end_word();
                self.begins_word();
                if self.quotes.len() < QUOTES_MAX {
                    // Most names are those of states, which no one is told.
                    let matters = |key: &Key| *key != Key::Name || self.is_configuration();
                    if let Some(key) = self.key.filter(|key| key.is_said() && matters(key)) {
                        let within = self.quotes.len();
                        self.key = None;
                        self.whole.push(Whole { within, backslashes, key, raw: Vec::new() });
                    }
                    self.quotes.push(backslashes);
                }
                self.quoted = true;
            }
        }
        (self.blank_line, self.closed) = (false, false);
    }

    /// The first key of an entry outside of quotes: the log begins within a text, so that what closes texts seemed to open them.
    fn turn_over(&mut self) {
        self.quotes.clear();
        self.whole.clear();
        self.word.clear();
        self.next_entry();
        (self.outer, self.array, self.filled) = (2, true, true);
        (self.depth, self.media, self.key) = (1, None, None);
        self.remember(FIRST_KEY);
        self.quoted = false;
    }

    /// Texts end that were opened within so many quotes or more.
    fn end_whole(&mut self, within: usize) {
        while let Some(mut whole) = self.whole.pop_if(|whole| whole.within >= within) {
            let end = whole
                .raw
                .strip_suffix(b"\"")
                .map_or(whole.raw.len(), |raw| raw.len().saturating_sub(whole.backslashes));
            whole.raw.truncate(end);
            self.key = Some(whole.key);
            self.value(&whole.text(), true);
        }
    }

    fn begins_word(&mut self) {
        self.begins_line[0] = self.blank_line;
    }

    fn new_line(&mut self) {
        self.lines = self.lines.saturating_add(1);
        self.quotes.clear();
        self.quoted = false;
        self.backslashes = 0;
        self.blank_line = true;
        self.unfinished = self.outer > 0;
        self.start.clear();
        if self.outer == 0 {
            // Outside of all braces a line is an entry.
            self.next_entry();
            self.depth = 0;
            self.media = None;
            self.key = None;
        }
    }

    fn next_entry(&mut self) {
        self.end_entry();
        self.entry = self.entry.saturating_add(1);
        self.time = None;
        self.named = false;
    }

    /// What an entry has shown goes into the timeline, now that its time is known.
    fn end_entry(&mut self) {
        // Without a contact around it, media is a call's, and how a contact is handled is no one's.
        for waiting in std::mem::take(&mut self.waiting) {
            if !waiting.handling {
                self.see(waiting.seen);
            }
        }
        let agent = std::mem::take(&mut self.agent);
        let login = if agent.login.is_empty() { None } else { self.index_of(agent) };
        if login.is_some() || !self.seen.is_empty() {
            self.timeline.add(self.entry, self.time, login, &self.seen);
            self.seen.clear();
        }
        if self.level_error && !self.text.is_empty() {
            self.signs.failed_with(&self.text, self.time);
        }
        self.level_error = false;
        self.text.clear();
    }

    fn index_of(&mut self, agent: Agent) -> Option<u16> {
        let at = match self.agents.iter().position(|one| one.login == agent.login) {
            Some(at) => at,
            None if self.agents.len() < AGENTS_MAX => {
                self.agents.push(agent.clone());
                self.agents.len() - 1
            }
            None => return None,
        };
        if let Some(known) = self.agents.get_mut(at) {
            known.name = known.name.take().or(agent.name);
            known.arn = known.arn.take().or(agent.arn);
            known.certain |= agent.certain;
        }
        u16::try_from(at).ok()
    }

    fn see(&mut self, seen: Seen) {
        push(&mut self.seen, SEEN_MAX, seen);
    }

    /// A pair of braces closes; where it is a contact, its channel is known now.
    fn end_braces(&mut self) {
        let at = self.depth;
        let contact = self.is_contact.get(at).copied().unwrap_or(false);
        let channel = self.channel.get(at).copied().flatten();
        if !(contact || channel.is_some()) || self.waiting.is_empty() {
            return;
        }
        let (inside, outside): (Vec<Waiting>, Vec<Waiting>) =
            std::mem::take(&mut self.waiting).into_iter().partition(|waiting| waiting.depth > at);
        self.waiting = outside;
        let handled = inside.iter().find(|waiting| waiting.handling);
        let media = inside.iter().find(|waiting| !waiting.handling);
        match channel {
            Some(true) => handled.or(media).into_iter().for_each(|waiting| self.see(waiting.seen)),
            Some(false) => {
                if let Some(waiting) = handled {
                    self.see(Seen { shown: Shown::Others, ..waiting.seen });
                }
            }
            // Only calls have media of the softphone.
            None => {
                media.into_iter().for_each(|waiting| self.see(handled.map_or(waiting.seen, |one| one.seen)))
            }
        }
    }

    /// A mark of JSON, wherever it is.
    fn structure(&mut self, byte: u8) {
        match byte {
            b':' => {
                self.key = self.key_of();
                self.last.clear();
                self.begins_line[2] = self.begins_line[1];
            }
            b'{' => {
                let key = self.key.take();
                self.depth = self.depth.saturating_add(1);
                if let Some(place) = self.in_configuration.get_mut(self.depth) {
                    *place = key == Some(Key::Configuration);
                }
                if let Some(place) = self.handling.get_mut(self.depth) {
                    *place = key == Some(Key::Handling);
                }
                if let (Some(contact), Some(channel)) =
                    (self.is_contact.get_mut(self.depth), self.channel.get_mut(self.depth))
                {
                    (*contact, *channel) = (false, None);
                }
                if key == Some(Key::Media) && self.media.is_none() {
                    self.media = Some(self.depth);
                }
            }
            b'}' => {
                self.end_braces();
                if self.media == Some(self.depth) {
                    self.media = None;
                }
                self.depth = self.depth.saturating_sub(1);
                self.key = None;
            }
            _ => self.key = None,
        }
    }

    /// A mark outside of all texts: the entries of the log are the objects of its array.
    fn outer_structure(&mut self, byte: u8) {
        match byte {
            b'[' | b'{' => {
                if self.outer == 0 {
                    // An array further on in a line of text is something that was logged, unless another log ends there.
                    self.array = byte == b'[' && (self.blank_line || self.closed);
                    (self.closed, self.filled) = (false, false);
                }
                if self.outer == 1 && self.array && byte == b'{' {
                    self.filled = true;
                    self.next_entry();
                    self.depth = 1;
                    self.media = None;
                }
                self.outer = self.outer.saturating_add(1);
            }
            b']' | b'}' => {
                self.outer = self.outer.saturating_sub(1);
                self.closed = byte == b']' && self.outer == 0 && self.array && self.filled;
            }
            _ => {}
        }
    }

    fn key_of(&mut self) -> Option<Key> {
        let key = match self.last.as_slice() {
            b"softphoneMediaInfo" => Key::Media,
            b"autoAccept" => Key::AutoAccept,
            b"softphoneAutoAccept" => Key::Configured,
            b"configuration" => Key::Configuration,
            b"time" if self.last_outer => Key::Time,
            b"username" => Key::Login,
            b"name" => Key::Name,
            b"agentARN" => Key::Arn,
            FIRST_KEY => {
                if self.last_outer {
                    let again = std::mem::replace(&mut self.named, true);
                    // Entries one after the other outside of an array, as in a log that was cut at its start.
                    if again && !self.array && self.outer == 1 {
                        self.next_entry();
                        self.named = true;
                    }
                }
                Key::Component
            }
            b"type" => Key::Type,
            b"contactId" => Key::ContactId,
            b"agentContactHandlingConfig" => Key::Handling,
            b"level" if self.last_outer => Key::Level,
            b"text" if self.last_outer => Key::Text,
            b"errorType" | b"errorMessage" | b"exception" | b"message" | b"errorName" | b"reason" => {
                Key::Trouble
            }
            b"skew" => Key::Skew,
            b"userAgent" => Key::Browser,
            name if name.len() < 40 && (name.ends_with(b"Version") || name.ends_with(b"version")) => {
                self.version.clear();
                self.version.push_str(&String::from_utf8_lossy(name));
                Key::Version
            }
            b"loggerId" | b"agentResourceId" | b"contextLayer" | b"tabId" => {
                self.marked = true;
                return None;
            }
            _ => return None,
        };
        if matches!(key, Key::Media | Key::AutoAccept | Key::Configured) {
            self.marked = true;
        }
        Some(key)
    }

    /// A word outside of quotes has ended: a value, or the time at the start of a line of text.
    fn end_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        if self.quoted {
            return self.end_text();
        }
        let word = std::mem::take(&mut self.word);
        let text = String::from_utf8_lossy(&word);
        let told = self.outer <= 1 && self.time.is_none() && word.first().is_some_and(u8::is_ascii_digit);
        if told && let Ok(at) = text.parse::<Timestamp>() {
            self.time = Some(at);
        }
        // The console's form of a log: `[2026-11-20T03:14:07.000Z] [INFO]: …`.
        if matches!(word.as_slice(), b"INFO" | b"DEBUG" | b"TRACE" | b"WARN" | b"ERROR" | b"LOG")
            && self.time.is_some()
        {
            self.marked = true;
        }
        self.value(&text, false);
        self.remember(&word);
        self.word = word;
        self.word.clear();
    }

    /// A text in quotes has ended: a key or a value.
    fn end_text(&mut self) {
        let word = std::mem::take(&mut self.word);
        self.value(&String::from_utf8_lossy(&word), true);
        self.remember(&word);
        self.word = word;
        self.word.clear();
    }

    fn remember(&mut self, word: &[u8]) {
        self.last.clear();
        self.last.extend_from_slice(word);
        self.last_outer = self.quotes.is_empty();
        self.begins_line[1] = self.begins_line[0];
    }

    fn value(&mut self, text: &str, quoted: bool) {
        let Some(key) = self.key.take() else { return };
        match key {
            Key::AutoAccept | Key::Configured => self.sighted(key, text, quoted),
            Key::Component => self.marked |= matches!(text, "ccp" | "softphone" | "chat" | "task"),
            Key::Time => self.timed(text, quoted),
            Key::Type => self.typed(text),
            Key::ContactId => {
                if let Some(contact) = self.is_contact.get_mut(self.depth) {
                    *contact = true;
                }
            }
            Key::Level => self.level_error = matches!(text, "ERROR" | "CRITICAL" | "FATAL"),
            Key::Text if quoted => self.texted(text),
            Key::Trouble if quoted => self.signs.told(text, self.time),
            Key::Skew if !quoted => {
                if let Ok(by) = text.parse::<i64>() {
                    self.signs.skewed(by);
                }
            }
            Key::Browser if quoted => self.signs.browser(text),
            Key::Version if quoted => {
                let name = std::mem::take(&mut self.version);
                self.signs.version(&name, text);
            }
            // Inside of `softphoneMediaInfo` stand the names and passwords of relays.
            Key::Login if self.media.is_none() && self.agent.login.is_empty() || self.is_configuration() => {
                if let Ok(login) = crate::basics::ids::login(text) {
                    self.agent.login = login;
                    self.agent.certain |= self.is_configuration();
                }
            }
            Key::Name if self.is_configuration() && self.agent.name.is_none() => {
                self.agent.name = Some(plain(text, 200)).filter(|name| !name.trim().is_empty() && quoted);
            }
            Key::Arn if self.agent.arn.is_none() && text.starts_with("arn:") && text.contains("/agent/") => {
                self.agent.arn = Some(plain(text, WORD_MAX));
            }
            _ => {}
        }
    }

    fn is_configuration(&self) -> bool {
        self.media.is_none() && self.in_configuration.get(self.depth).copied().unwrap_or(false)
    }

    /// A type that is a contact's channel; connections, endpoints and states have types of their own.
    fn typed(&mut self, text: &str) {
        let voice = match text {
            "voice" => true,
            "chat" | "task" | "email" | "queue_callback" => false,
            _ => return,
        };
        if let Some(channel) = self.channel.get_mut(self.depth) {
            *channel = Some(voice);
        }
    }

    /// The sentence of an entry.
    fn texted(&mut self, text: &str) {
        let lower = text.to_lowercase();
        if let Some((_, on)) = SENTENCES.iter().find(|(sentence, _)| lower.contains(sentence)) {
            self.marked = true;
            let seen = Seen {
                shown: Shown::Calls,
                source: Source::Sentence,
                on: *on,
                line: self.lines.saturating_add(1),
                quoted: false,
                cut: false,
            };
            self.see(seen);
        }
        self.signs.told(text, self.time);
        self.text.clear();
        self.text.push_str(text);
    }

    fn timed(&mut self, text: &str, quoted: bool) {
        let entry = if self.array { 2 } else { 1 };
        if self.outer != entry {
            return;
        }
        let at = match text.parse::<i64>() {
            Ok(ms) if !quoted => Timestamp::from_millisecond(ms).ok(),
            _ => text.parse::<Timestamp>().ok(),
        };
        self.time = at.or(self.time);
    }

    fn sighted(&mut self, key: Key, text: &str, quoted: bool) {
        let on = match text {
            "true" => true,
            "false" => false,
            _ => return,
        };
        let (shown, source) = match key {
            Key::Configured => (Shown::Configured, Source::SoftphoneAutoAccept),
            _ => (Shown::Calls, Source::AutoAccept),
        };
        let line = self.lines.saturating_add(1);
        let seen = Seen { shown, source, on, line, quoted, cut: !self.begins_line[2] };
        if shown == Shown::Configured {
            return self.see(seen);
        }
        let handling = self.handling.get(self.depth).copied().unwrap_or(false);
        match (self.media.is_some() || handling, self.depth) {
            (true, _) => {
                push(&mut self.waiting, WAITING_MAX, Waiting { depth: self.depth, handling, seen });
            }
            // A piece of a log that was cut out of its braces.
            (false, 0) => self.see(seen),
            // Something else that is accepted.
            (false, _) => {}
        }
    }
}

/// Adds to what is kept; where that is full, the latest counts.
fn push<T>(all: &mut Vec<T>, most: usize, one: T) {
    if all.len() >= most {
        all.pop();
    }
    all.push(one);
}

/// Whether a line begins with a time up to its `T`, alone, in brackets, or behind the script that wrote it to the console.
fn begins_entry(start: &[u8]) -> bool {
    let Some((before, date)) =
        start.len().checked_sub(b"2026-11-20T".len()).and_then(|at| start.split_at_checked(at))
    else {
        return false;
    };
    let is_date = date.iter().zip(b"0000-00-00T").all(|(byte, form)| match form {
        b'0' => byte.is_ascii_digit(),
        form => byte == form,
    });
    let before = before.strip_suffix(b"[").unwrap_or(before).trim_ascii();
    // `connect-streams-min.js:1`
    let script =
        !before.contains(&b' ') && before.contains(&b':') && before.last().is_some_and(u8::is_ascii_digit);
    is_date && (before.is_empty() || script)
}

/// Everything in the order of time, for each agent.
fn summary(timeline: Timeline, agents: Vec<Agent>, signs: Signs, lines: u64) -> CcpLog {
    let some_certain = agents.iter().any(|agent| agent.certain);
    let mut logs: Vec<CcpLog> = agents
        .iter()
        .map(|agent| CcpLog {
            login: Some(agent.login.clone()),
            name: agent.name.clone(),
            arn: agent.arn.clone(),
            ..CcpLog::default()
        })
        .collect();
    let mut nobodys = CcpLog::default();
    let mut last = None;
    let is_agent =
        |at: &u16| agents.get(usize::from(*at)).is_some_and(|agent| agent.certain || !some_certain);
    let mut known = agents.iter().position(|agent| agent.certain || !some_certain);
    for point in timeline.points() {
        known = point.login.filter(is_agent).map(usize::from).or(known);
        let log = known.and_then(|at| logs.get_mut(at)).unwrap_or(&mut nobodys);
        last = known.or(last);
        let place = match point.seen.shown {
            Shown::Calls => &mut log.calls,
            Shown::Others => &mut log.others,
            Shown::Configured => &mut log.configured,
        };
        add(place, sighting(&point));
    }
    let mut keep = agents.iter().map(|agent| agent.certain || !some_certain);
    let last = last.or_else(|| agents.iter().position(|agent| agent.certain || !some_certain));
    let mut main = last.and_then(|at| logs.get(at).cloned()).unwrap_or(nobodys);
    let others = logs.into_iter().enumerate();
    main.people = others
        .filter(|(at, _)| keep.next().unwrap_or(false) && Some(*at) != last)
        .map(|(_, log)| log)
        .collect();
    CcpLog { signs: signs.settled(), lines, ..main }
}

fn sighting(point: &Point) -> Sighting {
    let Seen { source, on, line, quoted, cut, .. } = point.seen;
    let quote = if quoted { "\"" } else { "" };
    let text = match source {
        Source::AutoAccept => format!("\"autoAccept\": {quote}{on}{quote}"),
        Source::SoftphoneAutoAccept => format!("\"softphoneAutoAccept\": {quote}{on}{quote}"),
        Source::Sentence => format!("Auto-accept is {}", if on { "enabled" } else { "disabled" }),
    };
    let cut = if cut { "…" } else { "" };
    Sighting { on, line, at: point.at, text: format!("{cut}{text}") }
}

fn add(place: &mut Option<Setting>, sighting: Sighting) {
    match place {
        None => *place = Some(Setting { since: sighting.clone(), latest: sighting, seen: 1, changed: 0 }),
        Some(setting) => {
            setting.seen = setting.seen.saturating_add(1);
            if setting.latest.on != sighting.on {
                setting.changed = setting.changed.saturating_add(1);
                setting.since = sighting.clone();
            }
            setting.latest = sighting;
        }
    }
}

/// A recording of the browser's traffic: JSON that begins with what made it.
fn is_recording(head: &[u8]) -> bool {
    let text: Vec<u8> =
        head.iter().copied().filter(|byte| !byte.is_ascii_whitespace() && *byte != 0).collect();
    let has = |part: &[u8]| text.windows(part.len()).any(|window| window == part);
    let begins = has(b"{\"log\":{");
    begins && (has(b"\"creator\"") || has(b"\"version\":\"1.") || has(b"\"entries\"") || has(b"\"pages\""))
}

fn recording() -> Problem {
    Problem::requester(
        "ccplog_har",
        "The file is a HAR: a recording of the browser's traffic, which holds sign-in sessions. It was not read.",
    )
    .hint(
        "Delete it wherever it was sent, and have the agent sign out. Then in the CCP choose Settings, Download logs, and attach \
         that file.",
    )
}

fn no_log(message: String) -> Problem {
    Problem::requester("ccplog_other_kind", message)
        .hint("In the agent's CCP choose Settings, then Download logs, and attach that file.")
}

fn other_kind(head: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 6] = [
        (b"PK\x03\x04", "a ZIP archive or an Office file"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"%PDF", "a PDF document"),
        (b"\x89PNG", "a picture (PNG)"),
        (b"\xff\xd8\xff", "a picture (JPEG)"),
        (b"<!DOCTYPE", "a web page (HTML)"),
    ];
    kinds.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, kind)| *kind)
}
