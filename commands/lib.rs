//! What the desk can do. One file is one command, and its path is what people type: `connect/reset.rs` is `/connect reset`.
//!
//! To add a command, write its file, its line in the list below, and its test in `tests/stories/` under the same path;
//! a test fails as long as one of the three is missing. A command looks and plans; it has no way to act.

mod edit_plan;
mod filter;
mod letters;
mod people;
mod profile;
mod quick_connects;
mod remove_plan;
mod request_history;
mod restoration;
mod revert;
mod users;

use desk_core::command::Entry;

/// Declares the modules and the list from the same words, so that neither can lack what the other has.
macro_rules! commands {
    ($($group:ident { $($name:ident,)* })*) => {
        $(mod $group { $(pub(crate) mod $name;)* })*

        /// Every command, in alphabetical order of what people type.
        pub fn all() -> Vec<Entry> {
            vec![$($(Entry {
                path: concat!(stringify!($group), " ", stringify!($name)),
                command: $group::$name::COMMAND,
            },)*)*]
        }
    };
}

commands! {
    connect {
        add,
        ccplog,
        diagnose,
        edit,
        export,
        find,
        guide,
        import,
        remove,
        reset,
        restore,
        send,
        show,
        template,
        undo,
    }
    desk {
        approve,
        cancel,
        confirm,
        defer,
        deny,
        details,
        digest,
        done,
        enroll,
        file,
        freeze,
        help,
        history,
        justified,
        letter,
        recover,
        requests,
        retry,
        reveal,
        revise,
        unfreeze,
        unjustified,
        verify,
        whoami,
        why,
    }
    log {
        quarantine,
    }
}
