//! Every story, told at the console, and those with `everywhere` on Discord and on paper as well.

mod approvals;
mod console;
mod grants;
mod limits;
mod live;

mod connect {
    mod add;
    mod ccplog;
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
    mod template;
    mod undo;
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
    mod status;
    mod unfreeze;
    mod unjustified;
    mod verify;
    mod whoami;
    mod why;
}

mod log {
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
