use desk_core::command::{Command, Decide};
use desk_core::request::Verb;
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Decide { spec: &SPEC, verb: Verb::Cancel };

const SPEC: Spec = Spec {
    about: "Cancel a request before it runs, stop one that runs, or give up one that is stuck",
    help: "What runs finishes the calls that are under way and is held, also over a restart. Resume it with `/desk retry`, or undo \
           what was done with `rollback`. What can't be undone is finished instead. The requester, an approver, a supervisor or an \
           admin may stop it; giving up what is stuck is for the others where it needed approvals.",
    risk: Risk::Look,
    also: &["abort", "withdraw", "stop"],
    args: &[
        Arg::required("request", Kind::Request, "The number on its card"),
        Arg::optional(
            "how",
            Kind::Choice(&[("rollback", "undo")]),
            "Undo what was done, of a request that runs or is held",
        )
        .in_place(),
    ],
    examples: &["/desk cancel 7", "/desk cancel 7 rollback"],
    operations: &[],
};
