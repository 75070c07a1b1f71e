//! Buttons and forms: each does what it says, whatever the rules want with it, and is acknowledged before anything that may
//! take long.

use std::collections::BTreeSet;
use std::time::Duration;

use connect_desk::config::Config;
use desk_core::policy::Reason;
use fake_discord::{Asked, FaultKind, Gate, Input, Message, Modal};
use serde_json::json;

use crate::scene::{CALLBACK, Scene, told};
use crate::support::server::{CHANNEL, Way};
use crate::support::{LIMIT, in_time};

/// Every rule wants a reason for what it lets people change.
pub fn reasons(config: &mut Config) {
    crate::support::untiring(config);
    for rule in &mut config.policy.rules {
        rule.reason = Reason::Wanted(rule.approvals > 0 || rule.confirm);
        rule.private = true;
    }
}

/// Every rule allows direct messages, too.
pub fn in_private(config: &mut Config) {
    crate::support::untiring(config);
    for rule in &mut config.policy.rules {
        rule.private = true;
    }
}

/// What someone sees after a press: a form, or an answer, or a message that changed. Nothing of it is a dead button.
async fn lives(scene: &Scene, asked: &Asked, what: &str) -> Option<Modal> {
    let outcome = asked.acknowledged(LIMIT).await.unwrap();
    assert_eq!(outcome.failed, None, "{what}");
    if outcome.modal.is_some() {
        return outcome.modal;
    }
    let answered = in_time(async {
        loop {
            scene.server.desk().chats.settled().await;
            let now = asked.now().unwrap();
            if !now.deferred || !now.follow_ups.is_empty() {
                return now;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(answered.failed, None, "{what}");
    None
}

/// The buttons on everything that this person sees, each once by what it does.
fn buttons(scene: &Scene, who: &str) -> Vec<(Message, String, String)> {
    let person = scene.server.person(who);
    let all: Vec<Message> =
        scene.server.fake.look(|world| world.all_messages().into_iter().cloned().collect());
    let seen = all.into_iter().filter(|message| person.sees_message(message.id).is_some());
    seen.flat_map(|message| {
        let buttons = message.buttons();
        buttons.into_iter().filter_map(move |button| Some((message.clone(), button.label, button.custom_id?)))
    })
    .collect()
}

/// Cards and private answers of every kind that has buttons.
async fn a_desk_full_of_cards(scene: &Scene) {
    let why = || ("reason", Input::from("INC-1"));
    let login = |login: &str| ("login", Input::from(login));
    // Waits for a confirmation and an approval; done with a password and an email; done and can be undone.
    scene
        .slash("helpdesk", "connect reset", &[login("mei.chen"), ("method", "recreate".into()), why()])
        .await;
    scene.server.card_that(1, CHANNEL, "· needs").await;
    scene
        .slash("helpdesk", "connect reset", &[login("john.doe"), ("method", "recreate".into()), why()])
        .await;
    scene.server.card_that(2, CHANNEL, "· needs").await;
    scene.runs(2).await;
    scene.slash("helpdesk", "connect edit", &[login("hana.sato"), ("acw", 60.into()), why()]).await;
    scene.server.card_that(3, CHANNEL, "· needs").await;
    scene.press("helpdesk", 3, "Confirm").await;
    scene.server.card_that(3, CHANNEL, "· completed").await;
    // Someone has to do it; an export.
    scene
        .slash("helpdesk", "connect reset", &[login("omar.haddad"), ("method", "console".into()), why()])
        .await;
    scene.slash("helpdesk", "connect export", &[why()]).await;
    // It is the approvers' turn.
    let asked = scene
        .slash("helpdesk", "connect reset", &[login("olga.novak"), ("method", "recreate".into()), why()])
        .await;
    let no = asked.outcome(LIMIT).await.unwrap().text();
    scene.confirms(no.split([':', '#']).nth(1).and_then(|no| no.parse().ok()).unwrap()).await;
    // Private answers with buttons.
    scene.says("helpdesk", "connect diagnose", &[login("john.doe")]).await;
    scene.says("helpdesk", "connect diagnose", &[login("hugo.berg")]).await;
    scene.server.desk().chats.settled().await;
}

#[tokio::test]
async fn no_button_is_dead_where_every_rule_wants_a_reason() {
    let scene = Scene::with(|setup| setup.change = reasons).await;
    a_desk_full_of_cards(&scene).await;
    let (mut pressed, mut forms) = (BTreeSet::new(), BTreeSet::new());
    for who in ["supervisor", "helpdesk"] {
        // What a press brings up has buttons of its own.
        for _ in 0..2 {
            let mut there = buttons(&scene, who);
            // What is approved is done, and has nothing left to deny or to change.
            there.sort_by_key(|(_, label, _)| label == "Approve");
            for (message, label, custom_id) in there {
                if !pressed.insert((who, custom_id.clone())) {
                    continue;
                }
                let what = format!("{who} presses {label} ({custom_id})");
                let asked = scene.server.person(who).click_raw(message.id, &custom_id).await;
                let Some(form) = lives(&scene, &asked, &what).await else { continue };
                forms.insert(label.clone());
                let is_decision = custom_id.starts_with("1:desk ");
                // What makes a new request makes one, however often its form is sent.
                let (same, kept) = (form.custom_id == custom_id, form.custom_id.starts_with("1:form:"));
                assert_eq!((same, kept), (is_decision, !is_decision), "{what}: {}", form.custom_id);
                if label == "Deny" {
                    // What is denied has no buttons any more.
                    continue;
                }
                let texts: Vec<(&str, &str)> =
                    form.inputs.iter().map(|input| (input.custom_id.as_str(), "22:00")).collect();
                let sent = scene.server.person(who).submit(&form, &texts).await.unwrap();
                assert!(lives(&scene, &sent, &format!("{what} and sends the form")).await.is_none());
            }
        }
    }
    let labels = ["Deny", "Request changes", "Undo", "Reset the password", "Recreate the user"];
    assert!(labels.iter().all(|label| forms.contains(*label)), "{forms:?}");
    scene.ends().await;
}

#[tokio::test]
async fn a_form_runs_the_command_of_its_button_with_its_arguments() {
    let scene = Scene::with(|setup| setup.change = reasons).await;
    a_desk_full_of_cards(&scene).await;
    let why = "she said \"now\", method:console \u{201c}x\u{201d} 'y' \\ login:jane.doe";
    let mut no = 5;
    for (label, command, option, value) in [
        ("Undo", "connect undo", "request", "3"),
        ("Reset the password", "connect reset", "login", "john.doe"),
        ("Recreate the user", "connect reset", "method", "recreate"),
    ] {
        let found = buttons(&scene, "helpdesk").into_iter().find(|(_, text, _)| text == label).unwrap();
        let asked = scene.server.person("helpdesk").click_raw(found.0.id, &found.2).await;
        let form = lives(&scene, &asked, label).await.unwrap();
        assert!(form.title.contains(&format!("/{command}")), "{}", form.title);
        let sent = scene.server.person("helpdesk").submit(&form, &[("reason", why)]).await.unwrap();
        no += 1;
        let told = crate::scene::told(&sent).await;
        assert!(told.contains(&format!("#{no}")), "{label}: {told}");
        let request = scene.server.request(no).await;
        assert_eq!(request.command, command, "{label}");
        assert!(json!(request.args)[option].to_string().contains(value), "{label}: {:?}", request.args);
        assert_eq!(request.args.text("reason"), Some(why), "{label}");
    }
    scene.ends().await;
}

#[tokio::test]
async fn a_form_keeps_everything_of_its_command_over_a_restart_and_for_its_author_alone() {
    let mut scene = Scene::with(|setup| setup.change = reasons).await;
    // Longer than any field of a form, with quotes in it.
    let logins = (1..=330).map(|i| format!("agent.{i:04}")).collect::<Vec<_>>().join(", ");
    let name = "Ann \"the \u{201c}Rock\u{201d}\" O'Neil";
    let options = || {
        vec![
            ("login", Input::from("john.doe")),
            ("logins", Input::from(logins.as_str())),
            ("acw", Input::from(60)),
            ("security_profiles", Input::from(name.repeat(20).as_str())),
        ]
    };
    let asked = scene.slash("helpdesk", "connect edit", &options()).await;
    let form = asked.outcome(LIMIT).await.unwrap().modal.expect("it asks for a reason");
    assert_eq!(form.inputs.len(), 1, "nothing of the command can be changed in the form");
    scene.server.stop().await.unwrap();
    scene.server.start().await.unwrap();
    // Someone else's client sends it.
    let stolen = scene.server.person("supervisor").submit(&form, &[("reason", "mine now")]).await.unwrap();
    let told = stolen.outcome(LIMIT).await.unwrap().text();
    assert!(told.contains("This form is too old, or someone else's."), "{told}");
    let sent = scene.server.person("helpdesk").submit(&form, &[("reason", "INC-7")]).await.unwrap();
    sent.outcome(LIMIT).await.unwrap();
    // None of them is there, so it is no request; the log has what was asked all the same.
    let log = &scene.server.desk().desk.saga.log;
    let query = desk_core::log::Query { login: Some("john.doe".to_owned()), limit: 1, ..Default::default() };
    let lines = log.history(&query).await.unwrap();
    let desk_core::log::Event::Refused { args, .. } = &lines[0].event else { panic!("{lines:?}") };
    assert_eq!(args.text("logins"), Some(logins.as_str()));
    assert_eq!(args.text("security_profiles"), Some(name.repeat(20).as_str()));
    assert_eq!(args.integer("acw"), Some(60));
    // A person has so many open forms; the oldest make room, and say so.
    let mut forms = Vec::new();
    for _ in 0..20 {
        scene.server.fake.advance(Duration::from_millis(1));
        let asked = scene.slash("helpdesk", "connect reset", &[("login", "john.doe".into())]).await;
        forms.push(asked.outcome(LIMIT).await.unwrap().modal.unwrap());
    }
    let oldest = scene.server.person("helpdesk").submit(&forms[0], &[("reason", "late")]).await.unwrap();
    assert!(oldest.outcome(LIMIT).await.unwrap().text().contains("This form is too old,"));
    let newest = scene.server.person("helpdesk").submit(&forms[19], &[("reason", "in time")]).await.unwrap();
    assert!(newest.outcome(LIMIT).await.unwrap().text().contains("#1"));
    scene.ends().await;
}

/// What someone can do, of every kind, and whether a form opens.
async fn does(scene: &Scene, channel: u64, what: &str) -> (Asked, bool) {
    let login = || ("login", Input::from("john.doe"));
    let (who, name, options, form): (_, _, Vec<(&str, Input)>, _) = match what {
        "looks" => ("helpdesk", "connect show", vec![login()], false),
        "asks" => ("helpdesk", "connect reset", vec![login(), ("reason", "INC-1".into())], false),
        "asks without a reason" => ("helpdesk", "connect reset", vec![login()], true),
        "confirms" => ("helpdesk", "desk confirm", vec![("request", 1.into())], false),
        "approves" => ("supervisor", "desk approve", vec![("request", 1.into())], false),
        "denies" => ("supervisor", "desk deny", vec![("request", 1.into())], false),
        "wants a change" => ("supervisor", "desk request-changes", vec![("request", 1.into())], true),
        "has a code emailed" => {
            ("helpdesk", "desk verify", vec![("request", 1.into()), ("method", "email_code".into())], false)
        }
        "recovers" => ("helpdesk", "desk enroll", vec![], false),
        other => panic!("{other}"),
    };
    (scene.server.person(who).slash_raw(channel, name, &options).await, form)
}

#[tokio::test]
async fn nothing_that_takes_long_comes_before_the_first_answer() {
    let things = [
        "looks",
        "asks",
        "asks without a reason",
        "confirms",
        "has a code emailed",
        "wants a change",
        "approves",
        "denies",
        "recovers",
    ];
    for way_in in [Way::Gateway, Way::Http] {
        for private in [false, true] {
            let scene = Scene::with(|setup| {
                setup.change = reasons;
                setup.way_in = way_in;
            })
            .await;
            let reset = [("login", "john.doe".into()), ("method", "recreate".into()), ("reason", "x".into())];
            scene.slash("helpdesk", "connect reset", &reset).await;
            scene.server.card_that(1, CHANNEL, "· needs").await;
            scene.slash("helpdesk", "connect reset", &reset).await;
            let first = scene.server.card_that(2, CHANNEL, "· needs").await;
            let card = scene.confirms(2).await;
            let in_order = async |asked: Asked, form: bool, gates: [Gate; 2], what: String| {
                let outcome = asked.acknowledged(LIMIT).await.unwrap();
                assert_eq!(outcome.failed, None, "{what}");
                assert_eq!(outcome.modal.is_some(), form, "{what}");
                gates.iter().for_each(Gate::open);
                scene.server.fake.clear_faults();
                scene.server.desk().chats.settled().await;
            };
            // The answer to the acknowledgement takes for ever, and so does everything else.
            let slow = || {
                let gates = [Gate::closed(), Gate::closed()];
                scene.faults("POST", CALLBACK, u32::MAX, FaultKind::WaitAfter(gates[0].clone()));
                scene.faults("*", "**", u32::MAX, FaultKind::WaitBefore(gates[1].clone()));
                gates
            };
            for what in things {
                let gates = slow();
                let channel = match (private, what) {
                    (false, _) => CHANNEL,
                    (true, "approves" | "denies" | "wants a change") => {
                        scene.server.person("supervisor").dm()
                    }
                    (true, _) => scene.server.person("helpdesk").dm(),
                };
                let (asked, form) = does(&scene, channel, what).await;
                in_order(asked, form, gates, format!("{way_in:?} {what}, private: {private}")).await;
            }
            for (label, form) in [("Confirm", false), ("Approve", false), ("Deny", true), ("Cancel", false)] {
                let card = if first.button(label).is_some() { &first } else { &card };
                let gates = slow();
                let custom_id = card.button(label).unwrap().custom_id.unwrap();
                let asked = scene.server.person("supervisor").click_raw(card.id, &custom_id).await;
                in_order(asked, form, gates, format!("{way_in:?} presses {label}")).await;
            }
            let typed = slow();
            let suggestions = scene
                .server
                .person("helpdesk")
                .autocompletes(CHANNEL, "connect show", &[("login", "jo")], "login")
                .await
                .unwrap();
            in_order(suggestions, false, typed, "suggestions".to_owned()).await;
            scene.ends().await;
        }
    }
}

#[tokio::test]
async fn what_a_private_message_shows_stays_unless_its_own_command_turns_it() {
    let scene = Scene::with(|setup| setup.change = reasons).await;
    let helpdesk = scene.server.person("helpdesk");
    let message = |id: u64| scene.server.fake.look(|world| world.message(id).cloned()).unwrap();
    // The details of a request are beside its card, whose buttons are still needed.
    let options = [("login", "john.doe".into()), ("method", "recreate".into()), ("reason", "x".into())];
    let asked = helpdesk.slash_raw(helpdesk.dm(), "connect reset", &options).await;
    let card = asked.outcome(LIMIT).await.unwrap().message.unwrap();
    let details = told(&helpdesk.click(card.id, "Details").await.unwrap()).await;
    assert!(details.contains("details"), "{details}");
    assert_eq!(message(card.id).buttons(), card.buttons());
    // A page that can't be read, or a look that can't be refreshed, leaves what was there.
    for (command, button, operation) in
        [("connect find", "›", "SearchUsers"), ("connect who", "Refresh", "GetCurrentUserData")]
    {
        let asked = helpdesk.slash(CHANNEL, command, &[]).await.unwrap();
        let shown = asked.outcome(LIMIT).await.unwrap().message.unwrap();
        let fault = format!(r#"{{"operation":"{operation}","fault":"drop_before","times":100000}}"#);
        scene.sim(&format!("POST /_sim/faults {fault}")).await;
        scene.server.pass(Duration::from_secs(3600)).await;
        let problem = told(&helpdesk.click(shown.id, button).await.unwrap()).await;
        assert!(problem.contains(operation), "{command}: {problem}");
        assert_eq!((message(shown.id).text(), message(shown.id).buttons()), (shown.text(), shown.buttons()));
        scene.sim("DELETE /_sim/faults").await;
    }
    scene.ends().await;
}

#[tokio::test]
async fn who_is_on_is_refreshed_in_the_message_whose_button_was_pressed() {
    let scene = Scene::open().await;
    let helpdesk = scene.server.person("helpdesk");
    let asked = helpdesk.slash(CHANNEL, "connect who", &[]).await.unwrap();
    let first = asked.outcome(LIMIT).await.unwrap().message.unwrap();
    assert!(first.is_ephemeral() && !first.text().contains("john.doe"), "{}", first.text());
    scene.world("john.doe signs_in").await;
    helpdesk.click(first.id, "Refresh").await.unwrap();
    let again = scene
        .server
        .wait("the same message with someone else", |world| {
            world.message(first.id).filter(|message| message.text().contains("john.doe")).cloned()
        })
        .await;
    assert!(again.is_ephemeral());
    scene.ends().await;
}
