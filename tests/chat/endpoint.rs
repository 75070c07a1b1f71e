//! The way in over HTTP: the same story, and everything that is not what Discord signed is turned away.

use std::net::SocketAddr;

use connect_desk::discord::settings::Transport;
use fake_discord::Sent;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::scene::{CALLBACK, Scene, WRITES, told};
use crate::support::server::{CHANNEL, Way};
use crate::support::{LIMIT, in_time};

/// The order of Ed25519's group, little endian (RFC 8032, section 5.1).
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

async fn by_http() -> Scene {
    Scene::with(|setup| setup.way_in = Way::Http).await
}

fn now(scene: &Scene) -> i64 {
    scene.server.fake.now_ms() / 1000
}

fn address(scene: &Scene) -> SocketAddr {
    match scene.server.config.chats.discord.as_ref().unwrap().way_in {
        Transport::Http { listen, .. } => listen,
        Transport::Gateway => panic!("it listens"),
    }
}

/// Sends a request as it is and gives the answer as it comes.
pub async fn raw(scene: &Scene, head: &str, body: &[u8]) -> String {
    in_time(async {
        let mut stream = TcpStream::connect(address(scene)).await.unwrap();
        let request =
            format!("{head}\r\nhost: desk\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
        // Who is turned away early closes before everything is sent, so what fits is sent immediately.
        let _ = stream.write_all(&[request.as_bytes(), body].concat()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    })
    .await
}

#[tokio::test]
async fn a_whole_story_over_http() {
    let scene = Scene::with(|setup| {
        setup.way_in = Way::Http;
        setup.change = |config| {
            for rule in &mut config.policy.rules {
                rule.reason = desk_core::policy::Reason::Wanted(rule.approvals > 0);
            }
        };
    })
    .await;
    scene.server.desk().directory.refresh().await.unwrap();
    let choices = scene
        .server
        .person("helpdesk")
        .autocomplete(CHANNEL, "connect reset", &[("login", "john.d")], "login")
        .await
        .unwrap();
    assert!(choices.iter().any(|choice| choice.value == "john.doe"), "{choices:?}");
    let asked = scene.asks("john.doe").await;
    let form = asked.outcome(LIMIT).await.unwrap().modal.unwrap();
    let sent = scene.server.person("helpdesk").submit(&form, &[("reason", "INC-7")]).await.unwrap();
    assert!(sent.outcome(LIMIT).await.unwrap().text().starts_with("#1: "));
    scene.confirms(1).await;
    let refused = scene.press("helpdesk", 1, "Approve").await;
    assert!(told(&refused).await.contains("You can't decide on your own request"));
    scene.runs_from_confirmed(1).await;
    scene.is_done(1).await;
    assert_eq!(scene.writes().await, WRITES);
    scene.server.fake.look(|world| {
        assert!(world.endpoint_answers().all(|(_, status)| *status == 200));
        assert!(
            world.requests().all(|request| !request.path.ends_with("callback")),
            "{CALLBACK} is not called"
        );
        assert!(world.gateway().identifies.is_empty());
    });
    assert!(raw(&scene, "GET /healthz HTTP/1.1", b"").await.contains("200 OK"));
    assert!(raw(&scene, "GET /else HTTP/1.1", b"").await.contains("404"));
    assert!(raw(&scene, "GET /interactions HTTP/1.1", b"").await.contains("405"));
    scene.ends().await;
}

#[tokio::test]
async fn what_discord_did_not_sign_now_is_nothing() {
    let mut scene = by_http().await;
    let fake = scene.server.fake.clone();
    assert_eq!(fake.ping_endpoint().await.unwrap().json.unwrap()["type"], 1);
    assert_eq!(fake.probe_endpoint().await.unwrap().status, 401);

    fake.hold();
    let asked = scene.asks("john.doe").await;
    let at = now(&scene);
    let good = fake.signed_again(&asked, at).unwrap();
    let with = |change: &dyn Fn(&mut Sent)| {
        let mut sent = good.clone();
        change(&mut sent);
        sent
    };
    let digits = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let mut bytes: Vec<u8> =
        (0..64).map(|i| u8::from_str_radix(&good.signature[2 * i..2 * i + 2], 16).unwrap()).collect();
    let mut carry = 0_u16;
    for (byte, more) in bytes[32..].iter_mut().zip(ORDER) {
        carry += u16::from(*byte) + u16::from(more);
        *byte = carry.to_le_bytes()[0];
        carry >>= 8;
    }
    let second_form = digits(&bytes);
    let tampered = good.body.replace("john.doe", "jane.doe");
    assert_ne!(tampered, good.body);
    let wrong = [
        ("another body", with(&|sent| sent.body.clone_from(&tampered))),
        ("another time", with(&|sent| sent.timestamp = (at + 1).to_string())),
        ("the second form of the signature", with(&|sent| sent.signature.clone_from(&second_form))),
        ("no signature", with(&|sent| sent.signature = String::new())),
        ("no hexadecimal digits", with(&|sent| sent.signature = "+f".repeat(64))),
        ("other letters", with(&|sent| sent.signature = "é".repeat(64))),
        ("too long", with(&|sent| sent.signature.push_str("00"))),
        ("too old", fake.signed_again(&asked, at - 301).unwrap()),
        ("in the future", fake.signed_again(&asked, at + 301).unwrap()),
        ("at the end of time", fake.signed_again(&asked, i64::MAX).unwrap()),
        ("at its beginning", fake.signed_again(&asked, i64::MIN).unwrap()),
    ];
    for (what, sent) in wrong {
        assert_eq!(fake.send_signed(&sent).await.unwrap().status, 401, "{what}");
    }
    let head = "POST /interactions HTTP/1.1";
    for head in [
        head.to_owned(),
        format!("{head}\r\nx-signature-ed25519: {}", good.signature),
        format!("{head}\r\nx-signature-timestamp: {}", good.timestamp),
    ] {
        assert!(raw(&scene, &head, good.body.as_bytes()).await.contains("401"), "{head}");
    }
    let signed = |sent: &Sent| {
        format!(
            "{head}\r\nx-signature-ed25519: {}\r\nx-signature-timestamp: {}",
            sent.signature, sent.timestamp
        )
    };
    let long = fake.sign(&" ".repeat((1 << 20) + 1), at);
    let answer = raw(&scene, &signed(&long), long.body.as_bytes()).await;
    assert!(answer.is_empty() || answer.contains("413"), "{answer}");
    for odd in ["", "nothing", "[]", "{}", "{\"type\":2}", "{\"type\":2,\"id\":7}"] {
        let sent = fake.sign(odd, at);
        assert!(raw(&scene, &signed(&sent), odd.as_bytes()).await.contains("400"), "{odd}");
    }
    assert_eq!(scene.server.desk().desk.saga.log.open().await.unwrap(), []);

    // The good one counts, of several at a time one, and never again.
    let (one, two, three) =
        tokio::join!(fake.send_signed(&good), fake.send_signed(&good), fake.send_signed(&good));
    let mut answers = [one, two, three].map(|answer| answer.unwrap().status);
    answers.sort_unstable();
    assert_eq!(answers, [200, 409, 409]);
    scene.server.card_that(1, CHANNEL, "· needs").await;
    assert_eq!(fake.send_signed(&good).await.unwrap().status, 409);
    // Nor after a restart in the same second, nor any later.
    for pause in [0, 0, 5, 200] {
        scene.server.kill().await;
        scene.server.fake.advance(std::time::Duration::from_secs(pause));
        scene.server.clock.advance(std::time::Duration::from_secs(pause));
        scene.server.start().await.unwrap();
        assert_eq!(fake.send_signed(&good).await.unwrap().status, 409, "{pause} s later");
    }
    assert_eq!(scene.server.desk().desk.saga.log.open().await.unwrap().len(), 1);
    scene.ends().await;
}

#[tokio::test]
async fn what_cannot_be_read_is_answered_over_http_too() {
    let scene = by_http().await;
    let asked = scene
        .server
        .person("helpdesk")
        .slash_with(CHANNEL, "connect reset", &[("login", "john.doe".into())], |interaction| {
            interaction["data"]["options"] = serde_json::json!("none");
        })
        .await;
    let answer = asked.outcome(LIMIT).await.unwrap();
    assert!(answer.text().contains("could not read what Discord sent"), "{}", answer.text());
    scene.runs_anew().await;
    scene.ends().await;
}

#[tokio::test]
async fn a_click_between_a_kill_and_a_start_is_lost_and_the_next_one_counts() {
    let mut scene = by_http().await;
    scene.reset(1).await;
    scene.confirms(1).await;
    let card = scene.server.card(1, CHANNEL).await;
    scene.server.kill().await;
    let lost = scene.server.person("supervisor").click(card.id, "Approve").await.unwrap();
    assert!(lost.outcome(LIMIT).await.unwrap().failed.is_some());
    scene.server.fake.advance(std::time::Duration::from_secs(5));
    scene.server.clock.advance(std::time::Duration::from_secs(5));
    scene.server.start().await.unwrap();
    scene.press("supervisor", 1, "Approve").await;
    scene.is_done(1).await;
    assert_eq!(scene.writes().await, WRITES);
    scene.ends().await;
}
