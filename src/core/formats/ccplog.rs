//! A CCP log as agents download it: whether calls are accepted automatically, since when, and where that stands.
//!
//! The log is a JSON array of entries (amazon-connect-streams, `Logger.download`), indented or not; pieces of it, one
//! entry a line, and lines of text with JSON in them are read too, also where the JSON is text within a text. Nothing of
//! the log is kept but what is told, because it holds customers' numbers and session tokens.

use jiff::Timestamp;

use crate::basics::problem::Problem;
use crate::basics::text::plain;

/// The largest log that is read, in bytes: 50 MiB.
pub const LOG_MAX: u64 = 50 * 1024 * 1024;

/// The longest text that can be a key or a value of interest, in bytes; of longer ones only the start is kept.
const WORD_MAX: usize = 256;

/// How deep braces are told apart; deeper ones are only counted.
const DEPTH_MAX: usize = 64;

/// How many texts within texts are told apart.
const QUOTES_MAX: usize = 8;

/// What a log says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CcpLog {
    /// From `softphoneMediaInfo`: what held for the calls in the log. This is what the guide looks at.
    pub calls: Option<Setting>,
    /// From `softphoneAutoAccept` in the agent's configuration.
    pub configured: Option<Setting>,
    /// The agent's login, name and ARN, where the log has them.
    pub login: Option<String>,
    pub name: Option<String>,
    pub arn: Option<String>,
    /// How many lines were read.
    pub lines: u64,
}

impl CcpLog {
    /// Whether calls are accepted automatically: as in the last call, or else as configured; `None` when the log has neither.
    pub fn auto_accept(&self) -> Option<bool> {
        self.calls.as_ref().or(self.configured.as_ref()).map(|setting| setting.latest.on)
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
    entry: u64,
}

/// Reads a log in pieces of any size, in constant memory.
#[derive(Debug)]
pub struct Reader {
    bytes: u64,
    head: Vec<u8>,
    log: CcpLog,
    /// Whether a word was seen that stands in every CCP log.
    marked: bool,

    // Words.
    backslashes: usize,
    word: Vec<u8>,
    /// The quotes that are open, by how many backslashes stand before them: JSON in a text in JSON.
    quotes: Vec<usize>,
    /// The last quote opened something, so that blanks and commas belong to the word.
    quoted: bool,
    /// The last word, and whether it stood in no other text.
    last: Vec<u8>,
    last_outer: bool,
    key: Option<Key>,
    /// Whether nothing but blanks stood before the word, the last word, and the key in its line.
    begins_line: [bool; 3],
    blank_line: bool,

    // Braces, also those in texts, because JSON stands in them.
    depth: usize,
    in_configuration: [bool; DEPTH_MAX],
    /// The depth of the braces of `softphoneMediaInfo`.
    media: Option<usize>,

    // Entries, by the braces outside of texts.
    outer: usize,
    array: bool,
    entry: u64,
    time: Option<Timestamp>,
}

/// A key whose value matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Component,
    Media,
    AutoAccept,
    Configured,
    Configuration,
    Time,
    Login,
    Name,
    Arn,
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
            log: CcpLog::default(),
            marked: false,
            backslashes: 0,
            word: Vec::with_capacity(WORD_MAX),
            quotes: Vec::with_capacity(QUOTES_MAX),
            quoted: false,
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
            entry: 0,
            time: None,
        }
    }

    /// Reads on.
    ///
    /// # Errors
    ///
    /// The asker's, as soon as it is plain that the file is none: of another kind, or longer than [`LOG_MAX`].
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        if self.bytes > LOG_MAX {
            return Err(Problem::asker(
                "ccplog_too_large",
                "The log is longer than 50 MiB, which is the most that is read.",
            )
            .hint("Download a fresh one right after a test call."));
        }
        if self.head.len() < 16 {
            let want = 16 - self.head.len();
            self.head.extend(bytes.iter().take(want));
        }
        if let Some(kind) = other_kind(&self.head) {
            return Err(no_log(format!("The file is {kind}, not a CCP log.")));
        }
        for byte in bytes {
            if *byte == 0 {
                return Err(no_log(
                    "The file is binary data or UTF-16, not a CCP log as it is downloaded.".to_owned(),
                ));
            }
            self.byte(*byte);
        }
        Ok(())
    }

    /// What the log says.
    ///
    /// # Errors
    ///
    /// The asker's, when nothing in the file is of a CCP log.
    pub fn finish(mut self) -> Result<CcpLog, Problem> {
        self.end_word();
        self.log.lines = self.log.lines.saturating_add(u64::from(!self.blank_line || self.bytes == 0));
        if self.bytes == 0 || self.head.iter().all(u8::is_ascii_whitespace) && self.last.is_empty() {
            return Err(no_log("The file is empty.".to_owned()));
        }
        if !self.marked && self.log.auto_accept().is_none() {
            return Err(no_log(
                "The file is not a CCP log: it has no log entries of the Contact Control Panel.".to_owned(),
            ));
        }
        Ok(self.log)
    }

    fn byte(&mut self, byte: u8) {
        if byte == b'\n' {
            self.end_word();
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
        self.blank_line &= matches!(byte, b' ' | b'\t' | b'\r');
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
                self.quoted = false;
            }
            None => {
                self.quoted = false;
                self.end_word();
                self.begins_word();
                if self.quotes.len() < QUOTES_MAX {
                    self.quotes.push(backslashes);
                }
                self.quoted = true;
            }
        }
        self.blank_line = false;
    }

    fn begins_word(&mut self) {
        self.begins_line[0] = self.blank_line;
    }

    fn new_line(&mut self) {
        self.log.lines = self.log.lines.saturating_add(1);
        self.quotes.clear();
        self.quoted = false;
        self.backslashes = 0;
        self.blank_line = true;
        if self.outer == 0 {
            // Outside of all braces a line is an entry.
            self.next_entry();
            self.depth = 0;
            self.media = None;
            self.key = None;
        }
    }

    fn next_entry(&mut self) {
        self.entry = self.entry.saturating_add(1);
        self.time = None;
    }

    /// A mark of JSON, wherever it stands.
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
                if key == Some(Key::Media) && self.media.is_none() {
                    self.media = Some(self.depth);
                }
            }
            b'}' => {
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
                    // An array further on in a line of text is something that was logged.
                    self.array = byte == b'[' && self.blank_line;
                }
                if self.outer == 1 && self.array && byte == b'{' {
                    self.next_entry();
                    self.depth = 1;
                    self.media = None;
                }
                self.outer = self.outer.saturating_add(1);
            }
            b']' | b'}' => self.outer = self.outer.saturating_sub(1),
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
            b"component" => Key::Component,
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
            // Inside of `softphoneMediaInfo` stand the names and passwords of relays.
            Key::Login if self.media.is_none() && self.log.login.is_none() => {
                self.log.login = crate::basics::ids::login(text).ok();
            }
            Key::Name
                if self.in_configuration.get(self.depth).copied().unwrap_or(false)
                    && self.log.name.is_none() =>
            {
                self.log.name = Some(plain(text, 200)).filter(|name| !name.trim().is_empty() && quoted);
            }
            Key::Arn if self.log.arn.is_none() && text.starts_with("arn:") && text.contains("/agent/") => {
                self.log.arn = Some(plain(text, WORD_MAX));
            }
            _ => {}
        }
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
        // What was seen in this entry before its time was known.
        for setting in [&mut self.log.calls, &mut self.log.configured].into_iter().flatten() {
            for sighting in [&mut setting.since, &mut setting.latest] {
                if sighting.entry == self.entry && sighting.at.is_none() {
                    sighting.at = at;
                }
            }
        }
    }

    fn sighted(&mut self, key: Key, text: &str, quoted: bool) {
        let on = match text {
            "true" => true,
            "false" => false,
            _ => return,
        };
        let (word, place) = match key {
            Key::Configured => ("softphoneAutoAccept", &mut self.log.configured),
            _ => ("autoAccept", &mut self.log.calls),
        };
        let value = if quoted { format!("\"{text}\"") } else { text.to_owned() };
        let cut = if self.begins_line[2] { "" } else { "…" };
        let sighting = Sighting {
            on,
            line: self.log.lines.saturating_add(1),
            at: self.time,
            text: format!("{cut}\"{word}\": {value}"),
            entry: self.entry,
        };
        match place {
            None => *place = Some(Setting { since: sighting.clone(), latest: sighting, seen: 1, changed: 0 }),
            Some(setting) => {
                setting.seen = setting.seen.saturating_add(1);
                if setting.latest.on != on {
                    setting.changed = setting.changed.saturating_add(1);
                    setting.since = sighting.clone();
                }
                setting.latest = sighting;
            }
        }
    }
}

fn no_log(message: String) -> Problem {
    Problem::asker("ccplog_other_kind", message)
        .hint("In the agent's CCP choose Settings, then Download logs, and attach that file.")
}

fn other_kind(head: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 7] = [
        (b"PK\x03\x04", "a ZIP archive or an Office file"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"%PDF", "a PDF document"),
        (b"\x89PNG", "a picture (PNG)"),
        (b"\xff\xd8\xff", "a picture (JPEG)"),
        (b"\xff\xfe", "a UTF-16 text"),
        (b"<!DOCTYPE", "a web page (HTML)"),
    ];
    kinds.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<CcpLog, Problem> {
        let mut reader = Reader::new();
        reader.push(text.as_bytes())?;
        reader.finish()
    }

    /// An entry as `Logger.download` writes it, with the agent's snapshot and a call in its objects.
    fn entry(time: &str, on: bool) -> serde_json::Value {
        serde_json::json!({
            "component": "ccp", "level": "TRACE", "text": "GET_AGENT_SNAPSHOT \"succeeded\" {", "time": time,
            "exception": null,
            "objects": [{ "snapshot": {
                "state": { "name": "Available", "agentStateARN": "arn:aws:connect:us-west-2:1:instance/i/agent-state/s" },
                "contacts": [{ "connections": [{
                    "connectionId": "c", "type": "agent", "initial": false,
                    "softphoneMediaInfo": {
                        "callConfigJson": "{\"iceServers\":[{\"urls\":[\"turn:a.example.:3478\"],\"username\":\"relay\",\"credential\":\"relay-secret\"}]}",
                        "callType": "audio_only", "autoAccept": on } }] }] },
                "configuration": { "name": "John Doe", "username": "john.doe", "softphoneEnabled": true,
                    "agentARN": "arn:aws:connect:us-west-2:1:instance/i/agent/a" } }],
            "line": 4, "loggerId": "1-x",
        })
    }

    fn log() -> serde_json::Value {
        serde_json::json!([
            entry("2026-11-20T03:14:07.000Z", false),
            entry("2026-11-20T03:15:07.000Z", true),
            { "component": "softphone", "level": "INFO", "text": "time passes", "time": "2026-11-20T03:15:30.000Z", "objects": [] },
            entry("2026-11-20T03:16:07.000Z", true),
        ])
    }

    fn check(found: &CcpLog) {
        assert_eq!(found.auto_accept(), Some(true));
        let calls = found.calls.as_ref().unwrap();
        assert_eq!((calls.seen, calls.changed), (3, 1));
        assert_eq!(calls.since.at.unwrap().to_string(), "2026-11-20T03:15:07Z");
        assert_eq!(calls.latest.at.unwrap().to_string(), "2026-11-20T03:16:07Z");
        assert_eq!(found.login.as_deref(), Some("john.doe"));
        assert_eq!(found.name.as_deref(), Some("John Doe"));
        assert_eq!(found.arn.as_deref(), Some("arn:aws:connect:us-west-2:1:instance/i/agent/a"));
        assert!(!format!("{found:?}").contains("relay"));
    }

    #[test]
    fn a_downloaded_log_tells_since_when_and_where() {
        let text = serde_json::to_string_pretty(&log()).unwrap();
        let found = read(&text).unwrap();
        check(&found);
        let since = found.calls.unwrap().since;
        assert_eq!(since.text, "\"autoAccept\": true");
        let line = text.lines().nth(usize::try_from(since.line).unwrap() - 1).unwrap();
        assert!(line.contains("\"autoAccept\": true"), "{line}");
    }

    #[test]
    fn other_shapes_of_the_same_log_tell_the_same() {
        let whole = log();
        let entries = whole.as_array().unwrap();
        check(&read(&whole.to_string()).unwrap());
        let lines: Vec<String> = entries.iter().map(ToString::to_string).collect();
        check(&read(&lines.join("\n")).unwrap());
        let texts: Vec<String> = entries
            .iter()
            .map(|entry| format!("[{}] [INFO]: it's {}", entry["time"].as_str().unwrap(), entry["objects"]))
            .collect();
        check(&read(&texts.join("\r\n")).unwrap());
        // JSON in a text in JSON, once and twice.
        let escaped = |depth: usize| {
            let entries: Vec<serde_json::Value> = entries
                .iter()
                .map(|entry| {
                    let text = (0..depth).fold(entry["objects"].clone(), |inner, _| inner.to_string().into());
                    serde_json::json!({ "component": "ccp", "text": text, "time": entry["time"] })
                })
                .collect();
            serde_json::to_string(&entries).unwrap()
        };
        check(&read(&escaped(1)).unwrap());
        check(&read(&escaped(2)).unwrap());
    }

    #[test]
    fn the_guides_own_piece_of_a_log_is_read() {
        let piece = "\"type\": \"agent\",\n\"initial\": false,\n\"softphoneMediaInfo\": {\n  \"callType\": \"audio_only\",\n  \"autoAccept\": true\n";
        let found = read(piece).unwrap();
        let since = found.calls.unwrap().since;
        assert_eq!((since.on, since.line, since.at), (true, 5, None));
        let found = read("{\"softphoneMediaInfo\":{\"autoAccept\":\"false\"}}").unwrap();
        assert_eq!(found.auto_accept(), Some(false));
        assert_eq!(found.calls.unwrap().latest.text, "…\"autoAccept\": \"false\"");
    }

    #[test]
    fn a_log_without_a_call_tells_what_is_configured_or_nothing() {
        let found =
            read("[{\"component\":\"ccp\",\"text\":\"x\",\"time\":\"2026-11-20T03:14:07.000Z\"}]").unwrap();
        assert_eq!((found.auto_accept(), found.lines), (None, 1));
        let found = read(
            "[{\"component\":\"ccp\",\"objects\":[{\"softphoneAutoAccept\":true}],\"time\":1795144447000}]",
        )
        .unwrap();
        assert_eq!(found.auto_accept(), Some(true));
        assert!(found.calls.is_none());
        assert_eq!(found.configured.unwrap().since.at.unwrap().as_millisecond(), 1_795_144_447_000);
        assert_eq!(read("[{\"softphoneMediaInfo\":null}]").unwrap().auto_accept(), None);
    }

    #[test]
    fn a_file_that_is_no_ccp_log_is_refused_with_the_way_to_one() {
        for file in [
            "",
            "  \n ",
            "first name,last name\n",
            "PK\u{3}\u{4}xl/",
            "%PDF-1.7",
            "{}",
            "a\0b",
            "<!DOCTYPE html>",
        ] {
            let problem = read(file).unwrap_err();
            assert_eq!(problem.code, "ccplog_other_kind", "{file}");
            assert!(problem.hint.contains("Download logs"));
        }
        let mut reader = Reader::new();
        let piece = vec![b'x'; 1024 * 1024];
        let refused = (0..51).find_map(|_| reader.push(&piece).err()).unwrap();
        assert_eq!(refused.code, "ccplog_too_large");
        assert!(reader.word.capacity() <= 2 * WORD_MAX);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn pieces_of_any_size_tell_the_same(size in 1usize..400) {
            let text = serde_json::to_string_pretty(&log()).unwrap();
            let mut reader = Reader::new();
            for piece in text.as_bytes().chunks(size) {
                reader.push(piece).unwrap();
            }
            prop_assert_eq!(reader.finish().unwrap(), read(&text).unwrap());
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            let mut reader = Reader::new();
            let _ = reader.push(&bytes);
            let _ = reader.finish();
        }

        #[test]
        fn no_marks_panic(text in "(\\\\|\"|\\{|\\}|\\[|\\]|:|,|\n|true|softphoneMediaInfo|autoAccept|time|1| ){0,200}") {
            let _ = read(&text);
        }
    }
}
