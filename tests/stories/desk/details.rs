use desk_core::card::{Block, Card, Tone};
use insta::assert_snapshot;

use crate::support::Story;

const HEADER: &str =
    "first name,last name,email address,password,user login,routing profile name,security_profile_name_1";

/// A sheet of so many agents, and one who is something else.
fn sheet(agents: usize) -> String {
    let mut rows: Vec<String> = (0..agents)
        .map(|i| format!("Ann,One,ann.{i:03}@example.com,,ann.{i:03},Basic Routing Profile,Agent"))
        .collect();
    rows.insert(agents / 2, "Zed,Zoo,zed@example.org,,zed,Basic Routing Profile,L1 Support".to_owned());
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

fn file(card: &Card) -> Option<&str> {
    card.blocks.iter().find_map(|block| match block {
        Block::File { name, text } if name == "plan.csv" => Some(text.as_str()),
        _ => None,
    })
}

#[tokio::test]
async fn what_a_card_has_no_room_for_is_a_file_and_pages() {
    let sheet = sheet(60);
    let mut story = Story::with_files(&[("users.csv", sheet.as_bytes())]).await;
    plays! { story: ("helpdesk", "/connect import users.csv", "`ann.002` and 58 more", "! `zed` differs from the rest: security profiles") }
    let card = story.card("supervisor", "/desk details 1").await;
    let all = file(&card).expect("the first page has the file").to_owned();
    for login in (0..60).map(|i| format!("ann.{i:03}")).chain(["zed".to_owned()]) {
        assert!(all.contains(&format!(",{login},")), "{login}");
    }
    plays! { story: ("supervisor", "/desk details 1", "details, page 1 of 10", "The same for all of 61 users: · User: created", "domain `example.org` instead of `example.com`") }
    let mut told = String::new();
    let mut page = 1;
    loop {
        let card = story.card("supervisor", &format!("/desk details 1 page:{page}")).await;
        assert!(card.private && file(&card) == Some(&all), "page {page}");
        told.push_str(&card.words());
        page += 1;
        let next = format!("/desk details 1 page:{page}");
        if !card.actions.iter().any(|action| action.line.as_deref() == Some(&next)) {
            break;
        }
    }
    assert!(page > 2, "{page}");
    for i in 0..60 {
        assert!(told.contains(&format!("ann.{i:03}@example.com")), "{i}");
    }
    assert!(told.contains("Security profiles: `L1 Support`"), "{told}");
    plays! { story: ("supervisor", &format!("/desk details 1 page:{page}"), &format!("and no page {page}.")) }
}

#[tokio::test]
async fn every_card_offers_its_details_which_say_what_it_has_no_room_for() {
    let mut story = Story::begin().await.everywhere(&["Block::Points"]).await;
    let card = story.card("helpdesk", "/connect edit john.doe acw:60 email:jd@example.org").await;
    let lines: Vec<_> = card.actions.iter().filter_map(|action| action.line.as_deref()).collect();
    assert_eq!(lines, ["/desk details 1"], "{card:?}");
    assert!(!card.words().contains("more in Details"), "{card:?}");
    assert_snapshot!(story.says("helpdesk", "/desk details 1").await, @r#"
    ╭─ · #1 Edit john.doe · details ───────────────────────────────────────────────╮
    │ Request:                                                                     │
    │ · Change email and after contact work of `John Doe` (`john.doe`).            │
    │ · Requested by helpdesk · 09:00 UTC                                          │
    │ · #1 still needs your confirmation and 1 approval from supervisor or admin.  │
    │ · Once approved, 2 steps run. If it fails, nothing is left changed.          │
    │   Afterwards the requester gets an email to copy.                            │
    │ · Rule: what touches sign-in or cannot be undone needs a supervisor · risk:  │
    │   sensitive                                                                  │
    │                                                                              │
    │ Reasons to stop:                                                             │
    │ · Anyone who can read `jd@example.org` can set a password for `john.doe`     │
    │   with "Forgot password?" and sign in as them.                               │
    │ · This desk can't send email, so `john.doe@example.com` isn't told that the  │
    │   address changed.                                                           │
    │                                                                              │
    │ `john.doe` · `John Doe`:                                                     │
    │ · Email: `john.doe@example.com` → `jd@example.org`                           │
    │ · After contact work (voice, chat, task and email): `300 s` → `60 s`         │
    │ · Email to copy and send: `email_changed to john.doe@example.com for John    │
    │   Doe`                                                                       │
    │                                                                              │
    │ Steps:                                                                       │
    │ · 1. Set email of `john.doe`                                                 │
    │ · 2. Set after contact work of `john.doe`                                    │
    ╰─ only you see this · plan ec08f3 · rule: what touches sign-in or cannot be… ─╯
    "#);
}

#[tokio::test]
async fn everybody_who_decides_may_read_it_and_nobody_else() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:recreate").await;
    for (who, may) in [
        ("helpdesk", true),
        ("supervisor", true),
        ("admin", true),
        ("oncall", true),
        ("auditor", true),
        ("john", false),
    ] {
        let card = story.card(who, "/desk details 1").await;
        assert!(card.private, "{who}");
        assert_eq!(card.tone == Tone::Plain, may, "{who}: {card:?}");
    }
    // Also where the rules only name the decision.
    let mut story = Story::ruled(|config| {
        config.policy.rules.retain(|rule| {
            rule.commands != ["desk *", "log *"] && !rule.commands.contains(&"desk requests".to_owned())
        });
        let mut rule = config.policy.rules.last().unwrap().clone();
        rule.name = "supervisors approve".to_owned();
        (rule.commands, rule.risk) = (vec!["desk approve".to_owned()], Default::default());
        rule.roles = [desk_core::basics::roles::Role::Supervisor].into();
        config.policy.rules.insert(0, rule);
    })
    .await;
    story.says("helpdesk", "/connect reset john.doe method:recreate").await;
    assert_eq!(story.card("supervisor", "/desk details 1").await.tone, Tone::Plain);
    assert_eq!(story.card("helpdesk", "/desk details 1").await.tone, Tone::Bad);
}

#[tokio::test]
async fn a_request_without_a_plan_has_nothing_to_show() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect edit jane.doe acw:60").await;
    let told = story.told("helpdesk", "/desk details 1").await;
    assert!(told.contains("#1 was not possible; nothing was changed."), "{told}");
    story.tells("helpdesk", "/desk details 9", &["No request #9."]).await;
}

#[tokio::test]
async fn the_reason_is_read_in_full() {
    let reason = format!("{} INC-1234", "because ".repeat(35)).trim().to_owned();
    let mut story = Story::begin().await;
    let card = story.card("helpdesk", &format!("/connect edit john.doe acw:60 reason:\"{reason}\"")).await;
    assert!(card.words().contains(&format!("`{reason}`")), "{card:?}");
}
