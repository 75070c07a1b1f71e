use desk_core::card::Tone;
use insta::assert_snapshot;

use crate::support::{Story, in_order};

#[tokio::test]
async fn an_edit_is_taken_back_value_by_value() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    let line = "/connect edit john.doe routing_profile:\"Contact Tracers Profile\" hierarchy_group:\"Tracers East\" \
                first_name:Jon mobile:+15550100177 acw:0 auto_accept:true tag:site=west,team=red untag:department \
                proficiency:Language:Spanish=4";
    plays! { story: ("helpdesk", &format!("✓ {line}"), "╭ ✓") }
    assert_snapshot!(story.says("helpdesk", "/connect undo 1 reason:\"wrong John\"").await, @"
    ╭─ ? Undo #1 for john.doe · needs confirmation ────────────────────────────────╮
    │ Undo #1 (`/connect edit`): restore 1 user.                                   │
    │                                                                              │
    │ · First name: Jon → John                                                     │
    │ · Mobile: +15550100177 → none                                                │
    │ · Routing profile: Contact Tracers Profile → Case Investigator Profile       │
    │ · Hierarchy group: Eastern Region/Contact Tracing East/Tracers East →        │
    │   Eastern Region/Case Investigation East/Investigators East                  │
    │ · Auto-accept (voice): on → off                                              │
    │ · After contact work (voice, chat, task and email): indefinitely → 300 s     │
    │ · Tag department: none → investigation                                       │
    │ and 3 more in Details                                                        │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │ Reason        `wrong John`                                                   │
    │                                                                              │
    │ ☐ Your confirmation · expires 10:00 UTC                                      │
    │                                                                              │
    │ ! Removing an agent from a hierarchy group affects historical reports.       │
    │                                                                              │
    │ → /desk confirm 2   /desk details 2   /desk cancel 2                         │
    ╰─ #2 · plan cbfa8d ───────────────────────────────────────────────────────────╯
    ");
    plays! { story: ("helpdesk", "/desk confirm 2", "╭ ✓") }
    assert_eq!(story.world().await, before);
    plays! { story: ("helpdesk", "/connect undo 1", "There is nothing left of #1 to undo.", "The first name of `john.doe` is already as it was before.") }
}

#[tokio::test]
async fn an_undo_is_undone_like_anything_else() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "✓ /connect edit john.doe acw:60 tag:team=red proficiency:Language:French=3", "╭ ✓") }
    let after = story.world().await;
    plays! { story: ("helpdesk", "✓ /connect undo 1", "╭ ✓") }
    assert_ne!(story.world().await, after);
    plays! { story: ("helpdesk", "✓ /connect undo 2", "╭ ✓") }
    assert_eq!(story.world().await, after);
}

#[tokio::test]
async fn what_somebody_changed_since_is_left_alone() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "✓ /connect edit john.doe first_name:Jon mobile:+15550100177 tag:site=west", "╭ ✓") }
    plays! { story: ("helpdesk", "✓ /connect edit john.doe mobile:+15550100199", "╭ ✓") }
    plays! { story: ("helpdesk", "✓ /connect undo 1", "! The mobile of `john.doe` was changed since: #1 set `+15550100177`, and now it is `+15550100199`. It stays unchanged.", "⇒", "╭ ✓") }
    let user = story.world().await["users"]["john.doe"].clone();
    assert_eq!(user["identity"]["FirstName"], "John");
    assert_eq!(user["identity"]["Mobile"], "+15550100199");
    assert_eq!(user["tags"]["site"], "east");
}

#[tokio::test]
async fn an_email_is_set_back_only_with_a_supervisors_yes() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "✓ /connect edit john.doe email:jd@example.org", "╭ ✓") }
    plays! { story: ("helpdesk", "✓ /connect undo 1", "☐ 1 approval from supervisor or admin", "Anyone who can read `john.doe@example.com` can set a password for `john.doe`", "⇒", "╭ ✓") }
    assert_eq!(story.world().await["users"]["john.doe"]["identity"]["Email"], "john.doe@example.com");
}

#[tokio::test]
async fn a_created_user_is_removed_and_comes_back_by_undoing_that() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    plays! { story: ("helpdesk", "✓ /connect add Erika Muster email:erika@example.com like:john.doe", "╭ ✓") }
    let with = story.world().await;
    plays! { story: ("helpdesk", "✓ /connect undo 1", "Undo #1 (`/connect add`): remove 1 user.", "☐ 1 approval", "Lost: user id, own queue", "⇒", "╭ ✓") }
    assert_eq!(story.world().await, before);
    plays! { story: ("helpdesk", "✓ /connect undo 2", "╭ ✓") }
    assert_eq!(story.world().await, with);
}

#[tokio::test]
async fn somebody_else_under_the_same_login_is_left_alone() {
    let mut story = Story::begin().await;
    let add = "/connect add Erika Muster email:erika@example.com like:john.doe";
    plays! { story: ("helpdesk", &format!("✓ {add}"), "╭ ✓") }
    plays! { story: ("helpdesk", "✓ /connect remove Erika.Muster", "╭ ✓") }
    let told = story.told("helpdesk", "/connect undo 1").await;
    assert!(told.contains("`Erika.Muster`, created by #1, no longer exists."), "{told}");
    plays! { story: ("helpdesk", &format!("✓ {add}"), "╭ ✓") }
    plays! { story: ("helpdesk", "/connect undo 1", "`Erika.Muster` is no longer the user that #1 created, and stays unchanged.") }
}

#[tokio::test]
async fn several_removed_users_come_back_together() {
    let mut story = Story::begin().await;
    let before = in_order(story.world().await);
    plays! { story: ("helpdesk", "✓ /connect remove mei.chen olga.novak", "╭ ✓") }
    plays! { story: ("helpdesk", "✓ /connect undo 1", "Undo #1 (`/connect remove`): create 2 users again.", "Lost: old id and ARN", "⇒", "╭ ✓") }
    assert_eq!(in_order(story.world().await), before);
}

#[tokio::test]
async fn several_users_who_were_edited_alike_are_set_back_each_on_their_own() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    plays! { story: ("helpdesk", "✓ /connect edit john.doe olga.novak acw:60 tag:team=red", "╭ ✓") }
    plays! { story: ("helpdesk", "✓ /connect edit olga.novak acw:90", "╭ ✓") }
    plays! { story: ("helpdesk", "✓ /connect undo 1", "restore 2 users", "of `olga.novak` was changed since: #1 set `60 s`, and now it is `90 s`. It stays unchanged", "⇒", "╭ ✓") }
    let after = story.world().await;
    assert_eq!(after["users"]["john.doe"], before["users"]["john.doe"]);
    assert_eq!(after["users"]["olga.novak"]["tags"], before["users"]["olga.novak"]["tags"]);
}

#[tokio::test]
async fn what_cannot_be_taken_back_is_said() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "✓ /connect reset john.doe method:recreate", "╭ ✓") }
    let card = story.card("helpdesk", "/desk history 1").await;
    assert!(card.actions.is_empty());
    plays! { story:
        ("helpdesk", "/connect undo 1", "There is nothing left of #1 to undo.", "was removed and created again. The old id and the old password can't be restored"),
        // What is refused once it has a number is no typo.
        ("helpdesk", "/connect edit jane.doe acw:60"),
        ("helpdesk", "/connect undo 2", "#2 was not possible; nothing was changed. There is nothing to undo."),
        ("helpdesk", "/connect undo 99", "No request #99."),
    }
}

#[tokio::test]
async fn a_group_or_profile_that_is_gone_cannot_be_set_back_and_the_rest_is() {
    for (edit, what, kind) in table! {
        ("hierarchy_group:none acw:60", "hierarchy_groups/Investigators%20East", "hierarchy group `Eastern Region/Case Investigation East/Investigators East`"),
        ("routing_profile:\"Contact Tracers Profile\" acw:60", "routing_profiles/Case%20Investigator%20Profile", "routing profile `Case Investigator Profile`"),
    } {
        let mut story = Story::begin().await;
        plays! { story: ("helpdesk", &format!("✓ /connect edit john.doe {edit}"), "╭ ✓") }
        let left = story.world().await["users"]["john.doe"].clone();
        story.sim(&format!("DELETE /_sim/world/{what}")).await;
        // The desk remembers the names of profiles for a while.
        plays! { story:
            ("helpdesk", "wait 2m"),
            ("helpdesk", "✓ /connect undo 1", &format!("The {kind} no longer exists."), "It can't be restored for `john.doe`.", "⇒", "╭ ✓"),
        }
        let after = story.world().await["users"]["john.doe"].clone();
        assert_eq!(after["phone_config"]["AfterContactWorkTimeLimit"], 300, "{edit}");
        for side in ["hierarchy_group", "routing_profile"] {
            assert_eq!(after[side], left[side], "{edit}");
        }
    }
}

const WHO: &str = "second";

/// Has a line carried out, and gives the number.
async fn did(story: &mut Story, line: &str) -> u64 {
    let card = story.carried_out(WHO, line).await;
    assert_eq!(card.tone, Tone::Good, "{line}: {card:?}");
    card.request.unwrap().0
}

#[tokio::test]
async fn what_someone_else_made_under_the_same_name_is_left_alone() {
    let mut story = Story::begin().await;
    for (make, gone, says) in table! {
        ("queue add Vacc hours:\"Basic Hours\"", "undo", "The queue `Vacc` no longer exists."),
        ("routing add Vacc default_queue:Callback", "undo", "The routing profile `Vacc` no longer exists."),
        ("quick add Vacc number:+15550100222", "undo", "The quick connect `Vacc` no longer exists."),
        ("status add Coaching", "status edit Coaching name:Talk", "The agent status `Coaching` is now called `Talk`, and stays unchanged."),
        ("queue add Flu hours:\"Basic Hours\"", "queue edit Flu new_name:Measles", "The queue `Flu` is now called `Measles`, and stays unchanged."),
    } {
        let first = did(&mut story, &format!("/connect {make}")).await;
        match gone {
            "undo" => did(&mut story, &format!("/connect undo {first}")).await,
            other => did(&mut story, &format!("/connect {other}")).await,
        };
        did(&mut story, &format!("/connect {make}")).await;
        plays! { story: (WHO, &format!("/connect undo {first}"), &format!("There is nothing left of #{first} to undo. {says}")) }
    }
}

#[tokio::test]
async fn what_became_of_a_new_thing_since_is_said_before_it_is_removed() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    let queue = did(&mut story, "/connect queue add Vacc hours:\"Basic Hours\"").await;
    did(&mut story, "/connect queue disable Vacc").await;
    did(&mut story, "/connect queue link Vacc quick_connects:\"Food bank\"").await;
    let profile = did(&mut story, "/connect routing add Flu default_queue:Callback").await;
    did(&mut story, "/connect routing link Flu queues:\"Help Desk\" channels:voice").await;
    for (no, says) in [
        (queue, vec!["The queue `Vacc` was disabled since", "since #1: the quick connects `Food bank`."]),
        (profile, vec!["The routing profile `Flu` has got since #4: 1 queue-channel pair."]),
    ] {
        let told = story.told(WHO, &format!("/connect undo {no}")).await;
        for says in says {
            assert!(told.contains(says), "{says}: {told}");
        }
    }
    did(&mut story, &format!("/connect undo {profile} reason:again")).await;
    did(&mut story, &format!("/connect undo {queue} reason:again")).await;
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn what_can_not_succeed_is_not_planned() {
    for (line, since, says) in table! {
        ("queue edit Callback new_name:\"Call back\"", "/connect queue add Callback hours:\"Basic Hours\"", "The queue `Call back` keeps its name, because another one is called `Callback` now."),
        ("routing edit \"Contact Tracers Profile\" new_name:Tracers", "/connect routing add \"Contact Tracers Profile\" default_queue:Callback", "The routing profile `Tracers` keeps its name, because another one is called `Contact Tracers Profile` now."),
        ("quick edit \"Food bank\" new_name:\"Food pantry\"", "/connect quick add \"Food bank\" number:+15550100222", "The quick connect `Food pantry` keeps its name, because another one is called `Food bank` now."),
        ("status edit Break name:Pause", "/connect status add Break", "The agent status `Pause` keeps its name, because another one is called `Break` now."),
        ("group rename \"Eastern Region\" East", "/connect group add \"Eastern Region\"", "The group `East` keeps its name, because another one is called `Eastern Region` now."),
        ("queue add Vacc hours:\"Basic Hours\"", "/connect routing link \"Basic Routing Profile\" queues:Vacc channels:voice", "The queue `Vacc` stays, because the routing profile `Basic Routing Profile` uses it now."),
    } {
        let mut story = Story::begin().await;
        let no = did(&mut story, &format!("/connect {line}")).await;
        did(&mut story, since).await;
        plays! { story: (WHO, &format!("/connect undo {no}"), says) }
    }
    // What it had before is gone by now.
    for (first, line, gone, says) in table! {
        ("routing edit \"Basic Routing Profile\" default_queue:Vacc", "routing edit \"Basic Routing Profile\" default_queue:Callback", "sim DELETE /_sim/world/queues/Vacc", "The routing profile `Basic Routing Profile` keeps its default outbound queue, because `Vacc` is gone."),
        ("quick edit \"Food bank\" user:mei.chen", "quick edit \"Food bank\" number:+15550100299", "world mei.chen removed", "The quick connect `Food bank` stays unchanged, because its old destination is gone."),
    } {
        let mut story = Story::begin().await;
        did(&mut story, "/connect queue add Vacc hours:\"Basic Hours\"").await;
        did(&mut story, &format!("/connect {first}")).await;
        let no = did(&mut story, &format!("/connect {line}")).await;
        story.says(WHO, gone).await;
        story.says(WHO, "wait 2m").await;
        plays! { story: (WHO, &format!("/connect undo {no}"), says) }
    }
}

#[tokio::test]
async fn what_has_another_name_by_now_is_found() {
    for (line, since) in table! {
        ("queue link \"Help Desk\" quick_connects:\"Food bank\"", "quick edit \"Food bank\" new_name:\"Food pantry\""),
        ("group add \"Eastern Region/Spare\"", "group rename \"Eastern Region\" East"),
        ("group rename \"Leads East\" Leads", "group rename \"Eastern Region\" East"),
    } {
        let mut story = Story::begin().await;
        let before = story.world().await;
        let no = did(&mut story, &format!("/connect {line}")).await;
        let renamed = did(&mut story, &format!("/connect {since}")).await;
        did(&mut story, &format!("/connect undo {no}")).await;
        did(&mut story, &format!("/connect undo {renamed}")).await;
        assert_eq!(story.world().await, before, "{line}");
    }
    // A group that was removed comes back below the one that was above it.
    let mut story = Story::begin().await;
    did(&mut story, "/connect group add \"Eastern Region/Spare\"").await;
    let no = did(&mut story, "/connect group remove \"Eastern Region/Spare\"").await;
    did(&mut story, "/connect group rename \"Eastern Region\" East").await;
    did(&mut story, &format!("/connect undo {no}")).await;
    plays! { story: (WHO, "/connect group show East/Spare", "Spare") }
    // What keeps a status from being set back is said once.
    did(&mut story, "/connect status edit Break name:Pause").await;
    let no = did(&mut story, "/connect status edit Pause name:Rest").await;
    did(&mut story, "/connect status edit Rest name:Halt").await;
    plays! { story: (WHO, &format!("/connect undo {no}"), "The agent status `Halt` was changed since", "≠is already as it was before") }
}

#[tokio::test]
async fn a_card_says_what_is_undone_and_whom_it_affects() {
    for (line, says) in table! {
        ("queue edit Callback max_contacts:20", vec!["Queue Callback: contact limit: 20 → no limit"]),
        (
            "routing edit \"Case Investigator Profile\" task:3 email:1",
            vec!["Routing profile Case Investigator Profile: channels: voice 1, chat 2, task 3, email 1 → voice 1, chat 2, task 2",
                "15 users have the routing profile `Case Investigator Profile`.",
                "Its agents no longer get email contacts from any queue.",
            ],
        ),
        ("hours close \"Basic Hours\" from:2026-12-24 name:Christmas", vec!["Date Now Then Thu 24 Dec 2026 closed 08:00-18:00", "queues have these hours"]),
        ("group rename \"Eastern Region\" East", vec!["Hierarchy group: East → Eastern Region"]),
    } {
        let mut story = Story::begin().await;
        let no = did(&mut story, &format!("/connect {line}")).await;
        let told = story.told(WHO, &format!("/connect undo {no}")).await;
        for says in says {
            assert!(told.contains(says), "{says}: {told}");
        }
    }
    // A channel stays on while queues use it.
    let mut story = Story::begin().await;
    let profile = "\"Basic Routing Profile\"";
    let no = did(&mut story, &format!("/connect routing edit {profile} chat:2")).await;
    did(&mut story, &format!("/connect routing link {profile} queues:\"Help Desk\" channels:chat")).await;
    plays! { story: (WHO, &format!("/connect undo {no}"), "keeps the channel chat, because it has queues for it now.") }
}

#[tokio::test]
async fn nobody_undoes_what_a_rule_denies_them_wherever_the_rule_for_looking_is() {
    let mut story = Story::ruled(|config| {
        let rules = &mut config.policy.rules;
        let at = rules.iter().position(|rule| rule.name == "the help desk may look things up").unwrap();
        let looks = rules.remove(at);
        rules.insert(0, looks);
    })
    .await;
    for line in [
        "/connect queue edit Callback description:\"new words\"",
        "/connect status add Coffee",
        "/connect group add \"Northern Region\"",
    ] {
        let refused = story.card("helpdesk", line).await;
        assert_eq!(refused.tone, Tone::Bad, "{line}: {refused:?}");
        let no = story.card("supervisor", line).await.request.unwrap().0;
        let mut card = story.card("supervisor", &format!("/desk confirm {no}")).await;
        if card.tone == Tone::Asks {
            card = story.card("admin", &format!("/desk approve {no}")).await;
        }
        assert_eq!(card.tone, Tone::Good, "{line}: {card:?}");
        plays! { story: ("helpdesk", &format!("/connect undo {no}"), "which you aren't allowed to request.") }
        let undo = story.card("supervisor", &format!("/connect undo {no}")).await;
        assert_eq!(undo.tone, Tone::Asks, "{line}: {undo:?}");
    }
}
