//! What the API refuses, as tables: the request, the code, and for a bad form the place in it.

use std::time::Duration;

use fake_discord::{ClientRefuses as No, ExpiredToken, Input, Options, Person, permission};
use http::Method;
use serde_json::{Value, json};

use crate::support::*;

fn button(id: &str) -> Value {
    json!({ "type": 2, "style": 1, "label": "Yes", "custom_id": id })
}

fn row(parts: Vec<Value>) -> Value {
    json!({ "type": 1, "components": parts })
}

/// The first with the members of the second.
fn with(mut value: Value, change: &Value) -> Value {
    value.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    value
}

fn many(count: usize, make: impl Fn(usize) -> Value) -> Vec<Value> {
    (0..count).map(make).collect()
}

fn x(count: usize) -> String {
    "é".repeat(count)
}

#[tokio::test]
async fn messages_over_the_limits_are_refused_with_the_place() {
    let (fake, ann, _) = opened().await;
    let raw = Raw::new(&fake);
    let embed = |value: Value| json!({ "embeds": [value] });
    let field = |name: String, value: String| embed(json!({ "fields": [{ "name": name, "value": value }] }));
    let parts = |rows: Vec<Value>| json!({ "content": "a", "components": rows });
    let one = |change: Value| parts(vec![row(vec![with(button("a"), &change)])]);
    let inner = |place: &str| format!("components.0.components.0{place}");
    let at = str::to_owned;
    let bad = rows! {
        { "content": x(2001) } => at("content BASE_TYPE_MAX_LENGTH");
        { "content": 1 } => at("content STRING_TYPE_CONVERT");
        { "embeds": many(11, |_| json!({ "title": "a" })) } => at("embeds BASE_TYPE_MAX_LENGTH");
        embed(json!({ "title": x(257) })) => at("embeds.0.title BASE_TYPE_MAX_LENGTH");
        embed(json!({ "description": x(4097) })) => at("embeds.0.description BASE_TYPE_MAX_LENGTH");
        embed(json!({ "fields": many(26, |_| json!({ "name": "a", "value": "b" })) })) => at("embeds.0.fields BASE_TYPE_MAX_LENGTH");
        field(x(257), x(1)) => at("embeds.0.fields.0.name BASE_TYPE_BAD_LENGTH");
        field(x(1), x(1025)) => at("embeds.0.fields.0.value BASE_TYPE_BAD_LENGTH");
        field(x(1), x(0)) => at("embeds.0.fields.0.value BASE_TYPE_REQUIRED");
        embed(json!({ "footer": { "text": x(2049) } })) => at("embeds.0.footer.text BASE_TYPE_BAD_LENGTH");
        embed(json!({ "author": { "name": x(257) } })) => at("embeds.0.author.name BASE_TYPE_BAD_LENGTH");
        embed(json!({ "title": "a", "color": 0x0100_0000 })) => at("embeds.0.color NUMBER_TYPE_MAX");
        embed(json!({ "title": "a", "url": "ftp://a" })) => at("embeds.0.url URL_TYPE_INVALID_URL");
        embed(json!({ "title": "a", "timestamp": "today" })) => at("embeds.0.timestamp DATE_TIME_TYPE_PARSE");
        { "embeds": [{ "description": x(3000) }, { "description": x(3001) }] } => at("embeds MAX_EMBED_SIZE_EXCEEDED");
        parts(many(6, |n| row(vec![button(&n.to_string())]))) => at("components BASE_TYPE_BAD_LENGTH");
        parts(vec![row(many(6, |n| button(&n.to_string())))]) => at("components.0.components BASE_TYPE_BAD_LENGTH");
        parts(vec![row(vec![])]) => at("components.0.components BASE_TYPE_BAD_LENGTH");
        parts(vec![button("a")]) => at("components.0.type BASE_TYPE_CHOICES");
        parts(vec![row(vec![button("a")]), row(vec![button("a")])]) => at("components.1.components.0.custom_id COMPONENT_CUSTOM_ID_DUPLICATED");
        one(json!({ "custom_id": x(101) })) => inner(".custom_id BASE_TYPE_BAD_LENGTH");
        one(json!({ "custom_id": "" })) => inner(".custom_id BASE_TYPE_REQUIRED");
        one(json!({ "label": x(81) })) => inner(".label BASE_TYPE_MAX_LENGTH");
        one(json!({ "label": null })) => inner(" BUTTON_COMPONENT_LABEL_OR_EMOJI");
        one(json!({ "style": 5, "custom_id": null })) => inner(".url BASE_TYPE_REQUIRED");
        one(json!({ "url": "https://example.org" })) => inner(" BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE");
        one(json!({ "style": null })) => inner(".style BASE_TYPE_REQUIRED");
        one(json!({ "type": 3 })) => inner(".options BASE_TYPE_REQUIRED");
        one(json!({ "type": 99 })) => inner(".type BASE_TYPE_CHOICES");
        { "content": "a", "flags": 1 } => at("flags MESSAGE_FLAGS_INVALID");
        { "content": "a", "flags": 1 << 15 } => at("flags MESSAGE_FLAGS_INVALID");
        { "content": "a", "allowed_mentions": { "parse": ["users"], "users": ["1"] } } => at("allowed_mentions.users MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE");
        { "content": "a", "allowed_mentions": { "parse": ["all"] } } => at("allowed_mentions.parse BASE_TYPE_CHOICES");
        { "content": "a", "nonce": x(26) } => at("nonce BASE_TYPE_MAX_LENGTH");
    };
    for (body, place) in &bad {
        let answer = raw.post(&messages(), body).await;
        assert_eq!((answer.status, answer.code()), (400, 50035), "{body}");
        assert_eq!(answer.places(), std::slice::from_ref(place), "{body}");
        let answer = raw.respond(&ann, &json!({ "type": 4, "data": body })).await;
        assert_eq!((answer.code(), answer.places()), (50035, vec![format!("data.{place}")]), "{body}");
    }
    for body in [json!({}), json!({ "content": " \n " }), json!({ "content": "", "embeds": [{}] })] {
        let answer = raw.post(&messages(), &body).await;
        assert_eq!((answer.status, answer.code()), (400, 50006), "{body}");
    }
    fake.look(|world| assert!(world.messages(CHANNEL).is_empty()));
    for body in [
        json!({ "content": x(2000) }),
        json!({ "embeds": [{ "description": x(3000) }, { "description": x(3000) }] }),
        parts(many(5, |n| row(many(5, |m| button(&format!("{n} {m}")))))),
        json!({ "content": "a", "nobody_knows": 1, "nonce": 12 }),
    ] {
        let answer = raw.post(&messages(), &body).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.json);
        let answer = raw.respond(&ann, &json!({ "type": 4, "data": body })).await;
        assert_eq!(answer.status, 204, "{body}: {}", answer.json);
    }
}

fn input(change: Value) -> Value {
    row(vec![with(json!({ "type": 4, "custom_id": "a", "style": 1, "label": "Why" }), &change)])
}

fn form(change: Value) -> Value {
    with(json!({ "title": "a", "custom_id": "f", "components": [input(json!({}))] }), &change)
}

#[tokio::test]
async fn forms_choices_and_kinds_of_responses_have_their_rules() {
    let (fake, ann, _) = opened().await;
    let raw = Raw::new(&fake);
    let opens = |change: Value| json!({ "type": 9, "data": form(change) });
    let asks = |change: Value| opens(json!({ "components": [input(change)] }));
    let inner = |place: &str| format!("data.components.0.components.0.{place}");
    let at = str::to_owned;
    let commands = rows! {
        opens(json!({ "title": x(46) })) => at("data.title BASE_TYPE_BAD_LENGTH");
        opens(json!({ "custom_id": null })) => at("data.custom_id BASE_TYPE_REQUIRED");
        opens(json!({ "components": many(6, |n| input(json!({ "custom_id": n.to_string() }))) })) => at("data.components BASE_TYPE_BAD_LENGTH");
        opens(json!({ "components": [] })) => at("data.components BASE_TYPE_BAD_LENGTH");
        opens(json!({ "components": [input(json!({})), input(json!({}))] })) => at("data.components.1.components.0.custom_id COMPONENT_CUSTOM_ID_DUPLICATED");
        opens(json!({ "components": [row(vec![button("a")])] })) => inner("type BASE_TYPE_CHOICES");
        asks(json!({ "label": x(46) })) => inner("label BASE_TYPE_BAD_LENGTH");
        asks(json!({ "max_length": 4001 })) => inner("max_length NUMBER_TYPE_MAX");
        asks(json!({ "placeholder": x(101) })) => inner("placeholder BASE_TYPE_MAX_LENGTH");
        asks(json!({ "max_length": 3, "value": "four" })) => inner("value BASE_TYPE_BAD_LENGTH");
        {} => at("type BASE_TYPE_REQUIRED");
        { "type": 1 } => at("type BASE_TYPE_CHOICES");
        { "type": 6 } => at("type BASE_TYPE_CHOICES");
        { "type": 7, "data": { "content": "a" } } => at("type BASE_TYPE_CHOICES");
        { "type": 8, "data": { "choices": [] } } => at("type BASE_TYPE_CHOICES");
        { "type": 4 } => at("data BASE_TYPE_REQUIRED");
        { "type": 5, "data": { "flags": 4 } } => at("data.flags MESSAGE_FLAGS_INVALID");
    };
    for (body, place) in commands {
        let answer = raw.respond(&ann, &body).await;
        assert_eq!((answer.code(), answer.places()), (50035, vec![place]), "{body}");
    }
    let offers = |choices: Value| json!({ "type": 8, "data": { "choices": choices } });
    let one = |name: &str, value: Value| offers(json!([{ "name": name, "value": value }]));
    let typing = rows! {
        { "type": 4, "data": { "content": "a" } } => "type BASE_TYPE_CHOICES";
        { "type": 5 } => "type BASE_TYPE_CHOICES";
        offers(many(26, |n| json!({ "name": n.to_string(), "value": "a" })).into()) => "data.choices BASE_TYPE_MAX_LENGTH";
        one(&x(101), json!("a")) => "data.choices.0.name BASE_TYPE_BAD_LENGTH";
        one("a", json!(x(101))) => "data.choices.0.value BASE_TYPE_BAD_LENGTH";
        one("a", json!(1)) => "data.choices.0.value STRING_TYPE_CONVERT";
    };
    for (body, place) in typing {
        let asked = ann.autocompletes(CHANNEL, "connect reset", &[("login", "a")], "login").await.unwrap();
        assert_eq!(raw.answer(&asked, &body).await.places(), [place], "{body}");
    }
    // A form that no button opened has nothing to update, and opens no other.
    let asked = ann.slash_raw(CHANNEL, "connect reset", &[]).await;
    assert_eq!(raw.answer(&asked, &opens(json!({}))).await.status, 204);
    let modal = asked.now().unwrap().modal.unwrap();
    for kind in [6, 7, 9] {
        let sent = ann.submit(&modal, &[("Why", "so")]).await.unwrap();
        let answer = raw.answer(&sent, &json!({ "type": kind, "data": form(json!({})) })).await;
        assert_eq!(answer.places(), ["type BASE_TYPE_CHOICES"], "{kind}");
    }
}

#[tokio::test]
async fn commands_over_the_limits_are_refused_with_the_place() {
    let (fake, _, _) = opened().await;
    let raw = Raw::new(&fake);
    let path = format!("/applications/{APPLICATION}/guilds/{GUILD}/commands");
    let put = async |body: &Value| raw.call(Method::PUT, &path, body).await;
    let x = |count: usize| "x".repeat(count);
    let named = |name: &str| json!({ "name": name, "description": "a" });
    let has = |options: Vec<Value>| json!([{ "name": "a", "description": "a", "options": options }]);
    let option = |change: Value| with(json!({ "type": 3, "name": "login", "description": "Whose" }), &change);
    let holds = |kind: u8, options: Vec<Value>| json!({ "type": kind, "name": "sub", "description": "a", "options": options });
    let choices =
        |count: usize, long: usize| many(count, |n| json!({ "name": n.to_string(), "value": x(long) }));
    let long = many(25, |n| {
        option(json!({ "name": n.to_string(), "description": x(50), "choices": choices(4, 80) }))
    });
    let bad = rows! {
        json!([named("Upper")]) => "0.name APPLICATION_COMMAND_INVALID_NAME";
        json!([named("two words")]) => "0.name APPLICATION_COMMAND_INVALID_NAME";
        json!([named(&x(33))]) => "0.name BASE_TYPE_BAD_LENGTH";
        json!([{ "name": "a" }]) => "0.description BASE_TYPE_REQUIRED";
        json!([{ "name": "a", "description": x(101) }]) => "0.description BASE_TYPE_BAD_LENGTH";
        json!([named("a"), named("a")]) => "1 APPLICATION_COMMANDS_DUPLICATE_NAME";
        has(many(26, |n| option(json!({ "name": n.to_string() })))) => "0.options BASE_TYPE_MAX_LENGTH";
        has(vec![option(json!({})), option(json!({}))]) => "0.options.1.name APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS";
        has(vec![option(json!({})), option(json!({ "name": "b", "required": true }))]) => "0.options.1 APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID";
        has(vec![option(json!({ "choices": choices(26, 1) }))]) => "0.options.0.choices BASE_TYPE_MAX_LENGTH";
        has(vec![option(json!({ "autocomplete": true, "choices": choices(1, 1) }))]) => "0.options.0.autocomplete APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID";
        has(vec![option(json!({ "max_length": 6001 }))]) => "0.options.0.max_length NUMBER_TYPE_MAX";
        has(vec![option(json!({ "type": 12 }))]) => "0.options.0.type NUMBER_TYPE_MAX";
        has(vec![holds(2, vec![option(json!({}))])]) => "0.options.0.options.0.type APPLICATION_COMMAND_OPTIONS_TYPE_INVALID";
        has(vec![holds(2, vec![holds(2, vec![holds(1, vec![])])])]) => "0.options.0.options.0.type APPLICATION_COMMAND_OPTIONS_TYPE_INVALID";
        has(vec![holds(1, vec![holds(1, vec![])])]) => "0.options.0.options.0.type APPLICATION_COMMAND_OPTIONS_TYPE_INVALID";
        has(long) => "0 APPLICATION_COMMAND_TOO_LARGE";
    };
    for (body, place) in &bad {
        let answer = put(body).await;
        assert_eq!((answer.code(), answer.places()), (50035, vec![(*place).to_owned()]), "{body}");
    }
    let mixed = put(&has(vec![holds(1, vec![]), option(json!({}))])).await.places();
    assert!(
        mixed.contains(&"0.options.0.type APPLICATION_COMMAND_OPTIONS_TYPE_INVALID".to_owned()),
        "{mixed:?}"
    );
    // What was there before is still there, and the same commands keep id and version.
    let existing = raw.get(&path).await.json;
    assert_eq!(existing[0]["name"], "connect");
    let ids = |json: &Value| (json[0]["id"].clone(), json[0]["version"].clone());
    assert_eq!(ids(&put(&commands()).await.json), ids(&existing));
    // 101 at a time are too many, and 201 new ones a day; `connect` was the first.
    let new = |from: usize, count: usize| Value::from(many(count, |n| named(&(from + n).to_string())));
    assert_eq!(put(&new(0, 101)).await.code(), 30032);
    assert_eq!(put(&new(0, 99)).await.status, 200);
    assert_eq!(put(&new(100, 100)).await.status, 200);
    assert_eq!(put(&new(200, 1)).await.code(), 30034);
    fake.advance(Duration::from_secs(24 * 60 * 60));
    assert_eq!(put(&new(200, 1)).await.status, 200);
    let other = format!("/applications/{APPLICATION}/guilds/1/commands");
    assert_eq!(raw.call(Method::PUT, &other, &commands()).await.code(), 50001);
}

#[tokio::test]
async fn an_interaction_is_answered_once_in_time_and_edited_for_fifteen_minutes() {
    for (expired, wanted) in
        [(ExpiredToken::InvalidWebhookToken, (401, 50027)), (ExpiredToken::UnknownWebhook, (404, 10015))]
    {
        let (fake, ann, bob) = open(Options { expired_token: expired, ..Options::default() }).await;
        let raw = Raw::new(&fake);
        let asked = ann.slash_raw(CHANNEL, "connect reset", &[]).await;
        let known = asked.interaction().unwrap();
        let hook = format!("/webhooks/{APPLICATION}/{}", known.token);
        let text = |text: &str| json!({ "content": text });
        let say = |text: &str| json!({ "type": 4, "data": { "content": text } });
        let wrong = format!("/interactions/{}/wrong/callback", known.id);
        assert_eq!(raw.post(&wrong, &say("a")).await.code(), 10062);
        assert_eq!(raw.post(&hook, &text("a")).await.code(), 10015, "nothing follows what was not answered");
        fake.advance(Duration::from_secs(3));
        let deferred = raw.answer(&asked, &json!({ "type": 5, "data": { "flags": 64 } })).await;
        assert_eq!(deferred.status, 204);
        assert!(asked.acknowledged(LIMIT).await.unwrap().deferred);
        assert_eq!(raw.answer(&asked, &say("b")).await.code(), 40060);
        fake.duplicate(&asked);
        let again = asked.interaction().unwrap();
        assert_eq!((again.deliveries, &*again.refused), (2, &[40060][..]));
        let original = format!("{hook}/messages/@original");
        assert_eq!(raw.get(&original).await.json["flags"], 64 | 128);
        // The first follow-up is the deferred answer, and stays as private as the deferral was.
        let first = raw.post(&hook, &text("first <@7302> <@&7200> @everyone")).await.json;
        let shown = raw.get(&original).await.json;
        assert_eq!((&first["id"], &shown["flags"]), (&shown["id"], &json!(64)));
        assert!(bob.sees(CHANNEL).is_empty());
        let pings = ann.sees(CHANNEL)[0].pings.clone();
        assert_eq!((pings.users, pings.roles, pings.everyone), (vec![BOB], vec![], false), "people only");
        let second = raw.post(&hook, &text("second")).await.json;
        assert_eq!(bob.sees(CHANNEL).len(), 1, "each follow-up has a flag of its own");
        let times = asked.followed_up(1, LIMIT).await.unwrap().times;
        assert!(times.sent < times.acknowledged && times.acknowledged < times.answered);
        let second = format!("{hook}/messages/{}", second["id"].as_str().unwrap());
        assert_eq!(raw.patch(&second, &text("changed")).await.json["content"], "changed");
        assert_eq!(raw.patch(&second, &text("")).await.code(), 50006);
        fake.delete_message(second.rsplit('/').next().unwrap().parse().unwrap());
        assert_eq!(raw.patch(&second, &text("changed")).await.code(), 10008);
        fake.advance(Duration::from_secs(15 * 60 - 3));
        assert_eq!(raw.patch(&original, &text("late")).await.status, 200);
        fake.advance(Duration::from_secs(1));
        let late = raw.patch(&original, &text("too late")).await;
        assert_eq!((late.status, late.code()), wanted);

        let asked = ann.slash_raw(CHANNEL, "connect reset", &[]).await;
        fake.advance(Duration::from_millis(3001));
        assert_eq!(raw.answer(&asked, &say("a")).await.code(), 10062);
        let outcome = asked.outcome(LIMIT).await.unwrap();
        assert_eq!(outcome.failed.as_deref(), Some("The application did not respond"));
    }
}

#[tokio::test]
async fn channels_and_messages_need_their_permissions() {
    let (fake, ann, _) = opened().await;
    let raw = Raw::new(&fake);
    let text = json!({ "content": "b" });
    let sent = raw.post(&messages(), &text).await.json["id"].as_str().unwrap().to_owned();
    raw.respond(&ann, &json!({ "type": 4, "data": { "content": "p", "flags": 64 } })).await;
    let private = ann.sees(CHANNEL).last().unwrap().id;
    for (method, path, code) in [
        (Method::GET, "/channels/1".to_owned(), 10003),
        (Method::POST, "/channels/1/messages".to_owned(), 10003),
        (Method::GET, format!("{}/1", messages()), 10008),
        (Method::GET, format!("{}/{private}", messages()), 10008),
        (Method::PATCH, format!("{}/{private}", messages()), 10008),
        (Method::GET, format!("/guilds/{GUILD}/members/1"), 10007),
        (Method::GET, "/guilds/1".to_owned(), 10004),
    ] {
        let body = if method == Method::GET { &Value::Null } else { &text };
        assert_eq!(raw.call(method.clone(), &path, body).await.code(), code, "{method} {path}");
    }
    let embed = json!({ "embeds": [{ "title": "a" }] });
    for (lost, code, body) in [
        (permission::EMBED_LINKS, 50013, &embed),
        (permission::SEND_MESSAGES, 50013, &text),
        (permission::VIEW_CHANNEL, 50001, &text),
    ] {
        fake.set_bot_permissions(CHANNEL, permission::ORDINARY & !lost);
        assert_eq!(raw.post(&messages(), body).await.code(), code);
    }
    fake.set_bot_permissions(CHANNEL, permission::ORDINARY);
    let path = format!("{}/{sent}", messages());
    assert_eq!(raw.patch(&path, &text).await.json["content"], "b");
    fake.delete_message(sent.parse().unwrap());
    assert_eq!(raw.patch(&path, &text).await.code(), 10008);
    fake.delete_channel(CHANNEL);
    assert_eq!(raw.post(&messages(), &text).await.code(), 10003);
    fake.revoke_token();
    let answer = raw.get("/users/@me").await;
    assert_eq!((answer.status, answer.json), (401, json!({ "message": "401: Unauthorized", "code": 0 })));
    assert!(fake.look(|world| world.unknown_routes().is_empty()));
    fake.accept_token("fake.discord.token");
    let answer = raw.get("/nothing/here").await;
    assert_eq!((answer.status, answer.json), (404, json!({ "message": "404: Not Found", "code": 0 })));
    assert_eq!(fake.look(|world| world.unknown_routes().to_vec()), ["GET /api/v10/nothing/here"]);
}

#[tokio::test]
async fn a_nonce_makes_one_message_and_mentions_ping_whom_they_may() {
    let (fake, _, _) = opened().await;
    let raw = Raw::new(&fake);
    let text = "<@7301> <@&7200> @everyone `<@7302>`";
    let body = json!({ "content": text, "nonce": "n1", "enforce_nonce": true });
    let first = raw.post(&messages(), &body).await.json;
    assert_eq!(first["id"], raw.post(&messages(), &body).await.json["id"]);
    fake.advance(Duration::from_secs(6 * 60));
    assert_ne!(raw.post(&messages(), &body).await.json["id"], first["id"]);
    let pings = async |allowed: Value| {
        let body = json!({ "content": text, "allowed_mentions": allowed });
        let id = raw.post(&messages(), &body).await.json["id"].as_str().unwrap().parse().unwrap();
        let pings = fake.look(|world| world.message(id).unwrap().pings.clone());
        (pings.users, pings.roles, pings.everyone)
    };
    // The role is not for everybody to mention, and the bot may not mention everybody.
    assert_eq!(pings(Value::Null).await, (vec![ANN], vec![], false));
    fake.set_bot_permissions(CHANNEL, permission::ORDINARY | permission::MENTION_EVERYONE);
    assert_eq!(pings(Value::Null).await, (vec![ANN], vec![ROLE], true));
    assert_eq!(pings(json!({ "parse": [] })).await, (vec![], vec![], false));
    assert_eq!(pings(json!({ "roles": ["7200"] })).await, (vec![], vec![ROLE], false));
}

#[tokio::test]
async fn a_client_sends_only_what_it_lets_people_send() {
    let (fake, ann, bob) = opened().await;
    let raw = Raw::new(&fake);
    let eve = fake.add_user(9, "Eve");
    let name = "connect reset";
    let login = || ("login", Input::from("ann"));
    let refused = async |person: &Person, name: &str, options: &[(&str, Input)]| {
        person.slash(CHANNEL, name, options).await.err().unwrap()
    };
    let wrong = No::WrongType { option: "login".into(), wants: "a text" };
    let other = No::NotAChoice { option: "method".into(), value: "fax".into() };
    let long = No::Length { option: "login".into(), least: 1, most: 20, length: 21 };
    let large = Input::file("a.csv", vec![0; (10 << 20) + 1]);
    for (person, name, options, wanted) in [
        (&ann, "desk", vec![], No::NoSuchCommand("desk".into())),
        (&ann, "connect", vec![], No::Incomplete("connect".into())),
        (&ann, name, vec![], No::MissingOption("login".into())),
        (&ann, name, vec![login(), login()], No::GivenTwice("login".into())),
        (&ann, name, vec![login(), ("x", "y".into())], No::NoSuchOption("x".into())),
        (&ann, name, vec![("login", 1.into())], wrong),
        (&ann, name, vec![login(), ("method", "fax".into())], other),
        (&ann, name, vec![("login", "x".repeat(21).into())], long),
        (&eve, name, vec![login()], No::NotAMember),
        (&ann, "connect user import", vec![("file", large)], No::TooLarge),
    ] {
        assert_eq!(refused(person, name, &options).await, wanted);
    }
    let off = with(button("off"), &json!({ "label": "Off", "disabled": true }));
    let link = json!({ "type": 2, "style": 5, "label": "Guide", "url": "https://example.org" });
    let parts = json!([row(vec![with(button("yes"), &json!({})), off, link])]);
    let asked = ann.slash(CHANNEL, name, &[login()]).await.unwrap();
    let card = json!({ "content": "card", "flags": 64, "components": parts });
    raw.answer(&asked, &json!({ "type": 4, "data": card })).await;
    let card = asked.outcome(LIMIT).await.unwrap().message.unwrap().id;
    assert!(bob.sees(CHANNEL).is_empty(), "a private answer is the asker's alone");
    for (person, label, wanted) in [
        (&bob, "Yes", No::NoSuchMessage(card)),
        (&ann, "Off", No::Disabled("Off".into())),
        (&ann, "Guide", No::Link("Guide".into())),
        (&ann, "No", No::NoSuchComponent("No".into())),
    ] {
        assert_eq!(person.click(card, label).await.err(), Some(wanted));
    }
    // A click that is only acknowledged ends with the edit of its message.
    let clicked = ann.click(card, "Yes").await.unwrap();
    assert_eq!(raw.answer(&clicked, &json!({ "type": 6 })).await.status, 204);
    assert!(clicked.acknowledged(LIMIT).await.unwrap().deferred);
    let hook = format!("/webhooks/{APPLICATION}/{}/messages/@original", asked.interaction().unwrap().token);
    assert_eq!(raw.patch(&hook, &json!({ "content": "done" })).await.status, 200);
    let outcome = clicked.outcome(LIMIT).await.unwrap();
    assert_eq!((&*outcome.text(), outcome.deferred, outcome.message.unwrap().edits), ("done", false, 1));
    let clicked = ann.click(card, "Yes").await.unwrap();
    let asks = input(json!({ "min_length": 5, "max_length": 50 }));
    let opens = json!({ "type": 9, "data": form(json!({ "components": [asks] })) });
    assert_eq!(raw.answer(&clicked, &opens).await.status, 204);
    let modal = clicked.outcome(LIMIT).await.unwrap().modal.unwrap();
    assert_eq!(modal.message, Some(card));
    let least = No::Length { option: "Why".into(), least: 5, most: 50, length: 2 };
    assert_eq!(ann.submit(&modal, &[("Why", "so")]).await.err(), Some(least));
    assert_eq!(ann.submit(&modal, &[]).await.err(), Some(No::MissingInput("Why".into())));
    let mut hidden = commands();
    hidden[0]["default_member_permissions"] = json!("0");
    fake.register(Some(GUILD), &hidden).unwrap();
    assert_eq!(refused(&bob, name, &[login()]).await, No::Secret("connect".into()));
    assert!(ann.slash(CHANNEL, name, &[login()]).await.is_ok(), "the owner sees everything");
}
