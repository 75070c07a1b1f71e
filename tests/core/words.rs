//! What callers of `words` rely on.

use desk_core::basics::problem::Problem;
use desk_core::words::{
    Arg, Args, Kind, Need, Parsed, REASON, Risk, Spec, Typed as _, Value, fits, parse, plain_moment,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

mod split;

const RESET: Spec = Spec {
    about: "Reset a user",
    help: "",
    risk: Risk::Destructive,
    also: &["unlock"],
    args: &[
        Arg::required("login", Kind::Login, "Whose password"),
        Arg::optional("method", Kind::Choice(&[("console", ""), ("recreate", "with a new password")]), "How"),
        Arg::optional("email", Kind::Email(false), "Where"),
        Arg::optional("reason", Kind::Sentence(200), "Why"),
        Arg::optional("force", Kind::Flag, "Insist"),
    ],
    examples: &[],
    operations: &[],
};
const REMOVE: Spec = Spec {
    about: "Remove users",
    help: "",
    risk: Risk::Destructive,
    also: &["delete"],
    args: &[
        Arg::one_of("login", Kind::Login, "Whom").in_place(),
        Arg::one_of("logins", Kind::Logins, "Whom else").in_place(),
        Arg::optional("reason", Kind::Sentence(200), "Why"),
    ],
    examples: &[],
    operations: &[],
};
const EVERYTHING: Spec = Spec {
    about: "Takes every kind",
    help: "",
    risk: Risk::Change,
    also: &[],
    args: &[
        Arg::required("first_name", Kind::Name(255), ""),
        Arg::required("last_name", Kind::Name(300), ""),
        Arg::optional("word", Kind::Word(20), ""),
        Arg::optional("text", Kind::Text(300), ""),
        Arg::optional("scope", Kind::LoginOrAll, ""),
        Arg::optional("about", Kind::LoginOrRequest, ""),
        Arg::optional("by", Kind::Account, ""),
        Arg::optional("email", Kind::Email(true), ""),
        Arg::optional("mobile", Kind::Phone(true), ""),
        Arg::optional("number", Kind::Integer(1, 500), ""),
        Arg::optional("time", Kind::Seconds(0, 2_000_000), ""),
        Arg::optional("request", Kind::Request, ""),
        Arg::optional("command", Kind::Command, ""),
        Arg::optional("file", Kind::File, ""),
        Arg::optional("routing_profile", Kind::RoutingProfile, ""),
        Arg::optional("security_profile", Kind::SecurityProfile, ""),
        Arg::optional("hierarchy_group", Kind::HierarchyGroup, ""),
        Arg::optional("logins", Kind::Logins, ""),
        Arg::optional("reason", Kind::Sentence(300), ""),
    ],
    examples: &[],
    operations: &[],
};
const CONFIRM: Spec = Spec {
    about: "Confirm",
    help: "",
    risk: Risk::Read,
    also: &[],
    args: &[
        Arg::required("request", Kind::Request, "Which"),
        Arg::optional("comment", Kind::Sentence(200), "What else").in_place(),
        Arg::optional("code", Kind::Code, "Six digits"),
    ],
    examples: &[],
    operations: &[],
};
const WHY: Spec = Spec {
    about: "May I?",
    help: "",
    risk: Risk::Read,
    also: &[],
    args: &[
        Arg::required("command", Kind::Command, "Which"),
        Arg::optional("login", Kind::Login, "About whom").in_place(),
    ],
    examples: &[],
    operations: &[],
};

fn commands() -> impl Iterator<Item = (&'static str, &'static Spec)> + Clone {
    [
        ("connect reset", &RESET),
        ("connect remove", &REMOVE),
        ("connect everything", &EVERYTHING),
        ("desk confirm", &CONFIRM),
        ("desk why", &WHY),
    ]
    .into_iter()
}

fn typed(line: &str) -> Result<Parsed, Problem> {
    parse(line, commands())
}

#[test]
fn what_tired_people_type_is_understood() {
    let same = typed("/connect reset john.doe method:recreate reason:\"locked out\"").unwrap();
    for line in [
        "  /connect   reset  @john.doe  method: recreate  reason: \u{201c}locked out\u{201d} ",
        "/Connect Reset login:john.doe reason:'locked out' method:RECREATE",
        "/connect reset method=recreate john.doe reason=locked out",
        "/connect reset john.doe method recreate reason locked out",
        "/connect reset john.doe method : recreate reason : locked out",
        "/ connect reset \u{ab}john.doe\u{bb} method:recreate reason:\u{201e}locked out\u{201c}",
        "`/connect reset john.doe method:recreate reason:\"locked out\"`",
    ] {
        assert_eq!(typed(line).unwrap(), same, "{line}");
    }
    for line in [
        "force:no",
        "force=no",
        "force: no",
        "force = no",
        "force : no",
        "force no",
        "force :no",
        "force: \"no\"",
    ] {
        let forced =
            |line: &str| typed(line).unwrap_or_else(|problem| panic!("{line}: {problem}")).args.said("force");
        assert_eq!(forced(&format!("/connect reset john.doe {line}")), Some(false), "{line}");
        assert_eq!(
            forced(&format!("/connect reset john.doe {line} method = console")),
            Some(false),
            "{line}"
        );
    }
    assert!(typed("/connect reset john.doe FORCE").unwrap().args.flag("force"));
    assert!(!typed("/connect reset john.doe force:no").unwrap().args.flag("force"));
    let why = typed("/desk why /connect reset john.doe").unwrap().args;
    assert_eq!((why.word("command"), why.word("login")), ("connect reset", "john.doe"));
}

#[test]
fn a_sentence_takes_the_words_up_to_the_next_name_and_a_list_only_its_own() {
    let args =
        typed("/connect remove emeka.eze hana.sato reason:duplicate jane.doe and  mei.chen").unwrap().args;
    assert_eq!(args.text("reason"), Some("duplicate jane.doe and mei.chen"));
    assert_eq!((args.word("login"), args.word("logins")), ("emeka.eze", "hana.sato"));
    for line in [
        "/connect remove emeka.eze reason:\"duplicate\" jane.doe",
        "/connect reset john.doe jane.doe",
        "/connect reset john.doe locked out",
        "/connect remove reason:duplicate of jane.doe",
    ] {
        let problem = typed(line).unwrap_err();
        assert!(!problem.lines.is_empty(), "{line}: {problem}");
    }
}

#[test]
fn six_digits_are_the_code_and_are_neither_told_nor_typed_again() {
    for line in [
        "/desk confirm 1 123456",
        "/desk confirm 1 123 456",
        "/desk confirm 1 code:123456",
        "/desk confirm 1 code:123 456",
        "/desk confirm 1 code 123456",
        "/desk confirm 1 otp:123456",
        "/desk confirm 1 123456.",
        "/desk confirm 123456 1",
        "/desk confirm 1 looks good 123456",
        "/desk confirm 1 my code is 123456 thanks",
        "/desk confirm 1 comment:looks good 123456",
    ] {
        let args = typed(line).unwrap_or_else(|problem| panic!("{line}: {problem}")).args;
        assert_eq!(args.code().map(|code| code.show().to_owned()).as_deref(), Some("123456"), "{line}");
        assert_eq!(args.request("request").map(|no| no.0), Some(1), "{line}");
        let told = format!("{args:?} {} {}", args.typed(), serde_json::to_string(&args).unwrap());
        assert!(!told.contains("123456"), "{line}: {told}");
    }
    // Only where another six digits follow are these the number of a request.
    let args = typed("/desk confirm 123456 654321").unwrap().args;
    assert_eq!((args.request("request").map(|no| no.0), args.code().is_some()), (Some(123_456), true));
    assert_eq!(typed("/desk confirm #123456").unwrap().args.request("request").map(|no| no.0), Some(123_456));
    for line in ["/desk confirm 123456", "/desk confirm 1 code:12345", "/desk confirm 1 123456 code:12"] {
        let problem = typed(line).unwrap_err();
        assert!(!format!("{problem:?}").contains("12345"), "{line}: {problem:?}");
    }
}

#[test]
fn a_secret_that_is_told_by_its_name_is_in_no_text() {
    for (text, tells) in [
        ("locked out, code 481516", true),
        ("otp:481516", true),
        ("PIN=481516.", true),
        ("token: 481516 as shown", true),
        ("night, my code is 481516", true),
        ("the OTP from their phone: 481 516, thanks", true),
        ("code=\u{201c}481516\u{201d}", true),
        ("new password:Winter26!", true),
        ("password: Winter26!", true),
        ("pwd=hunter2", true),
        ("forgot password: can't sign in", false),
        ("password: doesn't work", false),
        ("the code never came", false),
        ("ticket 104233", false),
        ("ticket 104233: the code never came", false),
        ("password reset 2 days ago", false),
    ] {
        let checked = Args::check(
            "connect reset",
            &RESET,
            vec![("login".to_owned(), "a.b".to_owned()), ("reason".to_owned(), text.to_owned())],
        );
        assert_eq!(checked.is_err(), tells, "{text}: {checked:?}");
        let line = format!("/connect reset a.b reason:{text}");
        match typed(&line) {
            Ok(parsed) => assert!(!tells, "{line}: {parsed:?}"),
            Err(problem) => {
                let told = format!("{problem:?}");
                assert!(
                    tells
                        && !told.contains("481516")
                        && !told.contains("inter2")
                        && !told.contains("hunter2"),
                    "{told}"
                );
            }
        }
    }
}

#[test]
fn a_date_and_a_time_are_read_as_options_take_them() {
    for (typed, plain) in table! {
        ("2026-12-24", "2026-12-24"),
        ("24.12.2026", "2026-12-24"),
        ("12/24/2026", "2026-12-24"),
        ("24/12/2026.", "2026-12-24"),
        ("5/5/2026", "2026-05-05"),
        ("2026-12-24T15:00", "2026-12-24 15:00"),
        ("8:00", "8:00"),
        ("Tomorrow,", "tomorrow"),
        // Not certain, or no date at all.
        ("12/10/2026", ""),
        ("Friday", ""),
        ("2026-13-01", ""),
        ("10.0.0.1", ""),
        ("INC-1042", ""),
    } {
        assert_eq!(plain_moment(typed).unwrap_or_default(), plain, "{typed}");
    }
}

#[test]
fn a_wrong_line_is_answered_with_the_right_one() {
    for (line, right) in table! {
        ("/connect rest john.doe", "/connect reset john.doe"),
        ("/conect reset john.doe", "/connect reset john.doe"),
        ("reset john.doe", "/connect reset john.doe"),
        ("unlock john.doe", "/connect reset john.doe"),
        ("/connect reset john.doe mehtod:recraete", "/connect reset john.doe method:recreate"),
        ("/connect reset john.doe method:password", "/connect reset john.doe method:recreate"),
        ("/connect reset john.doe recreate locked out", "/connect reset john.doe method:recreate reason:\"locked out\""),
        ("/connect reset john.doe reason:\"locked out", "/connect reset john.doe reason:\"locked out\""),
        ("/connect reset john.doe reason:method: back", "/connect reset john.doe reason:\"method: back\""),
        ("/connect reset john.doe john@example.com", "/connect reset john.doe email:john@example.com"),
    } {
        let lines = typed(line)
            .map_or_else(|problem| problem.lines.into_vec(), |parsed| vec![format!("{:?}", parsed.args)]);
        assert!(
            lines.iter().any(|offered| offered == right) || line.contains("reason:method"),
            "{line}: {lines:?}"
        );
    }
    for (line, message) in table! {
        ("/connect reset", "`login` is missing"),
        ("/connect remove", "`login` or `logins` is missing"),
        ("/connect reset john.doe method:console method:console", "given twice"),
        ("/connect everything Ann \"\"", "`last_name` is empty. Type `last_name:…` with a value."),
        ("/connect everything Ann Lee text:\"\"", "`text` is empty. Type `text:…` with a value, or leave it out."),
        ("/desk confirm \"\"", "`request` is missing."),
        ("/desk confirm request:", "`request` is missing."),
        ("", "has no command"),
        ("/xyzzy", "/desk help"),
    } {
        let problem = typed(line).unwrap_err();
        assert!(problem.to_string().contains(message), "{line}: {problem}");
    }
}

#[test]
fn what_is_denied_is_not_offered() {
    // `laws/typed.rs` has every denial beside every option.
    for line in [
        "/connect reset john.doe -force",
        "/connect reset john.doe no_force:yes",
        "/connect reset john.doe not method:recraete",
        "/connect reset john.doe method:not_recreate",
    ] {
        let problem = typed(line).unwrap_err();
        assert!(problem.lines.is_empty(), "{line}: {problem}");
    }
    assert!(typed("/connect reset john.doe no force").unwrap_err().hint.contains("`force:no`"));
    // A reason may deny something, as long as nothing is chosen beside it.
    for line in ["/connect reset john.doe can't sign in", "/connect reset john.doe --force can't"] {
        let lines = typed(line).unwrap_err().lines;
        assert_eq!(lines.is_empty(), line.contains("force"), "{line}: {lines:?}");
    }
}

#[test]
fn options_in_the_quotes_of_another_are_never_those_of_the_line() {
    let filter = "email:\"a@example.org\" routing_profile:\"Basic Routing Profile\" hierarchy_group:East";
    let text = |line: &str| typed(line).map(|parsed| parsed.args.options());
    let right = text(&format!("/connect everything Ann Lee text:'{filter}' number:7")).unwrap();
    for filter in [filter.to_owned(), filter.replace('"', "\\\"")] {
        assert_eq!(
            text(&format!("/connect everything Ann Lee text:\"{filter}\" number:7")).as_ref(),
            Ok(&right)
        );
    }
    // One of the quotes is missing.
    let quotes = filter.match_indices('"').map(|(at, _)| at);
    let lines = quotes
        .map(|at| {
            let mut without = filter.to_owned();
            without.remove(at);
            without
        })
        .map(|filter| format!("\"{filter}\""));
    for filter in lines.chain([format!("\"{filter}"), format!("{filter}\"")]) {
        for line in [
            format!("/connect everything Ann Lee text:{filter} number:7"),
            format!("/connect everything Ann Lee number:7 text:{filter}"),
        ] {
            let offered = typed(&line).map_or_else(|problem| problem.lines.into_vec(), |_| Vec::new());
            for offered in offered {
                let options = text(&offered).unwrap();
                let others = options
                    .iter()
                    .filter(|(name, _)| !["first_name", "last_name", "text", "number"].contains(&&**name));
                assert_eq!(others.count(), 0, "{line}: {offered}");
            }
        }
    }
}

#[test]
fn only_the_option_that_is_wrong_is_put_right() {
    for (line, kept, right) in table! {
        ("/connect reset john.doe method:recraete reason:recraete", "reason:\"recraete\"", "method:recreate"),
        ("/connect everything Ann Lee text:\"mailto:a@example.org\" email:\"mailto:a@example.org\"", "mailto:a@example.org", "email:a@example.org"),
    } {
        let problem = typed(line).unwrap_err();
        let [offered] = problem.lines.as_ref() else { panic!("{line}: {problem}") };
        assert!(offered.contains(kept) && offered.contains(right), "{line}: {offered}");
    }
}

#[test]
fn every_kind_has_a_bound() {
    // Much longer than any kind takes, and numbers beyond what a log can hold.
    let long = "x".repeat(100_000);
    let numbers =
        ["9007199254740992", "9223372036854775807", "18446744073709551616", "-1", "0", "1e9", "\u{663}"];
    let all = EVERYTHING.args.iter().map(|arg| (&EVERYTHING, arg));
    for (spec, arg) in all.chain(CONFIRM.args.iter().map(|arg| (&CONFIRM, arg))) {
        let check = |value: &str| {
            let others =
                spec.args.iter().filter(|other| other.need == Need::Required && other.name != arg.name);
            let raw = others.map(|other| (other.name.to_owned(), "1".to_owned()));
            Args::check("x", spec, raw.chain([(arg.name.to_owned(), value.to_owned())]).collect())
        };
        assert!(check(&long).is_err(), "{} takes 100,000 characters", arg.name);
        assert!(check(&format!("{long}, {long}")).is_err(), "{}", arg.name);
        for number in numbers {
            let Ok(args) = check(number) else { continue };
            let written = serde_json_canonicalizer::to_vec(&args).unwrap();
            let read: Args = serde_json::from_slice(&written).unwrap();
            assert_eq!(read, args, "{}: {number}", arg.name);
            if let Some(Value::Integer(n)) = args.get(arg.name) {
                assert!((0..=9_007_199_254_740_991).contains(n), "{}: {n}", arg.name);
            }
        }
    }
    assert_eq!(typed(&format!("/connect reset {long}")).unwrap_err().code, "line_too_long");
    let names = vec![("x".repeat(1_000_000), "1".to_owned())];
    assert_eq!(Args::check("connect reset", &RESET, names).unwrap_err().code, "option_unknown");
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_261_120),
        ..ProptestConfig::default()
    })]

    /// Whatever is typed is understood or refused, and every line that is offered for it is right.
    #[test]
    fn every_line_that_is_offered_is_understood(
        start in prop::sample::select(vec!["", "/connect reset ", "/connect remove ", "/desk confirm ", "/desk why ", "reset ", "/connect everything "]),
        words in prop::collection::vec(
            prop::sample::select(vec![
                "john.doe", "jane.doe,", "Doe", "\"Doe, John\"", "reason:", "reason:late", "method:", "method", "recreate", "method=console",
                "7", "#7", "123456", "code:", "code:123456", "email:", "a@b.example", "+1", "573 555 0142", "mobile:", "time:5", "min",
                "\"", "'", "\u{201c}", "\u{201d}", "\u{ab}", "`", ":", "=", ",", "and", "all", "login:", "logins:", "force", "C:\\x.csv",
                "\u{1f600}", "\u{202e}", "\u{a0}", "e\u{301}", "file:", "text", "command:", "connect", "reset", "name:x", "<@80351110224678912>",
            ]),
            0..8,
        ),
        tail in "\\PC{0,12}",
    ) {
        let line = format!("{start}{} {tail}", words.join(" "));
        match typed(&line) {
            Ok(parsed) => {
                let told = serde_json::to_string(&parsed.args).unwrap();
                prop_assert!(parsed.args.code().is_none_or(|code| !told.contains(code.show()) || line.matches(code.show()).count() > 1), "{told}");
            }
            Err(problem) => {
                prop_assert!(problem.lines.len() <= 3);
                for offered in &problem.lines {
                    if let Err(wrong) = typed(offered) {
                        prop_assert!(false, "{line}: {offered}: {wrong}");
                    }
                }
            }
        }
    }
}

#[test]
fn an_argument_is_read_into_the_type_of_its_kind() {
    desk_core::args! {
        struct Some {
            login: String = required(Kind::Login, "Whose").in_place(),
            logins: Vec<String> = optional(Kind::Logins, "More"),
            insist: bool = optional(Kind::Flag, "Insist"),
            _ = REASON,
        }
    }
    let names: Vec<&str> = Some::ARGS.iter().map(|arg| arg.name).collect();
    assert_eq!(names, ["login", "logins", "insist", "reason"]);
    let spec = Spec { args: Some::ARGS, ..RESET };
    let typed = |line: &str| parse(line, [("x y", &spec)].into_iter()).unwrap().args;
    let some = Some::of(&typed("/x y a.b logins:c.d,e.f,c.d insist")).unwrap();
    assert_eq!((some.login.as_str(), some.logins.join("+").as_str(), some.insist), ("a.b", "c.d+e.f", true));
    assert!(String::of(&Args::default(), "login").is_err());

    let [required, optional] = [Arg::required("x", Kind::Login, ""), Arg::optional("x", Kind::Login, "")];
    assert!(fits::<String>(&required) && fits::<Option<String>>(&optional));
    assert!(!fits::<String>(&optional), "what may be left out has no value then");
    assert!(!fits::<bool>(&optional) && !fits::<Option<i64>>(&optional) && !fits::<Vec<String>>(&optional));
}
