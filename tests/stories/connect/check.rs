use desk_core::card::Block;
use insta::assert_snapshot;
use serde_json::json;

use crate::support::Story;

#[tokio::test]
async fn an_instance_after_years_without_cleaning_up_is_told_with_what_fixes_it() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Untidy)
        .await
        .everywhere(&["Block::Steps"])
        .await;
    assert_snapshot!(story.says("supervisor", "/connect check").await, @r#"
    `check.csv` is saved in the state folder as `files/20261120-090000-check.csv`.
    ╭─ ! Check: 25 findings, 11 to fix ────────────────────────────────────────────╮
    │ ✗ 2 users have no email, so they can't reset their own password: `hugo.berg` │
    │   and `bob.kerr`. `/connect edit hugo.berg email:…`                          │
    │ ✗ 1 user has auto-accept set with a desk phone, where it has no effect:      │
    │   `cara.dunn`. `/connect edit cara.dunn auto_accept:false`                   │
    │ ✗ 2 agents are stuck in a missed or failed contact and get no new ones:      │
    │   `dev.patel` and `eve.olsen`. `/connect dismiss dev.patel`                  │
    │ ✗ 1 quick connect has a destination user that is gone: `Former agent`.       │
    │   `/connect quick remove "Former agent"`                                     │
    │ ✗ 1 quick connect has a destination queue that is gone: `Former queue`.      │
    │   `/connect quick remove "Former queue"`                                     │
    │ ✗ 1 quick connect has a disabled destination queue: `Winter Campaign`.       │
    │   `/connect queue enable "Winter Campaign"`                                  │
    │ ✗ 1 quick connect uses a flow that is gone, archived or not published:       │
    │   `John Doe (old)`. `/connect quick edit "John Doe (old)" transfer_flow:…`   │
    │ ✗ 1 queue is in no routing profile, so no agent gets its contacts:           │
    │   `Overflow`. `/connect queue disable Overflow`                              │
    │                                                                              │
    │ And 17 more findings in `check.csv`.                                         │
    │ File `check.csv`, 6056 bytes                                                 │
    │                                                                              │
    │ Not measured:                                                                │
    │ · How much is used of the quotas for open tasks, proficiencies of a user,    │
    │   task templates, contacts in an agent's own queue, tag-restricted security  │
    │   profiles of a user and manual assignment queues of a routing profile.      │
    │ · When a status was last used: Amazon Connect doesn't say. Checked instead:  │
    │   no one is in it now, and the desk planned no change to it in 30 days.      │
    │                                                                              │
    │ → /connect edit cara.dunn auto_accept:false   /connect dismiss dev.patel     │
    │   /connect quick remove "Former agent"                                       │
    ╰─ only you see this · 50 users · 14 queues · 8 routing profiles · 18 quick … ─╯
    "#);
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn what_fixes_several_findings_is_offered_once() {
    let mut story = Story::begin().await.everywhere(&["Block::Steps"]).await;
    for login in ["carmen.ortiz", "mei.chen"] {
        story.says("helpdesk", &format!("world {login} removed")).await;
    }
    for queue in ["Contact%20Tracing", "Resource%20Coordination"] {
        story.sim(&format!("DELETE /_sim/world/queues/{queue}")).await;
    }
    let card = story.card("supervisor", "/connect check").await;
    let steps = card.blocks.iter().find_map(|block| match block {
        Block::Steps(steps) => Some(steps),
        _ => None,
    });
    let fixed = |(_, step): &&(_, String)| step.contains("`/connect quick remove orphans:gone`");
    assert_eq!(steps.unwrap().iter().filter(fixed).count(), 2, "{card:?}");
    let lines: Vec<&str> = card.actions.iter().filter_map(|action| action.line.as_deref()).collect();
    assert_eq!((lines.len(), lines[0]), (3, "/connect quick remove orphans:gone"));
    assert!(!lines[1..].contains(&lines[0]) && lines[1] != lines[2], "{lines:?}");
}

#[tokio::test]
async fn a_status_that_the_desk_has_set_lately_does_not_look_unused() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "/connect check", "1 status looks unused: `Training`.", "Amazon Connect doesn't say", "no one is in it now"),
        ("oncall", "✓ /connect status set aaron.fields Training"),
        ("oncall", "✓ /connect status set aaron.fields Available"),
        ("helpdesk", "/connect check", "≠looks unused", "≠last used"),
    }
}

#[tokio::test]
async fn a_house_in_order_has_little_to_find_and_quotas_are_measured_against_what_is_applied() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "/connect check", "! Check: 7 findings, 1 to fix", "5 users have a security profile with which they can give anyone any permission", "How much is used of the quotas for open tasks, proficiencies of a user, task templates, contacts in an agent's own queue, tag-restricted security profiles of a user and manual assignment queues of a routing profile."),
        // 42 users of 44 are nearly all: the value that is applied to this instance counts, not AWS's default.
        ("helpdesk", r#"sim PUT /_sim/settings {"user_quota": 44, "queue_quota": 10}"#),
        ("helpdesk", "/connect check", "Users: 42 of 44 (95 % of the quota)", "Queues: 9 of 10 (90 % of the quota)", "L-19A87C94"),
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_not_measured_and_never_counts_as_nothing() {
    let mut story = Story::begin().await;
    let denied =
        json!({"fault": "fail_before", "error": "AccessDeniedException", "status": 403, "times": 1_000});
    for operation in ["ListServiceQuotas", "SearchQueues", "GetCurrentUserData"] {
        let mut fault = denied.clone();
        fault["operation"] = json!(operation);
        story.sim(&format!("POST /_sim/faults {fault}")).await;
    }
    plays! { story: ("helpdesk", "/connect check", "Quotas: AWS doesn't let the desk read Service Quotas", "Queues: AWS doesn't allow", "Who is active: ", "≠% of the quota", "≠destination") }
    // Where nothing answers there is nothing to say but that.
    let mut story = Story::begin().await;
    for operation in ["SearchUsers", "SearchQueues", "SearchRoutingProfiles"] {
        let mut fault = denied.clone();
        fault["operation"] = json!(operation);
        story.sim(&format!("POST /_sim/faults {fault}")).await;
    }
    plays! { story: ("helpdesk", "/connect check", "AWS doesn't allow the desk to call SearchUsers") }
}

#[tokio::test]
async fn a_large_instance_is_read_without_its_emails_unless_someone_wants_them() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Large).await;
    plays! { story: ("helpdesk", "/connect check", "Emails of 500 users", "Users: 500 of 500", "Quick connects: 100 of 100", "Hierarchy groups: 500 of 500", "Agent statuses: 50 of 50") }
    let calls = story.sim("GET /_sim/calls").await;
    assert_eq!(calls["operations"]["DescribeUser"]["calls"].as_u64().unwrap_or(0), 0);
    plays! { story: ("helpdesk", "/connect check emails:true", "≠Emails of 500 users") }
}

#[tokio::test]
async fn each_finding_has_a_command_that_the_desk_knows() {
    let commands = desk_commands::all();
    let mut codes = std::collections::BTreeSet::new();
    for seed in [desk_sim::Seed::Untidy, desk_sim::Seed::Guide, desk_sim::Seed::Large] {
        let mut story = Story::with(move |options| options.sim.seed = seed).await;
        let card = story.card("helpdesk", "/connect check").await;
        let file = card.blocks.iter().find_map(|block| match block {
            Block::File { name, text } if name == "check.csv" => Some(text.clone()),
            _ => None,
        });
        for row in file.unwrap().lines().skip(1) {
            codes.insert(row.split(',').nth(1).unwrap().to_owned());
            // The last cell, without its quotes.
            let at = row.find("/connect ").or_else(|| row.find("aws service-quotas "));
            let at = at.unwrap_or_else(|| panic!("no fix: {row}"));
            let mut fix = row[at..].to_owned();
            if row[..at].ends_with('"') {
                fix.pop();
                fix = fix.replace("\"\"", "\"");
            }
            if fix.starts_with('/') {
                let typed = fix.replace("email:…", "email:a@example.com").replace('…', "x");
                let list = commands.iter().map(|entry| (entry.path, entry.command.spec));
                desk_core::words::parse(&typed, list).unwrap_or_else(|problem| panic!("{fix}: {problem}"));
            }
        }
    }
    assert!(codes.len() >= 20, "{codes:?}");
}

/// Anyone who types every line that is listed leaves a quick connect that works.
#[tokio::test]
async fn of_quick_connects_with_one_destination_the_one_that_works_stays() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Untidy).await;
    let card = story.card("supervisor", "/connect check").await;
    let file = card.blocks.iter().find_map(|block| match block {
        Block::File { text, .. } => Some(text.clone()),
        _ => None,
    });
    let file = file.unwrap();
    let listed: Vec<&str> = file.lines().filter(|row| row.contains("quick_connects_to_one_place")).collect();
    assert!(listed.iter().any(|row| row.contains("John Doe (old)")), "{listed:?}");
    assert!(!listed.iter().any(|row| row.contains("John Doe,")), "{listed:?}");
}
