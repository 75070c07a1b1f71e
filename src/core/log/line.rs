//! One line of the log: canonical JSON (RFC 8785) of who, when, about whom and what happened.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::by::By;
use super::event::{Event, RECOVER};
use crate::basics::ids::RequestNo;
use crate::plan::Step;
use crate::words::{Args, EMERGENCY};

/// The version of the line format, `v` in every line.
pub const VERSION: u8 = 4;

/// A line as it is in the log.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    pub v: u8,
    /// Its place in the log, from 0: the leaf index of the Merkle tree.
    pub line: u64,
    /// UTC, to the millisecond.
    pub at: Timestamp,
    /// The request it belongs to; none for lines about the desk itself and for commands that only look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestNo>,
    /// Who did it; none for what the desk does by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// The logins it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<String>,
    #[serde(flatten)]
    pub event: Event,
}

/// A line before it has a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub at: Timestamp,
    pub by: Option<By>,
    pub about: Vec<String>,
    pub event: Event,
}

impl Draft {
    /// The line at this place in the log.
    pub fn at_line(self, line: u64, request: Option<RequestNo>) -> Line {
        let Draft { at, by, about, event } = self;
        Line { v: VERSION, line, at: to_millisecond(at), request, by, about, event }
    }
}

/// Lines carry milliseconds: finer clocks differ between machines and say nothing to people.
fn to_millisecond(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

impl Line {
    /// The bytes that are stored and hashed.
    pub fn encode(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(self)
            .expect("a line has string keys and finite numbers, which is all that canonical JSON asks")
    }

    /// Reads a line's bytes; the error names what is wrong, not where.
    pub fn decode(bytes: &[u8]) -> Result<Line, String> {
        let read: Read<'_> = members(bytes)?;
        let Read { v, line, at, request, by, about, event, data } = read;
        if v != VERSION {
            return Err(format!("its line format is version {v}, and this program uses version {VERSION}"));
        }
        let event = Event::read(&event, data)?;
        Ok(Line { v, line, at, request, by, about, event })
    }

    /// Reads as much of a line as this version can: what a newer version wrote becomes [`Event::Unreadable`].
    pub fn read(bytes: &[u8]) -> Result<Line, String> {
        Line::decode(bytes).or_else(|why| {
            let header = Header::decode(bytes)?;
            let at = header.at.parse().map_err(|_| why.clone())?;
            Ok(Line {
                v: header.v,
                line: header.line,
                at,
                request: header.request,
                by: None,
                about: header.about.iter().map(|login| login.clone().into_owned()).collect(),
                event: Event::Unreadable { word: header.event.into_owned(), why },
            })
        })
    }

    /// It in words, where its request has these steps: `started 3. Remove the quick connect`, or without them `started step 3`.
    pub fn said(&self, steps: &[Step]) -> String {
        self.event.said(self.by.as_ref(), &self.about, steps)
    }

    /// Whether it is a person's word on a request: it counts only if that person was told that it was recorded. That a password may
    /// have been seen is no such word, and stays.
    pub fn is_decision(&self) -> bool {
        self.by.is_some() && self.request.is_some() && self.event.is_word()
    }
}

/// Reads members by their names: serde would take a list of them in their order as well.
fn members<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, String> {
    if bytes.first() != Some(&b'{') {
        return Err("it is no JSON object".to_owned());
    }
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

/// A line as it is read, with what happened still to be read.
#[derive(Deserialize)]
struct Read<'a> {
    v: u8,
    line: u64,
    at: Timestamp,
    #[serde(default)]
    request: Option<RequestNo>,
    #[serde(default)]
    by: Option<By>,
    #[serde(default)]
    about: Vec<String>,
    #[serde(borrow)]
    event: Cow<'a, str>,
    #[serde(default, borrow)]
    data: Option<&'a RawValue>,
}

/// The parts of a line that indexes are made of, read without the rest: verification reads a million of these.
#[derive(Debug, Deserialize)]
pub struct Header<'a> {
    pub v: u8,
    pub line: u64,
    #[serde(borrow)]
    pub at: Cow<'a, str>,
    #[serde(default)]
    pub request: Option<RequestNo>,
    #[serde(default, borrow)]
    pub by: Option<HeaderBy<'a>>,
    #[serde(default)]
    pub about: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    pub event: Cow<'a, str>,
    #[serde(default, borrow)]
    pub data: Option<&'a RawValue>,
}

/// The account in a [`Header`].
#[derive(Debug, Deserialize)]
pub struct HeaderBy<'a> {
    #[serde(borrow)]
    pub id: Cow<'a, str>,
}

impl<'a> Header<'a> {
    pub fn decode(bytes: &'a [u8]) -> Result<Header<'a>, String> {
        members(bytes)
    }

    /// [`Event::tells_rules`] by the event's word.
    pub fn tells_rules(&self) -> bool {
        self.event == "policy_changed"
    }

    /// [`Event::tells_factors`] by the event's word.
    pub fn tells_factors(&self) -> bool {
        #[derive(Deserialize)]
        struct Asked<'a> {
            #[serde(borrow)]
            command: Cow<'a, str>,
        }
        match &*self.event {
            "enrolled" => true,
            "requested" => self.data::<Asked<'_>>().is_some_and(|asked| asked.command == RECOVER),
            _ => false,
        }
    }

    /// [`Event::plans_password`] by the event's word.
    pub fn plans_password(&self) -> bool {
        #[derive(Deserialize)]
        struct Planned {
            plan: Makes,
        }
        #[derive(Deserialize)]
        struct Makes {
            #[serde(default)]
            makes_password: bool,
        }
        self.event == "planned" && self.data::<Planned>().is_some_and(|data| data.plan.makes_password)
    }

    /// [`Event::asks_emergency`] by the event's word.
    pub fn asks_emergency(&self) -> bool {
        #[derive(Deserialize)]
        struct Asked {
            args: Args,
        }
        let may =
            self.event == "requested" && self.data.is_some_and(|data| data.get().contains(EMERGENCY.name));
        may && self.data::<Asked>().is_some_and(|asked| asked.args.flag(EMERGENCY.name))
    }

    /// [`Event::opens`] by the event's word, and for a review by whether the request had ended.
    pub fn opens(&self) -> Option<bool> {
        #[derive(Deserialize)]
        struct Disregarded {
            open: bool,
        }
        match &*self.event {
            "requested" | "to_review" => Some(true),
            "finished" | "quarantined" => Some(false),
            "reviewed" => (!self.is_before_end()).then_some(false),
            "disregarded" => self.data::<Disregarded>().map(|data| data.open),
            _ => None,
        }
    }

    fn is_before_end(&self) -> bool {
        #[derive(Deserialize)]
        struct Review {
            #[serde(default)]
            before_end: bool,
        }
        self.data::<Review>().is_some_and(|review| review.before_end)
    }

    /// A part of what the event says.
    fn data<T: Deserialize<'a>>(&self) -> Option<T> {
        serde_json::from_str(self.data?.get()).ok()
    }
}
