use desk_core::command::{Command, Decide};
use desk_core::request::Verb;
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Decide { spec: &SPEC, verb: Verb::Confirm };

const SPEC: Spec = Spec {
    about: "Say yes to your own request after reading its plan",
    help: "",
    risk: Risk::Look,
    also: &["yes"],
    args: &[
        Arg::required("request", Kind::Request, "The number on its card"),
        Arg::optional("plan", Kind::Plan, "The plan you saw, by the first characters of its digest"),
        Arg::optional("code", Kind::Code, "Six digits of your authenticator, where a rule wants them"),
    ],
    examples: &["/desk confirm 7"],
    operations: &[],
};
