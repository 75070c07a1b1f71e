//! Forms ask for the words that are missing, and the temporary password is shown to one person, once.

use connect_desk::config::Config;
use desk_core::request::Phase;
use serde_json::Value;

use crate::scene::{Scene, WRITES, told};
use crate::support::LIMIT;
use crate::support::server::CHANNEL;

fn reason_needed(config: &mut Config) {
    change_rule(config, |rule| rule.reason = desk_core::policy::Reason::Wanted(true));
}

fn retype_needed(config: &mut Config) {
    change_rule(config, |rule| rule.retype = true);
}

fn change_rule(config: &mut Config, change: fn(&mut desk_core::policy::Rule)) {
    let rule = config.policy.rules.iter_mut().rfind(|rule| rule.approvals > 0);
    change(rule.expect("the practice desk has a rule with approvals"));
}

#[tokio::test]
async fn who_denies_is_asked_why_and_may_leave_it_out() {
    let scene = Scene::open().await;
    scene.reset(1).await;
    scene.confirms(1).await;
    let asked = scene.press("supervisor", 1, "Deny").await;
    let form = asked.outcome(LIMIT).await.unwrap().modal.unwrap();
    assert_eq!(form.title, "Deny #1");
    assert!(!form.inputs[0].required);
    let why = "line one\nhas `code`, @everyone and <@&1100000000000000012>\n\u{202e}backwards";
    scene.server.person("supervisor").submit(&form, &[("reason", why)]).await.unwrap();
    let card = scene.server.card_that(1, CHANNEL, "· denied").await;
    let text = card.text();
    assert!(text.contains("line one has"), "{text}");
    assert!(!text.contains('\u{202e}'), "nothing turns the text around: {text}");
    assert!(card.pings.is_empty(), "{:?}", card.pings);

    // Sent twice, and sent after someone decided.
    let again = scene.server.person("supervisor").submit(&form, &[("reason", why)]).await.unwrap();
    assert!(told(&again).await.contains("denied"));
    scene.reset(2).await;
    scene.confirms(2).await;
    let asked = scene.press("second", 2, "Deny").await;
    let form = asked.outcome(LIMIT).await.unwrap().modal.unwrap();
    scene.runs_from_confirmed(2).await;
    let late = scene.server.person("second").submit(&form, &[("reason", "")]).await.unwrap();
    let answer = told(&late).await;
    assert!(answer.contains("completed at") && answer.contains("`/desk history 2`"), "{answer}");
    assert_eq!(scene.writes().await, WRITES);
    scene.ends().await;
}

#[tokio::test]
async fn a_rule_that_wants_a_reason_opens_a_form_and_the_request_goes_on() {
    let scene = Scene::with(|setup| setup.change = reason_needed).await;
    for (no, why) in [
        (1, "INC-1042"),
        (2, "she said \"now\", he said 'no'\nsecond line\r\n\r\nthird \\ and \u{201c}smart\u{201d} `ticks`"),
        (3, "method:console login:jane.doe /desk cancel 1"),
        (4, "\"\" \" method:console"),
    ] {
        let asked = scene.asks("john.doe").await;
        let form = asked.outcome(LIMIT).await.unwrap().modal.unwrap();
        assert!(form.inputs[0].required);
        let sent = scene.server.person("helpdesk").submit(&form, &[("reason", why)]).await.unwrap();
        let outcome = sent.outcome(LIMIT).await.unwrap();
        assert!(outcome.text().starts_with(&format!("#{no}: https://")), "{why}: {}", outcome.text());
        scene.runs(no).await;
        let request = scene.server.request(no).await;
        assert_eq!(request.args.text("method"), Some("recreate"), "{why}");
        assert_eq!(request.args.text("login"), Some("john.doe"), "{why}");
        let reason = request.args.text("reason").unwrap();
        assert!(!reason.contains('\n') && !reason.is_empty(), "{reason}");
    }
    // Given immediately there is no form.
    let asked = scene
        .says(
            "helpdesk",
            "connect reset",
            &[("login", "john.doe".into()), ("method", "recreate".into()), ("reason", "INC-1".into())],
        )
        .await;
    assert!(asked.modal.is_none() && asked.text().starts_with("#5: "), "{}", asked.text());
    // A form that is sent with nothing in it is refused as the command is, and can be sent again. What made a request makes no other one.
    let form = scene.asks("john.doe").await.outcome(LIMIT).await.unwrap().modal.unwrap();
    let empty = scene.server.person("helpdesk").submit_raw(&form, &Value::Array(Vec::new())).await;
    let outcome = empty.outcome(LIMIT).await.unwrap();
    assert!(outcome.text().contains("This needs a reason."), "{}", outcome.text());
    let helpdesk = scene.server.person("helpdesk");
    let send = async || helpdesk.submit(&form, &[("reason", "INC-6")]).await.unwrap();
    let (first, second) = tokio::join!(send(), send());
    let (first, second) = tokio::join!(first.outcome(LIMIT), second.outcome(LIMIT));
    let mut said = [first.unwrap().text(), second.unwrap().text()];
    said.sort();
    assert!(said[0].starts_with("#6: ") && said[1].contains("This form was sent already"), "{said:?}");
    let again = send().await.outcome(LIMIT).await.unwrap().text();
    assert!(again.contains("This form was sent already, for #6."), "{again}");
    scene.ends().await;
}

#[tokio::test]
async fn a_rule_that_wants_the_login_typed_asks_for_it_in_a_form() {
    let scene = Scene::with(|setup| setup.change = retype_needed).await;
    scene.reset(1).await;
    scene.confirms(1).await;
    let asked = scene.press("supervisor", 1, "Approve").await;
    let form = asked.outcome(LIMIT).await.unwrap().modal.unwrap();
    assert_eq!(form.inputs[0].label, "Type the login once more");
    let person = scene.server.person("supervisor");
    let wrong = person.submit(&form, &[("login", "jane.doe")]).await.unwrap();
    let answer = told(&wrong).await;
    assert!(answer.contains("#1 doesn't affect `jane.doe`.\nType the login: `/desk approve 1"), "{answer}");
    assert_eq!(scene.phase(1).await, Phase::Waiting);
    assert_eq!(scene.writes().await, 0);
    person.submit(&form, &[("login", "john.doe")]).await.unwrap();
    scene.is_done(1).await;
    assert_eq!(scene.writes().await, WRITES);
    let late = person.submit(&form, &[("login", "john.doe")]).await.unwrap();
    assert!(told(&late).await.contains("completed at"));
    scene.ends().await;
}

#[tokio::test]
async fn who_delays_a_request_is_asked_until_when() {
    let scene = Scene::open().await;
    scene.reset(1).await;
    scene.confirms(1).await;
    let asked = scene.slash("helpdesk", "desk defer", &[("request", 1.into())]).await;
    let form = asked.outcome(LIMIT).await.unwrap().modal.expect("it asks for the time");
    assert_eq!(form.title, "Defer #1");
    assert!(form.inputs[0].required && form.inputs[0].custom_id == "when");
    assert_eq!(scene.server.request(1).await.deferred, None);
    scene.server.person("helpdesk").submit(&form, &[("when", "10m")]).await.unwrap();
    scene.server.card_that(1, CHANNEL, "Starts").await;
    assert!(scene.server.request(1).await.deferred.is_some());
    scene.ends().await;
}

/// The password in a private answer, which is between bars that hide it until it is touched.
fn secret(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("||`")?;
    rest.split_once("`||").map(|(secret, _)| secret.to_owned())
}

#[tokio::test]
async fn a_password_that_could_not_be_shown_stays_sealed() {
    let scene = Scene::open().await;
    scene.reset(1).await;
    scene.runs(1).await;
    // No one acknowledges the click, so there is no place to show anything.
    scene.server.fake.hold();
    let late = scene.press("helpdesk", 1, "Show password").await;
    scene.server.fake.advance(std::time::Duration::from_secs(5));
    scene.server.fake.release();
    assert!(late.outcome(LIMIT).await.unwrap().failed.is_some());
    let shown = scene.says("helpdesk", "desk reveal", &[("request", 1.into())]).await;
    assert!(secret(&shown.text()).is_some(), "{}", shown.text());
    scene.ends().await;
}
