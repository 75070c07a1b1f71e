//! The trouble that a test can order, and the other way in.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use ed25519_dalek::{Signature, VerifyingKey};
use fake_discord::{FakeDiscord, Fault, FaultKind, Gate, Options, Scope, Sent};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpListener;

use crate::support::*;

#[tokio::test]
async fn a_request_fails_before_or_after_its_effect_as_ordered() {
    let (fake, ann, _) = opened().await;
    let raw = Raw::new(&fake);
    let send = async |text: &str| {
        let sent = raw.try_call(Method::POST, &messages(), &json!({ "content": text })).await;
        sent.map_or(0, |answer| answer.status)
    };
    for (kind, status, effects) in [
        (FaultKind::FailBefore(503), 503, 0),
        (FaultKind::FailAfter(502), 502, 1),
        (FaultKind::DropBefore, 0, 0),
        (FaultKind::DropAfter, 0, 1),
        (FaultKind::CutBody, 0, 1),
        (FaultKind::TooManyRequests { retry_after: Duration::from_secs(1), scope: Scope::Global }, 429, 0),
        (FaultKind::Answer { status: 500, body: "<html>".to_owned() }, 500, 0),
    ] {
        let before = ann.sees(CHANNEL).len();
        fake.fault(Fault::on("POST", "/channels/*/messages", kind.clone()));
        assert_eq!(send("a").await, status, "{kind:?}");
        assert_eq!(ann.sees(CHANNEL).len() - before, effects, "{kind:?}");
        assert_eq!(fake.faults_outstanding(), 0);
    }
    let gate = Gate::closed();
    fake.fault(Fault::on("POST", "/channels/*/messages", FaultKind::WaitAfter(gate.clone())).nth(2));
    assert_eq!(send("first").await, 200);
    let second = async {
        assert_eq!(send("second").await, 200);
        assert_eq!(ann.sees(CHANNEL).last().unwrap().content, "third", "it had waited");
    };
    let third = async {
        gate.reached(LIMIT).await.unwrap();
        assert_eq!(ann.sees(CHANNEL).last().unwrap().content, "second", "the effect is there");
        assert_eq!(send("third").await, 200);
        gate.open();
    };
    tokio::join!(second, third);
    assert!(fake.look(|world| world.unknown_routes().is_empty()));
}

#[tokio::test]
async fn old_things_are_forgotten() {
    let (fake, ann, _) = open(Options { keep: Some(10), ..Options::default() }).await;
    let raw = Raw::new(&fake);
    for _ in 0..50 {
        let body = json!({ "type": 4, "data": { "content": "a" } });
        assert_eq!(raw.respond(&ann, &body).await.status, 204);
    }
    let kept = fake
        .look(|world| (world.requests().count(), world.messages(CHANNEL).len(), world.interactions().len()));
    assert_eq!(kept, (10, 10, 10));
}

/// What came to the endpoint, and how it answers interactions.
#[derive(Default)]
struct Endpoint {
    came: Mutex<Vec<Sent>>,
    inline: bool,
}

async fn endpoint(fake: &FakeDiscord, inline: bool) -> Arc<Endpoint> {
    let key: Vec<u8> = fake.public_key().as_bytes().chunks(2).map(hex_pair).collect();
    let key = VerifyingKey::from_bytes(key.as_slice().try_into().unwrap()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    fake.deliver_to(Some(&format!("http://{address}/interactions"))).unwrap();
    let endpoint = Arc::new(Endpoint { inline, ..Endpoint::default() });
    let shared = endpoint.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let shared = shared.clone();
            tokio::spawn(async move {
                let service = service_fn(|request| answer(&shared, key, request));
                http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
            });
        }
    });
    endpoint
}

fn hex_pair(pair: &[u8]) -> u8 {
    u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()
}

async fn answer(
    endpoint: &Endpoint,
    key: VerifyingKey,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let header = |name| request.headers()[name].to_str().unwrap().to_owned();
    let (signature, timestamp) = (header("x-signature-ed25519"), header("x-signature-timestamp"));
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let bytes: Vec<u8> = signature.as_bytes().chunks(2).map(hex_pair).collect();
    let right = Signature::from_slice(&bytes).unwrap();
    let signed = key.verify_strict(format!("{timestamp}{body}").as_bytes(), &right).is_ok();
    let json: Value = serde_json::from_str(&body).unwrap();
    endpoint.came.lock().unwrap().push(Sent { timestamp, signature, body });
    let (status, body) = match (signed, json["type"].as_u64()) {
        (false, _) => (401, String::new()),
        (true, Some(1)) => (200, json!({ "type": 1 }).to_string()),
        _ if endpoint.inline => {
            (200, json!({ "type": 4, "data": { "content": "inline", "flags": 64 } }).to_string())
        }
        _ => (202, String::new()),
    };
    let response = Response::builder().status(status).header("content-type", "application/json");
    Ok(response.body(Full::new(Bytes::from(body))).unwrap())
}

#[tokio::test]
async fn an_endpoint_is_probed_and_answers_inline_or_by_callback() {
    let (fake, ann, bob) = opened().await;
    let inline = endpoint(&fake, true).await;
    let pong = fake.ping_endpoint().await.unwrap();
    assert_eq!((pong.status, pong.json), (200, Some(json!({ "type": 1 }))));
    assert_eq!(fake.probe_endpoint().await.unwrap().status, 401);
    let asked = ann.slash(CHANNEL, "connect reset", &[("login", "ann".into())]).await.unwrap();
    assert_eq!(asked.outcome(LIMIT).await.unwrap().text(), "inline");
    assert!(bob.sees(CHANNEL).is_empty());
    let first = inline.came.lock().unwrap().last().cloned().unwrap();
    let again = fake.signed_again(&asked, fake.now_ms() / 1000).unwrap();
    assert_eq!(again, first, "a replay is the same request");
    let old = fake.signed_again(&asked, fake.now_ms() / 1000 - 3600).unwrap();
    assert_eq!(fake.send_signed(&old).await.unwrap().status, 200, "this endpoint looks at no time");
    let tampered = Sent { body: first.body.replace("ann", "bob"), ..first };
    assert_eq!(fake.send_signed(&tampered).await.unwrap().status, 401);

    let later = endpoint(&fake, false).await;
    let asked = ann.slash(CHANNEL, "connect reset", &[("login", "ann".into())]).await.unwrap();
    fake.wait_for(LIMIT, |world| world.endpoint_answers().last().filter(|it| it.1 == 202).copied())
        .await
        .unwrap();
    assert!(asked.now().unwrap().message.is_none());
    let sent: Value = serde_json::from_str(&later.came.lock().unwrap().last().unwrap().body).unwrap();
    let token = sent["token"].as_str().unwrap();
    let say = json!({ "type": 4, "data": { "content": "by callback" } });
    let path = format!("/interactions/{}/{token}/callback", asked.id());
    assert_eq!(Raw::new(&fake).post(&path, &say).await.status, 204);
    assert_eq!(asked.outcome(LIMIT).await.unwrap().text(), "by callback");
    fake.deliver_to(Some("https://example.org/")).unwrap_err();
    fake.deliver_to(Some("http://127.0.0.1:1/")).unwrap();
    let asked = ann.slash(CHANNEL, "connect reset", &[("login", "ann".into())]).await.unwrap();
    assert!(asked.outcome(LIMIT).await.unwrap().failed.is_some(), "no one listens there");
}

#[tokio::test]
async fn whoever_wants_to_leave_is_stopped_and_noted() {
    let (fake, _, _) = open(Options { tls: true, ..Options::default() }).await;
    let proxy = reqwest::Proxy::all(fake.proxy_url().unwrap()).unwrap();
    let client = reqwest::Client::builder().proxy(proxy).build().unwrap();
    assert!(client.get("https://example.org/").send().await.is_err());
    assert_eq!(client.get("http://example.org/").send().await.unwrap().status(), 403);
    let left = fake.look(|world| world.left_loopback().to_vec());
    assert_eq!(left, ["example.org:443", "GET http://example.org/"]);
    let gone = client.get(format!("{}/attachments/1/2/gone.csv", fake.api_url())).send().await.unwrap();
    assert_eq!(gone.status(), 404, "its own files are on loopback, through the proxy or not");
    assert_eq!(fake.look(|world| world.left_loopback().len()), 2);
}

#[tokio::test]
async fn a_page_shows_what_people_see_and_nothing_of_it_is_html() {
    let (fake, ann, _) = opened().await;
    let raw = Raw::new(&fake);
    let button = |style: u8, label: &str| json!({ "type": 2, "style": style, "label": label, "custom_id": label, "disabled": style == 1 });
    let asked = ann.slash(CHANNEL, "connect reset", &[("login", "<i>".into())]).await.unwrap();
    let card = json!({
        "content": "a **b** *c* __d__ ~~e~~ snake_case_name 2 * 3 * 4 _so_ \\*not\\* <script> `**code**` <@7301> <@&7200> <#3> ||secret||\n\
                    ```json\n{\"a\":1}\n```\n# Head\nbody\n- d\ne **half <t:1794819900:R> <t:1794819540:R>\n\
                    [guide](https://example.org/?a&b) [no](javascript:x)",
        "embeds": [{ "title": "<i>title" }], "flags": 64,
        "components": [{ "type": 1, "components": [button(3, "Yes"), button(1, "Off")] }],
    });
    raw.answer(&asked, &json!({ "type": 4, "data": card })).await;
    let card = asked.outcome(LIMIT).await.unwrap().message.unwrap().id;
    let clicked = ann.click(card, "Yes").await.unwrap();
    let input = json!({ "type": 4, "custom_id": "a", "style": 1, "label": "Reason" });
    let form =
        json!({ "title": "Why?", "custom_id": "f", "components": [{ "type": 1, "components": [input] }] });
    raw.answer(&clicked, &json!({ "type": 9, "data": form })).await;
    let form = clicked.outcome(LIMIT).await.unwrap().modal.unwrap();
    let page = fake.page_with_forms("A <title>", &[card], &[form]);
    for shown in [
        "<title>A &lt;title&gt;</title>",
        "<b>Ann</b> used <span class=\"chip\">/connect reset</span>",
        "a <b>b</b> <i>c</i> <u>d</u> <s>e</s> snake_case_name 2 * 3 * 4 <i>so</i> *not* &lt;script&gt; <code>**code**</code>",
        "<span class=\"chip\">@Ann</span> <span class=\"chip\">@agents</span> &lt;#3&gt; <span class=\"spoiler\">secret</span>",
        "<pre>{&quot;a&quot;:1}</pre><h1>Head</h1>body<li>d</li>e **half",
        "<span class=\"chip\">in 5 minutes</span> <span class=\"chip\">1 minute ago</span>",
        "<a href=\"https://example.org/?a&amp;b\">guide</a> [no](javascript:x)",
        "<div class=\"title\">&lt;i&gt;title</div>",
        "<span class=\"button success\">Yes</span><span class=\"button primary disabled\">Off</span>",
        "Only you can see this",
        "<h2>Why?</h2><label>Reason<span class=\"star\"> *</span></label>",
    ] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
}
