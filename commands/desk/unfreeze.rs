use desk_core::command::{Command, Decide};
use desk_core::request::Verb;
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Decide { spec: &SPEC, verb: Verb::Unfreeze };

const SPEC: Spec = Spec {
    about: "Lift a freeze",
    help: "",
    risk: Risk::Look,
    also: &["unhold", "thaw"],
    args: &[Arg::required("request", Kind::Request, "The number on its card")],
    examples: &["/desk unfreeze 7"],
    operations: &[],
};
