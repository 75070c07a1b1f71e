//! Every story, told at the console, and those with `everywhere` on Discord and on paper as well.

mod approvals;
mod console;
mod grants;
mod limits;
mod live;
mod noticed;
mod scheduled;
mod voided;

mod connect {
    mod add;
    mod check;
    mod diagnose;
    mod dismiss;
    mod edit;
    mod export;
    mod find;
    mod guide;
    mod import;
    mod queue {
        mod add;
        mod disable;
        mod edit;
        mod enable;
        mod link;
        mod list;
        mod show;
        mod unlink;
    }
    mod quick {
        mod add;
        mod edit;
        mod list;
        mod remove;
    }
    mod remove;
    mod reset;
    mod restore;
    mod routing {
        mod add;
        mod edit;
        mod link;
        mod list;
        mod show;
        mod unlink;
    }
    mod send;
    mod show;
    mod status {
        mod add;
        mod disable;
        mod edit;
        mod enable;
        mod list;
        mod order;
        mod remove;
        mod set;
    }
    mod tasks;
    mod undo;
    mod until;
    mod who;

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
    mod email;
    mod enroll;
    mod file;
    mod freeze;
    mod help;
    mod history;
    mod recover;
    mod request_changes;
    mod requests;
    mod retry;
    mod reveal;
    mod review;
    mod show;
    mod status;
    mod unfreeze;
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
