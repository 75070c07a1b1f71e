//! What went wrong, sorted by who must act, with the next step as the last sentence.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::basics::text::DID_YOU_MEAN;

/// Who has to do something before it can continue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The requester: another word, another role, another channel.
    Requester,
    /// Anyone who runs the desk: configuration, credentials, quotas, disk.
    Operator,
    /// An outside system: an outage, throttling, an answer that makes no sense.
    System(System),
    /// The approval log: it cannot be written or was altered.
    Log,
    /// A person has to look and decide, because going on or back could do harm.
    Human,
}

/// An outside system that changes are made in, by its name in sentences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct System(Cow<'static, str>);

impl System {
    pub const AMAZON_CONNECT: System = System::named("Amazon Connect");

    pub const fn named(name: &'static str) -> System {
        System(Cow::Borrowed(name))
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A refusal or failure in whole sentences.
///
/// `code` is stable and meant for programs and tests; the sentences may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub owner: Owner,
    pub code: String,
    /// What is wrong, in the present tense.
    pub message: String,
    /// What to do next; may be empty when `message` already ends in it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// The policy rule that spoke, when one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Box<str>>,
    /// All of what is wrong, where that is more than sentences can say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Box<Details>>,
    /// Whole lines that may have been meant, best first: each can be sent as it is. None has a code in it.
    #[serde(default, skip_serializing_if = "<[String]>::is_empty")]
    pub lines: Box<[String]>,
    /// What may have been meant by the word that is wrong, for anyone who knows the line that it is in.
    #[serde(skip)]
    pub meant: Option<Box<Meant>>,
}

/// A word that is wrong, and what may have been meant by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meant {
    pub typed: String,
    /// The option that it was typed for, or the kind of thing that it names, such as `routing profile`; none where neither is known.
    pub about: Option<String>,
    /// Best first; may be empty.
    pub instead: Vec<String>,
}

/// A file that goes with a problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    pub name: String,
    pub text: String,
}

impl Problem {
    pub fn new(owner: Owner, code: &str, message: impl Into<String>) -> Problem {
        Problem {
            owner,
            code: code.to_owned(),
            message: message.into(),
            hint: String::new(),
            rule: None,
            file: None,
            lines: Box::default(),
            meant: None,
        }
    }

    pub fn requester(code: &str, message: impl Into<String>) -> Problem {
        Problem::new(Owner::Requester, code, message)
    }

    pub fn operator(code: &str, message: impl Into<String>) -> Problem {
        Problem::new(Owner::Operator, code, message)
    }

    pub fn contact_center(code: &str, message: impl Into<String>) -> Problem {
        Problem::new(Owner::System(System::AMAZON_CONNECT), code, message)
    }

    pub fn log(code: &str, message: impl Into<String>) -> Problem {
        Problem::new(Owner::Log, code, message)
    }

    pub fn human(code: &str, message: impl Into<String>) -> Problem {
        Problem::new(Owner::Human, code, message)
    }

    /// The same problem with its next step.
    pub fn hint(mut self, hint: impl Into<String>) -> Problem {
        self.hint = hint.into();
        self
    }

    /// The same problem with a file that says all of it.
    pub fn file(mut self, name: &str, text: String) -> Problem {
        self.file = Some(Box::new(Details { name: name.to_owned(), text }));
        self
    }

    /// The same problem, with lines that may have been meant.
    pub fn offering(mut self, lines: Vec<String>) -> Problem {
        // The line says what the nearest word alone would.
        if self.hint.starts_with(DID_YOU_MEAN) {
            self.hint.clear();
        }
        self.lines = lines.into_boxed_slice();
        self
    }

    /// What is wrong and what to do, without the lines that may have been meant.
    pub fn sentences(&self) -> String {
        match self.hint.is_empty() {
            true => self.message.clone(),
            false => format!("{} {}", self.message, self.hint),
        }
    }

    /// The same problem, which is about this word; these may have been meant.
    pub fn instead_of(mut self, typed: impl Into<String>, instead: Vec<String>) -> Problem {
        self.meant = Some(Box::new(Meant { typed: typed.into(), about: None, instead }));
        self
    }

    /// The same problem, whose word was typed for this option, or names a thing of this kind.
    pub fn about(mut self, what: &str) -> Problem {
        if let Some(meant) = &mut self.meant {
            meant.about = Some(what.to_owned());
        }
        self
    }

    /// The same problem, said by this policy rule.
    pub fn rule(mut self, rule: impl Into<String>) -> Problem {
        self.rule = Some(rule.into().into_boxed_str());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentences())?;
        for (i, line) in self.lines.iter().enumerate() {
            let before = if i == 0 { DID_YOU_MEAN } else { "or" };
            write!(f, " {before} `{line}`")?;
        }
        if self.lines.is_empty() { Ok(()) } else { f.write_str("?") }
    }
}

impl std::error::Error for Problem {}
