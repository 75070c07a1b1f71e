//! Every story, told at the console, and those with `everywhere` on Discord and on paper as well.

mod approvals;
mod console;
mod grants;
mod limits;
mod live;

mod connect {
    mod add;
    mod diagnose;
    mod edit;
    mod export;
    mod find;
    mod guide;
    mod import;
    mod remove;
    mod reset;
    mod restore;
    mod send;
    mod show;
    mod undo;

    mod group {
        mod add;
        mod levels;
        mod link;
        mod list;
        mod remove;
        mod rename;
        mod show;
        mod unlink;
    }

    mod hours {
        mod close;
        mod list;
        mod open;
        mod show;
    }

    mod security {
        mod compare;
        mod list;
        mod show;
    }
}

mod desk {
    mod approve;
    mod cancel;
    mod confirm;
    mod defer;
    mod deny;
    mod details;
    mod digest;
    mod done;
    mod enroll;
    mod file;
    mod freeze;
    mod help;
    mod history;
    mod justified;
    mod letter;
    mod recover;
    mod requests;
    mod retry;
    mod reveal;
    mod revise;
    mod unfreeze;
    mod unjustified;
    mod verify;
    mod whoami;
    mod why;
}

mod log {
    mod ccp;
    mod quarantine;
}

mod salesforce {
    mod freeze;
    mod grant;
    mod join;
    mod leave;
    mod revoke;
    mod show;
    mod unfreeze;
}
