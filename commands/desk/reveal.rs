use desk_core::command::{Command, Decide};
use desk_core::request::Verb;
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Decide { spec: &SPEC, verb: Verb::Reveal };

const SPEC: Spec = Spec {
    about: "See the temporary password of your own finished request, once",
    help: "Only who asked may see it. It is destroyed when it was shown, and when it expires.",
    risk: Risk::Look,
    also: &["show_password"],
    args: &[Arg::required("request", Kind::Request, "The number on its card")],
    examples: &["/desk reveal 7"],
    operations: &[],
};
