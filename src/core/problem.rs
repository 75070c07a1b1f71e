//! What went wrong, sorted by who must act, with the next step as the last sentence.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who has to do something before it can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The person who asked: another word, another role, another channel.
    Asker,
    /// Whoever runs the desk: configuration, credentials, quotas, disk.
    Operator,
    /// Amazon Connect: an outage, throttling, an answer that makes no sense.
    ContactCenter,
    /// Salesforce: the same.
    Salesforce,
    /// The approval log: it cannot be written or was altered.
    Log,
    /// A person has to look and decide, because going on or back could do harm.
    Human,
}

/// A refusal or failure in whole sentences.
///
/// `code` is stable and meant for programs and tests; the sentences may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub who: Who,
    pub code: String,
    /// What is wrong, in the present tense.
    pub says: String,
    /// What to do next; may be empty when `says` already ends in it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub next: String,
    /// The policy rule that spoke, when one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// All of what is wrong, where that is more than sentences can say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Box<Details>>,
}

/// A file that goes with a problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    pub name: String,
    pub text: String,
}

impl Problem {
    pub fn new(who: Who, code: &str, says: impl Into<String>) -> Problem {
        Problem { who, code: code.to_owned(), says: says.into(), next: String::new(), rule: None, file: None }
    }

    pub fn asker(code: &str, says: impl Into<String>) -> Problem {
        Problem::new(Who::Asker, code, says)
    }

    pub fn operator(code: &str, says: impl Into<String>) -> Problem {
        Problem::new(Who::Operator, code, says)
    }

    pub fn contact_center(code: &str, says: impl Into<String>) -> Problem {
        Problem::new(Who::ContactCenter, code, says)
    }

    pub fn salesforce(code: &str, says: impl Into<String>) -> Problem {
        Problem::new(Who::Salesforce, code, says)
    }

    pub fn log(code: &str, says: impl Into<String>) -> Problem {
        Problem::new(Who::Log, code, says)
    }

    pub fn human(code: &str, says: impl Into<String>) -> Problem {
        Problem::new(Who::Human, code, says)
    }

    /// The same problem with its next step.
    pub fn next(mut self, next: impl Into<String>) -> Problem {
        self.next = next.into();
        self
    }

    /// The same problem with a file that says all of it.
    pub fn file(mut self, name: &str, text: String) -> Problem {
        self.file = Some(Box::new(Details { name: name.to_owned(), text }));
        self
    }

    /// The same problem, said by this policy rule.
    pub fn rule(mut self, rule: impl Into<String>) -> Problem {
        self.rule = Some(rule.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.says)?;
        if !self.next.is_empty() {
            write!(f, " {}", self.next)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}
