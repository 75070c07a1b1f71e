use desk_core::command::{Command, Decide, Verb};
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Decide { spec: &SPEC, verb: Verb::Cancel };

const SPEC: Spec = Spec {
    about: "Take a request back before it runs, or give up one that is stuck",
    help: "The requester may cancel while it waits; an approver may also give up what is stuck.",
    risk: Risk::Look,
    also: &["abort", "withdraw", "stop"],
    args: &[
        Arg::required("request", Kind::Request, "The number on its card"),
    ],
    examples: &["/desk cancel 7"],
    operations: &[],
};
