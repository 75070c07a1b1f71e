//! What people at the desk say and see, command by command.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test ends where something is not as it says"
)]

#[path = "../support/mod.rs"]
mod support;

mod console;
mod house;

/// Declares the stories and lists them, so that `house` can compare the list with the commands.
macro_rules! stories {
    ($($group:ident { $($name:ident,)* })*) => {
        $(mod $group { $(mod $name;)* })*

        const STORIES: &[&str] = &[$($(concat!(stringify!($group), " ", stringify!($name)),)*)*];
    };
}

stories! {
    connect {
        find,
        reset,
        show,
    }
    desk {
        approve,
        cancel,
        confirm,
        deny,
        done,
        help,
        history,
        requests,
        retry,
        reveal,
        whoami,
        why,
    }
}
