//! The real program on a port that anyone can reach: floods of connections and bodies, and no file left to open.

use std::net::SocketAddr;
use std::time::Duration;

use connect_desk::discord::settings::Transport;
use fake_discord::ClockChoice;
use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit, setrlimit};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::process::{Program, write_config};
use crate::scene::Scene;
use crate::support::server::{CHANNEL, Way};
use crate::support::{LIMIT, in_time};

/// As many files as an unlucky host grants a process.
const FILES: u32 = 256;

/// The program over HTTP, on the machine's clock as Discord is.
async fn program() -> (Scene, Program, SocketAddr) {
    let scene = Scene::closed(|setup| {
        setup.sim.name_lingers = Duration::ZERO;
        setup.way_in = Way::Http;
        setup.fake.clock = ClockChoice::Real;
    })
    .await;
    let endpoint = scene.server.config.contact_center.endpoint.clone().unwrap();
    write_config(&scene, &endpoint);
    let Transport::Http { listen, .. } = scene.server.config.chats.discord.as_ref().unwrap().way_in else {
        panic!("it listens")
    };
    scene.server.fake.deliver_to(Some(&format!("http://{listen}/interactions"))).unwrap();
    let program = Program::run_with_files(&scene, FILES);
    in_time(async {
        while scene.server.fake.ping_endpoint().await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    (scene, program, listen)
}

/// A number out of what the kernel says of the process, in kilobytes.
fn memory(program: &Program, name: &str) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// The processor's time that it has used, in hundredths of a second.
fn processor(program: &Program) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", program.id())).unwrap();
    let fields: Vec<&str> = stat[stat.rfind(')').unwrap()..].split_whitespace().collect();
    fields[12].parse::<u64>().unwrap() + fields[13].parse::<u64>().unwrap()
}

fn said(scene: &Scene) -> String {
    std::fs::read_to_string(scene.folder().join("said")).unwrap()
}

async fn get(at: SocketAddr, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(at).await.ok()?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: desk\r\n\r\n").as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    (!answer.is_empty()).then_some(answer)
}

/// It says that it is healthy, and answers what Discord signs.
async fn answers(scene: &Scene, at: SocketAddr) {
    in_time(async {
        while !get(at, "/healthz").await.is_some_and(|answer| answer.contains("200 OK")) {
            tokio::task::yield_now().await;
        }
        while !scene.server.fake.ping_endpoint().await.is_ok_and(|answer| answer.status == 200) {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// How much of the processor's time it takes while a client that says nothing is given up, in hundredths of a second.
async fn while_it_waits(program: &Program, at: SocketAddr) -> u64 {
    let before = processor(program);
    let mut silent = TcpStream::connect(at).await.unwrap();
    let _ = in_time(silent.read(&mut [0])).await;
    processor(program) - before
}

#[tokio::test]
async fn floods_of_connections_and_bodies_cost_it_neither_memory_nor_time_nor_its_log() {
    let most = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: most.maximum.or(Some(16_384)), ..most }).unwrap();
    let (scene, program, at) = program().await;
    let (memory_before, said_before) = (memory(&program, "VmRSS"), said(&scene).len());

    let mut open = Vec::new();
    for i in 0..2_000 {
        open.push(in_time(TcpStream::connect(at)).await.unwrap());
        if i % 200 == 0 {
            answers(&scene, at).await;
        }
    }
    answers(&scene, at).await;
    assert!(while_it_waits(&program, at).await < 150, "it spins");

    // Bodies that no one signed: some without a signature, some with one that is wrong and a body that never ends.
    let now = scene.server.fake.now_ms() / 1000;
    let wrong = format!("x-signature-ed25519: {}\r\nx-signature-timestamp: {now}\r\n", "ab".repeat(64));
    let body = vec![b' '; 250 << 10];
    for headers in ["", &wrong] {
        for length in [1 << 20, 256 << 10] {
            for _ in 0..400 {
                let mut stream = in_time(TcpStream::connect(at)).await.unwrap();
                let head = format!(
                    "POST /interactions HTTP/1.1\r\nhost: desk\r\n{headers}content-length: {length}\r\n\r\n"
                );
                // Anyone who is refused without being read to the end can't send the rest, and that is no error here.
                let sends = async {
                    stream.write_all(head.as_bytes()).await?;
                    stream.write_all(&body).await
                };
                let _ = tokio::time::timeout(Duration::from_millis(20), sends).await;
                open.push(stream);
            }
            answers(&scene, at).await;
        }
    }
    // Heads that never end, and one that is too long.
    for _ in 0..400 {
        let mut stream = in_time(TcpStream::connect(at)).await.unwrap();
        let _ = stream.write_all(b"POST /interactions HTTP/1.1\r\nx-a: ").await;
        open.push(stream);
    }
    let long = format!("/{}", "a".repeat(64 << 10));
    let answer = in_time(get(at, &long)).await.unwrap_or_default();
    assert!(!answer.contains("200 OK"), "{answer}");
    answers(&scene, at).await;
    assert!(while_it_waits(&program, at).await < 150, "it spins");
    assert!(memory(&program, "VmHWM") < memory_before + 80_000, "{} kB", memory(&program, "VmHWM"));
    drop(open);
    answers(&scene, at).await;
    let memory_after = memory(&program, "VmRSS");
    assert!(memory_after < memory_before + 40_000, "from {memory_before} to {memory_after} kB");
    let more = said(&scene).len() - said_before;
    assert!(more < 2_000, "{}", said(&scene));

    // And it is a desk as before.
    let asked = scene.server.person("helpdesk").slash(CHANNEL, "desk whoami", &[]).await.unwrap();
    assert!(asked.outcome(LIMIT).await.unwrap().text().contains("helpdesk"));
    program.terminate().await;
    scene.is_sound();
}

#[tokio::test]
async fn without_a_file_left_to_open_it_waits_says_so_once_and_comes_back() {
    let (scene, program, at) = program().await;
    let pid = Pid::from_raw(i32::try_from(program.id()).unwrap());
    let used = std::fs::read_dir(format!("/proc/{}/fd", program.id())).unwrap().count() as u64;
    let before =
        prlimit(pid, Resource::Nofile, Rlimit { current: Some(used + 4), maximum: Some(u64::from(FILES)) });
    let before = before.unwrap();
    let mut open = Vec::new();
    for _ in 0..100 {
        open.push(in_time(TcpStream::connect(at)).await.unwrap());
    }
    assert!(while_it_waits(&program, at).await < 150, "it spins");
    // Every connection that is refused one makes room for another, so it still answers.
    answers(&scene, at).await;
    let trouble = said(&scene).matches("connections can't be accepted").count();
    assert_eq!(trouble, 1, "{}", said(&scene));
    drop(open);
    prlimit(pid, Resource::Nofile, before).unwrap();
    answers(&scene, at).await;
    let asked = scene.server.person("helpdesk").slash(CHANNEL, "desk whoami", &[]).await.unwrap();
    assert!(asked.outcome(LIMIT).await.unwrap().text().contains("helpdesk"));
    program.terminate().await;
    scene.is_sound();
}
