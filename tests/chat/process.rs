//! The real program with a configuration file, killed and stopped in the middle of a request.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use connect_desk::discord::settings::Transport;
use fake_discord::{FaultKind, Gate};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::scene::{MESSAGE, Scene, WRITES};
use crate::support::server::{APPLICATION, CHANNEL, GUILD, role_id};
use crate::support::{LIMIT, in_time};
use desk_core::basics::roles::Role;

/// The program, ended when the test is over.
pub struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Program {
    pub fn run(scene: &Scene) -> Program {
        Program::run_by(scene, Command::new(env!("CARGO_BIN_EXE_connect-desk")))
    }

    /// It may have so many files open, connections among them.
    pub fn run_with_files(scene: &Scene, files: u32) -> Program {
        let mut shell = Command::new("/bin/sh");
        shell.args([
            "-c",
            &format!("ulimit -n {files}; exec \"$0\" \"$@\""),
            env!("CARGO_BIN_EXE_connect-desk"),
        ]);
        Program::run_by(scene, shell)
    }

    fn run_by(scene: &Scene, mut command: Command) -> Program {
        let child = command
            .args(["run", "--config", scene.folder().join("config.toml").to_str().unwrap()])
            .env_clear()
            .env("DISCORD_TOKEN", "fake.discord.token")
            .env("AWS_ACCESS_KEY_ID", "practice")
            .env("AWS_SECRET_ACCESS_KEY", "practice")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(scene.folder().join("said")).unwrap())
            .spawn()
            .unwrap();
        Program(child)
    }

    /// Waits until it is on Discord.
    pub async fn online(self, scene: &Scene, identified: usize) -> Program {
        scene
            .server
            .wait("the program to come online", |world| {
                (world.gateway().identifies.len() > identified && world.gateway().live == 1).then_some(())
            })
            .await;
        self
    }

    pub fn id(&self) -> u32 {
        self.0.id()
    }

    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.0.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    pub fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// As a supervisor of processes ends it: SIGTERM, and ten seconds.
    pub async fn terminate(mut self) {
        self.signal("-TERM");
        let ended = tokio::task::spawn_blocking(move || self.0.wait().map(|status| (status, self)));
        let (status, _) = tokio::time::timeout(std::time::Duration::from_secs(10), ended)
            .await
            .expect("it ends within ten seconds")
            .unwrap()
            .unwrap();
        assert!(status.success(), "{status}");
    }
}

/// A proxy between the desk and the contact center, and holds back what contains certain words until it is opened.
async fn between(
    endpoint: &str,
    holds: &'static str,
) -> (String, Arc<watch::Sender<bool>>, watch::Receiver<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let target = endpoint.trim_start_matches("http://").to_owned();
    let open = Arc::new(watch::Sender::new(false));
    let (reached, held) = watch::channel(false);
    let opens = open.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (target, mut open, reached) = (target.clone(), opens.subscribe(), reached.clone());
            tokio::spawn(async move {
                let (mut from, mut back) = stream.into_split();
                let (mut answers, mut to) = TcpStream::connect(target).await.unwrap().into_split();
                tokio::spawn(async move { tokio::io::copy(&mut answers, &mut back).await });
                let mut chunk = vec![0; 65_536];
                while let Ok(read @ 1..) = from.read(&mut chunk).await {
                    if String::from_utf8_lossy(&chunk[..read]).contains(holds) {
                        reached.send_replace(true);
                        if open.wait_for(|open| *open).await.is_err() {
                            return;
                        }
                    }
                    if to.write_all(&chunk[..read]).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (address, open, held)
}

/// Writes the configuration that the server of the scene has, as an operator would.
pub fn write_config(scene: &Scene, endpoint: &str) {
    let fake = &scene.server.fake;
    let roles: Vec<String> =
        Role::ALL.iter().map(|role| format!("{} = [\"{}\"]", role.word(), role_id(*role))).collect();
    let practice = include_str!("../../src/bot/practice.toml");
    let rules = &practice[practice.find("[[rule]]").unwrap()..];
    let way_in = match scene.server.config.chats.discord.as_ref().unwrap().way_in {
        Transport::Gateway => String::new(),
        Transport::Http { listen, .. } => {
            format!("mode = \"http\"\nlisten = \"{listen}\"\npublic_key = \"{}\"\n", fake.public_key())
        }
    };
    let text = format!(
        "[contact_center]\nregion = \"us-east-1\"\ninstance_id = \"{}\"\nendpoint = \"{endpoint}\"\n\
         [limits]\nrate = 1000.0\nburst = 1000\n\
         [state]\nfolder = {:?}\n[log]\nname = \"practice-desk\"\n\
         [discord]\napplication = \"{APPLICATION}\"\nguild = \"{GUILD}\"\nchannels = [\"{CHANNEL}\"]\n\
         api = \"{}\"\ngateway = \"{}\"\n{way_in}[discord.roles]\n{}\n{rules}",
        scene.server.sim.instance_id(),
        scene.server.folder(),
        fake.api_url(),
        fake.gateway_url(),
        roles.join("\n"),
    );
    let mut file = std::fs::File::create(scene.folder().join("config.toml")).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

async fn scene(holds: &'static str) -> (Scene, Arc<watch::Sender<bool>>, watch::Receiver<bool>) {
    // The program has the machine's clock, the contact center that of the test: nothing there should take time.
    let scene = Scene::closed(|setup| setup.sim.name_lingers = std::time::Duration::ZERO).await;
    let endpoint = scene.server.config.contact_center.endpoint.clone().unwrap();
    let (endpoint, open, held) = between(&endpoint, holds).await;
    write_config(&scene, &endpoint);
    (scene, open, held)
}

#[tokio::test]
async fn killed_between_a_click_and_its_edit_the_card_is_right_after_one_start() {
    let (scene, _open, _) = scene("nothing is held").await;
    let program = Program::run(&scene).online(&scene, 0).await;
    scene.reset(1).await;
    scene.confirms(1).await;
    let gate = Gate::closed();
    scene.faults("PATCH", MESSAGE, u32::MAX, FaultKind::WaitBefore(gate.clone()));
    let click = scene.press("supervisor", 1, "Approve").await;
    click.acknowledged(LIMIT).await.unwrap();
    gate.reached(LIMIT).await.unwrap();
    program.kill();
    scene.server.fake.clear_faults();
    let program = Program::run(&scene).online(&scene, 1).await;
    scene.server.card_that(1, CHANNEL, "· completed").await;
    assert_eq!(scene.cards(1, CHANNEL).len(), 1);
    assert_eq!(scene.writes().await, WRITES);
    program.terminate().await;
    scene.is_sound();
}

#[tokio::test]
async fn killed_in_the_middle_of_the_effect_it_goes_on_and_does_it_once() {
    let (scene, open, mut held) = scene("PUT /users/").await;
    let program = Program::run(&scene).online(&scene, 0).await;
    scene.reset(1).await;
    scene.confirms(1).await;
    scene.press("supervisor", 1, "Approve").await;
    in_time(held.wait_for(|held| *held)).await.unwrap();
    program.kill();
    open.send_replace(true);
    let program = Program::run(&scene).online(&scene, 1).await;
    scene.server.card_that(1, CHANNEL, "· completed").await;
    // What was held when it was killed may have come through with the line already cut: it is one user all the same.
    let world = scene.sim("GET /_sim/world?ids=false").await;
    assert_eq!(world["users"]["john.doe"]["password"], "set");
    program.terminate().await;
    scene.is_sound();
}

#[tokio::test]
async fn told_to_end_while_the_contact_center_hangs_it_parks_says_so_and_goes_on_later() {
    let (scene, open, mut held) = scene("PUT /users/").await;
    let program = Program::run(&scene).online(&scene, 0).await;
    scene.reset(1).await;
    scene.confirms(1).await;
    scene.press("supervisor", 1, "Approve").await;
    in_time(held.wait_for(|held| *held)).await.unwrap();
    program.terminate().await;
    let card = scene.cards(1, CHANNEL).remove(0).text();
    assert!(
        card.contains("· running") && card.contains("The desk was stopped while this was running."),
        "{card}"
    );
    open.send_replace(true);
    let program = Program::run(&scene).online(&scene, 1).await;
    let card = scene.server.card_that(1, CHANNEL, "· completed").await;
    assert!(!card.text().contains("was stopped"), "{}", card.text());
    program.terminate().await;
    scene.is_sound();
}

#[tokio::test]
async fn a_hangup_ends_nothing() {
    let (scene, _open, _) = scene("nothing is held").await;
    let program = Program::run(&scene).online(&scene, 0).await;
    program.signal("-HUP");
    scene.reset(1).await;
    program.signal("-HUP");
    scene.confirms(1).await;
    program.terminate().await;
    scene.is_sound();
}

/// What the program says that ends by itself: on its output, and among its errors.
async fn refused(scene: &Scene, environment: &[(&str, &str)]) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_connect-desk"));
    command
        .args(["run", "--config", scene.folder().join("config.toml").to_str().unwrap()])
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(environment.iter().copied())
        .stdin(Stdio::null());
    let out = in_time(tokio::task::spawn_blocking(move || command.output())).await.unwrap().unwrap();
    assert!(!out.status.success());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&out.stdout), text(&out.stderr))
}

#[tokio::test]
async fn what_keeps_it_from_starting_is_said_before_anything_is_open() {
    use std::os::unix::fs::PermissionsExt as _;
    const TOKEN: (&str, &str) = ("DISCORD_TOKEN", "fake.discord.token");
    const KEYS: [(&str, &str); 2] =
        [("AWS_ACCESS_KEY_ID", "practice"), ("AWS_SECRET_ACCESS_KEY", "practice")];
    let scene = Scene::closed(|_| {}).await;
    write_config(&scene, &scene.server.config.contact_center.endpoint.clone().unwrap());
    let path = scene.folder().join("config.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let by_http = format!(
        "[discord]\nmode = \"http\"\nlisten = \"{}\"\npublic_key = \"{}\"",
        taken.local_addr().unwrap(),
        scene.server.fake.public_key()
    );
    let token = scene.folder().join("token");
    std::fs::write(&token, TOKEN.1).unwrap();
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o644)).unwrap();
    let by_file = format!("[discord]\ntoken_file = {token:?}");
    let instance = scene.server.sim.instance_id();
    for (from, to, environment, message) in table! {
        ("[discord]", by_http.as_str(), &[TOKEN, KEYS[0], KEYS[1]][..], "can't listen on"),
        (&instance, "12345678-1234-1234-1234-123456789012", &[TOKEN, KEYS[0], KEYS[1]], "There is no Amazon Connect instance"),
        ("[discord]", "[discord]", &[TOKEN], "There are no AWS credentials"),
        ("[discord]", &by_file, &KEYS, "Other accounts can read the secret in"),
    } {
        std::fs::write(&path, config.replacen(from, to, 1)).unwrap();
        let (out, errors) = refused(&scene, environment).await;
        assert!(!out.contains("open"), "{message}: {out}");
        assert!(errors.contains(message), "{message}: {errors}");
    }
}

/// Whatever an operator wants to read of it.
#[tokio::test]
async fn its_own_log_has_no_token() {
    let (scene, _open, _) = scene("nothing is held").await;
    let mut traced = Command::new("/usr/bin/env");
    traced.args(["CONNECT_DESK_LOG=trace", env!("CARGO_BIN_EXE_connect-desk")]);
    let program = Program::run_by(&scene, traced).online(&scene, 0).await;
    scene.reset(1).await;
    scene.confirms(1).await;
    program.terminate().await;
    let said = std::fs::read_to_string(scene.folder().join("said")).unwrap();
    assert!(said.contains("TRACE"), "{said}");
    // What each token of an interaction begins with, and the bot's.
    for token in ["aW50ZXJhY3Rpb246", "fake.discord.token"] {
        let line = said.lines().find(|line| line.contains(token));
        assert_eq!(line, None);
    }
}
