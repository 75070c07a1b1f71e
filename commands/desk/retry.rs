use desk_core::command::{Command, Decide};
use desk_core::request::Verb;
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Decide { spec: &SPEC, verb: Verb::Retry };

const SPEC: Spec = Spec {
    about: "Continue a request that is stuck, or that someone stopped",
    help: "The step that failed is looked at again before anything is called. Once its approvals have expired, or when \
           somebody else stopped it, an approver, a supervisor or an admin continues it, not the requester alone.",
    risk: Risk::Look,
    also: &[],
    args: &[Arg::required("request", Kind::Request, "The number on its card")],
    examples: &["/desk retry 7"],
    operations: &[],
};
