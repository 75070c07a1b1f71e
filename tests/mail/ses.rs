//! Amazon SES as far as the desk uses it: the real client, and an endpoint on this machine that takes emails.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connect_desk::systems::mail::{MailService, SesSettings};
use desk_core::card::Tone;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::desk::{adds, config};
use crate::endpoint::{Serving, posted, says, serve};
use crate::support::Story;

/// How one call is answered.
#[derive(Clone, Copy, Debug)]
enum Answer {
    Takes,
    /// The email is taken, and the line drops.
    TakesAndDrops,
    /// The email is taken, and nothing is said any more.
    TakesAndIsSilent,
    /// The line drops before anything is read.
    Drops,
    /// A status and the name of an error; nothing is taken.
    Fails(u16, &'static str),
    /// What SES says in its sandbox; nothing is taken.
    Sandbox,
    /// SES is in its sandbox, where this address isn't verified.
    SandboxWithout(&'static str),
    /// The email is taken, and an error is answered.
    TakesAndFails(u16, &'static str),
    /// The email is taken, and a success with this body is answered.
    TakesAndSays(&'static str),
    /// Nothing is taken, and a success with this body is answered.
    Says(&'static str),
}

#[derive(Default)]
struct World {
    answers: VecDeque<Answer>,
    arrived: Vec<Value>,
    calls: usize,
}

struct Ses {
    endpoint: String,
    world: Arc<Mutex<World>>,
    _serving: Serving,
}

impl Ses {
    async fn open(answers: impl IntoIterator<Item = Answer>) -> Ses {
        let world =
            Arc::new(Mutex::new(World { answers: answers.into_iter().collect(), ..World::default() }));
        let served = world.clone();
        let (endpoint, _serving) = serve(move |stream| call(stream, served.clone())).await;
        Ses { endpoint, world, _serving }
    }

    fn arrived(&self) -> Vec<Value> {
        self.world.lock().unwrap().arrived.clone()
    }

    fn calls(&self) -> usize {
        self.world.lock().unwrap().calls
    }

    async fn desk(&self) -> Story {
        let by = MailService::Ses(SesSettings {
            region: "us-east-1".to_owned(),
            endpoint: Some(self.endpoint.clone()),
            configuration_set: Some("desk".to_owned()),
        });
        let config = config(by);
        Story::with(|options| options.config = Some(config)).await
    }
}

async fn call(mut stream: TcpStream, world: Arc<Mutex<World>>) {
    let answer = {
        let mut world = world.lock().unwrap();
        world.calls += 1;
        world.answers.pop_front().unwrap_or(Answer::Takes)
    };
    if matches!(answer, Answer::Drops) {
        return;
    }
    let Some(body) = posted(&mut stream, "/v2/email/outbound-emails").await else { return };
    if !matches!(answer, Answer::Fails(..) | Answer::Sandbox | Answer::SandboxWithout(_) | Answer::Says(_)) {
        world.lock().unwrap().arrived.push(serde_json::from_str(&body).unwrap());
    }
    let unverified = |address: &str| {
        format!(
            r#"{{"message":"Email address is not verified. The following identities failed the check in region US-EAST-1: {address}"}}"#
        )
    };
    let said;
    let (status, name, body) = match answer {
        Answer::Takes => (200, "", r#"{"MessageId":"0100-practice"}"#),
        Answer::Fails(status, name) | Answer::TakesAndFails(status, name) => {
            (status, name, r#"{"message":"it is `so`"}"#)
        }
        Answer::Sandbox | Answer::SandboxWithout(_) => {
            said = unverified(if let Answer::SandboxWithout(address) = answer {
                address
            } else {
                "a@example.com"
            });
            (400, "MessageRejected", said.as_str())
        }
        Answer::TakesAndSays(body) | Answer::Says(body) => (200, "", body),
        Answer::TakesAndIsSilent => return std::future::pending().await,
        Answer::TakesAndDrops | Answer::Drops => return,
    };
    says(&mut stream, status, &format!("x-amzn-errortype: {name}\r\n"), body).await;
}

#[tokio::test]
async fn an_email_arrives_at_ses_as_the_same_message() {
    let ses = Ses::open([]).await;
    let mut story = ses.desk().await;
    let card = adds(&mut story).await;
    assert_eq!(card.tone, Tone::Good, "{card:?}");
    let [call] = ses.arrived().try_into().unwrap();
    assert_eq!(call["ConfigurationSetName"], "desk");
    let to = call["Destination"]["ToAddresses"].as_array().unwrap();
    assert_eq!(to, &["erika.muster@example.com", "copies@example.org"]);
    let raw = String::from_utf8(STANDARD.decode(call["Content"]["Raw"]["Data"].as_str().unwrap()).unwrap())
        .unwrap();
    assert!(raw.contains("Subject: Your Amazon Connect account at Example Health\r\n"), "{raw}");
    assert!(raw.contains("User ID (case sensitive): Erika.Muster"), "{raw}");
}

#[tokio::test]
async fn what_ses_put_off_is_tried_again() {
    let ses = Ses::open([
        Answer::Fails(429, "TooManyRequestsException"),
        Answer::Fails(400, "LimitExceededException"),
    ])
    .await;
    let mut story = ses.desk().await;
    let card = adds(&mut story).await;
    assert_eq!((card.tone, ses.arrived().len(), ses.calls()), (Tone::Good, 1, 3), "{card:?}");
}

#[tokio::test]
async fn the_sandbox_of_ses_is_said_by_name() {
    let ses = Ses::open([Answer::Sandbox]).await;
    let mut story = ses.desk().await;
    let card = format!("{:?}", adds(&mut story).await);
    assert!(
        card.contains("it is in the sandbox in this Region") && card.contains("production access"),
        "{card}"
    );
    assert_eq!(story.card("helpdesk", "/desk retry 1").await.tone, Tone::Good);
}

#[tokio::test]
async fn ses_refuses_a_copy_and_the_email_arrives_without_it() {
    let ses = Ses::open([Answer::SandboxWithout("Copies@example.org")]).await;
    let mut story = ses.desk().await;
    let card = adds(&mut story).await;
    let arrived = ses.arrived();
    assert_eq!((card.tone, ses.calls(), arrived.len()), (Tone::Good, 2, 1), "{card:?}");
    assert!(!arrived[0]["Destination"].to_string().contains("copies@"), "{arrived:?}");
    let said = format!("{card:?}");
    assert!(said.contains("sent without its copy") && said.contains("Copies@example.org"), "{said}");
    // Nothing is sent a second time for the copy's sake where the email itself is refused.
    let ses = Ses::open([Answer::SandboxWithout("Copies@example.org"), Answer::Sandbox]).await;
    let mut story = ses.desk().await;
    let card = adds(&mut story).await;
    assert_eq!((card.tone, ses.calls(), ses.arrived().len()), (Tone::Alarm, 2, 0), "{card:?}");
}

#[tokio::test]
async fn what_ses_refused_waits_for_a_person() {
    let refusals = [
        (400, "MessageRejected"),
        (400, "MailFromDomainNotVerifiedException"),
        (403, "AccessDeniedException"),
        (404, "NotFoundException"),
    ];
    for (status, name) in refusals {
        let ses = Ses::open([Answer::Fails(status, name)]).await;
        let mut story = ses.desk().await;
        let card = adds(&mut story).await;
        assert_eq!((card.tone, ses.calls()), (Tone::Alarm, 1), "{card:?}");
        assert!(format!("{card:?}").contains(name) && format!("{card:?}").contains("it is 'so'"), "{card:?}");
        let card = story.card("helpdesk", "/desk retry 1").await;
        assert_eq!((card.tone, ses.arrived().len()), (Tone::Good, 1), "{card:?}");
    }
}

#[tokio::test]
async fn a_lost_answer_of_ses_is_never_followed_by_another_call() {
    let lost = [
        Answer::TakesAndDrops,
        Answer::TakesAndIsSilent,
        Answer::Drops,
        Answer::TakesAndFails(500, "InternalServiceErrorException"),
        Answer::Fails(503, "ServiceUnavailable"),
        Answer::TakesAndFails(400, "RequestTimeout"),
        Answer::TakesAndFails(408, "RequestTimeoutException"),
        Answer::Fails(400, "NobodyKnowsException"),
        Answer::Fails(404, ""),
        Answer::Fails(429, ""),
        Answer::TakesAndFails(500, "MessageRejected"),
        Answer::TakesAndSays(r#"{"MessageId":"01"#),
        Answer::TakesAndSays("<html><body>Sign in to the network</body></html>"),
        Answer::Says("<html><body>Sign in to the network</body></html>"),
        Answer::Says("{}"),
        Answer::Says(""),
    ];
    for answer in lost {
        let ses = Ses::open([answer]).await;
        let mut story = ses.desk().await;
        let card = adds(&mut story).await;
        assert_eq!((card.tone, ses.calls()), (Tone::Alarm, 1), "{answer:?}: {card:?}");
        assert!(
            format!("{card:?}").contains("Before you send it again, ask whether it arrived"),
            "{answer:?}: {card:?}"
        );
        story.says("helpdesk", "wait 2h").await;
        story.says("helpdesk", "restart").await;
        assert_eq!(ses.calls(), 1, "{answer:?}");
        let arrived = ses.arrived().len();
        let card = story.card("helpdesk", "/desk done 1").await;
        assert_eq!(
            (card.tone, ses.calls(), ses.arrived().len()),
            (Tone::Good, 1, arrived),
            "{answer:?}: {card:?}"
        );
    }
}
