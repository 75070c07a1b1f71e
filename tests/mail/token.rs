//! A mail server that takes access tokens instead of passwords (XOAUTH2), and an endpoint on this machine that gives them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use connect_desk::systems::mail::{MailService, OAuth2Settings};
use desk_core::card::{Card, Tone};
use tokio::net::TcpStream;

use crate::desk::{Files, adds, config, server};
use crate::endpoint::{Serving, posted, says, serve};
use crate::smtp::{Setup, Smtp};
use crate::support::Story;

const SECRET: &str = "the-client-secret-that-no-one-sees";
pub const GOOD: &str = "eyJ0.good-token.A_-~+/=";

/// How one request for a token is answered; the last answer is given for ever.
#[derive(Clone, Debug)]
pub enum Answer {
    /// This token, with this as `expires_in`.
    Gives(&'static str, &'static str),
    Says(u16, &'static str),
    Silent,
    Drops,
}

#[derive(Default)]
pub struct World {
    answers: VecDeque<Answer>,
    /// The forms that came.
    forms: Vec<String>,
}

pub struct Endpoint {
    pub url: String,
    world: Arc<Mutex<World>>,
    _serving: Serving,
}

impl Endpoint {
    pub async fn open(answers: impl IntoIterator<Item = Answer>) -> Endpoint {
        let world =
            Arc::new(Mutex::new(World { answers: answers.into_iter().collect(), ..World::default() }));
        let served = world.clone();
        let (url, _serving) = serve(move |stream| call(stream, served.clone())).await;
        Endpoint { url: format!("{url}/tenant/oauth2/v2.0/token"), world, _serving }
    }

    fn forms(&self) -> Vec<String> {
        self.world.lock().unwrap().forms.clone()
    }
}

async fn call(mut stream: TcpStream, world: Arc<Mutex<World>>) {
    let Some(form) = posted(&mut stream, "/tenant/oauth2/v2.0/token ").await else { return };
    let answer = {
        let mut world = world.lock().unwrap();
        world.forms.push(form);
        match world.answers.len() {
            0 | 1 => world.answers.front().cloned().unwrap(),
            _ => world.answers.pop_front().unwrap(),
        }
    };
    let (status, body) = match answer {
        Answer::Silent => return std::future::pending().await,
        Answer::Drops => return,
        Answer::Says(status, body) => (status, body.to_owned()),
        Answer::Gives(token, expires_in) => (
            200,
            format!(
                r#"{{"token_type":"Bearer","expires_in":{expires_in},"ext_expires_in":3599,"access_token":"{token}"}}"#
            ),
        ),
    };
    let location = if status == 302 { "location: http://127.0.0.1:9/elsewhere\r\n" } else { "" };
    says(&mut stream, status, location, &body).await;
}

/// A mail server that takes these tokens, and a desk that gets its own from this endpoint.
async fn mailing(endpoint: &Endpoint, takes: &[&str]) -> (Smtp, Files, Story) {
    mailing_by("LOGIN XOAUTH2", endpoint, takes).await
}

async fn mailing_by(auth: &'static str, endpoint: &Endpoint, takes: &[&str]) -> (Smtp, Files, Story) {
    let smtp = Smtp::open(Setup { auth, ..Setup::default() }).await;
    smtp.take_tokens(takes);
    let files = Files::new();
    let secret = files.path().join("client-secret");
    crate::support::write_secret(&secret, &format!("{SECRET}\n"));
    let mut settings = server(&smtp, &files.path());
    settings.password_file = None;
    settings.oauth2 = Some(OAuth2Settings {
        token_url: endpoint.url.clone(),
        client_id: "11111111-2222-3333-4444-555555555555".to_owned(),
        client_secret_file: Some(secret),
        scope: "https://outlook.office365.com/.default".to_owned(),
    });
    let config = config(MailService::Smtp(settings));
    let story = Story::with(|options| options.config = Some(config)).await;
    (smtp, files, story)
}

/// Another email to someone who is there.
async fn sends(story: &mut Story) -> Card {
    let no = story.card("helpdesk", "/connect send john.doe credentials").await.request.unwrap().0;
    story.card("helpdesk", &format!("/desk confirm {no}")).await
}

#[tokio::test]
async fn one_token_serves_many_emails_until_most_of_its_time_is_over() {
    let endpoint = Endpoint::open([Answer::Gives(GOOD, "3599")]).await;
    let (smtp, _files, mut story) = mailing(&endpoint, &[GOOD]).await;
    assert!(endpoint.forms().is_empty(), "nothing is asked for before it is needed");
    assert_eq!(adds(&mut story).await.tone, Tone::Good);
    assert_eq!(sends(&mut story).await.tone, Tone::Good);
    let [form] = endpoint.forms().try_into().unwrap();
    for part in [
        "grant_type=client_credentials",
        "client_id=11111111-2222-3333-4444-555555555555",
        &format!("client_secret={SECRET}"),
        "scope=https%3A%2F%2Foutlook.office365.com%2F.default",
    ] {
        assert!(form.split('&').any(|one| one == part), "{form}");
    }
    story.says("helpdesk", "wait 40m").await;
    assert_eq!(sends(&mut story).await.tone, Tone::Good);
    assert_eq!(endpoint.forms().len(), 1);
    story.says("helpdesk", "wait 10m").await;
    assert_eq!(sends(&mut story).await.tone, Tone::Good);
    assert_eq!(endpoint.forms().len(), 2, "it is refreshed before it expires");
    assert_eq!(smtp.arrived().len(), 4);
    crate::support::nowhere_below(story.folder(), GOOD);
    crate::support::nowhere_below(story.folder(), SECRET);
}

#[tokio::test]
async fn a_token_that_expires_immediately_serves_once_and_nothing_loops() {
    for expires_in in ["0", "\"0\"", "-1", "null"] {
        let endpoint = Endpoint::open([Answer::Gives(GOOD, expires_in)]).await;
        let (smtp, _files, mut story) = mailing(&endpoint, &[GOOD]).await;
        assert_eq!(adds(&mut story).await.tone, Tone::Good, "{expires_in}");
        assert_eq!(sends(&mut story).await.tone, Tone::Good, "{expires_in}");
        assert_eq!((endpoint.forms().len(), smtp.arrived().len()), (2, 2), "{expires_in}");
    }
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_once() {
    // Microsoft says 535; Google asks a question, which lettre answers by an error without a status.
    for wrong in ["535 5.7.3 Authentication unsuccessful", "334 eyJzdGF0dXMiOiI0MDEifQ=="] {
        let endpoint = Endpoint::open([Answer::Gives("revoked", "3599"), Answer::Gives(GOOD, "3599")]).await;
        let (smtp, _files, mut story) = mailing(&endpoint, &[GOOD]).await;
        smtp.answer_wrong_tokens(wrong);
        let card = adds(&mut story).await;
        assert_eq!((card.tone, smtp.arrived().len()), (Tone::Good, 1), "{wrong}: {card:?}");
        assert_eq!(smtp.tokens_seen(), ["revoked", GOOD], "{wrong}");
        assert_eq!(endpoint.forms().len(), 2, "{wrong}");

        // Neither is taken: it stops, and says what is to be set up.
        smtp.take_tokens(&[]);
        let card = sends(&mut story).await;
        let told = format!("{card:?}");
        assert_eq!((card.tone, smtp.arrived().len()), (Tone::Alarm, 1), "{wrong}: {told}");
        assert!(told.contains("SMTP.SendAsApp"), "{wrong}: {told}");
        assert_eq!(smtp.tokens_seen().len(), 4, "{wrong}");
        assert_eq!(endpoint.forms().len(), 3, "{wrong}");
        assert!(!told.contains(GOOD) && !told.contains("revoked"), "{told}");
    }
}

#[tokio::test]
async fn an_endpoint_that_is_slow_or_down_is_asked_again() {
    for answer in [
        Answer::Silent,
        Answer::Drops,
        Answer::Says(503, "busy"),
        Answer::Says(429, r#"{"error":"too_many"}"#),
        Answer::Says(200, "<html>Sign in to the guest network</html>"),
        Answer::Says(200, r#"{"token_type":"Bearer","expires_in":3599}"#),
        Answer::Says(200, r#"{"token_type":"Bearer","expires_in":3599,"access_token":"a\u0001b"}"#),
        Answer::Says(200, r#"{"token_type":"mac","expires_in":3599,"access_token":"abc"}"#),
    ] {
        let endpoint = Endpoint::open([answer.clone(), Answer::Gives(GOOD, "3599")]).await;
        let (smtp, _files, mut story) = mailing(&endpoint, &[GOOD]).await;
        let card = adds(&mut story).await;
        assert_eq!((card.tone, smtp.arrived().len()), (Tone::Good, 1), "{answer:?}: {card:?}");
        assert_eq!(endpoint.forms().len(), 2, "{answer:?}");
        assert_eq!(smtp.tokens_seen(), [GOOD], "{answer:?}");
    }
}

#[tokio::test]
async fn an_endpoint_that_refuses_is_not_asked_again_and_it_says_what_to_do() {
    for (answer, says) in table! {
        (Answer::Says(401, r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided."}"#), "Use the secret's value, not its id."),
        (Answer::Says(401, r#"{"error":"invalid_client","error_description":"AADSTS7000222: The provided client secret keys are expired."}"#), "The client secret has expired."),
        (Answer::Says(400, "not JSON"), "status 400"),
        (Answer::Says(404, ""), "status 404"),
        (Answer::Says(302, ""), "status 302"),
        (Answer::Says(400, r#"{"error":"the-client-secret-that-no-one-sees"}"#), "status 400"),
    } {
        let endpoint = Endpoint::open([answer.clone()]).await;
        let (smtp, _files, mut story) = mailing(&endpoint, &[GOOD]).await;
        let card = adds(&mut story).await;
        let told = format!("{card:?}");
        assert_eq!((card.tone, smtp.connections()), (Tone::Alarm, 0), "{answer:?}: {told}");
        assert!(told.contains(says) && !told.contains(SECRET), "{answer:?}: {told}");
        assert_eq!(endpoint.forms().len(), 1, "{answer:?}");
    }
}

#[tokio::test]
async fn a_server_that_takes_no_tokens_is_said_to_take_none() {
    let endpoint = Endpoint::open([Answer::Gives(GOOD, "3599")]).await;
    let (smtp, _files, mut story) = mailing_by("PLAIN", &endpoint, &[GOOD]).await;
    let card = adds(&mut story).await;
    assert_eq!((card.tone, smtp.connections()), (Tone::Alarm, 1), "{card:?}");
    assert!(format!("{card:?}").contains("doesn't accept access tokens (XOAUTH2) on this port"), "{card:?}");
}
