//! Every story, told at the console by the target `stories` and on Discord as well by the target `discord`.

mod approvals;
mod console;
mod grants;
mod limits;
mod live;

/// Declares the stories and lists them, so that `house` can compare the list with the commands.
macro_rules! stories {
    ($($group:ident { $($name:ident,)* })*) => {
        $(mod $group { $(mod $name;)* })*

        #[allow(dead_code, reason = "only `house` compares the list with the commands")]
        pub const STORIES: &[&str] = &[$($(concat!(stringify!($group), " ", stringify!($name)),)*)*];
    };
}

stories! {
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
