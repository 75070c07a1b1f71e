//! What people say about a request: the verbs, and what comes with one.

use crate::basics::secret::Secret;

/// What somebody does with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub verb: Verb,
    pub request: crate::basics::ids::RequestNo,
    /// The words that came with it.
    pub reason: Option<String>,
    /// The first characters of the digest that was seen; a yes to another plan is refused.
    pub plan: Option<String>,
    /// The login that was typed once more, where a rule wants it.
    pub login: Option<String>,
    /// A code of the authenticator, where a rule wants it.
    pub code: Option<Secret>,
    /// One word of the verb's own, such as how a caller was verified.
    pub how: Option<String>,
}

/// The verbs of decisions: the last word of their commands and of the buttons on cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Confirm,
    Approve,
    Deny,
    Cancel,
    /// The step that a person does by hand is done.
    Done,
    Reveal,
    Retry,
    /// Something else first: back to the requester with a sentence.
    Revise,
    /// How the caller was verified.
    Verify,
    /// Not before a moment.
    Defer,
    /// An emergency was right, or was not.
    Justified,
    Unjustified,
    /// A freeze holds no longer.
    Unfreeze,
}

impl Verb {
    pub const ALL: [Verb; 13] = [
        Verb::Confirm,
        Verb::Approve,
        Verb::Deny,
        Verb::Cancel,
        Verb::Done,
        Verb::Reveal,
        Verb::Retry,
        Verb::Revise,
        Verb::Verify,
        Verb::Defer,
        Verb::Justified,
        Verb::Unjustified,
        Verb::Unfreeze,
    ];

    /// The verb that a command is, such as `desk approve`.
    pub fn of_command(path: &str) -> Option<Verb> {
        let word = path.strip_prefix("desk ")?;
        Verb::ALL.into_iter().find(|verb| verb.word() == word)
    }

    pub fn word(self) -> &'static str {
        match self {
            Verb::Confirm => "confirm",
            Verb::Approve => "approve",
            Verb::Deny => "deny",
            Verb::Cancel => "cancel",
            Verb::Done => "done",
            Verb::Reveal => "reveal",
            Verb::Retry => "retry",
            Verb::Revise => "revise",
            Verb::Verify => "verify",
            Verb::Defer => "defer",
            Verb::Justified => "justified",
            Verb::Unjustified => "unjustified",
            Verb::Unfreeze => "unfreeze",
        }
    }
}
