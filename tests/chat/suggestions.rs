//! What someone types is completed: the best 25, only what they may use, and users that the desk has just met.

use serde_json::json;

use crate::scene::Scene;
use crate::support::server::CHANNEL;

async fn typed(scene: &Scene, who: &str, command: &str, option: &str, text: &str) -> Vec<String> {
    let person = scene.server.person(who);
    let choices = person.autocomplete(CHANNEL, command, &[(option, text)], option).await.unwrap();
    assert!(choices.len() <= 25);
    choices
        .into_iter()
        .map(|choice| choice.value.as_str().map_or_else(|| choice.value.to_string(), str::to_owned))
        .collect()
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
        let spec = entry.command.spec();
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
