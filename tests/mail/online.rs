//! `connect-desk check --online` against a mail server: whether it answers, and whether it takes what the desk signs in with.

use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value;
use tokio::process::Command;

use crate::desk::Files;
use crate::smtp::{Fault, PASSWORD, Phase, Setup, Smtp, USER};
use crate::support::{in_time, write_secret};
use crate::token::{Answer, Endpoint, GOOD};

/// What is found about email by a desk with this under [email.smtp]: each with its level, what is said and what to do.
async fn online(files: &Files, smtp: &str) -> Vec<(String, String, String)> {
    let practice = Path::new(env!("CARGO_MANIFEST_DIR")).join("practice.toml");
    let text = std::fs::read_to_string(practice).unwrap();
    let path = files.path().join("desk.toml");
    std::fs::write(
        &path,
        format!("{text}\n[email]\nfrom = \"helpdesk@example.org\"\n\n[email.smtp]\n{smtp}\n"),
    )
    .unwrap();
    let out: Output = in_time(
        Command::new(env!("CARGO_BIN_EXE_connect-desk"))
            .args(["check", "--online", "--json", "--config", path.to_str().unwrap()])
            .env_clear()
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null())
            .output(),
    )
    .await
    .unwrap();
    let report: Value = serde_json::from_slice(&out.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&out.stderr)));
    let written = report.to_string();
    assert!(!written.contains(PASSWORD) && !written.contains(SECRET) && !written.contains(GOOD), "{written}");
    let found = report["findings"].as_array().unwrap().iter().filter(|found| found["check"] == "email");
    let text = |of: &Value| of.as_str().unwrap_or_default().to_owned();
    found.map(|found| (text(&found["level"]), text(&found["message"]), text(&found["hint"]))).collect()
}

const SECRET: &str = "the-client-secret-of-this-check";

#[tokio::test]
async fn a_mail_server_is_tried_up_to_the_sign_in_and_what_is_wrong_is_said() {
    for (fault, password, level, message, hint) in table! {
        (None, PASSWORD, "ok", "accepts the desk's password", ""),
        (None, "another password", "failure", "did not accept the desk's login", "Correct the user name or password"),
        (Some(Fault::Bare), PASSWORD, "failure", "", "tls"),
        (Some(Fault::Drops(Phase::Connected)), PASSWORD, "failure", "", "email.smtp"),
    } {
        let (server, files) = (Smtp::open(Setup::default()).await, Files::new());
        server.always(fault);
        let (ca, file) = server.files(&files.path());
        write_secret(&file, password);
        let smtp = format!(
            "host = \"localhost\"\nport = {}\nusername = \"{USER}\"\npassword_file = {file:?}\nca_file = {ca:?}",
            server.port
        );
        let found = online(&files, &smtp).await;
        let [(is, said, next)] = found.as_slice() else { panic!("{fault:?}: {found:?}") };
        assert_eq!(is, level, "{fault:?} {password}: {found:?}");
        assert!(said.contains(message) && next.contains(hint), "{fault:?} {password}: {found:?}");
        assert_eq!(next.is_empty(), level == "ok", "{found:?}");
        assert!(server.arrived().is_empty(), "nothing is sent");
    }
}

#[tokio::test]
async fn a_token_endpoint_is_asked_as_well() {
    for (answer, level, message) in table! {
        (Answer::Gives(GOOD, "3600"), "ok", "accepts the desk's access token"),
        (Answer::Gives("a.token.of.another", "3600"), "failure", ""),
        (Answer::Says(401, r#"{"error":"invalid_client","error_description":"AADSTS7000222: expired"}"#), "failure", ""),
        (Answer::Says(404, "no such tenant"), "failure", ""),
    } {
        let endpoint = Endpoint::open([answer.clone()]).await;
        let server = Smtp::open(Setup { auth: "LOGIN XOAUTH2", ..Setup::default() }).await;
        server.take_tokens(&[GOOD]);
        let files = Files::new();
        let (ca, _) = server.files(&files.path());
        let secret = files.path().join("client-secret");
        write_secret(&secret, SECRET);
        let smtp = format!(
            "host = \"localhost\"\nport = {}\nusername = \"{USER}\"\nca_file = {ca:?}\n\n[email.smtp.oauth2]\n\
             token_url = \"{}\"\nclient_id = \"0f7a3c55-2222-3333-4444-555555555555\"\nclient_secret_file = {secret:?}",
            server.port, endpoint.url
        );
        let found = online(&files, &smtp).await;
        let [(is, said, next)] = found.as_slice() else { panic!("{answer:?}: {found:?}") };
        assert!(is == level && said.contains(message), "{answer:?}: {found:?}");
        assert_eq!(next.is_empty(), level == "ok", "{answer:?}: {found:?}");
    }
}
