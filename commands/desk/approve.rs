use desk_core::command::{Command, Decide};
use desk_core::request::Verb;
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Decide { spec: &SPEC, verb: Verb::Approve };

const SPEC: Spec = Spec {
    about: "Say yes to somebody else's request",
    help: "Nobody approves their own request or one about themselves. Your yes holds for the plan on the card and for no other.",
    risk: Risk::Look,
    also: &["accept", "ok"],
    args: &[
        Arg::required("request", Kind::Request, "The number on its card"),
        Arg::optional("comment", Kind::Sentence(300), "What to remember of it").in_place(),
        Arg::optional("plan", Kind::Plan, "The plan you saw, by the first characters of its digest"),
        Arg::optional("login", Kind::Login, "The login it is about once more, where a rule wants it typed"),
        Arg::optional("code", Kind::Code, "Six digits of your authenticator, where a rule wants them"),
    ],
    examples: &["/desk approve 7", "/desk approve 7 plan:a1b2c3"],
    operations: &[],
};
