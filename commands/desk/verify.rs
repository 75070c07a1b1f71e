use desk_core::command::{Command, Decide};
use desk_core::request::Verb;
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Decide { spec: &SPEC, verb: Verb::Verify };

const HOW: [(&str, &str); 3] = [
    ("called_back", "you called them at the number on file"),
    ("manager", "their manager vouches for them"),
    ("mailed_code", "they read back a code that is emailed to them"),
];

const SPEC: Spec = Spec {
    about: "Write down how the caller was verified on whose behalf it is asked",
    help: "Whoever asked says so; a manager gives their own word. With `mailed_code` the desk mails a code to the address on \
           file; when the caller has read it to you, type it with `code:`. It counts for ten minutes.",
    risk: Risk::Look,
    also: &[],
    args: &[
        Arg::required("request", Kind::Request, "The number on its card"),
        Arg::optional("how", Kind::Choice(&HOW), "How; called_back by default").in_place(),
        Arg::optional("reason", Kind::Sentence(300), "What to remember of it").in_place(),
        Arg::optional("code", Kind::Code, "Six digits that the caller read out, which were mailed to them"),
    ],
    examples: &[
        "/desk verify 7",
        "/desk verify 7 mailed_code",
        "/desk verify 7 mailed_code code:123456",
        "/desk verify 7 manager reason:\"she sits beside me\"",
    ],
    operations: &[],
};
