//! Risky approvals from a telephone: the form for the login and the code, what is wrong in it, and what happens meanwhile.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect_desk::config::Config;
use connect_desk::console::phone::Phone;
use desk_core::basics::roles::Role;
use desk_core::log::Outcome as Ended;
use desk_core::request::Phase;
use fake_discord::Modal;

use crate::scene::{Scene, WRITES, told};
use crate::support::LIMIT;
use crate::support::server::{CHANNEL, GUILD, role_id};

/// The login and a code with every approval, and a code with the confirmation.
fn risky(config: &mut Config) {
    for rule in config.policy.rules.iter_mut().filter(|rule| rule.approvals > 0) {
        rule.retype = true;
        rule.second_factor = true;
    }
}

/// What the program says of itself while a test runs, down to the last detail.
#[derive(Clone, Default)]
struct Invocation(Arc<Mutex<Vec<u8>>>);

impl Write for Invocation {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Invocation {
    fn listen() -> (Invocation, impl Drop, tracing::Dispatch) {
        // While there is one subscriber only, tracing asks the thread that comes to a place first, and remembers that it had none.
        let second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
        let said = Invocation::default();
        let out = said.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || out.clone())
            .finish();
        (said, tracing::subscriber::set_default(subscriber), second)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// A request that its requester confirmed with a code, as far as an approver's form: their authenticator, and the code.
async fn confirmed(scene: &Scene) -> (Phone, String) {
    let phone = scene.phone("helpdesk").await;
    scene.reset(1).await;
    let form = form(scene, "helpdesk", "Confirm").await;
    assert_eq!(fields(&form), ["code"]);
    let code = scene.code(&phone);
    scene.server.person("helpdesk").submit(&form, &[("code", &code)]).await.unwrap();
    scene.server.card_that(1, CHANNEL, "☑ Confirmed by").await;
    (phone, code)
}

async fn form(scene: &Scene, who: &str, label: &str) -> Modal {
    // A form is the first answer: nothing was acknowledged before it.
    scene.press(who, 1, label).await.outcome(LIMIT).await.unwrap().modal.unwrap()
}

fn fields(form: &Modal) -> Vec<&str> {
    assert!(form.inputs.iter().all(|input| input.required));
    form.inputs.iter().map(|input| input.custom_id.as_str()).collect()
}

async fn sends(scene: &Scene, form: &Modal, login: &str, code: &str) -> String {
    let person = scene.server.person("supervisor");
    told(&person.submit(form, &[("login", login), ("code", code)]).await.unwrap()).await
}

#[tokio::test]
async fn a_risky_approval_asks_for_the_login_and_a_code_in_one_form() {
    let (said, _listening, _second) = Invocation::listen();
    let scene = Scene::with(|setup| setup.change = risky).await;
    let (theirs, first) = confirmed(&scene).await;
    let mut codes = vec![first];
    // Anyone who has no authenticator is told how to get one.
    let early = form(&scene, "supervisor", "Approve").await;
    let answer = sends(&scene, &early, "john.doe", "123456").await;
    assert!(answer.contains("you haven't set one up") && answer.contains("`/desk enroll`"), "{answer}");
    let phone = scene.phone("supervisor").await;
    let form = form(&scene, "supervisor", "Approve").await;
    assert_eq!(fields(&form), ["login", "code"]);
    let code = scene.code(&phone);
    let answer = sends(&scene, &form, "jane.doe", &code).await;
    assert!(answer.contains("#1 doesn't affect `jane.doe`."), "{answer}");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let answer = sends(&scene, &form, "john.doe", wrong).await;
    assert!(answer.contains("This code is wrong."), "{answer}");
    assert_eq!(scene.phase(1).await, Phase::Waiting);
    assert_eq!(scene.writes().await, 0);
    // A code that came with the wrong login was not used up by that.
    let person = scene.server.person("supervisor");
    person.submit(&form, &[("login", "john.doe"), ("code", &code)]).await.unwrap();
    scene.is_done(1).await;
    assert_eq!(scene.writes().await, WRITES);
    codes.extend([code.clone(), wrong.to_owned()]);

    // The same code does not do for the next one.
    scene.asks("mei.chen").await;
    scene.server.card_that(2, CHANNEL, "· needs").await;
    let asked = scene.press("helpdesk", 2, "Confirm").await;
    let form = asked.outcome(LIMIT).await.unwrap().modal.unwrap();
    let second = scene.code(&theirs);
    scene.server.person("helpdesk").submit(&form, &[("code", &second)]).await.unwrap();
    codes.push(second);
    scene.server.card_that(2, CHANNEL, "☑ Confirmed by").await;
    let asked = scene.press("supervisor", 2, "Approve").await;
    let form = asked.outcome(LIMIT).await.unwrap().modal.unwrap();
    let answer = sends(&scene, &form, "mei.chen", &code).await;
    assert!(answer.contains("This code was already used."), "{answer}");

    let mut lines = Vec::new();
    for no in [1, 2] {
        let log = &scene.server.desk().desk.saga.log;
        lines.extend(log.request(desk_core::basics::ids::RequestNo(no)).await.unwrap());
    }
    for code in &codes {
        for line in &lines {
            let text = String::from_utf8(line.encode()).unwrap();
            assert!(!holds(&text, code), "line {} holds a code: {text}", line.line);
        }
        scene.server.fake.look(|world| {
            for message in world.all_messages() {
                assert!(!holds(&message.text(), code), "a message holds a code: {}", message.text());
            }
        });
    }
    scene.ends().await;
    let said = said.text();
    assert!(said.len() > 10_000, "it was listened to: {} bytes", said.len());
    for code in &codes {
        // serenity and the practice Discord tell of the bytes that go over the wire; the desk's own words are what counts.
        for line in said.lines().filter(|line| line.contains("connect_desk") || line.contains("desk_core")) {
            assert!(!holds(line, code), "the program's log holds a code: {line}");
        }
    }
}

/// Whether the digits stand there by themselves and not within an id or a time.
fn holds(text: &str, code: &str) -> bool {
    text.match_indices(code).any(|(at, _)| {
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_hexdigit() || c == '.');
        !digit(text[..at].chars().next_back()) && !digit(text[at + code.len()..].chars().next())
    })
}

#[tokio::test]
async fn a_request_that_expires_while_its_approver_types_is_not_carried_out() {
    let scene = Scene::with(|setup| setup.change = risky).await;
    confirmed(&scene).await;
    let phone = scene.phone("supervisor").await;
    let form = form(&scene, "supervisor", "Approve").await;
    // The desk's own clock has not ticked when the form comes.
    scene.server.fake.advance(Duration::from_secs(61 * 60));
    scene.server.clock.advance(Duration::from_secs(61 * 60));
    let answer = sends(&scene, &form, "john.doe", &scene.code(&phone)).await;
    assert!(answer.contains("#1 expired at"), "{answer}");
    assert!(matches!(scene.phase(1).await, Phase::Finished { outcome: Ended::Expired, .. }));
    assert_eq!(scene.writes().await, 0);
    scene.server.card_that(1, CHANNEL, "· expired").await;
    scene.ends().await;
}

#[tokio::test]
async fn an_approver_who_lost_the_role_a_second_before_approves_nothing() {
    let scene = Scene::with(|setup| setup.change = risky).await;
    confirmed(&scene).await;
    let phone = scene.phone("supervisor").await;
    let form = form(&scene, "supervisor", "Approve").await;
    let fake = &scene.server.fake;
    fake.set_roles(GUILD, scene.server.person("supervisor").id(), &[role_id(Role::L1)]);
    let answer = sends(&scene, &form, "john.doe", &scene.code(&phone)).await;
    assert!(answer.contains("Your role (l1) can't decide on this."), "{answer}");
    assert_eq!((scene.phase(1).await, scene.writes().await), (Phase::Waiting, 0));
    // The role comes back, and the code was not used up.
    fake.set_roles(GUILD, scene.server.person("supervisor").id(), &[role_id(Role::Supervisor)]);
    let person = scene.server.person("supervisor");
    person.submit(&form, &[("login", "john.doe"), ("code", &scene.code(&phone))]).await.unwrap();
    scene.is_done(1).await;
    scene.ends().await;
}

#[tokio::test]
async fn a_form_of_an_older_plan_approves_nothing() {
    let scene = Scene::with(|setup| setup.change = risky).await;
    confirmed(&scene).await;
    let phone = scene.phone("supervisor").await;
    let old = form(&scene, "supervisor", "Approve").await;
    scene.world("john.doe routing_profile:\"Contact Tracers Profile\"").await;
    let before = scene.writes().await;
    // Someone else's yes brings the change to light.
    let second = scene.phone("second").await;
    let theirs = form(&scene, "second", "Approve").await;
    let yes = [("login", "john.doe"), ("code", &scene.code(&second))];
    scene.server.person("second").submit(&theirs, &yes).await.unwrap();
    scene.server.card_that(1, CHANNEL, "Approvals were reset").await;
    let answer = sends(&scene, &old, "john.doe", &scene.code(&phone)).await;
    assert!(answer.contains("The plan of #1 is now"), "{answer}");
    assert_eq!((scene.phase(1).await, scene.writes().await), (Phase::Waiting, before));
    scene.ends().await;
}
