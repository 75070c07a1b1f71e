//! What the API refuses, as tables: the request, the code, and for a bad form the place in it.

use std::time::Duration;

use fake_discord::{ExpiredToken, FakeDiscord, Id, Input, Options, Person, permission};
use http::Method;
use serde_json::{Value, json};

use crate::support::*;

const APPLICATION: Id = 1_100_000_000_000_000_001;

struct Answer {
    status: u16,
    json: Value,
}

impl Answer {
    fn code(&self) -> u64 {
        self.json["code"].as_u64().unwrap_or(0)
    }

    /// The places of a bad form, with the code of each, in order.
    fn places(&self) -> Vec<String> {
        fn walk(node: &Value, place: &str, found: &mut Vec<String>) {
            for (name, below) in node.as_object().into_iter().flatten() {
                if name == "_errors" {
                    let codes = below.as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap());
                    found.extend(codes.map(|code| format!("{place} {code}")));
                } else {
                    let place = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
                    walk(below, &place, found);
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.json["errors"], "", &mut found);
        found
    }
}

struct Raw<'f> {
    fake: &'f FakeDiscord,
    client: reqwest::Client,
}

impl<'f> Raw<'f> {
    fn new(fake: &'f FakeDiscord) -> Self {
        let client =
            reqwest::Client::builder().user_agent("DiscordBot (https://example.org, 1)").build().unwrap();
        Self { fake, client }
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        let mut request = self
            .client
            .request(method, format!("{}/api/v10{path}", self.fake.api_url()))
            .header("authorization", "Bot fake.discord.token");
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let json = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default();
        Answer { status, json }
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, body).await
    }

    async fn respond(&self, ann: &Person, body: &Value) -> Answer {
        let asked = ann.slash_raw(CHANNEL, "connect reset", &[]).await;
        let known = asked.interaction().unwrap();
        self.post(&format!("/interactions/{}/{}/callback", known.id, known.token), body).await
    }
}

fn button(id: &str) -> Value {
    json!({ "type": 2, "style": 1, "label": "Yes", "custom_id": id })
}

fn row(parts: Vec<Value>) -> Value {
    json!({ "type": 1, "components": parts })
}

fn option(change: Value) -> Value {
    let mut option = json!({ "type": 3, "name": "login", "description": "Whose" });
    option.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    option
}

fn many(count: usize, make: impl Fn(usize) -> Value) -> Vec<Value> {
    (0..count).map(make).collect()
}

#[tokio::test]
async fn messages_over_the_limits_are_refused_with_the_place() {
    let (fake, ann, _) = opened().await;
    let raw = Raw::new(&fake);
    let x = |count: usize| "é".repeat(count);
    let embed = |value: Value| json!({ "embeds": [value] });
    let rows = |rows: Vec<Value>| json!({ "content": "a", "components": rows });
    let one = |part: Value| json!({ "content": "a", "components": [row(vec![part])] });
    let choice = |number: usize| json!({ "label": number.to_string(), "value": number.to_string() });
    let select = |change: Value| {
        let mut select = json!({ "type": 3, "custom_id": "s", "options": [choice(1)] });
        select.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        one(select)
    };
    let bad = [
        (json!({ "content": x(2001) }), "content BASE_TYPE_MAX_LENGTH"),
        (json!({ "content": 1 }), "content STRING_TYPE_CONVERT"),
        (json!({ "embeds": many(11, |_| json!({ "title": "a" })) }), "embeds BASE_TYPE_MAX_LENGTH"),
        (embed(json!({ "title": x(257) })), "embeds.0.title BASE_TYPE_MAX_LENGTH"),
        (embed(json!({ "description": x(4097) })), "embeds.0.description BASE_TYPE_MAX_LENGTH"),
        (
            embed(json!({ "fields": many(26, |_| json!({ "name": "a", "value": "b" })) })),
            "embeds.0.fields BASE_TYPE_MAX_LENGTH",
        ),
        (
            embed(json!({ "fields": [{ "name": x(257), "value": "b" }] })),
            "embeds.0.fields.0.name BASE_TYPE_BAD_LENGTH",
        ),
        (
            embed(json!({ "fields": [{ "name": "a", "value": x(1025) }] })),
            "embeds.0.fields.0.value BASE_TYPE_BAD_LENGTH",
        ),
        (
            embed(json!({ "fields": [{ "name": "a", "value": "" }] })),
            "embeds.0.fields.0.value BASE_TYPE_REQUIRED",
        ),
        (embed(json!({ "footer": { "text": x(2049) } })), "embeds.0.footer.text BASE_TYPE_BAD_LENGTH"),
        (embed(json!({ "author": { "name": x(257) } })), "embeds.0.author.name BASE_TYPE_BAD_LENGTH"),
        (embed(json!({ "title": "a", "color": 0x0100_0000 })), "embeds.0.color NUMBER_TYPE_MAX"),
        (embed(json!({ "title": "a", "url": "ftp://a" })), "embeds.0.url URL_TYPE_INVALID_URL"),
        (embed(json!({ "title": "a", "timestamp": "today" })), "embeds.0.timestamp DATE_TIME_TYPE_PARSE"),
        (
            json!({ "embeds": [{ "description": x(3000) }, { "description": x(3001) }] }),
            "embeds MAX_EMBED_SIZE_EXCEEDED",
        ),
        (rows(many(6, |n| row(vec![button(&n.to_string())]))), "components BASE_TYPE_BAD_LENGTH"),
        (
            rows(vec![row(many(6, |n| button(&n.to_string())))]),
            "components.0.components BASE_TYPE_BAD_LENGTH",
        ),
        (rows(vec![row(vec![])]), "components.0.components BASE_TYPE_BAD_LENGTH"),
        (rows(vec![button("a")]), "components.0.type BASE_TYPE_CHOICES"),
        (
            rows(vec![row(vec![button("a")]), row(vec![button("a")])]),
            "components.1.components.0.custom_id COMPONENT_CUSTOM_ID_DUPLICATED",
        ),
        (one(button(&x(101))), "components.0.components.0.custom_id BASE_TYPE_BAD_LENGTH"),
        (one(button("")), "components.0.components.0.custom_id BASE_TYPE_REQUIRED"),
        (
            one(json!({ "type": 2, "style": 1, "label": x(81), "custom_id": "a" })),
            "components.0.components.0.label BASE_TYPE_MAX_LENGTH",
        ),
        (
            one(json!({ "type": 2, "style": 1, "custom_id": "a" })),
            "components.0.components.0 BUTTON_COMPONENT_LABEL_OR_EMOJI",
        ),
        (
            one(json!({ "type": 2, "style": 5, "label": "a" })),
            "components.0.components.0.url BASE_TYPE_REQUIRED",
        ),
        (
            json!({ "content": "a", "components": [row(vec![button("a"), json!({ "type": 3, "custom_id": "s",
                "options": [choice(1)] })])] }),
            "components.0.components COMPONENT_LAYOUT_WIDTH_EXCEEDED",
        ),
        (
            select(json!({ "options": many(26, choice) })),
            "components.0.components.0.options BASE_TYPE_BAD_LENGTH",
        ),
        (
            select(json!({ "placeholder": x(151) })),
            "components.0.components.0.placeholder BASE_TYPE_MAX_LENGTH",
        ),
        (
            select(json!({ "options": [choice(1), choice(1)] })),
            "components.0.components.0.options.1.value SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
        ),
        (json!({ "content": "a", "flags": 1 }), "flags MESSAGE_FLAGS_INVALID"),
        (
            json!({ "content": "a", "flags": 1 << 15, "components": [{ "type": 10, "content": "b" }] }),
            "content MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
        ),
        (
            json!({ "content": "a", "allowed_mentions": { "parse": ["users"], "users": ["1"] } }),
            "allowed_mentions.users MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
        ),
        (
            json!({ "content": "a", "allowed_mentions": { "parse": ["all"] } }),
            "allowed_mentions.parse BASE_TYPE_CHOICES",
        ),
        (json!({ "content": "a", "nonce": x(26) }), "nonce BASE_TYPE_MAX_LENGTH"),
    ];
    for (body, place) in &bad {
        let answer = raw.post(&format!("/channels/{CHANNEL}/messages"), body).await;
        assert_eq!((answer.status, answer.code()), (400, 50035), "{body}");
        assert_eq!(answer.places(), [*place], "{body}");
        let answer = raw.respond(&ann, &json!({ "type": 4, "data": body })).await;
        assert_eq!((answer.code(), answer.places()), (50035, vec![format!("data.{place}")]), "{body}");
    }
    for body in [json!({}), json!({ "content": " \n " }), json!({ "content": "", "embeds": [{}] })] {
        let answer = raw.post(&format!("/channels/{CHANNEL}/messages"), &body).await;
        assert_eq!((answer.status, answer.code()), (400, 50006), "{body}");
    }
    fake.look(|world| assert!(world.messages(CHANNEL).is_empty()));
    let good = [
        json!({ "content": x(2000) }),
        json!({ "embeds": [{ "description": x(3000) }, { "description": x(3000) }] }),
        rows(many(5, |n| row(many(5, |m| button(&format!("{n} {m}")))))),
        select(json!({ "options": many(25, choice), "max_values": 25 })),
        json!({ "flags": 1 << 15, "components": [{ "type": 17, "components": [{ "type": 10, "content": "b" },
            row(vec![button("a")])] }] }),
        json!({ "content": "a", "nobody_knows": 1, "nonce": 12 }),
    ];
    for body in &good {
        let answer = raw.post(&format!("/channels/{CHANNEL}/messages"), body).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.json);
        let answer = raw.respond(&ann, &json!({ "type": 4, "data": body })).await;
        assert_eq!(answer.status, 204, "{body}: {}", answer.json);
    }
}

#[tokio::test]
async fn forms_choices_and_kinds_of_responses_have_their_rules() {
    let (fake, ann, _) = opened().await;
    let raw = Raw::new(&fake);
    let input = |id: &str| row(vec![json!({ "type": 4, "custom_id": id, "style": 1, "label": "Why" })]);
    let with = |change: Value| {
        let mut input = json!({ "type": 4, "custom_id": "a", "style": 1, "label": "Why" });
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        json!({ "title": "Why", "custom_id": "f", "components": [row(vec![input])] })
    };
    let x = |count: usize| "x".repeat(count);
    let bad = [
        (
            json!({ "title": x(46), "custom_id": "f", "components": [input("a")] }),
            "data.title BASE_TYPE_BAD_LENGTH",
        ),
        (json!({ "title": "a", "components": [input("a")] }), "data.custom_id BASE_TYPE_REQUIRED"),
        (
            json!({ "title": "a", "custom_id": "f", "components": many(6, |n| input(&n.to_string())) }),
            "data.components BASE_TYPE_BAD_LENGTH",
        ),
        (json!({ "title": "a", "custom_id": "f", "components": [] }), "data.components BASE_TYPE_BAD_LENGTH"),
        (
            json!({ "title": "a", "custom_id": "f", "components": [input("a"), input("a")] }),
            "data.components.1.components.0.custom_id COMPONENT_CUSTOM_ID_DUPLICATED",
        ),
        (
            json!({ "title": "a", "custom_id": "f", "components": [row(vec![button("a")])] }),
            "data.components.0.components.0.type BASE_TYPE_CHOICES",
        ),
        (with(json!({ "label": x(46) })), "data.components.0.components.0.label BASE_TYPE_BAD_LENGTH"),
        (with(json!({ "max_length": 4001 })), "data.components.0.components.0.max_length NUMBER_TYPE_MAX"),
        (
            with(json!({ "placeholder": x(101) })),
            "data.components.0.components.0.placeholder BASE_TYPE_MAX_LENGTH",
        ),
        (
            with(json!({ "max_length": 3, "value": "four" })),
            "data.components.0.components.0.value BASE_TYPE_BAD_LENGTH",
        ),
    ];
    for (data, place) in bad {
        let answer = raw.respond(&ann, &json!({ "type": 9, "data": data })).await;
        assert_eq!((answer.code(), answer.places()), (50035, vec![place.to_owned()]), "{data}");
    }
    for (body, place) in [
        (json!({}), "type BASE_TYPE_REQUIRED"),
        (json!({ "type": 1 }), "type BASE_TYPE_CHOICES"),
        (json!({ "type": 6 }), "type BASE_TYPE_CHOICES"),
        (json!({ "type": 7, "data": { "content": "a" } }), "type BASE_TYPE_CHOICES"),
        (json!({ "type": 8, "data": { "choices": [] } }), "type BASE_TYPE_CHOICES"),
        (json!({ "type": 4 }), "data BASE_TYPE_REQUIRED"),
        (json!({ "type": 5, "data": { "flags": 4 } }), "data.flags MESSAGE_FLAGS_INVALID"),
    ] {
        let answer = raw.respond(&ann, &body).await;
        assert_eq!(answer.places(), [place], "{body}");
    }
    let types = async |body: Value| {
        let options = [("login", "a")];
        let asked = ann.autocompletes(CHANNEL, "connect reset", &options, "login").await.unwrap();
        let known = asked.interaction().unwrap();
        raw.post(&format!("/interactions/{}/{}/callback", known.id, known.token), &body).await
    };
    for (body, place) in [
        (json!({ "type": 4, "data": { "content": "a" } }), "type BASE_TYPE_CHOICES"),
        (json!({ "type": 5 }), "type BASE_TYPE_CHOICES"),
        (
            json!({ "type": 8, "data": { "choices": many(26, |n| json!({ "name": n.to_string(), "value": "a" })) } }),
            "data.choices BASE_TYPE_MAX_LENGTH",
        ),
        (
            json!({ "type": 8, "data": { "choices": [{ "name": x(101), "value": "a" }] } }),
            "data.choices.0.name BASE_TYPE_BAD_LENGTH",
        ),
        (
            json!({ "type": 8, "data": { "choices": [{ "name": "a", "value": x(101) }] } }),
            "data.choices.0.value BASE_TYPE_BAD_LENGTH",
        ),
        (
            json!({ "type": 8, "data": { "choices": [{ "name": "a", "value": 1 }] } }),
            "data.choices.0.value STRING_TYPE_CONVERT",
        ),
    ] {
        assert_eq!(types(body.clone()).await.places(), [place], "{body}");
    }
    // A form that no button opened has nothing to update, and opens no other.
    let asked = ann.slash_raw(CHANNEL, "connect ask", &[]).await;
    let known = asked.interaction().unwrap();
    let opened = json!({ "type": 9, "data": { "title": "a", "custom_id": "f", "components": [input("a")] } });
    raw.post(&format!("/interactions/{}/{}/callback", known.id, known.token), &opened).await;
    let modal = asked.now().unwrap().modal.unwrap();
    for kind in [6, 7, 9] {
        let sent = ann.submit(&modal, &[("Why", "so")]).await.unwrap().interaction().unwrap();
        let path = format!("/interactions/{}/{}/callback", sent.id, sent.token);
        let answer = raw.post(&path, &json!({ "type": kind, "data": opened["data"] })).await;
        assert_eq!(answer.places(), ["type BASE_TYPE_CHOICES"], "{kind}");
    }
}

#[tokio::test]
async fn commands_over_the_limits_are_refused_with_the_place() {
    let (fake, _, _) = opened().await;
    let raw = Raw::new(&fake);
    let path = format!("/applications/{APPLICATION}/guilds/{GUILD}/commands");
    let x = |count: usize| "x".repeat(count);
    let named = |name: &str| json!({ "name": name, "description": "a" });
    let with = |options: Vec<Value>| json!({ "name": "a", "description": "a", "options": options });
    let sub =
        |options: Vec<Value>| json!({ "type": 1, "name": "sub", "description": "a", "options": options });
    let group =
        |options: Vec<Value>| json!({ "type": 2, "name": "group", "description": "a", "options": options });
    let invalid = "0.options.0.type APPLICATION_COMMAND_OPTIONS_TYPE_INVALID";
    let mut bad = vec![
        (json!([named("Upper")]), "0.name APPLICATION_COMMAND_INVALID_NAME".to_owned()),
        (json!([named("two words")]), "0.name APPLICATION_COMMAND_INVALID_NAME".to_owned()),
        (json!([named(&x(33))]), "0.name BASE_TYPE_BAD_LENGTH".to_owned()),
        (json!([{ "name": "a" }]), "0.description BASE_TYPE_REQUIRED".to_owned()),
        (json!([{ "name": "a", "description": x(101) }]), "0.description BASE_TYPE_BAD_LENGTH".to_owned()),
        (json!([named("a"), named("a")]), "1 APPLICATION_COMMANDS_DUPLICATE_NAME".to_owned()),
    ];
    for (options, place) in [
        (many(26, |n| option(json!({ "name": n.to_string() }))), "0.options BASE_TYPE_MAX_LENGTH"),
        (
            vec![option(json!({})), option(json!({}))],
            "0.options.1.name APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
        ),
        (
            vec![option(json!({})), option(json!({ "name": "b", "required": true }))],
            "0.options.1 APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        ),
        (
            vec![option(json!({ "choices": many(26, |n| json!({ "name": n.to_string(), "value": "a" })) }))],
            "0.options.0.choices BASE_TYPE_MAX_LENGTH",
        ),
        (
            vec![option(json!({ "autocomplete": true, "choices": [{ "name": "a", "value": "a" }] }))],
            "0.options.0.autocomplete APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID",
        ),
        (vec![option(json!({ "max_length": 6001 }))], "0.options.0.max_length NUMBER_TYPE_MAX"),
        (vec![option(json!({ "type": 12 }))], "0.options.0.type NUMBER_TYPE_MAX"),
        (
            vec![group(vec![option(json!({}))])],
            "0.options.0.options.0.type APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
        ),
        (
            vec![group(vec![group(vec![sub(vec![])])])],
            "0.options.0.options.0.type APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
        ),
        (vec![sub(vec![sub(vec![])])], "0.options.0.options.0.type APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"),
    ] {
        bad.push((json!([with(options)]), place.to_owned()));
    }
    let long = many(25, |n| {
        let choices = many(4, |m| json!({ "name": format!("{n} {m}"), "value": x(70) }));
        option(json!({ "name": n.to_string(), "description": x(50), "choices": choices }))
    });
    bad.push((json!([with(long)]), "0 APPLICATION_COMMAND_TOO_LARGE".to_owned()));
    for (body, place) in &bad {
        let answer = raw.call(Method::PUT, &path, body).await;
        assert_eq!((answer.code(), answer.places()), (50035, vec![place.clone()]), "{body}");
    }
    let mixed = raw.call(Method::PUT, &path, &json!([with(vec![sub(vec![]), option(json!({}))])])).await;
    assert!(mixed.places().contains(&invalid.to_owned()), "{:?}", mixed.places());
    let answer = raw.call(Method::PUT, &path, &Value::from(many(101, |n| named(&n.to_string())))).await;
    assert_eq!(answer.code(), 30032);
    // What stood before stands still.
    let stands = raw.call(Method::GET, &path, &Value::Null).await.json;
    assert_eq!(stands[0]["name"], "connect");
    let ids = |json: &Value| -> Vec<String> {
        json.as_array().unwrap().iter().map(|it| format!("{} {}", it["id"], it["version"])).collect()
    };
    let again = raw.call(Method::PUT, &path, &commands()).await.json;
    assert_eq!(ids(&again), ids(&stands), "the same commands keep id and version, and are no new ones");
    assert_eq!(fake.look(|world| world.commands_created(Some(GUILD))), 1);
    let hundred =
        |from: usize| Value::from((from..from + 99).map(|n| named(&n.to_string())).collect::<Vec<_>>());
    assert_eq!(raw.call(Method::PUT, &path, &hundred(0)).await.status, 200);
    assert_eq!(raw.call(Method::PUT, &path, &hundred(100)).await.status, 200);
    assert_eq!(raw.call(Method::PUT, &path, &hundred(200)).await.code(), 30034);
    fake.advance(Duration::from_secs(24 * 60 * 60));
    assert_eq!(raw.call(Method::PUT, &path, &hundred(200)).await.status, 200);
    let made = raw.post(&path, &named("one-more")).await;
    assert_eq!(made.status, 201);
    let id = made.json["id"].as_str().unwrap();
    let patched = raw.call(Method::PATCH, &format!("{path}/{id}"), &json!({ "description": "b" })).await;
    assert_eq!((&patched.json["description"], &patched.json["id"]), (&json!("b"), &json!(id)));
    assert_eq!(raw.call(Method::DELETE, &format!("{path}/{id}"), &Value::Null).await.status, 204);
    assert_eq!(raw.call(Method::DELETE, &format!("{path}/{id}"), &Value::Null).await.code(), 10063);
    let other = format!("/applications/{APPLICATION}/guilds/1/commands");
    assert_eq!(raw.call(Method::PUT, &other, &commands()).await.code(), 50001);
}

#[tokio::test]
async fn an_interaction_is_answered_once_in_time_and_edited_for_fifteen_minutes() {
    for expired in [ExpiredToken::InvalidWebhookToken, ExpiredToken::UnknownWebhook] {
        let (fake, ann, bob) = open(Options { expired_token: expired, ..Options::default() }).await;
        let raw = Raw::new(&fake);
        let asked = ann.slash_raw(CHANNEL, "connect reset", &[]).await;
        let known = asked.interaction().unwrap();
        let callback = format!("/interactions/{}/{}/callback", known.id, known.token);
        let hook = format!("/webhooks/{APPLICATION}/{}", known.token);
        let text = |text: &str| json!({ "content": text });
        let say = |text: &str| json!({ "type": 4, "data": { "content": text } });
        assert_eq!(
            raw.post(&format!("/interactions/{}/wrong/callback", known.id), &say("a")).await.code(),
            10062
        );
        assert_eq!(raw.post(&hook, &text("a")).await.code(), 10015, "nothing follows what was not answered");
        fake.advance(Duration::from_secs(3));
        let deferred = raw.post(&callback, &json!({ "type": 5, "data": { "flags": 64 } })).await;
        assert_eq!(deferred.status, 204);
        assert_eq!(raw.post(&callback, &say("b")).await.code(), 40060);
        let original = format!("{hook}/messages/@original");
        assert_eq!(raw.call(Method::GET, &original, &Value::Null).await.json["flags"], 64 | 128);
        // The first follow-up is the deferred answer, and stays as private as the deferral was.
        let first = raw.post(&hook, &text("first <@7302> <@&7200> @everyone")).await.json;
        let shown = raw.call(Method::GET, &original, &Value::Null).await.json;
        assert_eq!((&first["id"], &shown["flags"]), (&shown["id"], &json!(64)));
        assert!(bob.sees(CHANNEL).is_empty());
        let pings = ann.sees(CHANNEL)[0].pings.clone();
        assert_eq!((pings.users, pings.roles, pings.everyone), (vec![BOB], vec![], false), "people only");
        let second = raw.post(&hook, &text("second")).await.json;
        assert_eq!(bob.sees(CHANNEL).len(), 1, "each follow-up has a flag of its own");
        let second = format!("{hook}/messages/{}", second["id"].as_str().unwrap());
        assert_eq!(raw.call(Method::PATCH, &second, &text("changed")).await.json["content"], "changed");
        assert_eq!(raw.call(Method::PATCH, &second, &text("")).await.code(), 50006);
        assert_eq!(raw.call(Method::DELETE, &second, &Value::Null).await.status, 204);
        assert_eq!(raw.call(Method::PATCH, &second, &text("changed")).await.code(), 10008);
        fake.advance(Duration::from_secs(15 * 60 - 3));
        assert_eq!(raw.call(Method::PATCH, &original, &text("late")).await.status, 200);
        fake.advance(Duration::from_secs(1));
        let late = raw.call(Method::PATCH, &original, &text("too late")).await;
        let wanted = match expired {
            ExpiredToken::InvalidWebhookToken => (401, 50027),
            ExpiredToken::UnknownWebhook => (404, 10015),
        };
        assert_eq!((late.status, late.code()), wanted);

        let asked = ann.slash_raw(CHANNEL, "connect reset", &[]).await;
        let known = asked.interaction().unwrap();
        let callback = format!("/interactions/{}/{}/callback", known.id, known.token);
        fake.advance(Duration::from_millis(3001));
        assert_eq!(raw.post(&callback, &say("a")).await.code(), 10062);
        let outcome = asked.outcome(LIMIT).await.unwrap();
        assert_eq!(outcome.failed.as_deref(), Some("The application did not respond"));

        let asked = ann.slash_raw(CHANNEL, "connect reset", &[]).await;
        let known = asked.interaction().unwrap();
        let callback = format!("/interactions/{}/{}/callback?with_response=true", known.id, known.token);
        let full = raw.post(&callback, &say("a")).await;
        assert_eq!(full.status, 200);
        assert_eq!(full.json["resource"]["message"]["content"], "a");
    }
}

#[tokio::test]
async fn channels_and_messages_need_their_permissions() {
    let (fake, ann, _) = opened().await;
    let raw = Raw::new(&fake);
    let messages = format!("/channels/{CHANNEL}/messages");
    let said = ann.say(CHANNEL, "hello").await;
    let sent = raw.post(&messages, &json!({ "content": "a" })).await.json["id"].as_str().unwrap().to_owned();
    let private = ann.slash_raw(CHANNEL, "connect", &[]).await.interaction().unwrap();
    let callback = format!("/interactions/{}/{}/callback", private.id, private.token);
    raw.post(&callback, &json!({ "type": 4, "data": { "content": "p", "flags": 64 } })).await;
    let private = ann.sees(CHANNEL).last().unwrap().id;
    let text = json!({ "content": "b" });
    for (method, path, body, code) in [
        (Method::GET, "/channels/1".to_owned(), Value::Null, 10003),
        (Method::POST, "/channels/1/messages".to_owned(), text.clone(), 10003),
        (Method::GET, format!("{messages}/1"), Value::Null, 10008),
        (Method::PATCH, format!("{messages}/{said}"), text.clone(), 50005),
        (Method::DELETE, format!("{messages}/{said}"), Value::Null, 50013),
        (Method::GET, format!("{messages}/{private}"), Value::Null, 10008),
        (Method::PATCH, format!("{messages}/{private}"), text.clone(), 10008),
        (Method::GET, format!("/guilds/{GUILD}/members/1"), Value::Null, 10007),
        (Method::GET, "/guilds/1".to_owned(), Value::Null, 10004),
        (Method::GET, "/users/1".to_owned(), Value::Null, 10013),
    ] {
        let answer = raw.call(method.clone(), &path, &body).await;
        assert_eq!(answer.code(), code, "{method} {path}");
    }
    let embed = json!({ "embeds": [{ "title": "a" }] });
    for (lost, code, body) in [
        (permission::EMBED_LINKS, 50013, &embed),
        (permission::SEND_MESSAGES, 50013, &text),
        (permission::VIEW_CHANNEL, 50001, &text),
    ] {
        fake.set_bot_permissions(CHANNEL, permission::ORDINARY & !lost);
        assert_eq!(raw.post(&messages, body).await.code(), code);
    }
    fake.set_bot_permissions(CHANNEL, permission::ORDINARY | permission::MANAGE_MESSAGES);
    assert_eq!(raw.call(Method::DELETE, &format!("{messages}/{said}"), &Value::Null).await.status, 204);
    let path = format!("{messages}/{sent}");
    assert_eq!(raw.call(Method::PATCH, &path, &text).await.json["content"], "b");
    fake.delete_message(sent.parse().unwrap());
    assert_eq!(raw.call(Method::PATCH, &path, &text).await.code(), 10008);
    fake.delete_channel(CHANNEL);
    assert_eq!(raw.post(&messages, &text).await.code(), 10003);
    fake.revoke_token();
    let answer = raw.call(Method::GET, "/users/@me", &Value::Null).await;
    assert_eq!((answer.status, answer.json), (401, json!({ "message": "401: Unauthorized", "code": 0 })));
    assert!(fake.look(|world| world.unknown_routes().is_empty()));
    fake.accept_token("fake.discord.token");
    let answer = raw.call(Method::GET, "/nothing/here", &Value::Null).await;
    assert_eq!((answer.status, answer.json), (404, json!({ "message": "404: Not Found", "code": 0 })));
    assert_eq!(fake.look(|world| world.unknown_routes().to_vec()), ["GET /api/v10/nothing/here"]);
}

#[tokio::test]
async fn a_nonce_makes_one_message_and_mentions_ping_whom_they_may() {
    let (fake, _, _) = opened().await;
    let raw = Raw::new(&fake);
    let path = format!("/channels/{CHANNEL}/messages");
    let body = json!({ "content": "<@7301> <@&7200> @everyone", "nonce": "n1", "enforce_nonce": true });
    let first = raw.post(&path, &body).await.json;
    let second = raw.post(&path, &body).await.json;
    assert_eq!(first["id"], second["id"]);
    fake.advance(Duration::from_secs(6 * 60));
    assert_ne!(raw.post(&path, &body).await.json["id"], first["id"]);
    let pings = |answer: &Value| {
        let id = answer["id"].as_str().unwrap().parse().unwrap();
        fake.look(|world| world.message(id).unwrap().pings.clone())
    };
    // The role is not for everybody to mention, and the bot may not mention everybody.
    assert_eq!(
        (pings(&first).users, pings(&first).roles, pings(&first).everyone),
        (vec![ANN], vec![], false)
    );
    fake.set_bot_permissions(CHANNEL, permission::ORDINARY | permission::MENTION_EVERYONE);
    let mut body = json!({ "content": "<@7301> <@&7200> @everyone `<@7302>`" });
    let all = raw.post(&path, &body).await.json;
    assert_eq!((pings(&all).users, pings(&all).roles, pings(&all).everyone), (vec![ANN], vec![ROLE], true));
    body["allowed_mentions"] = json!({ "parse": [] });
    assert!(pings(&raw.post(&path, &body).await.json).is_empty());
    body["allowed_mentions"] = json!({ "roles": ["7200"] });
    assert_eq!(pings(&raw.post(&path, &body).await.json).roles, [ROLE]);
}

#[tokio::test]
async fn direct_messages_go_to_those_who_take_them() {
    let (fake, ann, _) = opened().await;
    let raw = Raw::new(&fake);
    let opened = raw.post("/users/@me/channels", &json!({ "recipient_id": ANN.to_string() })).await.json;
    assert_eq!(opened["id"], ann.dm().to_string());
    let path = format!("/channels/{}/messages", ann.dm());
    assert_eq!(raw.post(&path, &json!({ "content": "psst" })).await.status, 200);
    assert_eq!(ann.sees(ann.dm())[0].content, "psst");
    fake.set_takes_dms(ANN, false);
    assert_eq!(raw.post(&path, &json!({ "content": "psst" })).await.code(), 50007);
}

#[tokio::test]
async fn a_client_sends_only_what_it_lets_people_send() {
    use fake_discord::ClientRefuses as No;
    let (fake, ann, _) = opened().await;
    let eve = fake.add_user(9, "Eve");
    let name = "connect reset";
    let login = || ("login", Input::from("ann"));
    let refused = async |person: &Person, name: &str, options: &[(&str, Input)]| {
        person.slash(CHANNEL, name, options).await.err().unwrap()
    };
    assert_eq!(refused(&ann, "desk", &[]).await, No::NoSuchCommand("desk".into()));
    assert_eq!(refused(&ann, "connect", &[]).await, No::Incomplete("connect".into()));
    assert_eq!(refused(&ann, name, &[]).await, No::MissingOption("login".into()));
    assert_eq!(refused(&ann, name, &[login(), login()]).await, No::GivenTwice("login".into()));
    assert_eq!(refused(&ann, name, &[login(), ("x", "y".into())]).await, No::NoSuchOption("x".into()));
    let wrong = No::WrongType { option: "login".into(), wants: "a text" };
    assert_eq!(refused(&ann, name, &[("login", 1.into())]).await, wrong);
    let other = No::NotAChoice { option: "way".into(), value: "fax".into() };
    assert_eq!(refused(&ann, name, &[login(), ("way", "fax".into())]).await, other);
    let long = No::Length { option: "login".into(), least: 1, most: 20, length: 21 };
    assert_eq!(refused(&ann, name, &[("login", "x".repeat(21).into())]).await, long);
    assert_eq!(refused(&eve, name, &[login()]).await, No::NotAMember);
    let large = Input::file("a.csv", vec![0; (10 << 20) + 1]);
    assert_eq!(refused(&ann, "connect user import", &[("file", large)]).await, No::TooLarge);
    let mut hidden = commands();
    hidden[0]["default_member_permissions"] = json!("0");
    fake.register(Some(GUILD), &hidden).unwrap();
    let bob = fake.person(BOB);
    assert_eq!(refused(&bob, name, &[login()]).await, No::Secret("connect".into()));
    assert!(ann.slash(CHANNEL, name, &[login()]).await.is_ok(), "the owner sees everything");
}
