//! What support asks a CCP log for beside auto-accept: microphone, network and signaling failures, the clock, the last error,
//! the browser and the versions.

use jiff::Timestamp;

use crate::basics::text::plain;

/// The most versions that are told.
const VERSIONS_MAX: usize = 6;

/// The longest text of an error that is told, in characters.
const ERROR_MAX: usize = 160;

/// From here on a clock is said to be wrong, in milliseconds.
pub const SKEW_MAX: i64 = 5_000;

/// What fails in a softphone, and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    Microphone,
    Browser,
    Media,
    Signaling,
    Busy,
}

impl Failure {
    const ALL: [Failure; 5] =
        [Failure::Microphone, Failure::Browser, Failure::Media, Failure::Signaling, Failure::Busy];

    /// In a sentence about the agent's softphone.
    pub fn said(self) -> &'static str {
        match self {
            Failure::Microphone => "The browser didn't get the microphone.",
            Failure::Browser => "The browser can't run the softphone.",
            Failure::Media => "Audio found no way through the network (ICE).",
            Failure::Signaling => "The connection that sets up calls failed (signaling).",
            Failure::Busy => "Another window or tab had the softphone.",
        }
    }

    pub fn next(self) -> &'static str {
        match self {
            Failure::Microphone => {
                "Allow the microphone for the CCP's site in the browser and in the system's privacy settings, and close other \
                 programs that use it."
            }
            Failure::Browser => "Use a current Chrome, Edge or Firefox.",
            Failure::Media => {
                "Have the network team open UDP 3478 to Amazon Connect's media addresses, and try without VPN."
            }
            Failure::Signaling => {
                "Check whether a proxy, firewall or VPN blocks WebSockets on TCP 443, and try another network."
            }
            Failure::Busy => "Close all other CCP windows and tabs, and sign in to one of them.",
        }
    }

    /// As the softphone's library and browsers write it, in lower case and without what is between words.
    fn words(self) -> &'static [&'static str] {
        match self {
            Failure::Microphone => &[
                "microphonenotshared",
                "microphoneisnotshared",
                "notallowederror",
                "permissiondenied",
                "permissiondismissed",
                "notreadableerror",
                "devicesnotfounderror",
                "requesteddevicenotfound",
                "usermediaerror",
                "failedtogetusermedia",
                "getusermediafailed",
                "gumfailed",
            ],
            Failure::Browser => &["unsupportedbrowser", "browsernotsupported", "webrtcisnotsupported"],
            Failure::Media => &[
                "icecollectiontimeout",
                "icecollectionfailed",
                "iceconnectionfailed",
                "iceconnectionstatefailed",
                "iceconnectionstatechangedtofailed",
                "iceconnectionlost",
                "icefailed",
                "realtimecommunicationerror",
                "webrtcerror",
            ],
            Failure::Signaling => &[
                "signallinghandshakefailure",
                "signallingconnectionfailure",
                "signalinghandshakefailure",
                "signalingconnectionfailure",
                "signallingfailure",
                "failedtoconnectwebsocket",
                "websocketconnectionfailed",
                "websocketinitializationfailed",
                "websocketconnectionlost",
            ],
            Failure::Busy => {
                &["userbusyerror", "multiplesoftphonesessions", "multipleactivesoftphonesessions"]
            }
        }
    }
}

/// How often something failed, and when last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    pub what: Failure,
    pub times: u64,
    pub last: Option<Timestamp>,
}

/// What a log shows of a softphone's troubles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// The log ends within its entries, so that the last ones are missing.
    pub cut_off: bool,
    /// Each once, in the order in which they are looked for.
    pub failed: Vec<Failed>,
    /// How far the agent's clock is from Amazon Connect's at its worst, in milliseconds.
    pub skew: Option<i64>,
    /// The latest entry of level ERROR, without what could be a number, an address or a token.
    pub error: Option<(Option<Timestamp>, String)>,
    /// Such as `Chrome 131 on Windows`.
    pub browser: Option<String>,
    /// What the log says of versions, by its own names.
    pub versions: Vec<(String, String)>,
}

impl Signs {
    /// A text of an entry: its sentence, or what kind of error it had.
    pub(super) fn told(&mut self, text: &str, at: Option<Timestamp>) {
        let plain: String =
            text.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect();
        for what in Failure::ALL {
            if !what.words().iter().any(|word| plain.contains(word)) {
                continue;
            }
            match self.failed.iter_mut().find(|failed| failed.what == what) {
                Some(failed) => {
                    failed.times = failed.times.saturating_add(1);
                    failed.last = failed.last.max(at);
                }
                None => self.failed.push(Failed { what, times: 1, last: at }),
            }
        }
    }

    pub(super) fn skewed(&mut self, by: i64) {
        if self.skew.is_none_or(|worst| by.unsigned_abs() > worst.unsigned_abs()) {
            self.skew = Some(by);
        }
    }

    pub(super) fn failed_with(&mut self, text: &str, at: Option<Timestamp>) {
        if self.error.as_ref().is_none_or(|(last, _)| *last <= at) {
            self.error = Some((at, told(text)));
        }
    }

    pub(super) fn browser(&mut self, agent: &str) {
        if self.browser.is_none() {
            self.browser = browser(agent);
        }
    }

    pub(super) fn version(&mut self, name: &str, version: &str) {
        let fits = version.len() <= 24
            && version.contains(|c: char| c.is_ascii_digit())
            && version.chars().all(|c| c.is_ascii_alphanumeric() || ".-+_".contains(c));
        let known = self.versions.iter().any(|(other, _)| other == name);
        if fits && !known && self.versions.len() < VERSIONS_MAX {
            self.versions.push((plain(name, 40), version.to_owned()));
        }
    }

    pub(super) fn settled(mut self) -> Signs {
        self.failed.sort_by_key(|failed| failed.what);
        self
    }
}

/// The text of an error without numbers of customers, addresses and tokens.
fn told(text: &str) -> String {
    let words: Vec<&str> = text
        .split_whitespace()
        .map(|word| {
            let digits = word.chars().filter(char::is_ascii_digit).count();
            match digits > 4 || word.contains('@') || word.contains("://") || word.len() > 32 {
                true => "…",
                false => word,
            }
        })
        .collect();
    plain(&words.join(" "), ERROR_MAX)
}

/// The browser and the system that a user agent names.
fn browser(agent: &str) -> Option<String> {
    // The most particular first: all call themselves Mozilla, and most Safari.
    let names = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Version/", "Safari"),
    ];
    let (name, version) = names.iter().find_map(|(mark, name)| {
        let version: String =
            agent.split_once(mark)?.1.chars().take_while(char::is_ascii_digit).take(6).collect();
        (!version.is_empty()).then_some((*name, version))
    })?;
    let systems = [
        ("Windows", "Windows"),
        ("CrOS", "ChromeOS"),
        ("Android", "Android"),
        ("iPhone", "iOS"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let system = systems.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| format!(" on {name}"));
    Some(format!("{name} {version}{}", system.unwrap_or_default()))
}
