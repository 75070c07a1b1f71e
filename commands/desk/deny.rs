use desk_core::command::{Command, Decide};
use desk_core::request::Verb;
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Decide { spec: &SPEC, verb: Verb::Deny };

const SPEC: Spec = Spec {
    about: "Say no to somebody else's request",
    help: "One no ends it.",
    risk: Risk::Look,
    also: &["reject", "decline", "refuse"],
    args: &[
        Arg::required("request", Kind::Request, "The number on its card"),
        Arg::optional("reason", Kind::Sentence(300), "Why").in_place(),
    ],
    examples: &["/desk deny 7", "/desk deny 7 reason:\"call the agent first\""],
    operations: &[],
};
