use desk_core::command::{Command, Decide, Verb};
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Decide { spec: &SPEC, verb: Verb::Defer };

const SPEC: Spec = Spec {
    about: "Have a request run no sooner than at a moment",
    help: "Yeses can be given meanwhile; at that moment everything is weighed again.",
    risk: Risk::Look,
    args: &[
        Arg::required("request", Kind::Request, "The number on its card"),
        Arg::required("how", Kind::Text(20), "A time of the day in UTC such as 22:00, or a span such as 45m"),
    ],
    examples: &["/desk defer 7 22:00", "/desk defer 7 45m"],
    operations: &[],
};
