//! The real process is killed while an email is on its way, and started again.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};

use crate::desk::{ADD, Files};
use crate::smtp::{Fault, PASSWORD, PHASES, Phase, Setup, Smtp, USER};
use crate::support::in_time;

/// The practice desk's configuration with this mail server, as a file.
fn configured(smtp: &Smtp, files: &Files) -> PathBuf {
    let (ca, password) = smtp.files(&files.path());
    let practice = Path::new(env!("CARGO_MANIFEST_DIR")).join("practice.toml");
    let mut text = std::fs::read_to_string(practice).unwrap();
    text.push_str(&format!(
        "\n[email]\nfrom = \"helpdesk@example.org\"\n\n[email.smtp]\nhost = \"localhost\"\nport = {}\nusername = \"{USER}\"\n\
         password_file = {password:?}\nca_file = {ca:?}\n",
        smtp.port
    ));
    let path = files.path().join("desk.toml");
    std::fs::write(&path, text).unwrap();
    path
}

fn start(config: &Path, state: &Path, input: Stdio) -> Child {
    command(config, state, input).spawn().unwrap()
}

fn command(config: &Path, state: &Path, input: Stdio) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_connect-desk"));
    command
        .args([
            "play",
            "--unthrottled",
            "--config",
            config.to_str().unwrap(),
            "--state",
            state.to_str().unwrap(),
        ])
        .env_remove("CONNECT_DESK_SMTP_PASSWORD")
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// What someone types, as a file to read from.
fn typed(files: &Files, lines: &str) -> Stdio {
    let path = files.path().join("typed");
    std::fs::File::create(&path).unwrap().write_all(lines.as_bytes()).unwrap();
    Stdio::from(std::fs::File::open(path).unwrap())
}

/// Runs until everything typed was answered; gives the screen.
async fn plays(files: &Files, config: &Path, state: &Path, lines: &str) -> String {
    let mut child = start(config, state, typed(files, lines));
    let mut screen = String::new();
    in_time(child.stdout.take().unwrap().read_to_string(&mut screen)).await.unwrap();
    assert!(in_time(child.wait()).await.unwrap().success(), "{screen}");
    screen
}

/// The process dies by SIGKILL while the server keeps it waiting in this way.
async fn killed(fault: Fault, phase: Phase) {
    let smtp = Smtp::open(Setup::default()).await;
    let files = Files::new();
    let config = configured(&smtp, &files);
    let state = files.path().join("state");
    smtp.meet([fault]);
    let mut child = start(&config, &state, typed(&files, &format!("{ADD}\n/desk confirm 1\n")));
    smtp.reached(phase, 1).await;
    in_time(child.kill()).await.unwrap();
    let took = smtp.arrived().len();
    let screen = plays(&files, &config, &state, "/desk requests\n").await;
    let arrived = smtp.arrived().len();
    if phase < Phase::Message {
        assert!(screen.contains("· completed") && arrived == 1, "{fault:?}: {arrived}\n{screen}");
        return;
    }
    assert!(screen.contains("needs attention") && arrived == took, "{fault:?}: {arrived}\n{screen}");
    // A card wraps its lines.
    let words: Vec<&str> = screen.split_whitespace().filter(|word| *word != "│").collect();
    let stopped = words.join(" ").contains("The desk stopped while the email was being sent.");
    assert!(stopped, "{fault:?}\n{screen}");
    // Started once more it still waits for a person, and continues as the person says.
    let (line, after) = if took == 1 { ("/desk done 1", 1) } else { ("/desk retry 1", 1) };
    let screen = plays(&files, &config, &state, &format!("/desk requests\n{line}\n")).await;
    assert!(screen.contains("· completed") && smtp.arrived().len() == after, "{fault:?}\n{screen}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_email_is_never_sent_twice_by_a_process_that_was_killed() {
    for phase in PHASES {
        killed(Fault::Silent(phase), phase).await;
    }
    killed(Fault::TakesAndIsSilent, Phase::End).await;
}

#[tokio::test]
async fn the_programs_own_log_names_no_address_and_no_password() {
    let smtp = Smtp::open(Setup::default()).await;
    let files = Files::new();
    let config = configured(&smtp, &files);
    smtp.meet([
        Fault::Drops(Phase::Sender),
        Fault::Says(Phase::Recipient, "450 4.2.0 <erika.muster@example.com> is greylisted"),
        Fault::Says(Phase::Recipient, "550 5.1.1 <erika.muster@example.com> is unknown"),
    ]);
    let input = typed(&files, &format!("{ADD}\n/desk confirm 1\n"));
    let mut command = command(&config, &files.path().join("state"), input);
    let out = in_time(command.env("CONNECT_DESK_LOG", "trace").output()).await.unwrap();
    let (screen, log) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(screen.contains("needs attention") && screen.contains("is unknown"), "{screen}");
    assert!(log.contains("deferred an email") && log.contains("rejected an email"), "{log}");
    for secret in ["erika.muster@example.com", "Erika", PASSWORD] {
        assert!(!log.contains(secret), "{secret} is in {log}");
    }
    assert!(!screen.contains(PASSWORD));
}
