use desk_core::command::{Command, Decide};
use desk_core::request::Verb;
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Decide { spec: &SPEC, verb: Verb::Revise };

const SPEC: Spec = Spec {
    about: "Send a request back with a sentence: something else first",
    help: "The yeses given so far count no more. Who asked confirms again when it is as it should be, or cancels and asks anew.",
    risk: Risk::Look,
    also: &["change_request", "amend"],
    args: &[
        Arg::required("request", Kind::Request, "The number on its card"),
        Arg::optional("reason", Kind::Sentence(300), "What is to be different").in_place(),
        Arg::optional("plan", Kind::Plan, "The first characters of the plan you have seen"),
    ],
    examples: &["/desk revise 7 reason:\"say which ticket this is for\""],
    operations: &[],
};
