//! What someone types is completed: the best 25, only what they may use, and users that the desk has just met.

use fake_discord::{Choice, ClientRefuses};
use serde_json::json;

use crate::scene::Scene;
use crate::support::server::CHANNEL;

async fn typed(scene: &Scene, who: &str, command: &str, option: &str, text: &str) -> Vec<String> {
    values(&choices(scene, who, command, &[(option, text)]).await)
}

/// What is offered for the last of these options.
async fn choices(scene: &Scene, who: &str, command: &str, options: &[(&str, &str)]) -> Vec<Choice> {
    let (option, _) = options.last().unwrap();
    let choices = scene.server.person(who).autocomplete(CHANNEL, command, options, option).await.unwrap();
    assert!(choices.len() <= 25);
    choices
}

fn values(choices: &[Choice]) -> Vec<String> {
    let text =
        |choice: &Choice| choice.value.as_str().map_or_else(|| choice.value.to_string(), str::to_owned);
    choices.iter().map(text).collect()
}

#[tokio::test]
async fn names_of_the_contact_center_are_completed_for_who_may_ask() {
    let scene = Scene::open().await;
    scene.server.desk().directory.refresh().await.unwrap();
    assert_eq!(typed(&scene, "helpdesk", "connect reset", "login", "john.doe").await[0], "john.doe");
    assert_eq!(
        typed(&scene, "helpdesk", "connect show", "login", "jhon").await.len(),
        typed(&scene, "supervisor", "connect show", "login", "jhon").await.len()
    );
    assert!(!typed(&scene, "helpdesk", "connect reset", "login", "").await.is_empty());
    for who in ["john", "auditor"] {
        assert_eq!(typed(&scene, who, "connect reset", "login", "john").await, [] as [&str; 0], "{who}");
    }
    // A question about a command tells as much as the command does.
    for (who, asked, is_told) in [
        ("helpdesk", "connect reset", true),
        ("helpdesk", "connect guide", false),
        ("helpdesk", "nothing", false),
        ("john", "connect reset", false),
        ("john", "connect guide", false),
    ] {
        let options = [("command", asked), ("login", "d")];
        let told = values(&choices(&scene, who, "desk why", &options).await);
        assert_eq!(!told.is_empty(), is_told, "{who} asks about {asked}: {told:?}");
    }
    assert_eq!(typed(&scene, "helpdesk", "desk why", "login", "d").await, [] as [&str; 0]);
    for odd in ["\u{0}", "'; DROP TABLE", "@everyone", "🦀", &"x".repeat(100)] {
        typed(&scene, "helpdesk", "connect reset", "login", odd).await;
    }
    scene.ends().await;
}

#[tokio::test]
async fn every_name_option_of_every_command_is_answered() {
    let scene = Scene::open().await;
    scene.server.desk().directory.refresh().await.unwrap();
    for entry in desk_commands::all() {
        let spec = entry.command.spec;
        for arg in spec.args {
            let commands =
                scene.server.fake.look(|world| json!(world.commands(Some(crate::support::server::GUILD))));
            let completes = commands.to_string().contains("\"autocomplete\":true");
            assert!(completes);
            let asked = scene
                .server
                .person("admin")
                .autocompletes(CHANNEL, entry.path, &[(arg.name, "a")], arg.name)
                .await;
            if let Ok(asked) = asked {
                let outcome = asked.outcome(crate::support::LIMIT).await.unwrap();
                assert_eq!(outcome.failed, None, "/{} {}", entry.path, arg.name);
                assert!(outcome.choices.is_some(), "/{} {}", entry.path, arg.name);
            }
        }
    }
    scene.ends().await;
}

#[tokio::test]
async fn commands_and_requests_are_offered_to_whom_they_are_for() {
    let scene = Scene::open().await;
    scene.reset(1).await;
    scene.reset(2).await;
    assert_eq!(typed(&scene, "supervisor", "desk approve", "request", "").await, ["2", "1"]);
    assert_eq!(typed(&scene, "supervisor", "desk approve", "request", "#1").await, ["1"]);
    assert_eq!(typed(&scene, "supervisor", "desk confirm", "request", "").await, [] as [&str; 0]);
    assert_eq!(typed(&scene, "helpdesk", "desk confirm", "request", "john").await, ["2", "1"]);
    assert_eq!(typed(&scene, "helpdesk", "desk approve", "request", "").await, [] as [&str; 0]);
    assert_eq!(typed(&scene, "oncall", "desk approve", "request", "").await, [] as [&str; 0]);
    assert_eq!(typed(&scene, "john", "desk cancel", "request", "").await, [] as [&str; 0]);
    assert_eq!(typed(&scene, "supervisor", "desk request-changes", "request", "").await, ["2", "1"]);
    assert_eq!(typed(&scene, "helpdesk", "desk request-changes", "request", "").await, [] as [&str; 0]);
    assert_eq!(typed(&scene, "helpdesk", "desk defer", "request", "").await, ["2", "1"]);
    // No rule wants a word on the caller here, and nothing is frozen or to be reviewed.
    for verb in ["desk verify", "desk unfreeze", "desk review"] {
        assert_eq!(typed(&scene, "supervisor", verb, "request", "").await, [] as [&str; 0], "{verb}");
    }
    scene.says("supervisor", "desk freeze", &[("scope", "mei.chen".into())]).await;
    scene.press("supervisor", 3, "Confirm").await;
    scene.server.card_that(3, CHANNEL, "· in effect").await;
    assert_eq!(typed(&scene, "admin", "desk unfreeze", "request", "").await, ["3"]);
    assert_eq!(typed(&scene, "helpdesk", "desk unfreeze", "request", "").await, [] as [&str; 0]);
    assert_eq!(typed(&scene, "supervisor", "desk done", "request", "").await, [] as [&str; 0]);
    scene.runs(1).await;
    assert_eq!(typed(&scene, "supervisor", "desk approve", "request", "").await, ["2"]);
    assert_eq!(typed(&scene, "helpdesk", "desk reveal", "request", "").await, ["1"]);
    let help = typed(&scene, "john", "desk help", "command", "").await;
    assert!(help.contains(&"desk whoami".to_owned()), "{help:?}");
    let of_users: Vec<_> = help.iter().filter(|command| command.starts_with("connect")).collect();
    assert_eq!(of_users, ["connect guide"], "{help:?}");
    scene.ends().await;
}

#[tokio::test]
async fn a_user_who_was_made_behind_the_desks_back_is_known_once_asked_for() {
    let scene = Scene::open().await;
    scene.server.desk().directory.refresh().await.unwrap();
    assert_eq!(typed(&scene, "helpdesk", "connect show", "login", "zoe.zebra").await, [] as [&str; 0]);
    let center = scene.server.desk().desk.center.clone();
    let user = json!({
        "Username": "zoe.zebra", "Password": "Practice-Desk-1",
        "IdentityInfo": { "FirstName": "Zoe", "LastName": "Zebra" }, "PhoneConfig": { "PhoneType": "SOFT_PHONE" },
        "RoutingProfileId": center.routing_profiles().await.unwrap()[0].id,
        "SecurityProfileIds": [center.security_profiles().await.unwrap()[0].id],
    });
    scene.sim(&format!("PUT /users/{} {user}", scene.server.sim.instance_id())).await;
    let shown = scene.says("helpdesk", "connect show", &[("login", "zoe.zebra".into())]).await;
    assert!(shown.text().contains("zoe.zebra"), "{}", shown.text());
    assert_eq!(typed(&scene, "helpdesk", "connect show", "login", "zoe.zebra").await, ["zoe.zebra"]);
    scene.ends().await;
}

#[tokio::test]
async fn everything_that_has_a_name_is_completed_and_a_list_by_its_last_one() {
    let scene = Scene::open().await;
    scene.server.desk().directory.refresh().await.unwrap();
    let before = scene.sim("GET /_sim/calls").await["calls"].clone();
    for (command, option, text, first) in [
        ("connect queue show", "queue", "help", "Help Desk"),
        ("connect queue show", "queue", "supervisor esc", "Supervisor Escalations"),
        ("connect queue list", "name", "HELP", "Help Desk"),
        ("connect queue enable", "queue", "Callback, help", "Callback, Help Desk"),
        ("connect queue enable", "queue", "Callback,help", "Callback, Help Desk"),
        ("connect queue link", "quick_connects", "Mei Chen;  john", "Mei Chen; John Doe"),
        ("connect quick edit", "name", "karen", "Karen White"),
        ("connect quick add", "transfer_flow", "agent", "Default agent transfer"),
        ("connect quick add", "flow", "main", "Main line"),
        ("connect status set", "status", "lun", "Lunch"),
        ("connect until", "then", "LUN", "Lunch"),
        ("connect hours close", "hours", "clock", "Around the Clock"),
        ("connect hours close", "hours", "Around the Clock;bas", "Around the Clock; Basic Hours"),
        ("connect tasks", "hours", "basic", "Basic Hours"),
        ("connect group remove", "groups", "leads", "Eastern Region/Case Investigation East/Leads East"),
        ("connect edit", "security_profiles", "Agent, Call", "Agent, CallCenterManager"),
        ("connect edit", "proficiency", "span", "Language:Spanish="),
        ("connect edit", "proficiency", "Language:Spanish=4", "Language:Spanish=4"),
        ("connect edit", "logins", "john.doe, jane", "john.doe, jane.doe"),
        ("connect edit", "logins", "john.doe jane", "john.doe jane.doe"),
        ("desk freeze", "scope", "al", "all"),
    ] {
        let found = typed(&scene, "supervisor", command, option, text).await;
        assert_eq!(found.first().map(String::as_str), Some(first), "/{command} {option}:{text} {found:?}");
    }
    // What is in the list is not offered again, and what is longer than Discord takes is not offered at all.
    let found = typed(&scene, "supervisor", "connect queue enable", "queue", "Help Desk, ").await;
    assert!(!found.is_empty() && found.iter().all(|list| list != "Help Desk, Help Desk"), "{found:?}");
    let long = "Case Investigation Spanish, Contact Tracing Spanish, Supervisor Escalations, Callback, ";
    let found = typed(&scene, "supervisor", "connect queue enable", "queue", long).await;
    assert_eq!(found, [format!("{long}BasicQueue"), format!("{long}Help Desk")]);
    for odd in [",", ";;,", "\u{0}", "🦀, 🦀", "all, ", &"x, ".repeat(200)] {
        typed(&scene, "supervisor", "connect queue enable", "queue", odd).await;
    }
    // No keystroke costs a call.
    assert_eq!(scene.sim("GET /_sim/calls").await["calls"], before);
    scene.ends().await;
}

#[tokio::test]
async fn what_is_removed_from_something_is_completed_with_what_it_has() {
    let scene = Scene::open().await;
    let jane = |typed: &'static str| [("login", "jane.doe"), ("remove_security_profile", typed)];
    scene.server.desk().directory.refresh().await.unwrap();
    let calls = async |operation: &str| {
        scene.sim("GET /_sim/calls").await["operations"][operation]["calls"].as_u64().unwrap_or(0)
    };
    let before = calls("SearchUsers").await;
    for typed in ["", "a", "ad", "Adm"] {
        let found = choices(&scene, "supervisor", "connect edit", &jane(typed)).await;
        assert_eq!(values(&found), ["Admin"], "{typed}");
    }
    assert_eq!(values(&choices(&scene, "supervisor", "connect edit", &jane("agent")).await), [""; 0]);
    // Of one user it is read once, and of one that no one has, or of several, not at all.
    assert_eq!(calls("SearchUsers").await - before, 1);
    for options in [
        [("login", "jane.do"), ("logins", ""), ("remove_security_profile", "age")],
        [("login", "jane.doe"), ("logins", "john.doe"), ("remove_security_profile", "age")],
    ] {
        let found = values(&choices(&scene, "supervisor", "connect edit", &options).await);
        assert_eq!(found.first().map(String::as_str), Some("Agent"), "{found:?}");
    }
    assert_eq!(calls("SearchUsers").await - before, 1);
    let offered = calls("ListQueueQuickConnects").await;
    for typed in ["", "john"] {
        let options = [("queue", "callback"), ("quick_connects", typed)];
        let found = choices(&scene, "supervisor", "connect queue unlink", &options).await;
        assert_eq!(values(&found), ["John Doe"]);
    }
    assert_eq!(calls("ListQueueQuickConnects").await - offered, 1);
    let options = [("routing_profile", "Basic Routing Profile"), ("queues", "")];
    assert_eq!(
        values(&choices(&scene, "supervisor", "connect routing unlink", &options).await),
        ["BasicQueue"]
    );
    let options = [("login", "john.doe"), ("untag", "site, ")];
    let tags = values(&choices(&scene, "supervisor", "connect edit", &options).await);
    assert_eq!(tags, ["site, department"]);
    let center = scene.server.desk().desk.center.clone();
    let all = center.hours_of_operation().await.unwrap();
    let basic = &all.iter().find(|hours| hours.name == "Basic Hours").unwrap().id;
    let closing = json!({
        "Name": "Moving day", "EffectiveFrom": "2026-12-24", "EffectiveTill": "2026-12-24",
        "Config": [{"Day": "THURSDAY", "StartTime": {"Hours": 8, "Minutes": 0}, "EndTime": {"Hours": 12, "Minutes": 0}}],
    });
    let instance = scene.server.sim.instance_id();
    scene.sim(&format!("PUT /hours-of-operations/{instance}/{basic}/overrides {closing}")).await;
    let options = [("hours", "Basic Hours"), ("end", "mov")];
    assert_eq!(values(&choices(&scene, "admin", "connect hours open", &options).await), ["Moving day"]);
    // What can't be read is completed with all that there is.
    let fault = json!({"operation": "ListQueueQuickConnects", "fault": "fail_before", "error": "InvalidRequestException"});
    scene.sim(&format!("POST /_sim/faults {fault}")).await;
    let options = [("queue", "Contact Tracing"), ("quick_connects", "karen")];
    let found = choices(&scene, "supervisor", "connect queue unlink", &options).await;
    assert_eq!(values(&found), ["Karen White"]);
    scene.ends().await;
}

#[tokio::test]
async fn removed_users_are_completed_newest_first_and_a_login_that_is_typed_again_is_not() {
    let scene = Scene::open().await;
    scene.server.desk().directory.refresh().await.unwrap();
    assert_eq!(typed(&scene, "helpdesk", "connect restore", "login", "").await, [""; 0]);
    for (no, login) in [(1, "mei.chen"), (2, "jose.garcia")] {
        scene.slash("helpdesk", "connect remove", &[("login", login.into())]).await;
        scene.server.card_that(no, CHANNEL, "· needs").await;
        scene.runs(no).await;
    }
    let found = choices(&scene, "helpdesk", "connect restore", &[("login", "")]).await;
    assert_eq!(values(&found), ["jose.garcia", "mei.chen"]);
    assert_eq!(found[1].name, "mei.chen · Mei Chen · removed by #1");
    assert_eq!(typed(&scene, "helpdesk", "connect restore", "login", "MEI").await, ["mei.chen"]);
    // One who is back is not offered again.
    scene.slash("helpdesk", "connect restore", &[("login", "mei.chen".into())]).await;
    scene.server.card_that(3, CHANNEL, "· needs").await;
    scene.runs(3).await;
    assert_eq!(typed(&scene, "helpdesk", "connect restore", "login", "").await, ["jose.garcia"]);
    // A request says what it is.
    scene.reset(4).await;
    let found = choices(&scene, "helpdesk", "desk confirm", &[("request", "")]).await;
    assert_eq!(found[0].name, "#4 Reset john.doe · needs confirmation");
    let approver = scene.server.person("supervisor");
    let again = [("request", "4"), ("login", "j")];
    let refused = approver.autocompletes(CHANNEL, "desk approve", &again, "login").await.err();
    assert_eq!(refused, Some(ClientRefuses::NoAutocomplete("login".to_owned())));
    scene.ends().await;
}

#[tokio::test]
async fn a_command_is_shown_as_it_is_typed_here_and_found_under_both_names() {
    let scene = Scene::open().await;
    for command in ["connect queue disable", "/connect-queue disable"] {
        let help = scene.says("supervisor", "desk help", &[("command", command.into())]).await.text();
        assert!(help.contains("/connect-queue disable"), "{help}");
        assert!(!help.contains("/connect queue"), "{help}");
    }
    let found = choices(&scene, "supervisor", "desk help", &[("command", "queue disable")]).await;
    assert_eq!(found[0].name, "/connect-queue disable");
    assert_eq!(values(&found)[0], "connect queue disable");
    let group = scene.says("supervisor", "desk help", &[("command", "connect-queue".into())]).await.text();
    assert!(group.contains("**/connect-queue disable**") && !group.contains("/connect queue"), "{group}");
    scene.ends().await;
}
