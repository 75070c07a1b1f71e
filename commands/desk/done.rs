use desk_core::command::{Command, Decide};
use desk_core::request::Verb;
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Decide { spec: &SPEC, verb: Verb::Done };

const SPEC: Spec = Spec {
    about: "Say that the step somebody does by hand is done",
    help: "",
    risk: Risk::Look,
    also: &[],
    args: &[Arg::required("request", Kind::Request, "The number on its card")],
    examples: &["/desk done 7"],
    operations: &[],
};
