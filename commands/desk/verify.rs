use desk_core::command::{Command, Decide, Verb};
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Decide { spec: &SPEC, verb: Verb::Verify };

const SPEC: Spec = Spec {
    about: "Write down how the caller was verified on whose behalf it is asked",
    help: "Whoever asked says so; a manager gives their own word. With `mailed_code` the desk mails a code to the address on \
           file; when the caller has read it to you, type it with `code:`. It counts for ten minutes.",
    risk: Risk::Look,
    args: &[
        Arg::required("request", Kind::Request, "The number on its card"),
        Arg::optional("how", Kind::Choice(&["called_back", "manager", "mailed_code"]), "How; called_back if not said"),
        Arg::optional("reason", Kind::Text(300), "What to remember of it"),
        Arg::optional("code", Kind::Text(12), "Six digits that the caller read out, which were mailed to them"),
    ],
    examples: &["/desk verify 7", "/desk verify 7 mailed_code", "/desk verify 7 mailed_code code:123456", "/desk verify 7 manager reason:\"she sits beside me\""],
    operations: &[],
};
