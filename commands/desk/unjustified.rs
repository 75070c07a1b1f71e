use desk_core::command::{Command, Decide};
use desk_core::request::Verb;
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Decide { spec: &SPEC, verb: Verb::Unjustified };

const SPEC: Spec = Spec {
    about: "Close an emergency: it was not right",
    help: "",
    risk: Risk::Look,
    also: &[],
    args: &[
        Arg::required("request", Kind::Request, "The number on its card"),
        Arg::optional("reason", Kind::Sentence(300), "Why it was not").in_place(),
    ],
    examples: &["/desk unjustified 7 \"a supervisor was there\""],
    operations: &[],
};
