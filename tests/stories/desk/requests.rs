use desk_core::card::{Block, Card, Item};

use crate::support::{Story, untiring_config};

/// The lists of a card, by their headings.
fn lists(card: &Card) -> Vec<(&str, &[Item])> {
    let lists = card.blocks.iter().filter_map(|block| match block {
        Block::Items { heading, items } => Some((heading.as_str(), items.as_slice())),
        _ => None,
    });
    lists.collect()
}

fn numbers(items: &[Item]) -> Vec<u64> {
    items.iter().filter_map(|item| item.request).map(|no| no.0).collect()
}

#[tokio::test]
async fn what_waits_for_you_comes_before_what_waits_for_others() {
    let mut story = Story::begin().await.everywhere(&["Block::Items"]).await;
    story.says("helpdesk", "/connect remove emeka.eze reason:\"INC-7 left\"").await;
    story.says("helpdesk", "wait 5m").await;
    plays! { story: ("oncall", "☑ /connect remove hana.sato reason:\"INC-8 left\"") }

    let card = story.card("helpdesk", "/desk requests").await;
    let [(yours, mine), (others, theirs)] = lists(&card)[..] else { panic!("{card:?}") };
    assert_eq!((yours, others), ("Waiting for you (1)", "Waiting for others (1)"));
    assert_eq!((numbers(mine), numbers(theirs)), (vec![1], vec![2]));
    // What it does, the requester, how long ago, and what is missing.
    assert!(mine[0].title.contains("emeka.eze"), "{:?}", mine[0]);
    let line = desk_core::basics::span::spoken(&mine[0].line);
    assert!(line.contains("helpdesk · 09:00 UTC") && line.contains("needs your confirmation"), "{line}");
    let line = desk_core::basics::span::spoken(&theirs[0].line);
    assert!(line.contains("oncall") && line.contains("needs 1 approval"), "{line}");

    let card = story.card("supervisor", "/desk requests").await;
    assert!(numbers(lists(&card)[0].1).contains(&2), "{card:?}");
    let card = story.card("auditor", "/desk requests").await;
    let [(others, theirs)] = lists(&card)[..] else { panic!("{card:?}") };
    assert_eq!((others, numbers(theirs)), ("Waiting for others (2)", vec![1, 2]));
    assert!(card.words().contains("Nothing is waiting for you."), "{card:?}");

    // Once it is approved, nothing of it waits any more.
    story.says("supervisor", "/desk approve 2").await;
    let card = story.card("oncall", "/desk requests").await;
    assert_eq!(numbers(lists(&card)[0].1), [1], "{card:?}");
}

#[tokio::test]
async fn a_password_that_is_ready_waits_for_its_requester() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "✓ /connect reset mei.chen method:recreate reason:\"INC-9 locked out\"") }
    let card = story.card("helpdesk", "/desk requests").await;
    let [(heading, items)] = lists(&card)[..] else { panic!("{card:?}") };
    assert_eq!(heading, "Waiting for you (1)");
    assert!(items[0].line.contains("the temporary password is ready for you"), "{items:?}");
    story.says("helpdesk", "/desk reveal 1").await;
    story.tells("helpdesk", "/desk requests", &["No requests are open"]).await;
    // One that has expired waits for no one.
    story
        .carries_out("helpdesk", "/connect reset john.doe method:recreate reason:\"INC-9 locked out\"")
        .await;
    story.tells("helpdesk", "/desk requests", &["Waiting for you (1)"]).await;
    story.says("helpdesk", "wait 25h").await;
    story.tells("helpdesk", "/desk requests", &["No requests are open"]).await;
}

#[tokio::test]
async fn mine_are_mine_and_an_empty_list_says_so() {
    let mut story = Story::begin().await;
    plays! { story:
        ("auditor", "/desk requests", "No requests are open"),
        ("helpdesk", "/connect remove emeka.eze reason:\"INC-7 left\""),
        ("oncall", "/desk requests mine", "No requests of yours are open"),
        ("helpdesk", "/desk requests mine", "1 request of yours is open", "Waiting for you (1)"),
    }
}

#[tokio::test]
async fn many_are_turned_in_pages_of_ten() {
    let mut story = Story::with(|options| options.config = Some(untiring_config())).await;
    for acw in 1..=23 {
        story.says("helpdesk", &format!("/connect edit john.doe acw:{acw}")).await;
        story.says("helpdesk", "wait 1s").await;
    }
    let first = story.card("auditor", "/desk requests").await;
    assert_eq!(numbers(lists(&first)[0].1), (1..=10).collect::<Vec<_>>());
    let says: Vec<_> = first.actions.iter().filter_map(|action| action.line.as_deref()).collect();
    assert_eq!(says, ["/desk requests page:2"]);
    let last = story.card("auditor", "/desk requests page:3").await;
    assert_eq!(numbers(lists(&last)[0].1), [21, 22, 23]);
    assert!(last.footer.as_deref().is_some_and(|small| small.contains("page 3 of 3")), "{last:?}");
    // What is mine continues over the pages, too.
    let mine = story.card("helpdesk", "/desk requests page:2").await;
    assert_eq!(lists(&mine)[0].0, "Waiting for you (23)");
    assert_eq!(numbers(lists(&mine)[0].1), (11..=20).collect::<Vec<_>>());
    let beyond = story.card("helpdesk", "/desk requests page:99").await;
    assert_eq!(numbers(lists(&beyond)[0].1), [21, 22, 23]);
}

#[tokio::test]
async fn a_typo_is_put_right_and_becomes_no_request() {
    let mut story = Story::begin().await.everywhere(&["a private card"]).await;
    for line in [
        "/connect edit jon.doe acw:60",
        "/connect edit john.doe routing_profile:\"Case Investigater Profile\"",
        "/connect remove unknown.user reason:\"INC-7 left\"",
    ] {
        let card = story.card("helpdesk", line).await;
        assert!(card.private && card.request.is_none(), "{line}: {card:?}");
    }
    story.tells("helpdesk", "/desk requests", &["No requests are open"]).await;
    // The next one that is right is the first of the log, in which the others are all the same.
    let card = story.card("helpdesk", "/connect edit john.doe acw:60").await;
    assert_eq!(card.request.map(|no| no.0), Some(1), "{card:?}");
    plays! { story: ("auditor", "/desk history by:helpdesk", "was refused \"/connect edit\": \"No user", "jon.doe") }
}

#[tokio::test]
async fn what_is_put_right_leaves_the_same_word_elsewhere_as_it_is() {
    let mut story = Story::begin().await;
    for (line, kept, right) in table! {
        ("/connect edit jon.doe acw:60 reason:jon.doe", "reason:\"jon.doe\"", "edit john.doe"),
        ("/connect add first_name:Jon last_name:Doe email:jd@example.com login:jon.doe like:jon.doe", "login:jon.doe", "like:john.doe"),
    } {
        let card = story.card("helpdesk", line).await;
        let offered = card.offered();
        assert!(offered.iter().any(|line| line.contains(kept) && line.contains(right)), "{line}: {card:?}");
    }
}
