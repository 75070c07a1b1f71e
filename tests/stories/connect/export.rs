use connect_desk::console::Shown;
use desk_core::card::Block;

use crate::support::Story;

/// The file that was shown last, with its name.
fn file(shown: &[Shown]) -> Option<(String, String)> {
    shown.iter().rev().find_map(|shown| match shown {
        Shown::Card(card) => card.blocks.iter().find_map(|block| match block {
            Block::File { name, text } => Some((name.clone(), text.clone())),
            _ => None,
        }),
        Shown::Aside(_) => None,
    })
}

#[tokio::test]
async fn users_who_fit_come_as_a_file_for_who_asked() {
    let mut story = Story::begin().await.everywhere(&["Block::File"]).await;
    plays! { story:
        ("helpdesk", "/connect export hierarchy_group:\"Tracers East\"", "Your confirmation · expires"),
        ("supervisor", "/desk details 1", "`mei.chen`", "Data: given to the requester"),
        ("helpdesk", "/desk confirm 1", "The file is kept for you only, for a limited time.", "7 users in a file", "It contains personal data."),
    }
    let (name, csv) = file(&story.shown("helpdesk", "/desk file 1").await).unwrap();
    assert_eq!(name, "users-2026-11-20.csv");
    assert!(csv.contains(",mei.chen,") && csv.contains("email address"), "{csv}");
    assert_eq!(story.writes().await, 0, "an export changes nothing");
}

#[tokio::test]
async fn a_long_export_says_how_long() {
    for (users, takes) in [
        (19, None),
        (20, Some("Takes about 10 s, at 2 a second")),
        (300, Some("Takes about 2 min, at 2 a second")),
    ] {
        let mut story = Story::with(|options| {
            options.throttled = true;
            options.sim.seed = desk_sim::Seed::Users(users);
        })
        .await;
        let told = story.told("helpdesk", "/connect export").await;
        assert!(told.contains(&format!("Export {users} users as CSV.")), "{told}");
        assert!(takes.map_or(!told.contains("Takes about"), |takes| told.contains(takes)), "{users}: {told}");
    }
}

#[tokio::test]
async fn all_users_come_back_without_a_difference() {
    for (seed, users) in [(desk_sim::Seed::Guide, 42), (desk_sim::Seed::Users(60), 60)] {
        let mut story = Story::with(|options| options.sim.seed = seed).await;
        plays! { story:
            ("helpdesk", "✓ /connect export", "! Exports the data of", "1 approval from", "⇒"),
            ("helpdesk", "/desk file 1", &format!("#1: {users} users in a file")),
        }
        let file = story.folder().join("state/files/1-users-2026-11-20.csv");
        let says = format!("{users} users exist as in the file");
        plays! { story: ("helpdesk", &format!("/connect import {}", file.display()), "No new users", &says) }
    }
}

#[tokio::test]
async fn somebody_who_leaves_meanwhile_is_left_out_and_said() {
    let mut story = Story::begin().await;
    story.sim(r#"POST /_sim/faults {"operation":"DescribeUser","fault":"fail_before","error":"ResourceNotFoundException","status":404}"#).await;
    plays! { story: ("helpdesk", "☑ /connect export hierarchy_group:\"Tracers East\"", "1 user was removed meanwhile and is left out.") }
}

#[tokio::test]
async fn an_outage_stops_it_where_it_is_and_who_asked_may_go_on_or_give_up() {
    let mut story = Story::begin().await;
    let refusal = r#"POST /_sim/faults {"operation":"DescribeUser","fault":"fail_before","times":100000,"error":"AccessDeniedException","status":403}"#;
    story.sim(refusal).await;
    plays! { story:
        ("helpdesk", "✓ /connect export", "needs attention", "resumes where it stopped"),
        ("helpdesk", "/desk file 1", "and needs attention"),
        ("helpdesk", "sim DELETE /_sim/faults"),
        ("helpdesk", "restart"),
        ("helpdesk", "/desk retry 1", "Export users · completed"),
    }
    let (_, csv) = file(&story.shown("helpdesk", "/desk file 1").await).unwrap();
    let users = story.inside().desk.center.search(&Default::default(), 1).await.unwrap().1;
    assert_eq!(csv.lines().count(), users + 1, "each once, and the titles");
    story.sim(refusal).await;
    story.says("helpdesk", "/connect export login:mei.chen").await;
    story.says("helpdesk", "/desk confirm 2").await;
    story.tells("helpdesk", "/desk cancel 2", &["abandoned"]).await;
}

#[tokio::test]
async fn nobody_and_wrong_names_are_answered_like_find_does() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "/connect export login:xyzzy", "No users match, so there is nothing to export."),
        ("helpdesk", "/connect export routing_profile:\"Contact Tracer Profle\"", "Did you mean `/connect export routing_profile:\"Contact Tracers Profile\"`?"),
        ("helpdesk", "/connect export include_subgroups", "`include_subgroups` needs a hierarchy group."),
    }
    story.tells("john", "/connect export", &["n't allow"]).await;
}
