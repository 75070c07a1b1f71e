//! Why the fake cannot be opened, why waiting ended, and what a Discord client would not let people do.

use std::io;
use std::time::Duration;

/// Trouble of the fake itself, and of waiting for it.
#[derive(Debug, thiserror::Error)]
pub enum FakeError {
    #[error("Nothing can listen on loopback: {0}.")]
    Listen(#[source] io::Error),
    #[error("No certificate can be made: {0}.")]
    Certificate(String),
    #[error("{0} is not on loopback. The fake sends interactions to http://127.0.0.1:PORT/PATH only.")]
    NotLoopback(String),
    #[error("The endpoint could not be asked: {0}.")]
    Endpoint(String),
    #[error("Nothing was seen of {what} for {limit:?}.")]
    Waited { what: String, limit: Duration },
    #[error(transparent)]
    Refused(#[from] ClientRefuses),
}

/// What a Discord client would not let a person do: nothing is sent to the bot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientRefuses {
    #[error("There is no command `/{0}` here.")]
    NoSuchCommand(String),
    #[error("`/{0}` is hidden from this person: the command's default permissions ask for more.")]
    Secret(String),
    #[error("`{0}` has subcommands; one of them has to be chosen.")]
    Incomplete(String),
    #[error("`{0}` is no option of this command.")]
    NoSuchOption(String),
    #[error("`{0}` was given twice.")]
    GivenTwice(String),
    #[error("`{0}` has to be given.")]
    MissingOption(String),
    #[error("`{option}` takes {wants}.")]
    WrongType { option: String, wants: &'static str },
    #[error("`{option}` does not offer `{value}`.")]
    NotAChoice { option: String, value: String },
    #[error("`{option}` takes {least} to {most} characters; these are {length}.")]
    Length { option: String, least: u64, most: u64, length: u64 },
    #[error("`{option}` takes numbers within its bounds; {value} is none.")]
    Bounds { option: String, value: String },
    #[error("`{0}` does not complete what is typed.")]
    NoAutocomplete(String),
    #[error("This person is not a member of the server.")]
    NotAMember,
    #[error("There is no such channel for this person.")]
    NoSuchChannel,
    #[error("This person sees no message {0}.")]
    NoSuchMessage(u64),
    #[error("The message has no button `{0}`.")]
    NoSuchComponent(String),
    #[error("`{0}` is disabled.")]
    Disabled(String),
    #[error("`{0}` is a link; the bot hears nothing of it.")]
    Link(String),
    #[error("The form has no input `{0}`.")]
    NoSuchInput(String),
    #[error("The form's input `{0}` has to be filled in.")]
    MissingInput(String),
    #[error("The attachment is larger than this server takes.")]
    TooLarge,
}
