use desk_core::command::{Command, Decide};
use desk_core::request::Verb;
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Decide { spec: &SPEC, verb: Verb::Defer };

const SPEC: Spec = Spec {
    about: "Have a request run no sooner than at a moment",
    help: "Yeses can be given meanwhile; at that moment everything is weighed again. `contact` waits until nobody it is about \
           is on a contact, at most four hours or as long as you say; what has not ended by then is not done. Approvals still \
           expire when the card says; only someone who may approve puts it off beyond that.",
    risk: Risk::Look,
    also: &["postpone", "delay", "later"],
    args: &[
        Arg::required("request", Kind::Request, "The number on its card"),
        Arg::optional(
            "how",
            Kind::Text(20),
            "22:00 (in UTC), 45m, contact for the end of their contact, or now",
        )
        .in_place(),
    ],
    examples: &["/desk defer 7 22:00", "/desk defer 7 45m", "/desk defer 7 contact"],
    operations: &[],
};
