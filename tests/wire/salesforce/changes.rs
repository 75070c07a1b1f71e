//! Changes: each is an outcome, none is made twice, and a desk never says something else than what happened.

use desk_core::basics::problem::{Owner, Problem, System};
use desk_core::plan::{Attempt, Facts, Failure};

use super::*;

type Came = Result<Facts, Failure>;

/// Something that a desk changes, and whether it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Assign,
    Revoke,
    Join,
    Leave,
    Freeze,
    Unfreeze,
}

const VERBS: [Verb; 6] = [Verb::Assign, Verb::Revoke, Verb::Join, Verb::Leave, Verb::Freeze, Verb::Unfreeze];

impl Verb {
    /// The operation that writes.
    fn operation(self) -> &'static str {
        match self {
            Verb::Assign => "CreatePermissionSetAssignment",
            Verb::Revoke => "DeletePermissionSetAssignment",
            Verb::Join | Verb::Leave => "UpdateUser",
            Verb::Freeze | Verb::Unfreeze => "UpdateUserLogin",
        }
    }

    /// Someone with whom there is something to do.
    fn login(self) -> &'static str {
        match self {
            Verb::Assign | Verb::Join | Verb::Freeze => "john.doe",
            Verb::Revoke | Verb::Leave => "aaron.fields",
            Verb::Unfreeze => "laura.pace",
        }
    }

    async fn act(self, org: &Org, desk: &Salesforce, attempt: Attempt) -> Came {
        let (user, set) = (org.user(self.login()), org.set("AC_Agent"));
        let center = org.center("ACLightningAdapter");
        in_time(async {
            match self {
                Verb::Assign => desk.assign(attempt, &user, &set, None).await,
                Verb::Revoke => desk.revoke(attempt, &user, &set, None).await,
                Verb::Join => desk.move_to(attempt, &user, None, Some(&center)).await,
                Verb::Leave => desk.move_to(attempt, &user, Some(&center), None).await,
                Verb::Freeze => desk.freeze(attempt, &user, true).await,
                Verb::Unfreeze => desk.freeze(attempt, &user, false).await,
            }
        })
        .await
    }

    async fn holds(self, org: &Org) -> bool {
        let (user, set) = (org.user(self.login()), org.set("AC_Agent"));
        let world = org.world().await;
        let given = rows(&world, &user, &set);
        let center = &world["User"][user.as_str()]["CallCenterId"];
        let logins = world["UserLogin"].as_object().unwrap();
        let login = logins.values().find(|login| login["UserId"] == user.as_str()).unwrap();
        match self {
            Verb::Assign => given.len() == 1,
            Verb::Revoke => given.is_empty(),
            Verb::Join => *center == org.center("ACLightningAdapter").as_str(),
            Verb::Leave => center.is_null(),
            Verb::Freeze => login["IsFrozen"] == true,
            Verb::Unfreeze => login["IsFrozen"] == false,
        }
    }
}

fn refused(came: Came) -> Problem {
    match came {
        Err(Failure::Refused(problem)) => problem,
        other => panic!("a refusal was expected, and this came: {other:?}"),
    }
}

#[tokio::test]
async fn twice_is_the_same_as_once_and_what_was_so_before_is_told() {
    for verb in VERBS {
        let org = Org::begin().await;
        let desk = org.desk();
        assert!(!verb.holds(&org).await, "{verb:?}");
        let facts = verb.act(&org, &desk, Attempt::First).await.unwrap();
        assert!(verb.holds(&org).await && !facts.contains_key("already"), "{verb:?}: {facts:?}");
        let world = org.world().await;
        let facts = verb.act(&org, &desk, Attempt::First).await.unwrap();
        assert_eq!(facts.get("already").map(String::as_str), Some("true"), "{verb:?}");
        // After a crash it is not known who did it, so the plan of before decides.
        let facts = verb.act(&org, &desk, Attempt::Again).await.unwrap();
        assert!(!facts.contains_key("already"), "{verb:?}: {facts:?}");
        assert_eq!(org.world().await, world, "{verb:?}");
    }
}

#[tokio::test]
async fn an_undo_takes_back_what_was_done_and_nothing_else() {
    let org = Org::begin().await;
    let desk = org.desk();
    let (john, agent) = (org.user("john.doe"), org.set("AC_Agent"));
    let before = org.world().await;
    let row = |facts: &Facts| RecordId::parse(&facts["assignment"]).unwrap();
    let first = row(&in_time(desk.assign(Attempt::First, &john, &agent, None)).await.unwrap());
    in_time(desk.revoke(Attempt::First, &john, &agent, Some(&first))).await.unwrap();
    assert_eq!(org.world().await, before);
    // Someone else gave it again: that is another row, which an undo of the first one leaves alone.
    let second = row(&in_time(desk.assign(Attempt::First, &john, &agent, None)).await.unwrap());
    let facts = in_time(desk.revoke(Attempt::First, &john, &agent, Some(&first))).await.unwrap();
    assert!(facts.contains_key("already"));
    assert_eq!(rows(&org.world().await, &john, &agent), [second.as_str()]);
    // What was there before has the id of its row as well, so that it can be told from one that was made.
    let facts = in_time(desk.assign(Attempt::First, &john, &agent, None)).await.unwrap();
    assert_eq!((facts.contains_key("already"), row(&facts)), (true, second));
}

/// Each kind of answer to each write, in both cases: it did not happen, and it did. Once, it ends as if nothing had gone wrong.
/// For ever, whatever is said is true.
#[tokio::test]
async fn what_is_said_is_what_happened() {
    let answers = [
        json!({ "fault": "drop" }),
        json!({ "fault": "fail" }),
        json!({ "fault": "fail", "status": 200 }),
        json!({ "fault": "fail", "status": 302 }),
        json!({ "fault": "fail", "status": 400 }),
        json!({ "fault": "fail", "status": 404 }),
        json!({ "fault": "fail", "status": 401 }),
        json!({ "fault": "fail", "error": "" }),
        json!({ "fault": "fail", "error": "{}", "status": 201 }),
        json!({ "fault": "fail", "error": r#"{"id":"0PaAe0000000010","success":false,"errors":[]}"#, "status": 201 }),
        json!({ "fault": "fail", "error": "[]", "status": 400 }),
        json!({ "fault": "fail", "error": "UNKNOWN_EXCEPTION" }),
        json!({ "fault": "fail", "error": "SERVER_UNAVAILABLE" }),
        json!({ "fault": "fail", "error": "SOMETHING_NEW" }),
        json!({ "fault": "fail", "error": "FIELD_INTEGRITY_EXCEPTION", "status": 500 }),
        json!({ "fault": "fail", "error": "FIELD_INTEGRITY_EXCEPTION,UNKNOWN_EXCEPTION", "status": 400 }),
    ];
    for verb in VERBS {
        for answer in &answers {
            for moment in ["before", "after"] {
                let mut fault = answer.clone();
                fault["fault"] = json!(format!("{}_{moment}", answer["fault"].as_str().unwrap()));
                let org = Org::begin().await;
                org.fault(verb.operation(), &fault).await;
                let came = verb.act(&org, &org.desk(), Attempt::First).await;
                let facts = came.unwrap_or_else(|failure| panic!("{verb:?} {fault}: {failure:?}"));
                assert!(
                    verb.holds(&org).await && !facts.contains_key("already"),
                    "{verb:?} {fault}: {facts:?}"
                );
                let writes = if moment == "before" { 2 } else { 1 };
                assert_eq!(org.calls(verb.operation()).await, writes, "{verb:?} {fault}");
            }
        }
        for fault in ["drop_before", "drop_after", "fail_before", "fail_after"] {
            for looks_fail in [false, true] {
                let org = Org::begin().await;
                let desk = org.desk();
                find(&desk, "john.doe").await;
                org.fault(verb.operation(), &json!({ "fault": fault, "times": 1000 })).await;
                if looks_fail {
                    // The looks before the write still work, as far as there are any.
                    let looks = if verb == Verb::Assign {
                        1
                    } else if verb == Verb::Join || verb == Verb::Leave {
                        3
                    } else {
                        2
                    };
                    org.fault("Query", &json!({ "fault": "drop_before", "call": looks, "times": 1000 }))
                        .await;
                }
                match verb.act(&org, &desk, Attempt::First).await {
                    Ok(_) => assert!(verb.holds(&org).await, "{verb:?} {fault}"),
                    Err(Failure::Refused(problem)) => {
                        panic!("{verb:?} {fault}: nothing is certain, and {problem}")
                    }
                    Err(Failure::Unknown(_)) => {
                        assert!(
                            looks_fail || fault.ends_with("before"),
                            "{verb:?} {fault}: a look would have told"
                        );
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn a_refusal_names_who_has_to_act_and_is_not_tried_again() {
    for (login, set, permissions, used, who, message) in table! {
        ("hugo.berg", "AC_Agent", None, 0, Owner::Requester, "The user license doesn't allow the permission: Run Flows"),
        ("victor.hale", "AC_Agent", None, 0, Owner::Requester, "inactive user"),
        ("john.doe", "AC_AmazonQ", None, 0, Owner::Requester, "available Amazon Q for Connect licenses (LICENSE_LIMIT_EXCEEDED); Can't"),
        ("omar.aziz", "AC_Agent", None, 0, Owner::Requester, "has expired"),
        ("john.doe", "AC_Agent", Some(json!(["ApiEnabled", "ViewSetup"])), 0, Owner::Operator, "insufficient access"),
        ("john.doe", "AC_Agent", Some(json!(["ViewSetup"])), 0, Owner::Operator, "API Enabled"),
        ("john.doe", "AC_Agent", None, 15_000, Owner::Operator, "TotalRequests Limit exceeded"),
    } {
        let org = Org::begin().await;
        let desk = org.desk();
        let (user, set) = (org.user(login), org.set(set));
        if let Some(permissions) = permissions {
            org.control("PATCH", "app", json!({ "permissions": permissions })).await;
        }
        org.control("PATCH", "settings", json!({ "api_used": used })).await;
        let before = org.world().await;
        let problem = refused(in_time(desk.assign(Attempt::First, &user, &set, None)).await);
        assert_eq!(problem.owner, who, "{problem}");
        assert!(problem.to_string().contains(message), "{message}: {problem}");
        assert_eq!(org.world().await, before, "{message}");
        assert_eq!(org.calls("CreatePermissionSetAssignment").await, 1, "{message}");
    }
    // The other writes, without the right to them.
    for verb in [Verb::Join, Verb::Freeze] {
        let org = Org::begin().await;
        org.control(
            "PATCH",
            "app",
            json!({ "permissions": ["ApiEnabled", "ViewSetup", "AssignPermissionSets"] }),
        )
        .await;
        let problem = refused(verb.act(&org, &org.desk(), Attempt::First).await);
        assert_eq!(problem.owner, Owner::Operator, "{verb:?}: {problem}");
        assert!(problem.hint.contains("docs/salesforce.md"), "{verb:?}: {problem}");
    }
}

#[tokio::test]
async fn what_passes_is_waited_for() {
    for verb in VERBS {
        for (fault, writes) in [
            (json!({ "fault": "fail_before", "error": "UNABLE_TO_LOCK_ROW", "times": 3 }), 4),
            (json!({ "fault": "throttle", "times": 2 }), 3),
        ] {
            let org = Org::begin().await;
            org.fault(verb.operation(), &fault).await;
            verb.act(&org, &org.desk(), Attempt::First).await.unwrap();
            assert!(verb.holds(&org).await, "{verb:?} {fault}");
            assert_eq!(org.calls(verb.operation()).await, writes, "{verb:?} {fault}");
        }
    }
}

#[tokio::test]
async fn what_must_not_be_touched_is_not() {
    let org = Org::begin().await;
    let desk = org.desk();
    let (grace, john, ahmed) = (org.user("grace.lee"), org.user("john.doe"), org.user("ahmed.farouk"));
    let (voice, lightning) = (org.center("AmazonConnectVoice"), org.center("ACLightningAdapter"));
    let own = org.id("User", "Username", practice::API_USER);
    let gone = RecordId::parse("04vAe000000ZZZZ").unwrap();
    let before = org.world().await;
    for (came, message) in table! {
        // Salesforce Voice, into it and out of it.
        (in_time(desk.move_to(Attempt::First, &grace, Some(&voice), None)).await, "center, where apps can't"),
        (in_time(desk.move_to(Attempt::First, &grace, Some(&voice), Some(&lightning))).await, "center, where apps can't"),
        (in_time(desk.move_to(Attempt::First, &john, None, Some(&voice))).await, "center, where apps can't"),
        // Another value than the one of the plan.
        (in_time(desk.move_to(Attempt::First, &ahmed, None, Some(&lightning))).await, "Someone moved the user"),
        (in_time(desk.move_to(Attempt::First, &john, None, Some(&gone))).await, "no longer exists"),
        // The desk's own way in.
        (in_time(desk.freeze(Attempt::First, &own, true)).await, "The desk itself signs in as this user"),
    } {
        let problem = refused(came);
        assert!(problem.message.contains(message), "{message}: {problem}");
        assert_eq!(problem.owner, Owner::Requester, "{problem}");
    }
    assert_eq!(org.world().await, before);
    assert_eq!((org.calls("UpdateUser").await, org.calls("UpdateUserLogin").await), (0, 0));
    // Who was moved while an answer was lost is not moved back.
    org.fault("UpdateUser", &json!({ "fault": "drop_before" })).await;
    let console = org.center("ACConsoleAdapter");
    let moved = json!({ "CallCenterId": console.as_str() });
    let path = format!("records/User/{john}");
    let (came, _) =
        in_time(futures::future::join(desk.move_to(Attempt::First, &john, None, Some(&lightning)), async {
            while org.calls("UpdateUser").await == 0 {
                tokio::task::yield_now().await;
            }
            org.control("PATCH", &path, moved).await;
        }))
        .await;
    assert!(matches!(came, Err(Failure::Unknown(_))), "{came:?}");
    assert_eq!(org.world().await["User"][john.as_str()]["CallCenterId"], console.as_str());
}

#[tokio::test]
async fn a_salesforce_that_falls_silent_is_not_waited_for_without_end() {
    let mut org = Org::begin().await;
    // It takes connections, and says nothing; another one says half of it.
    for half in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"access"] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        org.settings.login_url = format!("http://{}", listener.local_addr().unwrap());
        let silent = tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                drop(tokio::io::AsyncWriteExt::write_all(&mut stream, half).await);
                open.push(stream);
            }
        });
        let patience = Patience {
            exchange: std::time::Duration::from_millis(20),
            jitter_seed: Some(1),
            ..Patience::default()
        };
        let desk = Salesforce::open(&org.settings, None, patience, org.clock.clone()).unwrap();
        let problem = in_time(desk.check()).await.unwrap_err();
        assert_eq!(problem.owner, Owner::System(System::named("Salesforce")), "{problem}");
        let user = RecordId::parse("005Ae0000000010").unwrap();
        let came = in_time(desk.freeze(Attempt::First, &user, true)).await;
        // No one was let in, so nothing can have happened.
        assert!(matches!(came, Err(Failure::Refused(_))), "{came:?}");
        silent.abort();
    }
}

/// What the program writes into its own log, in the course of everything that goes wrong.
#[tokio::test]
async fn the_log_of_the_program_names_nobody_and_has_no_secret() {
    use std::cell::RefCell;
    use std::io::Write;

    thread_local! {
        /// What this test writes. Others run on other threads, where nothing is kept.
        static LOG: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
    }

    struct Kept;

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            LOG.with_borrow_mut(|log| log.as_mut().map(|log| log.extend_from_slice(bytes)));
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    // For all threads: one for this thread alone would be asked on others as well, and what they say is remembered.
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter("connect_desk=trace,reqwest=trace")
        .with_writer(|| Kept)
        .with_ansi(false)
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    LOG.set(Some(Vec::new()));
    let mut org = Org::begin().await;
    org.settings.sign_in = org.with_key(super::KEY);
    let desk = org.desk();
    let hugo = find(&desk, "hugo.berg").await;
    refused(in_time(desk.assign(Attempt::First, &hugo.id, &org.set("AC_Agent"), None)).await);
    let body = r#"[{"message":"hugo.berg is not here","errorCode":"hugo.berg@practice.example.com"}]"#;
    for operation in ["Query", "UpdateUserLogin"] {
        org.fault(operation, &json!({ "fault": "fail_after", "error": body, "status": 400 })).await;
        org.fault(operation, &json!({ "fault": "drop_before" })).await;
    }
    in_time(desk.freeze(Attempt::First, &hugo.id, true)).await.unwrap();
    org.control("DELETE", "sessions", Value::Null).await;
    org.control("PATCH", "app", json!({ "approved": [] })).await;
    in_time(desk.find(&Agent { login: "hugo.berg", email: None })).await.unwrap_err();
    org.settings.sign_in = org.with_secret("not-the-secret");
    in_time(org.desk().check()).await.unwrap_err();
    let log = String::from_utf8(LOG.take().unwrap()).unwrap();
    assert!(log.contains("FIELD_INTEGRITY_EXCEPTION") && log.contains("no answer from Salesforce"), "{log}");
    for secret in
        ["hugo", "practice.example.com", "not-the-secret", "00DAe", "is not here", "Run Flows", "SELECT"]
    {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

#[tokio::test]
async fn the_desk_keeps_to_its_limit_and_watches_the_orgs() {
    let org = Org::begin().await;
    let limit = connect_desk::systems::connect::Limit { rate: 2.0, burst: std::num::NonZeroU32::MIN };
    let desk = Salesforce::open(&org.settings, Some(limit), Patience::default(), org.clock.clone()).unwrap();
    assert_eq!(desk.usage(), None);
    org.control("PATCH", "settings", json!({ "api_used": 40 })).await;
    let before = passed(&org);
    for _ in 0..9 {
        find(&desk, "john.doe").await;
    }
    // Nine looks and a sign-in, of which none comes for free.
    assert!(passed(&org) - before >= std::time::Duration::from_millis(4_500));
    let usage = desk.usage().unwrap();
    assert_eq!((usage.used, usage.limit), (49, 15_000));
}
