//! What the desk can do. One file is one command, and its path is what people type: `connect/reset.rs` is `/connect reset`.
//!
//! To add a command, write its file, its two lines below (the module and the list), and its test in `tests/stories/` under
//! the same path; a test fails as long as one of them is missing. A group within a group is a module within a module. A
//! command looks and plans; it has no way to act. What people decide about a request, such as `/desk approve`, is a row of
//! the table in `desk_core::request::verb` and has no file here.

mod parts;

mod connect {
    pub(crate) mod add;
    pub(crate) mod check;
    pub(crate) mod diagnose;
    pub(crate) mod dismiss;
    pub(crate) mod edit;
    pub(crate) mod export;
    pub(crate) mod find;
    pub(crate) mod guide;
    pub(crate) mod import;
    pub(crate) mod queue {
        pub(crate) mod add;
        pub(crate) mod disable;
        pub(crate) mod edit;
        pub(crate) mod enable;
        pub(crate) mod link;
        pub(crate) mod list;
        pub(crate) mod show;
        pub(crate) mod unlink;
    }
    pub(crate) mod quick {
        pub(crate) mod add;
        pub(crate) mod edit;
        pub(crate) mod list;
        pub(crate) mod remove;
    }
    pub(crate) mod remove;
    pub(crate) mod reset;
    pub(crate) mod restore;
    pub(crate) mod routing {
        pub(crate) mod add;
        pub(crate) mod edit;
        pub(crate) mod link;
        pub(crate) mod list;
        pub(crate) mod show;
        pub(crate) mod unlink;
    }
    pub(crate) mod send;
    pub(crate) mod show;
    pub(crate) mod status {
        pub(crate) mod add;
        pub(crate) mod disable;
        pub(crate) mod edit;
        pub(crate) mod enable;
        pub(crate) mod list;
        pub(crate) mod order;
        pub(crate) mod remove;
        pub(crate) mod set;
    }
    pub(crate) mod tasks;
    pub(crate) mod undo;
    pub(crate) mod until;
    pub(crate) mod who;

    pub(crate) mod group {
        pub(crate) mod add;
        pub(crate) mod levels;
        pub(crate) mod link;
        pub(crate) mod list;
        pub(crate) mod remove;
        pub(crate) mod rename;
        pub(crate) mod show;
        pub(crate) mod unlink;
    }

    pub(crate) mod hours {
        pub(crate) mod close;
        pub(crate) mod list;
        pub(crate) mod open;
        pub(crate) mod show;
    }

    pub(crate) mod security {
        pub(crate) mod compare;
        pub(crate) mod list;
        pub(crate) mod show;
    }
}

mod desk {
    pub(crate) mod details;
    pub(crate) mod digest;
    pub(crate) mod email;
    pub(crate) mod enroll;
    pub(crate) mod file;
    pub(crate) mod freeze;
    pub(crate) mod help;
    pub(crate) mod history;
    pub(crate) mod recover;
    pub(crate) mod requests;
    pub(crate) mod show;
    pub(crate) mod status;
    pub(crate) mod whoami;
    pub(crate) mod why;
}

mod log {
    pub(crate) mod ccp;
    pub(crate) mod quarantine;
}

mod salesforce {
    pub(crate) mod freeze;
    pub(crate) mod grant;
    pub(crate) mod join;
    pub(crate) mod leave;
    pub(crate) mod revoke;
    pub(crate) mod show;
    pub(crate) mod unfreeze;
}

use desk_core::command::Entry;

/// Every command, in alphabetical order of what people type: those below, and those that are verbs on a request, which are rows of
/// the table in `desk_core::request::verb`.
pub fn all() -> Vec<Entry> {
    let mut all: Vec<Entry> = in_files().into_iter().chain(desk_core::command::verbs()).collect();
    all.sort_by_key(|entry| entry.path);
    all
}

/// The commands with files, whose path is what people type: `connect::reset` is `/connect reset`.
macro_rules! commands {
    ($($first:ident $(:: $rest:ident)+,)*) => {
        fn in_files() -> Vec<Entry> {
            vec![$(Entry {
                path: concat!(stringify!($first), $(" ", stringify!($rest)),+),
                command: $first$(::$rest)+::COMMAND,
            },)*]
        }
    };
}

commands! {
    connect::add,
    connect::check,
    connect::diagnose,
    connect::dismiss,
    connect::edit,
    connect::export,
    connect::find,
    connect::group::add,
    connect::group::levels,
    connect::group::link,
    connect::group::list,
    connect::group::remove,
    connect::group::rename,
    connect::group::show,
    connect::group::unlink,
    connect::guide,
    connect::hours::close,
    connect::hours::list,
    connect::hours::open,
    connect::hours::show,
    connect::import,
    connect::queue::add,
    connect::queue::disable,
    connect::queue::edit,
    connect::queue::enable,
    connect::queue::link,
    connect::queue::list,
    connect::queue::show,
    connect::queue::unlink,
    connect::quick::add,
    connect::quick::edit,
    connect::quick::list,
    connect::quick::remove,
    connect::remove,
    connect::reset,
    connect::restore,
    connect::routing::add,
    connect::routing::edit,
    connect::routing::link,
    connect::routing::list,
    connect::routing::show,
    connect::routing::unlink,
    connect::security::compare,
    connect::security::list,
    connect::security::show,
    connect::send,
    connect::show,
    connect::status::add,
    connect::status::disable,
    connect::status::edit,
    connect::status::enable,
    connect::status::list,
    connect::status::order,
    connect::status::remove,
    connect::status::set,
    connect::tasks,
    connect::undo,
    connect::until,
    connect::who,
    desk::details,
    desk::digest,
    desk::enroll,
    desk::file,
    desk::freeze,
    desk::help,
    desk::history,
    desk::email,
    desk::recover,
    desk::requests,
    desk::show,
    desk::status,
    desk::whoami,
    desk::why,
    log::ccp,
    log::quarantine,
    salesforce::freeze,
    salesforce::grant,
    salesforce::join,
    salesforce::leave,
    salesforce::revoke,
    salesforce::show,
    salesforce::unfreeze,
}
