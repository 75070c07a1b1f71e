//! A desk that is looked after: the doctor against each fault, what machines are told, and a reload.

use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use desk_core::basics::roles::Role;
use fake_discord::permission;

use crate::process::{Program, write_config};
use crate::scene::Scene;
use crate::support::in_time;
use crate::support::server::{CHANNEL, GUILD, role_id};

const KEYS: [(&str, &str); 2] =
    [("AWS_ACCESS_KEY_ID", "AKIAPRACTICE"), ("AWS_SECRET_ACCESS_KEY", "practice")];
const TOKEN: (&str, &str) = ("DISCORD_TOKEN", "fake.discord.token");

async fn program(scene: &Scene, words: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_connect-desk"));
    command
        .args(words)
        .args(["--config", scene.folder().join("config.toml").to_str().unwrap()])
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(environment.iter().copied())
        .stdin(Stdio::null());
    in_time(tokio::task::spawn_blocking(move || command.output())).await.unwrap().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What the doctor found, as programs read it, and whether it was content.
async fn doctor(scene: &Scene, environment: &[(&str, &str)]) -> (Vec<Value>, bool) {
    let out = program(scene, &["doctor", "--json"], environment).await;
    let found: Value = serde_json::from_slice(&out.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}{}", text(&out.stdout), text(&out.stderr));
    });
    (found["findings"].as_array().unwrap().clone(), out.status.success())
}

/// Anyone who answers every request with this, and the address where.
async fn answering(
    head: &'static str,
    body: impl Fn(&str) -> &'static str + Send + Sync + 'static,
) -> String {
    saying(head, move |path| (200, "", body(path).to_owned())).await
}

/// The same with a status and the name of an error.
async fn saying(
    head: &'static str,
    answer: impl Fn(&str) -> (u16, &'static str, String) + Send + Sync + 'static,
) -> String {
    let answer = std::sync::Arc::new(answer);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut read = vec![0; 16 << 10];
                let Ok(length) = stream.read(&mut read).await else { return };
                let asked = String::from_utf8_lossy(&read[..length]).into_owned();
                let (status, error, body) = answer(asked.split(' ').nth(1).unwrap_or_default());
                let answer = format!(
                    "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nx-amzn-errortype: {error}\r\n{head}content-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    address
}

async fn scene() -> (Scene, std::path::PathBuf, String) {
    let scene = Scene::closed(|setup| setup.sim.name_lingers = std::time::Duration::ZERO).await;
    write_config(&scene, &scene.server.config.contact_center.endpoint.clone().unwrap());
    let path = scene.folder().join("config.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    (scene, path, config)
}

#[tokio::test]
async fn the_doctor_is_content_with_a_desk_that_could_start() {
    let (scene, ..) = scene().await;
    let (found, content) = doctor(&scene, &[TOKEN, KEYS[0], KEYS[1]]).await;
    assert!(content, "{found:#?}");
    let of = |level: &str, check: &str| {
        found.iter().any(|found| found["level"] == level && found["check"] == check)
    };
    for (level, check) in [
        ("ok", "clock"),
        ("ok", "aws credentials"),
        ("ok", "amazon connect"),
        ("ok", "aws permission"),
        ("untried", "aws permission"),
        ("untried", "aws quota"),
        ("ok", "discord"),
        ("ok", "email"),
        ("ok", "disk"),
        ("warning", "backup"),
    ] {
        assert!(of(level, check), "{level} {check}: {found:#?}");
    }
    let who = found.iter().find(|found| found["check"] == "aws credentials").unwrap();
    assert!(who["message"].as_str().unwrap().contains("assumed-role/connect-desk-practice"), "{who}");
    // Whatever only reads was tried.
    let untried =
        found.iter().filter(|found| found["level"] == "untried").map(Value::to_string).collect::<String>();
    for reads in ["connect:Describe", "connect:List", "connect:Search", "connect:Get", "servicequotas:List"] {
        assert!(!untried.contains(reads), "{untried}");
    }
    let written = found.iter().map(Value::to_string).collect::<String>();
    assert!(!written.contains("fake.discord.token") && !written.contains("AKIAPRACTICE"), "{written}");
    // It asks, and changes nothing.
    assert_eq!(scene.writes().await, 0);
}

#[tokio::test]
async fn the_doctor_finds_each_fault_and_says_what_to_do() {
    let (scene, path, config) = scene().await;
    let endpoint = scene.server.config.contact_center.endpoint.clone().unwrap();
    let instance = scene.server.sim.instance_id();
    let late = answering("date: Fri, 20 Nov 2020 09:00:00 GMT\r\n", |_| "{}").await;
    let sandboxed = answering("", |path| match path {
        "/v2/email/account" => r#"{"ProductionAccessEnabled":false,"SendingEnabled":true}"#,
        _ => r#"{"VerifiedForSendingStatus":false}"#,
    })
    .await;
    let ses = format!(
        "[email]\nfrom = \"help@desk.example\"\n[email.ses]\nregion = \"us-east-1\"\nendpoint = \"{sandboxed}\"\n[[rule]]"
    );
    let smtp = "[email]\nfrom = \"help@desk.example\"\n[email.smtp]\nhost = \"127.0.0.1\"\nport = 9\ntls = \"none\"\n[[rule]]";
    let dead = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let all = &[TOKEN, KEYS[0], KEYS[1]][..];
    let fault = |operation: &str, status: u16, error: &str| {
        Some(format!(
            r#"POST /_sim/faults {{"operation":"{operation}","fault":"fail_before","times":1000,"status":{status},"error":"{error}"}}"#
        ))
    };
    for (from, to, environment, ordered, level, check, message) in table! {
        ("", "", &[TOKEN][..], None, "failure", "aws credentials", "AWS credentials"),
        (instance.as_str(), "7a1f0c62-5d2e-4c0f-9a55-3f0d1b7f3c11", all, None, "failure", "amazon connect", "no Amazon Connect instance"),
        (endpoint.as_str(), dead.as_str(), all, None, "failure", "network", "can't be reached"),
        (endpoint.as_str(), late.as_str(), all, None, "failure", "clock", "fast"),
        ("", "", all, fault("ListQueues", 403, "AccessDeniedException"), "failure", "aws permission", "doesn't allow connect:ListQueues"),
        ("", "", all, fault("DescribeInstance", 403, "ExpiredTokenException"), "failure", "amazon connect", "have expired"),
        ("", "", all, fault("DescribeInstance", 403, "RequestTimeTooSkewed"), "failure", "amazon connect", "clock is wrong"),
        ("", "", &[("DISCORD_TOKEN", "another.bot.token"), KEYS[0], KEYS[1]], None, "failure", "discord", "token"),
        ("", "", &KEYS, None, "failure", "secret", "token is missing"),
        ("[[rule]]", ses.as_str(), all, None, "warning", "email", "sandbox"),
        ("[[rule]]", ses.as_str(), all, None, "failure", "email", "not verified"),
        ("[[rule]]", smtp, all, None, "failure", "email", "mail server"),
    } {
        std::fs::write(&path, if from.is_empty() { config.clone() } else { config.replacen(from, to, 1) })
            .unwrap();
        if let Some(order) = &ordered {
            scene.sim(order).await;
        }
        let (found, content) = doctor(&scene, environment).await;
        let named = found.iter().find(|found| {
            found["level"] == level
                && found["check"] == check
                && found["message"].as_str().unwrap().contains(message)
        });
        let named = named.unwrap_or_else(|| panic!("{level} {check} {message}: {found:#?}"));
        assert_ne!(named["hint"], "", "{named}");
        assert_eq!(content, level != "failure" && !message.contains("sandbox"), "{message}: {found:#?}");
        scene.sim("DELETE /_sim/faults").await;
    }
    // A right that is missing in one channel.
    std::fs::write(&path, &config).unwrap();
    scene.server.fake.take_permission(CHANNEL, 1 << 14);
    let (found, content) = doctor(&scene, all).await;
    assert!(
        !content && found.iter().any(|found| found["message"].as_str().unwrap().contains("Embed Links")),
        "{found:#?}"
    );
    // Roles that not everyone may mention, and a bot that may mention all of them.
    for bits in [permission::ORDINARY, permission::ORDINARY | permission::MENTION_EVERYONE] {
        scene.server.fake.set_bot_permissions(CHANNEL, bits);
        let (found, _) = doctor(&scene, all).await;
        let silent = found.iter().any(|found| found["message"].as_str().unwrap().contains("doesn't notify"));
        assert_eq!(silent, bits == permission::ORDINARY, "{bits}: {found:#?}");
    }
    // A role that someone deleted.
    scene.server.fake.delete_role(GUILD, role_id(Role::L1));
    let gone = format!("There is no role {} on the server.", role_id(Role::L1));
    let (found, _) = doctor(&scene, all).await;
    assert!(found.iter().any(|found| found["message"] == gone.as_str()), "{found:#?}");
}

/// Senders that Amazon SES knows, with the status of its answer and whether they are verified.
type Senders = &'static [(&'static str, u16, bool)];

/// Amazon SES: what it says of the account, and of each sender that it knows; of others that there is none.
async fn ses(account: (u16, &'static str, &'static str), senders: Senders) -> String {
    saying("", move |path| {
        let Some(name) = path.strip_prefix("/v2/email/identities/") else {
            assert_eq!(path, "/v2/email/account");
            return (account.0, account.1, account.2.to_owned());
        };
        let name = name.replace("%40", "@");
        match senders.iter().find(|(known, ..)| *known == name || *known == "*") {
            Some((_, 200, verified)) => (200, "", format!(r#"{{"VerifiedForSendingStatus":{verified}}}"#)),
            Some((_, status, _)) => (*status, "AccessDeniedException", r#"{"message":"no"}"#.to_owned()),
            None => (404, "NotFoundException", r#"{"message":"no such identity"}"#.to_owned()),
        }
    })
    .await
}

#[tokio::test]
async fn check_online_asks_amazon_ses_about_the_account_and_the_sender() {
    let (scene, path, config) = scene().await;
    let all = &[TOKEN, KEYS[0], KEYS[1]][..];
    let open = (200, "", r#"{"ProductionAccessEnabled":true,"SendingEnabled":true}"#);
    let boxed = (200, "", r#"{"ProductionAccessEnabled":false,"SendingEnabled":true}"#);
    let paused = (200, "", r#"{"ProductionAccessEnabled":true,"SendingEnabled":false}"#);
    let denied = (403, "AccessDeniedException", r#"{"message":"no"}"#);
    let expired = (403, "ExpiredTokenException", r#"{"message":"over"}"#);
    let any = "Amazon SES can send to any address.";
    let verified =
        |what: &str, name: &str| format!("The sender's {what} `{name}` is verified in Amazon SES.");
    let own = "mail.example.com";
    let none = "Neither the domain `mail.example.com` nor the address `desk@mail.example.com`".to_owned();
    let cases: [(_, Senders, [(&str, String); 2]); 11] = table! {
        (open, &[("mail.example.com", 200, true)], [("ok", any.to_owned()), ("ok", verified("domain", own))]),
        // A domain covers those below it, and an address is one by itself.
        (open, &[("example.com", 200, true)], [("ok", any.to_owned()), ("ok", verified("domain", "example.com"))]),
        (open, &[("mail.example.com", 200, false), ("example.com", 200, true)], [("ok", any.to_owned()), ("ok", verified("domain", "example.com"))]),
        (open, &[("desk@mail.example.com", 200, true)], [("ok", any.to_owned()), ("ok", verified("address", "desk@mail.example.com"))]),
        // Neither a domain below, nor one beside, nor the end of its name.
        (open, &[("eu.mail.example.com", 200, true), ("ample.com", 200, true), ("com", 200, true)], [("ok", any.to_owned()), ("failure", none.clone())]),
        (open, &[("mail.example.com", 200, false)], [("ok", any.to_owned()), ("failure", "domain `mail.example.com` is not verified".to_owned())]),
        (boxed, &[("example.com", 200, true)], [("warning", "in the sandbox".to_owned()), ("ok", verified("domain", "example.com"))]),
        (boxed, &[], [("warning", "in the sandbox".to_owned()), ("failure", none)]),
        (paused, &[("example.com", 200, true)], [("failure", "paused sending".to_owned()), ("ok", verified("domain", "example.com"))]),
        // The desk needs neither right to send.
        (denied, &[("*", 403, false)], [("untried", "ses:GetAccount".to_owned()), ("untried", "ses:GetEmailIdentity".to_owned())]),
        (expired, &[("example.com", 200, true)], [("failure", "expired".to_owned()), ("ok", verified("domain", "example.com"))]),
    };
    let asks = async |endpoint: &str| {
        let ses = format!(
            "[email]\nfrom = \"desk@mail.example.com\"\n[email.ses]\nregion = \"us-east-1\"\nendpoint = \"{endpoint}\"\n[[rule]]"
        );
        std::fs::write(&path, config.replacen("[[rule]]", &ses, 1)).unwrap();
        let out = program(&scene, &["check", "--online", "--json"], all).await;
        let report: Value = serde_json::from_slice(&out.stdout).unwrap();
        let found = report["findings"].as_array().unwrap().iter().filter(|found| found["check"] == "email");
        (found.cloned().collect::<Vec<_>>(), out.status.success())
    };
    for (account, senders, expected) in cases {
        let (found, content) = asks(&ses(account, senders).await).await;
        assert_eq!(found.len(), 2, "{senders:?}: {found:#?}");
        for (found, (level, message)) in found.iter().zip(&expected) {
            let said = found["message"].as_str().unwrap();
            assert!(found["level"] == *level && said.contains(message.as_str()), "{senders:?}: {found:#?}");
            let must_act = ["failure", "warning"].contains(level);
            assert!(!must_act || found["hint"] != "", "{found:#?}");
        }
        assert_eq!(content, expected.iter().all(|(level, _)| *level != "failure"), "{senders:?}: {found:#?}");
    }
    let dead = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let (found, content) = asks(&dead).await;
    assert!(!content && found.iter().all(|found| found["level"] == "failure"), "{found:#?}");
    assert!(found[0]["message"].as_str().unwrap().contains("can't be reached"), "{found:#?}");
}

async fn get(address: &str, path: &str) -> (u16, String) {
    in_time(async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: desk\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut read = Vec::new();
        stream.read_to_end(&mut read).await.unwrap();
        let answer = text(&read);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.trim_end().to_owned())
    })
    .await
}

fn free_port() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// On the gateway, where no other port is open.
#[tokio::test]
async fn machines_are_told_the_same_on_every_way_in() {
    let (scene, path, config) = scene().await;
    let address = free_port();
    let monitored = format!("[monitoring]\nlisten = \"{address}\"\n[[rule]]");
    std::fs::write(&path, config.replacen("[[rule]]", &monitored, 1)).unwrap();
    let desk = Program::run(&scene).online(&scene, 0).await;
    in_time(async {
        while get(&address, "/readyz").await.0 != 200 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(get(&address, "/healthz").await, (200, "ok".to_owned()));
    assert_eq!(get(&address, "/livez").await, (200, "alive".to_owned()));
    assert_eq!(get(&address, "/elsewhere").await.0, 404);
    let told = scene.says("helpdesk", "desk status", &[]).await;
    assert!(told.text().contains("The desk works"), "{}", told.text());
    scene.reset(1).await;
    scene.confirms(1).await;
    let (status, page) = get(&address, "/metrics").await;
    assert_eq!(status, 200);
    for line in [
        "connect_desk_healthy 1",
        "connect_desk_ready 1",
        "connect_desk_gateway_connected 1",
        "connect_desk_open_requests 1",
        "connect_desk_unreviewed_emergencies 0",
        "connect_desk_commands_total{command=\"connect reset\",result=\"accepted\"} 1",
        "connect_desk_commands_total{command=\"desk status\",result=\"answered\"} 1",
        "connect_desk_aws_calls_total{service=\"connect\",operation=\"DescribeInstance\",result=\"ok\"}",
        "connect_desk_quota_left{operation=\"DescribeUser\"}",
        "connect_desk_log_append_seconds_count ",
    ] {
        assert!(page.lines().any(|printed| printed.starts_with(line)), "{line} is not in\n{page}");
    }
    assert!(!page.contains("john") && !page.contains("helpdesk"), "{page}");

    // What goes wrong later is told everywhere.
    scene.sim(r#"POST /_sim/faults {"operation":"SearchUsers","fault":"drop_before","times":100000}"#).await;
    scene.says("helpdesk", "connect show", &[("login", "john.doe".into())]).await;
    assert_eq!(get(&address, "/healthz").await, (503, "degraded\nno_answer".to_owned()));
    assert_eq!(get(&address, "/readyz").await.0, 503);
    let (_, page) = get(&address, "/metrics").await;
    assert!(
        page.contains("connect_desk_degraded{reason=\"no_answer\"} 1")
            && page.contains("connect_desk_healthy 0"),
        "{page}"
    );
    let told = scene.says("helpdesk", "desk status", &[]).await;
    assert!(told.text().contains("didn't answer SearchUsers"), "{}", told.text());
    desk.terminate().await;
    let said = std::fs::read_to_string(scene.folder().join("said")).unwrap();
    assert!(said.contains("the desk stopped and the log is closed"), "{said}");
}

#[tokio::test]
async fn a_port_for_monitoring_that_is_in_use_is_named_before_anything_is_open() {
    let (scene, path, config) = scene().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let monitored = format!("[monitoring]\nlisten = \"{}\"\n[[rule]]", taken.local_addr().unwrap());
    std::fs::write(&path, config.replacen("[[rule]]", &monitored, 1)).unwrap();
    let out = program(&scene, &["run"], &[TOKEN, KEYS[0], KEYS[1]]).await;
    let said = text(&out.stderr);
    assert!(!out.status.success() && said.contains("for monitoring"), "{said}");
    assert!(!scene.folder().join("desk/log.jsonl").exists(), "nothing was begun");
}

#[tokio::test]
async fn a_running_desk_takes_other_rules_whole_or_not_at_all() {
    let (scene, path, config) = scene().await;
    let desk = Program::run(&scene).online(&scene, 0).await;
    let reload = || program(&scene, &["reload"], &[]);
    let shows = async || scene.says("helpdesk", "connect show", &[("login", "john.doe".into())]).await.text();
    assert!(shows().await.contains("john.doe"));

    // Another policy: no one may look any more.
    let rule = "[[rule]]\nname = \"no one looks\"\ncommands = [\"connect show\"]\nroles = [\"l1\"]\ndeny = true\n[[rule]]";
    std::fs::write(&path, config.replacen("[[rule]]", rule, 1)).unwrap();
    let out = reload().await;
    assert!(
        out.status.success() && text(&out.stdout).contains("new policy ("),
        "{}{}",
        text(&out.stdout),
        text(&out.stderr)
    );
    assert!(shows().await.contains("no one looks"), "{}", shows().await);

    // A broken file changes nothing, whether it is asked for or comes by a signal.
    std::fs::write(&path, "[contact_center\n").unwrap();
    desk.signal("-HUP");
    assert!(shows().await.contains("no one looks"));

    // Another file than the one that the desk reads: nothing that is said of that one is true of this.
    let (other, config_of_other) = (scene.folder().join("other.toml"), config.replacen("[[rule]]", rule, 1));
    std::fs::write(&other, config_of_other).unwrap();
    let own = path.with_file_name("own.toml");
    std::fs::rename(&path, &own).unwrap();
    std::os::unix::fs::symlink(&other, &path).unwrap();
    let out = reload().await;
    assert!(out.status.success(), "the name that it was started with is followed: {}", text(&out.stderr));
    std::fs::remove_file(&path).unwrap();
    std::fs::rename(&own, &path).unwrap();
    let args = ["reload", "--config", other.to_str().unwrap()];
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_connect-desk")).args(args).output().unwrap();
    let said = text(&out.stderr);
    assert!(
        !out.status.success() && said.contains("The desk runs with ") && said.contains("reload --config"),
        "{said}"
    );

    // What only a restart can change is refused whole, with the rule that came along.
    let moved = config.replacen("[limits]\nrate = 1000.0", "[limits]\nrate = 900.0", 1);
    std::fs::write(&path, &moved).unwrap();
    let out = reload().await;
    let said = text(&out.stderr);
    assert!(!out.status.success() && said.contains("[limits] changed"), "{said}");
    assert!(shows().await.contains("no one looks"));

    // Two immediately are as good as one.
    std::fs::write(&path, &config).unwrap();
    let (one, other) = tokio::join!(reload(), reload());
    assert!(one.status.success() && other.status.success(), "{}{}", text(&one.stderr), text(&other.stderr));
    assert!(shows().await.contains("John"), "{}", shows().await);
    desk.terminate().await;
    let log = std::fs::read_to_string(scene.folder().join("desk/log.jsonl")).unwrap();
    assert_eq!(log.matches("\"event\":\"policy_changed\"").count(), 3, "at the start, and twice since");
    scene.is_sound();
    let out = reload().await;
    assert!(!out.status.success() && text(&out.stderr).contains("No desk runs"), "{}", text(&out.stderr));
}

#[tokio::test]
async fn people_are_told_when_the_desk_degrades_and_when_it_works_again() {
    let (scene, path, config) = scene().await;
    std::fs::write(&path, config.replacen("[[rule]]", "[monitoring]\nannounce = true\n[[rule]]", 1)).unwrap();
    scene.sim(r#"POST /_sim/faults {"operation":"DescribeInstance","fault":"drop_before","times":3}"#).await;
    let desk = Program::run(&scene).online(&scene, 0).await;
    scene
        .server
        .wait("the desk to say that it is degraded", |world| {
            world
                .messages(CHANNEL)
                .iter()
                .any(|message| message.text().contains("The desk is degraded"))
                .then_some(())
        })
        .await;
    scene
        .server
        .wait("the desk to say that it works again", |world| {
            world
                .messages(CHANNEL)
                .iter()
                .any(|message| message.text().contains("The desk works again"))
                .then_some(())
        })
        .await;
    desk.terminate().await;
}
