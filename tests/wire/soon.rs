//! A request soon after another, while reads don't show the first one's changes yet.

use std::time::Duration;

use desk_core::card::Tone;
use serde_json::{Value, json};

use crate::support::Story;
use crate::{calls, goes_through, is_done, order};

async fn lagging(milliseconds: u64) -> Story {
    let mut story = Story::begin().await;
    story.sim(&format!("PUT /_sim/settings {}", json!({ "lag_ms": milliseconds }))).await;
    story
}

/// One user as they really are.
async fn truth(story: &mut Story, login: &str) -> Value {
    story.world().await["users"][login].clone()
}

#[tokio::test]
async fn a_second_change_keeps_the_first_and_an_undo_finds_it() {
    const PAIRS: [[&str; 2]; 6] = [
        ["first_name:Jon", "last_name:Dough"],
        ["add_security_profile:\"L1 Support\"", "add_security_profile:QualityAnalyst"],
        ["routing_profile:\"Contact Tracers Profile\"", "hierarchy_group:none"],
        ["acw:61 channel:voice", "acw:62 channel:chat"],
        ["auto_accept:true", "acw:61"],
        ["tag:team=red", "tag:site=west untag:team"],
    ];
    for [first, second] in PAIRS {
        let mut prompt = Story::begin().await;
        let mut story = lagging(5_000).await;
        let before = truth(&mut story, "john.doe").await;
        for change in [first, second] {
            for story in [&mut prompt, &mut story] {
                is_done(story, &format!("/connect edit john.doe {change}")).await;
            }
        }
        let both = truth(&mut prompt, "john.doe").await;
        assert_eq!(truth(&mut story, "john.doe").await, both, "{first} {second}");
        for no in [2, 1] {
            is_done(&mut story, &format!("/connect undo {no}")).await;
        }
        assert_eq!(truth(&mut story, "john.doe").await, before, "{first} {second}: undone");
    }
}

#[tokio::test]
async fn what_was_taken_away_does_not_come_back_with_the_next_change() {
    let mut story = lagging(5_000).await;
    is_done(&mut story, "/connect edit john.doe add_security_profile:\"L1 Support\"").await;
    is_done(&mut story, "/connect edit john.doe remove_security_profile:\"L1 Support\"").await;
    is_done(&mut story, "/connect edit john.doe add_security_profile:QualityAnalyst").await;
    let user = truth(&mut story, "john.doe").await.to_string();
    assert!(user.contains("QualityAnalyst") && !user.contains("L1 Support"), "{user}");
}

#[tokio::test]
async fn a_status_is_waited_for_as_well() {
    let mut story = lagging(5_000).await;
    is_done(&mut story, "/connect status edit Meeting name:Huddle").await;
    is_done(&mut story, "/connect undo 1").await;
    let statuses = story.world().await["agent_statuses"].to_string();
    assert!(statuses.contains("Meeting") && !statuses.contains("Huddle"), "{statuses}");
}

/// Someone else's change under what the desk set.
async fn changed_by_another(story: &mut Story, first_name: &str) {
    let id = story.sim("GET /_sim").await["instance_id"].as_str().unwrap().to_owned();
    let world = story.sim("GET /_sim/world").await;
    let user = world["users"]["john.doe"]["id"].as_str().unwrap().to_owned();
    let body = json!({"IdentityInfo": {"FirstName": first_name, "LastName": "Doe"}});
    story.sim(&format!("POST /users/{id}/{user}/identity-info {body}")).await;
}

#[tokio::test]
async fn it_costs_no_call_and_no_one_elses_change_is_waited_for() {
    let mut story = Story::begin().await;
    is_done(&mut story, "/connect edit john.doe first_name:Jon").await;
    story.sim("DELETE /_sim/calls").await;
    story.says("helpdesk", "/connect show john.doe").await;
    assert_eq!(calls(&mut story, "DescribeUser").await, 1);

    is_done(&mut story, "/connect edit john.doe first_name:Johnny").await;
    changed_by_another(&mut story, "Jack").await;
    let began = story.inside().desk.saga.clock.monotonic();
    let card = story.says("helpdesk", "/connect show john.doe").await;
    let took = story.inside().desk.saga.clock.monotonic() - began;
    assert!(card.contains("Jack") && took < Duration::from_secs(30), "{took:?}: {card}");
}

#[tokio::test]
async fn what_only_aws_sets_is_left_out_where_something_is_created_again_and_said() {
    use desk_core::basics::ids::RequestNo;
    use desk_core::plan::effect::{GroupPresent, Password, QuickConnectPresent, UserPresent};
    use desk_core::plan::{Attempt, Direction, Effect, StepKey};

    const KEY: &str = "aws:cloudformation:stack-name";
    let mut story = Story::begin().await;
    let inside = story.inside();
    let center = inside.desk.center.clone();
    let executor = inside.desk.saga.executor.clone();
    let mut user = center.user("john.doe").await.unwrap().unwrap();
    user.profile.tags.insert(KEY.to_owned(), "agents".to_owned());
    user.profile.directory_user_id = None;
    let one = center.snapshot(&user).await.unwrap().quick_connects.remove(0);
    let tags = user.profile.tags.clone();
    let destination = desk_core::plan::effect::Destination::User {
        login: "john.doe".to_owned(),
        contact_flow_id: one.contact_flow_id,
        flow: None,
    };
    let profile = Box::new(user.profile.clone());
    let created: [Effect; 3] = [
        UserPresent { login: "jon".to_owned(), profile, instead_of: None, password: Password::Forgotten }
            .into(),
        QuickConnectPresent { name: "Jon".to_owned(), description: None, destination, tags: tags.clone() }
            .into(),
        GroupPresent { group: "North".to_owned(), parent: None, parent_id: None, tags }.into(),
    ];
    for (step, effect) in (0..).zip(&created) {
        let key = StepKey { request: RequestNo(1), step, direction: Direction::Forward, done_before: None };
        for attempt in [Attempt::First, Attempt::Again] {
            executor.apply(key, attempt, effect).await.unwrap();
        }
    }
    let made = center.user("jon").await.unwrap().unwrap().profile.tags;
    assert!(!made.contains_key(KEY) && made.len() + 1 == user.profile.tags.len(), "{made:?}");

    // A user that has one.
    let id = story.sim("GET /_sim").await["instance_id"].as_str().unwrap().to_owned();
    let mut described = story.sim(&format!("GET /users/{id}/{}", user.id)).await;
    described["User"]["Tags"][KEY] = json!("agents");
    let body = described.to_string();
    let fault = json!({"operation": "DescribeUser", "fault": "say_before", "times": 100, "body": body});
    story.sim(&format!("POST /_sim/faults {fault}")).await;
    for line in ["remove john.doe", "reset john.doe method:recreate"] {
        let card = story.told("helpdesk", &format!("/connect {line}")).await;
        assert!(card.contains("tag `aws:cloudformation:stack-name`"), "{line}: {card}");
    }
    let card = story.told("helpdesk", "/connect add Nora Nowak email:n@example.com like:john.doe").await;
    assert!(!card.contains("aws:") && card.contains("department"), "{card}");
}

/// What a plan made a moment ago may be refused in two ways until it is visible (AWS: "several minutes").
#[tokio::test]
async fn steps_wait_until_what_the_plan_itself_made_is_visible() {
    const RECREATE: &str = "/connect reset john.doe method:recreate";
    const QUICK: &str = "/connect quick add user:jose.garcia queues:Callback";
    const GROUPS: &str = "/connect group add \"North/Calls\" parents:true";
    const TASKS: &str = "/connect tasks omar.aziz";
    // Thirty tries take more than two minutes.
    let always = 30;
    for (line, operation, call, times) in table! {
        (RECREATE, "AssociateUserProficiencies", 1, always),
        (RECREATE, "CreateQuickConnect", 1, always),
        (RECREATE, "AssociateQueueQuickConnects", 1, always),
        (QUICK, "AssociateQueueQuickConnects", 1, always),
        (GROUPS, "CreateUserHierarchyGroup", 2, 1),
        (TASKS, "CreateQueue", 1, always),
    } {
        for error in ["InvalidRequestException", "ResourceNotFoundException"] {
            let mut story = Story::begin().await;
            let fault =
                json!({"fault": "fail_before", "call": call, "times": times, "error": error, "status": 400});
            order(&mut story, operation, fault).await;
            let card = goes_through(&mut story, line).await;
            assert_eq!(card.tone, Tone::Good, "{line} {operation} {error}: {card:?}");
        }
    }
}

/// The desk ends after the plan made something, and starts again: what is long over is waited for no more.
#[tokio::test]
async fn what_was_made_before_a_restart_is_waited_for_as_well() {
    use desk_core::basics::ids::RequestNo;
    use desk_core::plan::{Attempt, Direction, StepKey};

    for (ago, is_waited_for) in [(Some(30), true), (Some(3_600), false), (None, false)] {
        let mut story = Story::begin().await;
        let line = "/connect edit john.doe proficiency:Language:Spanish=4";
        let no = story.card("helpdesk", line).await.request.unwrap();
        let fault =
            json!({"fault": "fail_before", "times": 30, "error": "InvalidRequestException", "status": 400});
        order(&mut story, "UpdateUserProficiencies", fault).await;
        let desk = &story.inside().desk;
        let effect = desk.request(no).await.unwrap().plan().unwrap().steps[0].effect.clone();
        let (clock, executor) = (desk.saga.clock.clone(), desk.saga.executor.clone());
        let done_before = ago.map(|ago| clock.now() - Duration::from_secs(ago));
        let key = StepKey { request: RequestNo(9), step: 1, direction: Direction::Forward, done_before };
        let began = clock.monotonic();
        let came = crate::support::in_time(executor.apply(key, Attempt::First, &effect)).await;
        let took = clock.monotonic() - began;
        assert_eq!(came.is_ok(), is_waited_for, "{ago:?}: {came:?}");
        assert_eq!(took > Duration::from_secs(60), is_waited_for, "{ago:?}: {took:?}");
    }
}

/// Everything else that is refused stays refused, and nothing is waited for.
#[tokio::test]
async fn an_invalid_request_about_what_was_there_before_is_refused_now() {
    for (line, operation) in table! {
        ("/connect edit john.doe proficiency:\"Language:English=1\"", "UpdateUserProficiencies"),
        ("/connect queue link Callback \"Food bank\"", "AssociateQueueQuickConnects"),
        ("/connect edit john.doe acw:61", "UpdateUserConfig"),
    } {
        let mut story = Story::begin().await;
        let fault = json!({"fault": "fail_before", "error": "InvalidRequestException", "status": 400});
        order(&mut story, operation, fault).await;
        let began = story.inside().desk.saga.clock.monotonic();
        let card = goes_through(&mut story, line).await;
        let took = story.inside().desk.saga.clock.monotonic() - began;
        assert!(card.title.ends_with("rolled back") && took < Duration::from_secs(30), "{took:?}: {card:?}");
    }
}

/// A read between the removal and the end, refused once.
#[tokio::test]
async fn a_read_of_what_was_just_made_may_be_refused() {
    let mut story = Story::begin().await;
    story.says("admin", "/connect reset john.doe method:recreate").await;
    story.says("admin", "/desk confirm 1").await;
    for operation in ["DescribeUser", "ListUserProficiencies"] {
        for call in [4, 6] {
            let fault = json!({"fault": "fail_before", "call": call, "error": "InvalidRequestException", "status": 400});
            order(&mut story, operation, fault).await;
        }
    }
    let card = story.card("supervisor", "/desk approve 1").await;
    assert_eq!(card.tone, Tone::Good, "{card:?}");
}
