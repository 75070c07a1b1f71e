use desk_core::command::{Command, Decide, Verb};
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Decide { spec: &SPEC, verb: Verb::Retry };

const SPEC: Spec = Spec {
    about: "Go on with a request that is stuck",
    help: "The step that failed is looked at again before anything is called.",
    risk: Risk::Look,
    also: &[],
    args: &[
        Arg::required("request", Kind::Request, "The number on its card"),
    ],
    examples: &["/desk retry 7"],
    operations: &[],
};
